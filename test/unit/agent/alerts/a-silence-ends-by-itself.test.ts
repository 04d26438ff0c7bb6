import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlertOrder } from '../../../../src/agent/alerts/alert-order.ts';
import { obeyAlertOrder } from '../../../../src/agent/alerts/obey-alert-order.ts';
import {
  holdsBack,
  keepSilences,
  LONGEST_SILENCE_MS,
  MOST_SILENCES,
  NO_SILENCES,
  restoreSilences,
  type Silences,
  savedSilences,
  silenceOn,
  toldSilences,
  withSilence,
} from '../../../../src/agent/alerts/silences.ts';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import type { Instant } from '../../../../src/base/clock.ts';
import { silenceSchema } from '../../../../src/protocol/messages.ts';
import { deviceOf, idOf } from '../../../builders/entries.ts';

const HOUR_MS = 3_600_000;
const WALL_MS = 1_795_000_000_000;
const at = (monoMs: number, wallMs = WALL_MS + monoMs): Instant => ({ monoMs, wallMs });

function known(...more: Partial<DeviceSummary>[]): ReadonlyMap<string, DeviceSummary> {
  return new Map(more.map((each, i) => [idOf(i + 1), { ...(deviceOf(i + 1) as unknown as DeviceSummary), ips: [], macs: [], ...each }]));
}

const HOUSE = known({ name: 'NAS', kind: 'nas' }, { name: 'Smoke', kind: 'smoke-alarm' }, { name: 'Phone', personal: true });

function silenced(forMs: number, now: Instant, device?: string, before: Silences = NO_SILENCES): Silences {
  const order = { do: 'silence' as const, forMs, by: 'anna', ...(device === undefined ? {} : { device }) };
  return obeyAlertOrder({ alerts: new Map(), silences: before, devices: HOUSE }, order, now).silences;
}

const lasts = (silences: Silences, nowMs: number): boolean => keepSilences(silences, HOUSE, [], nowMs).list.length > 0;

