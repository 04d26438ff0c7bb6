/**
 * The agent on a real machine: builds the platform, opens the data folder, serves the local view, and hands everything to the composition
 * root. Called by the commands `agent` and `up`; the signal handling is theirs.
 */
import { join } from 'node:path';
import { newRandomId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { policyOf } from '../config/policy.ts';
import type { Settings } from '../config/settings.ts';
import { createAskers } from '../platform/asker.ts';
import { openDataFolder } from '../platform/data-folder.ts';
import { readFingerprints } from '../platform/fingerprint-files.ts';
import { createInternetProbe } from '../platform/internet-probe.ts';
import { createLanDiscovery } from '../platform/lan-discovery.ts';
import { createLifecycleLooker } from '../platform/lifecycle-looker.ts';
import { serveLocally } from '../platform/local-socket.ts';
import { createMqttLink } from '../platform/mqtt-link.ts';
import { createNetwork } from '../platform/network.ts';
import { createProber } from '../platform/prober.ts';
import { identifySettings } from '../platform/settings-file.ts';
import { inWords, openDatabase } from '../platform/sqlite.ts';
import { readBoot } from '../platform/system-boot.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { createVitalsProbe } from '../platform/system-vitals.ts';
import { createSweep } from '../platform/udp-sweep.ts';
import { openVendorRegistry } from '../platform/vendor-registry.ts';
import { type Agent, createAgent, type UplinkSource } from './agent.ts';
import { readAlertOrder } from './alerts/alert-order.ts';
import type { IdentifySettings } from './evidence/identify-settings.ts';
import { readersFor } from './evidence/readers.ts';
import { Spending } from './evidence/spending.ts';
import { readOrder } from './inventory/order-form.ts';
import { createUplink } from './outbox/uplink.ts';
import type { AgentPlatform } from './ports.ts';
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
  /** A home to watch instead of this machine's LAN: the simulated one of the demo. */
  readonly platform?: AgentPlatform;
};

export type RunningAgent = { readonly agent: Agent; readonly siteId: string; readonly neverGranted: boolean; stop(): Promise<void> };

/** The file name of the socket in the data folder on which commands ask a running agent. */
export const AGENT_SOCKET = 'agent.sock';

/** Starts watching; throws HearthbeatError for what a person must mend first. */
export async function runAgent(options: RunOptions): Promise<RunningAgent> {
  const folder = openDataFolder(options.dataFolder, 'agent');
  const stops: (() => void | Promise<void>)[] = [() => folder.release()];
  const stop = async (): Promise<void> => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    const start = newRandomId(systemRandom);
    const db = openDatabase(folder.databasePath, AGENT_MIGRATIONS);
    const store = createAgentStore(db, { random: systemRandom, start });
    stops.push(() => store.close());
    const site = siteOf(store);
    const neverGranted = store.outbox.session() === 0;
    const desk = await options.desk(site);
    const identify = identifySettings(options.settings.identify);
    const platform = options.platform ?? createPlatform(options, identify, folder.path, stops);
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
      onFatal: options.onFatal,
      ...(desk ? { uplink: (source) => uplinkTo(desk, { site: site.id, start, store, options, platform, source }) } : {}),
    });
    const server = await serveLocally(join(folder.path, AGENT_SOCKET), {
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
    stops.push(() => agent.stop());
    await agent.start();
    return { agent, siteId: site.id, neverGranted, stop };
  } catch (error) {
    await stop();
    throw inWords(folder.databasePath, error);
  }
}

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
  const program = [process.execPath, ...process.argv.slice(1, 2)];
  const lifecycle = createLifecycleLooker({ program, place: { folder, keys: settings.lifecycle.keys }, log });
  stops.push(() => lifecycle.close());
  const sweep = createSweep({ ...tools, network, prober });
  const listening = { largeSubnets: settings.lan.large, identify };
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

type UplinkContext = { site: string; start: string; store: AgentStore; options: RunOptions; platform: AgentPlatform; source: UplinkSource };

function uplinkTo(desk: DeskAddress, { site, start, store, options, platform, source }: UplinkContext): ReturnType<typeof createUplink> {
  const { settings, log, version } = options;
  const tools = { clock: platform.clock, random: platform.random, log };
  const link = createMqttLink({ ...tools, ...desk, clientId: site, username: desk.username ?? site });
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const identity = {
    site,
    start,
    version,
    heartbeatS: settings.uplink.heartbeatSeconds,
    timeZone,
    ...(settings.site.name === undefined ? {} : { siteName: settings.site.name }),
  };
  return createUplink({ ...tools, link, outbox: store.outbox, identity, ...source });
}
