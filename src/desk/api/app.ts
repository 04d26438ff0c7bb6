/**
 * The desk over HTTP: the API under /api/v1 and the page. What stands behind an address is added by `Routes`, with the rule of who may ask for it.
 */
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { failedAtTheDoor, failedPage } from '../../web/failed-page.ts';
import { LOOKS_SHOWN_DAYS } from '../../web/looks-section.ts';
import { missingAtTheDoor, missingPage } from '../../web/missing-page.ts';
import type { Frame } from '../../web/parts.ts';
import { sitePage } from '../../web/site-page.ts';
import type { Access } from '../access/access.ts';
import { type Limits, RateLimits, STANDARD_LIMITS } from '../access/rate-limits.ts';
import type { Changes } from '../changes.ts';
import { withPlaybooks } from '../playbooks/shelf.ts';
import type { Browsers } from '../push/browsers.ts';
import type { Serving } from '../serving.ts';
import type { SettingsView } from '../settings/settings-view.ts';
import type { Shifts } from '../shifts.ts';
import { DatabaseAway } from '../store/away.ts';
import { addAccount } from './account.ts';
import { addAccounts } from './accounts.ts';
import { addAcknowledge } from './acknowledge.ts';
import { addAlerts } from './alerts.ts';
import { addBrowsers } from './browsers.ts';
import { addContracts } from './contracts.ts';
import { addDescription } from './describe.ts';
import { addDesk } from './desk-itself.ts';
import { addDevices } from './devices.ts';
import { type Door, isSecure, onlyByTheDoor, type Peer } from './door.ts';
import { addDossier } from './dossier.ts';
import { addFleet } from './fleet.ts';
import { addForget, type Forgetting } from './forget.ts';
import { addHomes } from './homes.ts';
import { addIncidents } from './incidents.ts';
import { addLooks, firstOf } from './looks.ts';
import { addOwnAccount } from './own-account.ts';
import { addPacks, type PackDeps } from './pack.ts';
import { addPasskeys } from './passkeys.ts';
import { addPeople } from './people.ts';
import { addPictures } from './pictures.ts';
import { addPlaybooks } from './playbooks.ts';
import { addProvider } from './provider.ts';
import { readDossier } from './read-dossier.ts';
import { addRecord } from './record.ts';
import { addReports } from './reports.ts';
import { FOR_PROGRAMS, isApi, Routes } from './routes.ts';
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
  /** Where browsers of people are told of tickets. */
  readonly browsers?: Browsers | undefined;
  readonly door: Door;
  readonly log: Pick<Log, 'warn'>;
  /** Of what packs for vendors say of the desk. */
  readonly packs: PackDeps;
  readonly forgetting: Forgetting;
  /** How the desk is set up. */
  readonly settings: () => Promise<SettingsView>;
  /** How often who may ask. */
  readonly limits?: Limits | undefined;
  /** Told of what went wrong in answering. */
  readonly onFault?: ((error: Error) => void) | undefined;
};

const HISTORY_ON_PAGE = 30;
/** As long as browsers remember that this name is only to be asked by TLS (RFC 6797). */
const A_YEAR = 'max-age=31536000';

/** `rules`: every address with who may ask for it; `calls`: those of the API with what they take and answer. */
export type App = Pick<Routes, 'rules' | 'calls'> & { fetch(request: Request, peer?: Peer): Response | Promise<Response> };

/** Throws where an address was added without a rule, or one of the API without a description. */
export function createApp(deps: AppDeps): App {
  const { access, door, clock, status, assets } = deps;
  const app = new Hono();
  const now = (): number => clock.now().wallMs;
  const bareFrame = (): Frame => ({ now: now(), status: access ? inShort(status()) : status() });
  app.use(onlyByTheDoor(door));
  // What somebody photographed is shown, and runs nothing, whatever a browser takes it for.
  app.use(async (c, next) => {
    await next();
    if (c.res.headers.get('content-type') === 'image/jpeg') c.res.headers.set('content-security-policy', "default-src 'none'; sandbox");
  });
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
  // What is shown is for who asked, and for no cache on the way or on a disk; but a program may keep what it alone was given.
  app.use(async (c, next) => {
    await next();
    const { headers } = c.res;
    if (!c.req.path.startsWith('/assets/') && headers.get('cache-control') !== FOR_PROGRAMS) headers.set('cache-control', 'no-store');
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
    ...(access && { callers: access, onRefused: (who, call) => access.refusals.note(who, call) }),
    limits: new RateLimits(deps.limits ?? STANDARD_LIMITS, clock),
    visit: (who) => visitOf({ ...deps, now }, who),
    frame: bareFrame,
  });
  addDesk(routes);
  addAlerts(routes);
  addStream(routes, deps);
  addAcknowledge(routes);
  addService(routes, deps.serving);
  addTickets(routes, deps.shifts);
  addPacks(routes, deps.packs);
  addShifts(routes, deps.shifts);
  addIncidents(routes);
  addTime(routes);
  addReports(routes);
  addPlaybooks(routes);
  addHomes(routes);
  addSite(routes, deps.serving);
  addDevices(routes);
  addDossier(routes);
  addRecord(routes);
  addPictures(routes);
  addLooks(routes);
  addContracts(routes);
  addForget(routes, deps.forgetting, access?.signIns);
  addFleet(routes);
  addSettings(routes, deps.settings);
  if (access) {
    addSignIn(routes, access);
    addPasskeys(routes, access);
    addProvider(routes, access, deps.log);
    addAccount(routes, access, deps.browsers);
    addBrowsers(routes, deps.browsers);
    addPeople(routes, access);
    addAccounts(routes, access);
    addOwnAccount(routes, access, deps.browsers);
  }
  addDescription(routes);
  routes.asset('/assets/:name', (c) => {
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
  return { rules: routes.rules, calls: routes.calls, fetch: (request, peer) => app.fetch(request, peer) };
}

function addSite(routes: Routes, serving: Serving | undefined): void {
  routes.get('/sites/:id', 'see', async (c, visit) => {
    const { reader, playbooks, frame, may } = visit;
    const site = await reader.site(c.req.param('id') ?? '');
    if (!site) return c.html(missingPage(frame()), 404);
    const [devices, firing, over, usage, looks, dossier, contracts] = await Promise.all([
      reader.devices(site.id),
      reader.firing(site.id),
      reader.alerts({ site: site.id, firing: false, limit: HISTORY_ON_PAGE }),
      may('audit') ? reader.usage(site.id, frame().now) : undefined,
      may('audit') ? reader.looks(site.id, firstOf(LOOKS_SHOWN_DAYS, frame().now)) : undefined,
      readDossier(visit, site.id),
      may('work') ? reader.contracts.ofHome(site.id, frame().now) : undefined,
    ]);
    const around = { site: () => site, device: (_: string, id: string) => devices.find((device) => device.id === id) };
    return c.html(
      sitePage({
        ...frame(),
        ...{ site, service: serving?.home(site), usage, looks, devices, over, dossier, contracts },
        firing: withPlaybooks(playbooks, firing, around),
      }),
    );
  });
}
