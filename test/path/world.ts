/**
 * One life of the whole path: hubs, lines, a broker and a desk in virtual time. First everything goes wrong that the seed draws (safety: what must hold at any
 * moment is looked at all the while), then nothing any more, and all must come together within a bounded time (liveness).
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../src/base/random.ts';
import { silenceLimitMs } from '../../src/desk/presence.ts';
import { between, exponential, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { idOf } from '../builders/entries.ts';
import { Broker, DESK, type Message } from './broker.ts';
import { DeskNode } from './desk.ts';
import { drawClocks, drawFaults, drawSetting, type Fault, type Faults, NO_FAULTS, type Setting } from './faults.ts';
import { HubNode } from './hub.ts';
import { HubWitness } from './hub-witness.ts';
import { brokenInHistory, brokenNow, differences, type Watched } from './judge.ts';
import { Machine, RIGHT_CLOCKS } from './machine.ts';

export type LifeOptions = {
  /** What rests whatever the seed says. */
  readonly without?: ReadonlySet<Fault>;
  readonly faultyMs?: number;
  /** The database of a desk that has heard nothing (desk.ts). */
  readonly emptyDesk: Buffer;
};

export type Life = {
  readonly broken: readonly string[];
  /** Of all that happened: the same seed gives the same. */
  readonly hash: string;
  readonly trace: readonly string[];
  readonly faults: Faults;
  readonly entries: number;
  /** Virtual seconds from the end of the faults until all agreed. */
  readonly healedInS: number;
};

export const FAULTY_MS = 120_000;
/** The longest wait before an entry is sent again is six minutes, and before a connection is tried again one; a snapshot may follow. */
const HEALED_WITHIN_MS = 10 * 60_000;
const LOOK_EVERY_MS = 5_000;
const PEOPLE_ACT_EVERY_MS = 7_000;
const STOPPED_MS = [1_000, 35_000] as const;
const MINUTE_MS = 60_000;
/** Of what is put back. */
const COPY_AGE_MS = [2_000, 80_000] as const;
const MOST_BROKEN = 12;
/** One for each class of entry. */
const GAPS_BESIDE = 5;
/** Of a cheap crystal. */
const DRIFT = 150e-6;
const ROUNDING_MS = 20;

export async function live(seed: string, options: LifeOptions): Promise<Life> {
  const world = new World(seed, options);
  try {
    return await world.live();
  } finally {
    world.close();
  }
}

class World {
  readonly #time = new VirtualClock();
  readonly #zeroAt = this.#time.now().wallMs;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #setting: Setting;
  readonly #faultyMs: number;
  readonly #broker: Broker;
  readonly #desk: DeskNode;
  readonly #watched: readonly Watched[];
  readonly #broken = new Set<string>();
  readonly #trace: string[] = [];
  /** Of the trace and of every message. */
  readonly #hash = createHash('sha256');
  /** When anything of a hub reached the machine of the desk last, and whether the desk called the hub silent. */
  readonly #heardAtMs = new Map<string, number>();
  readonly #silent = new Set<string>();
  #worstDelayMs = 0;
  #isHealing = false;

