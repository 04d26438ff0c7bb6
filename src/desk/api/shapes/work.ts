/** What people's work comes to, as the API answers it: what a plan counts, time that was worked, who is on shift and who is asked next (desk/service). */
import { z } from 'zod';
import type { UsageView } from '../../reader.ts';
import type { InteractionsView } from '../../service/interactions.ts';
import type { NextRung } from '../../service/ladder.ts';
import type { OnShift, SkillCover } from '../../service/skills.ts';
import type { Statement } from '../../service/statement.ts';
import type { WorkedTime } from '../../service/worked-time.ts';
import type { TimeSheet } from '../../time-sheet.ts';
import { count, instant, site } from './basics.ts';
import { exactly } from './exactly.ts';

const number = z.number().int();

export const onShiftShape = exactly<OnShift>()(
  z.object({ name: z.string(), until: instant, saidSo: z.boolean().describe('Not by the usual hours of the service policy.') }),
).meta({ id: 'OnShift' });

export const skillShape = exactly<SkillCover>()(
  z.object({
    skill: z.string(),
    on: z.array(z.string()).describe('Who on shift has it.'),
    next: z.object({ name: z.string(), at: instant, timeZone: z.string() }).optional().describe('Where nobody does: who is on next.'),
    dealer: z.string().optional().describe('Who may be asked instead.'),
  }),
).meta({ id: 'Skill', description: 'What a ticket asks for.' });

export const nextShape = exactly<NextRung>()(
  z.object({ number: number.describe('Of the step, from 1.'), to: z.string(), afterMs: z.number(), dueAt: instant }),
).meta({ id: 'NextStep', description: 'Whom a ticket is passed on to next, and when, while nobody sees to it.' });

export const interactionsShape = exactly<InteractionsView>()(
  z.object({
    free: count,
    per: z.enum(['month', 'year']),
    beyond: z.string().optional().describe('What each further one costs.'),
    used: count,
    period: z.string().describe('`2026-11` or `2026`.'),
    from: instant,
    to: instant,
    timeZone: z.string(),
    tickets: z.array(number).describe('Those that count, in their order.'),
  }),
).meta({ id: 'Questions', description: 'Questions of a home that its plan has free.' });

const worked = z.object({
  no: number,
  site,
  ticket: number,
  at: instant,
  by: z.string(),
  text: z.string(),
  minutes: count,
  counted: count.describe('Minutes, rounded up as the service policy says.'),
  billable: z.boolean(),
  consent: z.object({ from: z.string(), rate: z.string() }).optional(),
  override: z.string().optional().describe("Billed without the client's yes, and why."),
  takenBack: z.string().optional().describe('Why it counts no more.'),
});
export const workedShape = exactly<WorkedTime>()(worked).meta({ id: 'WorkedTime' });

const sum = { billable: count, free: count };

export const usageShape = exactly<UsageView>()(
  z.object({
    interactions: interactionsShape.optional(),
    time: z.object({ month: z.string(), ...sum }).describe('Minutes of this month, by the clock of the home.'),
  }),
).meta({ id: 'Usage' });

const dealer = z.string().optional();
const siteName = z.string();

const minor = z.number().int().describe('Whole minor units of the currency beside it.');
const currency = z.string().describe('Three letters (ISO 4217).');
const minutes = { billable: count.describe('Minutes, as counted.'), unbilled: count.describe('Minutes, as counted.') };

export const statementShape = exactly<Statement>()(
  z.object({
    month: z.string(),
    policy: z.object({ version: z.string(), since: z.string() }).optional().describe('By which it was reckoned.'),
    homes: z.array(
      z.object({
        ...{ site, siteName, dealer: z.string(), plan: z.string() },
        fee: z
          .object({ currency, fee: minor, share: z.number().describe('A fraction.'), dealerShare: minor, rest: minor })
          .optional()
          .describe('Of this month.'),
        ...minutes,
        questions: z
          .object({ answered: count, beyond: count, each: z.string().optional(), charge: z.object({ minor, currency }).optional() })
          .optional()
          .describe('Of this month; `beyond`: of them, those that are not free.'),
      }),
    ),
    dealers: z.array(
      z.object({
        dealer: z.string(),
        homes: count,
        ...minutes,
        beyond: count,
        sums: z
          .array(z.object({ currency, fees: minor, dealerShare: minor, rest: minor, questions: minor }))
          .describe('Currency by currency.'),
      }),
    ),
  }),
).meta({ id: 'Statement' });

export const timeSheetShape = exactly<TimeSheet>()(
  z.object({
    month: z.string(),
    lines: z
      .array(worked.extend({ siteName, dealer, day: z.string(), time: z.string(), timeZone: z.string() }))
      .describe('`day` and `time` by the clock of the home.'),
    homes: z.array(z.object({ site, siteName, dealer, ...sum })).describe('Minutes, as counted.'),
  }),
).meta({ id: 'TimeSheet' });
