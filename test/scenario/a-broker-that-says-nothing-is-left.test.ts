/**
 * A connection that stands and carries nothing, as behind a router that forgot it: only time tells. mqtt.js waits for an answer by its own clock, 10 s for
 * the first and 45 s for one to its ping; the hub's waits are 20 times shorter than in life.
 */
import { describe, it } from 'vitest';
import { hurriedClock } from '../deaths/hurried-clock.ts';
import { expectAllTold, homeOnAWay } from '../fakes/home-on-a-way.ts';
import { until } from '../fakes/hub-on-broker.ts';
import { HAS_MOSQUITTO } from '../fakes/mosquitto.ts';

const clock = hurriedClock({ speed: 20, epochMs: Date.now() });

describe.skipIf(!HAS_MOSQUITTO)('a hub', () => {
  it('names a broker that takes connections and says nothing, and goes on when it speaks', { timeout: 90_000 }, async () => {
    const { way, hub, desk } = await homeOnAWay(clock);
    await way.mute();
    hub.raise('while it is mute');
    await until('it is said', () => /says nothing/.test(hub.uplink.status().problem ?? ''), 30_000);
    await way.open();
    await expectAllTold(hub, desk, ['while it is mute']);
  });

  it('leaves a connection that died without a word, and goes on over another', { timeout: 120_000 }, async () => {
    const { way, hub, desk } = await homeOnAWay(clock);
    await way.open();
    await until('the desk answered', () => hub.uplink.status().granted);
    await way.mute();
    hub.raise('into the void');
    await until('it is said', () => /has not acknowledged anything for \d+ s/.test(hub.uplink.status().problem ?? ''));
    await way.open();
    await expectAllTold(hub, desk, ['into the void'], 80_000);
  });
});
