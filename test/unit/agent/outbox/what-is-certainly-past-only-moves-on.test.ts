/** The floor under a hub's idea of the time: by it the certificate of a broker is judged while nobody has set the clock. */
import { expect, it } from 'vitest';
import { type KeptTime, TimeFloor, WRITTEN_AT } from '../../../../src/agent/outbox/time-floor.ts';

const HOUR_MS = 3_600_000;

function keptAs(value?: string): KeptTime {
  let kept = value;
  return { get: () => kept, set: (_, given) => void (kept = given) };
}

it.each([undefined, '', 'x', 'NaN', '1e', '\u0000', '0', '-5'])('is when this was written where %j is all that was kept', (value) => {
  expect(new TimeFloor(keptAs(value)).past()).toBe(WRITTEN_AT);
});

it('is what the desk said last, kept hourly, also for the next process', () => {
  const kept = keptAs();
  const floor = new TimeFloor(kept);
  floor.heard(WRITTEN_AT + 9.4, 5);
  floor.heard(WRITTEN_AT + 60_000, 60_005);
  expect(floor.past()).toBe(WRITTEN_AT + 9);
  floor.heard(WRITTEN_AT + HOUR_MS, 5 + HOUR_MS);
  expect(new TimeFloor(kept).past()).toBe(WRITTEN_AT + HOUR_MS);
});
