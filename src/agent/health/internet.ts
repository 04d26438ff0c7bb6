/**
 * Whether the world beyond the router answers. Several anchors are asked in turn; one that never answered from this home proves nothing
 * by its silence, unless the router itself says that there is no route. Pure: plan and judge on injected time.
 */
import type { Instant } from '../../base/clock.ts';
import type { Attempt, Evidence, HealthState } from '../../protocol/messages.ts';
import type { AnchorResult } from '../ports.ts';
import { hubEvidence, type Surroundings } from './evidence.ts';
import type { CheckRecord } from './health.ts';

type AnchorRecord = { readonly anchor: string; readonly everAnswered: boolean; readonly silences: number; readonly noRoutes: number };

export type InternetRecord = {
  readonly state: HealthState;
  readonly since: Instant;
  readonly reason: string;
  readonly anchors: readonly AnchorRecord[];
  readonly attempts: readonly Attempt[];
  readonly lastAnswerAt?: Instant;
  /** When the present series of silence began. */
  readonly silentSinceMs?: number | undefined;
  readonly nextAskAtMs: number;
  readonly nextAnchor: number;
  readonly asking: boolean;
};

/** In quiet times one anchor is asked each interval, so that with three anchors each hears from a home four times a minute. */
export const ANCHOR_INTERVAL_MS = 5_000;
const CONFIRM_SPACING_MS = 500;
/** After so long a silence anchors are asked in their quiet interval again. */
export const HURRY_MS = 60_000;
export const ANCHOR_TIMEOUT_MS = 1_500;
/** Unanswered questions before `down`, every anchor that ever answered among them. */
const SILENCES_NEEDED = 3;
/** The router must have answered within this time, after the silence began. */
const GATEWAY_PROOF_MS = 6_000;
const KEPT_ATTEMPTS = 12;

export function newInternet(
  anchors: readonly string[],
  now: Instant,
  known?: { everAnswered: readonly string[]; state: HealthState },
): InternetRecord {
  return {
    state: known?.state ?? 'unknown',
    since: now,
    reason: 'Not asked yet.',
    anchors: anchors.map((anchor) => ({ anchor, everAnswered: known?.everAnswered.includes(anchor) ?? false, silences: 0, noRoutes: 0 })),
    attempts: [],
    nextAskAtMs: now.monoMs,
    nextAnchor: 0,
    asking: false,
  };
}

/** The anchor to ask now, if one is due. */
export function planInternet(record: InternetRecord, nowMs: number): string | undefined {
  if (record.asking || record.anchors.length === 0 || nowMs < record.nextAskAtMs) return undefined;
  return record.anchors[record.nextAnchor % record.anchors.length]!.anchor;
}

/** While the internet is silent, the router's own word must be fresh: true when it should be asked now. One that is down is asked often enough anyway. */
export function wantsGatewayProof(record: InternetRecord, gateway: CheckRecord | undefined): boolean {
  if (record.silentSinceMs === undefined || !gateway || gateway.probing || gateway.state === 'down') return false;
  return (gateway.life?.at.monoMs ?? 0) < record.silentSinceMs;
}

export type InternetInputs = {
  readonly result?: AnchorResult | undefined;
  readonly gateway: CheckRecord | undefined;
  /** What answers in the place of the internet, in a sentence (captivity.ts). */
  readonly captive?: string | undefined;
  readonly around: Surroundings;
};
export function judgeInternet(record: InternetRecord, inputs: InternetInputs): InternetRecord {
  return withVerdict(inputs.result ? afterAsking(record, inputs.result, inputs.around.now) : record, inputs);
}

/** What was asked of the internet, with the hub's condition as the router's evidence shows it. */
export function internetEvidence(record: InternetRecord, { gateway, around }: InternetInputs, proofs: readonly Attempt[]): Evidence {
  return {
    attempts: [...record.attempts, ...proofs],
    lastAnswerAt: record.lastAnswerAt ? { internet: Math.round(record.lastAnswerAt.wallMs) } : {},
    hub: hubEvidence(gateway, around),
  };
}

