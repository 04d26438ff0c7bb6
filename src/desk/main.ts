/**
 * Builds a whole desk on this machine: database, broker (its own, or the connection to yours), ingest and page. The one file of the desk
 * that makes platform objects; `hearthbeat desk` and `hearthbeat up` call it.
 */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import { isLoopback } from '../base/ip-address.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { openDataFolder } from '../platform/data-folder.ts';
import { certificateOf, sourceOf } from '../platform/desk-about.ts';
import { emptySqliteLog, openDeskDatabase, sqliteFacts } from '../platform/desk-database.ts';
import { createIdentityProvider, type ProviderPlace } from '../platform/identity-provider.ts';
import { type Broker, createBroker } from '../platform/mqtt-broker.ts';
import { createMqttLink } from '../platform/mqtt-link.ts';
import { mailNotice } from '../platform/notice-mail.ts';
import { postNotice } from '../platform/notice-post.ts';
import { readLibrary } from '../platform/playbook-files.ts';
import type { PostgresPlace } from '../platform/postgres-pool.ts';
import { createPushPost } from '../platform/push-post.ts';
import { loadWebAssets } from '../platform/web-assets.ts';
import { type Listening, serveApp } from '../platform/web-server.ts';
import { Access } from './access/access.ts';
import { COMMAND_LINE } from './access/deeds.ts';
import { type Cost, requireArgon2 } from './access/passwords.ts';
import type { Limits } from './access/rate-limits.ts';
import type { Door } from './api/door.ts';
import { createDesk, type DeskSettings } from './desk.ts';
import { type ForgetAct, type ForgettingDeps, type Forgotten, forgetHome, type ToForget, toForget } from './forgetting.ts';
import { linkedTo, type NoticePolicy } from './notices/policy.ts';
import type { Pack } from './pack/pack.ts';
import { findPack } from './pack/packs.ts';
import type { Library } from './playbooks/library.ts';
import { createReader, type DeskReader } from './reader.ts';
import type { ServicePolicy } from './service/policy.ts';
import { createServing } from './serving.ts';
import type { DeskAbout } from './settings/settings-view.ts';
import { createSiteAccess, type SiteAccess } from './site-access.ts';
import type { DeskStatus } from './status.ts';
import type { DeskDatabase } from './store/migrations.ts';
import { listRoles } from './store/people.ts';

export type OwnBroker = { readonly port: number; readonly host?: string; readonly toolPassword?: string };
export type OutsideBroker = {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
};

/** `host`: where it listens; `limits`: how often who may ask, where that is not the usual. */
export type PublicPage = Door & Pick<Listening, 'host' | 'tls'> & { readonly limits?: Limits | undefined };

/** Each as the settings name it. */
export type DeskFiles = {
  readonly settings?: string | undefined;
  readonly service?: string | undefined;
  readonly notices?: string | undefined;
  readonly certificate?: string | undefined;
};

