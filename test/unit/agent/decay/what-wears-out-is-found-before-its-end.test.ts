import { describe, expect, it } from 'vitest';
import type { DeviceDay, WeekValues } from '../../../../src/agent/decay/day.ts';
import { portWeekFrom, weekFrom, weekOfDay } from '../../../../src/agent/decay/day.ts';
import { type Decay, decaysIn } from '../../../../src/agent/decay/decay.ts';
import { afterWeek, type House, NEW_HOUSE, type Place } from '../../../../src/agent/decay/house.ts';
import { compileCatalogue } from '../../../../src/agent/lifecycle/catalogue.ts';
import { decayDate, decayEnd, decayWords } from '../../../../src/agent/lifecycle/decay-verdict.ts';
import type { Looked } from '../../../../src/agent/lifecycle/looked.ts';
import { standingOf } from '../../../../src/agent/lifecycle/standing.ts';
import { decayLines } from '../../../../src/cli/render/decay-lines.ts';
import { readGrounds } from '../../../../src/platform/lifecycle-files.ts';
import { FIRST_DAY } from '../../../decay/home.ts';
import { playYear } from '../../../decay/play.ts';

const AIR: Place = { link: 'air', behind: 'upstairs' };
const QUIET: WeekValues = { loss: 0.004, delay: 6, tail: 20, drops: 0, reboots: 0 };

/** The measures that drift of each device after the last of these weeks; each week is given by device. */
function driftsAfter(
  weeks: readonly Readonly<Record<string, WeekValues>>[],
  placeOf: (id: string) => Place = () => AIR,
): Record<string, string[]> {
  let house: House = NEW_HOUSE;
  for (const [week, values] of weeks.entries()) house = afterWeek(house, week, new Map(Object.entries(values)), placeOf);
  const found: Record<string, string[]> = {};
  for (const [measure, courses] of Object.entries(house))
    for (const [id, { drift }] of courses) if (drift) found[id] = [...(found[id] ?? []), measure];
  return found;
}

/** Ten quiet weeks, then what is said of each further one. */
const afterTen = (...later: readonly WeekValues[]): Record<string, WeekValues>[] => [
  ...Array.from({ length: 10 }, () => ({ it: QUIET })),
  ...later.map((values) => ({ it: { ...QUIET, ...values } })),
];
const slower = (...times: readonly number[]): WeekValues[] => times.map((each) => ({ delay: 6 * each, tail: 20 * each }));
const SLOWER_AND_SLOWER = slower(1.3, 1.7, 2.2, 2.9, 3.8, 4.9);

