/** The real agent, with a real store in memory, in a simulated home on a clock that moves when told. */
import Database from 'better-sqlite3';
import { type Agent, createAgent } from '../../src/agent/agent.ts';
import type { AlertAnswer, AlertOrder } from '../../src/agent/alerts/alert-order.ts';
import { IDENTIFY_DEFAULTS } from '../../src/agent/evidence/identify-settings.ts';
import { readersFor } from '../../src/agent/evidence/readers.ts';
import type { Answer, Order } from '../../src/agent/inventory/order.ts';
import type { Uplink } from '../../src/agent/outbox/uplink.ts';
import type { Boot, LifecycleLooker } from '../../src/agent/ports.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { newRandomId } from '../../src/base/ids.ts';
import { readFingerprints } from '../../src/platform/fingerprint-files.ts';
import { openVendorRegistry } from '../../src/platform/vendor-registry.ts';
import type { AlertMessage, EntryKind } from '../../src/protocol/messages.ts';
import type { Home } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { createSimulatedHome, type SimulatedHome } from '../../src/simulation/simulated-platform.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

export type Told = { readonly pos: number; readonly kind: EntryKind; readonly body: unknown };

const fingerprints = readFingerprints();
const vendorOf = openVendorRegistry();
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const ANCHORS = ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443'];

export class SimulatedAgent {
  readonly clock = new VirtualClock();
  readonly home: SimulatedHome;
  /** Whether the desk answers; undefined for a hub without one. */
  desk: { heard: boolean } | undefined;
  /** Why what is saved will not last, while a test says so. */
  storageTrouble: string | undefined;
  readonly #seed: string;
  readonly #lifecycle: LifecycleLooker | undefined;
  #boot: Boot = { id: 'boot 1', atMs: -30_000 };
  #db = new Database(':memory:');
  #store: AgentStore;
  #agent: Agent;

