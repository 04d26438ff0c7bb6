/** What the hub hears: what starts or says a word now and then, whoever answers a look around, and who has the address of another by now. */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { Sighting } from '../../src/agent/discovery/sighting.ts';
import { decideLook, lookDueAtMs, NO_LOOKS } from '../../src/agent/health/looks.ts';
import { onGrid } from '../../src/replay/still.ts';
import type { HubTroubles } from './hub-troubles.ts';
import type { Lanes } from './lanes.ts';
import type { UnderWay } from './under-way.ts';
import type { Dweller, Speech, World } from './world.ts';

/** A sweep's answers are in the kernel's table by then. */
const SWEEP_MS = 300;
const TABLE_READ_EVERY_MS = 10_000;

export class Ears {
  readonly #world: World;
  readonly #troubles: HubTroubles;
  readonly #lanes: Lanes;
  readonly #underWay: UnderWay;
  #next = 0;
  #looks = NO_LOOKS;
  /** When something was silent for so long, in its lane, that it is to be looked for. */
  #wantedAtMs = Number.POSITIVE_INFINITY;

  constructor(world: World, troubles: HubTroubles, lanes: Lanes, underWay: UnderWay) {
    this.#world = world;
    this.#troubles = troubles;
    this.#lanes = lanes;
    this.#underWay = underWay;
  }

  /** When the first is said that was not listened to yet. */
  get speechAtMs(): number {
    return this.#nextSpeech?.atMs ?? Number.POSITIVE_INFINITY;
  }

  get #nextSpeech(): Speech | undefined {
    return this.#world.speeches[this.#next];
  }

  /** What is said up to a tick; what was said while the hub was away nobody hears. */
  listen(nowMs: number): void {
    for (let speech = this.#nextSpeech; speech && speech.atMs <= nowMs; speech = this.#nextSpeech) {
      this.#next++;
      if (nowMs - speech.atMs < TICK_MS) this.#hear(speech.dweller, speech.atMs, nowMs);
    }
  }

  /** The next that is said between two ticks; `liveTo` brings whoever says it up to the tick at which it can be read. */
  overhear(liveTo: (dweller: Dweller, readyMs: number) => void): void {
    const speech = this.#nextSpeech;
    if (!speech) return;
    const readyMs = onGrid(speech.atMs);
    this.#next++;
    liveTo(speech.dweller, readyMs);
    this.#hear(speech.dweller, speech.atMs, readyMs);
  }

  /** A word that was said at `atMs`, and can be read at `readyMs` where it gets here. */
  #hear(dweller: Dweller, atMs: number, readyMs: number): void {
    if (!this.#troubles.isPlugged(atMs) || !this.#world.isReachable(dweller, atMs)) return;
    this.#lanes.at(dweller)?.disturb();
    if (dweller.link.roundTripMs(atMs) === undefined) return;
    this.#underWay.word({ sighting: this.#world.sighting(dweller, atMs), dweller }, readyMs);
  }

  /** Everybody is asked. */
  sweep(atMs: number): void {
    for (const dweller of this.#world.dwellers) this.#hear(dweller, atMs, atMs + SWEEP_MS);
  }

  /** When the hub is to look around next. */
  get lookAtMs(): number {
    return Math.min(this.#wantedAtMs, lookDueAtMs(this.#looks));
  }

  wantLook(atMs: number): void {
    this.#wantedAtMs = Math.min(this.#wantedAtMs, atMs);
  }

  /** Looks around where that is wanted, and was not done too often of late. */
  lookAround(isWanted: boolean, nowMs: number): void {
    const decided = decideLook(this.#looks, isWanted || this.#wantedAtMs <= nowMs, nowMs);
    this.#looks = decided.looks;
    this.#wantedAtMs = Number.POSITIVE_INFINITY;
    if (decided.look) this.sweep(nowMs);
  }

  /** The hub starts anew. */
  startOver(atMs: number): void {
    this.#looks = NO_LOOKS;
    this.#wantedAtMs = Number.POSITIVE_INFINITY;
    this.sweep(atMs);
  }

  /** Another one has the address by now: the kernel's table tells, which is read every ten seconds. */
  hearWhoAnswers(asked: Dweller, ip: string, nowMs: number): void {
    const answerer = this.#world.answererOf(asked, ip);
    if (answerer === undefined || answerer === asked) return;
    this.#lanes.at(answerer)?.disturb();
    if (!this.#world.isReachable(answerer, nowMs) || this.#underWay.isHeardSoon(answerer)) return;
    const readyMs = (Math.floor(nowMs / TABLE_READ_EVERY_MS) + 1) * TABLE_READ_EVERY_MS;
    this.#underWay.word({ sighting: this.#world.sighting(answerer, nowMs), dweller: answerer }, readyMs);
  }

  /** What the pipeline reads at this tick. */
  sightingsBy(nowMs: number): Sighting[] {
    const { lived, ready } = this.#underWay.wordsBy(nowMs);
    for (const { sighting, dweller } of ready) {
      dweller.heardMs = Math.max(dweller.heardMs, sighting.at.monoMs);
      this.#lanes.at(dweller)?.heard(nowMs);
    }
    return [...lived, ...ready].map(({ sighting }) => sighting);
  }
}
