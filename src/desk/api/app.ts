/**
 * The desk over HTTP: the API under /api/v1 and the page. What stands behind an address is added by `Routes`, with the rule of who may ask for it.
 */
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { ID_PATTERN } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { ALERT_CODES } from '../../protocol/alert-catalogue.ts';
import { failedAtTheDoor, failedPage } from '../../web/failed-page.ts';
import { missingAtTheDoor, missingPage } from '../../web/missing-page.ts';
import type { Frame } from '../../web/parts.ts';
import { sitePage } from '../../web/site-page.ts';
import type { Access } from '../access/access.ts';
import { PERMISSIONS } from '../access/roles.ts';
import type { Changes } from '../changes.ts';
import { withPlaybooks } from '../playbooks/shelf.ts';
import type { Serving } from '../serving.ts';
import type { SettingsView } from '../settings/settings-view.ts';
import type { Shifts } from '../shifts.ts';
import { DatabaseAway } from '../store/away.ts';
import { addAccount } from './account.ts';
import { addAcknowledge } from './acknowledge.ts';
import { addDevices } from './devices.ts';
import { type Door, isSecure, onlyByTheDoor, type Peer } from './door.ts';
import { addDossier } from './dossier.ts';
import { addFleet } from './fleet.ts';
import { addHomes } from './homes.ts';
import { addIncidents } from './incidents.ts';
import { addPasskeys } from './passkeys.ts';
import { addPeople } from './people.ts';
import { addPlaybooks } from './playbooks.ts';
import { addProvider } from './provider.ts';
import { addReports } from './reports.ts';
import { isApi, Routes } from './routes.ts';
import { addService } from './service.ts';
import { addSettings } from './settings.ts';
import { addShifts } from './shifts.ts';
import { addSignIn } from './sign-in.ts';
import { addStream } from './stream.ts';
import { addTickets } from './tickets.ts';
import { addTime } from './time.ts';
import { inShort, type VisitDeps, visitOf } from './visits.ts';

/** Path under /assets to what is served there. */
export type WebAssets = Readonly<Record<string, { readonly type: string; readonly body: string }>>;

export type AppDeps = Omit<VisitDeps, 'now'> & {
  readonly clock: Clock;
  readonly changes: Changes;
  readonly assets: WebAssets;
  /** Where the desk has a service policy. */
  readonly serving?: Serving;
  readonly shifts: Shifts;
  /** Absent: whoever is on this machine is the desk. */
  readonly access?: Access | undefined;
  readonly door: Door;
  readonly log: Pick<Log, 'warn'>;
  /** How the desk is set up. */
  readonly settings: () => Promise<SettingsView>;
  /** Told of what went wrong in answering. */
  readonly onFault?: ((error: Error) => void) | undefined;
};

const HISTORY_ON_PAGE = 30;
/** As long as browsers remember that this name is only to be asked by TLS (RFC 6797). */
const A_YEAR = 'max-age=31536000';

const page = z.coerce.number().int().min(1).max(1000);
const siteId = z.string().regex(ID_PATTERN);
const alertQuery = z.object({
  site: siteId.optional(),
  firing: z.enum(['true', 'false']).optional(),
  code: z.enum(ALERT_CODES).optional(),
  device: siteId.optional(),
  limit: page.default(200),
});
const eventQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  site: siteId.optional(),
  kind: z.string().max(48).optional(),
  limit: page.default(200),
});

/** `rules`: every address with who may ask for it. */
export type App = { readonly rules: Routes['rules']; fetch(request: Request, peer?: Peer): Response | Promise<Response> };

