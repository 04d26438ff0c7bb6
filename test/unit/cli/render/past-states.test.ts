import { expect, test } from 'vitest';
import type { StoredTransition } from '../../../../src/agent/store/health-store.ts';
import { pastLines, stretchesOf } from '../../../../src/cli/render/past-states.ts';

const NOON = Date.UTC(2026, 0, 3, 12);
const MINUTE_MS = 60_000;
const changed = (state: StoredTransition['state'], minutesBefore: number): StoredTransition => ({
  deviceId: 'd',
  state,
  sinceAt: NOON - minutesBefore * MINUTE_MS,
  reason: `it was ${state}`,
});

test('says of each state that is over how long it lasted, the newest first', () => {
  const stretches = stretchesOf([changed('up', 10), changed('down', 25), changed('up', 300)], NOON - 10 * MINUTE_MS);
  expect(stretches.map(({ state, from, to }) => [state, (to - from) / MINUTE_MS])).toEqual([
    ['down', 15],
    ['up', 275],
  ]);
  expect(pastLines(stretches, NOON).map((line) => line.replace(/\d\d:\d\d(:\d\d)?/, 'TIME'))).toEqual([
    'How it was before:',
    '  TIME  down        for 15 min      it was down',
    '  TIME  up          for 4 h 35 min  it was up',
  ]);
});

test('says nothing where nothing was before', () => {
  expect(pastLines(stretchesOf([changed('up', 10)], NOON - 10 * MINUTE_MS), NOON)).toEqual([]);
});

test('makes no negative time of a clock that was set back', () => {
  const [stretch] = stretchesOf([changed('down', 1), changed('up', 5)], NOON - 30 * MINUTE_MS);
  expect(stretch).toBeUndefined();
  const stretches = stretchesOf([changed('down', 20), changed('up', 15)], NOON);
  expect(stretches.map(({ from, to }) => to - from)).toEqual([20 * MINUTE_MS, 0]);
});
