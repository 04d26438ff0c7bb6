import { describe, expect, it } from 'vitest';
import { type Doubt, doubtDueAtMs, doubtHub, NO_DOUBT, whatItSaw, whyUnfit, whyWaiting } from '../../../../src/agent/health/doubt.ts';
import type { HubCondition } from '../../../../src/agent/health/health.ts';
import { at, GOOD_HUB } from './book.ts';

function look(before: Doubt, second: number, hub: Partial<HubCondition> = {}): Doubt {
  const inputs = { book: new Map(), hasSilentCarrier: () => false, results: [], hub: { ...GOOD_HUB, ...hub }, now: at(second) };
  return doubtHub(before, inputs).doubt;
}

describe('a hub that doubts itself', () => {
  const stopped = look(NO_DOUBT, 100, { stoodStillMs: 30_000 });

  it('does not while it is well, and is the same object', () => {
    expect(look(NO_DOUBT, 100)).toBe(NO_DOUBT);
    expect(doubtDueAtMs(NO_DOUBT)).toBe(Number.POSITIVE_INFINITY);
    expect(whyUnfit(undefined) ?? whyWaiting(undefined)).toBeUndefined();
  });

  it('lets nothing count that was asked before, nor for ten seconds after', () => {
    expect(whyUnfit(stopped)).toBe('The hub itself stood still for 30 s.');
    expect(stopped.trustedFromMs).toBe(110_000);
    expect(doubtDueAtMs(stopped)).toBe(Number.NEGATIVE_INFINITY);
    const after = look(stopped, 100.25);
    expect(whyUnfit(after)).toBeUndefined();
    expect(after.trustedFromMs).toBe(110_000);
  });

  it('is impaired until two minutes were well, and then forgets what it saw', () => {
    const after = look(stopped, 100.25);
    expect(after.impaired?.reason).toBe('The hub itself stood still for 30 s.');
    expect(whatItSaw(after, { eth0: true, eth1: undefined })).toBe('it stood still for 30 s, its link eth0 is up');
    expect(doubtDueAtMs(after)).toBe(220_000);
    expect(look(after, 219).impaired).toBeDefined();
    const again = look(after, 200, { stoodStillMs: 9_000 });
    expect(again.impaired).toMatchObject({ since: at(100), lastMs: 200_000, reason: 'The hub itself stood still for 30 s.' });
    const calm = look(look(again, 200.25), 320);
    expect(calm.impaired).toBeUndefined();
    expect(whatItSaw(calm, {})).toBe('nothing unusual');
  });
});
