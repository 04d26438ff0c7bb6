/**
 * Wired devices on a LAN that loses packets: first minutes in which nothing happens, then one after another dies and comes back. Tells when
 * the agent called which device down, rightly or wrongly. Judges nothing: that is for scripts/bench-kills.ts.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { DeviceView } from '../../src/agent/diagnostics/view.ts';
import { isDeviceKind, kindTraits } from '../../src/agent/inventory/kinds.ts';
import type { Random } from '../../src/base/random.ts';
import type { HealthState } from '../../src/protocol/messages.ts';
import { makesPersonalDevices } from '../../src/protocol/personal-makers.ts';
import { between } from '../../src/simulation/seeded-random.ts';
import { type Lab, startLab } from './harness.ts';
import { type HostRow, tableOf } from './host-table.ts';
import { askProgram, optionsFor, startProgram } from './whole-path.ts';

export type KillsPlan = {
  readonly hosts: number;
  /** Of the frames that cross the switch, ARP among them, in each direction. */
  readonly lossPercent: number;
  readonly quietMinutes: number;
  readonly kills: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
};

/** A device that died. Undefined `downAfterMs`: it was revived before anybody noticed. `promisedMs`: what the agent promised of it then. */
export type Kill = {
  readonly host: string;
  readonly deviceId: string;
  readonly at: number;
  readonly profile: DeviceView['profile'];
  readonly promisedMs: number;
  downAfterMs?: number;
  /** What it said then. */
  reason?: string;
  revivedAt?: number;
};

/** The agent called a device down that lived. */
export type FalseDown = { readonly host: string; readonly at: number; readonly reason: string; readonly isInQuiet: boolean };

export type KillsOutcome = {
  readonly hosts: number;
  /** Of them those whose silence is a fault. */
  readonly watched: number;
  readonly quietMs: number;
  readonly killingMs: number;
  readonly kills: readonly Kill[];
  readonly falseDowns: readonly FalseDown[];
};

/** First answers by every way, names, and a link that is judged. */
const LEARNING_MS = 90_000;
/** A third silence beside two would be a third of what makes a crowd (agent/health/mass-silence.ts); the house has dozens. */
const MOST_AT_ONCE = 2;
const SPACING_MS = [5_500, 7_500] as const;
const STAYS_DEAD_MS = [0, 5_000] as const;
const NOTICED_WITHIN_MS = 60_000;
const BACK_WITHIN_MS = 60_000;
/** It has been up for so long when it dies again. */
const LIVES_MS = 45_000;
const LOOK_MS = 250;

type Victim = { readonly host: string; readonly deviceId: string; readonly profile: DeviceView['profile'] };

export async function playKills(folder: string, plan: KillsPlan): Promise<KillsOutcome> {
  const lab = await startLab({ hosts: plan.hosts, table: tableOf(path.join(folder, 'hosts.tsv'), isWatched) });
  const options = optionsFor(folder, 'agent');
  try {
    await lab.fault('loss-all', plan.lossPercent);
    const agent = startProgram(lab, 'hub', ['agent', ...options]);
    try {
      await sleep(LEARNING_MS, undefined, { signal: plan.signal });
      return await new Killing(lab, plan, await watchedIn(lab, options), new VerdictLog(path.join(folder, 'agent/agent.db'))).play();
    } finally {
      await agent.end();
    }
  } finally {
    await lab.down();
  }
}

/** The silence of what sleeps, is switched off or is somebody's own is no fault, whatever killed it. */
function isWatched({ vendor, kind }: HostRow): boolean {
  return isDeviceKind(kind) && !kindTraits(kind).personal && kindTraits(kind).power === 'always' && !makesPersonalDevices(vendor);
}

async function watchedIn(lab: Lab, options: readonly string[]): Promise<Victim[]> {
  const { devices } = await askProgram<{ devices: DeviceView[] }>(lab, ['device', 'list', ...options]);
  const { hosts } = await lab.truth();
  return hosts.flatMap(({ name, ip, source }) => {
    const known = devices.find(({ ips }) => ips.includes(String(ip)));
    // No figure at all where silence is no fault.
    return source === 'plain' && known?.reportAfterMs !== undefined ? [{ host: name, deviceId: known.id, profile: known.profile }] : [];
  });
}

class Killing {
  readonly #kills: Kill[] = [];
  readonly #lab: Lab;
  readonly #plan: KillsPlan;
  readonly #watched: readonly Victim[];
  readonly #log: VerdictLog;

  constructor(lab: Lab, plan: KillsPlan, watched: readonly Victim[], log: VerdictLog) {
    this.#lab = lab;
    this.#plan = plan;
    this.#watched = watched;
    this.#log = log;
  }

  async play(): Promise<KillsOutcome> {
    const { quietMinutes, hosts, onProgress } = this.#plan;
    const quietFrom = Date.now();
    onProgress(`${this.#watched.length} of ${hosts} hosts are watched; ${quietMinutes} quiet minutes`);
    for (let minute = 1; minute <= quietMinutes; minute++) {
      await this.#pause(60_000);
      if (minute % 5 === 0) onProgress(`${minute} quiet minutes, ${this.#falseDowns(quietFrom).length} false downs`);
    }
    const killingFrom = Date.now();
    await this.#killAll();
    const outcome = {
      hosts,
      watched: this.#watched.length,
      quietMs: killingFrom - quietFrom,
      killingMs: Date.now() - killingFrom,
      kills: this.#kills,
      falseDowns: this.#falseDowns(quietFrom).map((one) => ({ ...one, isInQuiet: one.at < killingFrom })),
    };
    this.#log.close();
    return outcome;
  }

