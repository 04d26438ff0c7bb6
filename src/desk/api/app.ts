/**
 * The desk over HTTP: the API under /api/v1 and the page. Only for this machine: a request that names another host is refused, or a
 * web site could read the desk through the visitor's browser by rebinding its own name to 127.0.0.1.
 */
import { Hono, type MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { ID_PATTERN } from '../../base/ids.ts';
import { ALERT_CODES } from '../../protocol/alert-catalogue.ts';
import { failedPage } from '../../web/failed-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import type { Frame } from '../../web/parts.ts';
import { sitePage } from '../../web/site-page.ts';
import type { Changes } from '../changes.ts';
import type { IncidentWork } from '../incidents/incident-work.ts';
import type { Library } from '../playbooks/library.ts';
import { withPlaybooks } from '../playbooks/shelf.ts';
import type { DeskReader } from '../reader.ts';
import type { Serving } from '../serving.ts';
import type { DeskStatus } from '../status.ts';
import { DatabaseAway } from '../store/away.ts';
import { type Acknowledge, addAcknowledge } from './acknowledge.ts';
import { addHomes } from './homes.ts';
import { addIncidents } from './incidents.ts';
import { addPlaybooks } from './playbooks.ts';
import { addService } from './service.ts';
import { addTickets, type Work } from './tickets.ts';

/** Path under /assets to what is served there. */
export type WebAssets = Readonly<Record<string, { readonly type: string; readonly body: string }>>;

export type AppDeps = {
  readonly clock: Clock;
  readonly reader: DeskReader;
  readonly changes: Changes;
  readonly assets: WebAssets;
  readonly status: () => DeskStatus;
  readonly acknowledge: Acknowledge;
  /** Where the desk has a service policy. */
  readonly serving?: Serving;
  readonly work: Work;
  readonly incidentWork: IncidentWork;
  readonly playbooks: Library;
};

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;
/** Proxies and browsers give up on a stream that says nothing. */
const STREAM_PULSE_MS = 15_000;
const MAX_STREAMS = 500;
const HISTORY_ON_PAGE = 30;

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

export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  app.use(onlyForThisMachine);
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
      strictTransportSecurity: false,
    }),
  );
  app.onError((error, c) => {
    const [name, status] = error instanceof DatabaseAway ? (['database-away', 503] as const) : (['internal', 500] as const);
    return isApi(c.req.path)
      ? c.json({ error: name, message: `The desk could not answer: ${error.message}` }, status)
      : c.html(failedPage(frameOf(deps), error.message), status);
  });
  addApi(app, deps);
  addAcknowledge(app, { acknowledge: deps.acknowledge, frame: () => frameOf(deps) });
  addService(app, deps);
  addTickets(app, { reader: deps.reader, work: deps.work, playbooks: deps.playbooks, frame: () => frameOf(deps) });
  addIncidents(app, { reader: deps.reader, incidentWork: deps.incidentWork, frame: () => frameOf(deps) });
  addPlaybooks(app, { library: deps.playbooks, reader: deps.reader, frame: () => frameOf(deps) });
  addHomes(app, { reader: deps.reader, playbooks: deps.playbooks, frame: () => frameOf(deps) });
  addPages(app, deps);
  return app;
}

function isApi(path: string): boolean {
  return path.startsWith('/api/');
}

const onlyForThisMachine: MiddlewareHandler = async (c, next) => {
  if (!LOCAL_HOST.test(c.req.header('host') ?? '')) {
    return c.json({ error: 'foreign-host', message: 'This desk answers only as 127.0.0.1 or localhost.' }, 421);
  }
  return next();
};

function addApi(app: Hono, { reader, changes, status, clock }: AppDeps): void {
  const missing = { error: 'not-found', message: 'There is no such site.' };
  app.get('/api/v1/status', (c) => c.json(status()));
  app.get('/api/v1/sites/:id', async (c) => {
    const site = await reader.site(c.req.param('id'));
    return site ? c.json({ site, firing: await reader.firing(site.id) }) : c.json(missing, 404);
  });
  app.get('/api/v1/sites/:id/devices', async (c) => {
    const site = await reader.site(c.req.param('id'));
    return site ? c.json({ devices: await reader.devices(site.id) }) : c.json(missing, 404);
  });
  app.get('/api/v1/alerts', async (c) => {
    const query = alertQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const { firing, ...filter } = query.data;
    return c.json({ alerts: await reader.alerts({ ...filter, ...(firing !== undefined && { firing: firing === 'true' }) }) });
  });
  app.get('/api/v1/events', async (c) => {
    const query = eventQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const events = await reader.events(query.data);
    return c.json({ events, next: events.at(-1)?.seq ?? query.data.after });
  });
  app.get('/api/v1/stream', (c) => {
    if (changes.listeners >= MAX_STREAMS) return c.json({ error: 'too-many-streams', message: 'Too many pages are open.' }, 503);
    return streamSSE(c, async (stream) => {
      const send = (event: string, data: unknown): void =>
        void stream.writeSSE({ event, data: JSON.stringify(data) }).catch(() => stream.abort());
      const stop = changes.listen((change) => send('change', change));
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
      send('hello', {});
      while (!stream.aborted) {
        await Promise.race([ended, new Promise<void>((resolve) => clock.setTimer(STREAM_PULSE_MS, resolve))]);
        send('pulse', {});
      }
      stop();
    });
  });
}

function badQuery(error: z.ZodError): { error: string; message: string } {
  return { error: 'bad-query', message: z.prettifyError(error) };
}

function frameOf({ clock, status }: AppDeps): Frame {
  return { now: clock.now().wallMs, status: status() };
}

function addPages(app: Hono, deps: AppDeps): void {
  const { reader, assets, playbooks } = deps;
  const frame = (): Frame => frameOf(deps);
  app.get('/sites/:id', async (c) => {
    const site = await reader.site(c.req.param('id'));
    if (!site) return c.html(missingPage(frame()), 404);
    const [devices, firing, over] = await Promise.all([
      reader.devices(site.id),
      reader.firing(site.id),
      reader.alerts({ site: site.id, firing: false, limit: HISTORY_ON_PAGE }),
    ]);
    const around = { site: () => site, device: (_: string, id: string) => devices.find((device) => device.id === id) };
    return c.html(
      sitePage({ ...frame(), site, service: deps.serving?.home(site), devices, firing: withPlaybooks(playbooks, firing, around), over }),
    );
  });
  app.get('/assets/:name', (c) => {
    const name = c.req.param('name');
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
    return asset ? c.body(asset.body, 200, { 'content-type': asset.type, 'cache-control': 'no-cache' }) : c.notFound();
  });
  app.notFound((c) =>
    isApi(c.req.path) ? c.json({ error: 'not-found', message: 'There is no such address.' }, 404) : c.html(missingPage(frame()), 404),
  );
}
