/** What a file of plans and homes may say: the service policy of a desk. */
import { z } from 'zod';
import { DEVICE_KINDS, type DeviceKind, kindTraits } from '../agent/inventory/kinds.ts';
import { parseDuration } from '../base/duration.ts';
import { ID_PATTERN } from '../base/ids.ts';
import { isDay, isTimeZone, WEEKDAYS } from '../base/time-zone.ts';
import { isCurrency, moneyOf, priceOf } from '../desk/service/money.ts';
import { ALERT_CODES } from '../protocol/alert-catalogue.ts';

const TWO_THIRDS = 2 / 3;
const [MINUTE_MS, LONGEST_MS] = [60_000, 48 * 3_600_000];
const MOST_HOLIDAYS = 366;

const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
const WORK_DAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
/** Of devices that the desk is told of: those of persons are none of its business. */
const KINDS = (Object.keys(DEVICE_KINDS) as DeviceKind[]).filter((kind) => !kindTraits(kind).personal);

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const clockTime = z.string().regex(CLOCK, 'a time of day such as 08:00 or 17:30');
const endTime = z.string().refine((text) => CLOCK.test(text) || text === '24:00', 'a time of day such as 17:30, or 24:00');
const day = z.string().refine(isDay, 'a day such as 2026-12-25');
const words = z.string().trim().min(1).max(128);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a name of small letters, digits and -, such as same-day');
const zone = z.string().max(64).refine(isTimeZone, 'a time zone such as America/New_York');
const PRICE = /^\d{1,6}(\.\d{1,2})? [A-Z]{3}$/;
const price = z
  .string()
  .regex(PRICE, 'a price such as 25 USD')
  .refine((text) => !PRICE.test(text) || priceOf(text) !== undefined, 'a price in a currency that there is, no finer than it goes');
const rate = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,2})? [A-Z]{3} per (hour|half hour|quarter of an hour|visit)$/, 'a rate such as 120 USD per hour');
const within = z.string().refine((text) => {
  const ms = parseDuration(text) ?? 0;
  return ms >= MINUTE_MS && ms <= LONGEST_MS;
}, 'a time such as 30min or 4h, from 1min to 48h');

const weekdays = (standard: readonly (typeof WEEKDAYS)[number][]) =>
  z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .max(7)
    .default([...standard]);

