/**
 * Most of the house falls silent within one check interval while the router answers: more often the one that asks is at fault than half a
 * house breaks at once. The rest is asked at once, verdicts wait, and only what can be seen ends the doubt: a carrier that all of them hang
 * on is silent too, or every way of asking them stayed without an answer for long while the hub is fit. Pure.
 */
import type { CheckRecord, HealthBook } from './health.ts';
import { shouldAnswer } from './hearing.ts';
import type { ProbeMethod, ProbeResult } from './probe.ts';

/**
 * `asked`: many are silent, and all others are being asked. `doubted`: most are. `shown`: it is real. `unclear`: it lasts, and it is not
 * always the same ones that are silent: the hub loses packets. `resting`: it was nothing.
 */
type Phase = 'asked' | 'doubted' | 'shown' | 'unclear' | 'resting';
export type MassSilence = { readonly phase: Phase; readonly sinceMs: number; readonly phaseSinceMs: number };

export type House = {
  readonly book: HealthBook;
  readonly gatewayId?: string | undefined;
  /** The hub reads answers in time and can ask. */
  readonly isFit: boolean;
  /** Whether all of these hang on something that is silent too, by a known topology. */
  readonly hasSilentCarrier: (deviceIds: ReadonlySet<string>) => boolean;
  readonly nowMs: number;
};

export type Looked = { readonly mass?: MassSilence | undefined; readonly ask: readonly string[] };

/** Fewer are no crowd. */
const FEWEST = 5;
/** From so large a part on the others are asked whether it is most of the house. */
const MANY = 1 / 4;
const MOST = 1 / 2;
/** The slowest of those that should answer are asked every 15 s. */
const ONE_ROUND_MS = 15_000;
/** An answer to the hurried question is here by then, or it is silence. */
const ANSWERS_WITHIN_MS = 3_000;
/** The longest that a switch or an access point needs to forget and learn its ports again (spanning tree: 30 s, IEEE 802.1D). */
const SHOWN_AFTER_MS = 30_000;
const LONG_MS = 45_000;
const UNCLEAR_AFTER_MS = 75_000;
const GATEWAY_PROOF_MS = 20_000;
/** What was found holds for so long. */
const REST_MS = { shown: 60_000, resting: 10_000 } as const;
/** Of so many newest questions a device must have lost two, and answered one, to be one whose packets get lost. */
const NEWEST = 6;

/** Whether one that should answer was silent just now: what is dead or asleep is silent every round, and says nothing of the house. */
export function isSomebodyMissed(book: HealthBook, results: readonly ProbeResult[]): boolean {
  return results.some(({ outcome, request }) => {
    const record = outcome === 'answered' ? undefined : book.get(request.deviceId);
    return record !== undefined && shouldAnswer(record);
  });
}

/** The same object where nothing changed. Call it when somebody was missed, or while there is a mass silence. */
export function lookAtSilence(before: MassSilence | undefined, house: House): Looked {
  const { nowMs } = house;
  const { silent, troubled, certain, of, ids } = count(house, before);
  const is = (phase: Phase): Looked => ({ mass: { phase, sinceMs: before?.sinceMs ?? nowMs, phaseSinceMs: nowMs }, ask: [] });
  const stays: Looked = { mass: before, ask: [] };
  const are = (those: number, part: number): boolean => those >= FEWEST && those >= of * part;
  if (before === undefined) {
    if (!are(silent, MANY) || !routerAnswers(house)) return NOTHING;
    return { ...is('asked'), ask: notHeardSince(house, nowMs - 1_000) };
  }
  const forMs = nowMs - before.sinceMs;
  switch (before.phase) {
    case 'asked':
      if (forMs < ANSWERS_WITHIN_MS) return stays;
      if (!are(troubled, MOST)) return is('resting');
      return house.hasSilentCarrier(ids) ? is('shown') : is('doubted');
    case 'doubted':
      if (!are(troubled, MANY)) return is('resting');
      if (house.isFit && forMs >= SHOWN_AFTER_MS && certain >= troubled * MOST) return is('shown');
      if (forMs >= UNCLEAR_AFTER_MS) return is('unclear');
      // With the router among them it is no doubt of this kind: either it carried them, or the hub hears nobody.
      return routerIsSilent(house) ? is('shown') : stays;
    case 'unclear':
      return are(troubled, MANY) ? stays : is('resting');
    case 'shown':
    case 'resting':
      return nowMs - before.phaseSinceMs >= REST_MS[before.phase] ? NOTHING : stays;
  }
}

