/**
 * From one tick of a run to the next that is not known beforehand to change nothing: between them devices live in their lanes (lane.ts), and so do the internet and the
 * services, up to the first thing that is the pipeline's affair.
 */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { Judging } from '../../src/agent/health/judge.ts';
import { livesIn } from '../../src/agent/health/life.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import type { AgentState } from '../../src/agent/state.ts';
import { dueBesidesAtMs, lookBackAtMs } from '../../src/replay/due.ts';
import { onGrid } from '../../src/replay/still.ts';
import type { Ears } from './ears.ts';
import { LAN } from './household.ts';
import type { HubTroubles } from './hub-troubles.ts';
import type { InternetLane } from './internet-lane.ts';
import type { Book } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { isPlainLookBack, lookBack } from './look-back.ts';
import type { Naming } from './naming.ts';
import type { ServicesLane } from './services-lane.ts';
import type { Strays } from './strays.ts';
import type { UnderWay } from './under-way.ts';
import { instant, type World } from './world.ts';

/** The run that is set forward, as it is now. */
export type Played = {
  readonly world: World;
  readonly troubles: HubTroubles;
  readonly strays: Strays;
  readonly naming: Naming;
  readonly lanes: Lanes;
  readonly services: ServicesLane;
  readonly internet: InternetLane;
  readonly underWay: UnderWay;
  readonly ears: Ears;
  readonly state: AgentState;
  /** Its records are written into while they are skipped over. */
  readonly book: Book;
  /** When what was just learned of a device begins to count. */
  readonly learnedAtMs: number;
  /** Until when every tick is played, because something was just called down. */
  readonly restlessUntilMs: number;
};

export class FastForward {
  readonly #run: Played;
  /** Before then nothing but a look back is known to be the pipeline's affair. */
  #quietUntilMs = 0;

  constructor(run: Played) {
    this.#run = run;
  }

  /** Lets everything live up to the next instant on the grid that is the pipeline's affair, and answers it. */
  from(nowMs: number): number {
    let untilMs = nowMs;
    do untilMs = this.#next(untilMs);
    while (this.#looksBack(untilMs));
    this.#run.services.settle(this.#run.state, untilMs);
    return untilMs;
  }

  /** Whether all that happened was a look back that is nobody else's affair. */
  #looksBack(atMs: number): boolean {
    const { ears, underWay, book, lanes } = this.#run;
    if (atMs >= this.#quietUntilMs || !isPlainLookBack(atMs)) return false;
    const nextMs = Math.min(onGrid(ears.speechAtMs), onGrid(underWay.wordAtMs), ears.lookAtMs, underWay.resultAtMs);
    return nextMs > atMs && lookBack(book, lanes, atMs);
  }

  #next(nowMs: number): number {
    const { state, world, lanes, book, internet, underWay, ears } = this.#run;
    this.#quietUntilMs = nowMs;
    const soonMs = nowMs + TICK_MS;
    if (this.#isRestless(nowMs)) return this.#released(soonMs);
    const pipelineMs = this.#pipelineAtMs(nowMs);
    const limitMs = Math.max(soonMs, Math.min(onGrid(pipelineMs), lookBackAtMs(nowMs)));
    // Without a link nothing is asked or heard.
    if (state.hub.links[LAN.name] !== true)
      return this.#released(this.#withResults(soonMs, Math.min(limitMs, underWay.wordAtMs, ears.lookAtMs)));
    const around = this.#surroundings(nowMs);
    this.#quietUntilMs = pipelineMs;
    const untilMs = this.#live(soonMs, Math.min(limitMs, Math.max(soonMs, onGrid(this.#newcomerAtMs()))), around);
    lanes.liveAllTo(untilMs, book, around);
    internet.skipTo(state.internet, world, untilMs);
    return untilMs;
  }

  /** Whether every tick is to be played for now. */
  #isRestless(nowMs: number): boolean {
    const { restlessUntilMs, naming, state, troubles } = this.#run;
    return nowMs < restlessUntilMs || this.#isWatched() || naming.isBusy(state, nowMs) || troubles.isBusy(nowMs);
  }

  /** A hold of what answers while its work does not counts only while it answers: each lost answer is its affair. */
  #isWatched(): boolean {
    for (const key of this.#run.state.holds.keys()) if (key.startsWith('service-down')) return true;
    return false;
  }