export const spanSchema = z
  .strictObject({
    days: weekdays(WEEKDAYS).describe('On which days it begins.'),
    from: clockTime.describe('When it begins.'),
    to: endTime.describe('When it ends; on the next day where that is not after its beginning.'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'another time than the beginning', when: () => true });

const holidays = name.optional().describe('By which holidays, of those that the file names.');

const hours = z.strictObject({
  spans: z.array(spanSchema).min(1).max(64).describe('Spans of the week in which people are at work.'),
  holidays,
  timeZone: zone.optional().describe("By which clock. Default: the home's own."),
});

const firstAnswer = z.strictObject({
  within: within.describe('How long a person may take to answer, counted in hours of service.'),
  warnShare: z.number().gt(0).lt(1).default(TWO_THIRDS).describe('After which share of that time the desk is warned.'),
  hours: hours.optional().describe('When people are at work. Default: always.'),
});

const coverSchema = z.strictObject({
  severities: z.array(z.enum(SEVERITIES)).min(1).default(['critical', 'error', 'warning']).describe('How bad it is.'),
  codes: z.array(z.enum(ALERT_CODES)).min(1).optional().describe('Which alerts. Default: all.'),
  kinds: z
    .array(z.enum(KINDS as [DeviceKind, ...DeviceKind[]]))
    .min(1)
    .optional()
    .describe('Alerts about which kinds of device. Default: all; what is about no device is not left out by this.'),
});

const visit = z
  .strictObject({
    reportBy: clockTime.describe('What is reported before this is seen to on the same day.'),
    until: clockTime.describe('By when somebody has come.'),
    days: weekdays(WORK_DAYS).describe('Work days.'),
    holidays,
    severities: z.array(z.enum(SEVERITIES)).min(1).default(['critical', 'error']).describe('How bad it must be.'),
  })
  .refine(({ reportBy, until }) => reportBy < until, { path: ['until'], error: 'later than reportBy', when: () => true });

const rungSchema = z.strictObject({
  after: within.describe('How long after it was asked, counted in the hours in which the plan answers.'),
  to: z.string().trim().min(1).max(64).describe('Who is asked then, in your own words. Routes of the notices name them: passedTo.'),
  severities: z.array(z.enum(SEVERITIES)).min(1).optional().describe('How bad it must be. Default: however bad.'),
  atAnyHour: z.boolean().default(false).describe('Not only in those hours.'),
  bills: z.boolean().default(false).describe("Asked only where the plan pays for the dealer's work or the client's yes is on record."),
});

const planSchema = z.strictObject({
  title: words.optional().describe('What the page calls it. Default: its name.'),
  covers: coverSchema.optional().describe('Which alerts it is for. Default: none.'),
  firstAnswer: firstAnswer.optional().describe('How soon a person answers what is covered.'),
  premisesDown: firstAnswer
    .omit({ hours: true })
    .optional()
    .describe('How soon a person answers, at any hour and whatever is covered, when the house as a whole is down.'),
  visit: visit.optional().describe('By when somebody comes.'),
  unanswered: z.array(rungSchema).max(8).default([]).describe('Who is asked next, step by step, while nobody takes or answers a ticket.'),
  interactions: z
    .strictObject({
      freePerMonth: z.int().min(0).max(1000).optional().describe('So many questions a month cost nothing.'),
      freePerYear: z.int().min(0).max(1000).optional().describe('So many a year: one of the two.'),
      beyond: price.optional().describe('What each one beyond costs.'),
    })
    .refine(
      ({ freePerMonth, freePerYear }) => (freePerMonth === undefined) !== (freePerYear === undefined),
      'freePerMonth or freePerYear: one of the two',
    )
    .optional()
    .describe('What it costs to ask.'),
  fee: z
    .strictObject({
      amount: z.number().min(0).max(1_000_000).describe('In the main unit of the currency: 49 or 49.50.'),
      currency: z.string().refine(isCurrency, 'a currency such as USD').describe('Three letters (ISO 4217).'),
      per: z.enum(['month', 'year']).default('month').describe('A yearly one is a twelfth each month.'),
    })
    .refine(({ amount, currency }) => moneyOf(amount, currency) !== undefined, {
      path: ['amount'],
      error: 'no finer than the currency goes',
    })
    .optional()
    .describe('What a home pays for the plan: for the monthly statement.'),
  dealerShare: z
    .number()
    .min(0)
    .max(1)
    .refine((share) => /^\d(\.\d{1,4})?$/.test(String(share)), 'at most four decimals')
    .optional()
    .describe('Of the fee, what the dealer of record is given: 0.3 for 30 %.'),
  dealerIncluded: z.boolean().default(false).describe("The plan pays for the dealer's work on what is covered."),
});

const skillSchema = z
  .strictObject({
    vendors: z.array(words).max(64).default([]).describe('Makers, as devices name theirs: a word of it is enough.'),
    kinds: z
      .array(z.enum(KINDS as [DeviceKind, ...DeviceKind[]]))
      .default([])
      .describe('Kinds of device.'),
  })
  .refine(({ vendors, kinds }) => vendors.length + kinds.length > 0, 'of some makers or kinds: vendors or kinds');

const personSchema = z.strictObject({
  skills: z.array(name).max(64).default([]).describe('What he knows, of the skills that the file names.'),
  hours: hours
    .extend({ timeZone: zone.describe('By which clock.') })
    .optional()
    .describe('When he usually is on shift. Default: when he says so on the page.'),
});

const homeSchema = z.strictObject({
  plan: name.optional().describe('Its plan. Default: the standard plan.'),
  timeZone: zone.optional().describe('Its time zone. Default: what its hub says.'),
  dealer: words.optional().describe('The dealer of record.'),
  provider: words.optional().describe('Who its internet line is from. Homes of one provider that fall silent together are one incident.'),
  area: words
    .optional()
    .describe('Where it is, in your own words: a postcode, a district. Homes of one area that fall silent together are one incident.'),
  consent: z
    .strictObject({
      by: words.describe('Who said yes.'),
      on: day.describe('When.'),
      rate: rate.describe('At which rate.'),
      recordedBy: words.describe('Who wrote it down.'),
    })
    .optional()
    .describe("The client's yes to be billed for the dealer's work."),
  noCalls: z.array(spanSchema).max(32).default([]).describe('When nobody is to call there, unless the house is down.'),
});

export const serviceSchema = z.strictObject({
  version: words.describe('Names this version; every change gets another.'),
  since: day.describe('From which day on it holds.'),
  standardPlan: name.default('none').describe('The plan of homes that are not named.'),
  holidays: z
    .record(
      name,
      z.record(day, words).refine((days) => Object.keys(days).length <= MOST_HOLIDAYS, `at most ${MOST_HOLIDAYS} days`),
    )
    .default({})
    .describe('Days on which nobody works, by a name of their own: each day with what it is.'),
  plans: z.record(name, planSchema).default({}).describe('What homes are promised, by a name of its own.'),
  timeIncrement: z
    .string()
    .refine((text) => {
      const minutes = (parseDuration(text) ?? 0) / MINUTE_MS;
      return Number.isInteger(minutes) && minutes >= 1 && minutes <= 240;
    }, 'whole minutes such as 15min, from 1min to 4h')
    .default('1min')
    .describe('Time that is worked on tickets is counted in such parts: each entry is rounded up.'),
  vendorCase: z
    .strictObject({
      qualifiedWithin: within
        .optional()
        .describe('How soon somebody qualified is to be reached at a vendor who was asked about a ticket. Default: 60min.'),
    })
    .optional()
    .describe('What is asked of vendors.'),
  skills: z
    .record(name, skillSchema)
    .default({})
    .describe('What tickets ask for, by the maker or kind of their devices: each by a name of its own.'),
  people: z.record(z.string().trim().min(1).max(64), personSchema).default({}).describe('Who works at the desk, by his name.'),
  homes: z.record(z.string().regex(ID_PATTERN, 'the id of a site'), homeSchema).default({}).describe('Homes by the id of their site.'),
});

/** The JSON schema of the file (2020-12), for editors: config/schemas/service.schema.json. */
export function serviceJsonSchema(): unknown {
  const { $schema, ...schema } = z.toJSONSchema(serviceSchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, $id: 'urn:hearthbeat:schema:service:1', title: 'What a support desk promises its homes', ...schema };
}
