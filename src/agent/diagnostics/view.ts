/** What the CLI asks a running agent for: the present state with its evidence, as one plain value. */
import type { Instant } from '../../base/clock.ts';
import type { Evidence, HealthState, SilenceMessage, SiteStateMessage, VerdictMessage } from '../../protocol/messages.ts';
import type { Alert } from '../alerts/alerts.ts';
import { outageOf } from '../alerts/common-cause.ts';
import { silenceMessage, silenceOn } from '../alerts/silences.ts';
import { promisedFor } from '../alerts/urgency.ts';
import type { Coverage, DiscoveryMethod, LanInterface } from '../discovery/sighting.ts';
import { declineWords } from '../health/decline.ts';
import { evidenceOf } from '../health/evidence.ts';
import { companionsOf } from '../health/falls.ts';
import type { CheckProfile, CheckRecord } from '../health/health.ts';
import { checkWords } from '../health/services.ts';
import { isConflict } from '../inventory/contested.ts';
import { titleOf } from '../inventory/describe.ts';
import type { Corrections, Device, DeviceSummary } from '../inventory/device.ts';
import type { LogRow } from '../inventory/identity-log.ts';
import type { Parent } from '../inventory/wiring.ts';
import type { Contest } from '../inventory/work.ts';
import type { MirrorStatus } from '../mirror/mirror.ts';
import type { UplinkStatus } from '../outbox/uplink.ts';
import type { Policy } from '../policy.ts';
import type { AgentState } from '../state.ts';

/** `at`: when it was told last. */
export type BehindView = { readonly id: string; readonly name: string; readonly by: Parent['by']; readonly at: number };

/** One device with its health; instants in Unix milliseconds. */
export type DeviceView = DeviceSummary & {
  readonly state: HealthState;
  readonly since: number;
  readonly reason: string;
  readonly profile: CheckProfile['name'];
  readonly detectWithinMs: number;
  /** Why its failure is not noticed sooner. */
  readonly detectBecause?: string;
  readonly reportAfterMs?: number;
  /** What it is there for and is watched beside it, each with what was found there last. */
  readonly serving?: readonly string[];
  /** How much worse it answers than it used to, in a sentence. */
  readonly decline?: string;
  /** What tells of its silence in its place: the device that carried it, or that many fell silent at once. */
  readonly explainedBy?: string;
  /** What it hangs on, and who says so. */
  readonly behind?: BehindView;
  /** What it falls silent together with, time after time: it may hang on that, or on the same thing. At most three. */
  readonly fallsWith?: readonly { readonly name: string; readonly times: number; readonly of: number }[];
  /** How near its end it is, as somebody looked last. */
  readonly verdict?: VerdictMessage;
  readonly evidence: Evidence;
  readonly facts: Device['facts'];
  readonly identifiers: Device['identifiers'];
  readonly addresses: Device['addresses'];
  readonly services: readonly string[];
  /** TCP ports, each with the method that told it. */
  readonly ports: readonly { readonly port: number; readonly by: DiscoveryMethod }[];
  /** What people said of it. */
  readonly corrected?: Corrections | undefined;
  /** Why no alert about it is raised now, and until when. */
  readonly silence?: SilenceMessage;
  /** Addresses of it that another device claims too, with all claimants. */
  readonly conflicts: readonly Contest[];
};

export type AgentView = {
  readonly at: number;
  readonly version: string;
  readonly site: SiteStateMessage;
  readonly internet: { readonly state: HealthState; readonly since: number; readonly reason: string };
  /** Whether the home's name servers look names up. */
  readonly names: { readonly state: HealthState; readonly since: number; readonly reason: string };
  readonly interfaces: readonly LanInterface[];
  readonly coverage: readonly Coverage[];
  readonly droppedSightings: number;
  /** Why nothing can be saved at the moment. */
  readonly storeProblem?: string | undefined;
  readonly devices: readonly DeviceView[];
  readonly alerts: readonly Alert[];
  readonly silences: readonly SilenceMessage[];
  /** The newest decisions about who is who, newest first; those of one device name it in `devices`. */
  readonly log: readonly LogRow[];
  readonly uplink?: UplinkStatus | undefined;
  /** What a broker of the house shows; nothing where the settings name none. */
  readonly mirror?: MirrorStatus | undefined;
  /** Looks at how near their end devices are: when the last one succeeded since the agent started, and how many in a row have failed since. */
  readonly lifecycle?: { readonly lookedAt?: number; readonly failures: number };
};

export type ViewContext = Pick<
  AgentView,
  'version' | 'interfaces' | 'coverage' | 'droppedSightings' | 'storeProblem' | 'uplink' | 'mirror' | 'log'
> & {
  readonly now: Instant;
  readonly canRevalidate: boolean;
  readonly policy: Policy;
};