  constructor(seed: string, { without, faultyMs = FAULTY_MS, emptyDesk }: LifeOptions) {
    this.#random = seededRandom(`path ${seed}`);
    this.#faults = drawFaults(fork(this.#random), without);
    this.#setting = drawSetting(fork(this.#random));
    this.#faultyMs = faultyMs;
    this.#broker = new Broker(this.#time, fork(this.#random), this.#faults, {
      note: (what) => this.#note('broker', what),
      delivered: (client, message, isRetained) => this.#delivered(client, message, isRetained),
    });
    const deskClocks = { ...RIGHT_CLOCKS, partsPerMillion: between(fork(this.#random), [-50, 50]) };
    this.#desk = new DeskNode(new Machine(this.#time, deskClocks), this.#broker, fork(this.#random), this.#faults, emptyDesk);
    this.#watched = Array.from({ length: this.#setting.sites }, (_, n) => this.#hub(idOf(900 + n)));
  }

  async live(): Promise<Life> {
    this.#desk.boot();
    for (const { hub } of this.#watched) hub.boot();
    this.#plan();
    await this.#time.advance(this.#faultyMs);
    this.#heal();
    const healedInS = await this.#comeTogether();
    for (const watched of this.#watched) {
      this.#look(watched);
      this.#breaks(watched, brokenInHistory(watched, this.#desk, { zeroAt: this.#zeroAt, worstMs: this.#worstTimeMs() }));
      this.#breaks(watched, watched.witness.broken);
    }
    const entries = this.#watched.reduce((sum, { witness }) => sum + witness.entries.size, 0);
    const hash = this.#hash.digest('hex').slice(0, 16);
    return { broken: [...this.#broken].slice(0, MOST_BROKEN), hash, trace: this.#trace, faults: this.#faults, entries, healedInS };
  }

  close(): void {
    for (const { hub } of this.#watched) hub.close();
    this.#desk.close();
  }

  #hub(site: string): Watched {
    const own = fork(this.#random);
    const witness = new HubWitness(this.#time, this.#setting.heartbeatS, (what) => this.#note(site.slice(-3), what));
    const machine = new Machine(this.#time, drawClocks(own));
    const setting = { ...this.#setting, site, machine, broker: this.#broker, random: own };
    return { hub: new HubNode(setting, this.#faults, witness), witness };
  }

  #plan(): void {
    for (const watched of this.#watched) this.#planFor(watched);
    this.#recurring('brokerDies', (random) => this.#broker.die(between(random, [500, random.fraction() < 0.3 ? 90_000 : 20_000])));
    this.#recurring('brokerFlaps', (random) => this.#flap(2 + Math.floor(random.fraction() * 5)));
    this.#recurring('lineResets', () => this.#broker.reset(DESK));
    this.#recurring('lineHalfOpen', () => this.#broker.cut(DESK));
    this.#recurring('deskStops', (random) => this.#desk.process?.stop(between(random, STOPPED_MS)));
    this.#recurring('deskRestored', (random) => {
      this.#note(DESK, 'is copied');
      if (this.#desk.copy()) this.#later(between(random, COPY_AGE_MS), () => this.#restoreDesk());
    });
    const people = fork(this.#random);
    this.#every(PEOPLE_ACT_EVERY_MS, () => this.#desk.act(people));
    this.#every(20_000, () => this.#broker.save());
    this.#every(LOOK_EVERY_MS, () => {
      for (const watched of this.#watched) this.#look(watched);
    });
  }

  #planFor({ hub }: Watched): void {
    this.#recurring('hubRestarts', () => hub.restart());
    this.#recurring('hubStops', (random) => hub.stop(between(random, STOPPED_MS)));
    this.#recurring('hubRestored', (random) => {
      if (hub.takeImage()) this.#later(between(random, COPY_AGE_MS), () => hub.restoreImage((id) => this.#isAtDesk(hub.site, id)));
    });
    this.#recurring('hubDiskFull', (random) => this.#fillDisk(hub, between(random, [1_000, 60_000])));
    this.#recurring('hubClockSteps', (random) => hub.stepWall(between(random, [-1, 1]) * exponential(random, 3_600_000)));
    this.#recurring('lineResets', () => this.#broker.reset(hub.site));
    this.#recurring('lineHalfOpen', () => this.#broker.cut(hub.site));
  }

  /** Each kind of fault draws from a stream of its own, so that the others stay as they are where one rests. */
  #recurring(fault: Fault, strike: (random: Random) => void): void {
    const random = fork(this.#random);
    const rate = this.#faults[fault];
    const wait = (): void => {
      this.#time.setTimer(exponential(random, MINUTE_MS / rate), () => {
        if (this.#isHealing) return;
        strike(random);
        wait();
      });
    };
    if (rate > 0) wait();
  }

  /** Unless the faults are over by then. */
  #later(ms: number, strike: () => void): void {
    this.#time.setTimer(ms, () => {
      if (!this.#isHealing) strike();
    });
  }

  #every(ms: number, task: () => void): void {
    this.#time.setTimer(ms, () => {
      task();
      this.#every(ms, task);
    });
  }

  #flap(times: number): void {
    if (times === 0 || this.#isHealing) return;
    this.#broker.die(4_000);
    this.#time.setTimer(5_000, () => this.#flap(times - 1));
  }

  #fillDisk(hub: HubNode, forMs: number): void {
    hub.fillDisk(true);
    this.#time.setTimer(forMs, () => hub.fillDisk(false));
  }

  #restoreDesk(): void {
    this.#note(DESK, 'is put back');
    const lost = this.#desk.restore();
    // Else the very entry by which hubs find out that a database is older could be handed to it again by chance, which no broker does to a clean session.
    this.#broker.forgetPast();
    for (const { hub, witness } of this.#watched) witness.lostAtDesk(lost.filter(({ site_id }) => site_id === hub.site));
  }

  #isAtDesk(site: string, id: string): boolean {
    return this.#desk.rows('SELECT 1 FROM event WHERE site_id = ? AND id = ?', site, id)?.length === 1;
  }

  #heal(): void {
    this.#note('world', 'heals');
    this.#isHealing = true;
    this.#broker.heal(NO_FAULTS);
    this.#desk.heal(NO_FAULTS);
    for (const { hub, witness } of this.#watched) {
      witness.isHealing = true;
      hub.heal(NO_FAULTS);
    }
  }

  /** Seconds until all agree; what does not is noted as broken. */
  async #comeTogether(): Promise<number> {
    for (let healedMs = LOOK_EVERY_MS; healedMs <= HEALED_WITHIN_MS; healedMs += LOOK_EVERY_MS) {
      await this.#time.advance(LOOK_EVERY_MS);
      if (this.#watched.every((watched) => this.#agrees(watched))) return healedMs / 1_000;
    }
    for (const watched of this.#watched) {
      const { hub } = watched;
      if (!hub.isDone()) this.#breaks(watched, [`I4: ${hub.waiting()} entries wait ${HEALED_WITHIN_MS / 1_000} s after the last fault`]);
      this.#breaks(watched, differences(watched, this.#desk));
      const silent = this.#desk.rows("SELECT 1 FROM alert WHERE site_id = ? AND source = 'desk' AND cleared_at IS NULL", hub.site);
      if (silent?.length !== 0) this.#breaks(watched, ['I13: the hub is there and is still called silent']);
    }
    return HEALED_WITHIN_MS / 1_000;
  }

  #agrees(watched: Watched): boolean {
    const { hub } = watched;
    return hub.isDone() && this.#desk.presence(hub.site)?.phase === 'online' && differences(watched, this.#desk).length === 0;
  }

  #look(watched: Watched): void {
    const { hub } = watched;
    hub.process?.receive(() => hub.save());
    const most = this.#setting.limits.rows + GAPS_BESIDE;
    if (hub.waiting() > most) this.#breaks(watched, [`I17: ${hub.waiting()} entries wait, and there is room for ${most}`]);
    this.#breaks(watched, brokenNow(watched, this.#desk));
    this.#checkSilence(watched);
  }

  /** Only a hub of which nothing came for long enough may be called silent; what the desk had not read yet had come. */
  #checkSilence(watched: Watched): void {
    const { site } = watched.hub;
    const presence = this.#desk.presence(site);
    if (presence?.phase !== 'silent') {
      this.#silent.delete(site);
      return;
    }
    const quietMs = this.#time.now().monoMs - (this.#heardAtMs.get(site) ?? 0);
    if (!this.#silent.has(site) && quietMs < silenceLimitMs(presence) - LOOK_EVERY_MS)
      this.#breaks(watched, [`I13: called silent ${Math.round(quietMs / 1_000)} s after it was heard`]);
    this.#silent.add(site);
  }

  #delivered(client: string, { topic, payload }: Message, isRetained: boolean): void {
    this.#hash.update(`${this.#time.now().monoMs} ${payload}`);
    const [, , site = '', , channel] = topic.split('/');
    if (channel === 'grant') this.#note(site.slice(-3), `is granted ${/"ses":(\d+)/.exec(payload)?.[1]}`);
    if (client !== DESK) return;
    if (isRetained || payload.includes('"s":"offline"')) return;
    const now = this.#time.now().monoMs;
    this.#heardAtMs.set(site, now);
    if (channel === 'ev') return;
    const sentAtMs = this.#watched.find(({ hub }) => hub.site === site)?.witness.sentAtMs.get(payload);
    if (sentAtMs !== undefined) this.#worstDelayMs = Math.max(this.#worstDelayMs, now - sentAtMs);
  }

  #worstTimeMs(): number {
    const stoppedMs = this.#faults.deskStops > 0 ? STOPPED_MS[1] : 0;
    return this.#worstDelayMs + stoppedMs + (this.#faultyMs + HEALED_WITHIN_MS) * DRIFT + ROUNDING_MS;
  }

  #breaks({ hub }: Watched, what: readonly string[]): void {
    for (const one of what) {
      const line = `${hub.site.slice(-3)}: ${one}`;
      if (!this.#broken.has(line)) this.#note('BROKEN', line);
      this.#broken.add(line);
    }
  }

  #note(who: string, what: string): void {
    const line = `${(this.#time.now().monoMs / 1_000).toFixed(3)} ${who} ${what}`;
    this.#trace.push(line);
    this.#hash.update(line);
  }
}
