import { describe, expect, it } from 'vitest';
import { endingOf, lastAliveAt, type SavedLife } from '../../../../src/agent/health/last-life.ts';
import { at } from './book.ts';

const life = (more: Partial<SavedLife>): SavedLife => ({ bootId: 'one', aliveAt: at(0).wallMs, upMs: 50_000, bootIds: [], ...more });

describe('how a process ended', () => {
  it.each([
    [{}, 'one', 'program-crashed'],
    [{ stopped: true }, 'one', 'program-stopped'],
    [{ stopped: true }, 'two', 'hub-restarted'],
    [{}, 'two', 'hub-lost-power'],
    [{}, undefined, 'unknown'],
    [{ stopped: true }, undefined, 'program-stopped'],
    [{ bootId: undefined }, 'two', 'unknown'],
  ] as const)('with %j is known in boot %s: %s', (more, id, ending) => {
    const { bootId, ...last } = { ...life({}), ...more };
    const boot = id === undefined ? { atMs: 0 } : { id, atMs: 0 };
    expect(endingOf(bootId === undefined ? last : { ...last, bootId }, boot)).toBe(ending);
  });
});

describe('when it last lived', () => {
  const now = { monoMs: 10_000, wallMs: at(0).wallMs + 3_600_000 };

  it('is exact within one boot, however the clock was set meanwhile', () => {
    expect(lastAliveAt(life({}), { id: 'one', atMs: -100_000 }, now, undefined)).toBe(now.wallMs - 60_000);
  });

  it('goes by the clock of the desk where both knew it, else by the wall clock', () => {
    const boot = { id: 'two', atMs: -20_000 };
    expect(lastAliveAt(life({ deskAheadMs: 7_000 }), boot, now, 1_000)).toBe(at(0).wallMs + 6_000);
    expect(lastAliveAt(life({ deskAheadMs: 7_000 }), boot, now, undefined)).toBe(at(0).wallMs);
  });
});
