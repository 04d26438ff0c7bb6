/** The time that was worked in a month, for invoices: by dealer of record and home, each month by the clock of its home. Only reads. */
import { dayAt, firstAt, wallTime } from '../base/time-zone.ts';
import { csvText } from './csv.ts';
import type { HomeServiceView } from './service/service-view.ts';
import { sumOf, type TimeSum, type WorkedTime } from './service/worked-time.ts';

/** `day` and `time` by the clock of the home. */
export type TimeLine = WorkedTime & {
  readonly siteName: string;
  readonly dealer?: string;
  readonly day: string;
  readonly time: string;
  readonly timeZone: string;
};

export type TimeSheet = {
  /** `2026-11` */
  readonly month: string;
  readonly lines: readonly TimeLine[];
  readonly homes: readonly (TimeSum & { readonly site: string; readonly siteName: string; readonly dealer?: string })[];
};

export type SheetHome = { readonly siteName: string; readonly service?: Pick<HomeServiceView, 'timeZone' | 'dealer'> | undefined };

/** More than any month anywhere: the furthest places are 14 h ahead and 12 h behind. */
export function aroundMonth(month: string): { readonly from: number; readonly to: number } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return { from: firstAt('Pacific/Kiritimati', `${month}-01`, 0), to: firstAt('Etc/GMT+12', `${next}-01`, 0) };
}

/** `entries` around that month; `dealer`: only of his homes. */
export function timeSheet(
  month: string,
  entries: readonly WorkedTime[],
  homes: ReadonlyMap<string, SheetHome>,
  dealer?: string,
): TimeSheet {
  const lines = entries.flatMap((entry): TimeLine[] => {
    const { siteName = entry.site, service } = homes.get(entry.site) ?? {};
    const timeZone = service?.timeZone ?? 'UTC';
    const day = dayAt(timeZone, entry.at);
    if (!day.startsWith(month) || (dealer !== undefined && service?.dealer !== dealer)) return [];
    const of = service?.dealer === undefined ? {} : { dealer: service.dealer };
    return [{ ...entry, siteName, ...of, day, time: wallTime(timeZone, entry.at).slice(11), timeZone }];
  });
  const byHome = Map.groupBy(lines, ({ site }) => site);
  const sums = [...byHome].map(([site, some]) => {
    const { siteName, dealer: of } = some[0]!;
    return { site, siteName, ...(of === undefined ? {} : { dealer: of }), ...sumOf(some) };
  });
  return {
    month,
    lines,
    homes: sums.sort((one, other) => one.siteName.localeCompare(other.siteName, 'en') || (one.site < other.site ? -1 : 1)),
  };
}

const COLUMNS = [
  'no',
  'day',
  'time',
  'time zone',
  'dealer',
  'home',
  'site',
  'ticket',
  'by',
  'minutes',
  'counted',
  'billable',
  'agreed by',
  'rate',
  'without consent because',
  'what was done',
  'taken back because',
] as const;

/** For spreadsheets. What was taken back stands there with its reason, and counts nothing. */
export function csvOf({ lines }: TimeSheet): string {
  const rows = lines.map((line) => [
    line.no,
    line.day,
    line.time,
    line.timeZone,
    line.dealer ?? '',
    line.siteName,
    line.site,
    line.ticket,
    line.by,
    line.minutes,
    line.takenBack === undefined ? line.counted : 0,
    line.billable ? 'yes' : 'no',
    line.consent?.from ?? '',
    line.consent?.rate ?? '',
    line.override ?? '',
    line.text,
    line.takenBack ?? '',
  ]);
  return csvText([COLUMNS, ...rows]);
}
