/**
 * Builds a whole desk on this machine: database, broker (its own, or the connection to yours), ingest and page. The one file of the desk
 * that makes platform objects; `hearthbeat desk` and `hearthbeat up` call it.
 */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { openDataFolder } from '../platform/data-folder.ts';
import { openDeskDatabase } from '../platform/desk-database.ts';
import { type Broker, createBroker } from '../platform/mqtt-broker.ts';
import { createMqttLink } from '../platform/mqtt-link.ts';
import { mailNotice } from '../platform/notice-mail.ts';
import { postNotice } from '../platform/notice-post.ts';
import { readLibrary } from '../platform/playbook-files.ts';
import type { PostgresPlace } from '../platform/postgres-pool.ts';
import { loadWebAssets } from '../platform/web-assets.ts';
import { serveApp } from '../platform/web-server.ts';
import { createDesk, type DeskSettings } from './desk.ts';
import type { NoticePolicy } from './notices/policy.ts';
import type { Library } from './playbooks/library.ts';
import type { DeskReader } from './reader.ts';
import type { ServicePolicy } from './service/policy.ts';
import { createSiteAccess, type SiteAccess } from './site-access.ts';
import type { DeskStatus } from './status.ts';
import type { DeskDatabase } from './store/migrations.ts';

export type OwnBroker = { readonly port: number; readonly host?: string; readonly toolPassword?: string };
export type OutsideBroker = {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
};

export type RunDeskOptions = {
  /** Holds `desk.db`; one desk at a time uses it. */
  readonly folder: string;
  /** Where what hubs tell is kept instead. */
  readonly database?: PostgresPlace | undefined;
  /** Of the page and the API; 0 lets the system choose. */
  readonly port: number;
  readonly broker: OwnBroker | OutsideBroker;
  /** What homes are promised. */
  readonly service?: ServicePolicy | undefined;
  /** Who is told of tickets outside the page. */
  readonly notices?: NoticePolicy | undefined;
  /** Folder of the desk's own playbooks, laid over those that come along. */
  readonly playbooks?: string | undefined;
  readonly settings?: Partial<DeskSettings>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

export type RunningDesk = {
  /** The page's address, `http://127.0.0.1:7080/`. */
  readonly url: string;
  /** Where hubs connect; of an outside broker its first address. */
  readonly brokerUrl: string;
  readonly reader: DeskReader;
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
  const settings = { acceptNewSites: broker === undefined, ...options.settings };
  const desk = createDesk({
    clock,
    log,
    database,
    link,
    assets: loadWebAssets(),
    service: options.service,
    notices: options.notices && {
      policy: options.notices,
      senders: { post: postNotice, mail: mailNotice },
      random,
      // The folder is this desk's alone; a database server may have others.
      isAlone: options.database === undefined,
    },
    playbooks: readPlaybooks(options),
    settings,
  });
  const web = await serveApp(desk.app, options.port);
  started.defer(() => web.stop());
  await desk.start();
  started.defer(() => desk.stop());
  return {
    url: web.url,
    brokerUrl: broker?.url ?? ('urls' in options.broker ? (options.broker.urls[0] ?? '') : ''),
    reader: desk.reader,
    registerSite: access.registerSite,
    status: () => ({ ...desk.status(), connectedClients: broker?.connectedClients() }),
    stop: () => started.disposeAsync(),
  };
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

export type HomeToRegister = Pick<RunDeskOptions, 'folder' | 'database' | 'clock' | 'random' | 'log'> & {
  readonly id: string;
  readonly name?: string;
};

/**
 * Lets a hub in at the desk's own broker, also while that desk runs, and answers the hub's new password; one given before is void.
 * Throws HB_USAGE for an id that is none, and what opening the folder and the database throw.
 */
export async function registerHome({ folder: path, id, name, ...options }: HomeToRegister): Promise<string> {
  const folder = openDataFolder(path, 'register');
  try {
    const { clock, random } = options;
    const database = await openTables(join(folder.path, 'desk.db'), options);
    try {
      const password = Buffer.from(random.bytes(16)).toString('base64url');
      await createSiteAccess({ database, clock, random }).registerSite({ id, name, password });
      return password;
    } finally {
      await database.destroy();
    }
  } finally {
    folder.release();
  }
}

function linkTarget(configured: OwnBroker | OutsideBroker, own: Broker | undefined): OutsideBroker & { readonly clientId: string } {
  const clientId = 'desk-g1-s0';
  if (own) return { urls: [own.url], clientId, ...own.deskCredential };
  return { urls: [], ...configured, clientId };
}
