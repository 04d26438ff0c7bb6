import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalityOf, holdMsOf, promisedFor, severityOf } from '../../../../src/agent/alerts/urgency.ts';
import { NO_LOSSES } from '../../../../src/agent/health/losses.ts';
import { detectWithinMs, PROFILES, promisedWithinMs } from '../../../../src/agent/health/profiles.ts';
import type { DeviceKind } from '../../../../src/agent/inventory/kinds.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';

const a = (kind?: DeviceKind, critical?: boolean) => ({
  isGateway: false,
  ...(kind ? { kind } : {}),
  ...(critical === undefined ? {} : { critical }),
});

describe('how much the silence of a device weighs', () => {
  it('goes by its kind, and is not made less of where nobody knows it', () => {
    expect((['alarm-panel', 'nvr', 'speaker'] as const).map((kind) => severityOf(a(kind), STANDARD_POLICY))).toEqual([
      'critical',
      'error',
      'warning',
    ]);
    expect(severityOf(a(), STANDARD_POLICY)).toBe('error');
  });

  it('follows what people said, but safety stays safety', () => {
    expect(severityOf(a('speaker', true), STANDARD_POLICY)).toBe('error');
    expect(severityOf(a('nvr', false), STANDARD_POLICY)).toBe('warning');
    expect(criticalityOf(a('smoke-alarm', true), STANDARD_POLICY)).toBe('safety');
  });

  it('waits longer than a restart takes, whatever hangs on it, and longer still over Wi-Fi, which comes and goes, or where the link is not known', () => {
    expect(holdMsOf(a('nvr'), PROFILES.wired, STANDARD_POLICY)).toBe(120_000);
    expect(holdMsOf(a('speaker'), PROFILES.wired, STANDARD_POLICY)).toBe(120_000);
    expect(holdMsOf(a('access-point'), PROFILES.wired, STANDARD_POLICY)).toBe(120_000);
    expect(holdMsOf(a('nvr'), PROFILES.other, STANDARD_POLICY)).toBe(300_000);
    expect(holdMsOf(a('nvr'), PROFILES.quiet, STANDARD_POLICY)).toBe(300_000);
  });

  it('never asks anybody about what people switch off', () => {
    expect(promisedFor(a('tv'), { profile: PROFILES.resting, losses: NO_LOSSES }, true, STANDARD_POLICY)).toEqual({
      detectWithinMs: 50_000,
    });
    expect(promisedFor(a('nvr'), { profile: PROFILES.wired, losses: NO_LOSSES }, true, STANDARD_POLICY)).toEqual({
      detectWithinMs: 15_000,
      reportAfterMs: 120_000,
    });
  });

  it('promises no less than it needs, and nothing else while a link loses a packet more or less', () => {
    const needed = fc.record({
      name: fc.constantFrom(...(Object.keys(PROFILES) as (keyof typeof PROFILES)[])),
      confirmations: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(needed, fc.boolean(), ({ name, confirmations }, canRevalidate) => {
        const profile = { ...PROFILES[name], confirmations };
        const [bound, promise] = [detectWithinMs(profile, canRevalidate), promisedWithinMs(profile, canRevalidate)];
        expect(promise).toBeGreaterThanOrEqual(bound);
        expect(promise).toBeLessThanOrEqual(Math.max(15_000, bound * 1.35));
      }),
    );
    const wired = [6, 7, 8].map((confirmations) => promisedWithinMs({ ...PROFILES.wired, confirmations }, true));
    expect(wired).toEqual([15_000, 15_000, 15_000]);
  });
});
