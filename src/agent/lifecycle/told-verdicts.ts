/**
 * What a device says itself of what wears out in it: its battery, its disks, its lamp or fan, its certificate. It wins over any table. A flag that was heard once is not yet
 * believed before a client, because some UPSs raise it for a moment; a certificate is news only where somebody is there to renew it.
 */
import { DAY_MS, dayOf, firstMomentOf } from '../../base/partial-date.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { DeviceKind } from '../inventory/kinds.ts';
import type { Report, ReportedCertificate } from '../inventory/reports.ts';
import { type ServiceLife, YEAR_MS } from './service-life.ts';
import type { Now, Told, ToldEnd, Verdict, VerdictState } from './verdict.ts';

type Device = Pick<DeviceSummary, 'kind' | 'name' | 'reports'>;

/** Of what was not told for so long nobody knows whether it still holds: a battery may have been changed, a certificate renewed. */
const STALE_MS = { part: 30 * DAY_MS, certificate: 7 * DAY_MS };
/** Two looks a day apart; they are jittered by a tenth (evidence/plan.ts). */
const TWICE_MS = 12 * 3_600_000;

type Lives = ReadonlyMap<string, ServiceLife>;

/** `lives`: of parts, by id. */
export function toldBy({ kind, name, reports = {} }: Device, lives: Lives, now: Now): Told {
  const ends: ToldEnd[] = [];
  const dates: Told['dates'][number][] = [];
  for (const [source, report] of Object.entries(reports)) {
    const { certificate } = report.says;
    const agoMs = Math.abs(now.at - report.at);
    if (certificate && isKept(certificate, kind, name)) {
      dates.push({ what: 'certificate', on: dayOf(certificate.until) });
      if (agoMs <= STALE_MS.certificate) ends.push(...certificateEnds(certificate, source, report, now));
    }
    const battery = batteryLife(report, lives);
    if (battery) dates.push({ what: 'usual life of the battery', on: dayOf(battery.since + battery.life.high * YEAR_MS).slice(0, 4) });
    if (agoMs <= STALE_MS.part)
      ends.push(...batteryEnds(source, report, lives, now), ...diskEnds(source, report), ...projectorEnds(source, report, lives));
  }
  return { ends, dates };
}

// ---- batteries ----

function batteryEnds(source: string, report: Report, lives: Lives, now: Now): ToldEnd[] {
  const { says, wornSince = report.at } = report;
  const whose = says.of === undefined ? 'Its battery' : `The battery of the UPS "${says.of}" on it`;
  const worn = (state: VerdictState, why: string, toDo: string): ToldEnd => ({
    cause: 'battery',
    name: `worn-${dayOf(wornSince)}`,
    stage: 0,
    verdict: verdictOf({ state, why, toDo }, source, report),
  });
  if (says.selfTest === 'failed') {
    const on = says.selfTestOn === undefined ? '' : ` on ${says.selfTestOn}`;
    return [
      worn(
        'due',
        `${whose} failed its self-test${on}: in a power cut it may not hold.`,
        'Replace the battery, then let it test itself again.',
      ),
    ];
  }
  if (says.batteryReplace) {
    const isRepeated = report.at - wornSince >= TWICE_MS;
    const since = dayOf(wornSince);
    if (isRepeated) return [worn('due', `${whose} must be replaced: it says so itself since ${since}.`, 'Replace the battery.')];
    const once = `${whose} must be replaced, it said once (${since}); some UPSs say so for a moment only.`;
    return [worn('check', once, 'Wait for its next answer, a day later, or look at the unit.')];
  }
  return batteryAge(whose, source, report, lives, now);
}

