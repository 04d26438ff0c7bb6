/**
 * When a device was made, by its own word: a UPS tells the day, and some makers write year and week into the serial number (config/lifecycle/serial-schemes.json, each with
 * its source). How long it stood in a shop nobody knows, so it bounds the age from above only. A certificate that a device made for itself bounds it from
 * below; the date of its firmware does neither, for new devices are sold with old firmware.
 */
import { z } from 'zod';
import { DAY_MS, dayOf, firstMomentOf, isPartialDate, lastMomentOf } from '../../base/partial-date.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { Reports } from '../inventory/reports.ts';

const words = z.string().min(1);

export const serialSchemeSchema = z.strictObject({
  id: words,
  makers: z.array(words).min(1),
  /** Either `day` (20160211), or `year` and `week`, or `year` and `month`. */
  pattern: words,
  /** The year that 00 stands for, or the first of `years`. */
  yearZero: z.int().optional(),
  /** One character for each year, and for each month, where they are not numbers. */
  years: words.optional(),
  months: z.string().length(12).optional(),
  /** Only the last digit of the year is told: the newest such year that is past is taken, so that nothing is made older than it is. */
  decade: z.literal(true).optional(),
  /** Sources differ by so many years; the later ones are kept open. */
  spreadYears: z.int().optional(),
  note: words.optional(),
  sources: z.array(z.strictObject({ title: words, url: z.url() })).min(1),
  examples: z.array(z.strictObject({ serial: words, made: words, seen: words })).min(1),
  counterExamples: z.array(words).min(1),
});

export type SerialScheme = z.infer<typeof serialSchemeSchema>;

/** Unix milliseconds. `by`: who says so, for people. */
export type Made = { readonly from: number; readonly to: number; readonly by: string };

/** Makers count weeks in several ways: one more on each side covers them. */
const WEEK_MS = 7 * DAY_MS;

/** What the device itself measures or knows comes before what its number is said to mean. */
export function madeOf(
  device: Pick<DeviceSummary, 'vendor' | 'serial' | 'reports'>,
  schemes: readonly SerialScheme[],
  now: number,
): Made | undefined {
  // The day of a UPS that stands beside it is not its own.
  for (const { says } of Object.values(device.reports ?? {}))
    if (says.madeOn !== undefined && says.of === undefined)
      return { from: firstMomentOf(says.madeOn), to: lastMomentOf(says.madeOn), by: `made ${says.madeOn}, as it says itself` };
  const { vendor, serial } = device;
  const scheme = schemes.find(({ makers }) => makers.some((maker) => maker.toLowerCase() === vendor?.toLowerCase()));
  const made = scheme && serial !== undefined ? madeBySerial(serial, scheme, now) : undefined;
  const earlier = scheme?.decade ? ', or ten years before,' : '';
  return made && { ...made, by: `made ${yearsOf(made)}${earlier} by its serial number` };
}

type Span = { readonly from: number; readonly to: number };

/** Undefined for a number of another form, or with a day or a week that there is not. `now`: Unix milliseconds. */
export function madeBySerial(serial: string, scheme: SerialScheme, now: number): Span | undefined {
  const { day, year, week, month } = new RegExp(scheme.pattern).exec(serial.trim().toUpperCase())?.groups ?? {};
  if (day !== undefined) {
    const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
    return isPartialDate(date) ? { from: firstMomentOf(date), to: lastMomentOf(date) } : undefined;
  }
  const inYear = year === undefined ? undefined : month === undefined ? ofWeek(Number(week)) : ofMonth(scheme.months?.indexOf(month) ?? -1);
  if (year === undefined || !inYear) return undefined;
  const { yearZero = 0, spreadYears = 0, years, decade } = scheme;
  const first = yearZero + (years ? years.indexOf(year) : Number(year));
  if (!decade) return { from: inYear(first).from, to: inYear(first + spreadYears).to };
  const thisYear = new Date(now).getUTCFullYear();
  const newest = thisYear - ((thisYear - Number(year)) % 10);
  return inYear(newest).from <= now ? inYear(newest) : inYear(newest - 10);
}

function ofWeek(week: number): ((year: number) => Span) | undefined {
  if (!(week >= 1 && week <= 53)) return undefined;
  return (year) => {
    const at = Date.UTC(year, 0, 1) + (week - 1) * WEEK_MS;
    return { from: at - WEEK_MS, to: at + 2 * WEEK_MS };
  };
}

/** Counted from 0. */
function ofMonth(month: number): ((year: number) => Span) | undefined {
  return month < 0 ? undefined : (year) => ({ from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) - 1 });
}

function yearsOf({ from, to }: { readonly from: number; readonly to: number }): string {
  const [first, last] = [dayOf(from).slice(0, 4), dayOf(to).slice(0, 4)];
  return first === last ? first : `${first} or ${last}`;
}

/** Before this no device of a home had a certificate of its own that is still in use. */
const EARLIEST_MS = Date.parse('2010-01-01');

/**
 * The oldest moment at which it was there for certain: when it made itself a certificate, in its own name. A clock that was not set yet says the first of January or
 * midnight of some day, which is no trace of anything.
 */
export function oldestTrace(reports: Reports = {}): { readonly at: number; readonly by: string } | undefined {
  const traces = Object.values(reports).flatMap(({ says: { certificate } }) => {
    if (!certificate?.isOwn || !certificate.isSelfSigned || certificate.from < EARLIEST_MS) return [];
    const isDefault = certificate.from % DAY_MS === 0 || dayOf(certificate.from).endsWith('-01-01');
    return isDefault ? [] : [certificate.from];
  });
  if (traces.length === 0) return undefined;
  const at = Math.min(...traces);
  return { at, by: `its own certificate is of ${dayOf(at)}` };
}