describe('a device', () => {
  it('that answers slower week by week decays, and one that changed at once does not', () => {
    expect(driftsAfter(afterTen(...SLOWER_AND_SLOWER))).toEqual({ it: ['delay', 'tail'] });
    expect(driftsAfter(afterTen(...slower(5, 5, 5, 5, 5, 5)))).toEqual({});
  });

  it('that had one bad day, or one bad week, does not decay', () => {
    expect(driftsAfter(afterTen({ drops: 9, reboots: 9, delay: 60, loss: 0.5 }))).toEqual({});
    expect(driftsAfter(afterTen({ drops: 9, reboots: 9 }, { drops: 9, reboots: 9 }))).toEqual({});
    const calm = { seenMinutes: 1440, questions: 5_000, lost: 10, drops: 0 };
    const days = [0, 1, 2, 3, 4, 5, 6].map((day): DeviceDay => (day === 3 ? { ...calm, day, lost: 4_000, drops: 40 } : { ...calm, day }));
    expect(weekFrom(days)).toMatchObject({ loss: 0.002, drops: 2 });
  });

  it('that restarts ever more often decays, and one that a timer restarts does not', () => {
    expect(driftsAfter(afterTen({ reboots: 2 }, { reboots: 4 }, { reboots: 6 }, { reboots: 8 }))).toEqual({ it: ['reboots'] });
    const daily = [0, 1, 2, 3, 4, 5, 6].map(
      (day): DeviceDay => ({ day, seenMinutes: 1440, questions: 5_000, lost: 0, drops: 1, reboots: 1 }),
    );
    expect(weekFrom(daily)).toMatchObject({ drops: 0, reboots: 0 });
  });

  it('that drops more often because its link got worse is no dying power supply', () => {
    const dropping = [3, 5, 7, 9, 9].map((drops) => ({ drops }));
    expect(driftsAfter(afterTen(...dropping))).toEqual({ it: ['drops'] });
    expect(driftsAfter(afterTen(...dropping.map((each) => ({ ...each, loss: 0.03 }))))).toEqual({});
  });

  it('that is well again decays no more', () => {
    expect(driftsAfter(afterTen(...SLOWER_AND_SLOWER, ...slower(5.5, 1, 1)))).toEqual({});
    expect(driftsAfter(afterTen(...SLOWER_AND_SLOWER, ...slower(5.5, 1)))).toEqual({ it: ['delay', 'tail'] });
  });

  it('that gets warmer while the others do not loses its cooling, and one that a summer warms does not', () => {
    const warm = (...degrees: readonly number[]): WeekValues[] => degrees.map((temperature) => ({ temperature }));
    const rising = [38, 38, 39, 38, 38, 39, 38, 38, 40, 43, 46, 49, 52, 55];
    const steady = [44, 44, 45, 44, 44, 45, 44, 44, 44, 45, 44, 44, 45, 44];
    const home = (nas: readonly WeekValues[], beside: readonly WeekValues[]) =>
      nas.map((values, i) => ({ nas: { ...QUIET, ...values }, beside: { ...QUIET, ...beside[i] } }));
    expect(driftsAfter(home(warm(...rising), warm(...steady)))).toEqual({ nas: ['temperature'] });
    const summer = rising.map((degrees) => degrees + 6);
    expect(driftsAfter(home(warm(...rising), warm(...summer)))).toEqual({});
    const half = steady.map((degrees, i) => degrees + Math.max(0, i - 7) * 1.3);
    expect(driftsAfter(home(warm(...rising.map((degrees, i) => degrees + Math.max(0, i - 7))), warm(...half)))).toEqual({});
    // Where nothing else tells a temperature, as far is not far enough.
    expect(driftsAfter(warm(...rising).map((values) => ({ nas: { ...QUIET, ...values } })))).toEqual({});
    // Moved into a cupboard; and the fan of the other one cleaned.
    const moved = [...rising.slice(0, 8), 53, 54, 53, 54, 54, 53];
    expect(driftsAfter(home(warm(...moved), warm(...steady)))).toEqual({});
    expect(driftsAfter(home(warm(...steady), warm(...steady.map((degrees, i) => (i < 8 ? degrees : degrees - 15)))))).toEqual({});
  });

  it('whose cable damages more and more is told of, and neither a day of pulling at it nor a port that is too busy', () => {
    const cable = (...values: readonly WeekValues[]) => [
      ...Array.from({ length: 10 }, () => ({ it: { damage: 2, discards: 40 } })),
      ...values.map((each) => ({ it: { discards: 40, ...each } })),
    ];
    const worse = [30, 120, 400, 900, 2_000].map((damage) => ({ damage }));
    expect(driftsAfter(cable(...worse), () => ({ link: 'wire', behind: 'switch' }))).toEqual({ it: ['damage'] });
    // It breaks, and stays broken: no neighbour does that.
    expect(driftsAfter(cable(...[900, 900, 900].map((damage) => ({ damage }))), () => ({ link: 'wire' }))).toEqual({ it: ['damage'] });
    expect(driftsAfter(cable({ damage: 5_000 }, { damage: 5_000 }, { damage: 2 }), () => ({ link: 'wire' }))).toEqual({});
    expect(driftsAfter(cable(...worse.map((each) => ({ ...each, discards: 4_000 }))), () => ({ link: 'wire' }))).toEqual({});
    expect(driftsAfter(cable(...[20, 40, 60, 80, 85].map((damage) => ({ damage }))), () => ({ link: 'wire' }))).toEqual({});
    expect(driftsAfter(cable(...worse, { damage: 2 }, { damage: 2 }), () => ({ link: 'wire' }))).toEqual({});
    const pulled = [0, 0, 20_000, 0, 0].map((damaged, day) => ({ deviceId: 'switch', port: 'gi7', day, damaged, discarded: 3 }));
    expect(portWeekFrom(pulled)).toEqual({ damage: 0, discards: 3 });
    expect(portWeekFrom(pulled.slice(0, 2))).toEqual({});
  });

  it('does not decay when most beside it get slower too', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const all = (times: number): Record<string, WeekValues> => Object.fromEntries(ids.map((id) => [id, { ...QUIET, ...slower(times)[0] }]));
    expect(driftsAfter([...Array.from({ length: 10 }, () => all(1)), ...[1.3, 1.7, 2.2, 2.9, 3.8, 4.9].map(all)])).toEqual({});
    const one = (times: number): Record<string, WeekValues> => ({ ...all(1), a: { ...QUIET, ...slower(times)[0] } });
    expect(driftsAfter([...Array.from({ length: 10 }, () => all(1)), ...[1.3, 1.7, 2.2, 2.9, 3.8, 4.9].map(one)])).toEqual({
      a: ['delay', 'tail'],
    });
  });
});

