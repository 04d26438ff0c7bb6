import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declinedAlone } from '../../../../src/agent/alerts/degraded.ts';
import { afterQuarter, begun, declineWords, NO_PAST, slownessAfter } from '../../../../src/agent/health/decline.ts';
import type { CheckRecord, Past } from '../../../../src/agent/health/health.ts';
import { NO_LOSSES } from '../../../../src/agent/health/losses.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { device, House } from './book.ts';

type Watched = Parameters<typeof afterQuarter>[0];
type Quarter = { readonly rounds: number; readonly lost: number; readonly rttMs: number };

const GOOD: Quarter = { rounds: 60, lost: 1, rttMs: 4 };
const LOSSY: Quarter = { rounds: 60, lost: 20, rttMs: 4 };
const SLOW: Quarter = { rounds: 60, lost: 1, rttMs: 90 };

function lived(watched: Watched, quarters: readonly Quarter[]): Watched {
  let now = watched;
  for (const { rounds, lost, rttMs } of quarters) {
    const { past } = now;
    let slowness = 0;
    for (let i = 0; i < rounds - lost; i++) slowness = slownessAfter({ slowness, past }, rttMs);
    const losses = { ...now.losses, runs: now.losses.runs + lost };
    const after = { rounds: now.rounds + rounds, losses, slowness, rtts: Array<number>(9).fill(rttMs), past };
    now = { ...after, past: afterQuarter(after) };
  }
  return now;
}

const many = (count: number, quarter: Quarter): Quarter[] => Array.from({ length: count }, () => quarter);
const NEW: Watched = { rounds: 0, losses: NO_LOSSES, rtts: [], slowness: 0, past: NO_PAST };
const aDay = (): Watched => lived(NEW, many(100, GOOD));
const declineOf = ({ past }: { past: Past }) => past.decline?.by;

describe('a device that answers worse than it used to', () => {
  it('is told after half an hour, and well after half an hour in which it is less than half as bad', () => {
    const bad = lived(aDay(), [LOSSY]);
    expect(declineOf(bad)).toBeUndefined();
    const told = lived(bad, [LOSSY]);
    expect(declineOf(told)).toBe('loss');
    const stillHalf = { ...LOSSY, lost: 6 };
    expect(declineOf(lived(told, [stillHalf, stillHalf, stillHalf]))).toBe('loss');
    expect(declineOf(lived(told, [GOOD, LOSSY, GOOD]))).toBe('loss');
    expect(declineOf(lived(told, [GOOD, GOOD]))).toBeUndefined();
  });

  it('is one whose answers mostly take many times as long as in its own past', () => {
    const told = lived(aDay(), [SLOW, SLOW]);
    expect(told.past.decline).toEqual({ by: 'delay', now: 90, usual: 4 });
    expect(declineOf(lived(told, many(2, { ...SLOW, rttMs: 35 })))).toBe('delay');
    expect(declineOf(lived(told, [GOOD, GOOD]))).toBeUndefined();
  });

  it.each([
    ['that has always been so', lived(NEW, many(100, LOSSY)), many(4, LOSSY)],
    ['that is not known for a day', lived(NEW, many(90, GOOD)), many(4, LOSSY)],
    ['that had one bad quarter now and then', aDay(), [LOSSY, GOOD, SLOW, GOOD, LOSSY, GOOD]],
    ['that was asked too seldom to tell', aDay(), many(2, { rounds: 9, lost: 8, rttMs: 4 })],
    ['that lost a few of not many', aDay(), many(4, { rounds: 25, lost: 4, rttMs: 4 })],
    ['that is a little slower', aDay(), many(8, { ...GOOD, rttMs: 30 })],
  ])('is none %s', (_, before, quarters) => {
    expect(declineOf(lived(before, quarters))).toBeUndefined();
  });

  it('stays told as long as it is bad: what it does while it is bad does not become usual', () => {
    const told = lived(aDay(), many(300, SLOW));
    expect(declineOf(told)).toBe('delay');
    expect(told.past.usualMs).toBe(4);
  });

  it('is never told in four years of a device where nothing but chance makes losses', () => {
    const random = seededRandom('chance');
    let one: Watched = NEW;
    for (let quarter = 0; quarter < 4 * 365 * 96; quarter++) {
      let lost = 0;
      for (let i = 0; i < 60; i++) if (random.fraction() < 0.02) lost++;
      one = lived(one, [{ rounds: 60, lost, rttMs: 4 }]);
      expect(one.past.decline).toBeUndefined();
    }
  });

  it('takes no single quarter for usual', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1000, noNaN: true }), (rttMs) => {
        const usualMs = lived(aDay(), [{ ...GOOD, rttMs }]).past.usualMs ?? 0;
        expect(Math.abs(usualMs - 4)).toBeLessThanOrEqual(0.03);
      }),
    );
  });

  it('is found among devices that are watched as they are', () => {
    const home = new House(['gateway', 'nas', 'tv', 'lamp'].map((id) => device(id, { isGateway: id === 'gateway' }))).run(60);
    const past = begun({ ...NO_PAST, quarters: 200, usualMs: 0.4, slowMs: 50.4 }, 50_000, NO_LOSSES);
    home.book = new Map([...home.book].map(([id, record]) => [id, { ...record, rounds: 50_000, past }]));
    home.behaviour.set('nas', () => 80);
    let asked = 0;
    home.behaviour.set('tv', () => (++asked % 3 === 0 ? 'silent' : 0.4));
    home.run(900);
    expect(Math.abs(home.book.get('nas')?.slowness ?? 0)).toBeLessThan(20);
    home.run(1_850);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
    const declines = [...home.book.values()].map(({ deviceId, past: { decline } }) => [deviceId, decline?.by]);
    expect(declines).toEqual([
      ['gateway', undefined],
      ['nas', 'delay'],
      ['tv', 'loss'],
      ['lamp', undefined],
    ]);
  });

  it('says what it does now and what it used to do', () => {
    expect(declineWords({ by: 'loss', now: 0.334, usual: 0.001 })).toBe(
      'It leaves 33 % of the first questions unanswered; usually hardly any.',
    );
    expect(declineWords({ by: 'delay', now: 87.4, usual: 0.42 })).toBe('It takes 87 ms to answer; usually 0.4 ms.');
  });
});

describe('devices that answer worse together', () => {
  const record = (deviceId: string, name: string, place = 'wlan0', isBad = true): CheckRecord =>
    ({ deviceId, interface: place, profile: { name, silence: 'fault' }, past: isBad ? { decline: {} } : {} }) as CheckRecord;
  const told = (records: readonly CheckRecord[]): string[] =>
    declinedAlone(
      records.filter(({ past }) => past.decline),
      new Map(records.map((each) => [each.deviceId, each])),
    ).map(({ deviceId }) => deviceId);

  it('are not told where they are half of those on the same Wi-Fi', () => {
    const wifi = ['a', 'b', 'c'].map((id) => record(id, 'other'));
    const good = ['d', 'e', 'f'].map((id) => record(id, 'other', 'wlan0', false));
    expect(told([...wifi, ...good])).toEqual([]);
    expect(told([...wifi, ...good, record('g', 'other', 'wlan0', false)])).toEqual(['a', 'b', 'c']);
  });

  it('are told where they are on another interface, on a wire, or only two', () => {
    const wifi = ['a', 'b', 'c'].map((id) => record(id, 'other'));
    expect(told([...wifi, record('nas', 'wired'), record('cam', 'other', 'eth1')])).toEqual(['nas', 'cam']);
    expect(told(wifi.slice(1))).toEqual(['b', 'c']);
  });
});
