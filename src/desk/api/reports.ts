/** How the desk does, over HTTP: of the homes within the visitor's reach. */
import { z } from 'zod';
import { refusedPage } from '../../web/refused-page.ts';
import { reportPage } from '../../web/report-page.ts';
import type { DeskReader } from '../reader.ts';
import type { Report } from '../reports/report.ts';
import type { Routes } from './routes.ts';

const DAY_MS = 86_400_000;
const STANDARD_DAYS = 30;

/** Tickets are kept for good, so a year can be asked for. */
const query = z.object({ days: z.coerce.number().int().min(1).max(366).default(STANDARD_DAYS) });

export function addReports(routes: Routes): void {
  const read = async (reader: DeskReader, days: number, now: number): Promise<Report> =>
    reader.report({ from: now - days * DAY_MS, to: now });
  routes.get('/api/v1/reports', 'work', async (c, { reader, frame }) => {
    const asked = query.safeParse(c.req.query());
    if (!asked.success) return c.json({ error: 'bad-query', message: z.prettifyError(asked.error) }, 400);
    return c.json({ report: await read(reader, asked.data.days, frame().now) });
  });
  routes.get('/reports', 'work', async (c, { reader, frame }) => {
    const asked = query.safeParse(c.req.query());
    if (!asked.success) return c.html(refusedPage(frame(), z.prettifyError(asked.error), '/reports'), 400);
    const report = await read(reader, asked.data.days, frame().now);
    const names = await reader.homes.names(report.homesMost.map(({ name }) => name));
    return c.html(reportPage({ ...frame(), report, names }));
  });
}
