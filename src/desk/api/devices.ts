/** One device over HTTP: its page, and how it did for programs. */
import { z } from 'zod';
import { devicePage } from '../../web/device-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { type CourseDays, isCourseDays } from '../courses/course.ts';
import { withPlaybooks } from '../playbooks/shelf.ts';
import { symptomOfDevice } from '../tickets/symptom.ts';
import { call, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { courseShape } from './shapes/courses.ts';
import { deviceShape } from './shapes/homes.ts';

const HISTORY_ON_PAGE = 20;
const TICKETS_ON_PAGE = 10;

const query = z.object({
  days: z.coerce
    .number()
    .default(7)
    .refine((days): days is CourseDays => isCourseDays(days), 'must be 1, 7, 30 or 90')
    .describe('1, 7, 30 or 90.'),
});

export const DEVICE_CALLS = {
  one: call('device', 'get /api/v1/sites/:id/devices/:device', {
    rule: 'see',
    summary: 'A device, and how it did in the days up to now',
    about: "Somebody's own device has no course, and nothing of when it was there.",
    params: z.object({ id: z.string().describe('Of the home.'), device: z.string().describe('Of the device.') }),
    query,
    answer: z.object({ device: deviceShape, course: courseShape.optional() }),
    refusals: [404],
  }),
};

export function addDevices(routes: Routes): void {
  routes.call(DEVICE_CALLS.one, async ({ params: { id, device }, query: { days } }, { reader, frame }) => {
    const found = await reader.device(id, device, { days, now: frame().now });
    return found ?? refuse(404, 'not-found', 'There is no such device.');
  });
  routes.get('/sites/:id/devices/:device', 'see', async (c, visit) => {
    const { reader, playbooks, frame } = visit;
    const { id = '', device: named = '' } = c.req.param();
    const [site, asked] = [await reader.site(id), query.safeParse(c.req.query())];
    if (!asked.success) return c.html(refusedPage(frame(), z.prettifyError(asked.error), c.req.path), 400);
    const found = site && (await reader.device(id, named, { days: asked.data.days, now: frame().now }));
    if (!found) return c.html(missingPage(frame()), 404);
    const { device, course } = found;
    const of = { site: site.id, device: device.id };
    const [firing, over, [carrier], tickets] = await Promise.all([
      reader.firing(site.id),
      reader.alerts({ ...of, firing: false, limit: HISTORY_ON_PAGE }),
      device.behind ? reader.homes.devices([{ site_id: site.id, device_id: device.behind.device }]) : [],
      visit.may('tickets') ? reader.tickets({ site: site.id, symptom: symptomOfDevice(device.id), limit: TICKETS_ON_PAGE }) : [],
    ]);
    const mine = firing.filter((alert) => alert.device === device.id);
    const around = { site: () => site, device: (_: string, id: string) => (id === device.id ? device : undefined) };
    const days = asked.data.days;
    return c.html(
      devicePage({ ...frame(), site, device, carrier, course, days, firing: withPlaybooks(playbooks, mine, around), over, tickets }),
    );
  });
}