const NOTHING: Looked = { ask: [] };

/** When it wants to be looked at again although nobody answered or was silent. */
export function massSilenceDueAtMs({ phase, sinceMs, phaseSinceMs }: MassSilence): number {
  switch (phase) {
    case 'asked':
      return sinceMs + ANSWERS_WITHIN_MS;
    case 'doubted':
      return sinceMs + SHOWN_AFTER_MS;
    case 'unclear':
      return Number.POSITIVE_INFINITY;
    case 'shown':
    case 'resting':
      return phaseSinceMs + REST_MS[phase];
  }
}

/** No verdict of silence is made now. */
export const isDoubtful = (mass: MassSilence | undefined): boolean => mass?.phase === 'asked' || mass?.phase === 'doubted';

type Count = {
  readonly silent: number;
  /** Silent, or losing packets. */
  readonly troubled: number;
  /** Those of which no answer is to be expected any more. */
  readonly certain: number;
  readonly of: number;
  readonly ids: ReadonlySet<string>;
};

function count({ book, nowMs }: House, mass: MassSilence | undefined): Count {
  const sinceMs = (mass?.sinceMs ?? nowMs) - ONE_ROUND_MS;
  // An unfit hub counts no silence as a miss.
  const fewest = mass?.phase === 'unclear' ? 0 : 1;
  const ids = new Set<string>();
  let [losing, certain, of] = [0, 0, 0];
  for (const record of book.values()) {
    if (!shouldAnswer(record)) continue;
    of++;
    if (record.misses >= fewest && record.silentSinceMs !== undefined && record.silentSinceMs >= sinceMs) {
      ids.add(record.deviceId);
      if (isCertain(record, nowMs)) certain++;
    } else if (mass !== undefined && losesPackets(record)) losing++;
  }
  return { silent: ids.size, troubled: ids.size + losing, certain, of, ids };
}

function losesPackets({ attempts, methods }: CheckRecord): boolean {
  let [lost, answered] = [0, 0];
  for (let i = attempts.length - 1; i >= Math.max(0, attempts.length - NEWEST); i--) {
    const { outcome, method } = attempts[i] as CheckRecord['attempts'][number];
    if (outcome === 'answered') answered++;
    // A way that is only being tried proves nothing.
    else if (outcome === 'silent' && (methods[method as ProbeMethod]?.answered ?? 0) > 0) lost++;
  }
  return lost >= 2 && answered >= 1;
}

/** Asked in every way that it is asked in, or for so long that it makes no difference. */
function isCertain({ misses, profile, silentSinceMs = Number.POSITIVE_INFINITY }: CheckRecord, nowMs: number): boolean {
  return misses >= profile.confirmations - 2 || (misses >= FEWEST && nowMs - silentSinceMs >= LONG_MS);
}

function routerAnswers({ book, gatewayId, nowMs }: House): boolean {
  const gateway = book.get(gatewayId ?? '');
  return gateway?.state === 'up' && nowMs - (gateway.life?.at.monoMs ?? Number.NEGATIVE_INFINITY) <= GATEWAY_PROOF_MS;
}

function routerIsSilent({ book, gatewayId }: House): boolean {
  const gateway = book.get(gatewayId ?? '');
  return gateway === undefined || (gateway.misses >= 3 && gateway.state !== 'up');
}

function notHeardSince({ book }: House, sinceMs: number): string[] {
  const mayTell = (record: CheckRecord): boolean => shouldAnswer(record) && !record.probing && (record.life?.at.monoMs ?? 0) < sinceMs;
  return [...book.values()].filter(mayTell).map(({ deviceId }) => deviceId);
}