/** Throws where an address was added without a rule. */
export function createApp(deps: AppDeps): App {
  const { access, door, clock, status, assets } = deps;
  const app = new Hono();
  const now = (): number => clock.now().wallMs;
  const bareFrame = (): Frame => ({ now: now(), status: access ? inShort(status()) : status() });
  app.use(onlyByTheDoor(door));
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      strictTransportSecurity: isSecure(door) ? A_YEAR : false,
    }),
  );
  // What is shown is for who asked, and for no cache on the way or on a disk.
  app.use(async (c, next) => {
    await next();
    if (!c.req.path.startsWith('/assets/')) c.res.headers.set('cache-control', 'no-store');
  });
  app.onError((error, c) => {
    const [name, code] = error instanceof DatabaseAway ? (['database-away', 503] as const) : (['internal', 500] as const);
    // What failed inside is for who works here: the one who asks may not even be signed in.
    const reason = access ? (code === 503 ? 'its database does not answer' : 'a mistake of its own; its log says more') : error.message;
    if (code === 500) deps.onFault?.(error);
    c.header('cache-control', 'no-store');
    return isApi(c)
      ? c.json({ error: name, message: `The desk could not answer: ${reason}` }, code)
      : c.html(access ? failedAtTheDoor(reason) : failedPage(bareFrame(), reason), code);
  });
  const routes = new Routes(app, {
    door,
    ...(access && { callers: access }),
    visit: (who) => visitOf({ ...deps, now }, who),
    frame: bareFrame,
  });
  addApi(routes);
  addStream(routes, deps);
  addAcknowledge(routes);
  addService(routes, deps.serving);
  addTickets(routes, deps.shifts);
  addShifts(routes, deps.shifts);
  addIncidents(routes);
  addTime(routes);
  addReports(routes);
  addPlaybooks(routes);
  addHomes(routes);
  addSite(routes, deps.serving);
  addDevices(routes);
  addDossier(routes);
  addFleet(routes);
  addSettings(routes, deps.settings);
  if (access) {
    addSignIn(routes, access);
    addPasskeys(routes, access);
    addProvider(routes, access, deps.log);
    addAccount(routes, access);
    addPeople(routes, access);
  }
  routes.open('get', '/assets/:name', (c) => {
    const name = c.req.param('name') ?? '';
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
    return asset ? c.body(asset.body, 200, { 'content-type': asset.type, 'cache-control': 'no-cache' }) : c.notFound();
  });
  app.notFound((c) =>
    isApi(c)
      ? c.json({ error: 'not-found', message: 'There is no such address.' }, 404)
      : c.html(access ? missingAtTheDoor() : missingPage(bareFrame()), 404),
  );
  routes.seal();
  return { rules: routes.rules, fetch: (request, peer) => app.fetch(request, peer) };
}

function addApi(routes: Routes): void {
  const missing = { error: 'not-found', message: 'There is no such site.' };
  routes.get('/api/v1/status', 'signed-in', (c, visit) => {
    const { counts, ...rest } = visit.frame().status;
    return c.json(visit.may('desk') ? { ...rest, counts } : rest);
  });
  routes.get('/api/v1/me', 'signed-in', (c, { who, may }) =>
    c.json({ kind: who.kind, name: who.name, role: who.role, may: PERMISSIONS.filter(may), sees: who.scope === 'all' ? 'all' : 'some' }),
  );
  routes.get('/api/v1/sites/:id', 'see', async (c, { reader }) => {
    const site = await reader.site(c.req.param('id') ?? '');
    return site ? c.json({ site, firing: await reader.firing(site.id) }) : c.json(missing, 404);
  });
  routes.get('/api/v1/sites/:id/devices', 'see', async (c, { reader }) => {
    const site = await reader.site(c.req.param('id') ?? '');
    return site ? c.json({ devices: await reader.devices(site.id) }) : c.json(missing, 404);
  });
  routes.get('/api/v1/alerts', 'see', async (c, { reader }) => {
    const query = alertQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const { firing, ...filter } = query.data;
    return c.json({ alerts: await reader.alerts({ ...filter, ...(firing !== undefined && { firing: firing === 'true' }) }) });
  });
  routes.get('/api/v1/events', 'history', async (c, { reader }) => {
    const query = eventQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const events = await reader.events(query.data);
    return c.json({ events, next: events.at(-1)?.seq ?? query.data.after });
  });
}

function badQuery(error: z.ZodError): { error: string; message: string } {
  return { error: 'bad-query', message: z.prettifyError(error) };
}

function addSite(routes: Routes, serving: Serving | undefined): void {
  routes.get('/sites/:id', 'see', async (c, { reader, playbooks, frame, may }) => {
    const site = await reader.site(c.req.param('id') ?? '');
    if (!site) return c.html(missingPage(frame()), 404);
    const [devices, firing, over, usage, contacts, notes] = await Promise.all([
      reader.devices(site.id),
      reader.firing(site.id),
      reader.alerts({ site: site.id, firing: false, limit: HISTORY_ON_PAGE }),
      may('audit') ? reader.usage(site.id, frame().now) : undefined,
      may('contacts') ? reader.contacts(site.id, frame().now) : undefined,
      may('staff') ? reader.notes(site.id) : [],
    ]);
    const around = { site: () => site, device: (_: string, id: string) => devices.find((device) => device.id === id) };
    return c.html(
      sitePage({
        ...frame(),
        ...{ site, service: serving?.home(site), usage, devices, over, dossier: { contacts, notes } },
        firing: withPlaybooks(playbooks, firing, around),
      }),
    );
  });
}
