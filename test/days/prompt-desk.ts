/** A broker and a desk in memory that are always there: each hub is granted a session, and what it sends is acknowledged at once. They keep nothing but counts. */
import type { Clock } from '../../src/base/clock.ts';
import type { LinkHandlers, MqttLink } from '../../src/base/mqtt.ts';
import { type AckMessage, envelopeSchema, type GrantMessage } from '../../src/protocol/messages.ts';
import { downTopic } from '../../src/protocol/topics.ts';

const ROUND_TRIP_MS = 40;

export class PromptDesk implements MqttLink {
  /** Entries that came, by kind. */
  readonly came = new Map<string, number>();
  readonly #clock: Clock;
  readonly #site: string;
  readonly #start: string;
  #handlers: LinkHandlers | undefined;
  #ids: string[] = [];

  constructor(clock: Clock, site: string, start: string) {
    this.#clock = clock;
    this.#site = site;
    this.#start = start;
  }

  start(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    this.#clock.setTimer(ROUND_TRIP_MS, () => handlers.onState({ connected: true }));
  }

  async publish(topic: string, payload: string): Promise<boolean> {
    const channel = topic.slice(topic.lastIndexOf('/') + 1);
    if (channel === 'status') this.#answer('grant', ({ time }) => ({ v: 1, start: this.#start, ses: 1, time }) satisfies GrantMessage);
    if (channel === 'ev') this.#take(payload);
    return true;
  }

  async stop(): Promise<void> {
    this.#handlers = undefined;
  }

  #take(payload: string): void {
    const { id, k } = envelopeSchema.parse(JSON.parse(payload));
    this.came.set(k, (this.came.get(k) ?? 0) + 1);
    this.#ids.push(id);
    // What comes within one round trip is acknowledged together, as a desk does that commits in batches.
    if (this.#ids.length === 1) this.#answer('ack', ({ time }) => ({ v: 1, ids: this.#ids.splice(0), time }) satisfies AckMessage);
  }

  #answer(channel: 'grant' | 'ack', words: (now: { readonly time: number }) => object): void {
    this.#clock.setTimer(ROUND_TRIP_MS, () => {
      const payload = Buffer.from(JSON.stringify(words({ time: this.#clock.now().wallMs })));
      this.#handlers?.onMessage({ topic: downTopic(this.#site, channel), payload, retained: false });
    });
  }
}
