/**
 * The agent on a real machine: builds the platform, opens the data folder, serves the local view, and hands everything to the composition
 * root. Called by the commands `agent` and `up`; the signal handling is theirs.
 */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { newRandomId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { present } from '../base/present.ts';
import { policyOf } from '../config/policy.ts';
import type { Settings } from '../config/settings.ts';
import { createAskers } from '../platform/asker.ts';
import { automaticBackups, backupFolder, keepBeforeMigration, startWeeklyBackups } from '../platform/backup/automatic-backup.ts';
import { writeBackup } from '../platform/backup/backup-file.ts';
import { besideDatabase } from '../platform/backup/hub-files.ts';
import { readFingerprints } from '../platform/fingerprint-files.ts';
import { createInternetProbe } from '../platform/internet-probe.ts';
import { createLanDiscovery } from '../platform/lan-discovery.ts';
import { createLifecycleLooker } from '../platform/lifecycle-looker.ts';
import { serveLocally } from '../platform/local-socket.ts';
import { createMqttLink } from '../platform/mqtt-link.ts';
import { createNetwork } from '../platform/network.ts';
import { createProber } from '../platform/prober.ts';
import { brokerAccess, identifySettings, unifiPlace } from '../platform/settings-file.ts';
import { inWords } from '../platform/sqlite.ts';
import { type HubStorage, openHubStorage } from '../platform/storage/hub-storage.ts';
import type { RebuildOutcome } from '../platform/storage/rebuild.ts';
import { readBoot } from '../platform/system-boot.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { createVitalsProbe } from '../platform/system-vitals.ts';
import { createSweep } from '../platform/udp-sweep.ts';
import { createUnsureClock } from '../platform/undated-certificate.ts';
import { openVendorRegistry } from '../platform/vendor-registry.ts';
import { type Agent, createAgent, type UplinkSource } from './agent.ts';
import { readAlertOrder } from './alerts/alert-order.ts';
import type { IdentifySettings } from './evidence/identify-settings.ts';
import { readersFor } from './evidence/readers.ts';
import { Spending } from './evidence/spending.ts';
import { readOrder } from './inventory/order-form.ts';
import { mirrorBySettings } from './mirror/mirror-by-settings.ts';
import { createTimedUplink } from './outbox/timed-uplink.ts';
import type { Uplink } from './outbox/uplink.ts';
import type { AgentPlatform } from './ports.ts';
import { type Rebuilt, rebuiltWords } from './rebuilt.ts';
import { restoreState } from './state.ts';
import { type AgentStore, createAgentStore } from './store/agent-store.ts';
import { AGENT_MIGRATIONS } from './store/migrations.ts';

/** Where the desk is. The user name is the site's id unless the broker knows the site by another one. */
export type DeskAddress = {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
};

export type RunOptions = {
  readonly settings: Settings;
  readonly dataFolder: string;
  readonly version: string;
  readonly log: Log;
  /** Called with the site's id and its stored broker password; undefined for a hub without a desk. */
  readonly desk: (site: { id: string; password: string }) => DeskAddress | undefined | Promise<DeskAddress | undefined>;
  readonly onFatal: (error: unknown) => void;
  /** A home to watch instead of this machine's LAN: the simulated one of the demo. It is not backed up. */
  readonly platform?: AgentPlatform;
  /** Where the settings were read. */
  readonly settingsFile?: string | undefined;
};

export type RunningAgent = { readonly agent: Agent; readonly siteId: string; readonly neverGranted: boolean; stop(): Promise<void> };

/** The file name of the socket in the data folder on which commands ask a running agent. */
export const AGENT_SOCKET = 'agent.sock';

/** Starts watching; throws HearthbeatError for what a person must mend first. */
export async function runAgent(options: RunOptions): Promise<RunningAgent> {
  const storage = openStorage(options);
  const stops: (() => void | Promise<void>)[] = [() => storage.close()];
  const stop = async (): Promise<void> => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    const start = newRandomId(systemRandom);
    const store = createAgentStore(storage.db, { random: systemRandom, start, room: storage.room });
    const site = siteOf(store);
    const neverGranted = store.outbox.session() === 0;
    const desk = await options.desk(site);
    const identify = identifySettings(options.settings.identify);
    const platform = options.platform ?? createPlatform(options, identify, storage.path, stops);
    const agent = createAgent({
      platform,
      store,
      vendorOf: openVendorRegistry(),
      fingerprints: readFingerprints(),
      identify: { readers: readersFor(identify, systemRandom), leaveAlone: identify.leaveAlone },
      anchors: options.settings.internet.anchors,
      tellPersonal: options.settings.privacy.tellPersonal,
      watchServices: options.settings.watch.services,
      policy: policyOf(options.settings.policy),
      version: options.version,
      storageTrouble: storage.trouble,
      onFatal: options.onFatal,
      ...(desk ? { uplink: (source) => uplinkTo(desk, { site: site.id, start, store, options, platform, source }) } : {}),
      ...present({ mirror: mirrorOf(site.id, store, options) }),
    });
    const server = await serveLocally(join(storage.socketFolder, AGENT_SOCKET), {
      answer: (path) => (path === '/view' ? agent.view() : undefined),
      obey: (path, message) => {
        if (path === '/alert-order') {
          const order = readAlertOrder(message);
          return 'problem' in order ? order : agent.obeyAboutAlerts(order);
        }
        if (path !== '/order') return undefined;
        const order = readOrder(message);
        return 'problem' in order ? order : agent.obey(order);
      },
    });
    stops.push(() => server.close());
    if (isBackedUp(storage, options)) stops.push(backUpWeekly(storage.path, options));
    stops.push(() => agent.stop());
    await agent.start();
    return { agent, siteId: site.id, neverGranted, stop };
  } catch (error) {
    await stop();
    throw inWords(databaseIn(storage.path), error);
  }
}

