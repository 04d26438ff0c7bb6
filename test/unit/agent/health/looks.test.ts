import { expect, test } from 'vitest';
import { decideLook, type Looks, NO_LOOKS } from '../../../../src/agent/health/looks.ts';

/** At which seconds it looks, when somebody becomes a suspect at these. */
function looksFor(suspectsAtS: readonly number[], untilS: number): number[] {
  let looks: Looks = NO_LOOKS;
  const looked: number[] = [];
  for (let second = 0; second <= untilS; second++) {
    const decided = decideLook(looks, suspectsAtS.includes(second), second * 1000);
    looks = decided.looks;
    if (decided.look) looked.push(second);
  }
  return looked;
}

test('looks at once for three devices that fall silent one after the other', () => {
  expect(looksFor([0, 5, 40], 200)).toEqual([0, 5, 40]);
});

test('puts the fourth look off until the first is three minutes ago, and takes several that wait together', () => {
  expect(looksFor([0, 5, 40, 50, 60], 400)).toEqual([0, 5, 40, 180]);
});

test('looks once a minute in the long run, however many devices fall silent', () => {
  const always = Array.from({ length: 3601 }, (_, second) => second);
  expect(looksFor(always, 3600)).toHaveLength(61);
});

test('does not look when nobody is a suspect', () => {
  expect(looksFor([], 400)).toEqual([]);
});
