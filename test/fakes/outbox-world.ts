/**
 * A hub, a broker and a desk in virtual time, with everything between them going wrong by seed: processes die at any effect, messages are
 * lost, doubled, late or out of order, the broker forgets, the hub's card is put back to an older image. The hub is the real store over
 * SQLite in memory and the real uplink; only the network, the broker and the desk are played.
 */
import Database from 'better-sqlite3';
import type { Outbox } from '../../src/agent/outbox/entry.ts';
import { createUplink, type Uplink } from '../../src/agent/outbox/uplink.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import type { OutboxLimits } from '../../src/agent/store/outbox-store.ts';
import type { Clock } from '../../src/base/clock.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { LinkHandlers, MqttLink } from '../../src/base/mqtt.ts';
import type { Random } from '../../src/base/random.ts';
import type { Envelope, HealthState } from '../../src/protocol/messages.ts';
import { between, exponential, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { alertOf, clearedEntry, healthOf, idOf, NOTHING, QUIET_SITE, raisedEntry, stateEntry } from '../builders/entries.ts';
import { FakeDesk, isAfter, type Reply } from './desk.ts';

export const MUTANTS = ['puback-as-delivery', 'ack-before-commit', 'no-dedupe', 'no-snapshot', 'arrival-order', 'session-reuse'] as const;
export type Mutant = (typeof MUTANTS)[number];

const DEVICES = 5;
const FAULTY_MS = 5 * 60_000;
/** Longer than the longest wait before an entry is sent again. */
const HEALING_MS = 8 * 60_000;
const SITE = idOf(7);
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** The process ended in the middle of what it did. */
class Died extends Error {}

type Faults = Readonly<
  Record<'hubDies' | 'hubDiesSending' | 'linkDrops' | 'brokerDies' | 'deskDies' | 'loses' | 'doubles' | 'restores', number>
>;
type Committed = { readonly id: string; readonly pos: number; readonly isAlert: boolean; excusedFromOrder: boolean; excused: boolean };
type Process = { readonly start: string; readonly store: AgentStore; readonly uplink: Uplink; alive: boolean };
type Image = { readonly bytes: Buffer; readonly commits: number };

export async function playWorld(seed: string, mutant?: Mutant): Promise<string[]> {
  const world = new World(seed, mutant);
  return await world.play();
}

class World {
  readonly #clock = new VirtualClock();
  readonly #random: Random;
  readonly #ids: Random;
  readonly #mutant: Mutant | undefined;
  readonly #desk: FakeDesk;
  readonly #limits: OutboxLimits;
  #faults: Faults;
  #db: Database.Database;
  #look: Looks;
  #hub: Process | undefined;
  #image: Image | undefined;
  /** Since an image was put back, until the next grant: entries carry a session that other entries have carried too. */
  #sessionIsOfTheImage = false;
  #connection: { handlers: LinkHandlers } | undefined;
  #brokerUp = true;
  #brokerLife = 0;
  #deskUp = true;
  #deskCommitting = false;
  #held: { topic: string; payload: string }[] = [];
  readonly #commits: Committed[] = [];
  readonly #violations: string[] = [];

  constructor(seed: string, mutant: Mutant | undefined) {
    this.#random = seededRandom(seed);
    this.#ids = fork(this.#random);
    this.#mutant = mutant;
    this.#faults = this.#drawFaults();
    this.#limits = this.#chance(0.3) ? { rows: 40, bytes: 1 << 20, alertRows: 15 } : { rows: 60_000, bytes: 1 << 24, alertRows: 20_000 };
    this.#desk = new FakeDesk(() => this.#clock.now().wallMs, {
      dedupes: mutant !== 'no-dedupe',
      acksAfterCommit: mutant !== 'ack-before-commit',
      mergesByOrder: mutant !== 'arrival-order',
      numbersSessions: mutant !== 'session-reuse',
    });
    this.#db = new Database(IMAGE_OF_A_NEW_HUB);
    this.#look = looks(this.#db);
  }

  async play(): Promise<string[]> {
    this.#boot();
    this.#plan();
    await this.#clock.advance(FAULTY_MS);
    this.#faults = NO_FAULTS;
    await this.#clock.advance(HEALING_MS);
    this.#judge();
    this.#db.close();
    return this.#violations;
  }

  /** A swarm: most runs have only some kinds of fault, so that each is also met alone. */
  #drawFaults(): Faults {
    const rate = (most: number): number => (this.#chance(0.4) ? 0 : this.#random.fraction() * most);
    return {
      hubDies: rate(1 / 30),
      hubDiesSending: rate(0.02),
      linkDrops: rate(1 / 15),
      brokerDies: rate(1 / 60),
      deskDies: rate(1 / 30),
      loses: rate(0.2),
      doubles: rate(0.2),
      restores: rate(1 / 100),
    };
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  #after(ms: number, task: () => void): void {
    this.#clock.setTimer(ms, task);
  }

  /** Rates are per second; while a rate is zero the fault rests. */
  #recurring(fault: keyof Faults, task: () => void): void {
    const rate = this.#faults[fault];
    if (rate === 0) return;
    this.#after(exponential(this.#random, 1000 / rate), () => {
      if (this.#faults[fault] === 0) return;
      task();
      this.#recurring(fault, task);
    });
  }

  #plan(): void {
    this.#recurring('hubDies', () => this.#killHub());
    this.#recurring('linkDrops', () => this.#dropLink());
    this.#recurring('brokerDies', () => this.#killBroker());
    this.#recurring('deskDies', () => this.#killDesk());
    this.#recurring('restores', () => this.#takeOrRestoreImage());
    this.#live();
  }

  /** The home goes on: something changes every few seconds, until healing begins. */
  #live(): void {
    this.#after(between(this.#random, [500, 8_000]), () => {
      if (this.#faults === NO_FAULTS) return;
      this.#within(() => this.#tick());
      this.#live();
    });
  }

  #tick(): void {
    const hub = this.#hub;
    if (!hub) return;
    const now = this.#clock.now();
    const n = Math.floor(this.#random.fraction() * DEVICES);
    const state: HealthState = this.#chance(0.5) ? 'up' : 'down';
    const key = `device-down:${idOf(n)}`;
    const firing = hub.store.load().alerts.find((alert) => alert.key === key);
    const alert = firing ? { ...firing, clearedAt: now.wallMs } : alertOf(key, now);
    const tellsAlert = this.#chance(0.6);
    const told = firing ? clearedEntry(firing, now) : raisedEntry(alert, now);
    const ids = hub.store.commitTick({
      ...NOTHING,
      health: [healthOf(n, state, now)],
      alerts: tellsAlert ? [alert] : [],
      entries: [stateEntry(n, state, now), ...(tellsAlert ? [told] : [])],
    });
    this.#note(ids, hub);
    if (this.#chance(this.#faults.hubDiesSending)) throw new Died();
    hub.uplink.notify();
  }

  #note(ids: string[], hub: Process): void {
    const lastPos = this.#look.lastPos.get() ?? 0;
    if (hub.store.meta.get('session-start') === hub.start) this.#sessionIsOfTheImage = false;
    for (const [i, id] of ids.entries()) {
      const pos = this.#look.pos.get(id) ?? lastPos - ids.length + 1 + i;
      this.#commits.push({ id, pos, isAlert: i === 1, excusedFromOrder: this.#sessionIsOfTheImage, excused: false });
    }
    if (hub.store.outbox.waiting().count > this.#limits.rows + 5) this.#violations.push('I4: the outbox grew beyond its limit');
  }

  /** Runs something as the hub's process: when it dies there, it is gone. */
  #within(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.#killHub();
    }
  }

  #boot(): void {
    const process: { alive: boolean } = { alive: true };
    const start = newRandomId(this.#ids);
    const store = createAgentStore(this.#db, { random: this.#ids, start, limits: this.#limits });
    const uplink = createUplink({
      link: this.#link(process),
      outbox: this.#mutant === 'no-snapshot' ? withoutSnapshots(store.outbox) : store.outbox,
      clock: this.#clockOf(process),
      random: this.#ids,
      log: SILENT,
      identity: { site: SITE, start, version: '0', heartbeatS: 30 },
      snapshot: () => presentState(store),
      acknowledge: () => false,
      counts: () => ({ up: DEVICES, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
    });
    this.#hub = Object.assign(process, { start, store, uplink });
    this.#within(() => uplink.start());
  }

  /** Timers of a process end with it. */
  #clockOf(process: { alive: boolean }): Clock {
    return {
      now: () => this.#clock.now(),
      setTimer: (ms, task) => this.#clock.setTimer(ms, () => process.alive && this.#within(task)),
    };
  }

  #killHub(): void {
    if (!this.#hub) return;
    this.#hub.alive = false;
    this.#hub = undefined;
    this.#connection = undefined;
    this.#after(between(this.#random, [1_000, 30_000]), () => this.#boot());
  }

  #takeOrRestoreImage(): void {
    if (!this.#image) {
      this.#image = { bytes: this.#db.serialize(), commits: this.#commits.length };
      return;
    }
    this.#killHub();
    const { bytes, commits } = this.#image;
    this.#image = undefined;
    const lost = new Set(this.#look.ids.all());
    this.#db.close();
    this.#db = new Database(bytes);
    this.#look = looks(this.#db);
    for (const id of this.#look.ids.all()) lost.delete(id);
    for (const commit of this.#commits.slice(commits)) if (lost.has(commit.id)) commit.excused = true;
    this.#sessionIsOfTheImage = true;
  }

  #link(process: { alive: boolean }): MqttLink {
    let handlers: LinkHandlers | undefined;
    const connect = (): void => {
      if (!process.alive || !handlers) return;
      if (!this.#brokerUp) {
        this.#after(2_000, connect);
        return;
      }
      handlers.will?.();
      this.#connection = { handlers };
      this.#reconnect = () => this.#after(between(this.#random, [500, 20_000]), connect);
      this.#within(() => handlers?.onState({ connected: true }));
    };
    return {
      start: (given) => {
        handlers = given;
        this.#after(between(this.#random, [10, 5_000]), connect);
      },
      publish: (topic, payload) => {
        if (process.alive && this.#connection?.handlers === handlers) this.#fromHub(topic, payload);
        return Promise.resolve(false);
      },
      stop: () => Promise.resolve(),
    };
  }

  #reconnect: () => void = () => {};

  #fromHub(topic: string, payload: string): void {
    if (topic.endsWith('/ev')) this.#checkCommitted(payload);
    const connection = this.#connection;
    const life = this.#brokerLife;
    if (!this.#chance(this.#faults.loses)) {
      this.#after(between(this.#random, [1, 200]), () => {
        if (this.#connection !== connection || this.#brokerLife !== life) return;
        this.#toDesk(topic, payload);
        if (this.#mutant === 'puback-as-delivery' && topic.endsWith('/ev')) this.#hub?.store.outbox.acknowledge([idIn(payload)]);
      });
    }
    if (this.#chance(this.#faults.hubDiesSending)) throw new Died();
  }

  #checkCommitted(payload: string): void {
    const isCommitted = this.#look.pos.get(idIn(payload)) !== undefined && !this.#db.inTransaction;
    if (!isCommitted && this.#limits.rows > 1000) this.#violations.push(`I5: ${idIn(payload)} was sent but is not committed`);
  }

  #toDesk(topic: string, payload: string): void {
    const copies = this.#chance(this.#faults.doubles) ? 2 : 1;
    const life = this.#brokerLife;
    for (let i = 0; i < copies; i++) {
      this.#after(between(this.#random, [1, 500]), () => {
        if (this.#brokerLife !== life) return;
        if (this.#deskUp) this.#deskReceives(topic, payload);
        else this.#held.push({ topic, payload });
      });
    }
  }

  #deskReceives(topic: string, payload: string): void {
    this.#send(this.#desk.receive({ topic, payload: Buffer.from(payload), retained: false }));
    if (this.#deskCommitting) return;
    this.#deskCommitting = true;
    this.#after(between(this.#random, [10, 1_000]), () => {
      this.#deskCommitting = false;
      if (this.#deskUp) this.#send(this.#desk.commit());
    });
  }

  #send(replies: Reply[]): void {
    for (const reply of replies) {
      const connection = this.#connection;
      if (!connection || this.#chance(this.#faults.loses)) continue;
      this.#after(between(this.#random, [1, 500]), () => {
        if (this.#connection !== connection) return;
        this.#within(() => connection.handlers.onMessage({ topic: reply.topic, payload: Buffer.from(reply.payload), retained: false }));
      });
    }
  }

  #dropLink(): void {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = undefined;
    this.#reconnect();
    this.#within(() => connection.handlers.onState({ connected: false }));
  }

  /** Without persistence that can be trusted: what it held is gone. */
  #killBroker(): void {
    this.#brokerLife++;
    this.#held = [];
    this.#brokerUp = false;
    this.#dropLink();
    this.#after(between(this.#random, [1_000, 30_000]), () => {
      this.#brokerUp = true;
    });
  }

  #killDesk(): void {
    if (!this.#deskUp) return;
    this.#deskUp = false;
    this.#desk.crash();
    this.#after(between(this.#random, [1_000, 30_000]), () => {
      this.#deskUp = true;
      for (const { topic, payload } of this.#held.splice(0)) this.#deskReceives(topic, payload);
    });
  }

  #judge(): void {
    const history = this.#desk.history;
    const arrived = new Set(history.map(({ id }) => id));
    this.#judgeArrival(arrived);
    if (arrived.size !== history.length) this.#violations.push(`I2: ${history.length - arrived.size} entries are at the desk twice`);
    this.#judgeStates();
    const left = this.#hub?.store.outbox.waiting().count;
    if (left !== 0) this.#violations.push(`I4: ${left} entries still wait`);
    this.#judgeOrder(history);
  }

  #judgeArrival(arrived: ReadonlySet<string>): void {
    const gaps = this.#desk.history.filter(({ k }) => k === 'gap').map(({ d }) => d as { from: number; to: number });
    for (const { id, pos, isAlert, excused } of this.#commits) {
      if (arrived.has(id) || excused || gaps.some(({ from, to }) => from <= pos && pos <= to)) continue;
      this.#violations.push(`${isAlert ? 'I1: alert' : 'I4: entry'} ${id} at ${pos} never arrived, and no gap tells of it`);
    }
  }

  #judgeStates(): void {
    const saved = this.#hub?.store.load();
    for (const { deviceId, state } of saved?.health ?? []) {
      const atDesk = this.#desk.states.get(deviceId)?.value;
      if (atDesk !== state) this.#violations.push(`I3: ${deviceId} is ${state} at the hub and ${atDesk} at the desk`);
    }
    const firing = saved?.alerts.map(({ key }) => key).sort() ?? [];
    if (firing.join() !== this.#desk.firing.join())
      this.#violations.push(`I3: firing [${firing}] at the hub, [${this.#desk.firing}] at the desk`);
  }

  #judgeOrder(history: readonly Envelope[]): void {
    const truth = new Map(this.#commits.map(({ id, excusedFromOrder }, index) => [id, excusedFromOrder ? undefined : index]));
    const sorted = [...history].sort((a, b) => (isAfter(a, b) ? 1 : -1)).flatMap(({ id }) => truth.get(id) ?? []);
    const wrong = sorted.findIndex((index, i) => i > 0 && index < (sorted[i - 1] as number));
    if (wrong !== -1) this.#violations.push(`I6: commit ${sorted[wrong]} sorts behind commit ${sorted[wrong - 1]}`);
  }
}

