/** How one device, service or place on the internet answered over time, as the journal has it; read by a clock that only goes forward. */
import { type Outcome, type Stretch, WAY_BITS } from '../agent/journal/journal.ts';

/** `alive`: a question is answered. `silent`: it is not. `unknown`: the hub could not ask. */
export type Condition = 'alive' | 'silent' | 'unknown';

const CONDITION: Readonly<Record<Outcome, Condition>> = {
  answered: 'alive',
  heard: 'alive',
  silent: 'silent',
  refused: 'silent',
  unable: 'unknown',
};

/** From `fromMs` of the replay until the next step. */
export type Step = { readonly fromMs: number; readonly outcome: Outcome; readonly rttMs: number };

/**
 * What is silent is asked again within this time; where it was not, nobody asked (its host was down, or the hub's link), and what was found then may have been so
 * ever since.
 */
const UNASKED_MS = 150_000;

export class Course {
  readonly #steps: Step[] = [];
  /** When a question begins to meet something else. */
  readonly #changes: number[] = [];
  #rttMs: number | undefined;
  #ways = 0;
  #askedAtMs = 0;
  #next = 0;
  #nextChange = 0;

  /** `beginsMs`: of the part that the stretch is from. Stretches come in their order. */
  add({ outcome, fromMs, toMs, ways, rttMs }: Stretch, beginsMs: number): void {
    this.#ways |= ways;
    this.#rttMs = rttMs ?? this.#rttMs;
    const last = this.#steps.at(-1);
    const earliestMs = last === undefined ? Number.POSITIVE_INFINITY : this.#askedAtMs + UNASKED_MS;
    const step = {
      fromMs: Math.max(Math.min(beginsMs + fromMs, earliestMs), last?.fromMs ?? 0),
      outcome,
      rttMs: this.#rttMs ?? Number.NaN,
    };
    this.#askedAtMs = beginsMs + toMs;
    if (last?.outcome === outcome && last.rttMs === step.rttMs) return;
    if (last && CONDITION[last.outcome] !== CONDITION[outcome]) this.#changes.push(step.fromMs);
    this.#steps.push(step);
  }

  /** Whether it ever answered in this way. */
  answersBy(way: keyof typeof WAY_BITS): boolean {
    return (this.#ways & WAY_BITS[way]) !== 0;
  }

  /** What a question at this instant meets: silence lasts from a lost question to the next that was answered. Before the first of all it is as it was then. */
  at(nowMs: number): Step | undefined {
    return this.#steps[Math.max(0, this.#walkTo(nowMs) - 1)];
  }

  conditionAt(nowMs: number): Condition {
    const step = this.at(nowMs);
    return step ? CONDITION[step.outcome] : 'silent';
  }

  /** Its median round trip about then; undefined where none was ever timed. */
  rttMsAt(nowMs: number): number | undefined {
    const rttMs = this.at(nowMs)?.rttMs;
    return rttMs === undefined || Number.isNaN(rttMs) ? this.#rttMs : rttMs;
  }

  /** When a question meets something else than at `nowMs`. */
  changesAtMs(nowMs: number): number {
    while (this.#nextChange > 0 && (this.#changes[this.#nextChange - 1] as number) > nowMs) this.#nextChange--;
    while (this.#nextChange < this.#changes.length && (this.#changes[this.#nextChange] as number) <= nowMs) this.#nextChange++;
    return this.#changes[this.#nextChange] ?? Number.POSITIVE_INFINITY;
  }

  /** When it spoke by itself in a silence, in order. */
  spokenAtMs(): number[] {
    return this.#steps.filter(({ outcome }) => outcome === 'heard').map(({ fromMs }) => fromMs);
  }

  get beginsAtMs(): number {
    return this.#steps[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  }

  /** The first step that begins after `nowMs`. */
  #walkTo(nowMs: number): number {
    while (this.#next > 0 && (this.#steps[this.#next - 1] as Step).fromMs > nowMs) this.#next--;
    while (this.#next < this.#steps.length && (this.#steps[this.#next] as Step).fromMs <= nowMs) this.#next++;
    return this.#next;
  }
}
