/** Playbooks over HTTP: all of them, one as it is written, and the one for an alert with its facts filled in; as pages and as JSON. */
import { z } from 'zod';
import { missingPage } from '../../web/missing-page.ts';
import { alertPlaybookPage, playbookPage, playbooksPage } from '../../web/playbook-pages.ts';
import { type FilledPlaybook, plainWords, unfilledPlaybook } from '../playbooks/fill.ts';
import type { Library } from '../playbooks/library.ts';
import { type Around, PLAYBOOKS_ON_A_PAGE, playbookFor, withPlaybooks } from '../playbooks/shelf.ts';
import type { DeskReader } from '../reader.ts';
import type { AlertView } from '../views.ts';
import { call, refuse, type Told } from './call.ts';
import { partOf } from './paging.ts';
import type { Routes } from './routes.ts';
import { listedPlaybookShape, playbookProblemShape, playbookShape } from './shapes/desk.ts';
import { limit, next } from './taken.ts';
import type { Visit } from './visit.ts';

const hubAt = z.coerce.number().int().nonnegative();
const NO_PLAYBOOK = refuse(404, 'not-found', 'There is no such playbook.');
const NO_ALERT = refuse(404, 'not-found', 'There is no such alert, or no playbook for it.');
const one = { answer: z.object({ playbook: playbookShape }), refusals: [404] } as const;

export const PLAYBOOK_CALLS = {
  list: call('listPlaybooks', 'get /api/v1/playbooks', {
    rule: 'staff',
    summary: 'All playbooks, and what is wrong in those of the own folder',
    query: z.object({ after: z.string().max(200).optional().describe('Those behind the playbook of this name.'), limit: limit(1000) }),
    answer: z.object({ playbooks: z.array(listedPlaybookShape), problems: z.array(playbookProblemShape), next }),
    paging: { by: 'after', of: 'playbooks' },
  }),
  one: call('playbook', 'get /api/v1/playbooks/:name', {
    rule: 'staff',
    summary: 'A playbook as it is written; its blanks are the names of what stands there',
    params: z.object({ name: z.string() }),
    ...one,
  }),
  forAlert: call('playbookForAlert', 'get /api/v1/alerts/:site/:raised/:key/playbook', {
    rule: 'staff',
    summary: 'What to do about an alert, with its facts filled in',
    params: z.object({ site: z.string(), raised: hubAt.describe('`raisedHubAt` of the alert.'), key: z.string() }),
    ...one,
  }),
};

export function addPlaybooks(routes: Routes): void {
  routes.call(PLAYBOOK_CALLS.list, ({ query }, { playbooks: library }) => {
    const { part, ...more } = partOf(library.playbooks, query, ({ name }) => name);
    const playbooks = part.map(({ name, from, title, alerts, kinds, tier, read }) => ({ name, from, title, alerts, kinds, tier, read }));
    return { playbooks, problems: library.problems, ...more };
  });
  routes.call(PLAYBOOK_CALLS.one, ({ params }, { playbooks: library }) => {
    const playbook = library.named(params.name);
    return playbook ? { playbook: asText(unfilledPlaybook(playbook)) } : NO_PLAYBOOK;
  });
  routes.call(PLAYBOOK_CALLS.forAlert, async ({ params }, visit) => {
    const found = await filledFor(visit, params);
    return found ? { playbook: asText(found.playbook) } : NO_ALERT;
  });
  routes.get('/playbooks', 'staff', (c, { playbooks: library, frame }) => c.html(playbooksPage(library, frame())));
  routes.get('/playbooks/:name', 'staff', (c, { playbooks: library, frame }) => {
    const playbook = library.named(c.req.param('name') ?? '');
    return playbook ? c.html(playbookPage(unfilledPlaybook(playbook), frame())) : c.html(missingPage(frame()), 404);
  });
  routes.get('/sites/:site/alerts/:raised/:key/playbook', 'staff', async (c, visit) => {
    const { frame } = visit;
    const { site = '', key = '', raised: text } = c.req.param() as Record<string, string>;
    const raised = hubAt.safeParse(text);
    const found = raised.success ? await filledFor(visit, { site, raised: raised.data, key }) : undefined;
    return found ? c.html(alertPlaybookPage(found.alert, found.playbook, frame())) : c.html(missingPage(frame()), 404);
  });
}

async function filledFor(
  { playbooks: library, reader }: Visit,
  { site, raised, key }: { readonly site: string; readonly raised: number; readonly key: string },
): Promise<{ alert: AlertView; playbook: FilledPlaybook } | undefined> {
  const alert = await reader.alert(site, key, raised);
  if (alert === undefined) return undefined;
  const playbook = playbookFor(library, alert, await aroundAlerts(reader, [alert]));
  return playbook && { alert, playbook };
}

/** What is known of the homes of these alerts and of their devices. `sites`: those that the caller has read already. */
export async function aroundAlerts(
  reader: DeskReader,
  alerts: readonly AlertView[],
  sites?: readonly NonNullable<Awaited<ReturnType<DeskReader['site']>>>[],
): Promise<Around> {
  const ids = [...new Set(alerts.map(({ site }) => site))];
  const homes = sites ?? (await reader.homes.sites(ids));
  const named = alerts.flatMap(({ site, device }) => (device === undefined ? [] : [{ site_id: site, device_id: device }]));
  const devices = await reader.homes.devices(named);
  const [siteOf, deviceOf] = [
    new Map(homes.map((site) => [site.id, site])),
    new Map(devices.map((device) => [`${device.site} ${device.id}`, device])),
  ];
  return {
    site: (id) => siteOf.get(id),
    device: (site, id) => deviceOf.get(`${site} ${id}`),
  };
}

/** The alerts that fire with their playbooks, then those that are over. */
export async function withPlaybooksOfFiring(reader: DeskReader, library: Library, alerts: readonly AlertView[]): Promise<AlertView[]> {
  const firing = alerts.filter(({ clearedAt }) => clearedAt === undefined);
  const around = await aroundAlerts(reader, firing.slice(0, PLAYBOOKS_ON_A_PAGE));
  return [...withPlaybooks(library, firing, around), ...alerts.filter(({ clearedAt }) => clearedAt !== undefined)];
}

/** For programs: the words of each line as one text. */
function asText({ name, from, title, tier, read, sources, means, parts }: FilledPlaybook): Told<z.output<typeof playbookShape>> {
  const told = parts.map((part) => ({
    name: part.name,
    steps: part.steps.map(({ words, under }) => ({ text: plainWords(words), ...(under.length > 0 && { under: under.map(plainWords) }) })),
  }));
  return { name, from, title, tier, read, sources, means: plainWords(means), parts: told };
}
