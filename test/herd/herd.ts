/**
 * Many hubs in this process, each with the real store in memory, uplink and MQTT link; one real mosquitto and one real desk. The broker goes away
 * for hours in which every home makes its entries, and comes back. Waits before and after are played in full: how hubs wait does not change any
 * more once they have reached the longest wait, so the middle of the absence is leapt over.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createUplink, type Uplink } from '../../src/agent/outbox/uplink.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import type { Instant } from '../../src/base/clock.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { MqttLink } from '../../src/base/mqtt.ts';
import type { DeskStatus } from '../../src/desk/status.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { alertOf, clearedEntry, healthOf, idOf, NOTHING, QUIET_SITE, raisedEntry, stateEntry } from '../builders/entries.ts';
import type { LoggedEntry } from '../deaths/commit-log.ts';
import { judgeEntries } from '../deaths/judge.ts';
import { Mortal } from '../deaths/mortal.ts';
import { configureMosquitto, freePort, MOSQUITTO, untilListening } from '../fakes/mosquitto-program.ts';
import type { DeskArguments } from './desk-process.ts';
import { LeapingClock } from './leaping-clock.ts';

export type HerdPlan = {
  readonly hubs: number;
  readonly awayMs: number;
  /** Entries that each home makes in that time; every twentieth home makes `busyFactor` times as many. */
  readonly entries: number;
  readonly busyFactor: number;
  /** Messages that the broker keeps for a desk that is slow before it throws them away; 0: all. By default it is 1000, which our configuration changes. */
  readonly brokerQueue: number;
  /** How much faster than life hubs wait for the broker, and how much faster its return is played: 1 where figures are to be believed. */
  readonly waitSpeed: number;
  readonly returnSpeed: number;
  readonly folder: string;
  readonly onProgress?: (line: string) => void;
};

/** Times in seconds of the hubs' own clock, from when the broker is back. */
export type HerdOutcome = {
  readonly backlog: number;
  /** How many hubs connected in each second. */
  readonly connectsPerS: readonly number[];
  readonly deskBackAfterS: number;
  /** When each hub had told everything, sorted; and how long that took from its grant on, of the homes with the usual backlog and the busy ones. */
  readonly emptyAfterS: readonly number[];
  readonly drainS: readonly number[];
  readonly busyDrainS: readonly number[];
  readonly falseSilent: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly outOfOrder: number;
  readonly desk: DeskStatus & { readonly cpuMs: number };
};

/** By then every hub waits the longest time between two attempts. */
const TIRED_MS = 6 * 60_000;
/** The last attempts before the broker is back are played in full. */
const DAWN_MS = 90_000;
/** What was late at the faster pace has come before the broker is back. */
const CALM_MS = 10_000;
/** The desk's grace and the longest silence that it suffers. */
const WATCHED_AFTERWARDS_MS = 250_000;
const DRAINED_WITHIN_MS = 15 * 60_000;
const BUSY_EVERY = 20;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const LOOK_MS = 20;

export async function playHerd(plan: HerdPlan): Promise<HerdOutcome> {
  const herd = await Herd.make(plan);
  try {
    return await herd.play();
  } finally {
    await herd.end();
  }
}

/** A hub starves when it needs this many times longer than the median for the same backlog, and so many seconds longer. */
const STARVES = { factor: 3, s: 30 };
/**
 * Hubs that wait between 0 and 60 s, 30 s on average, and of whom nobody knows since when: a sixth of them comes within the first 5 s, fewer
 * in any later. Chance makes it a few standard deviations more.
 */
const BAR_S = 5;
const USUAL_SHARE = BAR_S / 30;
const DEVIATIONS = 5;

