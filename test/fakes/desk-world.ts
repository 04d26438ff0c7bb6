/** A real desk over a real database file, with time and the MQTT connection in the test's hand. */

import { newRandomId } from '../../src/base/ids.ts';
import type { Log } from '../../src/base/log.ts';
import type { LinkHandlers, MqttLink } from '../../src/base/mqtt.ts';
import type { Access } from '../../src/desk/access/access.ts';
import type { Door } from '../../src/desk/api/door.ts';
import { createDesk, type Desk, type DeskDeps, type DeskSettings } from '../../src/desk/desk.ts';
import type { Library } from '../../src/desk/playbooks/library.ts';
import type { ServicePolicy } from '../../src/desk/service/policy.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import type { Envelope } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { FakeHub, type Outgoing } from './hub.ts';

export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

/** Hands on what the desk publishes, and lets the test deliver. */
export class MemoryLink implements MqttLink {
  readonly published: { topic: string; payload: string }[] = [];
  onPublish: (topic: string, payload: string) => void = () => {};
  #handlers: LinkHandlers | undefined;

  start(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    this.connect(true);
  }

  connect(connected: boolean): void {
    this.#handlers?.onState({ connected });
  }

  deliver(topic: string, payload: string | Uint8Array, retained = false): void {
    this.#handlers?.onMessage({ topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, retained });
  }

  async publish(topic: string, payload: string): Promise<boolean> {
    this.published.push({ topic, payload });
    this.onPublish(topic, payload);
    return true;
  }

  async stop(): Promise<void> {
    this.#handlers = undefined;
  }
}

export class DeskWorld {
  readonly random = seededRandom('desk');
  readonly site = newRandomId(this.random);
  readonly database: DeskDatabase;
  clock = new VirtualClock();
  link = new MemoryLink();
  desk!: Desk;
  /** Set before the start; without it alerts have none. */
  playbooks: Library | undefined;
  /** Set before the start; without it homes are promised nothing. */
  service: ServicePolicy | undefined;
  notices: DeskDeps['notices'];
  /** Set before the start; without it whoever asks is the desk. */
  access: Access | undefined;
  door: Door = {};
  limits: DeskDeps['limits'];
  readonly #settings: Partial<DeskSettings>;
  readonly #log: Log;

  constructor(database: DeskDatabase, settings: Partial<DeskSettings> = {}, log: Log = silentLog) {
    this.database = database;
    this.#settings = settings;
    this.#log = log;
  }

  async start(): Promise<void> {
    await saveSite(this.database, { id: this.site, name: 'Lindgren' }, this.clock.now().wallMs);
    await this.#boot();
  }

  /** A new desk process over the same database; its monotonic clock starts anew. */
  async restart(): Promise<void> {
    await this.desk.stop();
    this.clock = new VirtualClock(this.clock.now().wallMs);
    this.link = new MemoryLink();
    await this.#boot();
  }

  async #boot(): Promise<void> {
    const { clock, database, link, playbooks, service, notices, access, door, limits } = this;
    const given = { assets: {}, playbooks, settings: this.#settings, service, notices, access, door, limits };
    this.desk = createDesk({ clock, log: this.#log, database, link, ...given });
    await this.desk.start();
  }

  /** A hub whose wall clock is wrong by `wallErrorMs`; it started when it is made. */
  hub(options: { site?: string; wallErrorMs?: number; ses?: number; pos?: number } = {}): FakeHub {
    const bornMs = this.clock.now().wallMs;
    const wallMs = (): number => this.clock.now().wallMs + (options.wallErrorMs ?? 0);
    // As the clock of a process has it: between two milliseconds.
    const monoMs = (): number => this.clock.now().wallMs - bornMs + 0.37;
    return new FakeHub({
      site: options.site ?? this.site,
      random: this.random,
      clock: { wallMs, monoMs },
      ses: options.ses,
      pos: options.pos,
    });
  }

  /** Sends, waits for the commit, and lets the hub read the desk's answers. */
  async send(hub: FakeHub, ...messages: (Outgoing | Envelope)[]): Promise<void> {
    this.link.onPublish = (topic, payload) => hub.receive(topic, payload);
    for (const message of messages) {
      const { topic, payload } = 'topic' in message ? message : hub.wire(message);
      this.link.deliver(topic, payload);
    }
    await this.desk.drain();
  }

  async states(site = this.site): Promise<Record<string, string>> {
    return Object.fromEntries((await this.desk.reader.devices(site)).map((device) => [device.id, device.state]));
  }

  async firing(site = this.site): Promise<string[]> {
    return (await this.desk.reader.firing(site)).map((alert) => alert.key).sort();
  }
}
