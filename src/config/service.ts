/** The service policy of a desk, read from a file: checked as a whole, and in the shape that the desk reckons with (desk/service/policy.ts). */
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';
import { present } from '../base/present.ts';
import type { Result } from '../base/result.ts';
import { moneyOf } from '../desk/service/money.ts';
import type { FirstAnswer, Home, Hours, Interactions, Person, Plan, Rung, ServicePolicy, Visit, WallSpan } from '../desk/service/policy.ts';
import { minutesAWeek } from '../desk/service/spans.ts';
import { type FileProblem, readYaml, type WrongAt } from './read-yaml.ts';
import { serviceSchema, spanSchema } from './service-schema.ts';
import { closest } from './suggest.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;
const WEEK_MINUTES = 7 * 1440;
/** Fewer would make an answer within two days one within a year. */
const FEWEST_MINUTES = 60;

type Given = z.infer<typeof serviceSchema>;
type GivenPlan = Given['plans'][string];
type GivenAnswer = NonNullable<GivenPlan['premisesDown']> & { readonly hours?: NonNullable<GivenPlan['firstAnswer']>['hours'] };

/** The policy in a file's text, or every problem in it at once. */
export function readServicePolicy(text: string): Result<ServicePolicy, FileProblem[]> {
  const read = readYaml(text, { schema: serviceSchema, limitBytes: LIMIT_BYTES, alsoWrong: wrongIn });
  return read.ok ? { ok: true, value: policyOf(read.value) } : read;
}

function policyOf({ version, since, standardPlan, holidays: given, plans, timeIncrement, vendorCase, ...others }: Given): ServicePolicy {
  const { skills, people, homes } = others;
  const holidaysOf = (named: string | undefined): ReadonlySet<string> =>
    new Set(named === undefined ? [] : Object.keys(given[named] ?? {}));
  return {
    version,
    since,
    standardPlan,
    plans: new Map(Object.entries(plans).map(([id, plan]) => [id, planOf(id, plan, holidaysOf)])),
    homes: new Map(Object.entries(homes).map(([id, home]) => [id, homeOf(home, standardPlan)])),
    holidays: new Map(Object.entries(given).map(([named, days]) => [named, new Map(Object.entries(days))])),
    timeIncrement: (parseDuration(timeIncrement) ?? 0) / 60_000,
    ...present({ qualifiedWithinMs: vendorCase?.qualifiedWithin === undefined ? undefined : parseDuration(vendorCase.qualifiedWithin) }),
    skills: new Map(Object.entries(skills).map(([named, { vendors, kinds }]) => [named, { vendors, kinds: new Set(kinds) }])),
    people: new Map(Object.entries(people).map(([named, person]) => [named, personOf(named, person, holidaysOf)])),
  };
}

type HolidaysOf = (named: string | undefined) => ReadonlySet<string>;

function planOf(id: string, given: GivenPlan, holidaysOf: HolidaysOf): Plan {
  const {
    title = id === 'none' ? 'No plan' : id.charAt(0).toUpperCase() + id.slice(1),
    covers,
    interactions,
    fee,
    dealerShare,
    dealerIncluded,
  } = given;
  return {
    id,
    title,
    dealerIncluded,
    unanswered: given.unanswered.map(rungOf),
    ...present({
      covers: covers && { ...present({ codes: setOf(covers.codes), kinds: setOf(covers.kinds) }), severities: new Set(covers.severities) },
      firstAnswer: given.firstAnswer && answerOf(given.firstAnswer, holidaysOf),
      premisesDown: given.premisesDown && answerOf(given.premisesDown, holidaysOf),
      visit: given.visit && visitOf(given.visit, holidaysOf),
      interactions: interactions && interactionsOf(interactions),
      fee: fee && feeOf(fee),
      dealerShare,
    }),
  };
}

function interactionsOf({ freePerMonth, freePerYear, beyond }: NonNullable<GivenPlan['interactions']>): Interactions {
  const free: Pick<Interactions, 'free' | 'per'> =
    freePerYear === undefined ? { free: freePerMonth ?? 0, per: 'month' } : { free: freePerYear, per: 'year' };
  return { ...free, ...present({ beyond }) };
}

function feeOf({ amount, currency, per }: NonNullable<GivenPlan['fee']>): Plan['fee'] {
  const money = moneyOf(amount, currency);
  return money && { ...money, per };
}

function setOf<T>(items: readonly T[] | undefined): ReadonlySet<T> | undefined {
  return items && new Set(items);
}

function answerOf(given: GivenAnswer, holidaysOf: HolidaysOf): FirstAnswer {
  const served = given.hours && hoursOf(given.hours, holidaysOf);
  return { withinMs: parseDuration(given.within) ?? 0, warnShare: given.warnShare, ...present({ hours: served }) };
}

function hoursOf({ spans, holidays, timeZone }: NonNullable<GivenAnswer['hours']>, holidaysOf: HolidaysOf): Hours {
  return { spans: spans.map(spanOf), holidays: holidaysOf(holidays), ...present({ timeZone, calendar: holidays }) };
}

function personOf(name: string, { skills, hours }: Given['people'][string], holidaysOf: HolidaysOf): Person {
  return { name, skills: new Set(skills), ...present({ hours: hours && hoursOf(hours, holidaysOf) }) };
}

