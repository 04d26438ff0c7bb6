/**
 * Hubs, a broker and a desk, with the server of its database where it has one, as processes of their own on loopback, killed with SIGKILL again and again at moments that a seed draws: while they
 * start, say hello, are granted a session, drain, commit, or hear an acknowledgement. In the end everything runs, the homes are quiet, and what
 * the desk has is compared with what the hubs committed.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { openDeskPostgres } from '../../src/platform/desk-postgres.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { between, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { configureMosquitto, freePort, MOSQUITTO, QUEUE_EVERYTHING } from '../fakes/mosquitto-program.ts';
import { type Cluster, makeCluster } from '../fakes/postgres-program.ts';
import type { DeskArguments } from './desk-process.ts';
import type { HubArguments } from './hub-memory.ts';
import type { Hurry } from './hurried-clock.ts';
import { judge, type Verdict } from './judge.ts';
import { Mortal } from './mortal.ts';

export type Victim = 'hub' | 'desk' | 'broker' | 'database';
export const MOMENTS = ['start', 'hello', 'grant', 'drain', 'commit', 'ack'] as const;
type Moment = (typeof MOMENTS)[number];

export type DeathsPlan = {
  /** `busy`: hubs that are store and uplink alone, with an entry every few milliseconds. `whole`: the whole agent in a simulated home. */
  readonly hub: 'busy' | 'whole';
  readonly victims: readonly Victim[];
  /** What the desk keeps its tables in; only a server can be killed by itself. */
  readonly database?: 'postgres';
  /** So many at once on one database; the broker lets in the one that came last. One, unless said otherwise. */
  readonly desks?: number;
  readonly kills: number;
  readonly hubs: number;
  readonly seed: string;
  /** Empty and of our own: databases, logs, the broker's configuration. */
  readonly folder: string;
};

export type DeathsOutcome = Verdict & {
  readonly kills: Readonly<Record<Victim, number>>;
  /** At which moment hubs were killed; `waiting` where the moment did not come. */
  readonly moments: Readonly<Partial<Record<Moment | 'waiting', number>>>;
  /** What should not have happened beside: a process that ended by itself, a hub that did not get rid of everything. */
  readonly faults: readonly string[];
  readonly seconds: number;
};

/** Waits of hub and desk are so much shorter than in life. */
const SPEED = 20;
/** A process that is killed while it starts has not got further than this. */
const START_MS = 350;
/** After the moment it was waited for; a commit takes about one millisecond, an acknowledgement less. */
const AFTER_MS = 6;
const MOMENT_WITHIN_MS = 3_000;
const DESK_LIFE_MS = 400;
const DESK_AFTER_MS = 60;
const BROKER_AFTER_MS = 120;
const DATABASE_AFTER_MS = 60;
const HEALED_WITHIN_MS = 120_000;

export async function playDeaths(plan: DeathsPlan): Promise<DeathsOutcome> {
  const beganMs = performance.now();
  const world = await World.make(plan);
  try {
    await world.warmUp();
    await world.killAll();
    await world.heal();
    await world.rest();
    return { ...(await world.outcome()), seconds: (performance.now() - beganMs) / 1000 };
  } finally {
    await world.end();
  }
}

/** What is wrong with an outcome, in words; nothing when all is well. */
export function faultsOf(outcome: DeathsOutcome): string[] {
  const wrong = (['lost', 'doubled', 'invented', 'outOfOrder', 'wrongAlerts', 'wrongStates'] as const).filter(
    (name) => outcome[name] !== 0,
  );
  return [
    ...wrong.map((name) => `${name}: ${outcome[name]}`),
    ...(outcome.emitted === 0 ? ['nothing was committed'] : []),
    ...outcome.faults,
  ];
}

type Home = { readonly hub: Mortal; readonly folder: string; readonly site: string; readonly random: Random; lives: number };

class World {
  readonly #plan: DeathsPlan;
  readonly #random: Random;
  readonly #hurry: Hurry = { speed: SPEED, epochMs: Date.now() };
  readonly #url: string;
  readonly #brokerConfig: string;
  readonly #deskFolder: string;
  readonly #broker = new Mortal('broker', MOSQUITTO);
  readonly #desks: readonly Mortal[];
  readonly #database: (Cluster & { readonly server: Mortal }) | undefined;
  readonly #homes: readonly Home[];
  readonly #kills: Record<Victim, number> = { hub: 0, desk: 0, broker: 0, database: 0 };
  readonly #moments: Partial<Record<Moment | 'waiting', number>> = {};
  readonly #faults: string[] = [];
  readonly #left: Record<Victim, number>;