export function viewOf(state: AgentState, context: ViewContext): AgentView {
  const { now, canRevalidate, policy, ...rest } = context;
  return {
    at: Math.round(now.wallMs),
    ...rest,
    site: state.site,
    internet: { state: state.internet.state, since: Math.round(state.internet.since.wallMs), reason: state.internet.reason },
    names: { state: state.names.state, since: Math.round(state.names.since.wallMs), reason: state.names.reason },
    devices: [...state.summaries.values()].flatMap((summary) => deviceView(summary, state, context)),
    alerts: [...state.alerts.values()],
    silences: state.silences.list.map((silence) => silenceMessage(silence, now)),
    lifecycle: lookedOf(state, now),
  };
}

function deviceView({ hangsOn: _, ...summary }: DeviceSummary, state: AgentState, context: ViewContext): DeviceView[] {
  const device = state.inventory.devices.get(summary.id);
  const record = state.book.get(summary.id);
  if (!device || !record) return [];
  const { facts, identifiers, addresses, services, corrected } = device;
  const ports = device.ports.map((port) => ({ port, by: device.portsBy[port]?.by ?? 'tcp' }));
  const conflicts = [...state.inventory.contests.values()].filter(
    (contest) => isConflict(contest) && contest.claimants.some(({ deviceId }) => deviceId === device.id),
  );
  const known = {
    facts,
    identifiers,
    addresses,
    services,
    ports,
    conflicts,
    ...(corrected ? { corrected } : {}),
    ...verdictOf(device.id, state),
    ...silenceOf(device.id, state, context.now),
    ...placeOf(device.id, state),
    ...companyOf(device.id, state),
  };
  return [{ ...summary, ...healthOf(record, state, context), ...known }];
}

function lookedOf({ lifecycle: { last, failures } }: AgentState, now: Instant): NonNullable<AgentView['lifecycle']> {
  return { failures, ...(last ? { lookedAt: Math.round(now.wallMs - (now.monoMs - last.atMs)) } : {}) };
}

function verdictOf(deviceId: string, { lifecycle }: AgentState): Pick<DeviceView, 'verdict'> {
  const verdict = lifecycle.verdicts.get(deviceId);
  return verdict ? { verdict } : {};
}

function silenceOf(deviceId: string, { silences, summaries }: AgentState, now: Instant): Pick<DeviceView, 'silence'> {
  const silence = summaries.get(deviceId)?.personal ? undefined : silenceOn(silences, deviceId, summaries);
  return silence ? { silence: silenceMessage(silence, now) } : {};
}

function healthOf(record: CheckRecord, state: AgentState, { now, canRevalidate, policy }: ViewContext) {
  const gatewayId = [...state.summaries.values()].find((summary) => summary.isGateway)?.id;
  return {
    state: record.state,
    since: Math.round(record.since.wallMs),
    reason: record.reason,
    profile: record.profile.name,
    ...(record.past.decline ? { decline: declineWords(record.past.decline) } : {}),
    ...servingOf(record.deviceId, state),
    ...explanationOf(record.deviceId, state),
    ...promisedFor(state.summaries.get(record.deviceId), record, canRevalidate, policy),
    evidence: evidenceOf(record, { book: state.book, hub: state.hub, hearing: state.hearing, gatewayId, now }),
  };
}

function placeOf(deviceId: string, { wiring, summaries }: AgentState): Pick<DeviceView, 'behind'> {
  const parent = wiring.parents.get(deviceId);
  const carrier = summaries.get(parent?.id ?? '');
  return parent && carrier ? { behind: { ...parent, name: titleOf(carrier) } } : {};
}

const MOST_COMPANIONS = 3;

function companyOf(deviceId: string, { falls, wiring, summaries }: AgentState): Pick<DeviceView, 'fallsWith'> {
  if (wiring.parents.has(deviceId)) return {};
  const found = companionsOf(falls, deviceId).flatMap(({ id, times, of }) => {
    const other = summaries.get(id);
    return other && !other.personal ? [{ name: titleOf(other), times, of }] : [];
  });
  return found.length === 0 ? {} : { fallsWith: found.slice(0, MOST_COMPANIONS) };
}

/** Nothing where an alert about it fires all the same, as about an alarm panel. */
function explanationOf(deviceId: string, { alerts, causes, summaries }: AgentState): Pick<DeviceView, 'explainedBy'> {
  const outage = outageOf(causes, deviceId);
  if (!outage || alerts.values().some(({ device }) => device === deviceId)) return {};
  const carrier = summaries.get(outage.cause ?? '');
  return { explainedBy: carrier ? titleOf(carrier) : `the message that ${outage.size} devices fell silent at once` };
}

function servingOf(deviceId: string, { services }: AgentState): Pick<DeviceView, 'serving'> {
  const checks = services.book.get(deviceId)?.checks ?? [];
  return checks.length === 0 ? {} : { serving: checks.map(checkWords) };
}
