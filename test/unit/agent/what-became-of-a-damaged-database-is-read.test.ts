import { expect, it } from 'vitest';
import { type Rebuilt, readRebuilt } from '../../../src/agent/rebuilt.ts';

const REBUILT: Rebuilt = { at: 1, why: 'torn', devices: 2, decisions: 0, entries: 3, isRead: true, cutTables: [], isTold: false };

it.each([
  ['nothing', undefined, undefined],
  ['what was written', JSON.stringify(REBUILT), REBUILT],
  ['what broke off on a damaged disk', JSON.stringify(REBUILT).slice(0, -4), undefined],
  ['something else', '{"at":"yesterday"}', undefined],
])('%s', (_, kept, read) => {
  expect(readRebuilt(kept)).toEqual(read);
});