/** What is wrong with an outcome, in words; nothing when all is well. */
export function faultsOf(outcome: HerdOutcome): string[] {
  const { connectsPerS, emptyAfterS, drainS } = outcome;
  const wrong = (['lost', 'doubled', 'invented', 'outOfOrder', 'falseSilent'] as const).filter((name) => outcome[name] !== 0);
  const [median = 0, slowest = 0] = [drainS[drainS.length >> 1], drainS.at(-1)];
  const most = Math.max(...inBars(connectsPerS));
  const usual = emptyAfterS.length * USUAL_SHARE;
  return [
    ...wrong.map((name) => `${name}: ${outcome[name]}`),
    ...(emptyAfterS.every(Number.isFinite) ? [] : ['some hubs did not get rid of everything']),
    ...(slowest > median * STARVES.factor && slowest > median + STARVES.s
      ? [`the slowest drain took ${slowest} s, the median ${median} s`]
      : []),
    ...(most > usual + DEVIATIONS * Math.sqrt(usual) ? [`${most} of ${emptyAfterS.length} hubs connected within ${BAR_S} s`] : []),
  ];
}

/** How many connected in each 5 s. */
export function inBars(perS: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(perS.length / BAR_S) }, (_, i) => sum(perS.slice(i * BAR_S, (i + 1) * BAR_S)));
}

type Member = {
  readonly site: string;
  readonly isBusy: boolean;
  readonly store: AgentStore;
  readonly uplink: Uplink;
  readonly committed: LoggedEntry[];
  note(): void;
  grantedMs?: number | undefined;
  emptyMs?: number | undefined;
};

class Herd {
  readonly #plan: HerdPlan;
  readonly #clock: LeapingClock;
  readonly #url: string;
  readonly #config: string;
  readonly #deskFolder: string;
  readonly #desk: DeskChild;
  readonly #members: Member[] = [];
  /** When hubs connected, again and again those that were thrown out. */
  readonly #connects: number[] = [];
  readonly #broker = new Mortal('broker', MOSQUITTO);

  static async make(plan: HerdPlan): Promise<Herd> {
    return new Herd(plan, await freePort());
  }

  private constructor(plan: HerdPlan, port: number) {
    this.#plan = plan;
    this.#url = `mqtt://127.0.0.1:${port}`;
    this.#config = configureMosquitto(plan.folder, port, ['allow_anonymous true', `max_queued_messages ${plan.brokerQueue}`]);
    this.#deskFolder = join(plan.folder, 'desk');
    // What is played ends now: no instant of it lies in the future of this machine.
    const wallMs = Date.now() - plan.awayMs - 2 * 3_600_000;
    this.#clock = new LeapingClock(wallMs, plan.waitSpeed);
    this.#desk = new DeskChild({ folder: this.#deskFolder, url: this.#url, wallMs, speed: plan.waitSpeed });
  }

