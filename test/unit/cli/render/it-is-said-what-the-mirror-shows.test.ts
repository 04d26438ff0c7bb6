import { expect, test } from 'vitest';
import { stateTopic } from '../../../../src/agent/mirror/place.ts';
import { mirrorWords } from '../../../../src/cli/render/mirror-words.ts';
import { PLACE } from '../../../builders/mirrored-house.ts';
import { houseBroker, LAMP } from '../../../fakes/house-broker.ts';

test('nothing is shown only once everything was taken away', async () => {
  const broker = houseBroker({ isShown: false });
  const words = (): string => mirrorWords(broker.mirror.status());
  expect(words()).toBe('not connected; what the broker shows is still to be taken away');
  broker.connect();
  expect(words()).toBe('the broker is asked what it still shows, to take that away');
  broker.somebodySays(stateTopic(PLACE, LAMP.id), '{}', true);
  expect(words()).toBe('1 text is still to be taken away from the broker');
  await broker.clock.advance(20_000);
  expect(broker.sent.filter(([, text]) => text !== '')).toEqual([]);
  expect(broker.sent).toContainEqual([stateTopic(PLACE, LAMP.id), '']);
  expect(words()).toBe('nothing is shown: all was taken away');
});

test('what is shown is said with what waits', async () => {
  const broker = houseBroker();
  expect(mirrorWords(broker.mirror.status())).toBe('not connected; the broker keeps 0 texts as they are now, 4 wait');
  broker.connect();
  await broker.clock.advance(20_000);
  expect(mirrorWords(broker.mirror.status())).toBe('connected; the broker keeps 4 texts as they are now, nothing waits');
});
