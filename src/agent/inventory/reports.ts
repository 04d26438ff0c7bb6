/**
 * What a device tells of its own state and age beside who it is: its battery, its lamp, its pages, its certificate. Kept as the newest answer of each source, typed and
 * capped, with the device. Nothing here decides who it is, and nothing of it leaves the house but in a verdict.
 */
import { firstMomentOf, isPartialDate } from '../../base/partial-date.ts';
import { present } from '../../base/present.ts';
import { cleanText } from '../../base/text.ts';
import type { EvidenceSighting, Sighting } from '../discovery/sighting.ts';
import {
  disksIn,
  fallingSupplies,
  grownDisks,
  isGrown,
  isUsedUp,
  type ReportedDisk,
  type ReportedSupply,
  suppliesIn,
  withUntold,
} from './reported-parts.ts';

/** Days are `2019-05-31`, instants Unix milliseconds. */
export type Reported = {
  /** Of which UPS a device speaks that is none itself: what its daemon calls it. */
  readonly of?: string;
  readonly batteryReplace?: boolean;
  /** Put in on this day, by the word of who put it in; a battery that was changed without a word keeps its old day. */
  readonly batterySince?: string;
  readonly batteryMadeOn?: string;
  readonly batteryKind?: 'lead' | 'lithium';
  /** How long it would last with what hangs on it now. */
  readonly batteryMinutes?: number;
  readonly selfTest?: 'passed' | 'failed';
  readonly selfTestOn?: string;
  /** When the UPS was made. */
  readonly madeOn?: string;
  /** When its firmware was built, which says nothing of its own age. */
  readonly firmwareOn?: string;
  /** What a NAS calls the disks that failed or are about to, and the volumes that would not survive another one: comma-separated. */
  readonly disksFailing?: string;
  readonly volumesDegraded?: string;
  /** Those of which its firmware warns. */
  readonly disksWarned?: string;
  readonly disks?: readonly ReportedDisk[];
  /** What the software that manages it says of its model: no updates any more, repairs alone, not known any more. */
  readonly support?: 'ended' | 'fixes-only' | 'unsupported';
  /** A newer firmware that is offered for it: its version, or `newer`. */
  readonly firmwareOffered?: string;
  readonly pages?: number;
  /** Of a printer: what wears out and is replaced, and what is used up. */
  readonly parts?: readonly ReportedSupply[];
  readonly supplies?: readonly ReportedSupply[];
  readonly lampHours?: number;
  /** `lamp`, `fan`, `filter`, `temperature`: comma-separated, as a projector tells them. */
  readonly faults?: string;
  readonly warnings?: string;
  readonly certificate?: ReportedCertificate;
};

export type ReportedCertificate = {
  readonly from: number;
  readonly until: number;
  readonly isSelfSigned: boolean;
  /** Made for this one device: its number or MAC is in it. */
  readonly isOwn?: true;
  readonly subject: string;
  readonly issuer: string;
};

export type Report = {
  /** When it was told last; renewed at most twice a day. */
  readonly at: number;
  /** Since when in a row it has said that something of it is worn out. */
  readonly wornSince?: number;
  readonly says: Reported;
};

/** By source: the reader, with the port where there are several of a kind (`tls:443`). At most six. */
export type Reports = Readonly<Record<string, Report>>;

const MOST_SOURCES = 6;
const RENEW_AFTER_MS = 12 * 3_600_000;
const LONGEST_TEXT = 96;
const WEARS = /\b(lamp|fan)\b/;
/** Defaults of firmware: APC's HID descriptors say 2001-01-01 and 2001-09-25 of batteries made last year (Network UPS Tools, issues 2388 and 3205). */
const EARLIEST_DAY = Date.parse('2005-01-01');

type Fields = Readonly<Record<string, string>>;

