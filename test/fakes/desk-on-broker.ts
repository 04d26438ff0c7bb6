/** The fake desk behind a real broker: commits every few milliseconds, as a desk does that writes in batches. */
import { onTestFinished } from 'vitest';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { DESK_SUBSCRIPTION } from '../../src/protocol/topics.ts';
import { FakeDesk, type Reply } from './desk.ts';

export type DeskOnBroker = {
  readonly desk: FakeDesk;
  /** While set, replies for which it answers false are lost. */
  lets?: ((reply: Reply) => boolean) | undefined;
  connected: boolean;
};

export type DeskAccess = { readonly url: string; readonly username?: string; readonly password?: string; readonly ca?: string };

const COMMIT_EVERY_MS = 20;

export function startDeskOn(access: DeskAccess): DeskOnBroker {
  const { url, ...account } = access;
  const desk = new FakeDesk(() => Date.now());
  const state: DeskOnBroker = { desk, connected: false };
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const link = createMqttLink({ urls: [url], clientId: 'desk-test', ...account, clock: systemClock, random: systemRandom, log: silent });
  const send = (replies: Reply[]): void => {
    for (const reply of replies) if (state.lets?.(reply) ?? true) void link.publish(reply.topic, reply.payload, { qos: 1 });
  };
  link.start({
    subscriptions: [DESK_SUBSCRIPTION],
    onState: ({ connected }) => {
      state.connected = connected;
    },
    onMessage: (message) => send(desk.receive(message)),
  });
  const commits = setInterval(() => send(desk.commit()), COMMIT_EVERY_MS);
  onTestFinished(async () => {
    clearInterval(commits);
    await link.stop();
  });
  return state;
}
