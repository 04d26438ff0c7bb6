/**
 * One household through its days: the real pipeline and the real store on a clock that jumps from one thing that happens to the next. `isFast` skips the
 * rounds that change nothing (fast-forward.ts); without it every quarter of a second is ticked, as the agent does.
 */
import { TICK_MS } from '../../src/agent/agent.ts';
import { WAIT_MS } from '../../src/agent/alerts/common-cause.ts';
import type { CheckRecord } from '../../src/agent/health/health.ts';
import { ANCHOR_TIMEOUT_MS, type InternetRecord } from '../../src/agent/health/internet.ts';
import type { ProbeRequest } from '../../src/agent/health/probe.ts';
import type { Parents } from '../../src/agent/inventory/wiring.ts';
import { type TickContext, type TickResult, type Told, tick } from '../../src/agent/pipeline.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import { type AgentState, restoreState } from '../../src/agent/state.ts';
import { type AgentStore, isEmpty } from '../../src/agent/store/agent-store.ts';
import { pastOf } from '../../src/agent/store/identity-log-store.ts';
import type { OutboxLimits } from '../../src/agent/store/outbox-store.ts';
import { isFittedIn } from '../../src/replay/due.ts';
import { onGrid } from '../../src/replay/still.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { Ears } from './ears.ts';
import { FastForward, type Played } from './fast-forward.ts';
import { LAN } from './household.ts';
import { ANCHORS, contextOf, openStore } from './hub-context.ts';
import { HubTroubles, IDLE_LAG_MS, latenessMs } from './hub-troubles.ts';
import { InternetLane } from './internet-lane.ts';
import type { Book } from './lane.ts';
import { Lanes } from './lanes.ts';
import type { Life } from './life.ts';
import { Naming } from './naming.ts';
import { ServicesLane } from './services-lane.ts';
import { Strays } from './strays.ts';
import { UnderWay } from './under-way.ts';
import { type Unsent, unsentIn } from './unsent.ts';
import { Witness } from './witness.ts';
import { type Dweller, instant, World } from './world.ts';

export type Run = Readonly<Pick<Witness, 'heard' | 'verdicts' | 'promises' | 'broken'>> & {
  readonly ticks: number;
  readonly outbox: Unsent;
};

/** `hasDesk: false`: nothing is ever acknowledged. `limits` are those of the hub's queue. */
export type RunOptions = { readonly seed: string; readonly isFast: boolean; readonly hasDesk?: boolean; readonly limits?: OutboxLimits };

/** Every tick after one was called down: what fell with it is judged in these. */
const RESTLESS_MS = 1_000;
const FIRST_LOOK_MS = 500;
const ACKNOWLEDGED_AT_ONCE = 64;

export function runLife(life: Life, options: RunOptions): Run {
  const hub = new Hub(life, options);
  try {
    hub.run();
    return hub.told;
  } finally {
    hub.close();
  }
}

class Hub implements Played {
  readonly world: World;
  readonly troubles: HubTroubles;
  readonly strays: Strays;
  readonly naming: Naming;
  readonly lanes: Lanes;
  readonly services: ServicesLane;
  readonly internet = new InternetLane();
  readonly underWay = new UnderWay();
  readonly ears: Ears;
  state: AgentState;
  learnedAtMs = Number.POSITIVE_INFINITY;
  readonly #life: Life;
  /** Absent where every tick is played. */
  readonly #fastForward: FastForward | undefined;
  readonly #store: AgentStore;
  readonly #context: TickContext;
  readonly #witness: Witness;
  #ticks = 0;
  #unacknowledged: string[] = [];
  readonly #hasDesk: boolean;
  #committed = 0;
  /** When the last was called down. */
  #fellAtMs = Number.NEGATIVE_INFINITY;

