/** The connection of one process to the broker: what src/platform/mqtt-link.ts does with mqtt.js, with the same rule for trying again. */
import { Reconnection } from '../../src/base/backoff.ts';
import type { Timer } from '../../src/base/clock.ts';
import type { LinkHandlers, MqttLink } from '../../src/base/mqtt.ts';
import type { Random } from '../../src/base/random.ts';
import type { Broker, Connection } from './broker.ts';
import type { Process } from './machine.ts';

/** Nothing answers: mqtt.js gives up after ten seconds; where no program listens, the system says so at once. */
const REFUSED_MS = 5;

export type LinkWatch = {
  attempted(): void;
  /** Called before a message leaves. */
  publishing(topic: string, payload: string): void;
};

export class PathLink implements MqttLink {
  readonly #client: string;
  readonly #process: Process;
  readonly #broker: Broker;
  readonly #watch: LinkWatch;
  readonly #reconnection: Reconnection;
  #handlers: LinkHandlers | undefined;
  #connection: Connection | undefined;
  /** The connection is up and its subscription was taken. */
  #isConnected = false;
  #retry: Timer | undefined;
  #pending = new Set<(sent: boolean) => void>();

  constructor(client: string, process: Process, broker: Broker, random: Random, watch: LinkWatch) {
    this.#client = client;
    this.#process = process;
    this.#broker = broker;
    this.#watch = watch;
    this.#reconnection = new Reconnection(random);
  }

  start(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    this.#connect();
  }

  publish(topic: string, payload: string, { qos, retain = false }: { qos: 0 | 1; retain?: boolean }): Promise<boolean> {
    const connection = this.#connection;
    if (!connection || !this.#isConnected || !this.#process.isAlive) return Promise.resolve(false);
    this.#process.effect();
    this.#watch.publishing(topic, payload);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (sent: boolean): void => {
      this.#pending.delete(settle);
      resolve(sent);
    };
    if (qos === 1) this.#pending.add(settle);
    else settle(true);
    this.#broker.publish(
      connection,
      { topic, payload },
      retain,
      () => connection.isOpenAtClient && this.#process.receive(() => settle(true)),
    );
    this.#process.effect();
    return promise;
  }

  stop(): Promise<void> {
    this.#handlers = undefined;
    this.#retry?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) this.#broker.leave(connection);
    return Promise.resolve();
  }

  /** The process is gone: the system closes its connection, or, where the machine lost its power, nobody does. */
  die(isPowerCut: boolean): void {
    const connection = this.#connection;
    if (!connection) return;
    connection.isOpenAtClient = false;
    if (isPowerCut) this.#broker.cut(this.#client);
    else this.#broker.reset(this.#client);
  }

  #connect(): void {
    const handlers = this.#handlers;
    if (!handlers) return;
    this.#watch.attempted();
    this.#reconnection.begun(this.#now());
    const connection: Connection = {
      client: this.#client,
      process: this.#process,
      handlers,
      will: handlers.will?.(),
      lose: () => this.#process.receive(() => this.#lose(connection)),
      isOpenAtClient: true,
      isOpenAtBroker: false,
      isCut: false,
      upMs: 0,
      downMs: 0,
    };
    this.#connection = connection;
    const { setTimer } = this.#process.clock;
    setTimer(this.#broker.delayMs(), () => {
      if (this.#connection !== connection) return;
      if (this.#broker.accept(connection)) setTimer(this.#broker.delayMs(), () => this.#connected(connection));
      else setTimer(REFUSED_MS, () => this.#lose(connection));
    });
  }

  #connected(connection: Connection): void {
    if (this.#connection !== connection || !connection.isOpenAtClient) return;
    this.#isConnected = true;
    this.#reconnection.connected(this.#now());
    this.#handlers?.onState({ connected: true });
  }

  #lose(connection: Connection): void {
    if (!connection.isOpenAtClient || this.#connection !== connection) return;
    connection.isOpenAtClient = false;
    this.#connection = undefined;
    this.#isConnected = false;
    for (const settle of [...this.#pending]) settle(false);
    const waitMs = this.#reconnection.ended(this.#now());
    this.#handlers?.onState({ connected: false });
    this.#retry = this.#process.clock.setTimer(waitMs, () => this.#connect());
  }

  #now(): number {
    return this.#process.clock.now().monoMs;
  }
}