  async play(): Promise<HerdOutcome> {
    const { hubs, returnSpeed } = this.#plan;
    await this.#startBroker();
    await this.#desk.ready();
    for (let i = 0; i < hubs; i++) this.#addHub(i);
    await this.#until('all hubs are known', ({ uplink, store }) => uplink.isHeard() && store.outbox.waiting().count === 0, 10 * 60_000);
    this.#tell('all hubs are known; the broker goes away');
    await this.#beAway();
    this.#setSpeed(returnSpeed);
    await this.#pass(CALM_MS);
    const backlog = sum(this.#members.map(({ store }) => store.outbox.waiting().count));
    for (const member of this.#members) Object.assign(member, { grantedMs: undefined, emptyMs: undefined });
    this.#connects.length = 0;
    await this.#startBroker();
    const backMs = this.#clock.now().monoMs;
    this.#tell(`the broker is back; ${backlog} entries wait`);
    const deskBackAfterS = await this.#drain(backMs);
    this.#tell('everything is told');
    const desk = await this.#desk.status();
    await this.#pass(WATCHED_AFTERWARDS_MS);
    await this.end();
    return { backlog, deskBackAfterS, desk, ...this.#figures(backMs), ...this.#judged() };
  }

  async end(): Promise<void> {
    for (const { uplink } of this.#members) await uplink.stop();
    await this.#desk.end();
    await this.#broker.end('SIGKILL');
  }

  async #beAway(): Promise<void> {
    const { awayMs, entries, busyFactor } = this.#plan;
    await this.#broker.end('SIGKILL');
    await this.#pass(TIRED_MS);
    const leapMs = Math.max(0, awayMs - TIRED_MS - DAWN_MS);
    this.#clock.leap(leapMs);
    this.#desk.order(`leap ${leapMs}`);
    const { monoMs, wallMs } = this.#clock.now();
    for (const [i, member] of this.#members.entries()) {
      const count = entries * (member.isBusy ? busyFactor : 1);
      for (let n = 1; n <= count; n++) {
        const ago = leapMs * (1 - n / count);
        commitSomething(member, i + n, { monoMs: monoMs - ago, wallMs: Math.round(wallMs - ago) });
      }
      // A turn for the timers of the others.
      if (i % 10 === 0) await sleep(0);
    }
    this.#tell(`${(leapMs / 3_600_000).toFixed(1)} h are over`);
    await this.#pass(DAWN_MS);
  }

  /** Until nobody has anything left; answers when the desk was there again, in seconds after `backMs`. */
  async #drain(backMs: number): Promise<number> {
    let deskBackMs: number | undefined;
    await this.#until(
      'everything is told',
      (member) => {
        const nowMs = this.#clock.now().monoMs;
        if (member.uplink.isHeard()) member.grantedMs ??= nowMs;
        if (member.grantedMs !== undefined) deskBackMs ??= nowMs;
        if (member.grantedMs !== undefined && member.store.outbox.waiting().count === 0) member.emptyMs ??= nowMs;
        return member.emptyMs !== undefined;
      },
      DRAINED_WITHIN_MS,
    );
    return ((deskBackMs ?? backMs) - backMs) / 1000;
  }

  #figures(backMs: number) {
    const after = (ms: number | undefined): number => ((ms ?? Number.POSITIVE_INFINITY) - backMs) / 1000;
    const drain = (busy: boolean): number[] =>
      sorted(this.#members.filter(({ isBusy }) => isBusy === busy).map(({ emptyMs, grantedMs }) => after(emptyMs) - after(grantedMs)));
    const connects: number[] = [];
    for (const second of this.#connects.map((ms) => Math.floor(after(ms)))) connects[second] = (connects[second] ?? 0) + 1;
    return {
      connectsPerS: Array.from(connects, (count) => count ?? 0),
      emptyAfterS: sorted(this.#members.map(({ emptyMs }) => after(emptyMs))),
      drainS: drain(false),
      busyDrainS: drain(true),
    };
  }

  #judged() {
    const db = new Database(join(this.#deskFolder, 'desk.db'), { readonly: true });
    const stored = db.prepare<[string], LoggedEntry>('SELECT id, ses, pos, kind FROM event WHERE site_id = ? ORDER BY ses, pos');
    const verdicts = this.#members.map(({ site, committed }) => judgeEntries({ entries: committed }, stored.all(site)));
    const falseSilent = db.prepare<[], number>("SELECT count(*) FROM alert WHERE code = 'hub-silent'").pluck().get() ?? 0;
    db.close();
    const total = (name: 'lost' | 'doubled' | 'invented' | 'outOfOrder'): number => sum(verdicts.map((verdict) => verdict[name]));
    return { falseSilent, lost: total('lost'), doubled: total('doubled'), invented: total('invented'), outOfOrder: total('outOfOrder') };
  }

  #addHub(number: number): void {
    const clock = this.#clock;
    const random = systemRandom;
    const [site, start] = [newRandomId(random), newRandomId(random)];
    const db = new Database(IMAGE_OF_A_NEW_HUB);
    const store = createAgentStore(db, { random, start });
    const since = db.prepare<[number], LoggedEntry>('SELECT pos, ses, id, kind FROM outbox WHERE pos > ? ORDER BY pos');
    const committed: LoggedEntry[] = [];
    const note = (): void => void committed.push(...since.all(committed.at(-1)?.pos ?? 0));
    const outbox: typeof store.outbox = {
      ...store.outbox,
      commitSnapshot(...snapshot) {
        store.outbox.commitSnapshot(...snapshot);
        note();
      },
    };
    const link = createMqttLink({ urls: [this.#url], clientId: site, clock, random, log: SILENT });
    const uplink = createUplink({
      link: watched(link, () => this.#connects.push(clock.now().monoMs)),
      outbox,
      clock,
      random,
      log: SILENT,
      identity: { site, start, version: '0', heartbeatS: 30 },
      counts: () => ({ up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
      snapshot: () => ({ site: QUIET_SITE, devices: [], alerts: store.load().alerts }),
      acknowledge: () => false,
      remember: () => false,
    });
    const member: Member = { site, isBusy: number % BUSY_EVERY === 0, store, uplink, committed, note };
    this.#members.push(member);
    uplink.start();
  }

  #setSpeed(speed: number): void {
    this.#clock.setSpeed(speed);
    this.#desk.order(`speed ${speed}`);
  }

  async #startBroker(): Promise<void> {
    this.#broker.start(['-c', this.#config]);
    await untilListening(Number(new URL(this.#url).port));
  }

  async #pass(ms: number): Promise<void> {
    const untilMs = this.#clock.now().monoMs + ms;
    while (this.#clock.now().monoMs < untilMs) await sleep(LOOK_MS);
  }

  async #until(what: string, isSo: (member: Member) => boolean, withinMs: number): Promise<void> {
    const untilMs = this.#clock.now().monoMs + withinMs;
    let missing = this.#members;
    while (missing.length > 0 && this.#clock.now().monoMs < untilMs) {
      await sleep(LOOK_MS);
      missing = missing.filter((member) => !isSo(member));
    }
    if (missing.length > 0) this.#tell(`waited in vain until ${what}: ${missing.length} hubs are missing`);
  }

  #tell(line: string): void {
    this.#plan.onProgress?.(line);
  }
}

/** An alert is raised, a state changes, the alert is cleared ... as a tick saves it. */
function commitSomething({ store, note }: Member, n: number, at: Instant): void {
  const key = `device-down:${idOf(n % 5)}`;
  const kind = n % 4;
  const firing = kind === 0 || kind === 2 ? store.load().alerts.find((alert) => alert.key === key) : undefined;
  const alert = firing ? { ...firing, clearedAt: at.wallMs } : alertOf(key, at);
  const state = n % 2 === 0 ? 'up' : 'down';
  if (kind === 0) store.commitTick({ ...NOTHING, alerts: [alert], entries: [firing ? clearedEntry(firing, at) : raisedEntry(alert, at)] });
  else store.commitTick({ ...NOTHING, health: [healthOf(n % 5, state, at)], entries: [stateEntry(n % 5, state, at)] });
  note();
}

/** Calls `onConnected` whenever the broker has taken the connection. */
function watched(link: MqttLink, onConnected: () => void): MqttLink {
  return {
    ...link,
    start: (handlers) =>
      link.start({
        ...handlers,
        onState(state) {
          if (state.connected) onConnected();
          handlers.onState(state);
        },
      }),
  };
}

class DeskChild {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  constructor(options: DeskArguments) {
    const file = join(import.meta.dirname, 'desk-process.ts');
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  async ready(): Promise<void> {
    await once(this.#lines, 'line');
  }

  order(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async status(): Promise<HerdOutcome['desk']> {
    const answer = once(this.#lines, 'line');
    this.order('status');
    const [line] = (await answer) as [string];
    return JSON.parse(line.slice('status '.length));
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}

/** A new hub's database, so that not each hub makes the tables again. */
const IMAGE_OF_A_NEW_HUB = ((): Buffer => {
  const db = new Database(':memory:');
  for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  return db.serialize();
})();

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