/** Who tells of such things; other evidence is not looked at. */
const READ_BY: Readonly<Record<string, (fields: Fields) => Reported>> = {
  snmp: (fields) => ({
    ...ofUps(fields),
    ...ofNas(fields),
    ...present({ parts: suppliesIn(fields.printerParts), supplies: suppliesIn(fields.printerSupplies) }),
    ...present({ pages: countOf(fields.pageCount), firmwareOn: kernelDay(fields.sysDescr) }),
  }),
  nut: (fields) => ({ ...present({ of: textOf(fields.upsModel) ?? textOf(fields.upsName) }), ...ofUps(fields) }),
  pjlink: ({ lampHours, faults, warnings }) =>
    present({ lampHours: countOf(lampHours), faults: textOf(faults), warnings: textOf(warnings) }),
  tls: (fields) => present({ certificate: certificateOf(fields) }),
  'unifi-console': (fields) => present({ support: supportOf(fields), firmwareOffered: textOf(fields.firmwareOffered) }),
  // 27.0.6.46330.5043500 epdbuild.trunk.hepdswbld04.2022-08-04T11:20:29
  soundtouch: ({ softwareVersion }) => present({ firmwareOn: dayOf(/\b20\d\d-\d\d-\d\d(?=T)/.exec(softwareVersion ?? '')?.[0]) }),
  // 20230913-112003/v1.14.0-gcb84623
  shelly: ({ fw }) =>
    present({
      firmwareOn: dayOf(
        /^(20\d\d)(\d\d)(\d\d)-\d{6}\//
          .exec(fw ?? '')
          ?.slice(1)
          .join('-'),
      ),
    }),
};

const OF_ANOTHER = { port: undefined, identifiers: [] };

/** The device with what a sighting tells of its state; the same one where that is nothing new. */
export function withReport<D extends { readonly reports?: Reports }>(device: D, sighting: Sighting): D {
  if (!('reader' in sighting)) return device;
  const { fields, reader, at } = sighting;
  const read = READ_BY[reader];
  if (!read) return device;
  const { port, identifiers } = sighting.method === 'controller' ? OF_ANOTHER : sighting;
  const source = reader === 'tls' ? `tls:${port}` : reader;
  const before = device.reports?.[source];
  const told = withPast(withOwner(read(fields), identifiers), before?.says, at.wallMs);
  const says = before === undefined ? told : withUnheard(told, before.says, fields);
  if (Object.keys(says).length === 0) return device;
  const isSame = before !== undefined && JSON.stringify(before.says) === JSON.stringify(says);
  if (isSame && at.wallMs - before.at < RENEW_AFTER_MS) return device;
  const wornSince = isWorn(says) ? (before?.wornSince ?? at.wallMs) : undefined;
  const report: Report = { at: at.wallMs, ...present({ wornSince }), says };
  return { ...device, reports: newest({ ...device.reports, [source]: report }) };
}

function withPast(says: Reported, before: Reported | undefined, at: number): Reported {
  if (!says.disks && !says.parts) return says;
  return {
    ...says,
    ...(says.disks ? { disks: grownDisks(says.disks, before?.disks, at) } : {}),
    ...(says.parts ? { parts: fallingSupplies(says.parts, before?.parts) } : {}),
  };
}

/** An agent that broke off (evidence/snmp.ts) has taken back nothing that it said before. */
function withUnheard(told: Reported, before: Reported, { disksUnheard, wearUnheard, suppliesUnheard }: Fields): Reported {
  const { disksFailing, disksWarned, volumesDegraded, disks, parts, supplies } = before;
  return {
    ...(disksUnheard === undefined ? {} : present({ disksFailing, disksWarned, volumesDegraded })),
    ...(wearUnheard === undefined && disksUnheard === undefined ? {} : present({ disks })),
    ...told,
    ...(suppliesUnheard === undefined || !parts ? {} : { parts: withUntold(told.parts, parts) }),
    ...(suppliesUnheard === undefined || !supplies ? {} : { supplies: withUntold(told.supplies, supplies) }),
  };
}

/** The reader of certificates knows which are made for one device: it tells those as an identifier. */
function withOwner(says: Reported, identifiers: EvidenceSighting['identifiers']): Reported {
  const { certificate } = says;
  if (!certificate || !identifiers.some(({ kind }) => kind === 'certificate')) return says;
  return { ...says, certificate: { ...certificate, isOwn: true } };
}

