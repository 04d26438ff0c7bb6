/**
 * Everything that the agent asks of the house and of the internet, and what came of it, and was heard, since the last tick. It asks and does not wait. Whoever fails
 * to ask by itself says nothing of whom it was to ask.
 */
import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Sighting } from './discovery/sighting.ts';
import type { ReadOutcome, ReadRequest } from './evidence/plan.ts';
import { readDevice } from './evidence/read.ts';
import { PROOF_TIMEOUT_MS } from './health/captivity.ts';
import { ANCHOR_TIMEOUT_MS } from './health/internet.ts';
import { decideLook, NO_LOOKS } from './health/looks.ts';
import type { ProbeRequest, ProbeResult } from './health/probe.ts';
import { LOOK_TIMEOUT_MS } from './health/upstream.ts';
import type { TickInputs, TickResult } from './pipeline.ts';
import type { AgentPlatform, LifecycleLooker } from './ports.ts';
import type { Pulse } from './pulse.ts';

/** Of which at most one comes between two ticks. */
type Single = { -readonly [K in 'anchor' | 'named' | 'proved' | 'way' | 'lookedAtEnds']?: TickInputs[K] };
export type Answers = Pick<TickInputs, 'sightings' | 'results' | 'services' | 'reads'> & Readonly<Single>;

/** Sightings that wait for a tick; a flood beyond is counted and dropped. */
const SIGHTINGS_LIMIT = 4_096;

export class Questions {
  readonly #platform: AgentPlatform;
  readonly #pulse: Pulse;
  readonly #sightings = new BoundedQueue<Sighting>(SIGHTINGS_LIMIT);
  readonly #results: ProbeResult[] = [];
  readonly #services: ProbeResult[] = [];
  readonly #reads: ReadOutcome[] = [];
  #single: Single = {};
  #looks = NO_LOOKS;

  constructor(platform: AgentPlatform, pulse: Pulse) {
    this.#platform = platform;
    this.#pulse = pulse;
  }

  /** Something was said without being asked. */
  hear(sighting: Sighting): void {
    this.#sightings.push(sighting);
  }

  /** Sightings that there was no room for. */
  get dropped(): number {
    return this.#sightings.dropped;
  }

  /** What is here by now, once. */
  take(): Answers {
    const single = this.#single;
    this.#single = {};
    return {
      sightings: this.#sightings.drain(),
      results: this.#results.splice(0),
      services: this.#services.splice(0),
      reads: this.#reads.splice(0),
      ...single,
    };
  }

  /** Asks all that a tick planned but how near their end devices are. */
  ask({ probes, services, reads, anchor, nameServer, proof, lookTowards, look }: TickResult, nowMs: number): void {
    for (const request of probes) this.#probe(request, this.#results);
    for (const request of services) this.#probe(request, this.#services);
    for (const request of reads) void this.#read(request);
    if (anchor !== undefined) this.#askPlace(anchor, 'anchor');
    if (nameServer !== undefined) this.#askPlace(nameServer, 'named');
    if (proof !== undefined) this.#prove(proof);
    if (lookTowards !== undefined) this.#lookTowards(lookTowards);
    this.#lookAround(look, nowMs);
  }

  askAboutEnds(request: Parameters<LifecycleLooker['look']>[0]): void {
    this.#platform.lifecycle?.look(request).then(
      (answer) => {
        this.#single.lookedAtEnds = answer;
      },
      () => {
        this.#single.lookedAtEnds = 'failed';
      },
    );
  }

  #probe(request: ProbeRequest, answers: ProbeResult[]): void {
    const { prober, clock } = this.#platform;
    this.#pulse.asked(clock.now().monoMs);
    prober
      .probe(request)
      .then(
        (result) => answers.push(result),
        (error: unknown) => answers.push(this.#unableToAsk(request, error)),
      )
      .then(() => this.#pulse.answered(clock.now().monoMs));
  }

  #unableToAsk(request: ProbeRequest, error: unknown): ProbeResult {
    const { clock, log } = this.#platform;
    log.error('A probe failed by itself.', { method: request.method, cause: String(error) });
    return { request, startedAt: clock.now(), finishedAt: clock.now(), outcome: 'unable', detail: 'the probe failed' };
  }

  async #read(request: ReadRequest): Promise<void> {
    const { askers, clock, log } = this.#platform;
    const done = await readDevice(request, askers, clock);
    for (const sighting of done.sightings) this.#sightings.push(sighting);
    this.#reads.push(done.outcome);
    if (done.failure !== undefined) log.error('A reader failed by itself.', { reader: request.reader.name, cause: String(done.failure) });
  }

  #askPlace(name: string, kind: 'anchor' | 'named'): void {
    this.#platform.internet.ask(name, ANCHOR_TIMEOUT_MS).then(
      (result) => {
        this.#single[kind] = result;
      },
      (error: unknown) => {
        this.#single[kind] = { anchor: name, outcome: 'unable', detail: String(error) };
      },
    );
  }

  #prove(place: string): void {
    this.#platform.internet.prove(place, PROOF_TIMEOUT_MS).then(
      (result) => {
        this.#single.proved = result;
      },
      (error: unknown) => {
        this.#single.proved = { place, outcome: 'unable', detail: String(error) };
      },
    );
  }

  #lookTowards(ip: string): void {
    this.#platform.internet.look(ip, LOOK_TIMEOUT_MS).then(
      (answer) => {
        this.#single.way = answer;
      },
      () => {
        this.#single.way = { outcome: 'unable' };
      },
    );
  }

  #lookAround(isWanted: boolean, nowMs: number): void {
    const decided = decideLook(this.#looks, isWanted, nowMs);
    this.#looks = decided.looks;
    if (decided.look) void this.#platform.discovery.look();
  }
}