const databaseIn = (folder: string): string => join(folder, 'agent.db');

function openStorage(options: RunOptions): HubStorage {
  const { dataFolder, settings, log } = options;
  return openHubStorage(dataFolder, {
    migrations: AGENT_MIGRATIONS,
    backups: automaticBackups(backupFolder(dataFolder, settings)),
    beforeMigration: (version) => backUpBefore(version, dataFolder, options),
    prove: (db) => void restoreState(storeOf(db).load(), settings.internet.anchors, systemClock.now(), policyOf(settings.policy)),
    note: (db, why, outcome) => noteRebuilt(db, { why, ...outcome }, log),
    onBack: options.onFatal,
    clock: systemClock,
    env: process.env,
    log,
  });
}

function noteRebuilt(db: Database, found: { readonly why: string } & RebuildOutcome, log: Log): void {
  const store = storeOf(db);
  const { devices, people } = store.load();
  const rebuilt: Rebuilt = {
    ...found,
    cutTables: [...found.cutTables],
    at: Math.round(systemClock.now().wallMs),
    devices: devices.length,
    decisions: people?.cards.size ?? 0,
    entries: store.outbox.waiting().count,
    isTold: false,
  };
  store.meta.set('rebuilt', JSON.stringify(rebuilt));
  log.error(rebuiltWords(rebuilt), { fix: 'The memory card may be wearing out: replace it.' });
}

const storeOf = (db: Database): AgentStore => createAgentStore(db, { random: systemRandom, start: '' });

function isBackedUp({ isInMemory }: HubStorage, { settings, platform }: RunOptions): boolean {
  return settings.backup.automatic && !platform && !isInMemory;
}

function backUpWeekly(folder: string, { settings, settingsFile, log }: RunOptions): () => void {
  const flags = ['--data', folder, ...(settingsFile === undefined ? [] : ['--config', settingsFile])];
  const weekly = startWeeklyBackups({ program: thisProgram(), flags, folder: backupFolder(folder, settings), clock: systemClock, log });
  return () => weekly.close();
}

/** A hub that cannot be backed up is brought up to date all the same: each step of that happens as a whole or not at all. */
function backUpBefore(version: number, folder: string, { settings, settingsFile, log, version: program }: RunOptions): void {
  const made = { madeAt: Math.round(systemClock.now().wallMs), version: program };
  const beside = besideDatabase({ folder, settings, settingsFile }, made);
  try {
    const path = keepBeforeMigration(backupFolder(folder, settings), version, (target) => writeBackup(databaseIn(folder), target, beside));
    log.info('The database is brought up to date; it was backed up before.', { path });
  } catch (error) {
    log.error('The database is brought up to date, and could not be backed up before.', { cause: String(error) });
  }
}

