/**
 * What people and programs are shown: the shapes of the API and of the page. Made from store rows and presence by pure functions; the
 * one rule that matters here is that a hub which is not heard makes everything behind it unknown, never down and never up.
 */
import { type AlertCode, type AlertSeverity, isToPlan } from '../protocol/alert-catalogue.ts';
import type {
  AbsenceMessage,
  Acknowledgement,
  AlertMessage,
  DeviceMessage,
  DeviceStateMessage,
  Evidence,
  HealthState,
  SilenceMessage,
  SiteStateMessage,
  VerdictMessage,
} from '../protocol/messages.ts';
import type { Presence } from './presence.ts';
import { byDue, type ServiceView } from './service/service-view.ts';
import type { DeviceWithState, ToldSiteState } from './store/devices.ts';
import type { AlertRow, EventRow, PresencePhase, SiteRow } from './store/schema.ts';

export type StateCounts = Record<HealthState, number>;

export type PresenceView = {
  readonly phase: PresencePhase;
  readonly since: number;
  readonly lastSeenAt?: number;
  /** Why the hub said goodbye, when it did. */
  readonly goodbye?: string;
};

export type SiteView = {
  readonly id: string;
  readonly name: string;
  readonly presence: PresenceView;
  readonly hubVersion?: string;
  readonly timeZone?: string;
  readonly counts: StateCounts;
  readonly devices: number;
  /** Faults that are told. `holding`: without those that were told before the hub fell silent; `acknowledged`: how many of these somebody sees to. */
  readonly firing: { readonly total: number; readonly holding: number; readonly acknowledged: number };
  /** Ends that are told in stages and no fault of today. */
  readonly toPlan: { readonly total: number; readonly acknowledged: number };
  readonly personalDevices: number;
  readonly gateway: HealthState;
  readonly internet: HealthState;
  /** How many devices are near their end, of what a client may be told: `due` within 90 days. */
  readonly ending: { readonly atRisk: number; readonly overdue: number; readonly due: number };
  /** As last told: one whose end is past is over. */
  readonly silences: readonly SilenceMessage[];
  /** The newest time in which the hub was away or not heard, and why, as it said when it was back. */
  readonly absence?: AbsenceMessage;
};

export type DeviceView = DeviceMessage & {
  readonly state: HealthState;
  readonly since?: number;
  readonly reason?: string;
  readonly detectWithinMs?: number;
  readonly detectBecause?: string;
  /** Nothing where its silence is no fault. */
  readonly reportAfterMs?: number;
  readonly evidence?: Evidence;
  /** How near its end it is; nothing where the hub knows nothing of that. */
  readonly lifecycle?: VerdictMessage;
  /** What was known before the hub fell silent. */
  readonly lastKnown?: { readonly state: HealthState; readonly since: number };
};

export type AlertView = {
  readonly site: string;
  readonly siteName: string;
  readonly key: string;
  readonly code: AlertCode;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly text: string;
  readonly device?: string;
  /** Of what nears its end: so many days before that it was told last (0 when past), and the partial date. */
  readonly stage?: number;
  readonly ends?: string;
  readonly raisedAt: number;
  /** By the clock of the hub: names the occurrence, together with its key. */
  readonly raisedHubAt: number;
  readonly actionableAt: number;
  /** Nobody is to act on it yet, whatever the clock says: its hub has not been able to see for long enough that it lasts. */
  readonly held: boolean;
  readonly clearedAt?: number;
  readonly clearedBecause?: string;
  /** Who sees to it; `untold` while the hub has not shown that it knows. */
  readonly acknowledged?: Acknowledgement & { readonly untold: boolean };
  readonly evidence?: Evidence;
  readonly raisedBy: 'hub' | 'desk';
  readonly receivedAt: number;
  /** The desk heard of it more than a minute after it happened. */
  readonly late: boolean;
  /** Nobody can say nearer when it was raised: the hub's clock was not right, and the desk did not hear it then. */
  readonly raisedBetween?: Between;
  /** It was told before the hub fell silent: nobody knows whether it still holds. */
  readonly stale: boolean;
  /** While it fires: the ticket it belongs to. */
  readonly ticket?: number;
  /** Of many homes, that explains it. */
  readonly incident?: number;
  /** While it fires, and the desk has a service policy: what is promised about it. */
  readonly service?: ServiceView;
};

