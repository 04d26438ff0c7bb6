import { expect, test } from 'vitest';
import { availabilityTopic, stateTopic } from '../../../../src/agent/mirror/place.ts';
import { PLACE } from '../../../builders/mirrored-house.ts';
import { type HouseBroker, houseBroker, LAMP } from '../../../fakes/house-broker.ts';

const STATUS = availabilityTopic(PLACE);
const LAMP_STATE = stateTopic(PLACE, LAMP.id);
const GONE = [LAMP_STATE, ''];

/** In which nothing is shown any more. */
function hidden({ isHeard = true } = {}): HouseBroker {
  return houseBroker({ isShown: false, isHeard });
}

test('what a busy broker hands out late is taken away before the mirror says that it is done', async () => {
  const broker = hidden({ isHeard: false });
  broker.connect();
  await broker.clock.advance(20_000);
  expect(broker.mirror.status().isDone).toBe(false);
  broker.somebodySays(LAMP_STATE, 'old', true);
  broker.somebodySays(STATUS, '');
  await broker.clock.advance(5_000);
  expect(broker.sent).toContainEqual(GONE);
  expect(broker.mirror.status().isDone).toBe(true);
});

test('what a broker hands out before it takes the subscription counts, and not for the next connection', async () => {
  const broker = hidden();
  broker.somebodySays(LAMP_STATE, 'old', true);
  broker.connect();
  await broker.clock.advance(10_000);
  expect(broker.sent).toContainEqual(GONE);

  const other = hidden();
  other.somebodySays(LAMP_STATE, 'old', true);
  other.disconnect();
  other.connect();
  await other.clock.advance(10_000);
  expect(other.sent).not.toContainEqual(GONE);
});

test('a broker that hands nothing out is told of, is shown the house all the same, and is never said to be clear', async () => {
  const [bare, full] = [hidden({ isHeard: false }), houseBroker({ isHeard: false })];
  for (const broker of [bare, full]) {
    broker.connect();
    await broker.clock.advance(29_000);
    expect(broker.mirror.status().problem).toBeUndefined();
    await broker.clock.advance(3_000);
    expect(broker.mirror.status().problem).toBe(
      `The broker does not tell what it keeps below hearthbeat/${PLACE.site}/: does it let this user read there?`,
    );
  }
  expect(bare.mirror.status().isDone).toBe(false);
  expect(full.sent.map(([topic]) => topic)).toContain(LAMP_STATE);
});

test('another word on the topic of the hub is not its own', async () => {
  const broker = hidden({ isHeard: false });
  broker.connect();
  broker.somebodySays(STATUS, 'offline');
  await broker.clock.advance(10_000);
  expect(broker.mirror.status().isDone).toBe(false);
});
