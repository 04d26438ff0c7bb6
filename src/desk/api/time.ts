/** The time that was worked in a month, over HTTP: for invoices, as JSON or for a spreadsheet. */
import { z } from 'zod';
import { csvOf } from '../time-sheet.ts';
import type { Routes } from './routes.ts';

const query = z.object({
  month: z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month such as 2026-11'),
  dealer: z.string().min(1).max(128).optional(),
  format: z.enum(['json', 'csv']).default('json'),
});

export function addTime(routes: Routes): void {
  routes.get('/api/v1/sites/:id/usage', 'audit', async (c, { reader, frame }) => {
    const usage = await reader.usage(c.req.param('id') ?? '', frame().now);
    return usage ? c.json({ usage }) : c.json({ error: 'not-found', message: 'There is no such site.' }, 404);
  });
  routes.get('/api/v1/time', 'audit', async (c, { reader }) => {
    const asked = query.safeParse(c.req.query());
    if (!asked.success) return c.json({ error: 'bad-query', message: z.prettifyError(asked.error) }, 400);
    const { month, dealer, format } = asked.data;
    const sheet = await reader.timeSheet(month, dealer);
    if (format === 'json') return c.json(sheet);
    return c.body(csvOf(sheet), 200, {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="time-${month}.csv"`,
    });
  });
}