/** What one question to one anchor adds; `intervalMs`: how soon the next is asked in quiet times. */
export function afterAsking(record: InternetRecord, result: AnchorResult, now: Instant, intervalMs = ANCHOR_INTERVAL_MS): InternetRecord {
  const answered = result.outcome === 'answered';
  const silent = result.outcome === 'silent' || result.outcome === 'no-route';
  const attempt: Attempt = {
    at: Math.round(now.wallMs),
    method: result.anchor.split(':')[0]!,
    outcome: answered ? 'answered' : silent ? 'silent' : 'unable',
    detail: `${result.anchor.replace(/^\w+:\/\//, '')} ${result.detail}`.slice(0, 64),
    ...(result.rttMs === undefined ? {} : { rttMs: Math.round(result.rttMs) }),
  };
  const anchors = record.anchors.map((anchor) => {
    if (answered) return { ...anchor, everAnswered: anchor.everAnswered || anchor.anchor === result.anchor, silences: 0, noRoutes: 0 };
    if (!silent || anchor.anchor !== result.anchor) return anchor;
    return { ...anchor, silences: anchor.silences + 1, noRoutes: result.outcome === 'no-route' ? anchor.noRoutes + 1 : 0 };
  });
  const silentSinceMs = answered ? undefined : (record.silentSinceMs ?? (silent ? now.monoMs : undefined));
  return {
    ...record,
    anchors,
    silentSinceMs,
    asking: false,
    attempts: [...record.attempts, attempt].slice(-KEPT_ATTEMPTS),
    nextAnchor: (record.nextAnchor + 1) % Math.max(1, record.anchors.length),
    nextAskAtMs: now.monoMs + (isUrgent({ silentSinceMs, anchors }, now.monoMs) ? CONFIRM_SPACING_MS : intervalMs),
    ...(answered ? { lastAnswerAt: now } : {}),
  };
}

/**
 * Whether silence is worth a hurry. Not where nothing was ever learned and no router complains: there it is the normal condition. Nor for longer than
 * a verdict takes: a cut may last for days, and every home behind the same line asks the same anchors.
 */
function isUrgent({ silentSinceMs, anchors }: Pick<InternetRecord, 'silentSinceMs' | 'anchors'>, nowMs: number): boolean {
  if (silentSinceMs === undefined || nowMs - silentSinceMs >= HURRY_MS) return false;
  return anchors.some((anchor) => anchor.everAnswered || anchor.noRoutes > 0);
}

function withVerdict(record: InternetRecord, { gateway, captive, around }: InternetInputs): InternetRecord {
  const { now } = around;
  const in_ = (state: HealthState, reason: string, own = record): InternetRecord =>
    own.state === state ? own : { ...own, state, reason, since: now };
  if (gateway && (gateway.state === 'down' || gateway.state === 'unknown') && record.silentSinceMs !== undefined) {
    return in_(
      'unknown',
      gateway.state === 'down'
        ? 'The router does not answer, so nothing beyond it can be seen.'
        : 'The hub cannot see the router at the moment.',
      withoutSilences(record),
    );
  }
  if (record.silentSinceMs === undefined && captive !== undefined) return in_('down', captive);
  if (record.silentSinceMs === undefined) return record.lastAnswerAt ? in_('up', 'The internet answers.') : record;
  const mine = record.anchors.filter((anchor) => anchor.everAnswered);
  const silentEnough = record.anchors.reduce((sum, anchor) => sum + anchor.silences, 0) >= SILENCES_NEEDED;
  const proven = gatewayProven(record, gateway, now);
  if (mine.length > 0 && silentEnough && proven && mine.every((anchor) => anchor.silences > 0)) {
    return in_('down', `The router answers, but none of ${mine.length} places on the internet that answered before.`);
  }
  if (mine.length === 0) return judgedByRouter(record, silentEnough && proven, in_);
  return record;
}

/** What was not answered while the router could not be seen proves nothing once it is back: the line has its own chance to answer first. */
function withoutSilences(record: InternetRecord): InternetRecord {
  if (record.anchors.every(({ silences, noRoutes }) => silences === 0 && noRoutes === 0)) return record;
  return { ...record, anchors: record.anchors.map((anchor) => ({ ...anchor, silences: 0, noRoutes: 0 })) };
}

/** No anchor ever answered from here: only the router's own "no route" says that the line is down, and its end that it is over. */
function judgedByRouter(
  record: InternetRecord,
  certain: boolean,
  in_: (state: HealthState, reason: string) => InternetRecord,
): InternetRecord {
  const noRoute = record.anchors.length > 0 && record.anchors.every((anchor) => anchor.noRoutes >= 1);
  if (noRoute && certain) return in_('down', 'The router answers and says that it has no route to the internet.');
  if (!noRoute && record.state === 'down')
    return in_('unknown', 'The router no longer says that there is no route, but no known place on the internet has answered yet.');
  return record;
}

function gatewayProven(record: InternetRecord, gateway: CheckRecord | undefined, now: Instant): boolean {
  const at = gateway?.life?.at.monoMs;
  return gateway?.state === 'up' && at !== undefined && at >= (record.silentSinceMs ?? 0) && now.monoMs - at <= GATEWAY_PROOF_MS;
}