function visitOf(given: NonNullable<GivenPlan['visit']>, holidaysOf: HolidaysOf): Visit {
  return {
    reportBy: minuteOf(given.reportBy),
    until: minuteOf(given.until),
    days: new Set(given.days),
    holidays: holidaysOf(given.holidays),
    severities: new Set(given.severities),
    ...present({ calendar: given.holidays }),
  };
}

function rungOf({ after, to, severities, atAnyHour, bills }: GivenPlan['unanswered'][number]): Rung {
  return { afterMs: parseDuration(after) ?? 0, to, atAnyHour, bills, ...present({ severities: setOf(severities) }) };
}

function homeOf({ plan, timeZone, dealer, provider, area, consent, noCalls }: Given['homes'][string], standardPlan: string): Home {
  return { plan: plan ?? standardPlan, noCalls: noCalls.map(spanOf), ...present({ timeZone, dealer, provider, area, consent }) };
}

export function spanOf({ days, from, to }: z.infer<typeof spanSchema>): WallSpan {
  return { days: new Set(days), from: minuteOf(from), to: minuteOf(to) };
}

function minuteOf(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  return hour! * 60 + minute!;
}

/** What one part of the file says of another. Looked at also where the schema has found something wrong, so that every problem is told at once. */
function wrongIn(file: unknown): WrongAt[] {
  const [plans, holidays] = [namesIn(file, 'plans'), namesIn(file, 'holidays')];
  return [
    ...unknownName(file, ['standardPlan'], ['none', ...plans], 'plans'),
    ...plans.flatMap((plan) => [
      ...unknownName(file, ['plans', plan, 'firstAnswer', 'hours', 'holidays'], holidays, 'holidays'),
      ...unknownName(file, ['plans', plan, 'visit', 'holidays'], holidays, 'holidays'),
      ...tooFewHours(file, ['plans', plan, 'firstAnswer', 'hours', 'spans']),
      ...outOfOrder(file, ['plans', plan, 'unanswered']),
      ...(valueAt(file, ['plans', plan, 'dealerShare']) !== undefined && valueAt(file, ['plans', plan, 'fee']) === undefined
        ? [{ path: ['plans', plan, 'dealerShare'], message: 'needs a fee beside it: of what it is a share' }]
        : []),
    ]),
    ...namesIn(file, 'people').flatMap((person) => [
      ...skillsAt(file, ['people', person, 'skills']).flatMap((path) => unknownName(file, path, namesIn(file, 'skills'), 'skills')),
      ...unknownName(file, ['people', person, 'hours', 'holidays'], holidays, 'holidays'),
      ...tooFewHours(file, ['people', person, 'hours', 'spans']),
    ]),
    ...namesIn(file, 'homes').flatMap((home) => [
      ...unknownName(file, ['homes', home, 'plan'], ['none', ...plans], 'plans'),
      ...(valueAt(file, ['homes', home, 'consent']) !== undefined && valueAt(file, ['homes', home, 'dealer']) === undefined
        ? [{ path: ['homes', home, 'consent'], message: 'needs a dealer beside it: to whom the client agreed' }]
        : []),
      ...noTimeToCall(file, ['homes', home, 'noCalls']),
    ]),
  ];
}

function valueAt(file: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const isSection = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return isSection ? (value as Record<string, unknown>)[key] : undefined;
  }, file);
}

function skillsAt(file: unknown, path: readonly string[]): string[][] {
  const skills = valueAt(file, path);
  return Array.isArray(skills) ? skills.map((_, i) => [...path, String(i)]) : [];
}

function namesIn(file: unknown, section: string): string[] {
  const value = valueAt(file, [section]);
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function unknownName(file: unknown, path: readonly string[], known: readonly string[], what: string): WrongAt[] {
  const named = valueAt(file, path);
  if (typeof named !== 'string' || known.includes(named)) return [];
  const near = closest(named, known);
  const there = [...new Set(known)].join(', ') || 'none';
  return [{ path, message: `must be one of the ${what} of this file; ${near ? `did you mean "${near}"?` : `there are: ${there}`}` }];
}

/** Made once: to make a schema costs more than to read a home with it. */
const spansSchema = z.array(spanSchema);

function spansAt(file: unknown, path: readonly string[]): WallSpan[] {
  return (spansSchema.safeParse(valueAt(file, path)).data ?? []).map(spanOf);
}

function tooFewHours(file: unknown, path: readonly string[]): WrongAt[] {
  const spans = spansAt(file, path);
  const isTooFew = spans.length > 0 && minutesAWeek(spans) < FEWEST_MINUTES;
  return isTooFew ? [{ path, message: `must be at least ${FEWEST_MINUTES} minutes a week` }] : [];
}

/** Each step comes after the one before it. */
function outOfOrder(file: unknown, path: readonly string[]): WrongAt[] {
  const steps = valueAt(file, path);
  if (!Array.isArray(steps)) return [];
  const times = steps.map((step) => {
    const after = valueAt(step, ['after']);
    return typeof after === 'string' ? parseDuration(after) : undefined;
  });
  return times.flatMap((ms, i) => {
    const before = times.slice(0, i).findLast((each) => each !== undefined);
    const isLate = ms === undefined || before === undefined || ms > before;
    return isLate ? [] : [{ path: [...path, i, 'after'], message: 'must be later than the step before it' }];
  });
}

function noTimeToCall(file: unknown, path: readonly string[]): WrongAt[] {
  return minutesAWeek(spansAt(file, path)) === WEEK_MINUTES
    ? [{ path, message: 'must leave some time of the week in which people may call' }]
    : [];
}
