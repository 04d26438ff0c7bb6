/** Playbooks over HTTP: all of them, one as it is written, and the one for an alert with its facts filled in; as pages and as JSON. */
import type { Context } from 'hono';
import { z } from 'zod';
import { missingPage } from '../../web/missing-page.ts';
import { alertPlaybookPage, playbookPage, playbooksPage } from '../../web/playbook-pages.ts';
import { type FilledPlaybook, plainWords, unfilledPlaybook } from '../playbooks/fill.ts';
import type { Library } from '../playbooks/library.ts';
import { type Around, PLAYBOOKS_ON_A_PAGE, playbookFor, withPlaybooks } from '../playbooks/shelf.ts';
import type { DeskReader } from '../reader.ts';
import type { AlertView } from '../views.ts';
import type { Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const hubAt = z.coerce.number().int().nonnegative();
const NO_PLAYBOOK = { error: 'not-found', message: 'There is no such playbook.' };
const NO_ALERT = { error: 'not-found', message: 'There is no such alert, or no playbook for it.' };

export function addPlaybooks(routes: Routes): void {
  routes.get('/api/v1/playbooks', 'staff', (c, { playbooks: library }) =>
    c.json({
      playbooks: library.playbooks.map(({ name, from, title, alerts, kinds, tier, read }) => ({
        name,
        from,
        title,
        alerts,
        kinds,
        tier,
        read,
      })),
      problems: library.problems,
    }),
  );
  routes.get('/api/v1/playbooks/:name', 'staff', (c, { playbooks: library }) => {
    const playbook = library.named(c.req.param('name') ?? '');
    return playbook ? c.json({ playbook: asText(unfilledPlaybook(playbook)) }) : c.json(NO_PLAYBOOK, 404);
  });
  routes.get('/api/v1/alerts/:site/:raised/:key/playbook', 'staff', async (c, visit) => {
    const found = await filledFor(visit, c);
    return found ? c.json({ playbook: asText(found.playbook) }) : c.json(NO_ALERT, 404);
  });
  routes.get('/playbooks', 'staff', (c, { playbooks: library, frame }) => c.html(playbooksPage(library, frame())));
  routes.get('/playbooks/:name', 'staff', (c, { playbooks: library, frame }) => {
    const playbook = library.named(c.req.param('name') ?? '');
    return playbook ? c.html(playbookPage(unfilledPlaybook(playbook), frame())) : c.html(missingPage(frame()), 404);
  });
  routes.get('/sites/:site/alerts/:raised/:key/playbook', 'staff', async (c, visit) => {
    const { frame } = visit;
    const found = await filledFor(visit, c);
    return found ? c.html(alertPlaybookPage(found.alert, found.playbook, frame())) : c.html(missingPage(frame()), 404);
  });
}

async function filledFor(
  { playbooks: library, reader }: Visit,
  c: Context,
): Promise<{ alert: AlertView; playbook: FilledPlaybook } | undefined> {
  const { site = '', key = '', raised } = c.req.param() as Record<string, string>;
  const read = hubAt.safeParse(raised);
  const alert = read.success ? await reader.alert(site, key, read.data) : undefined;
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
function asText({ name, from, title, tier, read, sources, means, parts }: FilledPlaybook): unknown {
  const told = parts.map((part) => ({
    name: part.name,
    steps: part.steps.map(({ words, under }) => ({ text: plainWords(words), ...(under.length > 0 && { under: under.map(plainWords) }) })),
  }));
  return { name, from, title, tier, read, sources, means: plainWords(means), parts: told };
}
