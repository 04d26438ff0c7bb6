/**
 * One household through its days: the real pipeline and the real store on a clock that jumps from one thing that happens to the next. `isFast` skips the
 * rounds that change nothing (lanes.ts); without it every quarter of a second is ticked, as the agent does.
 */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { NeighbourSighting, Sighting } from '../../src/agent/discovery/sighting.ts';
import type { CheckRecord } from '../../src/agent/health/health.ts';
import { ANCHOR_TIMEOUT_MS, type InternetRecord } from '../../src/agent/health/internet.ts';
import type { Judging } from '../../src/agent/health/judge.ts';
import { livesIn } from '../../src/agent/health/life.ts';
import { decideLook, lookDueAtMs, NO_LOOKS } from '../../src/agent/health/looks.ts';
import type { ProbeRequest, ProbeResult } from '../../src/agent/health/probe.ts';
import { type TickContext, type TickResult, type Told, tick } from '../../src/agent/pipeline.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import type { AnchorResult } from '../../src/agent/ports.ts';
import { type AgentState, restoreState } from '../../src/agent/state.ts';
import { type AgentStore, isEmpty } from '../../src/agent/store/agent-store.ts';
import { pastOf } from '../../src/agent/store/identity-log-store.ts';
import { dueAtMs } from '../../src/replay/due.ts';
import { onGrid } from '../../src/replay/still.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { LAN } from './household.ts';
import { ANCHORS, contextOf, openStore } from './hub-context.ts';
import { HubTroubles, IDLE_LAG_MS, latenessMs } from './hub-troubles.ts';
import { InternetLane } from './internet-lane.ts';
import { type Book, Lane, type LaneHub } from './lanes.ts';
import type { Life } from './life.ts';
import { Witness } from './witness.ts';
import { type Dweller, instant, type Speech, World } from './world.ts';

export type Run = Readonly<Pick<Witness, 'heard' | 'verdicts' | 'promises' | 'broken'>> & { readonly ticks: number };

export type RunOptions = { readonly seed: string; readonly isFast: boolean };

/** A sweep's answers are in the kernel's table by then. */
const SWEEP_MS = 300;
/** What fell with it is judged in these. */
const RESTLESS_MS = 1_000;
const FIRST_LOOK_MS = 500;
/** People say what each device is in the first minutes. */
const TOLD_FROM_MS = 5_000;

export function runLife(life: Life, options: RunOptions): Run {
  const hub = new Hub(life, options);
  try {
    hub.run();
    return { ...hub.told, ticks: hub.ticks };
  } finally {
    hub.close();
  }
}

class Hub {
  ticks = 0;
  readonly #life: Life;
  readonly #world: World;
  readonly #isFast: boolean;
  readonly #store: AgentStore;
  readonly #context: TickContext;
  readonly #troubles: HubTroubles;
  readonly #witness: Witness;
  readonly #toName: Dweller[];
  #state: AgentState;
  #lanes = new Map<string, Lane>();
  readonly #laneAt = new Map<Dweller, Lane>();
  readonly #laneHub: LaneHub;
  #internet = new InternetLane();
  #results: { readonly readyMs: number; readonly result: ProbeResult }[] = [];
  #sightings: { readonly readyMs: number; readonly sighting: NeighbourSighting; readonly dweller: Dweller }[] = [];
  #anchor: { readonly readyMs: number; readonly result: AnchorResult } | undefined;
  #looks = NO_LOOKS;
  #nextSpeech = 0;
  /** Everything is ticked until then. */
  #restlessUntilMs = 0;

