/**
 * What a device says itself of what wears out in it: its battery, its certificate, its parts (told-parts.ts), and what manages it of its support (told-support.ts). It wins over any table. A flag that was heard once is not yet
 * believed before a client, because some UPSs raise it for a moment; a certificate is news only where somebody is there to renew it.
 */
import { DAY_MS, dayOf, firstMomentOf } from '../../base/partial-date.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { DeviceKind } from '../inventory/kinds.ts';
import type { Report, ReportedCertificate } from '../inventory/reports.ts';
import { type ServiceLife, YEAR_MS } from './service-life.ts';
import { diskEnds, printerEnds, projectorEnds } from './told-parts.ts';
import { supportEnds } from './told-support.ts';
import { type Lives, TWICE_MS, verdictOf } from './told-verdict.ts';
import type { Now, Told, ToldEnd, VerdictState } from './verdict.ts';

type Device = Pick<DeviceSummary, 'kind' | 'name' | 'reports'>;

/** Of what was not told for so long nobody knows whether it still holds: a battery may have been changed, a certificate renewed. */
const STALE_MS = { part: 30 * DAY_MS, certificate: 7 * DAY_MS };
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
      ends.push(
        ...batteryEnds(source, report, lives, now),
        ...diskEnds(source, report),
        ...projectorEnds(source, report, lives),
        ...printerEnds(source, report),
      );
    ends.push(...supportEnds(source, report));
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