/** The day that it was put in or made; a battery that was changed without a word keeps its old day, so an age is never more than `due`. */
function batteryAge(whose: string, source: string, report: Report, lives: Lives, now: Now): ToldEnd[] {
  const battery = batteryLife(report, lives);
  if (!battery || !now.isSure) return [];
  const { day, since, life } = battery;
  const years = (now.at - since) / YEAR_MS;
  if (years < life.warnAt) return [];
  const isDue = years >= life.dueAt;
  const verb = report.says.batterySince === undefined ? 'was made on' : 'is of';
  const [told] = life.sources;
  return [
    {
      cause: 'battery',
      name: `age-${day}`,
      stage: isDue ? 0 : 365,
      verdict: {
        ...verdictOf(
          {
            state: isDue ? 'due' : 'plan',
            why: `${whose} ${verb} ${day}, as it says itself: they usually last ${life.low} to ${life.high} years.`,
            toDo: isDue ? 'Replace the battery. If it was replaced, tell the UPS the new date.' : 'Plan a new battery.',
          },
          source,
          report,
        ),
        source: { title: told?.title ?? '', ...(told?.url ? { url: told.url } : {}) },
      },
    },
  ];
}

type BatteryLife = { readonly day: string; readonly since: number; readonly life: ServiceLife };

/** Sealed lead where it does not say what it is: that is what homes have. */
function batteryLife({ says: { batterySince, batteryMadeOn, batteryKind } }: Report, lives: Lives): BatteryLife | undefined {
  const day = batterySince ?? batteryMadeOn;
  const life = lives.get(batteryKind === 'lithium' ? 'ups-battery-lithium' : 'ups-battery');
  return day === undefined || !life ? undefined : { day, since: firstMomentOf(day), life };
}

// ---- disks ----

function diskEnds(source: string, report: Report): ToldEnd[] {
  const { disksFailing, volumesDegraded } = report.says;
  const since = dayOf(report.wornSince ?? report.at);
  if (disksFailing === undefined && volumesDegraded === undefined) return [];
  const disks = disksFailing === undefined ? '' : `${disksFailing} failed or is about to`;
  const volumes = volumesDegraded === undefined ? '' : `${volumesDegraded} would not survive one more failed disk`;
  const why = `${[disks, volumes].filter(Boolean).join(', and ')}: so it says itself since ${since}.`;
  const toDo = 'See that there is a copy of what is on it, then replace the disk.';
  return [{ cause: 'replace', name: `disk-${since}`, stage: 0, verdict: verdictOf({ state: 'due', why, toDo }, source, report) }];
}

// ---- projectors ----

/** What it says is broken or warns of. Hours alone do not tell a lamp from a laser, which lasts six times as long: they are for the desk to look at. */
function projectorEnds(source: string, report: Report, lives: Lives): ToldEnd[] {
  const { faults = '', warnings = '', lampHours } = report.says;
  const { wornSince = report.at } = report;
  const part = (['lamp', 'fan'] as const).find((one) => faults.includes(one)) ?? (warnings.includes('lamp') ? 'lamp' : undefined);
  if (part !== undefined) {
    const isBroken = faults.includes(part);
    const hours = lampHours === undefined || part !== 'lamp' ? '' : ` after ${lampHours} hours`;
    const state = isBroken ? 'due' : 'plan';
    const why = `It ${isBroken ? 'says that its' : 'warns of its'} ${part}${isBroken ? ' has failed' : ''}${hours}, since ${dayOf(wornSince)}.`;
    const verdict = verdictOf({ state, why, toDo: `Replace the ${part}.` }, source, report);
    return [{ cause: 'replace', name: `${part}-${dayOf(wornSince)}`, stage: isBroken ? 0 : 365, verdict }];
  }
  const [lamp, laser] = [lives.get('projector-lamp'), lives.get('projector-laser')];
  if (lampHours === undefined || !lamp || !laser || lampHours < lamp.dueAt) return [];
  const why = `Its light has burnt for ${lampHours} hours: a lamp usually lasts ${lamp.low} to ${lamp.high}, a laser ${laser.low}.`;
  return [
    {
      cause: 'replace',
      name: 'hours',
      stage: 0,
      verdict: verdictOf({ state: 'check', why, toDo: 'Look which of the two it has.' }, source, report),
    },
  ];
}

// ---- certificates ----