  constructor(life: Life, { seed, isFast }: RunOptions) {
    this.#life = life;
    this.#world = new World(life, seed);
    this.#witness = new Witness(this.#world);
    this.#isFast = isFast;
    this.#laneHub = {
      world: this.#world,
      isCrowd: () => isCrowd(this.#lanes),
      liveAllTo: (untilMs, book, around) => this.#liveAllTo(untilMs, book, around),
      judge: (result, readyMs) => this.#results.push({ readyMs, result }),
    };
    const random = seededRandom(`${seed}/hub`);
    this.#store = openStore(random);
    this.#state = restoreState(this.#store.load(), ANCHORS, instant(0), STANDARD_POLICY);
    this.#troubles = new HubTroubles(life);
    this.#toName = [...this.#world.dwellers];
    this.#context = contextOf(random);
  }

  get told(): Omit<Run, 'ticks'> {
    const { heard, verdicts, promises, broken } = this.#witness;
    return { heard, verdicts, promises, broken };
  }

  run(): void {
    this.#sweep(FIRST_LOOK_MS);
    for (let nowMs = 0; nowMs < this.#life.untilMs; ) {
      nowMs = this.#afterOutage(nowMs);
      this.#tick(nowMs);
      nowMs = this.#isFast ? this.#skip(nowMs) : nowMs + TICK_MS;
    }
  }

  close(): void {
    this.#store.close();
  }

