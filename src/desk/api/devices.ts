/** One device over HTTP: its page, and how it did for programs. */
import type { Context } from 'hono';
import { z } from 'zod';
import { devicePage } from '../../web/device-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { type CourseDays, isCourseDays } from '../courses/course.ts';
import { withPlaybooks } from '../playbooks/shelf.ts';
import { symptomOfDevice } from '../tickets/symptom.ts';
import type { Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const HISTORY_ON_PAGE = 20;
const TICKETS_ON_PAGE = 10;

const query = z.object({
  days: z.coerce
    .number()
    .default(7)
    .refine((days): days is CourseDays => isCourseDays(days), 'must be 1, 7, 30 or 90'),
});

export function addDevices(routes: Routes): void {
  routes.get('/api/v1/sites/:id/devices/:device', 'see', async (c, visit) => {
    const asked = query.safeParse(c.req.query());
    if (!asked.success) return c.json({ error: 'bad-query', message: z.prettifyError(asked.error) }, 400);
    const found = await find(c, visit, asked.data.days);
    return found ? c.json(found) : c.json({ error: 'not-found', message: 'There is no such device.' }, 404);
  });
  routes.get('/sites/:id/devices/:device', 'see', async (c, visit) => {
    const { reader, playbooks, frame } = visit;
    const [site, asked] = [await reader.site(c.req.param('id') ?? ''), query.safeParse(c.req.query())];
    if (!asked.success) return c.html(refusedPage(frame(), z.prettifyError(asked.error), c.req.path), 400);
    const found = site && (await find(c, visit, asked.data.days));
    if (!found) return c.html(missingPage(frame()), 404);
    const { device, course } = found;
    const of = { site: site.id, device: device.id };
    const [firing, over, tickets] = await Promise.all([
      reader.firing(site.id),
      reader.alerts({ ...of, firing: false, limit: HISTORY_ON_PAGE }),
      visit.may('tickets') ? reader.tickets({ site: site.id, symptom: symptomOfDevice(device.id), limit: TICKETS_ON_PAGE }) : [],
    ]);
    const mine = firing.filter((alert) => alert.device === device.id);
    const around = { site: () => site, device: (_: string, id: string) => (id === device.id ? device : undefined) };
    const days = asked.data.days;
    return c.html(devicePage({ ...frame(), site, device, course, days, firing: withPlaybooks(playbooks, mine, around), over, tickets }));
  });
}

function find(c: Context, { reader, frame }: Visit, days: CourseDays) {
  return reader.device(c.req.param('id') ?? '', c.req.param('device') ?? '', { days, now: frame().now });
}
