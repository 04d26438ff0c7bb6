/** What fires and what fired, and what hubs told, over HTTP. */
import { z } from 'zod';
import { ALERT_CODES } from '../../protocol/alert-catalogue.ts';
import { call } from './call.ts';
import type { Routes } from './routes.ts';
import { alertShape, eventShape } from './shapes/alerts.ts';
import { limit, next, siteId, yesOrNo } from './taken.ts';

const STANDARD = 200;
const MOST = 1000;

export const ALERT_CALLS = {
  list: call('listAlerts', 'get /api/v1/alerts', {
    rule: 'see',
    summary: 'Alerts, the newest first',
    query: z.object({
      site: siteId.optional(),
      firing: yesOrNo.optional().describe('Only those that fire, or only those that are over.'),
      code: z.enum(ALERT_CODES).optional(),
      device: siteId.optional().describe('Id of a device.'),
      after: z.string().max(200).optional().describe('The `next` of an answer: those that follow it.'),
      limit: limit(MOST, STANDARD),
    }),
    answer: z.object({ alerts: z.array(alertShape), next }),
    paging: { by: 'after', of: 'alerts' },
  }),
  events: call('listEvents', 'get /api/v1/events', {
    rule: 'history',
    summary: 'What hubs told, word for word, in the order of its arrival',
    about: 'Also to follow it: `next` is there in any case, and asked for again it answers what has come since.',
    query: z.object({
      after: z.coerce.number().int().min(0).default(0).describe('The `next` of an answer: what came after it.'),
      site: siteId.optional(),
      kind: z.string().max(48).optional(),
      limit: limit(MOST, STANDARD),
    }),
    answer: z.object({ events: z.array(eventShape), next: z.number().int().describe('`after` of the next request.') }),
    paging: { by: 'after', of: 'events' },
  }),
};

export function addAlerts(routes: Routes): void {
  routes.call(ALERT_CALLS.list, async ({ query: { firing, after, ...filter } }, { reader }) => {
    const alerts = await reader.alerts({
      ...filter,
      ...(firing !== undefined && { firing: firing === 'true' }),
      ...(after !== undefined && { after: occurrenceIn(after) }),
    });
    const last = alerts.at(-1);
    return { alerts, ...(last !== undefined && alerts.length === filter.limit ? { next: nameOf(last) } : {}) };
  });
  routes.call(ALERT_CALLS.events, async ({ query }, { reader }) => {
    const events = await reader.events(query);
    return { events, next: events.at(-1)?.seq ?? query.after };
  });
}

type Named = { readonly site: string; readonly raisedHubAt: number; readonly key: string };

function nameOf({ site, raisedHubAt, key }: Named): string {
  return `${site}/${raisedHubAt}/${key}`;
}

/** What is no name of an occurrence names none, and nothing comes behind it. */
function occurrenceIn(name: string): Named {
  const [site = '', raised = '', ...key] = name.split('/');
  return { site, raisedHubAt: /^\d{1,15}$/.test(raised) ? Number(raised) : -1, key: key.join('/') };
}