export type RunDeskOptions = {
  /** Holds `desk.db`; one desk at a time uses it. */
  readonly folder: string;
  /** Where what hubs tell is kept instead. */
  readonly database?: PostgresPlace | undefined;
  /** Of the page and the API; 0 lets the system choose. */
  readonly port: number;
  /** How others than who is at this machine reach the page. Default: not at all. */
  readonly page?: PublicPage | undefined;
  /** Who is let in; what a password costs to look at, where that is not the usual. Default: whoever is at this machine. */
  readonly access?: 'local' | 'accounts' | { readonly cost: Cost };
  /** Who says who people are, beside the desk itself. */
  readonly provider?: ProviderPlace | undefined;
  readonly broker: OwnBroker | OutsideBroker;
  /** What homes are promised. */
  readonly service?: ServicePolicy | undefined;
  /** Who is told of tickets outside the page. */
  readonly notices?: NoticePolicy | undefined;
  /** Folder of the desk's own playbooks, laid over those that come along. */
  readonly playbooks?: string | undefined;
  readonly settings?: Partial<DeskSettings>;
  /** Of the program, and the files that it was set up by: for the page of the settings. */
  readonly version?: string;
  readonly files?: DeskFiles | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

export type RunningDesk = {
  /** The page's address, `http://127.0.0.1:7080/`. */
  readonly url: string;
  /** Where it listens, whatever name people use: `http://127.0.0.1:7380/`. */
  readonly localUrl: string;
  /** Where hubs connect; of an outside broker its first address. */
  readonly brokerUrl: string;
  readonly reader: DeskReader;
  /** Absent where there are no accounts. */
  readonly access?: Access;
  /** While nobody can sign in: where the first account is made, and until when that can be done. */
  readonly firstLink?: { readonly url: string; readonly endsAt: number };
  registerSite: SiteAccess['registerSite'];
  status(): DeskStatus & { readonly connectedClients?: number };
  stop(): Promise<void>;
};

/**
 * Starts everything in order; what was started is taken down again when a later step fails. Throws HB_DATA_FOLDER, HB_ALREADY_RUNNING,
 * HB_DATABASE_NEWER, HB_DATABASE_DAMAGED, HB_DATABASE_UNREACHABLE, HB_DATABASE_REFUSED or HB_PORT_IN_USE. An unreachable outside broker is no error: see `status().link`.
 */
export async function runDesk(options: RunDeskOptions): Promise<RunningDesk> {
  const started = new AsyncDisposableStack();
  try {
    return await startAll(options, started);
  } catch (cause) {
    await started.disposeAsync();
    throw cause;
  }
}

async function startAll(options: RunDeskOptions, started: AsyncDisposableStack): Promise<RunningDesk> {
  const { clock, random, log } = options;
  const folder = openDataFolder(options.folder, 'desk');
  started.defer(() => folder.release());
  const database = await openTables(folder.databasePath, options);
  started.defer(() => database.destroy());
  const access = createSiteAccess({ database, clock, random });
  const broker = 'urls' in options.broker ? undefined : await createBroker({ ...options.broker, authenticate: access.authenticate, log });
  if (broker) started.defer(() => broker.stop());
  const link = createMqttLink({ ...linkTarget(options.broker, broker), clock, random, log });
  requireDoor(options);
  const people = await openAccess(options, database);
  let port = options.port;
  const settings = { acceptNewSites: broker === undefined, ...options.settings };
  const desk = createDesk({
    clock,
    log,
    database,
    link,
    assets: loadWebAssets(),
    service: options.service,
    serviceSource: options.files?.service === undefined ? undefined : sourceOf(options.files.service),
    about: aboutOf(options, folder.databasePath, database, people !== undefined),
    overwrite: overwriteOf(options, database),
    notices: options.notices && {
      policy: linkedTo(options.notices, options.page?.origin),
      senders: { post: postNotice, mail: mailNotice },
      pushPost: createPushPost(),
      random,
      // The folder is this desk's alone; a database server may have others.
      isAlone: options.database === undefined,
    },
    playbooks: readPlaybooks(options),
    access: people,
    door: { ...options.page, port: () => port },
    limits: options.page?.limits,
    settings,
  });
  const web = await serveApp(desk.app, { port: options.port, host: options.page?.host, tls: options.page?.tls, log });
  port = web.port;
  started.defer(() => web.stop());
  await desk.start();
  started.defer(() => desk.stop());
  const url = options.page?.origin === undefined ? web.url : `${options.page.origin}/`;
  const first = await people?.people.firstLink();
  return {
    url,
    localUrl: web.url,
    ...(people && { access: people }),
    ...(first && { firstLink: { url: `${url}links/${first.secret}`, endsAt: first.endsAt } }),
    brokerUrl: broker?.url ?? ('urls' in options.broker ? (options.broker.urls[0] ?? '') : ''),
    reader: desk.reader,
    registerSite: access.registerSite,
    status: () => ({ ...desk.status(), connectedClients: broker?.connectedClients() }),
    stop: () => started.disposeAsync(),
  };
}

function aboutOf(options: RunDeskOptions, file: string, database: DeskDatabase, hasAccounts: boolean): DeskAbout {
  const { files = {}, page, playbooks, version } = options;
  const { certificate, notices, settings } = files;
  const tls = page?.tls;
  return {
    version,
    settingsFile: settings,
    noticesFile: notices,
    playbooksFolder: playbooks,
    url: page?.origin,
    hasAccounts,
    hasOwnBroker: !('urls' in options.broker),
    database: async () => {
      if (options.database === undefined) return sqliteFacts(database, file);
      return (await import('../platform/desk-postgres.ts')).postgresFacts(database, options.database);
    },
    ...(tls && certificate !== undefined ? { certificate: () => certificateOf(certificate, tls) } : {}),
  };
}

/** The settings are looked at before; whoever starts a desk otherwise is not to open it to everybody by mistake. */
function requireDoor({ page, access = 'local' }: RunDeskOptions): void {
  if (page === undefined || (isLoopback(page.host ?? '127.0.0.1') && page.origin === undefined)) return;
  if (access !== 'local' && page.origin !== undefined && (page.tls !== undefined || page.proxies?.length)) return;
  throw new HearthbeatError(
    'HB_CONFIG_INVALID',
    'The page would be open to others without accounts, or passwords would travel without TLS.',
    'Give desk.page.origin with certFile and keyFile or trustedProxies, and desk.access: accounts.',
  );
}

async function openAccess(
  { access = 'local', provider: place, clock, random, log }: RunDeskOptions,
  database: DeskDatabase,
): Promise<Access | undefined> {
  if (access === 'local') return undefined;
  await requireArgon2();
  const provider = place && createIdentityProvider(place);
  return new Access({ database, clock, random, log, provider, cost: access === 'accounts' ? undefined : access.cost });
}

/** What is wrong with an own playbook is told, here and on the page of playbooks, and keeps no desk from starting. */
function readPlaybooks({ playbooks, log }: Pick<RunDeskOptions, 'playbooks' | 'log'>): Library {
  const library = readLibrary(playbooks);
  for (const { file, line, message } of library.problems) log.warn('a playbook is not right', { file, line, message });
  return library;
}

/** PostgreSQL's driver is loaded only where it is used: it costs some megabytes. */
async function openTables(
  file: string,
  { database: place, clock, log }: Pick<RunDeskOptions, 'database' | 'clock' | 'log'>,
): Promise<DeskDatabase> {
  if (place === undefined) return openDeskDatabase(file);
  return (await import('../platform/desk-postgres.ts')).openDeskPostgres(place, { clock, log });
}

/** Of what is deleted. A log of PostgreSQL's is its whole server's. */
function overwriteOf({ database: place }: Pick<RunDeskOptions, 'database'>, database: DeskDatabase): ForgettingDeps['overwrite'] {
  return place === undefined ? () => emptySqliteLog(database) : undefined;
}

export type DeskTables = Pick<RunDeskOptions, 'folder' | 'database' | 'clock' | 'random' | 'log'>;

/** The accounts of a desk, also while it runs. Throws what opening the folder and the database throw. */
export async function withAccess<T>(options: DeskTables, task: (access: Access) => Promise<T>): Promise<T> {
  await requireArgon2();
  return withTables(options, (database) => task(new Access({ ...options, database })));
}

async function withTables<T>({ folder: path, ...options }: DeskTables, task: (database: DeskDatabase) => Promise<T>): Promise<T> {
  const folder = openDataFolder(path, 'register');
  try {
    const database = await openTables(join(folder.path, 'desk.db'), options);
    try {
      return await task(database);
    } finally {
      await database.destroy();
    }
  } finally {
    folder.release();
  }
}

/** What was worked and what it comes to, also while the desk runs: asks its reader. Throws what opening the folder and the database throw. */
export async function readBilling<T>(
  { service, ...options }: DeskTables & { readonly service: ServicePolicy | undefined },
  ask: (reader: Pick<DeskReader, 'timeSheet' | 'statement'>) => Promise<T>,
): Promise<T> {
  return withTables(options, (database) => {
    const serving = service && createServing({ policy: service, database, clock: options.clock });
    return ask(createReader(database, () => undefined, serving));
  });
}

/** What a vendor is given of a ticket, also while the desk runs; undefined where there is no such ticket. Throws what opening the folder and the database throw. */
export async function readPack(
  { version, ...options }: DeskTables & { readonly version: string },
  asked: { readonly number: number; readonly hasAddresses: boolean },
): Promise<Pack | undefined> {
  return withTables(options, (database) => {
    const now = options.clock.now().wallMs;
    const reader = createReader(database, () => undefined);
    return findPack(reader, { ...asked, now, deskVersion: version, roles: () => listRoles(database) });
  });
}

export type HomeToForget = DeskTables & Pick<ForgettingDeps, 'service'>;

/** What forgetting a home would delete; undefined for one that the desk does not know. Throws what opening the folder and the database throw. */
export async function lookWhatToForget(options: HomeToForget, site: string): Promise<ToForget | undefined> {
  return withTables(options, (database) => toForget({ database }, site));
}

/** Also while the desk runs, which learns of it with the next message of a hub. */
export async function forgetAtDesk({ service, ...options }: HomeToForget, act: Omit<ForgetAct, 'by'>): Promise<Forgotten | undefined> {
  return withTables(options, (database) => {
    const deps = { database, clock: options.clock, service, overwrite: overwriteOf(options, database) };
    return forgetHome(deps, { ...act, by: COMMAND_LINE });
  });
}

export type HomeToRegister = DeskTables & {
  readonly id: string;
  readonly name?: string;
};

/**
 * Lets a hub in at the desk's own broker, also while that desk runs, and answers the hub's new password; one given before is void.
 * Throws HB_USAGE for an id that is none, and what opening the folder and the database throw.
 */
export async function registerHome({ id, name, ...options }: HomeToRegister): Promise<string> {
  return withTables(options, async (database) => {
    const { clock, random } = options;
    const password = Buffer.from(random.bytes(16)).toString('base64url');
    await createSiteAccess({ database, clock, random }).registerSite({ id, name, password });
    return password;
  });
}

function linkTarget(configured: OwnBroker | OutsideBroker, own: Broker | undefined): OutsideBroker & { readonly clientId: string } {
  const clientId = 'desk-g1-s0';
  if (own) return { urls: [own.url], clientId, ...own.deskCredential };
  return { urls: [], ...configured, clientId };
}
