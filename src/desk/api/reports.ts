/** How the desk does, over HTTP: of the homes within the visitor's reach. */
import { z } from 'zod';
import { refusedPage } from '../../web/refused-page.ts';
import { reportPage } from '../../web/report-page.ts';
import type { DeskReader } from '../reader.ts';
import type { Report } from '../reports/report.ts';
import { call } from './call.ts';
import type { Routes } from './routes.ts';
import { reportShape } from './shapes/tickets.ts';

const DAY_MS = 86_400_000;
const STANDARD_DAYS = 30;

/** Tickets are kept for good, so a year can be asked for. */
const query = z.object({ days: z.coerce.number().int().min(1).max(366).default(STANDARD_DAYS).describe('So many days up to now.') });

export const REPORT_CALLS = {
  report: call('report', 'get /api/v1/reports', {
    rule: 'work',
    summary: 'How the desk does: tickets, first answers, and what they were worth',
    query,
    answer: z.object({ report: reportShape }),
  }),
};

export function addReports(routes: Routes): void {
  const read = async (reader: DeskReader, days: number, now: number): Promise<Report> =>
    reader.report({ from: now - days * DAY_MS, to: now });
  routes.call(REPORT_CALLS.report, async ({ query: { days } }, { reader, frame }) => ({ report: await read(reader, days, frame().now) }));
  routes.get('/reports', 'work', async (c, { reader, frame }) => {
    const asked = query.safeParse(c.req.query());
    if (!asked.success) return c.html(refusedPage(frame(), z.prettifyError(asked.error), '/reports'), 400);
    const report = await read(reader, asked.data.days, frame().now);
    const names = await reader.homes.names(report.homesMost.map(({ name }) => name));
    return c.html(reportPage({ ...frame(), report, names }));
  });
}