/** Of two devices that turned out to be one. */
export function unitedReports(one: Reports | undefined, other: Reports | undefined): { reports?: Reports } {
  const all = [...Object.entries(one ?? {}), ...Object.entries(other ?? {})].sort(([, a], [, b]) => a.at - b.at);
  return all.length === 0 ? {} : { reports: newest(Object.fromEntries(all)) };
}

/** A battery that wants to be replaced or failed its test, a disk that fails, a lamp or a fan of which a projector warns, a part of a printer that is used up. */
function isWorn(says: Reported): boolean {
  const { batteryReplace, selfTest, faults = '', warnings = '', disks = [], parts = [] } = says;
  if (says.disksFailing !== undefined || says.disksWarned !== undefined || says.volumesDegraded !== undefined) return true;
  if (disks.some(isGrown) || parts.some(isUsedUp)) return true;
  return batteryReplace === true || selfTest === 'failed' || WEARS.test(`${faults}, ${warnings}`);
}

function newest(reports: Reports): Reports {
  const all = Object.entries(reports);
  return all.length <= MOST_SOURCES ? reports : Object.fromEntries(all.sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_SOURCES));
}

function ofUps(fields: Fields): Reported {
  const madeOn = dayOf(fields.upsMadeOn);
  const { batteryStatus: status, batteryKind: kind, selfTest } = fields;
  /** A battery older than the UPS that it came with has never been told its day. */
  const batteryDay = (day: string | undefined): string | undefined =>
    day !== undefined && madeOn !== undefined && day < madeOn ? undefined : day;
  return present({
    batteryReplace: status === undefined ? undefined : status === 'replace',
    batterySince: batteryDay(dayOf(fields.batteryReplacedOn)),
    batteryMadeOn: batteryDay(dayOf(fields.batteryMadeOn)),
    batteryKind: kind === 'lead' || kind === 'lithium' ? kind : undefined,
    batteryMinutes: countOf(fields.batteryMinutes),
    selfTest: selfTest === 'passed' || selfTest === 'failed' ? selfTest : undefined,
    selfTestOn: dayOf(fields.selfTestOn),
    madeOn,
  });
}

function ofNas({ disksFailing, disksWarned, volumesDegraded, diskWear }: Fields): Reported {
  const named = { disksFailing: textOf(disksFailing), disksWarned: textOf(disksWarned), volumesDegraded: textOf(volumesDegraded) };
  return present({ ...named, disks: disksIn(diskWear) });
}

function supportOf({ endOfLife, fixesOnly, unsupported }: Fields): Reported['support'] {
  if (endOfLife === 'yes') return 'ended';
  return fixesOnly === 'yes' ? 'fixes-only' : unsupported === 'yes' ? 'unsupported' : undefined;
}

function certificateOf({ validFrom, validTo, selfSigned, subject, issuer }: Fields): ReportedCertificate | undefined {
  const [from, until] = [Number(validFrom), Number(validTo)];
  if (!(from > 0 && until > from)) return undefined;
  return { from, until, isSelfSigned: selfSigned === 'yes', subject: textOf(subject) ?? '', issuer: textOf(issuer) ?? '' };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Linux Vault 4.4.302+ #69057 SMP Fri Jan 12 17:02:28 CST 2024 x86_64`: the end of `uname -v` (Linux, scripts/mkcompile_h). */
function kernelDay(sysDescr: string | undefined): string | undefined {
  const found = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:\d\d:\d\d (?:\w{2,5} )?(20\d\d)\b/.exec(
    sysDescr ?? '',
  );
  const [, month = '', day = '', year = ''] = found ?? [];
  return dayOf(`${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day.padStart(2, '0')}`);
}

function dayOf(text: string | undefined): string | undefined {
  return text !== undefined && text.length === 10 && isPartialDate(text) && firstMomentOf(text) >= EARLIEST_DAY ? text : undefined;
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function textOf(text: string | undefined): string | undefined {
  return cleanText(text, LONGEST_TEXT);
}
