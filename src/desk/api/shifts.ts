/** Who is on shift, over HTTP: everybody says it of himself. */
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { LONGEST_SHIFT_HOURS, type Shifts } from '../shifts.ts';
import type { Routes } from './routes.ts';

const shift = z.object({
  by: z.preprocess((text) => cleanText(text, 64), z.string('a name is needed')),
  on: z.preprocess((value) => (typeof value === 'boolean' ? String(value) : value), z.enum(['true', 'false'])),
  hours: z.coerce.number().min(0.25).max(LONGEST_SHIFT_HOURS),
});

export function addShifts(routes: Routes, shifts: Shifts): void {
  routes.get('/api/v1/shifts', 'desk', async (c) => c.json({ on: await shifts.list() }));
  routes.post('/api/v1/shifts', 'desk', async (c, { named }) => {
    const read = shift.safeParse(named(await c.req.json().catch(() => undefined)));
    if (!read.success) return c.json({ error: 'bad-body', message: z.prettifyError(read.error) }, 400);
    const { by, on, hours } = read.data;
    return c.json({ name: by, on: on === 'true', until: await shifts.say(by, on === 'true', hours) });
  });
  routes.post('/shifts', 'desk', async (c, { named, frame }) => {
    const read = shift.safeParse(named(await c.req.parseBody()));
    if (!read.success) return c.html(refusedPage(frame(), z.prettifyError(read.error), '/tickets'), 400);
    await shifts.say(read.data.by, read.data.on === 'true', read.data.hours);
    return c.redirect('/tickets', 303);
  });
}
