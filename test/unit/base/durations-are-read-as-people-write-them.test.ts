import { expect, it } from 'vitest';
import { duration, parseDuration } from '../../../src/base/duration.ts';

const MINUTE = 60_000;

it.each([
  ['90s', 90_000],
  ['30m', 30 * MINUTE],
  ['45 min', 45 * MINUTE],
  ['2h', 120 * MINUTE],
  ['1h30m', 90 * MINUTE],
  ['1 h 30 min', 90 * MINUTE],
  ['1.5h', 90 * MINUTE],
  [' 1D ', 1440 * MINUTE],
])('"%s" is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '2', 'h', '2x', '-2h', '2h and', 'Infinityh', '1e9h', '2h,30m', '2h\n30m'])('"%s" is none', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

it('reads back what it says', () => {
  for (const ms of [4_000, 12 * MINUTE, 185 * MINUTE]) expect(parseDuration(duration(ms))).toBe(ms);
});
