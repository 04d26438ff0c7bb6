/** The time that was worked in a month, over HTTP: for invoices, as JSON or for a spreadsheet; and what a home has used of what its plan counts. */
import type { Context } from 'hono';
import { z } from 'zod';
import { statementCsv } from '../statements.ts';
import { csvOf } from '../time-sheet.ts';
import { call, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { statementShape, timeSheetShape, usageShape } from './shapes/work.ts';

const ofMonth = z.object({
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month such as 2026-11')
    .describe('Such as 2026-11, for each home by its own clock.'),
  dealer: z.string().min(1).max(128).optional().describe('Only of his homes.'),
  format: z.enum(['json', 'csv']).default('json'),
});

export const TIME_CALLS = {
  usage: call('usage', 'get /api/v1/sites/:id/usage', {
    rule: 'audit',
    summary: 'What a home has used of what its plan counts, and the time that was worked for it this month',
    params: z.object({ id: z.string().describe('Of the home.') }),
    answer: z.object({ usage: usageShape }),
    refusals: [404],
  }),
  sheet: call('timeSheet', 'get /api/v1/time', {
    rule: 'audit',
    summary: 'The time that was worked in a month, whole: for invoices',
    query: ofMonth,
    answer: timeSheetShape,
    alsoAs: 'text/csv',
  }),
  statement: call('statement', 'get /api/v1/statement', {
    rule: 'audit',
    summary: 'What a month comes to, dealer by dealer: fees and his share, time that was worked, questions beyond the free ones',
    about:
      'Amounts are whole minor units of the currency beside them (cents). A yearly fee is a twelfth each month, rounded down so that twelve months are the year; the share is rounded half up, and `rest` is what is left. By the service policy that the desk holds now. Homes without a dealer of record are left out.',
    query: ofMonth,
    answer: statementShape,
    alsoAs: 'text/csv',
  }),
};

export function addTime(routes: Routes): void {
  routes.call(TIME_CALLS.usage, async ({ params }, { reader, frame }) => {
    const usage = await reader.usage(params.id, frame().now);
    return usage ? { usage } : refuse(404, 'not-found', 'There is no such site.');
  });
  routes.call(TIME_CALLS.sheet, async ({ query: { month, dealer, format } }, { reader }, { c }) => {
    const sheet = await reader.timeSheet(month, dealer);
    return format === 'json' ? sheet : asFile(c, csvOf(sheet), `time-${month}.csv`);
  });
  routes.call(TIME_CALLS.statement, async ({ query: { month, dealer, format } }, { reader }, { c }) => {
    const statement = await reader.statement(month, dealer);
    return format === 'json' ? statement : asFile(c, statementCsv(statement), `statement-${month}.csv`);
  });
}

function asFile(c: Context, text: string, name: string): Response {
  return c.body(text, 200, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${name}"`,
  });
}