export type EventView = {
  readonly seq: number;
  readonly site: string;
  readonly id: string;
  readonly ses: number;
  readonly pos: number;
  readonly kind: string;
  readonly body: unknown;
  readonly occurredAt: number;
  readonly occurredBy: string;
  readonly hubAt: number;
  readonly receivedAt: number;
  readonly late: boolean;
  /** Nobody can say it nearer; `occurredAt` is the best guess. */
  readonly occurredBetween?: Between;
};

/** Desk time; `from` is missing where nothing was heard before. */
export type Between = { readonly from?: number; readonly to: number };

const NO_DEVICES: StateCounts = { up: 0, asleep: 0, suspect: 0, down: 0, unreachable: 0, unknown: 0 };

/** Without the hub nobody looks. A suspect hub still counts: its will may have come from a connection that is being replaced. */
export function isUnheard(presence: Pick<Presence, 'phase'>): boolean {
  return presence.phase === 'silent' || presence.phase === 'stopped';
}

type Counted = readonly { readonly state: string; readonly count: number }[];

export type SiteParts = {
  readonly presence: Presence;
  readonly devices: Counted;
  readonly verdicts: Counted;
  readonly firing: readonly { source: AlertRow['source']; toPlan: boolean; count: number; acknowledged: number }[];
  readonly state?: ToldSiteState | undefined;
};

export function siteView(row: SiteRow, name: string, { presence, devices: counted, verdicts, firing: all, state }: SiteParts): SiteView {
  const counts = { ...NO_DEVICES };
  for (const { state, count } of counted) counts[state as HealthState] += count;
  const devices = sumOf(counted);
  const told = state && (JSON.parse(state.body) as SiteStateMessage);
  const unheard = isUnheard(presence);
  const [toPlan, firing] = [all.filter((one) => one.toPlan), all.filter((one) => !one.toPlan)];
  const holding = unheard ? firing.filter(({ source }) => source === 'desk') : firing;
  return {
    id: row.id,
    name,
    presence: { phase: presence.phase, since: presence.sinceAt, lastSeenAt: presence.heardAt, goodbye: presence.goodbye },
    hubVersion: row.hub_version ?? undefined,
    timeZone: row.time_zone ?? undefined,
    counts: unheard ? { ...NO_DEVICES, unknown: devices } : counts,
    devices,
    firing: {
      total: sumOf(firing),
      holding: sumOf(holding),
      acknowledged: acknowledgedOf(holding),
    },
    toPlan: { total: sumOf(toPlan), acknowledged: acknowledgedOf(toPlan) },
    personalDevices: told?.personalDevices ?? 0,
    ending: { atRisk: countOf(verdicts, 'at-risk'), overdue: countOf(verdicts, 'overdue'), due: countOf(verdicts, 'due') },
    gateway: unheard ? 'unknown' : (told?.gateway ?? 'unknown'),
    internet: unheard ? 'unknown' : (told?.internet ?? 'unknown'),
    silences: state ? silencesIn(state) : [],
    ...(told?.absence && state ? { absence: absenceIn(told.absence, state) } : {}),
  };
}

/** No hub keeps one for longer. */
const LONGEST_SILENCE_MS = 86_400_000;

/** What the hub silenced, by the desk's clock; never for longer than a day from when it was told. */
export function silencesIn({ body, updated_at, clock_offset_ms }: ToldSiteState): SilenceMessage[] {
  return ((JSON.parse(body) as SiteStateMessage).silences ?? []).map(({ setAt, endsAt, ...silence }) => ({
    ...silence,
    setAt: setAt + clock_offset_ms,
    endsAt: Math.min(endsAt + clock_offset_ms, updated_at + LONGEST_SILENCE_MS),
  }));
}

function absenceIn(absence: AbsenceMessage, { updated_at, clock_offset_ms }: ToldSiteState): AbsenceMessage {
  const at = (hubAt: number): number => Math.max(0, Math.min(hubAt + clock_offset_ms, updated_at));
  return { ...absence, from: at(absence.from), to: at(absence.to) };
}

function countOf(counted: Counted, state: string): number {
  return sumOf(counted.filter((one) => one.state === state));
}

function acknowledgedOf(counted: readonly { readonly acknowledged: number }[]): number {
  return counted.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
}

function sumOf(counted: readonly { readonly count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0);
}

