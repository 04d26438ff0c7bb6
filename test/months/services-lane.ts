/**
 * The same fast-forward for the questions to services (lane.ts): while all that a device offers is open, or is closed and known to be, a round changes only times, counts and
 * turns. The plan's own clock goes on beside it, second by second.
 */
import { TICK_MS } from '../../src/agent/agent.ts';
import { whyUnfit } from '../../src/agent/health/doubt.ts';
import { INTERVAL_MS, PLAN_MS, type ServiceCheck, type ServiceRecord, type Services } from '../../src/agent/health/services.ts';
import type { AgentState } from '../../src/agent/state.ts';
import type { Strays } from './strays.ts';
import type { Dweller, World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class ServicesLane {
  readonly #world: World;
  readonly #strays: Strays;
  /** Ids of those that offer something. */
  readonly #offering = new Map<string, Dweller>();

  constructor(world: World, strays: Strays) {
    this.#world = world;
    this.#strays = strays;
  }

  meet(id: string, dweller: Dweller): void {
    if (dweller.offers.length > 0) this.#offering.set(id, dweller);
  }

  /** The first instant after `nowMs` at which the pipeline must ask, or list what is offered. */
  uncertainAtMs(state: AgentState, nowMs: number): number {
    const { services, inventory, book, doubt } = state;
    const planMs = planAtMs(services, nowMs + 1);
    if (services.book.size !== inventory.devices.size) return planMs;
    const isFit = nowMs >= doubt.trustedFromMs && whyUnfit(doubt) === undefined;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const [id, dweller] of this.#offering) {
      const record = services.book.get(id);
      if (record === undefined || record.asking !== undefined) continue;
      const askMs = Math.max(planMs, planAtMs(services, record.nextAtMs));
      if (record.checks.length === 0) firstMs = Math.min(firstMs, askMs);
      else if (book.get(id)?.state === 'up') firstMs = Math.min(firstMs, isFit ? this.#uncertainFrom(record, dweller, askMs) : askMs);
    }
    return firstMs;
  }

  #uncertainFrom(record: ServiceRecord, dweller: Dweller, askMs: number): number {
    const fromMs = askMs + Math.max(0, Math.ceil((record.graceUntilMs - askMs) / INTERVAL_MS)) * INTERVAL_MS;
    if (this.#strays.has(dweller) || !this.#world.isReachable(dweller, fromMs)) return fromMs;
    if (!record.checks.every((check) => isAsKnown(check, this.#world.isOpen(dweller, check.port, fromMs)))) return fromMs;
    const untilMs = Math.min(
      dweller.silence.changesAtMs(fromMs),
      dweller.link.goodUntilMs(fromMs),
      this.#world.offersChangeAtMs(dweller, fromMs),
    );
    return fromMs + Math.max(0, Math.ceil((untilMs - fromMs) / INTERVAL_MS)) * INTERVAL_MS;
  }

  /** Everything that was planned before `untilMs`, with the states as they are. */
  settle({ services, book }: AgentState, untilMs: number): void {
    for (const [id, record] of services.book)
      if (record.nextAtMs < untilMs) this.#settleOne(record, services, this.#offering.has(id) && book.get(id)?.state === 'up', id, untilMs);
    (services as Mutable<Services>).dueAtMs = planAtMs(services, untilMs);
  }

  /** The same of one whose state is about to change. */
  settleBefore({ services, book }: AgentState, id: string, untilMs: number): void {
    const record = services.book.get(id);
    if (record && this.#offering.has(id)) this.#settleOne(record, services, book.get(id)?.state === 'up', id, untilMs);
  }

  #settleOne(shared: ServiceRecord, services: Services, isUp: boolean, id: string, untilMs: number): void {
    const record = shared as Mutable<ServiceRecord>;
    if (record.asking !== undefined) return;
    const dweller = isUp ? this.#offering.get(id) : undefined;
    if (!dweller || record.checks.length === 0) {
      // It is passed over in its turn.
      const firstMs = planAtMs(services, record.nextAtMs);
      record.nextAtMs = firstMs + Math.max(0, Math.ceil((untilMs - firstMs) / INTERVAL_MS)) * INTERVAL_MS;
      return;
    }
    for (let atMs = planAtMs(services, record.nextAtMs); atMs < untilMs; atMs = planAtMs(services, record.nextAtMs)) {
      if (atMs >= record.graceUntilMs) this.#ask(record, dweller, atMs);
      record.nextAtMs = atMs + INTERVAL_MS;
    }
  }

  /** None is in doubt, so the one that was asked longest ago is asked. */
  #ask(record: Mutable<ServiceRecord>, dweller: Dweller, atMs: number): void {
    const check = record.checks.reduce((oldest, each) => (each.askedAtMs < oldest.askedAtMs ? each : oldest)) as Mutable<ServiceCheck>;
    check.askedAtMs = atMs + TICK_MS;
    record.lastAsked = check.port;
    if (!this.#world.isOpen(dweller, check.port, atMs)) check.misses++;
    else {
      check.openSinceMs ??= check.askedAtMs;
      check.lastOpenMs = check.askedAtMs;
    }
  }
}

const isAsKnown = ({ misses, downSince }: ServiceCheck, isOpen: boolean): boolean =>
  isOpen ? misses === 0 && downSince === undefined : downSince !== undefined;

/** The first plan at or after an instant. */
function planAtMs({ dueAtMs }: Services, atMs: number): number {
  return dueAtMs + Math.max(0, Math.ceil((atMs - dueAtMs) / PLAN_MS)) * PLAN_MS;
}
