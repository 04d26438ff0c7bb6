/**
 * What a vendor or the dealer is given of a ticket: what is wrong, with its evidence, what the device is and how that is known, how it did, and what was tried. Pure. Only what is
 * named here leaves the desk, each text of it redacted (redact.ts); decision 0043.
 */
import { present } from '../../base/present.ts';
import type { AlertCode, AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { Evidence, HealthState, VerdictMessage } from '../../protocol/messages.ts';
import { couldBeSomebodys } from '../../protocol/personal-kinds.ts';
import type { Course, Stretch, Totals } from '../courses/course.ts';
import { mapOf, wayTo } from '../dossier/home-map.ts';
import type { TicketPageView } from '../reader.ts';
import type { Outcome, TicketState, Tier } from '../tickets/ticket.ts';
import type { AlertView, Between, DeviceView, SiteView } from '../views.ts';
import { type ActorRole, type PackedDeed, packedDeeds } from './packed-deeds.ts';
import { type Redact, redactedUrl } from './redact.ts';

export const PACK_FORMAT = 'hearthbeat-pack-1';

export type PackedAlert = {
  readonly code: AlertCode;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly text: string;
  readonly since: number;
  /** Nobody can say nearer when it began. */
  readonly sinceBetween?: Between;
  readonly over?: { readonly at: number; readonly because?: string };
  readonly ends?: string;
  readonly evidence?: Evidence;
};

type Known = { readonly name?: string; readonly vendor?: string; readonly model?: string; readonly kind?: string };

export type PackedCourse = {
  readonly from: number;
  readonly to: number;
  readonly totals: Totals;
  readonly days: readonly { readonly from: number; readonly to: number; readonly totals: Totals; readonly medianMs?: number }[];
  /** The newest, the oldest of them first. */
  readonly stretches: readonly Stretch[];
};

/** How near its end it is, and who says so. */
export type PackedVerdict = Pick<VerdictMessage, 'state' | 'tell' | 'why' | 'grade' | 'toDo' | 'timeline' | 'source'> &
  Pick<Partial<VerdictMessage>, 'ends'>;

export type PackedDevice = Known & {
  readonly modelNumber?: string;
  readonly serial?: string;
  readonly firmware?: string;
  readonly isGateway: boolean;
  readonly state: HealthState;
  readonly since?: number;
  readonly reason?: string;
  readonly lastKnown?: { readonly state: HealthState; readonly since: number };
  readonly because: readonly { readonly fact: string; readonly source: string; readonly confidence: number; readonly or?: string }[];
  /** Only where they were asked for. */
  readonly addresses?: { readonly ips: readonly string[]; readonly macs: readonly string[] };
  readonly lifecycle?: PackedVerdict;
  /** From what it hangs on to the last before the router, as far as anybody told. */
  readonly hangsOn: readonly (Known & { readonly state: HealthState })[];
  readonly evidence?: Evidence;
  readonly course?: PackedCourse;
};

export type Pack = {
  readonly format: typeof PACK_FORMAT;
  readonly madeAt: number;
  readonly hasAddresses: boolean;
  readonly versions: { readonly hub?: string; readonly desk?: string };
  readonly ticket: {
    readonly number: number;
    readonly title: string;
    readonly state: TicketState;
    readonly tier: Tier;
    readonly openedAt: number;
    readonly resolvedAt?: number;
    readonly outcome?: Outcome;
    readonly reopened: number;
  };
  /** The home by its id alone. */
  readonly home: {
    readonly id: string;
    readonly hub: SiteView['presence']['phase'];
    readonly router: HealthState;
    readonly internet: HealthState;
  };
  readonly alerts: readonly PackedAlert[];
  readonly devices: readonly PackedDevice[];
  /** How many devices it is about that could be somebody's own, and are left out. */
  readonly personalDevices: number;
  readonly tried: readonly PackedDeed[];
  readonly timeline: readonly PackedDeed[];
};

export type PackParts = {
  readonly ticket: TicketPageView;
  readonly site: SiteView;
  /** Of the home. */
  readonly devices: readonly DeviceView[];
  /** Those that it is about. */
  readonly about: readonly { readonly device: DeviceView; readonly course?: Course }[];
  readonly deskVersion: string | undefined;
  readonly hasAddresses: boolean;
  readonly roleOf: (actor: string) => ActorRole;
  readonly redact: Redact;
  readonly now: number;
};

export function packOf(parts: PackParts): Pack {
  const { ticket, site, about, deskVersion, hasAddresses, redact, now } = parts;
  const { number, title, state, tier, openedAt, resolvedAt, outcome, reopened } = ticket;
  const told = about.filter(({ device }) => !couldBeSomebodys(device));
  return {
    format: PACK_FORMAT,
    madeAt: now,
    hasAddresses,
    versions: present({ hub: redacted(site.hubVersion, redact.label), desk: deskVersion }),
    ticket: { number, title: redact.words(title), state, tier, openedAt, ...present({ resolvedAt, outcome }), reopened },
    home: { id: site.id, hub: site.presence.phase, router: site.gateway, internet: site.internet },
    alerts: ticket.alerts.map((alert) => packedAlert(alert, redact)),
    devices: told.map((one) => packedDevice(one, parts)),
    personalDevices: about.length - told.length,
    ...packedDeeds(ticket.deeds, parts.roleOf, redact),
  };
}

function packedAlert(alert: AlertView, { words, label }: Redact): PackedAlert {
  const { code, severity, title, text, raisedAt, raisedBetween, clearedAt, clearedBecause, ends, evidence } = alert;
  const over = clearedAt === undefined ? undefined : { at: clearedAt, ...present({ because: redacted(clearedBecause, words) }) };
  return {
    ...{ code, severity, title: words(title), text: words(text), since: raisedAt },
    ...present({ sinceBetween: raisedBetween, over, ends, evidence: evidence && packedEvidence(evidence, { words, label }) }),
  };
}

function packedEvidence({ attempts, lastAnswerAt, hub }: Evidence, { words, label }: Redact): Evidence {
  return {
    attempts: attempts.map((attempt) => ({ ...attempt, method: label(attempt.method), detail: words(attempt.detail) })),
    lastAnswerAt: Object.fromEntries(Object.entries(lastAnswerAt).map(([method, at]) => [label(method), at])),
    hub,
  };
}

function packedDevice({ device, course }: PackParts['about'][number], { redact, devices, hasAddresses }: PackParts): PackedDevice {
  const { words, label } = redact;
  const { isGateway, state, since, lastKnown, because = [], lifecycle, evidence, ips, macs } = device;
  const carriers = wayTo(mapOf(devices).known, device.id) ?? [];
  return {
    ...known(device, redact),
    ...present({
      modelNumber: redacted(device.modelNumber, label),
      serial: redacted(device.serial, label),
      firmware: redacted(device.firmware, label),
    }),
    isGateway,
    state,
    ...present({ since, reason: redacted(device.reason, words), lastKnown }),
    because: because.map(({ fact, source, confidence, or }) => ({
      ...{ fact, source: label(source), confidence },
      ...present({ or: redacted(or, label) }),
    })),
    hangsOn: carriers.map((carrier) => ({ ...known(carrier, redact), state: carrier.state })),
    ...present({
      addresses: hasAddresses ? { ips, macs } : undefined,
      lifecycle: lifecycle && packedVerdict(lifecycle, redact),
      evidence: evidence && packedEvidence(evidence, redact),
      course: course && packedCourse(course),
    }),
  };
}

/** Of what could be somebody's own only that it is there. */
function known(device: DeviceView, { words, label }: Redact): Known {
  if (couldBeSomebodys(device)) return {};
  const { name, vendor, model, kind } = device;
  return present({
    name: redacted(name, words),
    vendor: redacted(vendor, label),
    model: redacted(model, label),
    kind: redacted(kind, label),
  });
}

function packedVerdict({ state, tell, why, grade, ends, toDo, timeline, source }: VerdictMessage, redact: Redact): PackedVerdict {
  const { words } = redact;
  const { title, url, readOn } = source;
  return {
    ...{ state, tell, why: words(why), grade: words(grade), toDo: words(toDo) },
    ...present({ ends: ends && { ...ends, what: words(ends.what) } }),
    timeline: timeline.map((end) => ({ ...end, what: words(end.what) })),
    source: { title: words(title), ...present({ url: url === undefined ? undefined : redactedUrl(url, redact), readOn }) },
  };
}

const STRETCHES = 60;

function packedCourse({ from, to, totals, parts, stretches }: Course): PackedCourse {
  return { from, to, totals, days: parts, stretches: stretches.slice(-STRETCHES) };
}

function redacted(text: string | undefined, as: (text: string) => string): string | undefined {
  return text === undefined ? undefined : as(text);
}