export function deviceView(row: DeviceWithState, presence: Presence): DeviceView {
  const lifecycle = row.verdict_body === null ? {} : { lifecycle: JSON.parse(row.verdict_body) as VerdictMessage };
  const device = { ...(JSON.parse(row.body ?? '{}') as DeviceMessage), firstSeenAt: row.first_seen_at, ...lifecycle };
  if (row.state === null || row.state_body === null) return { ...device, state: 'unknown' };
  const told = JSON.parse(row.state_body) as DeviceStateMessage;
  const known = { state: row.state as HealthState, since: row.since_at ?? told.since };
  const evidence = inDeskTime(told.evidence, row.clock_offset_ms ?? 0);
  const { detectWithinMs, detectBecause, reportAfterMs } = told;
  const detail = {
    detectWithinMs,
    ...(detectBecause === undefined ? {} : { detectBecause }),
    ...(reportAfterMs === undefined ? {} : { reportAfterMs }),
    evidence,
  };
  if (!isUnheard(presence)) return { ...device, ...known, reason: told.reason, ...detail };
  const since = presence.heardAt ?? presence.sinceAt;
  return { ...device, state: 'unknown', since, reason: unheardReason(presence), ...detail, lastKnown: known };
}

function unheardReason(presence: Presence): string {
  return presence.phase === 'stopped'
    ? `the hub stopped (${presence.goodbye ?? 'goodbye'}) and does not look`
    : 'the hub is silent, so nobody looks';
}

export function alertView(row: AlertRow, name: string, presence: Presence | undefined): AlertView {
  const told = JSON.parse(row.body) as AlertMessage;
  const isFiring = row.cleared_at === null;
  return {
    site: row.site_id,
    siteName: name,
    key: row.key,
    code: row.code as AlertCode,
    severity: row.severity as AlertSeverity,
    title: told.title,
    text: told.text,
    device: row.device_id ?? undefined,
    stage: row.stage ?? undefined,
    ends: row.ends ?? undefined,
    raisedAt: row.raised_at,
    raisedHubAt: row.raised_hub_at,
    actionableAt: row.actionable_at,
    held: isFiring && told.held === true,
    clearedAt: row.cleared_at ?? undefined,
    clearedBecause: row.cleared_because ?? undefined,
    acknowledged: acknowledgedIn(row),
    evidence: inDeskTime(told.evidence, row.clock_offset_ms),
    raisedBy: row.source,
    receivedAt: row.received_at,
    late: row.late === 1,
    ...(row.not_after === null ? {} : { raisedBetween: between(row, row.not_after) }),
    stale: isFiring && row.source === 'hub' && presence !== undefined && isUnheard(presence),
  };
}

function acknowledgedIn({ acknowledged, untold }: AlertRow): AlertView['acknowledged'] {
  return acknowledged === null ? undefined : { ...(JSON.parse(acknowledged) as Acknowledgement), untold: untold === 1 };
}

export function eventView(row: EventRow): EventView {
  return {
    seq: row.seq,
    site: row.site_id,
    id: row.id,
    ses: row.ses,
    pos: row.pos,
    kind: row.kind,
    body: parsed(row.body),
    occurredAt: row.occurred_at,
    occurredBy: row.occurred_by,
    hubAt: row.hub_at,
    receivedAt: row.received_at,
    late: row.late === 1,
    ...(row.not_after === null ? {} : { occurredBetween: between(row, row.not_after) }),
  };
}

function between({ not_before }: { readonly not_before: number | null }, to: number): Between {
  return not_before === null ? { to } : { from: not_before, to };
}

/** A body that was too long to keep whole stays text. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function inDeskTime(evidence: Evidence | undefined, offsetMs: number): Evidence | undefined {
  if (evidence === undefined || offsetMs === 0) return evidence;
  return {
    ...evidence,
    attempts: evidence.attempts.map((attempt) => ({ ...attempt, at: attempt.at + offsetMs })),
    lastAnswerAt: Object.fromEntries(Object.entries(evidence.lastAnswerAt).map(([method, at]) => [method, at + offsetMs])),
  };
}

export const SEVERITY_RANK: Record<AlertSeverity, number> = { critical: 0, error: 1, warning: 2, info: 3 };

/** What to look at first: faults before what is to be planned for, what still holds before what is stale, what nobody sees to, then the worst, then what is to be answered next, then the oldest. */
export function byUrgency(left: AlertView, right: AlertView): number {
  return (
    Number(isToPlan(left)) - Number(isToPlan(right)) ||
    Number(left.stale) - Number(right.stale) ||
    Number(left.acknowledged !== undefined) - Number(right.acknowledged !== undefined) ||
    SEVERITY_RANK[left.severity] - SEVERITY_RANK[right.severity] ||
    byDue(left.service?.firstAnswer, right.service?.firstAnswer) ||
    left.raisedAt - right.raisedAt
  );
}