describe('what is told of a device that decays', () => {
  const days = [0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.7, 1, 1.3, 1.8, 2.4].flatMap((medianMs, week) =>
    [0, 1, 2, 3, 4, 5, 6].map((i) => ({
      deviceId: 'nas',
      of: { day: FIRST_DAY + week * 7 + i, seenMinutes: 1440, questions: 17_000, lost: 3, drops: 0, medianMs, p90Ms: 3 * medianMs },
    })),
  );

  it('is what drifts, since when, from what to what, and its weeks', () => {
    const decay = decaysIn({ days, ports: [] }, FIRST_DAY + 14 * 7, () => undefined).get('nas');
    expect(decay).toMatchObject({ measure: 'delay', usual: 0.4, chart: { from: '2026-01-05' } });
    expect(decay?.since.slice(0, 7)).toBe('2026-03');
    expect(decay?.chart.weeks).toEqual([0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.7, 1, 1.3, 1.8, 2.4]);
    expect(decay && decayEnd(decay)).toMatchObject({
      cause: 'replace',
      name: `decay-${decay?.since}`,
      verdict: { state: 'plan', grade: 'observed decay', critical: false, tell: 'client' },
    });
    expect(decay && decayEnd(decay).verdict.why).toMatch(
      /^It takes 2\.\d ms to answer, and it has got worse since 2026-03-\d\d; before, it was 0\.4 ms\.$/,
    );
  });

  it('is the cable of who is plugged in, as the switch counts it, else a port of the switch; and nobody is told to buy', () => {
    const damaged = [0, 0, 0, 0, 0, 0, 0, 0, 40, 150, 500, 1_200, 2_000, 30_000];
    const ports = (on: string | undefined) =>
      damaged.flatMap((each, week) =>
        [0, 1, 2, 3, 4, 5, 6].map((i) => ({ cable: 1, deviceId: 'switch', port: 'gi7', on, day: FIRST_DAY + week * 7 + i, damaged: each })),
      );
    const nameOf = (id: string): string | undefined => (id === 'switch' ? 'rack-switch' : undefined);
    const found = decaysIn({ days: [], ports: ports('nvr') }, FIRST_DAY + 14 * 7, nameOf);
    expect([...found.keys()]).toEqual(['nvr']);
    const decay = found.get('nvr') as Decay;
    expect(decayEnd(decay).verdict).toMatchObject({ state: 'check', tell: 'desk', grade: 'observed decay' });
    expect(decayWords(decay)).toMatch(
      /^Over its cable 1\.6 % of the frames arrive damaged \(counted on port gi7 of rack-switch\), and it has got worse since 2026-03-\d\d; before, it was none\.$/,
    );
    expect(decayDate(decay)).toEqual({ what: 'a clean line, as measured', on: decay.since });
    // Plugged in elsewhere a while ago: how the old cable does nobody knows.
    expect(decaysIn({ days: [], ports: ports('nvr') }, FIRST_DAY + 18 * 7, nameOf).size).toBe(0);
    const own = decaysIn({ days: [], ports: ports(undefined) }, FIRST_DAY + 14 * 7, nameOf).get('switch') as Decay;
    expect(decayWords(own)).toMatch(/^Over the cable in its port gi7 1\.6 % of the frames arrive damaged, and it has got worse/);
  });

  it('waits for the end of the week, and leaves out days that have not come yet', () => {
    expect(decaysIn({ days, ports: [] }, FIRST_DAY + 9 * 7, () => undefined).size).toBe(0);
    expect(weekOfDay(FIRST_DAY)).toBe(weekOfDay(FIRST_DAY + 6));
    expect(weekOfDay(FIRST_DAY)).toBe(weekOfDay(FIRST_DAY - 1) + 1);
  });
});