  private constructor(seed: string, home: Home, desk: { heard: boolean } | undefined, lifecycle: LifecycleLooker | undefined) {
    this.#seed = seed;
    this.#lifecycle = lifecycle;
    this.desk = desk;
    for (const migration of AGENT_MIGRATIONS) this.#db.exec(migration.sql);
    this.home = createSimulatedHome({ home, clock: this.clock, random: seededRandom(seed) });
    [this.#store, this.#agent] = this.#create('first');
  }

  /** `lifecycle`: none where nobody looks how near their end devices are. */
  static async start(
    seed: string,
    home: Home = SAMPLE_HOME,
    desk?: { heard: boolean },
    lifecycle?: LifecycleLooker,
  ): Promise<SimulatedAgent> {
    const started = new SimulatedAgent(seed, home, desk, lifecycle);
    await started.#agent.start();
    return started;
  }

  #create(life: string): [AgentStore, Agent] {
    const random = seededRandom(`${this.#seed}/${life}`);
    const store = createAgentStore(this.#db, { random, start: newRandomId(random) });
    const fail = (error: unknown): never => {
      throw error;
    };
    const { network, discovery, prober, internet, askers, vitals, canRevalidate } = this.home;
    const boot = this.#boot;
    const lifecycle = this.#lifecycle && { lifecycle: this.#lifecycle };
    const devices = { network, discovery, prober, internet, askers, vitals, canRevalidate };
    const platform = { clock: this.clock, random, log: QUIET, ...devices, boot, ...lifecycle };
    const uplink = this.desk && { uplink: () => this.#uplink() };
    const identify = { readers: readersFor(IDENTIFY_DEFAULTS, random), leaveAlone: [] };
    const storageTrouble = (): string | undefined => this.storageTrouble;
    const given = { platform, store, fingerprints, vendorOf, identify, anchors: ANCHORS, version: 'test', onFatal: fail, ...uplink };
    return [store, createAgent({ ...given, storageTrouble })];
  }

  /** The desk's clock is right, and so is the hub's unless a test moves it. */
  #uplink(): Uplink {
    const isHeard = (): boolean => this.desk?.heard ?? false;
    const off = { connected: false, granted: false, session: 0, waiting: { count: 0, bytes: 0, dropped: 0 }, refused: {} };
    const known = { offsetMs: 0, errorMs: 5 };
    return {
      start() {},
      notify() {},
      stop: async () => {},
      status: () => off,
      isHeard,
      clockQuality: () => 'desk',
      deskOffset: () => (isHeard() ? known : undefined),
    };
  }

  /** Kills the process and starts another one `offMs` later: in the same boot, or in one that began `bootMs` before that. */
  async die(life: string, { offMs = 1_000, bootMs }: { offMs?: number; bootMs?: number } = {}): Promise<void> {
    const lastWord = this.#db.prepare("SELECT value FROM meta WHERE key = 'life'").pluck().get();
    await this.#agent.stop();
    this.#db.prepare("UPDATE meta SET value = ? WHERE key = 'life'").run(lastWord);
    await this.clock.advance(offMs);
    if (bootMs !== undefined) this.#boot = { id: life, atMs: this.clock.now().monoMs - bootMs };
    [this.#store, this.#agent] = this.#create(life);
    await this.#agent.start();
  }

  /** Stops the process in order and starts another one on the same database, to which `meanwhile` (SQL) was done; `bootMs` as of `die`. */
  async restart(life: string, meanwhile = '', bootMs?: number): Promise<void> {
    await this.#agent.stop();
    this.#db.exec(meanwhile);
    if (bootMs !== undefined) this.#boot = { id: life, atMs: this.clock.now().monoMs - bootMs };
    [this.#store, this.#agent] = this.#create(life);
    await this.#agent.start();
  }

  async run(seconds: number): Promise<this> {
    await this.clock.advance(seconds * 1000);
    return this;
  }

  standstill(): string | undefined {
    return this.#agent.standstill();
  }

  view(): ReturnType<Agent['view']> {
    return this.#agent.view();
  }

  obey(order: Order): Answer {
    return this.#agent.obey(order);
  }

  obeyAboutAlerts(order: AlertOrder): AlertAnswer {
    return this.#agent.obeyAboutAlerts(order);
  }

  /** What the agent keeps, as a command beside it reads it. */
  get store(): AgentStore {
    return this.#store;
  }

  /** Does to the database what a dying disk does. */
  damage(sql: string): void {
    this.#db.exec(sql);
  }

  /** Everything committed for the desk behind a position, in order. */
  told(afterPos = 0): Told[] {
    return this.#store.outbox.next(afterPos, 100_000).map(({ pos, kind, body }) => ({ pos, kind, body: JSON.parse(body) as unknown }));
  }

  /** Each telling of an alert, without those that say only how its hold goes. */
  alertsTold(afterPos = 0): { kind: EntryKind; alert: AlertMessage }[] {
    const before = new Map<string, string>();
    return this.told().flatMap(({ pos, kind, body }) => {
      if (!kind.startsWith('alert.')) return [];
      const alert = body as AlertMessage;
      const { held: _held, actionableAt: _actionableAt, evidence: _evidence, ...rest } = alert;
      const words = JSON.stringify(rest);
      const isNews = kind !== 'alert.updated' || before.get(alert.key) !== words;
      before.set(alert.key, words);
      return isNews && pos > afterPos ? [{ kind, alert }] : [];
    });
  }

  /** `raised device-down Printer` for each of them but the digests of new devices. */
  alertLines(afterPos = 0): string[] {
    return this.alertsTold(afterPos)
      .filter(({ alert }) => alert.code !== 'device-new')
      .map(({ kind, alert }) => `${kind.slice('alert.'.length)} ${alert.code}${alert.device ? ` ${this.nameOf(alert.device)}` : ''}`);
  }

  get lastPos(): number {
    return this.told().at(-1)?.pos ?? 0;
  }

  /** The name in the simulated home of a device that the agent found. */
  nameOf(deviceId: string): string {
    const macs = this.view().devices.find((device) => device.id === deviceId)?.macs ?? [];
    return this.home.control.truth().find((truth) => macs.includes(truth.mac))?.name ?? deviceId;
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
    this.#db.close();
  }
}
