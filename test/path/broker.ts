/**
 * The broker and the lines to it: hands on what it gets and promises nothing. It forgets what it holds when it dies, comes back with older retained
 * messages, and drops, doubles, holds back and repeats messages as the faults say. PUBACK means that it has the message, and no more.
 */
import type { LinkHandlers } from '../../src/base/mqtt.ts';
import type { Random } from '../../src/base/random.ts';
import { between } from '../../src/simulation/seeded-random.ts';
import type { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import type { Faults } from './faults.ts';
import type { Process } from './machine.ts';

/** One connection, as both of its ends see it. */
export type Connection = {
  /** The site, or `desk`. */
  readonly client: string;
  readonly process: Process;
  readonly handlers: LinkHandlers;
  readonly will: Message | undefined;
  /** Ends it at the client. */
  readonly lose: () => void;
  isOpenAtClient: boolean;
  isOpenAtBroker: boolean;
  /** Nothing passes, and neither end has noticed. */
  isCut: boolean;
  /** TCP keeps the order: when the newest packet arrives in each direction. */
  upMs: number;
  downMs: number;
};

export type Message = { readonly topic: string; readonly payload: string };

export const DESK = 'desk';

/** A broker gives a silent client one and a half keep-alives (MQTT 5 section 3.1.2.10), mqtt.js notices a missing PINGRESP after one or two. */
const BROKER_NOTICES_MS = 45_000;
const CLIENT_NOTICES_MS = [30_000, 60_000] as const;
/** What is repeated may be as old as this many messages. */
const REMEMBERED = 100;

export type BrokerWatch = {
  note(what: string): void;
  /** A message reached the machine of `client`; whether it is told as new. */
  delivered(client: string, message: Message, isRetained: boolean): void;
};

export class Broker {
  readonly #time: VirtualClock;
  readonly #random: Random;
  readonly #watch: BrokerWatch;
  readonly #connections = new Map<string, Connection>();
  #faults: Faults;
  #isUp = true;
  /** Counts its deaths: what an earlier life had on the way is gone. */
  #life = 0;
  #retained = new Map<string, Message>();
  #onDisk = new Map<string, Message>();
  #past: Message[] = [];

  constructor(time: VirtualClock, random: Random, faults: Faults, watch: BrokerWatch) {
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
    this.#watch = watch;
  }

  heal(faults: Faults): void {
    this.#faults = faults;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Milliseconds for one packet. */
  delayMs(): number {
    const isSlow = this.#chance(this.#faults.lineSlow);
    return between(this.#random, isSlow ? [200, 4_000] : [2, 60]);
  }

  /** False where it does not answer. A client that is here already is thrown out. */
  accept(connection: Connection): boolean {
    if (!this.#isUp) return false;
    const before = this.#connections.get(connection.client);
    if (before) this.#close(before, true);
    this.#connections.set(connection.client, connection);
    connection.isOpenAtBroker = true;
    if (connection.client === DESK) for (const message of this.#retained.values()) this.#handOn(connection, message, true);
    return true;
  }

  /** The client sends; `taken` is called back there once the broker has it (PUBACK). */
  publish(connection: Connection, message: Message, isRetained: boolean, taken: () => void): void {
    const life = this.#life;
    connection.upMs = Math.max(connection.upMs, this.#now() + this.delayMs());
    this.#at(connection.upMs, () => {
      if (connection.isCut || !connection.isOpenAtBroker || life !== this.#life) return;
      if (isRetained) this.#retained.set(message.topic, message);
      this.#route(message);
      this.#down(connection, taken);
    });
  }

  /** A DISCONNECT: its will is not said. */
  leave(connection: Connection): void {
    this.#close(connection, false);
  }

  /** Both ends learn of it at once. */
  reset(client: string): void {
    const connection = this.#connections.get(client);
    if (!connection) return;
    this.#watch.note(`${client} reset`);
    this.#close(connection, true);
  }

  cut(client: string): void {
    const connection = this.#connections.get(client);
    if (!connection || connection.isCut) return;
    this.#watch.note(`${client} half-open`);
    connection.isCut = true;
    this.#after(BROKER_NOTICES_MS, () => this.#close(connection, true));
    this.#after(between(this.#random, CLIENT_NOTICES_MS), connection.lose);
  }

  /** Loses what it holds; comes back after `forMs`. */
  die(forMs: number): void {
    if (!this.#isUp) return;
    this.#watch.note('broker dies');
    this.#isUp = false;
    this.#life++;
    for (const connection of [...this.#connections.values()]) {
      this.#connections.delete(connection.client);
      connection.isOpenAtBroker = false;
      this.#after(between(this.#random, [1, 50]), connection.lose);
    }
    this.#retained = new Map(this.#onDisk);
    this.#after(forMs, () => {
      this.#isUp = true;
    });
  }

  /** Writes down what it retains, as mosquitto does from time to time. */
  save(): void {
    this.#onDisk = new Map(this.#retained);
  }

  /** From now on nothing older is repeated. */
  forgetPast(): void {
    this.#past = [];
  }

  #route(message: Message): void {
    const [, , site = '', direction] = message.topic.split('/');
    const to = direction === 'up' ? DESK : site;
    const times = this.#chance(this.#faults.brokerDrops) ? 0 : this.#chance(this.#faults.brokerDoubles) ? 2 : 1;
    for (let i = 0; i < times; i++) this.#handTo(to, message);
    if (this.#faults.brokerRepeats === 0) return;
    this.#past = [...this.#past, message].slice(-REMEMBERED);
    if (!this.#chance(this.#faults.brokerRepeats)) return;
    const old = this.#past[Math.floor(this.#random.fraction() * this.#past.length)] ?? message;
    const [, , oldSite = '', oldDirection] = old.topic.split('/');
    this.#handTo(oldDirection === 'up' ? DESK : oldSite, old);
  }

  #handTo(client: string, message: Message): void {
    const connection = this.#connections.get(client);
    if (connection) this.#handOn(connection, message, false);
  }

  #handOn(connection: Connection, message: Message, retained: boolean): void {
    const deliver = (): void => {
      if (!connection.isOpenAtClient || connection.isCut) return;
      this.#watch.delivered(connection.client, message, retained);
      connection.process.receive(() => {
        if (!connection.isOpenAtClient) return;
        connection.handlers.onMessage({ topic: message.topic, payload: Buffer.from(message.payload), retained });
      });
    };
    if (!this.#chance(this.#faults.brokerHoldsBack)) {
      this.#down(connection, deliver);
      return;
    }
    const life = this.#life;
    this.#after(between(this.#random, [100, 20_000]), () => {
      if (life === this.#life) deliver();
    });
  }

  /** In order, unless the broker dies before. */
  #down(connection: Connection, work: () => void): void {
    const life = this.#life;
    connection.downMs = Math.max(connection.downMs, this.#now() + this.delayMs());
    this.#at(connection.downMs, () => {
      if (life === this.#life && !connection.isCut) work();
    });
  }

  #close(connection: Connection, saysWill: boolean): void {
    if (!connection.isOpenAtBroker) return;
    connection.isOpenAtBroker = false;
    if (this.#connections.get(connection.client) === connection) this.#connections.delete(connection.client);
    if (!connection.isCut) this.#after(this.delayMs(), connection.lose);
    if (!saysWill || !connection.will) return;
    this.#retained.set(connection.will.topic, connection.will);
    this.#route(connection.will);
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random.fraction() < probability;
  }

  #now(): number {
    return this.#time.now().monoMs;
  }

  #at(monoMs: number, task: () => void): void {
    this.#time.setTimer(monoMs - this.#now(), task);
  }

  #after(ms: number, task: () => void): void {
    this.#time.setTimer(ms, task);
  }
}