describe('the timeline of a device that decays', () => {
  const at = Date.parse('2026-11-22T08:00:00Z');
  const device: Looked = {
    id: 'nas',
    personal: false,
    firstSeenAt: 0,
    ips: ['192.0.2.1'],
    because: [],
    macs: [],
    warrantyUntil: '2028-01',
  };
  const decay = (measure: Decay['measure']): Decay => ({
    measure,
    since: '2026-08-31',
    found: '2026-09-21',
    usual: 1,
    now: 9,
    isClear: false,
    chart: { from: '2026-01-05', weeks: [] },
  });
  const standing = (measure: Decay['measure']) => {
    const grounds = { catalogue: compileCatalogue([]), ...readGrounds(), now: { at, isSure: true } };
    return standingOf(device, { ...grounds, decays: new Map([['nas', decay(measure)]]) })[0];
  };

  it('has the day since when it is not what it was, among its other ends', () => {
    const slow = standing('delay');
    expect(slow?.verdict?.timeline).toEqual([
      { what: 'its usual form, as measured', on: '2026-08-31' },
      { what: 'the warranty', on: '2028-01' },
    ]);
    expect(slow?.tracks.map(({ cause, name }) => [cause, name])).toContainEqual(['replace', 'decay-2026-08-31']);
  });

  it.each(['damage', 'temperature'] as const)('tells of %s to the desk, and nothing to a client', (measure) => {
    const told = standing(measure);
    expect(told?.verdict).toMatchObject({ state: 'check', tell: 'desk', grade: 'observed decay' });
    expect(told?.verdict?.timeline[0]?.on).toBe('2026-08-31');
    expect(told?.tracks.filter(({ cause }) => cause === 'replace')).toEqual([]);
  });
});

describe('what a person reads of it', () => {
  it('is a bar for each week, with the scale, and a gap where it was not seen', () => {
    const decay: Decay = {
      measure: 'reboots',
      since: '2026-03-02',
      found: '2026-03-23',
      usual: 0,
      now: 7,
      isClear: true,
      chart: { from: '2026-01-05', weeks: [0, 0, null, 1, 3, 7] },
    };
    expect(decayLines(decay)).toEqual(['▁▁·▂▄█', 'each bar a week, the highest 7 times a week; worse since 2026-03-02']);
    expect(decayLines(decay, 2)[0]).toBe('▄█');
    const degrees = { ...decay, measure: 'temperature', chart: { ...decay.chart, weeks: [38, 38, null, 42, 50, 59] } } as const;
    expect(decayLines(degrees)).toEqual(['▁▁·▂▅█', 'each bar a week, from 38 °C to 59 °C; worse since 2026-03-02']);
    const warm = { ...decay, measure: 'temperature', usual: 41.4, now: 58.6 } as const;
    expect(decayWords(warm)).toBe('It is 59 °C warm inside, and it has got worse since 2026-03-02; before, it was 41 °C.');
    expect(decayWords(decay)).toBe('It restarts 7 times a week, and it has got worse since 2026-03-02; before, it was hardly ever.');
  });
});

describe('simulated homes', () => {
  const years = Array.from({ length: 12 }, (_, i) => playYear({ seed: `unit ${i}`, days: 364, drifts: 2 }));
  const drifts = years.flatMap(({ ours }) => ours.drifts);

  it('have most of what wears out found before its end, weeks before', () => {
    expect(drifts.length).toBeGreaterThan(20);
    const leads = drifts.flatMap(({ leadDays }) => leadDays ?? []).sort((a, b) => a - b);
    expect(leads.length / drifts.length).toBeGreaterThanOrEqual(0.8);
    expect(leads[Math.floor(leads.length / 2)]).toBeGreaterThanOrEqual(14);
  });

  it('are told of hardly any device that nothing is wrong with, where a fixed threshold tells of hundreds', () => {
    expect(years.flatMap(({ ours }) => ours.false).length).toBeLessThanOrEqual(4);
    expect(years.flatMap(({ naive }) => naive.false).length).toBeGreaterThan(500);
  });
});
