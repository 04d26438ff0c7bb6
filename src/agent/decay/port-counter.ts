/**
 * Counts the day of each wired port that some device tells of: how many of a million frames came damaged, and how many were thrown away for want of room. An agent
 * counts from when it began, so two answers make a difference, and only where it never lost count between them. It changes in place.
 */
import type { Instant } from '../../base/clock.ts';
import type { ToldPort } from '../discovery/sighting.ts';
import { pluggedInto } from '../inventory/wiring.ts';
import type { AgentState } from '../state.ts';
import type { PortDay, SavedPortCounts } from './day.ts';

/** What one agent told last, and since when it has been running, on the hub's monotonic clock. */
type Told = { readonly startedAtMs: number; readonly ports: ReadonlyMap<string, ToldPort> };
type Sum = { bridgePort: number | undefined; frames: number; damaged: number; discarded: number | undefined };

/** A machine's own clock runs a little faster or slower than the hub's. */
export const OTHER_START_MS = 5 * 60_000;
/** A switch for each floor and what else tells; those of others are not counted. */
const MOST_TELLERS = 32;
/** On a port with little to do, damage counts by the day: a frame in ten would be nothing to go by where there are ten. */
const LEAST_FRAMES = 1_000_000;
const A_MILLION = 1_000_000;
const WRAP = 2 ** 32;
const HALF = WRAP / 2;

export class PortCounter {
  readonly #last = new Map<string, Told>();
  #today = new Map<string, Map<string, Sum>>();

  /** A hub that restarts every night would never hear two answers: it goes on from those of the process before. */
  constructor(saved: SavedPortCounts, now: Instant) {
    for (const { deviceId, startedAt, ports } of saved.slice(0, MOST_TELLERS))
      this.#last.set(deviceId, { startedAtMs: now.monoMs - (now.wallMs - startedAt), ports: byName(ports) });
  }

  saved(now: Instant): SavedPortCounts {
    return [...this.#last].map(([deviceId, { startedAtMs, ports }]) => {
      return { deviceId, startedAt: Math.round(now.wallMs - (now.monoMs - startedAtMs)), ports: [...ports.values()] };
    });
  }

  /** `upTimeS`: what the agent says for how long it has run when it answered. */
  note(teller: string, at: Instant, upTimeS: number, ports: readonly ToldPort[]): void {
    if (Number.isNaN(upTimeS) || (!this.#last.has(teller) && this.#last.size >= MOST_TELLERS)) return;
    const startedAtMs = at.monoMs - upTimeS * 1000;
    const before = this.#last.get(teller);
    this.#last.set(teller, { startedAtMs, ports: byName(ports) });
    if (!before || startedAtMs > before.startedAtMs + OTHER_START_MS) return;
    for (const now of ports) {
      const passed = passedSince(before.ports.get(now.port), now);
      if (passed) this.#add(teller, now, passed);
    }
  }

  /** What was counted since it was asked before, with who is plugged in where. A person's device is not named, nor what it tells kept. */
  take(day: number, { wiring, inventory, summaries }: AgentState): readonly PortDay[] {
    const isKept = (id: string): boolean => summaries.get(id)?.personal === false;
    const today = this.#today;
    this.#today = new Map();
    for (const teller of this.#last.keys()) if (!isKept(teller)) this.#last.delete(teller);
    return [...today].flatMap(([teller, ports]) => {
      if (!isKept(teller)) return [];
      return [...ports].map(([port, { bridgePort, frames, damaged, discarded }]): PortDay => {
        const on = bridgePort === undefined ? undefined : pluggedInto(wiring, inventory, teller, bridgePort);
        return {
          deviceId: teller,
          port,
          on: on !== undefined && isKept(on) ? on : undefined,
          day,
          damaged: inAMillion(damaged, frames),
          discarded: discarded === undefined ? undefined : inAMillion(discarded, frames),
        };
      });
    });
  }

  #add(teller: string, { port, bridgePort }: ToldPort, passed: Passed): void {
    const ports = this.#today.get(teller) ?? new Map<string, Sum>();
    this.#today.set(teller, ports);
    const sum = ports.get(port) ?? { bridgePort, frames: 0, damaged: 0, discarded: 0 };
    ports.set(port, sum);
    sum.bridgePort = bridgePort;
    sum.frames += passed.frames;
    sum.damaged += passed.damaged;
    sum.discarded = passed.discarded === undefined || sum.discarded === undefined ? undefined : sum.discarded + passed.discarded;
  }
}

const byName = (ports: readonly ToldPort[]): Map<string, ToldPort> => new Map(ports.map((one) => [one.port, one]));

export function inAMillion(count: number, frames: number): number {
  return Math.round((A_MILLION * count) / Math.max(LEAST_FRAMES, frames));
}

type Passed = { readonly frames: number; readonly damaged: number; readonly discarded: number | undefined };
type CountName = keyof ToldPort['counts'];

/** Undefined where no frame passed, where the agent lost count or tells other counters, and where one fell that cannot have wrapped: somebody cleared it. */
export function passedSince(before: ToldPort | undefined, now: ToldPort): Passed | undefined {
  if (!before || before.discontinuity !== now.discontinuity) return undefined;
  const names = Object.keys({ ...before.counts, ...now.counts }) as CountName[];
  const differences = new Map(names.map((name) => [name, difference(before.counts[name], now.counts[name])]));
  if (names.some((name) => differences.get(name) === undefined)) return undefined;
  const of = (name: CountName): number => differences.get(name) ?? 0;
  const frames = of('inFrames') + of('outFrames');
  if (frames === 0) return undefined;
  // A wrong checksum is damage for certain; the other errors may be for want of room too.
  const isCertain = differences.has('fcsErrors');
  return {
    frames,
    damaged: Math.min(frames, (isCertain ? of('fcsErrors') : of('inErrors')) + of('outErrors')),
    discarded: isCertain ? undefined : differences.get('inDiscards'),
  };
}

/** Of counters of 32 bits: one that came from the upper half of them into the lower has gone round once. */
function difference(before: number | undefined, now: number | undefined): number | undefined {
  if (before === undefined || now === undefined) return undefined;
  if (now >= before) return now - before;
  return before >= HALF && now < HALF ? now - before + WRAP : undefined;
}
