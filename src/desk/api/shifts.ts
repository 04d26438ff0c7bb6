/** Who is on shift, over HTTP: everybody says it of himself. */
import { z } from 'zod';
import { refusedPage } from '../../web/refused-page.ts';
import { LONGEST_SHIFT_HOURS, type Shifts } from '../shifts.ts';
import { call, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { instant } from './shapes/basics.ts';
import { onShiftShape } from './shapes/work.ts';
import { by, truth } from './taken.ts';

const shift = z.object({
  by,
  on: truth,
  hours: z.coerce.number().min(0.25).max(LONGEST_SHIFT_HOURS).describe('For so long; then it ends by itself.'),
});

export const SHIFT_CALLS = {
  list: call('listShifts', 'get /api/v1/shifts', {
    rule: 'desk',
    summary: 'Who is on shift: by the usual hours of the service policy, and by what people say',
    answer: z.object({ on: z.array(onShiftShape) }),
  }),
  say: call('sayShift', 'post /api/v1/shifts', {
    rule: 'desk',
    summary: 'Says that one is on shift, or off',
    about: 'For who is signed in: a token is on no shift.',
    body: shift,
    answer: z.object({ name: z.string(), on: z.boolean(), until: instant }).meta({ id: 'ShiftSaid' }),
  }),
};

export function addShifts(routes: Routes, shifts: Shifts): void {
  routes.call(SHIFT_CALLS.list, async () => ({ on: await shifts.list() }));
  routes.call(SHIFT_CALLS.say, async ({ body: { by: name, on, hours } }, { who }) => {
    // One that may only read changes nothing, and no program knows Lutron.
    if (who.kind === 'token') return refuse(403, 'forbidden', 'A token is on no shift: say it where you are signed in.');
    return { name, on, until: await shifts.say(name, on, hours) };
  });
  routes.post('/shifts', 'desk', async (c, { named, frame }) => {
    const read = shift.safeParse(named(await c.req.parseBody()));
    if (!read.success) return c.html(refusedPage(frame(), z.prettifyError(read.error), '/tickets'), 400);
    await shifts.say(read.data.by, read.data.on, read.data.hours);
    return c.redirect('/tickets', 303);
  });
}