  /** Where the hub has no power it starts again from its disk; where it was only stopped, its time-outs run out all at once. */
  #afterOutage(nowMs: number): number {
    const off = this.#troubles.offAt(nowMs);
    if (off) {
      const backMs = onGrid(off.toMs);
      this.#results = [];
      this.#sightings = [];
      this.#anchor = undefined;
      this.#lanes.clear();
      this.#laneAt.clear();
      this.#looks = NO_LOOKS;
      this.#state = restoreState(this.#store.load(), ANCHORS, instant(backMs), STANDARD_POLICY);
      this.#sweep(backMs + FIRST_LOOK_MS);
      return backMs;
    }
    const stopped = this.#troubles.stoppedAt(nowMs);
    if (!stopped) return nowMs;
    this.#released(nowMs);
    const backMs = onGrid(stopped.toMs);
    this.#troubles.resume(backMs, backMs - nowMs);
    this.#results = this.#results.map(({ result }) => ({
      readyMs: backMs,
      result: { ...result, ...TIMED_OUT, finishedAt: instant(backMs) },
    }));
    return backMs;
  }

  #tick(nowMs: number): void {
    this.ticks++;
    const now = instant(nowMs);
    const lagMs = this.#troubles.lagMs(nowMs);
    const link = this.#troubles.isPlugged(nowMs) && this.#world.hasLink(nowMs);
    this.#hearSpeeches(nowMs);
    const results = this.#resultsBy(nowMs);
    const sightings = this.#sightingsBy(nowMs);
    const anchor = this.#anchor && this.#anchor.readyMs <= nowMs ? this.#anchor.result : undefined;
    if (anchor) this.#anchor = undefined;
    const hub = {
      links: { [LAN.name]: link },
      eventLoopLagMs: lagMs,
      stoodStillMs: this.#troubles.stoodStillMs(nowMs),
      clockStepMs: 0,
    };
    const told = nowMs >= TOLD_FROM_MS && this.#toName.length > 0 ? this.#nextName() : undefined;
    const done = tick(this.#state, { sightings, results, reads: [], anchor, hub, now, ...(told ? { told } : {}) }, { ...this.#context });
    this.#save(done, nowMs, lagMs);
    this.#state = done.state;
    this.#ask(done, nowMs, lagMs, link);
    const decided = decideLook(this.#looks, done.look, nowMs);
    this.#looks = decided.looks;
    if (decided.look) this.#sweep(nowMs);
  }

  /** In the order in which they were asked, whoever asked: in the same tick that is the order of the book. */
  #resultsBy(nowMs: number): ProbeResult[] {
    const ready = this.#results.filter(({ readyMs }) => readyMs <= nowMs).map(({ result }) => result);
    if (ready.length > 0) this.#results = this.#results.filter(({ readyMs }) => readyMs > nowMs);
    if (ready.length < 2) return ready;
    const places = new Map([...this.#state.book.keys()].map((id, place) => [id, place]));
    const placeOf = ({ request }: ProbeResult): number => places.get(request.deviceId) ?? 0;
    return ready.sort((a, b) => a.startedAt.monoMs - b.startedAt.monoMs || placeOf(a) - placeOf(b));
  }

  #sightingsBy(nowMs: number): Sighting[] {
    const ready = this.#sightings.filter(({ readyMs }) => readyMs <= nowMs);
    if (ready.length > 0) this.#sightings = this.#sightings.filter(({ readyMs }) => readyMs > nowMs);
    return ready.map(({ sighting, dweller }) => {
      dweller.heardMs = Math.max(dweller.heardMs, sighting.at.monoMs);
      this.#laneAt.get(dweller)?.heard(nowMs);
      return sighting;
    });
  }

  #hearInLane(lane: Lane, sighting: NeighbourSighting, nowMs: number): void {
    const [life] = livesIn([sighting], this.#state.inventory);
    if (life) lane.live(life, this.#state.book as Book, this.#surroundings(nowMs));
  }

  #hearSpeeches(nowMs: number): void {
    const { speeches } = this.#world;
    for (let speech = speeches[this.#nextSpeech]; speech && speech.atMs <= nowMs; speech = speeches[++this.#nextSpeech]) {
      if (nowMs - speech.atMs < TICK_MS) this.#hear(speech.dweller, speech.atMs, nowMs);
    }
  }

  #hear(dweller: Dweller, atMs: number, readyMs: number): NeighbourSighting | undefined {
    if (!this.#troubles.isPlugged(atMs) || !this.#world.isReachable(dweller, atMs)) return undefined;
    this.#laneAt.get(dweller)?.disturb();
    if (dweller.link.roundTripMs(atMs) === undefined) return undefined;
    const sighting = this.#world.sighting(dweller, atMs);
    this.#sightings.push({ readyMs, sighting, dweller });
    return sighting;
  }

  /** A word in between: its lane takes it at once, and the pipeline reads it when it ticks next. False where it must tick for it. */
  #overhear({ dweller, atMs }: Speech, book: Book, around: Judging): boolean {
    const isHeard = this.#troubles.isPlugged(atMs) && this.#world.isReachable(dweller, atMs);
    const lane = this.#laneAt.get(dweller);
    if (isHeard) lane?.liveTo(onGrid(atMs), book, around);
    if (isHeard && (!lane?.isQuiet || isCrowd(this.#lanes))) return false;
    this.#nextSpeech++;
    if (!isHeard || !lane) return true;
    const sighting = this.#hear(dweller, atMs, onGrid(atMs));
    if (!sighting) return true;
    dweller.heardMs = Math.max(dweller.heardMs, atMs);
    this.#hearInLane(lane, sighting, onGrid(atMs));
    return true;
  }

  #sweep(atMs: number): void {
    for (const dweller of this.#world.dwellers) this.#hear(dweller, atMs, atMs + SWEEP_MS);
  }

  /** What a person says of the next device: its kind, and how it is called. */
  #nextName(): Told | undefined {
    const found = this.#toName.findIndex(({ resident }) => this.#idOf(resident.mac) !== undefined);
    const dweller = found < 0 ? undefined : this.#toName.splice(found, 1)[0];
    const id = dweller && this.#idOf(dweller.resident.mac);
    if (!dweller || !id) return undefined;
    this.#witness.meet(id, dweller.resident.name);
    const { kind, name, behind } = dweller.resident;
    const carrier = this.#life.household.isDrawn ? this.#world.dwellers.find(({ resident }) => resident.name === behind) : undefined;
    const carrierId = carrier && this.#idOf(carrier.resident.mac);
    const order = { do: 'set' as const, device: id, set: { kind, name, ...(carrierId ? { behind: carrierId } : {}) } };
    return { order, past: pastOf(this.#store.identity, order) };
  }

  /** Whether the next name is a matter of moments: who has not been found yet may be out for days. */
  #isNaming(nowMs: number): boolean {
    return nowMs < TOLD_FROM_MS || this.#toName.some(({ resident }) => this.#idOf(resident.mac) !== undefined);
  }

  #idOf(mac: string): string | undefined {
    for (const summary of this.#state.summaries.values()) if (summary.macs.includes(mac)) return summary.id;
    return undefined;
  }

  #save(done: TickResult, nowMs: number, lagMs: number): void {
    if (!isEmpty(done.change)) this.#store.outbox.acknowledge(this.#store.commitTick(done.change));
    if (this.#witness.see(this.#state, done, nowMs, lagMs)) this.#restlessUntilMs = nowMs + RESTLESS_MS;
  }

  #ask({ probes, anchor }: TickResult, nowMs: number, lagMs: number, isLinked: boolean): void {
    const isCalm =
      this.#isFast &&
      lagMs === IDLE_LAG_MS &&
      isLinked &&
      nowMs >= this.#restlessUntilMs &&
      nowMs >= this.#state.doubt.trustedFromMs &&
      !this.#isNaming(nowMs) &&
      nowMs < this.#troubles.lastTickBeforeStopMs(nowMs);
    const book = this.#state.book as Book;
    for (const request of probes) this.#probe(request, nowMs, lagMs, isCalm, book);
    if (this.#isFast)
      for (const record of book.values())
        this.#lanes.get(record.deviceId)?.follow(record, isCalm && this.#knowsCarrier(record), this.#carrierOf(record));
    if (anchor === undefined) return;
    const { tookMs, ...result } = this.#world.ask(anchor, nowMs, ANCHOR_TIMEOUT_MS, latenessMs(lagMs));
    const internet = this.#state.internet as InternetRecord;
    if (isCalm && this.#internet.absorb(internet, result, nowMs)) return;
    this.#anchor = { readyMs: nowMs + tookMs, result };
  }

  #probe(request: ProbeRequest, nowMs: number, lagMs: number, isCalm: boolean, book: Book): void {
    const dweller = this.#world.at(request.ip) as Dweller;
    const result = this.#world.probe(dweller, request, instant(nowMs), latenessMs(lagMs));
    if (this.#isFast) {
      const record = book.get(request.deviceId) as CheckRecord & { probing: boolean };
      const lane = this.#laneOf(request.deviceId, dweller, record);
      record.probing = false;
      lane.follow(record, isCalm && this.#knowsCarrier(record), this.#carrierOf(record));
      if (lane.absorb(request, result)) return;
      const settled = { ...lane.settled, probing: true };
      book.set(request.deviceId, settled);
      lane.follow(settled, isCalm && this.#knowsCarrier(record), this.#carrierOf(record));
      if (lane.take(result)) return;
    }
    this.#results.push({ readyMs: result.finishedAt.monoMs, result });
  }

  #carrierOf({ deviceId }: CheckRecord): Lane | undefined {
    const { parents } = this.#state.wiring;
    return parents.size === 0 ? undefined : this.#lanes.get(parents.get(deviceId)?.id ?? '');
  }

  #knowsCarrier(record: CheckRecord): boolean {
    return !this.#state.wiring.parents.has(record.deviceId) || this.#carrierOf(record) !== undefined;
  }

  #laneOf(id: string, dweller: Dweller, record: CheckRecord): Lane {
    const known = this.#lanes.get(id) ?? new Lane(dweller, this.#laneHub, record);
    this.#lanes.set(id, known);
    this.#laneAt.set(dweller, known);
    return known;
  }

  #surroundings(nowMs: number): Judging {
    const { book, hub, hearing, doubt, wiring, inventory } = this.#state;
    return { book, hub, hearing, doubt, parents: wiring.parents, devices: inventory.devices, policy: STANDARD_POLICY, now: instant(nowMs) };
  }

  /** Lets the lanes live up to the next instant on the grid that is the pipeline's affair, and answers it. */
  #skip(nowMs: number): number {
    const soonMs = nowMs + TICK_MS;
    if (nowMs < this.#restlessUntilMs || this.#isNaming(nowMs) || this.#troubles.isBusy(nowMs)) return this.#released(soonMs);
    const pipelineMs = Math.min(
      dueAtMs(this.#state, nowMs, STANDARD_POLICY),
      this.#hubChangesAtMs(nowMs),
      this.#sweptAtMs(),
      lookDueAtMs(this.#looks),
      this.#anchor ? this.#anchor.readyMs : this.#internet.uncertainAtMs(this.#state.internet, this.#world, nowMs),
    );
    const limitMs = Math.max(soonMs, onGrid(pipelineMs));
    // Without a link nothing is asked or heard.
    if (this.#state.hub.links[LAN.name] !== true) return this.#released(this.#withResults(soonMs, limitMs));
    const book = this.#state.book as Book;
    const around = this.#surroundings(nowMs);
    const untilMs = this.#live(soonMs, this.#withNewcomers(soonMs, limitMs), book, around);
    this.#liveAllTo(untilMs, book, around);
    this.#internet.skipTo(this.#state.internet, this.#world, untilMs);
    return untilMs;
  }

  #liveAllTo(untilMs: number, book: Book, around: Judging): void {
    for (const lane of this.#lanes.values()) lane.liveTo(untilMs, book, around);
  }

  /** `untilMs`, with nothing under way in any lane. */
  #released(untilMs: number): number {
    for (const lane of this.#lanes.values()) lane.release(this.#state.book as Book);
    return untilMs;
  }

  #withResults(soonMs: number, untilMs: number): number {
    let firstMs = untilMs;
    for (const { readyMs } of this.#results) if (readyMs < firstMs) firstMs = readyMs;
    return Math.max(soonMs, onGrid(firstMs));
  }

  /** Those without a lane are asked by the pipeline. */
  #withNewcomers(soonMs: number, untilMs: number): number {
    let firstMs = untilMs;
    for (const { deviceId, probing, nextProbeAtMs } of this.#state.book.values())
      if (!probing && nextProbeAtMs < firstMs && !this.#lanes.has(deviceId)) firstMs = nextProbeAtMs;
    return Math.max(soonMs, onGrid(firstMs));
  }

  /** What lanes do by themselves, the earliest first, up to the first thing that is the pipeline's affair. */
  #live(soonMs: number, limitMs: number, book: Book, around: Judging): number {
    for (;;) {
      const untilMs = this.#withResults(soonMs, limitMs);
      let first: Lane | undefined;
      let atMs = untilMs;
      for (const lane of this.#lanes.values()) if (lane.nextAtMs < atMs) [first, atMs] = [lane, lane.nextAtMs];
      const speech = this.#world.speeches[this.#nextSpeech];
      if (speech && onGrid(speech.atMs) <= atMs && onGrid(speech.atMs) < untilMs) {
        if (this.#overhear(speech, book, around)) continue;
        return Math.max(soonMs, onGrid(speech.atMs));
      }
      if (!first) return untilMs;
      if (first.isPublic) return Math.max(soonMs, atMs);
      first.liveTo(atMs + TICK_MS, book, around);
    }
  }

  #hubChangesAtMs(nowMs: number): number {
    return Math.min(this.#troubles.changesAtMs(nowMs), this.#world.hubPort.silence.changesAtMs(nowMs), this.#life.untilMs);
  }

  #sweptAtMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const { readyMs } of this.#sightings) atMs = Math.min(atMs, readyMs);
    return atMs;
  }
}

/** Several that are silent at once are the affair of the whole house. */
function isCrowd(lanes: ReadonlyMap<string, Lane>): boolean {
  let missing = 0;
  for (const { isMissing } of lanes.values()) if (isMissing) missing++;
  return missing >= 3;
}

const TIMED_OUT = { outcome: 'silent', detail: 'no reply' } as const;
