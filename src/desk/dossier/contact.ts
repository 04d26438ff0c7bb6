/** Whom the desk can reach about a home: who they are to it, by which ways, and when they may be called by the clock of the home. Pure. */
import { dayAfter, dayAt, WEEKDAYS, type Weekday } from '../../base/time-zone.ts';
import type { WallSpan } from '../service/policy.ts';
import { freeFrom, spanOn } from '../service/spans.ts';

/** What somebody is to a home, in the order in which they are asked. `vendor`: a company, at its own desk. */
export const CONTACT_ROLES = ['owner', 'family', 'housekeeper', 'caretaker', 'neighbour', 'assistant', 'vendor', 'other'] as const;
export type ContactRole = (typeof CONTACT_ROLES)[number];

export const WAYS = ['mobile', 'phone', 'email', 'other'] as const;
export type Way = (typeof WAYS)[number];

export type ContactWay = { readonly by: Way; readonly to: string };

/** What people say of somebody. `ways`: the preferred one first; at least one. `hours`: as `hoursIn` reads them; none: at any hour. `first`: to be called before others. */
export type ContactSaid = {
  readonly name: string;
  readonly role: ContactRole;
  readonly hasKey: boolean;
  readonly first: boolean;
  readonly ways: readonly ContactWay[];
  readonly hours?: string | undefined;
  readonly language?: string | undefined;
  /** For who works there, not for clients. */
  readonly about?: string | undefined;
};

/** Who wrote something down, and who changed it last. */
export type Hand = { readonly by: string; readonly at: number; readonly changed?: { readonly by: string; readonly at: number } };

export type Contact = ContactSaid & Hand & { readonly no: number; readonly version: number };

/** `from`: from when on somebody may be called; missing where no hour is left. */
export type Reach = { readonly may: true } | { readonly may: false; readonly from?: number };

export type ContactView = Contact & { readonly reach: Reach };

export type NoteSaid = { readonly text: string; readonly pinned: boolean };
/** What stays known of a home, whoever is on shift. */
export type HomeNote = NoteSaid & Hand & { readonly no: number; readonly version: number };

const DAY_MS = 86_400_000;
const MOST_SPANS = 8;
const SPAN = /^(?:([a-z]{3,9})(?: ?[-–] ?([a-z]{3,9}))? +)?(\d{1,2})(?:[:.](\d\d))? ?(?:[-–]|to) ?(\d{1,2})(?:[:.](\d\d))?$/;

/** `mon-fri 8-18, sat 10:00-14:00`; without a day it is every day. Undefined where that is not how it is written. */
export function hoursIn(text: string): WallSpan[] | undefined {
  const parts = text
    .toLowerCase()
    .split(/[,;]/)
    .map((part) => part.trim());
  const spans = parts.map(spanIn).filter((span) => span !== undefined);
  return spans.length === parts.length && spans.length <= MOST_SPANS ? spans : undefined;
}

function spanIn(text: string): WallSpan | undefined {
  const [, first, last, fromHour, fromMinute, toHour, toMinute] = SPAN.exec(text) ?? [];
  if (fromHour === undefined) return undefined;
  const days = daysBetween(first, last);
  const [from, to] = [minuteIn(fromHour, fromMinute), minuteIn(toHour, toMinute)];
  return days === undefined || from >= 1440 || to > 1440 || to === 0 || from === to ? undefined : { days, from, to };
}

/** What is no time of day becomes one that is none. */
function minuteIn(hour: string | undefined, minute = '0'): number {
  return Number(minute) > 59 ? Number.POSITIVE_INFINITY : Number(hour) * 60 + Number(minute);
}