describe('a silence', () => {
  it('ends after its time, whatever the wall clock does meanwhile', () => {
    const silences = silenced(HOUR_MS, at(0));
    expect(lasts(silences, HOUR_MS - 1)).toBe(true);
    expect(lasts(silences, HOUR_MS)).toBe(false);
  });

  it('never lasts longer than a day of running, with any clocks and any restarts', () => {
    const life = fc.record({ runMs: fc.integer({ min: 60_000, max: 6 * HOUR_MS }), wallMs: fc.integer({ min: 0, max: 2 * WALL_MS }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LONGEST_SILENCE_MS }), fc.array(life, { maxLength: 40 }), (forMs, lives) => {
        let saved = savedSilences(silenced(forMs, at(0)), at(0));
        let ranMs = 0;
        for (const { runMs, wallMs } of lives) {
          let silences = restoreSilences(saved, at(0, wallMs));
          for (let nowMs = 60_000; nowMs <= runMs; nowMs += 60_000) {
            silences = keepSilences(silences, HOUSE, [], nowMs);
            saved = savedSilences(silences, at(nowMs, wallMs + nowMs));
            if (silences.list.length > 0) ranMs += 60_000;
          }
        }
        return ranMs <= forMs;
      }),
    );
  });

  it('has as much left after a restart as it had before, less the time the hub was off', () => {
    const saved = savedSilences(silenced(2 * HOUR_MS, at(0)), at(HOUR_MS));
    expect(restoreSilences(saved, at(0, WALL_MS + 1.5 * HOUR_MS)).list).toMatchObject([{ endsMs: HOUR_MS / 2 }]);
    expect(lasts(restoreSilences(saved, at(0, WALL_MS + 3 * HOUR_MS)), 1)).toBe(false);
  });

  it('is not made longer by a clock that was set back while the hub was off', () => {
    const saved = savedSilences(silenced(2 * HOUR_MS, at(0)), at(HOUR_MS));
    expect(restoreSilences(saved, at(0, 0)).list).toMatchObject([{ endsMs: HOUR_MS }]);
    expect(restoreSilences(saved, at(0, WALL_MS + 1)).list).toMatchObject([{ endsMs: HOUR_MS }]);
  });

  it('is saved again each minute while it lasts, and not at every tick', () => {
    const silences = silenced(HOUR_MS, at(0));
    expect(keepSilences(silences, HOUSE, [], 59_000)).toBe(silences);
    expect(keepSilences(silences, HOUSE, [], 61_000)).not.toBe(silences);
    expect(keepSilences(NO_SILENCES, HOUSE, [], 1e9)).toBe(NO_SILENCES);
  });

  it('follows a device that was found to be another, and ends with one that is gone or a person’s', () => {
    const silences = silenced(HOUR_MS, at(0), idOf(1));
    const merged = { kind: 'merged' as const, device: deviceOf(2), absorbed: deviceOf(1), because: '' };
    const without = new Map([...HOUSE].filter(([id]) => id !== idOf(1)));
    expect(keepSilences(silences, without, [merged], 1).list).toMatchObject([{ device: idOf(2) }]);
    expect(keepSilences(silences, without, [], 1).list).toEqual([]);
    expect(keepSilences(silences, known({ personal: true }), [], 1).list).toEqual([]);
  });

  it('of the whole house leaves out what guards lives, until that is named itself', () => {
    const house = silenced(HOUR_MS, at(0));
    expect(silenceOn(house, undefined, HOUSE)).toBeDefined();
    expect(silenceOn(house, idOf(1), HOUSE)).toBeDefined();
    expect(silenceOn(house, idOf(2), HOUSE)).toBeUndefined();
    expect(silenceOn(silenced(HOUR_MS, at(0), idOf(2)), idOf(2), HOUSE)).toBeDefined();
    expect(silenceOn(silenced(HOUR_MS, at(0), idOf(1)), undefined, HOUSE)).toBeUndefined();
  });

  it('holds a message about many devices back when each of them is silenced', () => {
    const both = [idOf(1), idOf(2)].reduce((silences, id) => silenced(HOUR_MS, at(0), id, silences), NO_SILENCES);
    expect(holdsBack(both, { members: [idOf(1), idOf(2)] }, HOUSE)).toBe(true);
    expect(holdsBack(both, { members: [idOf(1), idOf(2), idOf(3)] }, HOUSE)).toBe(false);
    expect(holdsBack(both, {}, HOUSE)).toBe(false);
    expect(holdsBack(silenced(HOUR_MS, at(0)), { members: [idOf(2)] }, HOUSE)).toBe(true);
  });

  it('takes the place of an earlier one of the same device, and there are never more than fit a message', () => {
    const twice = silenced(HOUR_MS, at(0), idOf(1), silenced(2 * HOUR_MS, at(0), idOf(1)));
    expect(twice.list).toMatchObject([{ n: 2, endsMs: HOUR_MS }]);
    const many = Array.from({ length: MOST_SILENCES }, (_, i) => idOf(100 + i)).reduce<Silences>(
      (silences, device) => withSilence(silences, { device, by: 'anna', setAt: 0, endsMs: HOUR_MS }),
      NO_SILENCES,
    );
    const refused = obeyAlertOrder({ alerts: new Map(), silences: many, devices: HOUSE }, { do: 'silence', forMs: 1, by: 'a' }, at(0));
    expect(refused).toMatchObject({ silences: many, answer: { problem: expect.stringContaining('12') } });
  });

  it('is refused for a person’s device, which nothing is ever told about', () => {
    const order = { do: 'silence' as const, device: idOf(3), forMs: HOUR_MS, by: 'anna' };
    expect(obeyAlertOrder({ alerts: new Map(), silences: NO_SILENCES, devices: HOUSE }, order, at(0)).answer).toHaveProperty('problem');
  });

  it('is told once, and again only when the clock of the hub was set', () => {
    const silences = silenced(HOUR_MS, at(0));
    const told = toldSilences(undefined, silences, at(0));
    expect(told?.every((each) => silenceSchema.safeParse(each).success)).toBe(true);
    expect(toldSilences(told, silences, at(600_000))).toBe(told);
    const set = at(600_000, WALL_MS + 10 * HOUR_MS);
    expect(toldSilences(told, silences, set)).toMatchObject([{ endsAt: set.wallMs + HOUR_MS - 600_000 }]);
    expect(toldSilences(told, NO_SILENCES, at(1))).toBeUndefined();
  });
});

describe('an order about alerts', () => {
  it('is read by its closed form, its words cleaned and cut', () => {
    const words = `a\u202eb\u0007${'x'.repeat(500)}`;
    const silence = readAlertOrder({ do: 'silence', forMs: HOUR_MS, by: words, because: words });
    expect(silence).toEqual({ do: 'silence', forMs: HOUR_MS, by: `ab${'x'.repeat(62)}`, because: `ab${'x'.repeat(158)}` });
    const acknowledged = { by: words, at: 1, note: words, where: 'hub' };
    expect(readAlertOrder({ do: 'acknowledge', key: 'k', raisedAt: 1, acknowledged })).toMatchObject({
      acknowledged: { by: `ab${'x'.repeat(62)}`, note: `ab${'x'.repeat(254)}` },
    });
  });

  it.each([
    null,
    {},
    { do: 'silence', forMs: LONGEST_SILENCE_MS + 1, by: 'a' },
    { do: 'silence', forMs: 0, by: 'a' },
    { do: 'silence', forMs: 1, by: '\u200b' },
    { do: 'silence', forMs: 1, by: 'a', device: '../etc' },
    { do: 'silence', forMs: 1, by: 'a', further: true },
    { do: 'end-silence', n: 1.5 },
    { do: 'acknowledge', key: 'k', raisedAt: 1, acknowledged: { by: '', at: 1, where: 'hub' } },
  ])('is refused in any other: %j', (message) => {
    expect(readAlertOrder(message)).toHaveProperty('problem');
  });
});
