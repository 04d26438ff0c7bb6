import { expect, test } from 'vitest';
import { formerPlace, leftBehind, shownAt } from '../../../../src/agent/mirror/shown-at.ts';
import { PLACE } from '../../../builders/mirrored-house.ts';

const URLS = ['mqtt://192.168.1.5:1883'];
const rowOf = (topic: unknown, discovery: unknown = 'homeassistant'): string => JSON.stringify({ brokers: URLS, topic, discovery });

test('what was shown under another topic of the same broker is known again, below the site of this hub alone', () => {
  const before = shownAt(URLS, { ...PLACE, topic: 'house/old' });
  expect(formerPlace(before, URLS, PLACE)).toEqual({ ...PLACE, topic: 'house/old' });
  expect(formerPlace(before, ['mqtt://192.168.1.6:1883'], PLACE)).toBeUndefined();
  expect(formerPlace(shownAt(URLS, PLACE), URLS, PLACE)).toBeUndefined();
  expect(leftBehind(before, PLACE.site)).toContain(`still shows this home below house/old/${PLACE.site}`);
});

test.each([
  '',
  '{',
  'x',
  'null',
  '5',
  '{}',
  '{"brokers":5}',
  rowOf(undefined),
  rowOf('#'),
  rowOf('+/x'),
  rowOf('$SYS'),
  rowOf('x'.repeat(65)),
  rowOf('hearthbeat', '#'),
])('a row that no hub has written (%s) counts as none', (row) => {
  expect(formerPlace(row, URLS, { ...PLACE, topic: 'elsewhere' })).toBeUndefined();
  expect(leftBehind(row, PLACE.site)).toBeUndefined();
});

test('no part of an account is kept, also of a password with an @', () => {
  const kept = shownAt(['mqtt://hub:pa@ss@192.168.1.5:1883'], PLACE);
  expect(JSON.parse(kept)).toMatchObject({ brokers: URLS });
});
