import { expect, test } from 'vitest';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import { countPeople, NOBODY } from '../../../../src/agent/outbox/people-count.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const home = (phones: number) =>
  new Map(Array.from({ length: phones + 5 }, (_, i) => [String(i), { id: String(i), personal: i < phones } as DeviceSummary]));

test('counts freely while the hub is new to the house', () => {
  const first = countPeople(NOBODY, home(2), MINUTE);
  expect(first.count).toBe(2);
  expect(countPeople(first, home(4), 9 * MINUTE).count).toBe(4);
});

test('does not tell when a guest comes: the number is renewed once a day at the time of the first count', () => {
  let people = countPeople(NOBODY, home(2), 5 * MINUTE);
  const renewedAt: number[] = [];
  for (let at = 5 * MINUTE; at < 80 * HOUR; at += MINUTE) {
    const next = countPeople(people, home(at > 30.5 * HOUR && at < 60 * HOUR ? 3 : 2), at);
    if (next.count !== people.count) renewedAt.push(at / HOUR);
    people = next;
  }
  expect(renewedAt).toEqual([(5 * MINUTE + 48 * HOUR) / HOUR, (5 * MINUTE + 72 * HOUR) / HOUR]);
});

test('starts from the number that was told before a restart', () => {
  expect(countPeople({ ...NOBODY, count: 3 }, home(3), 1).count).toBe(3);
});
