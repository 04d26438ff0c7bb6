/** The desk: composes ingest, store and page from what it is given. `createDesk(deps) -> { start, stop, app, status }`. */
import { type Clock, every, sleep, type Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { MqttLink } from '../base/mqtt.ts';
import { dayAt } from '../base/time-zone.ts';
import { type Access, keepDealers } from './access/access.ts';
import { Looks } from './access/looks.ts';
import type { Limits } from './access/rate-limits.ts';
import { type App, createApp, type WebAssets } from './api/app.ts';
import type { Door } from './api/door.ts';
import { Changes } from './changes.ts';
import { createDossierWork } from './dossier/dossier-work.ts';
import { type ForgettingDeps, forgetHome, toForget } from './forgetting.ts';
import type { TraitsOf } from './incidents/fleet.ts';
import { createIncidentWork } from './incidents/incident-work.ts';
import { Acknowledgements } from './ingest/acknowledgements.ts';
import { INGEST_DEFAULTS, Ingest, type IngestSettings } from './ingest/ingest.ts';
import { Notices, type NoticesDeps } from './notices/notices.ts';
import type { Senders } from './notices/receivers/deliver.ts';
import { untoldOf } from './notices/route.ts';
import { type Library, NO_PLAYBOOKS } from './playbooks/library.ts';
import { Browsers } from './push/browsers.ts';
import type { PushPost } from './push/message.ts';
import { Push } from './push/push.ts';
import { createReaders, type DeskReader } from './reader.ts';
import { askedInTurn } from './service/ladder.ts';
import { homeOf, type ServicePolicy } from './service/policy.ts';
import { createServing } from './serving.ts';
import { keepPolicy, type PolicySource } from './settings/kept-policy.ts';
import { type DeskAbout, settingsOf } from './settings/settings-view.ts';
import { createShifts, type Shifts } from './shifts.ts';
import type { DeskStatus } from './status.ts';
import type { Pause } from './store/courses.ts';
import { dropHistoryBefore } from './store/events.ts';
import type { DeskDatabase } from './store/migrations.ts';
import { listRoles } from './store/people.ts';
import { DeskWork } from './tickets/desk-work.ts';
import { OnCall } from './tickets/on-call.ts';
import type { Consent } from './tickets/ticket.ts';
import { contractHomes } from './vendors/contract-homes.ts';
import { createContractWatch } from './vendors/contract-watch.ts';
import { createContractWork } from './vendors/contract-work.ts';

export type DeskDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  /** Subscribes to what hubs send; started and stopped by the desk. */
  readonly link: MqttLink;
  readonly assets: WebAssets;
  /** What homes are promised. None: nothing. */
  readonly service?: ServicePolicy | undefined;
  /** Where the service policy was read. */
  readonly serviceSource?: PolicySource | undefined;
  /** What only the program knows that runs the desk, for the page of its settings. */
  readonly about?: DeskAbout | undefined;
  /** After a home was forgotten. */
  readonly overwrite?: ForgettingDeps['overwrite'];
  /** None: alerts are shown without. */
  readonly playbooks?: Library;
  /** Who is told of tickets outside the page. None: nobody. */
  readonly notices?: (Pick<NoticesDeps, 'policy' | 'senders' | 'random' | 'isAlone'> & { readonly pushPost?: PushPost }) | undefined;
  /** Absent: whoever reaches the page is the desk, so only this machine may. */
  readonly access?: Access | undefined;
  /** How people reach the page. Default: from this machine. */
  readonly door?: Door | undefined;
  /** How often who may ask. Default: as `STANDARD_LIMITS` says. */
  readonly limits?: Limits | undefined;
  readonly settings?: Partial<DeskSettings>;
};

export type DeskSettings = IngestSettings & { readonly historyDays: number };

export type Desk = {
  start(): Promise<void>;
  /** Commits what has arrived and leaves the broker; the database stays open for its owner to close. */
  stop(): Promise<void>;
  /** A web application: `app.fetch(request)`. */
  readonly app: App;
  /** Of all homes. */
  readonly reader: DeskReader;
  status(): DeskStatus;
  /** Resolves when everything that arrived so far is committed, and what followed from it is done. */
  drain(): Promise<void>;
};

