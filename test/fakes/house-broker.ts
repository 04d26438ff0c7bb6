/** A broker of the house in memory, which takes everything at once and hands it back as it does to whoever listens, with the mirror of a small home. */
import { createMirror, type Mirror } from '../../src/agent/mirror/mirror.ts';
import type { LinkHandlers, MqttLink } from '../../src/base/mqtt.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { deviceSummary } from '../builders/device-summary.ts';
import { idOf } from '../builders/entries.ts';
import { FRAME, houseOf, PLACE, recordOf } from '../builders/mirrored-house.ts';

export const LAMP = deviceSummary({ id: idOf(21), name: 'Hall', kind: 'light' });
const HOUSE = houseOf({ devices: [LAMP], records: [recordOf(LAMP.id, 'up', 0)] });
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

export type HouseBroker = {
  readonly clock: VirtualClock;
  readonly mirror: Mirror;
  /** Topics and texts in the order in which the hub sent them. */
  readonly sent: readonly (readonly [string, string])[];
  connect(): void;
  disconnect(): void;
  somebodySays(topic: string, text: string, retained?: boolean): void;
};

/** Not connected yet. `isHeard`: what the hub says comes back to it. */
export function houseBroker({ place = PLACE, isShown = true, isHeard = true } = {}): HouseBroker {
  const clock = new VirtualClock();
  const sent: [string, string][] = [];
  let handlers: LinkHandlers | undefined;
  const link: MqttLink = {
    start: (given) => {
      handlers = given;
    },
    publish: (topic, text) => {
      sent.push([topic, text]);
      if (isHeard) queueMicrotask(() => somebodySays(topic, text));
      return Promise.resolve(true);
    },
    stop: () => Promise.resolve(),
  };
  const somebodySays: HouseBroker['somebodySays'] = (topic, text, retained = false) =>
    handlers?.onMessage({ topic, payload: Buffer.from(text), retained });
  const random = { fraction: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
  const mirror = createMirror({ link, clock, random, log: QUIET, frame: { ...FRAME, place }, isShown, house: () => HOUSE, onSettled() {} });
  mirror.start();
  return {
    clock,
    mirror,
    sent,
    connect: () => handlers?.onState({ connected: true }),
    disconnect: () => handlers?.onState({ connected: false }),
    somebodySays,
  };
}