  async #killAll(): Promise<void> {
    const { kills, random, onProgress } = this.#plan;
    const underWay = new Set<Promise<void>>();
    for (let killed = 0; killed < kills; ) {
      const victim = this.#nextVictim();
      if (!victim) {
        await this.#pause(LOOK_MS);
        continue;
      }
      const life = this.#kill(victim).finally(() => underWay.delete(life));
      underWay.add(life);
      if (++killed % 10 === 0) onProgress(`${killed} of ${kills} killed, slowest ${slowest(this.#kills)}`);
      await this.#pause(between(random, SPACING_MS));
    }
    await Promise.all(underWay);
  }

  /** One that has been well for a while; none while enough are dying. */
  #nextVictim(): Victim | undefined {
    const dying = this.#kills.filter(({ downAfterMs, revivedAt }) => downAfterMs === undefined && revivedAt === undefined);
    if (dying.length >= MOST_AT_ONCE) return undefined;
    const well = this.#watched.filter(({ deviceId }) => {
      const last = this.#kills.findLast((kill) => kill.deviceId === deviceId);
      const { state, at } = this.#log.newestOf(deviceId);
      return state === 'up' && (last === undefined || (this.#isUpSince(deviceId, last.revivedAt) && Date.now() - at > LIVES_MS));
    });
    return well[Math.floor(this.#plan.random.fraction() * well.length)];
  }

  async #kill(victim: Victim): Promise<void> {
    const kill: Kill = { ...victim, promisedMs: this.#log.promisedOf(victim.deviceId), at: Date.now() };
    this.#kills.push(kill);
    await this.#lab.fault('unplug', victim.host);
    const down = await this.#within(NOTICED_WITHIN_MS, () =>
      this.#log.read().findLast(({ deviceId, state, at }) => deviceId === victim.deviceId && state === 'down' && at >= kill.at),
    );
    if (down) {
      kill.downAfterMs = down.at - kill.at;
      kill.reason = down.reason;
    }
    await this.#pause(between(this.#plan.random, STAYS_DEAD_MS));
    kill.revivedAt = Date.now();
    await this.#lab.fault('replug', victim.host);
    await this.#within(BACK_WITHIN_MS, () => this.#isUpSince(victim.deviceId, kill.revivedAt));
  }

  #isUpSince(deviceId: string, since: number | undefined): boolean {
    const { state, at } = this.#log.newestOf(deviceId);
    return since !== undefined && state === 'up' && at >= since;
  }

  #falseDowns(since: number): Omit<FalseDown, 'isInQuiet'>[] {
    const isDead = (deviceId: string, at: number): boolean =>
      this.#kills.some((kill) => kill.deviceId === deviceId && at >= kill.at && at <= (kill.revivedAt ?? Number.POSITIVE_INFINITY));
    const hostOf = new Map(this.#watched.map(({ deviceId, host }) => [deviceId, host]));
    return this.#log
      .read()
      .filter(({ deviceId, state, at }) => state === 'down' && at >= since && !isDead(deviceId, at))
      .map(({ deviceId, at, reason }) => ({ host: hostOf.get(deviceId) ?? deviceId, at, reason }));
  }

  async #within<T>(ms: number, ask: () => T): Promise<T | undefined> {
    for (const until = performance.now() + ms; performance.now() < until; ) {
      const answer = ask();
      if (answer) return answer;
      await this.#pause(LOOK_MS);
    }
    return undefined;
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#plan.signal });
  }
}

type Verdict = {
  readonly id: number;
  readonly deviceId: string;
  readonly state: HealthState;
  readonly at: number;
  readonly reason: string;
};

/** What the agent decided, each as it was saved in the tick that decided it. */
class VerdictLog {
  readonly #db: Database.Database;
  readonly #verdicts: Verdict[] = [];

  constructor(file: string) {
    this.#db = new Database(file, { readonly: true });
  }

  /** All so far, in their order. */
  read(): readonly Verdict[] {
    const rows = this.#db
      .prepare<[number], Verdict>(
        'SELECT id, device_id AS deviceId, state, since_at AS at, reason FROM transition WHERE id > ? ORDER BY id',
      )
      .all(this.#verdicts.at(-1)?.id ?? 0);
    this.#verdicts.push(...rows);
    return this.#verdicts;
  }

  newestOf(device: string): Pick<Verdict, 'state' | 'at'> {
    return this.read().findLast(({ deviceId }) => deviceId === device) ?? { state: 'unknown', at: 0 };
  }

  /** How soon the agent says that it would notice a failure of this device. */
  promisedOf(device: string): number {
    return this.#db.prepare<[string], number>('SELECT detect_within_ms FROM health WHERE device_id = ?').pluck().get(device) ?? Number.NaN;
  }

  close(): void {
    this.#db.close();
  }
}

function slowest(kills: readonly Kill[]): string {
  const times = kills.flatMap(({ downAfterMs }) => downAfterMs ?? []);
  return times.length === 0 ? 'not yet' : `${(Math.max(...times) / 1000).toFixed(1)} s`;
}