  constructor(life: Life, { seed, isFast, hasDesk = true, limits }: RunOptions) {
    this.#life = life;
    this.#hasDesk = hasDesk;
    this.world = new World(life, seed);
    this.#witness = new Witness(this.world);
    const random = seededRandom(`${seed}/hub`);
    this.#store = openStore(random, limits);
    this.state = restoreState(this.#store.load(), ANCHORS, instant(0), STANDARD_POLICY);
    this.troubles = new HubTroubles(life);
    this.strays = new Strays(this.world);
    this.services = new ServicesLane(this.world, this.strays);
    this.lanes = new Lanes(this.world, this.strays, {
      isWaiting: (atMs) => atMs < this.#fellAtMs + WAIT_MS,
      changesState: (id, atMs) => this.services.settleBefore(this.state, id, atMs),
      judge: (result, readyMs) => this.underWay.result(result, readyMs),
      wantLook: (atMs) => this.ears.wantLook(atMs),
    });
    this.ears = new Ears(this.world, this.troubles, this.lanes, this.underWay);
    this.naming = new Naming(this.world, life);
    this.#context = contextOf(random);
    this.#fastForward = isFast ? new FastForward(this) : undefined;
  }

  get book(): Book {
    return this.state.book as Book;
  }

  get restlessUntilMs(): number {
    return this.#fellAtMs + RESTLESS_MS;
  }

  get told(): Run {
    const { heard, verdicts, promises, broken } = this.#witness;
    return { heard, verdicts, promises, broken, ticks: this.#ticks, outbox: unsentIn(this.#store.outbox, this.#committed) };
  }

  run(): void {
    this.ears.startOver(FIRST_LOOK_MS);
    for (let nowMs = 0; nowMs < this.#life.untilMs; ) {
      nowMs = this.#afterOutage(nowMs);
      this.#tick(nowMs);
      nowMs = this.#fastForward?.from(nowMs) ?? nowMs + TICK_MS;
    }
  }

  close(): void {
    this.#store.close();
  }

  /** Where the hub has no power it starts again from its disk; where it was only stopped, its time-outs run out all at once. */
  #afterOutage(nowMs: number): number {
    const off = this.troubles.offAt(nowMs);
    if (off) {
      const backMs = onGrid(off.toMs);
      this.underWay.lose();
      this.lanes.clear();
      this.state = restoreState(this.#store.load(), ANCHORS, instant(backMs), STANDARD_POLICY);
      this.ears.startOver(backMs + FIRST_LOOK_MS);
      return backMs;
    }
    const stopped = this.troubles.stoppedAt(nowMs);
    if (!stopped) return nowMs;
    this.lanes.release(this.book);
    const backMs = onGrid(stopped.toMs);
    this.troubles.resume(backMs, backMs - nowMs);
    this.underWay.timeOut(backMs);
    return backMs;
  }

  #tick(nowMs: number): void {
    this.#ticks++;
    const now = instant(nowMs);
    const lagMs = this.troubles.lagMs(nowMs);
    const link = this.troubles.isPlugged(nowMs) && this.world.hasLink(nowMs);
    this.strays.move(nowMs);
    this.ears.listen(nowMs);
    const results = this.underWay.resultsBy(nowMs, this.book);
    const sightings = this.ears.sightingsBy(nowMs);
    const services = this.underWay.servicesBy(nowMs);
    const anchor = this.underWay.anchorBy(nowMs);
    const hub = {
      links: { [LAN.name]: link },
      eventLoopLagMs: lagMs,
      stoodStillMs: this.troubles.stoodStillMs(nowMs),
      clockStepMs: 0,
    };
    const told = this.#nextName(nowMs);
    const inputs = { sightings, results, services, reads: [], anchor, hub, now, ...(told ? { told } : {}) };
    if (this.state.doubt.mass) this.lanes.settleAll(this.book);
    const done = tick(this.state, inputs, this.#context);
    this.#save(done, nowMs, lagMs);
    this.state = done.state;
    this.learnedAtMs = results.every(({ request }) => isFittedIn(done.state, request.deviceId, STANDARD_POLICY))
      ? Number.POSITIVE_INFINITY
      : nowMs + TICK_MS;
    this.strays.settle(done.state, nowMs);
    this.#ask(done, nowMs, lagMs, link);
    this.ears.lookAround(done.look, nowMs);
  }

  #nextName(nowMs: number): Told | undefined {
    const named = this.naming.next(this.state, nowMs);
    if (!named) return undefined;
    const { dweller, id, order } = named;
    this.#witness.meet(id, dweller.resident.name);
    this.services.meet(id, dweller);
    if (dweller.offers.length > 0) this.underWay.word({ sighting: this.world.announcement(dweller, nowMs), dweller }, nowMs + TICK_MS);
    return { order, past: pastOf(this.#store.identity, order) };
  }

  #save(done: TickResult, nowMs: number, lagMs: number): void {
    for (const { id, name } of this.naming.guestsAmong(done.change.devices)) this.#witness.meet(id, name);
    for (const id of done.change.removedDevices) this.lanes.close(id);
    if (!isEmpty(done.change)) this.#acknowledge(this.#store.commitTick(done.change));
    if (this.#witness.see(this.state, done, nowMs, lagMs)) this.#fellAtMs = nowMs;
  }

  /** As a desk does, many at once. */
  #acknowledge(ids: readonly string[]): void {
    this.#committed += ids.length;
    this.#unacknowledged.push(...(this.#hasDesk ? ids : []));
    if (this.#unacknowledged.length < ACKNOWLEDGED_AT_ONCE) return;
    this.#store.outbox.acknowledge(this.#unacknowledged);
    this.#unacknowledged = [];
  }

  #ask({ probes, services, anchor }: TickResult, nowMs: number, lagMs: number, isLinked: boolean): void {
    const isCalm =
      this.#fastForward !== undefined &&
      lagMs === IDLE_LAG_MS &&
      isLinked &&
      nowMs >= this.restlessUntilMs &&
      nowMs >= this.state.doubt.trustedFromMs &&
      !this.naming.isBusy(this.state, nowMs) &&
      nowMs < this.troubles.lastTickBeforeStopMs(nowMs);
    for (const request of probes) this.#probe(request, nowMs, lagMs, isCalm);
    for (const request of services) {
      const result = this.world.connect(this.#dwellerOf(request), request, instant(nowMs));
      this.underWay.service(result, onGrid(result.finishedAt.monoMs));
    }
    if (this.#fastForward) this.lanes.followAll(this.book, isCalm, this.#parents, nowMs);
    if (anchor === undefined) return;
    const { tookMs, ...result } = this.world.ask(anchor, nowMs, ANCHOR_TIMEOUT_MS, latenessMs(lagMs));
    const internet = this.state.internet as InternetRecord;
    if (isCalm && this.internet.absorb(internet, result, nowMs)) return;
    this.underWay.anchor(result, nowMs + tookMs);
  }

  #probe(request: ProbeRequest, nowMs: number, lagMs: number, isCalm: boolean): void {
    const dweller = this.#dwellerOf(request);
    this.ears.hearWhoAnswers(dweller, request.ip, nowMs);
    const result = this.world.probe(dweller, request, instant(nowMs), latenessMs(lagMs));
    if (this.#fastForward) {
      const record = this.book.get(request.deviceId) as CheckRecord & { probing: boolean };
      const lane = this.lanes.open(dweller, record);
      record.probing = false;
      this.lanes.follow(record, isCalm, this.#parents, nowMs);
      if (lane.absorb(request, result)) return;
      const settled = { ...lane.settled, probing: true };
      this.book.set(request.deviceId, settled);
      this.lanes.follow(settled, isCalm, this.#parents, nowMs);
      if (lane.take(result)) return;
    }
    this.underWay.result(result, result.finishedAt.monoMs);
  }

  #dwellerOf({ deviceId }: ProbeRequest): Dweller {
    return this.world.withMac(this.state.summaries.get(deviceId)?.macs[0] ?? '') as Dweller;
  }

  get #parents(): Parents {
    return this.state.wiring.parents;
  }
}