  static async make(plan: DeathsPlan): Promise<World> {
    return new World(plan, await freePort(), plan.database && (await makeCluster()));
  }

  private constructor(plan: DeathsPlan, port: number, cluster: Cluster | undefined) {
    this.#plan = plan;
    this.#left = shared(plan);
    this.#random = seededRandom(`${plan.seed}/${plan.victims.join()}`);
    this.#url = `mqtt://127.0.0.1:${port}`;
    this.#brokerConfig = configureMosquitto(plan.folder, port, ['allow_anonymous true', QUEUE_EVERYTHING]);
    this.#deskFolder = join(plan.folder, 'desk');
    const env = { ...process.env, NODE_COMPILE_CACHE: join(plan.folder, 'compiled') };
    this.#desks = Array.from({ length: plan.desks ?? 1 }, (_, i) => new Mortal(`desk ${i}`, process.execPath, env));
    this.#database = cluster && { ...cluster, server: new Mortal('database', cluster.command, env, cluster.folder) };
    this.#homes = Array.from({ length: plan.hubs }, (_, i) => {
      const folder = join(plan.folder, `hub-${i}`);
      mkdirSync(folder);
      const site = newRandomId(this.#random);
      return { hub: new Mortal(`hub ${i}`, process.execPath, env), folder, site, random: fork(this.#random), lives: 0 };
    });
  }

  /** Compiles what every later life only loads. */
  async warmUp(): Promise<void> {
    this.#startBroker();
    this.#startDatabase();
    this.#startDesk(0);
    const [first] = this.#homes;
    if (first) this.#startHub(first);
    const isUp = (await this.#desks[0]?.says('ready', { withinMs: 30_000 })) && (await first?.hub.says('ack', { withinMs: 30_000 }));
    if (!isUp) throw new Error(`hub and desk do not find each other: ${this.#allFaults().join('\n')}`);
    for (const home of this.#homes.slice(1)) this.#startHub(home);
    for (let other = 1; other < this.#desks.length; other++) this.#startDesk(other);
  }

  async killAll(): Promise<void> {
    const { victims } = this.#plan;
    const killers: Promise<void>[] = [];
    if (victims.includes('hub')) killers.push(...this.#homes.map((home) => this.#again('hub', () => this.#killHub(home))));
    if (victims.includes('desk')) killers.push(this.#again('desk', () => this.#killDesk()));
    if (victims.includes('broker')) killers.push(this.#again('broker', () => this.#killBroker()));
    if (victims.includes('database')) killers.push(this.#again('database', () => this.#killDatabase()));
    await Promise.all(killers);
  }

  /** Nobody is killed any more and nothing happens at home: what was committed must arrive. */
  async heal(): Promise<void> {
    await Promise.all(
      this.#homes.map(async (home) => {
        await home.hub.end('SIGKILL');
        this.#startHub(home, true);
        const isEmpty = await home.hub.says('empty', { withinMs: HEALED_WITHIN_MS });
        if (!isEmpty) this.#faults.push(`${home.hub.name} still has something to tell after ${HEALED_WITHIN_MS / 1000} s`);
      }),
    );
  }

  /** Nothing runs any more but the server of the database, which is to be read. */
  async rest(): Promise<void> {
    await Promise.all(this.#homes.map(({ hub }) => hub.end('SIGKILL')));
    await Promise.all(this.#desks.map((desk) => desk.end('SIGTERM')));
    await this.#broker.end('SIGTERM');
  }

  async end(): Promise<void> {
    await this.rest();
    await this.#database?.server.end('SIGQUIT');
    if (this.#database) rmSync(this.#database.folder, { recursive: true, force: true });
  }

  async outcome(): Promise<Omit<DeathsOutcome, 'seconds'>> {
    const file = join(this.#deskFolder, 'desk.db');
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const desk = await (this.#database ? openDeskPostgres(this.#database.place, { clock: systemClock, log }) : openDeskDatabase(file));
    try {
      return { ...(await judge(this.#homes, desk)), kills: this.#kills, moments: this.#moments, faults: this.#allFaults() };
    } finally {
      await desk.destroy();
    }
  }

  async #again(victim: Victim, kill: () => Promise<void>): Promise<void> {
    while (this.#left[victim] > 0) {
      this.#left[victim]--;
      await kill();
      this.#kills[victim]++;
    }
  }

  async #killHub(home: Home): Promise<void> {
    const moment = await this.#momentOf(home);
    this.#moments[moment] = (this.#moments[moment] ?? 0) + 1;
    await home.hub.end('SIGKILL');
    this.#startHub(home);
  }

  async #momentOf({ hub, random }: Home): Promise<Moment | 'waiting'> {
    const moment = MOMENTS[Math.floor(random.fraction() * MOMENTS.length)] ?? 'start';
    if (moment === 'start') {
      await sleep(between(random, [0, START_MS]));
      return moment;
    }
    const times = moment === 'commit' || moment === 'ack' ? 1 + Math.floor(random.fraction() * 10) : 1;
    const isThere = await hub.says(moment, { times, withinMs: MOMENT_WITHIN_MS });
    await sleep(between(random, [0, AFTER_MS]));
    return isThere ? moment : 'waiting';
  }

  /** While it starts, at any moment of a short life, or mostly soon after a hub heard that it works. */
  async #killDesk(): Promise<void> {
    const random = this.#random;
    const which = Math.floor(random.fraction() * this.#desks.length);
    const desk = this.#desks[which] as Mortal;
    const chance = random.fraction();
    if (chance < 0.2) await sleep(between(random, [0, START_MS]));
    else {
      await desk.says('ready', { withinMs: 10 * MOMENT_WITHIN_MS });
      if (chance < 0.4) await sleep(between(random, [0, DESK_LIFE_MS]));
      else await this.#anotherWord('ack', DESK_AFTER_MS);
    }
    await desk.end('SIGKILL');
    this.#startDesk(which);
  }

  /** Mosquitto says nothing of itself: a hub tells that it was there. */
  async #killBroker(): Promise<void> {
    const random = this.#random;
    const word = (['hello', 'grant', 'drain', 'ack'] as const)[Math.floor(random.fraction() * 4)] ?? 'ack';
    if (random.fraction() < 0.8) await this.#anotherWord(word, BROKER_AFTER_MS);
    else await sleep(between(random, [0, BROKER_AFTER_MS]));
    await this.#broker.end('SIGKILL');
    this.#startBroker();
  }

  /** Mostly as by a power cut, at times as an administrator stops it; mostly soon after a hub heard that something was stored. */
  async #killDatabase(): Promise<void> {
    const random = this.#random;
    if (random.fraction() < 0.8) await this.#anotherWord('ack', DATABASE_AFTER_MS);
    else await sleep(between(random, [0, DESK_LIFE_MS]));
    await this.#database?.server.end(random.fraction() < 0.8 ? 'SIGQUIT' : 'SIGINT');
    this.#startDatabase();
  }

  /** Until some hub says it from now on, and up to `afterMs` more. */
  async #anotherWord(word: string, afterMs: number): Promise<void> {
    const random = this.#random;
    const { hub } = this.#homes[Math.floor(random.fraction() * this.#homes.length)] as Home;
    await hub.says(word, { times: hub.timesSaid(word) + 1, withinMs: MOMENT_WITHIN_MS });
    await sleep(between(random, [0, afterMs]));
  }

  #startBroker(): void {
    this.#broker.start(['-c', this.#brokerConfig]);
  }

  #startDatabase(): void {
    this.#database?.server.start(this.#database.args);
  }

  #startDesk(which: number): void {
    const { place: database } = this.#database ?? {};
    const folder = which === 0 ? this.#deskFolder : `${this.#deskFolder}-${which}`;
    const args: DeskArguments = { folder, url: this.#url, hurry: this.#hurry, database };
    this.#desks[which]?.start(program('desk-process.ts', args));
  }

  #startHub(home: Home, isQuiet = false): void {
    const { folder, site } = home;
    const seed = `${this.#plan.seed}/${home.hub.name}/${home.lives++}`;
    const file = this.#plan.hub === 'whole' ? 'agent-process.ts' : 'hub-process.ts';
    home.hub.start(program(file, { folder, site, url: this.#url, hurry: this.#hurry, seed, isQuiet } satisfies HubArguments));
  }

  #allFaults(): string[] {
    const servers = [this.#broker, ...this.#desks, ...(this.#database ? [this.#database.server] : [])];
    return [...this.#faults, ...[...servers, ...this.#homes.map(({ hub }) => hub)].flatMap(({ faults }) => faults)];
  }
}

/** To each kind of victim its part of the kills. */
function shared({ victims, kills }: DeathsPlan): Record<Victim, number> {
  const part = (victim: Victim): number => {
    const at = victims.indexOf(victim);
    return at < 0 ? 0 : Math.floor((kills + at) / victims.length);
  };
  return { hub: part('hub'), desk: part('desk'), broker: part('broker'), database: part('database') };
}

function program(file: string, args: object): string[] {
  return ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, file), JSON.stringify(args)];
}
