import { expect, test } from 'vitest';
import { discoveryTopic, homeAssistantTopic, stateTopic } from '../../../../src/agent/mirror/place.ts';
import { PLACE } from '../../../builders/mirrored-house.ts';
import { type HouseBroker, houseBroker, LAMP } from '../../../fakes/house-broker.ts';

const BIRTH = homeAssistantTopic(PLACE);
const LAMP_STATE = stateTopic(PLACE, LAMP.id);
const timesSent = ({ sent }: HouseBroker, wanted: string): number => sent.filter(([topic]) => topic === wanted).length;

function connectedBroker(given: Parameters<typeof houseBroker>[0] = {}): HouseBroker {
  const broker = houseBroker(given);
  broker.connect();
  return broker;
}

test('topics longer than any of a hub are counted and not remembered', () => {
  const broker = connectedBroker();
  broker.somebodySays(stateTopic(PLACE, 'x'.repeat(250)), '1', true);
  broker.somebodySays(stateTopic(PLACE, 'x'), '1', true);
  expect(broker.mirror.status().ignored).toBe(1);
});

test('no topic of the longest settings is too long', () => {
  const place = { ...PLACE, topic: 'x'.repeat(64), discovery: 'y'.repeat(64) };
  const broker = connectedBroker({ place });
  for (const topic of [stateTopic(place, LAMP.id), discoveryTopic(place, LAMP.id)]) broker.somebodySays(topic, '1', true);
  expect(broker.mirror.status().ignored).toBe(0);
});

test('who says each second that Home Assistant has started holds nothing up, and has all sent again once a minute', async () => {
  const broker = connectedBroker();
  const minutes = 10;
  for (let second = 0; second < minutes * 60; second++) {
    broker.somebodySays(BIRTH, 'online');
    await broker.clock.advance(1_000);
  }
  const times = timesSent(broker, LAMP_STATE);
  expect(times).toBeGreaterThan(1);
  expect(times).toBeLessThanOrEqual(1 + minutes);
});

test('a Home Assistant that starts right after the last time is sent all again within a minute and a bit', async () => {
  const broker = connectedBroker();
  await broker.clock.advance(10_000);
  broker.somebodySays(BIRTH, 'online');
  await broker.clock.advance(15_000);
  expect(timesSent(broker, LAMP_STATE)).toBe(2);
  broker.somebodySays(BIRTH, 'online');
  await broker.clock.advance(70_000);
  expect(timesSent(broker, LAMP_STATE)).toBe(3);
});