function daysBetween(first: string | undefined, last = first): ReadonlySet<Weekday> | undefined {
  if (first === undefined || last === undefined) return new Set(WEEKDAYS);
  const [from, to] = [dayIn(first), dayIn(last)];
  if (from < 0 || to < 0) return undefined;
  const count = ((to - from + WEEKDAYS.length) % WEEKDAYS.length) + 1;
  return new Set(Array.from({ length: count }, (_, i) => WEEKDAYS[(from + i) % WEEKDAYS.length] as Weekday));
}

const LONG_DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const dayIn = (word: string): number => LONG_DAYS.findIndex((day) => day.startsWith(word));

/** As it is kept and shown, so that one way of writing it is seen everywhere. */
export function hoursWritten(spans: readonly WallSpan[]): string {
  return spans.map(({ days, from, to }) => `${daysWritten(days)}${minuteWritten(from)}-${minuteWritten(to)}`).join(', ');
}

function daysWritten(days: ReadonlySet<Weekday>): string {
  if (days.size === WEEKDAYS.length) return '';
  const [first, last] = [[...days][0], [...days].at(-1)];
  return first === last ? `${first} ` : `${first}-${last} `;
}

const minuteWritten = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** `noCalls`: when nobody is to call the home, by the service policy; of a house that is down, none. `isZoneKnown`: else it is UTC. */
export type CallTimes = { readonly timeZone: string; readonly isZoneKnown: boolean; readonly noCalls: readonly WallSpan[] };

/** A week has every hour in it, but one that the clock jumps over; what is not found in two is never. */
const DAYS_AHEAD = 15;

/** Whether somebody may be called then, by his own hours and by those in which nobody is to call the home: a company is not in it. */
export function reachOf(
  { role, hours }: Pick<ContactSaid, 'role' | 'hours'>,
  { timeZone, noCalls }: Omit<CallTimes, 'isZoneKnown'>,
  at: number,
): Reach {
  const own = hours === undefined ? [] : (hoursIn(hours) ?? []);
  const quiet = role === 'vendor' ? [] : noCalls;
  const last = at + DAYS_AHEAD * DAY_MS;
  let from: number | undefined = at;
  while (from !== undefined && from <= last) {
    const free = freeFrom(quiet, timeZone, from);
    const within = free === undefined ? undefined : withinFrom(own, timeZone, free);
    if (within !== undefined && within === free) return within === at ? { may: true } : { may: false, from: within };
    from = within;
  }
  return { may: false };
}

/** `at`, where one of the spans lasts then or there are none, else when the next begins. */
function withinFrom(spans: readonly WallSpan[], zone: string, at: number): number | undefined {
  if (spans.length === 0) return at;
  // What began the evening before may still last.
  let day = dayAfter(dayAt(zone, at), -1);
  for (let tried = 0; tried <= DAYS_AHEAD; tried++, day = dayAfter(day)) {
    const starts = spans.flatMap((span) => {
      const on = spanOn(span, zone, day);
      return on === undefined || on.to <= at ? [] : [Math.max(on.from, at)];
    });
    if (starts.length > 0) return Math.min(...starts);
  }
  return undefined;
}

/** Who may be called now before who may be later, then who is to be called first, then by what they are to the home. */
export function byReach(left: ContactView, right: ContactView): number {
  const later = ({ reach }: ContactView): number => (reach.may ? 0 : (reach.from ?? Number.POSITIVE_INFINITY));
  const [one, other] = [later(left), later(right)];
  return (
    (one === other ? 0 : one < other ? -1 : 1) ||
    Number(right.first) - Number(left.first) ||
    CONTACT_ROLES.indexOf(left.role) - CONTACT_ROLES.indexOf(right.role) ||
    left.no - right.no
  );
}

const CODE =
  /(?<!\b(?:post|postal|zip|area|country|dialling|dialing|qr|error) ?)\b(?:codes?|pins?|passcodes?|passwords?|combinations?)\b[^.!?]{0,24}?\d{3,}/i;

/** Whether it looks as if it kept what opens a door: "gate code is 4711". */
export function tellsACode(text: string): boolean {
  return CODE.test(text);
}