const NO_FAULTS: Faults = { hubDies: 0, hubDiesSending: 0, linkDrops: 0, brokerDies: 0, deskDies: 0, loses: 0, doubles: 0, restores: 0 };

/** A new hub's database, so that each world need not make the tables again. */
const IMAGE_OF_A_NEW_HUB = ((): Buffer => {
  const db = new Database(':memory:');
  for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  return db.serialize();
})();

type Looks = ReturnType<typeof looks>;

/** What the judge may see of the hub's card. */
function looks(db: Database.Database) {
  return {
    lastPos: db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").pluck(),
    pos: db.prepare<[string], number>('SELECT pos FROM outbox WHERE id = ?').pluck(),
    ids: db.prepare<[], string>('SELECT id FROM outbox').pluck(),
  };
}

function withoutSnapshots(outbox: Outbox): Outbox {
  return { ...outbox, snapshotDue: () => false };
}

function presentState(store: AgentStore): ReturnType<Parameters<typeof createUplink>[0]['snapshot']> {
  const { health, alerts } = store.load();
  const devices = health.map(({ deviceId, state, sinceAt, reason, detectWithinMs }) => ({
    device: { id: deviceId, ips: [], macs: [], seenBy: [], isGateway: false, firstSeenAt: sinceAt },
    state: { device: deviceId, state, since: sinceAt, reason, detectWithinMs },
  }));
  return { site: QUIET_SITE, devices, alerts };
}

function idIn(payload: string): string {
  return (JSON.parse(payload) as Envelope).id;
}
