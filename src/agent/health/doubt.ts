/**
 * When the hub doubts itself, and what follows: verdicts wait or become `unknown`, what was asked meanwhile counts for nothing, and one
 * message tells what the hub saw of itself. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import { examine, FIT, type Fitness, forgiven, seenInWords } from './fitness.ts';
import type { HubCondition } from './health.ts';
import { type House, isDoubtful, isSomebodyMissed, lookAtSilence, type MassSilence, massSilenceDueAtMs } from './mass-silence.ts';
import type { ProbeResult } from './probe.ts';

export type Doubt = {
  readonly fitness: Fitness;
  readonly mass?: MassSilence | undefined;
  /** Silence to questions that were asked before counts for nothing; monotonic. */
  readonly trustedFromMs: number;
  /** The hub was unfit, and may be so again at any moment. */
  readonly impaired?: Impairment | undefined;
};

export type Impairment = { readonly since: Instant; readonly lastMs: number; readonly reason: string };

/** Fresh answers have this long to arrive before silence counts again. */
const GRACE_MS = 10_000;
/** A hub that is well for this long is well. */
const CALM_MS = 120_000;

export const NO_DOUBT: Doubt = { fitness: FIT, trustedFromMs: 0 };

export type DoubtInputs = Omit<House, 'isFit' | 'nowMs'> & {
  readonly hub: HubCondition;
  readonly results: readonly ProbeResult[];
  readonly now: Instant;
};

/** The same doubt where nothing changed; `ask` are devices whose word is wanted at once. */
export function doubtHub(before: Doubt, inputs: DoubtInputs): { readonly doubt: Doubt; readonly ask: readonly string[] } {
  const { hub, results, now } = inputs;
  const nowMs = now.monoMs;
  const seen = examine(before.fitness, hub, results, nowMs);
  const isToLook = before.mass !== undefined || isSomebodyMissed(inputs.book, results);
  const looked = isToLook
    ? lookAtSilence(before.mass, { ...inputs, isFit: seen.unfit === undefined, nowMs })
    : { mass: undefined, ask: [] };
  const reason = seen.unfit ?? (looked.mass?.phase === 'unclear' ? UNCLEAR : undefined);
  const trustedFromMs = reason === undefined ? before.trustedFromMs : nowMs + GRACE_MS;
  const impaired = impairedNow(before.impaired, reason, now);
  const fitness = impaired === undefined && before.impaired !== undefined ? forgiven(seen) : seen;
  const isSame = fitness === before.fitness && looked.mass === before.mass && impaired === before.impaired;
  return { doubt: isSame ? before : { fitness, mass: looked.mass, trustedFromMs, impaired }, ask: looked.ask };
}

const UNCLEAR =
  'More than half of the house is silent at once, now these and now others, while the router answers: the hub itself loses packets.';
const DOUBTED = 'More than half of the house fell silent at once while the router answers: the hub doubts itself and asks on.';

function impairedNow(before: Impairment | undefined, reason: string | undefined, now: Instant): Impairment | undefined {
  if (reason !== undefined) return { since: before?.since ?? now, reason: before?.reason ?? reason, lastMs: now.monoMs };
  return before !== undefined && now.monoMs - before.lastMs >= CALM_MS ? undefined : before;
}

/** Why silence makes no verdict now, in a sentence: the hub is not fit to make one. */
export function whyUnfit(doubt: Doubt | undefined): string | undefined {
  return doubt?.fitness.unfit ?? (doubt?.mass?.phase === 'unclear' ? UNCLEAR : undefined);
}

/** Why verdicts wait for a moment, in a sentence. */
export function whyWaiting(doubt: Doubt | undefined): string | undefined {
  return isDoubtful(doubt?.mass) ? DOUBTED : undefined;
}

/** Whether silence counts now. */
export function isSure(doubt: Doubt, nowMs: number): boolean {
  return nowMs >= doubt.trustedFromMs && whyUnfit(doubt) === undefined && whyWaiting(doubt) === undefined;
}

/** For the message: the worst of it, and the hub's links. */
export function whatItSaw({ fitness: { seen } }: Doubt, links: HubCondition['links']): string {
  const words = seenInWords(seen, links);
  return words === '' ? 'nothing unusual' : words;
}

/** When the hub wants to look at itself again although nothing happens; in the past while it is unfit. Infinity where it is well. */
export function doubtDueAtMs(doubt: Doubt): number {
  if (doubt.fitness.unfit !== undefined) return Number.NEGATIVE_INFINITY;
  const calmAtMs = doubt.impaired === undefined ? Number.POSITIVE_INFINITY : doubt.impaired.lastMs + CALM_MS;
  return Math.min(calmAtMs, doubt.mass === undefined ? Number.POSITIVE_INFINITY : massSilenceDueAtMs(doubt.mass));
}