/** What is longer than two years was made to be forgotten: certificate authorities have given out less since 2018 (825 days; 398 since September 2020). */
const LONGEST_KEPT_MS = 825 * DAY_MS;
/** Cast devices make themselves a new one every two days, and ACME has profiles of six: what is so short is renewed by a program or not missed. */
const SHORTEST_KEPT_MS = 30 * DAY_MS;
/** Of 90 days and less; ACME clients renew when a third is left, so 30 days before the end nothing is wrong yet. */
const SHORT_MS = 100 * DAY_MS;
/** Nobody missed it for so long. */
const FORGOTTEN_MS = 90 * DAY_MS;
const PLAN_DAYS = 30;
const DUE_DAYS = 7;

/** Where people reach a page or a service by its name, and renew what it shows; of TVs, speakers and lamps the maker's cloud does, or nobody. */
const KEPT_BY_PEOPLE = new Set<DeviceKind>([
  ...(['nas', 'server', 'router', 'firewall', 'access-point', 'switch', 'nvr', 'hub', 'controller', 'printer', 'ups'] as const),
  ...(['voip-gateway', 'access-control', 'alarm-panel', 'media-server', 'kvm', 'device-server'] as const),
]);
const SERVERS = new Set<DeviceKind | undefined>(['nas', 'server']);

/** Signed by a public or private authority and meant to be renewed; of those signed by themselves only that of a server or NAS with a name, whose users trust it by hand. */
function isKept({ from, until, isSelfSigned }: ReportedCertificate, kind: DeviceKind | undefined, name: string | undefined): boolean {
  const spanMs = until - from;
  if (spanMs < SHORTEST_KEPT_MS || spanMs > LONGEST_KEPT_MS) return false;
  return isSelfSigned ? SERVERS.has(kind) && name !== undefined : kind === undefined || KEPT_BY_PEOPLE.has(kind);
}

function certificateEnds({ from, until, isSelfSigned, issuer }: ReportedCertificate, source: string, report: Report, now: Now): ToldEnd[] {
  const days = Math.floor((until - now.at) / DAY_MS);
  const isPast = until < now.at;
  if (!now.isSure || days > (until - from <= SHORT_MS ? DUE_DAYS : PLAN_DAYS) || now.at - until > FORGOTTEN_MS) return [];
  const on = dayOf(until);
  const signer = isSelfSigned ? 'itself' : (/(?:^|,)O=([^,]+)/.exec(issuer)?.[1] ?? /(?:^|,)CN=([^,]+)/.exec(issuer)?.[1] ?? 'others');
  const port = source.slice(source.indexOf(':') + 1);
  const effect = isPast ? 'browsers and apps that look refuse it' : 'then browsers and apps that look refuse it';
  const verdict = verdictOf(
    {
      state: isPast ? 'overdue' : days <= DUE_DAYS ? 'due' : 'plan',
      why: `Its certificate on port ${port}, signed by ${signer}, ${isPast ? 'ended' : 'ends'} ${on}: ${effect}.`,
      toDo: 'Renew the certificate, or see why it was not renewed by itself.',
    },
    source,
    report,
  );
  return [{ cause: 'certificate', name: `port-${port}`, verdict: { ...verdict, ends: { what: 'certificate', on }, daysLeft: days } }];
}

// ---- what they share ----

const ASKED: Readonly<Record<string, string>> = { snmp: 'SNMP', nut: 'Network UPS Tools', pjlink: 'PJLink', tls: 'TLS' };

function verdictOf(
  { state, why, toDo }: { readonly state: VerdictState; readonly why: string; readonly toDo: string },
  source: string,
  { at }: Report,
): Verdict {
  const protocol = ASKED[source.replace(/:.*/, '')] ?? source;
  return {
    state,
    critical: false,
    tell: state === 'check' ? 'desk' : 'client',
    why,
    grade: 'told by the device',
    toDo,
    source: { title: `its answer by ${protocol}`, readOn: dayOf(at) },
    facts: [],
  };
}
