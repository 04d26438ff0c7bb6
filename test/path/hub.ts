/**
 * A hub on the simulated path: the real store over SQLite in memory and the real uplink, in processes that come and go on one machine. What a tick
 * changed is saved and told as src/agent/agent.ts does it.
 */
import Database from 'better-sqlite3';
import { createUplink, type Uplink } from '../../src/agent/outbox/uplink.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { HearthbeatError } from '../../src/base/errors.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { between, fork } from '../../src/simulation/seeded-random.ts';
import { silentLog } from '../fakes/desk-world.ts';
import type { Broker } from './broker.ts';
import type { Faults, Setting } from './faults.ts';
import { EMPTY_HOME, type Home, homeIn, nextStep, type Step, snapshotOf, textOf } from './home.ts';
import type { HubWitness } from './hub-witness.ts';
import { keepStatements } from './kept.ts';
import { PathLink } from './link.ts';
import { Died, type Machine, Process } from './machine.ts';
import { bringUpToDate, committerBefore, MIGRATIONS_BEFORE } from './version-before.ts';

export type HubSetting = Setting & { readonly site: string; readonly machine: Machine; readonly broker: Broker; readonly random: Random };

type Running = {
  readonly process: Process;
  readonly store: AgentStore;
  readonly uplink: Uplink;
  readonly link: PathLink;
  readonly start: string;
  /** As the pipeline knows it: ahead of the card while that is full. */
  home: Home;
  readonly unsaved: Happened[];
};

/** `atMs` is true time. */
export type Happened = Step & { readonly atMs: number };

const STEPS_BEFORE = 8;
const BOOTS_WITHIN_MS = [500, 20_000] as const;

export class HubNode {
  readonly site: string;
  readonly #setting: HubSetting;
  readonly #witness: HubWitness;
  readonly #random: Random;
  readonly #ids: Random;
  #faults: Faults;
  #db: Database.Database;
  #running: Running | undefined;
  #image: { readonly bytes: Buffer; readonly takenAt: number } | undefined;

  constructor(setting: HubSetting, faults: Faults, witness: HubWitness) {
    this.#setting = setting;
    this.site = setting.site;
    this.#faults = faults;
    this.#witness = witness;
    this.#random = setting.random;
    this.#ids = fork(setting.random);
    this.#db = new Database(setting.isUpgraded ? IMAGE_OF_AN_OLD_HUB : IMAGE_OF_A_NEW_HUB);
    this.#insertIsSeen();
    if (setting.isUpgraded) this.#upgrade();
  }

  get home(): Home | undefined {
    return this.#running?.home;
  }

  get process(): Process | undefined {
    return this.#running?.process;
  }

  /** Whether all that happened is saved, told and acknowledged. */
  isDone(): boolean {
    const running = this.#running;
    return running !== undefined && running.unsaved.length === 0 && running.uplink.isHeard() && running.store.outbox.waiting().count === 0;
  }

  waiting(): number {
    return this.#running?.store.outbox.waiting().count ?? 0;
  }

  heal(faults: Faults): void {
    this.#faults = faults;
    this.fillDisk(false);
    this.#running?.process.spare();
  }