const thisProgram = (): string[] => [process.execPath, ...process.argv.slice(1, 2)];

/** The site's id and broker password, made at the very first start. */
function siteOf({ meta }: AgentStore): { id: string; password: string } {
  const id = meta.get('site') ?? newRandomId(systemRandom);
  const password = meta.get('broker-password') ?? `${newRandomId(systemRandom)}${newRandomId(systemRandom)}`;
  meta.set('site', id);
  meta.set('broker-password', password);
  return { id, password };
}

function createPlatform({ settings, log }: RunOptions, identify: IdentifySettings, folder: string, stops: (() => void)[]): AgentPlatform {
  const tools = { clock: systemClock, random: systemRandom };
  const network = createNetwork({ ...tools, overrides: { include: settings.lan.include, exclude: settings.lan.exclude } });
  const prober = createProber({ ...tools, network });
  const vitals = createVitalsProbe(tools);
  stops.push(
    () => network.close(),
    () => vitals.close(),
  );
  const lifecycle = createLifecycleLooker({ program: thisProgram(), place: { folder, keys: settings.lifecycle.keys }, log });
  stops.push(() => lifecycle.close());
  const sweep = createSweep({ ...tools, network, prober });
  const unifi = unifiPlace(settings.unifi, process.env);
  const listening = { largeSubnets: settings.lan.large, identify, ...(unifi ? { unifi: { place: unifi, folder } } : {}) };
  const discovery = createLanDiscovery({ ...tools, network, sweep, log, options: listening });
  const askers = createAskers({ ...tools, interfaces: () => discovery.interfaces(), spending: new Spending() });
  const internet = createInternetProbe(tools);
  return {
    ...tools,
    network,
    prober,
    vitals,
    discovery,
    askers,
    log,
    internet,
    lifecycle,
    boot: readBoot(systemClock),
    canRevalidate: network.canRevalidate,
  };
}

type UplinkContext = {
  readonly site: string;
  readonly start: string;
  readonly store: AgentStore;
  readonly options: RunOptions;
  readonly platform: AgentPlatform;
  readonly source: UplinkSource;
};

function mirrorOf(
  site: string,
  { meta }: AgentStore,
  { settings, log, version, platform }: RunOptions,
): ReturnType<typeof mirrorBySettings> {
  const { urls, show, topic, discovery } = settings.mirror;
  const { clock, random } = platform ?? { clock: systemClock, random: systemRandom };
  const tools = { clock, random, log };
  return mirrorBySettings({
    ...tools,
    urls,
    isShown: show,
    frame: { place: { site, topic, discovery }, version, ...present({ siteName: settings.site.name }) },
    before: meta.get('mirror') ?? '',
    keep: (shown) => quietly(() => meta.set('mirror', shown), log),
    openLink: () => createMqttLink({ ...tools, urls, clientId: `${site}-mirror`, ...brokerAccess(settings.mirror) }),
  });
}

function uplinkTo(desk: DeskAddress, { site, start, store: { meta, outbox }, options, platform, source }: UplinkContext): Uplink {
  const { settings, log, version } = options;
  const { clock, random } = platform;
  const tools = { clock, random, log };
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const heartbeatS = settings.uplink.heartbeatSeconds;
  return createTimedUplink({
    ...tools,
    ...source,
    outbox,
    identity: { site, start, version, heartbeatS, timeZone, ...present({ siteName: settings.site.name }) },
    kept: { get: meta.get, set: (key, value) => quietly(() => meta.set(key, value), log) },
    openLink: (time) =>
      createMqttLink({
        ...tools,
        ...desk,
        clientId: site,
        username: desk.username ?? site,
        unsureClock: createUnsureClock({ clock, ...time }),
      }),
  });
}

/** Of a disk that refuses, others tell; what is written here is no reason to end. */
function quietly(write: () => void, log: Log): void {
  try {
    write();
  } catch (error) {
    log.debug('A value could not be kept.', { cause: String(error) });
  }
}