  /** When the pipeline has something to do besides the rounds of devices. */
  #pipelineAtMs(nowMs: number): number {
    const { state, world, strays, services, underWay, learnedAtMs, internet } = this.#run;
    return Math.min(
      dueBesidesAtMs(state, nowMs, STANDARD_POLICY),
      this.#hubChangesAtMs(nowMs),
      underWay.serviceAtMs,
      underWay.anchorAtMs,
      learnedAtMs,
      world.movesAtMs,
      strays.returnAtMs(nowMs),
      services.uncertainAtMs(state, nowMs),
      internet.uncertainAtMs(state.internet, world, nowMs),
    );
  }

  #hubChangesAtMs(nowMs: number): number {
    const { troubles, world } = this.#run;
    return Math.min(troubles.changesAtMs(nowMs), world.hubPort.silence.changesAtMs(nowMs), world.life.untilMs);
  }

  /** `untilMs`, with nothing under way in any lane. */
  #released(untilMs: number): number {
    this.#run.lanes.release(this.#run.book);
    return untilMs;
  }

  #withResults(soonMs: number, untilMs: number): number {
    return Math.max(soonMs, onGrid(Math.min(untilMs, this.#run.underWay.resultAtMs)));
  }

  /** Those without a lane are asked by the pipeline. */
  #newcomerAtMs(): number {
    const { book, lanes } = this.#run;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { deviceId, probing, nextProbeAtMs } of book.values())
      if (!probing && nextProbeAtMs < firstMs && !lanes.of(deviceId)) firstMs = nextProbeAtMs;
    return firstMs;
  }

  /** What lanes do by themselves, the earliest first, up to the first thing that is the pipeline's affair. */
  #live(soonMs: number, limitMs: number, around: Judging): number {
    const { lanes, ears, underWay, book } = this.#run;
    for (;;) {
      const untilMs = this.#withResults(soonMs, limitMs);
      const first = lanes.firstBefore(untilMs, soonMs);
      const atMs = first?.nextAtMs ?? untilMs;
      const [saidMs, readMs, lookMs] = [onGrid(ears.speechAtMs), onGrid(underWay.wordAtMs), onGrid(ears.lookAtMs)];
      // In a tick words are read first, and the hub looks around last.
      if (lookMs < Math.min(atMs, saidMs, readMs, untilMs)) this.#lookAround(lookMs, around);
      else if (saidMs <= Math.min(atMs, readMs) && saidMs < untilMs) this.#overhear(around);
      else if (readMs <= atMs && readMs < untilMs) {
        if (!this.#reads(readMs, around)) return Math.max(soonMs, readMs);
      } else if (!first) return untilMs;
      else if (first.isPublic) return Math.max(soonMs, atMs);
      else first.liveTo(atMs + TICK_MS, book, around);
    }
  }

  /** All ask first what they ask in the same tick. */
  #lookAround(atMs: number, around: Judging): void {
    const { lanes, ears, book } = this.#run;
    lanes.liveAllTo(atMs + 1, book, around);
    ears.lookAround(false, atMs);
  }

  #overhear(around: Judging): void {
    const { lanes, ears, book } = this.#run;
    ears.overhear((dweller, readyMs) => lanes.at(dweller)?.liveTo(readyMs - 1, book, around));
  }

  /** Words in between: the lanes of whoever said them take them at once, and the pipeline reads them when it ticks next. False where it must tick for them. */
  #reads(atMs: number, around: Judging): boolean {
    const { lanes, underWay, book, state } = this.#run;
    const then = this.#surroundings(atMs);
    return underWay.liveWords(atMs, ({ sighting, dweller }) => {
      const lane = lanes.at(dweller);
      lane?.liveTo(atMs - 1, book, around);
      const [life] = sighting.method === 'neighbour' ? livesIn([sighting], state.inventory) : [];
      if (!life || !lane?.hears(life, book, then)) return false;
      dweller.heardMs = Math.max(dweller.heardMs, sighting.at.monoMs);
      return true;
    });
  }

  #surroundings(nowMs: number): Judging {
    const { book, hub, hearing, doubt, wiring, inventory } = this.#run.state;
    return { book, hub, hearing, doubt, parents: wiring.parents, devices: inventory.devices, policy: STANDARD_POLICY, now: instant(nowMs) };
  }
}