  boot(): void {
    const { machine, broker, limits } = this.#setting;
    const start = newRandomId(this.#ids);
    const process = new Process(machine, this.#effectsToLive(), () => this.#died(process));
    const link = new PathLink(this.site, process, broker, fork(this.#ids), {
      attempted: () => this.#witness.attempted(),
      publishing: (topic, payload) => this.#witness.publishing(topic, payload, this.#db, process),
    });
    const store = createAgentStore(this.#db, { random: this.#ids, start, limits });
    const home = homeIn(store.load());
    this.#witness.started(start, textOf(home), this.#db);
    const running: Running = { process, store, link, start, home, unsaved: [], uplink: this.#uplink(start, process, link, store) };
    this.#running = running;
    process.receive(() => running.uplink.start());
    this.#live(running);
  }

  /** In order, as for an update. */
  restart(): void {
    const running = this.#running;
    if (!running || running.process.isStopped) return;
    running.process.receive(() => {
      const end = (): void => running.process.die();
      running.uplink.stop().then(end, end);
    });
  }

  /** Makes an image of the card; false where one waits already. */
  takeImage(): boolean {
    if (this.#image) return false;
    this.#image = { bytes: this.#db.serialize(), takenAt: this.#witness.imageTaken() };
    return true;
  }

  /** Puts the image on the card. */
  restoreImage(isAtDesk: (id: string) => boolean): void {
    const image = this.#image;
    this.#image = undefined;
    if (!image) return;
    this.#running?.process.die();
    this.#db.close();
    this.#db = new Database(image.bytes);
    this.#insertIsSeen();
    const session = this.#db.prepare<[], string>("SELECT value FROM meta WHERE key = 'session'").pluck().get();
    this.#witness.restored(image.takenAt, Number(session ?? 0), isAtDesk);
  }

  stop(ms: number): void {
    if (!this.process?.isAlive) return;
    this.#witness.stopped();
    this.process.stop(ms);
  }

  stepWall(ms: number): void {
    this.#setting.machine.stepWall(ms);
  }

  fillDisk(isFull: boolean): void {
    const pages = Number(this.#db.pragma('page_count', { simple: true }));
    this.#db.pragma(`max_page_count = ${isFull ? pages : 1_000_000}`);
  }

  close(): void {
    this.#db.close();
  }

  /** The version before this one had run for a while, without a desk. */
  #upgrade(): void {
    const { machine, limits } = this.#setting;
    const commit = committerBefore(this.#db, this.#ids, limits);
    let home = EMPTY_HOME;
    for (let monoMs = 0; monoMs < STEPS_BEFORE; monoMs++) {
      const step = nextStep(home, this.#random, { monoMs, wallMs: machine.wallMs() + monoMs }, 'unsynced');
      this.#witness.happened({ ...step, atMs: 0 });
      this.#witness.committing({ ...step, atMs: 0 });
      this.#witness.committed(commit(step.change));
      home = step.home;
    }
    bringUpToDate(this.#db);
  }

  #uplink(start: string, process: Process, link: PathLink, store: AgentStore): Uplink {
    return createUplink({
      link,
      outbox: store.outbox,
      clock: process.clock,
      random: this.#ids,
      log: silentLog,
      identity: { site: this.site, start, version: '0', heartbeatS: this.#setting.heartbeatS },
      snapshot: () => snapshotOf(this.#running?.home ?? EMPTY_HOME),
      acknowledge: () => false,
      remember: () => false,
      counts: () => ({ up: 1, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
    });
  }

  /** The home goes on until the faults end. */
  #live(running: Running): void {
    const { changeEveryMs } = this.#setting;
    running.process.clock.setTimer(between(this.#random, [0, 2 * changeEveryMs]), () => {
      if (this.#witness.isHealing) return;
      this.#tick(running);
      this.#live(running);
    });
  }

  #tick(running: Running): void {
    const { process, uplink, unsaved } = running;
    const step = nextStep(running.home, this.#random, process.clock.now(), uplink.clockQuality());
    running.home = step.home;
    const happened = { ...step, atMs: this.#setting.machine.time.now().monoMs };
    this.#witness.happened(happened);
    unsaved.push(happened);
    this.save();
  }

  /** Tries again what a full disk refused. */
  save(): void {
    const running = this.#running;
    if (!running?.process.isAlive) return;
    const { store, unsaved, uplink, process } = running;
    try {
      for (let next = unsaved[0]; next; next = unsaved[0]) {
        this.#witness.committing(next);
        const ids = store.commitTick(next.change);
        this.#witness.committed(ids);
        process.effect();
        if (ids.length > 0) uplink.notify();
        unsaved.shift();
      }
    } catch (error) {
      if (error instanceof Died) throw error;
      if (!(error instanceof HearthbeatError && error.retryable)) throw error;
      this.#witness.refused();
    }
  }

  #died(process: Process): void {
    const running = this.#running;
    if (running?.process !== process) return;
    this.#running = undefined;
    this.#witness.died();
    running.link.die(this.#random.fraction() < 0.5);
    this.#setting.machine.time.setTimer(between(this.#random, BOOTS_WITHIN_MS), () => this.boot());
  }

  #effectsToLive(): number {
    return lifetime(this.#faults.hubDies, this.#random);
  }

  /** The order in which entries come to be is the truth that the desk is measured by. */
  #insertIsSeen(): void {
    keepStatements(this.#db, {
      effect: () => this.#running?.process.effect(),
      inserted: (id, ses, kind, pos) => this.#witness.inserted(id, ses, kind, pos),
    });
  }
}

/** At which effect a process dies: geometrically distributed, never where the probability is 0. */
export function lifetime(probability: number, random: Random): number {
  return probability === 0 ? Number.POSITIVE_INFINITY : 1 + Math.floor(Math.log(1 - random.fraction()) / Math.log(1 - probability));
}

/** So that the tables need not be made in each life. */
const IMAGE_OF_A_NEW_HUB = imageOf(AGENT_MIGRATIONS);
const IMAGE_OF_AN_OLD_HUB = imageOf(MIGRATIONS_BEFORE);

function imageOf(migrations: typeof AGENT_MIGRATIONS): Buffer {
  const db = new Database(':memory:');
  for (const { sql } of migrations) db.exec(sql);
  return db.serialize();
}
