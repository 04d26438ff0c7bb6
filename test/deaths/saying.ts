/** How a hub says on its standard output where it is: `hello`, `grant`, `drain` once a connection, `ack` and `commit` each time, `empty` in the end. */
import type { Outbox } from '../../src/agent/outbox/entry.ts';
import type { Uplink } from '../../src/agent/outbox/uplink.ts';
import type { MqttLink } from '../../src/base/mqtt.ts';

const LOOK_MS = 20;

export function say(word: string): void {
  process.stdout.write(`${word}\n`);
}

export function overheard(link: MqttLink): MqttLink {
  let isDraining = false;
  return {
    start: (handlers) =>
      link.start({
        ...handlers,
        onMessage(message) {
          if (message.topic.endsWith('/grant')) say('grant');
          if (message.topic.endsWith('/ack')) say('ack');
          handlers.onMessage(message);
        },
      }),
    publish(topic, payload, options) {
      if (topic.endsWith('/status')) {
        say('hello');
        isDraining = false;
      }
      if (topic.endsWith('/ev') && !isDraining) {
        say('drain');
        isDraining = true;
      }
      return link.publish(topic, payload, options);
    },
    stop: () => link.stop(),
  };
}

/** Once the desk has everything that was committed, the process says so and ends, before it can commit more. */
export function endWhenEmpty(uplink: Uplink, outbox: Outbox): void {
  setInterval(() => {
    if (!uplink.isHeard() || outbox.waiting().count > 0 || outbox.snapshotDue()) return;
    say('empty');
    process.exit(0);
  }, LOOK_MS);
}
