import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PortDay } from '../../../../src/agent/decay/day.ts';
import { inAMillion, PortCounter, passedSince } from '../../../../src/agent/decay/port-counter.ts';
import type { ToldPort } from '../../../../src/agent/discovery/sighting.ts';
import { NO_WIRING } from '../../../../src/agent/inventory/wiring.ts';
import type { AgentState } from '../../../../src/agent/state.ts';

const WRAP = 2 ** 32;
const port = (counts: Partial<ToldPort['counts']>, more: Partial<ToldPort> = {}): ToldPort => ({
  port: 'gi7',
  counts: { inFrames: 0, outFrames: 0, inErrors: 0, ...counts },
  ...more,
});

test('two answers make a difference, also where a counter of 32 bits went round between them', () => {
  const before = port({ inFrames: WRAP - 1_000, inErrors: 10 });
  expect(passedSince(before, port({ inFrames: 4_000, outFrames: 5_000, inErrors: 12 }))).toEqual({
    frames: 10_000,
    damaged: 2,
    discarded: undefined,
  });
  fc.assert(
    fc.property(fc.nat(WRAP - 1), fc.nat(2 ** 31 - 1), fc.nat(1_000), (from, frames, errors) => {
      const [inFrames, inErrors] = [(from + frames) % WRAP, (from + errors) % WRAP];
      const passed = passedSince(port({ inFrames: from, inErrors: from }), port({ inFrames, inErrors }));
      // From the lower half into the lower half nothing can have gone round so slowly: then it was cleared.
      if (passed !== undefined) expect(passed).toMatchObject({ frames, damaged: Math.min(frames, errors) });
    }),
  );
});

test('a counter that was cleared, and one that the agent lost, say nothing of the time between', () => {
  const before = port({ inFrames: 90_000, inErrors: 50 }, { discontinuity: 5 });
  expect(passedSince(before, port({ inFrames: 100, inErrors: 0 }, { discontinuity: 5 }))).toBeUndefined();
  expect(passedSince(before, port({ inFrames: 95_000, inErrors: 0 }, { discontinuity: 5 }))).toBeUndefined();
  expect(passedSince(before, port({ inFrames: 95_000, inErrors: 60 }, { discontinuity: 9 }))).toBeUndefined();
  expect(passedSince(before, port({ inFrames: 95_000, inErrors: 60 }, { discontinuity: 5 }))).toMatchObject({ frames: 5_000, damaged: 10 });
  expect(passedSince(undefined, before)).toBeUndefined();
  expect(passedSince(before, before)).toBeUndefined();
});

test('wrong checksums are damage; other errors may be for want of room, which is told beside them', () => {
  const one = port({ inErrors: 5, outErrors: 0, inDiscards: 7, fcsErrors: 1 });
  const other = port({ inFrames: 1_000, inErrors: 105, inDiscards: 27, fcsErrors: 4, outErrors: 2 });
  expect(passedSince(one, other)).toEqual({ frames: 1_000, damaged: 5, discarded: undefined });
  const { fcsErrors: _, ...counts } = other.counts;
  expect(passedSince(one, { ...other, counts })).toBeUndefined();
  expect(passedSince(port({ inErrors: 5, outErrors: 0, inDiscards: 7 }), { ...other, counts })).toEqual({
    frames: 1_000,
    damaged: 102,
    discarded: 20,
  });
});

test('on a port with little to do, damage counts by the day', () => {
  expect(inAMillion(2, 20)).toBe(2);
  expect(inAMillion(300, 3_000_000)).toBe(100);
});

const at = (hours: number) => ({ monoMs: hours * 3_600_000, wallMs: hours * 3_600_000 });

const state = (personal: readonly string[] = []): AgentState =>
  ({
    wiring: NO_WIRING,
    inventory: { devices: new Map(), holders: new Map() },
    summaries: new Map(['switch', 'nas'].map((id) => [id, { personal: personal.includes(id) }])),
  }) as unknown as AgentState;

test('a day adds up what was told in it, and begins with what was told last', () => {
  const counter = new PortCounter([], at(0));
  counter.note('switch', at(0), 1_000, [port({ inFrames: 1, inErrors: 900 })]);
  expect(counter.take(1, state())).toEqual([]);
  counter.note('switch', at(12), 1_000 + 43_200, [port({ inFrames: 3_000_001, inErrors: 930 })]);
  counter.note('switch', at(24), 1_000 + 86_400, [port({ inFrames: 4_000_001, inErrors: 970 })]);
  const day = { deviceId: 'switch', port: 'gi7', on: undefined, day: 2, damaged: Math.round(70 / 4), discarded: undefined };
  expect(counter.take(2, state())).toEqual([day]);
  expect(counter.take(3, state())).toEqual([]);
});

test('a switch that was restarted begins anew, and one that is a person’s after all is forgotten', () => {
  const counter = new PortCounter([], at(0));
  counter.note('switch', at(0), 90_000, [port({ inFrames: 1_000 })]);
  counter.note('switch', at(24), 3_600, [port({ inFrames: 5_000, inErrors: 4_000 })]);
  expect(counter.take(1, state())).toEqual([]);
  counter.note('switch', at(48), 3_600 + 86_400, [port({ inFrames: 9_000, inErrors: 4_100 })]);
  expect(counter.take(2, state(['switch']))).toEqual([]);
  counter.note('switch', at(72), 3_600 + 2 * 86_400, [port({ inFrames: 19_000, inErrors: 4_200 })]);
  expect(counter.take(3, state())).toEqual([]);
});

test('a hub that restarts goes on from what was told to the process before, on another monotonic clock, and sees a switch that restarted meanwhile', () => {
  const before = new PortCounter([], at(0));
  before.note('switch', at(10), 90_000, [port({ inFrames: 1_000_000, inErrors: 3 })]);
  const saved = JSON.parse(JSON.stringify(before.saved(at(11))));
  const boot = { monoMs: 20_000, wallMs: at(12).wallMs };
  const later = { monoMs: 20_000 + 22 * 3_600_000, wallMs: at(34).wallMs };
  const next = (upTimeS: number): readonly PortDay[] => {
    const after = new PortCounter(saved, boot);
    after.note('switch', later, upTimeS, [port({ inFrames: 3_000_000, inErrors: 203 })]);
    return after.take(2, state());
  };
  expect(next(90_000 + 24 * 3_600)).toMatchObject([{ port: 'gi7', damaged: 100 }]);
  // While the hub ran, and while it was off.
  expect([next(3_600), next(23 * 3_600 - 1_800)]).toEqual([[], []]);
});

test('an agent that does not say for how long it runs is not counted, nor more of them than a home has', () => {
  const counter = new PortCounter([], at(0));
  for (const hours of [0, 24]) {
    counter.note('nas', at(hours), Number.NaN, [port({ inFrames: 100 + hours, inErrors: hours })]);
    for (let i = 0; i < 40; i++) counter.note(`${i}`, at(hours), hours * 3_600, [port({ inFrames: 100 + hours, inErrors: hours })]);
  }
  const all = { ...state(), summaries: { get: () => ({ personal: false }) } } as unknown as AgentState;
  expect(counter.take(1, all)).toHaveLength(32);
});