const DAY_MS = 86_400_000;
const HISTORY_CHECK_MS = 6 * 3_600_000;
const DEFAULT_HISTORY_DAYS = 90;

/** It holds all the same: a desk that promised nothing until then would be worse. */
function warnOfEarlyPolicy({ service, clock, log }: DeskDeps): void {
  if (service === undefined || service.since <= dayAt('UTC', clock.now().wallMs)) return;
  log.warn('the service policy holds from a later day on, and is followed from now on', { version: service.version, since: service.since });
}

/** A step that nobody hears of is shown on the page only. */
function warnOfUntold({ service, notices, log }: DeskDeps): void {
  const untold = service && notices ? untoldOf(notices.policy, askedInTurn(service)) : [];
  if (untold.length > 0)
    log.warn('no route of the notices tells when a ticket is passed on to some whom the service policy names', { to: untold });
}

export function createDesk(deps: DeskDeps): Desk {
  const { clock, log, database, link, assets, playbooks = NO_PLAYBOOKS } = deps;
  const settings = { ...INGEST_DEFAULTS, historyDays: DEFAULT_HISTORY_DAYS, ...deps.settings };
  const changes = new Changes(clock);
  const noteWork = (sites: ReadonlySet<string>): void => {
    changes.add(sites);
    notices?.wake();
  };
  const serving = deps.service && createServing({ policy: deps.service, database, clock });
  const ofContracts = contractHomes(serving);
  const work = new DeskWork({
    clock,
    log,
    database,
    onChange: noteWork,
    consentOf: consentIn(deps.service),
    homes: ofContracts,
    traitsOf: traitsIn(deps.service),
    timeIncrement: deps.service?.timeIncrement,
  });
  const onChange = (sites: ReadonlySet<string>, troubled?: ReadonlySet<string>): void => {
    changes.add(sites, troubled);
    work.wake();
    notices?.wake();
  };
  const ingest = new Ingest({ clock, log, database, link, onChange }, settings);
  const isHeard = (site: string): boolean => ingest.presence(site)?.phase === 'online';
  const acknowledgements = new Acknowledgements({ clock, log, database, link, isHeard, onChange });
  const readers = createReaders(database, (site) => ingest.presence(site), serving);
  const reader = readers.within('all');
  const looks = new Looks({ clock, log, database });
  const onCall =
    serving && deps.service && askedInTurn(deps.service).size > 0
      ? new OnCall({ clock, log, database, homes: reader.homes, serving, onChange: noteWork })
      : undefined;
  const contractWatch = createContractWatch({ clock, log, database, homes: ofContracts, onChange: noteWork });
  const ofHome = (sites: ReadonlySet<string>): void => changes.add(sites, new Set());
  const ofDesk = (): void => changes.add(new Set());
  const shifts = createShifts({ clock, database, policy: deps.service, onChange: ofDesk });
  const { push, browsers } = inBrowsers(deps, shifts);
  const toPush: Senders['push'] = push && ((outgoing, receiver) => push.tell(outgoing, receiver));
  const told = deps.notices && { ...deps.notices, senders: { ...deps.notices.senders, push: toPush } };
  const notices =
    told && new Notices({ clock, log, database, homes: reader.homes, incidents: reader.incidents, serving, onChange: ofDesk, ...told });
  const status = (): DeskStatus => ({
    link: ingest.link(),
    settled: ingest.isSettled(),
    problem: ingest.problem(),
    counts: ingest.counts(),
    ...(notices && { receivers: notices.status() }),
  });
  let tidying: Timer | undefined;

  let isStopped = false;

  const tidy = async (pause?: Pause): Promise<void> => {
    await dropHistoryBefore(database, clock.now().wallMs - settings.historyDays * DAY_MS, pause).catch((cause: unknown) => {
      if (!isStopped) log.error('desk could not drop old history', { cause: String(cause) });
    });
    if (isStopped) return;
    await notices?.tidy().catch((cause: unknown) => log.error('desk could not drop old notices', { cause: String(cause) }));
    await looks.tidy().catch((cause: unknown) => log.error('desk could not drop old looks at homes', { cause: String(cause) }));
    await push?.tidy().catch((cause: unknown) => log.error('desk could not drop old browsers', { cause: String(cause) }));
  };

  const pause = async (): Promise<void> => {
    await sleep(clock, 1);
    if (isStopped) throw new Error('the desk stops');
  };

  return {
    async start() {
      warnOfEarlyPolicy(deps);
      warnOfUntold(deps);
      if (deps.access) await keepDealers(database, deps.service);
      if (deps.service) await keepPolicy(database, { policy: deps.service, source: deps.serviceSource }, clock.now().wallMs, log);
      deps.access?.start();
      await tidy();
      tidying = every(clock, HISTORY_CHECK_MS, () => void tidy(pause));
      await ingest.start();
      acknowledgements.start();
      work.start();
      onCall?.start();
      contractWatch.start();
      push?.start();
      notices?.start();
    },
    async stop() {
      isStopped = true;
      tidying?.cancel();
      deps.access?.stop();
      changes.stop();
      await looks.flush();
      await notices?.stop();
      await push?.stop();
      await onCall?.stop();
      await contractWatch.stop();
      await work.stop();
      await acknowledgements.stop();
      await ingest.stop();
    },
    app: createApp({
      ...(serving && { serving }),
      clock,
      readers,
      looks,
      changes,
      assets,
      status,
      acknowledge: (alert, scope) => acknowledgements.acknowledge(alert, scope),
      work,
      dossier: createDossierWork({ clock, database, onChange: ofHome }),
      contractWork: createContractWork({ clock, database, onChange: ofHome }, ofContracts),
      forgetting: {
        look: (site) => toForget({ database }, site),
        async forget(act) {
          // Who looked at it last is forgotten with it.
          await looks.flush();
          const forgotten = await forgetHome({ database, clock, service: deps.service, overwrite: deps.overwrite }, act);
          if (forgotten === undefined) return undefined;
          await ingest.forget(act.site);
          onChange(new Set([act.site]), new Set([act.site]));
          return forgotten;
        },
      },
      shifts,
      packs: { version: deps.about?.version, roles: () => listRoles(database) },
      incidentWork: createIncidentWork({ clock, database, onChange }),
      playbooks,
      settings: () =>
        settingsOf({
          database,
          about: deps.about,
          holdsPolicy: deps.service !== undefined,
          historyDays: settings.historyDays,
          playbookProblems: playbooks.problems,
          status,
          now: () => clock.now().wallMs,
        }),
      access: deps.access,
      browsers,
      door: deps.door ?? {},
      log,
      limits: deps.limits,
      onFault: (error) => log.error('the desk could not answer a request', { cause: String(error.stack ?? error) }),
    }),
    reader,
    status,
    async drain() {
      await ingest.drain();
      await Promise.all([work.idle(), onCall?.idle(), contractWatch.idle(), acknowledgements.idle()]);
      await looks.flush();
      await notices?.idle();
      await push?.idle();
    },
  };
}

/** Where somebody is to be told in a browser, and people have accounts. */
function inBrowsers(
  { clock, log, database, notices, access }: DeskDeps,
  shifts: Shifts,
): { readonly push?: Push; readonly browsers?: Browsers } {
  if (notices?.pushPost === undefined || access === undefined) return {};
  const { policy, random, pushPost: post } = notices;
  if (![...policy.receivers.values()].some(({ place }) => place.kind === 'web-push')) return {};
  const onShift = async (): Promise<string[]> => (await shifts.list()).map(({ name }) => name);
  const push = new Push({ clock, log, random, database, policy, post, onShift });
  return { push, browsers: new Browsers({ clock, random, database, policy, push, signIns: access.signIns }) };
}

function traitsIn(policy: ServicePolicy | undefined): TraitsOf {
  return (site) => {
    const home = policy?.homes.get(site);
    return { provider: home?.provider, area: home?.area };
  };
}

function consentIn(policy: ServicePolicy | undefined): (site: string) => Consent | undefined {
  return (site) => {
    const consent = policy && homeOf(policy, site).consent;
    return consent && { from: consent.by, rate: consent.rate };
  };
}
