/**
 * What `hearthbeat doctor` examines: starts every check at once and hands out what each concludes. Checks share what they all need (the
 * interfaces, the running agent, the anchors' answers); each has a time limit, and what it throws is its finding.
 */

import { isIP } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BackupFacts, judgeBackups } from '../agent/diagnostics/doctor-backup.ts';
import { judgeBroker } from '../agent/diagnostics/doctor-broker.ts';
import { type CatalogueFacts, judgeCatalogue } from '../agent/diagnostics/doctor-catalogue.ts';
import { type Finding, ok, problem, skipped, warning } from '../agent/diagnostics/doctor-check.ts';
import { isOfContainerPool, judgeInterfaces, judgeSourceChecks } from '../agent/diagnostics/doctor-interfaces.ts';
import {
  type Answer,
  type GatewayFacts,
  judgeGateway,
  judgeNeighbours,
  judgePing,
  judgeRevalidation,
} from '../agent/diagnostics/doctor-lan.ts';
import { judgeClock, judgeDataFolder, judgeMachine, judgeNode } from '../agent/diagnostics/doctor-machine.ts';
import { judgeMulticast, judgePorts, type MulticastFacts } from '../agent/diagnostics/doctor-multicast.ts';
import { judgeNameServers } from '../agent/diagnostics/doctor-names.ts';
import { judgeConsole } from '../agent/diagnostics/doctor-unifi.ts';
import { type AgentFacts, judgeAgent, judgeInternet, judgeUplink } from '../agent/diagnostics/doctor-world.ts';
import type { AgentView } from '../agent/diagnostics/view.ts';
import type { LanInterface } from '../agent/discovery/sighting.ts';
import { placesOf } from '../agent/health/captivity.ts';
import type { Neighbour } from '../agent/ports.ts';
import { type Rebuilt, readRebuilt, rebuiltWords } from '../agent/rebuilt.ts';
import { createAgentStore } from '../agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../agent/store/migrations.ts';
import { sleep } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import { type Settings, settingsSchema } from '../config/settings.ts';
import { backupFolder, isOnSameDisk, newestAutomatic, whyUnwritable } from '../platform/backup/automatic-backup.ts';
import { type BrokerTrial, tryBroker } from '../platform/broker-trial.ts';
import { isClosed, isFile } from '../platform/data-folder.ts';
import { isInContainer, otherWaysOut, tryNeighbourTable, tryPing, tryPorts, trySourceChecks } from '../platform/doctor-network-probes.ts';
import { lookAtClock, lookAtMachine, tryDataFolder } from '../platform/doctor-probes.ts';
import { createInternetProbe } from '../platform/internet-probe.ts';
import { type LifecyclePlace, readCatalogueInUse } from '../platform/lifecycle-store.ts';
import { tryNameServers } from '../platform/name-server-trial.ts';
import { createNetwork } from '../platform/network.ts';
import { createProber } from '../platform/prober.ts';
import { browseQuickly } from '../platform/quick-browse.ts';
import { dataFolderPath, loadSettings, passwordOf, readCa, unifiPlace } from '../platform/settings-file.ts';
import { openDatabaseReadOnly } from '../platform/sqlite.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { createSweep } from '../platform/udp-sweep.ts';
import type { ConsolePlace } from '../platform/unifi-console.ts';
import { askOnLink } from '../platform/unifi-watch.ts';
import { askAgent } from './ask-agent.ts';
import type { CliContext, GlobalFlags } from './context.ts';

/** By the name of the check, in the order of the report. */
export type Examination = { readonly findings: ReadonlyMap<string, Promise<Finding>>; close(): void };

/** The longest check, a dead router, takes 3.5 s. */
const CHECK_LIMIT_MS = 5200;
/** A resolution that fails takes the kernel 3.1 s. */
const ARP_TIMEOUT_MS = 3500;
const ANSWER_TIMEOUT_MS = 1500;
const INTERNET_TIMEOUT_MS = 2500;
const TOOLS = { clock: systemClock, random: systemRandom };

export function examine(flags: GlobalFlags, context: CliContext): Examination {
  const configured = readConfiguration(flags, context);
  const { settings } = configured;
  const folder = dataFolderPath(flags.data, settings, context.env);
  const network = createNetwork({ ...TOOLS, overrides: { include: settings.lan.include, exclude: settings.lan.exclude } });
  const prober = createProber({ ...TOOLS, network });
  const internet = createInternetProbe(TOOLS);
  const ask = (anchors: readonly string[]) => Promise.all(anchors.map((anchor) => internet.ask(anchor, INTERNET_TIMEOUT_MS)));

  const view = network.view();
  const lans = view.then(({ interfaces }) => interfaces);
  const agent = factsOfAgent(folder);
  const store = agent.then(
    () => readStore(folder),
    () => readStore(folder),
  );
  const anchors = ask(settings.internet.anchors);
  const proofs = Promise.all(placesOf(settings.internet.anchors).map((place) => internet.prove(place, INTERNET_TIMEOUT_MS)));
  const answers = lans.then((all) => askGateway(all, prober));
  const ports = tryPorts([5353, 1900]);
  const sweep = createSweep({ ...TOOLS, network, prober });
  // The ports are tried before multicast opens them.
  const heard = Promise.all([lans, ports]).then(([all]) =>
    Promise.all(all.map((lan) => browseQuickly(lan, { clock: systemClock, sweep }))),
  );

  const checks: Record<string, () => Promise<Finding>> = {
    node: async () => judgeNode(process.versions.node),
    machine: async () => judgeMachine(await lookAtMachine()),
    clock: async () =>
      judgeClock({ wallMs: systemClock.now().wallMs, ...(await lookAtClock(PACKAGE_FILE)), ...deskOffset(await quietly(agent)) }),
    configuration: async () => configured.finding,
    data: async () => judgeDataFolder(await tryDataFolder(folder)),
    database: async () => databaseWords(await store),
    catalogue: async () =>
      isClosed(folder)
        ? skipped('What is stored of it is in a folder that is closed to this user.')
        : judgeCatalogue(catalogueFacts({ folder, keys: settings.lifecycle.keys }), systemClock.now().wallMs),
    backup: async () =>
      isClosed(folder)
        ? skipped('They are in a folder that is closed to this user.')
        : judgeBackups(backupFacts(folder, settings), systemClock.now().wallMs),
    interfaces: async () => {
      const doubtful = (await lans).filter(isOfContainerPool);
      const others = doubtful.length === 0 ? new Map() : othersAt(await heard, doubtful, await network.neighbours());
      return judgeInterfaces(await view, { isContainer: await isInContainer(), others });
    },
    sources: async () => judgeSourceChecks(await trySourceChecks((await lans).map(({ name }) => name))),
    gateway: async () => judgeGateway(withInternet(await answers, await anchors)),
    neighbours: async () => answers.then(async () => judgeNeighbours(await tryNeighbourTable(await lans))),
    revalidation: async () => {
      const gateway = await answers;
      const asked = gateway && (await network.revalidate([gateway]));
      return judgeRevalidation({ isAllowed: network.canRevalidate, ...(asked === undefined ? {} : { isAsked: asked.length > 0 }) });
    },
    ping: async () => judgePing(await tryPing(prober)),
    ports: async () => judgePorts(await ports),
    multicast: async () => judgeMulticast(await heard),
    internet: async () => judgeInternet(await anchors, await proofs),
    dns: async () => {
      const servers = new Set((await lans).flatMap(({ dnsServers }) => dnsServers));
      const names = namesOf(settings.uplink.brokers);
      return judgeNameServers(await tryNameServers([...servers], { ...TOOLS, internet, names, anchors: settings.internet.anchors }));
    },
    ...(settings.unifi.url === undefined
      ? {}
      : { unifi: async () => askUnifi(unifiPlace(settings.unifi, context.env) as ConsolePlace, folder, await lans) }),
    agent: async () => judgeAgent(await agent, context.version),
    uplink: async () => judgeUplink(settings.uplink.brokers.length > 0, await quietly(agent)),
    broker: async () => judgeBroker(await tryBrokers(settings, await accountOf(settings, agent, store))),
  };
  const findings = new Map(Object.entries(checks).map(([name, check]) => [name, concluded(check)]));
  return { findings, close: () => network.close() };
}

const PACKAGE_FILE = fileURLToPath(new URL('../../package.json', import.meta.url));

/** Names that only multicast or the hosts file knows are nothing for a name server. */
function namesOf(brokers: readonly string[]): string[] {
  const hosts = brokers.map((url) => new URL(url).hostname);
  return [...new Set(hosts)].filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0 && host.includes('.') && !host.endsWith('.local'));
}

/** Devices besides the router: who answered anything by multicast, and whom the kernel resolved (a wide network is not swept). */
function othersAt(
  heard: readonly MulticastFacts[],
  lans: readonly LanInterface[],
  known: readonly Neighbour[],
): ReadonlyMap<string, number> {
  const others = ({ name, gateway }: LanInterface): number => {
    const { mdns, ssdp } = heard.find((facts) => facts.interface === name) ?? { mdns: 0, ssdp: 0 };
    const resolved = known.filter((entry) => entry.interface === name && entry.mac !== undefined && entry.ip !== gateway);
    return mdns + ssdp + resolved.length;
  };
  return new Map(lans.map((lan) => [lan.name, others(lan)]));
}

/** Whatever goes wrong is a finding: a report with a hole is worth more than none. */
async function concluded(check: () => Promise<Finding>): Promise<Finding> {
  const over = new AbortController();
  const late = sleep(systemClock, CHECK_LIMIT_MS, over.signal).then(() =>
    warning(
      `This check did not end within ${CHECK_LIMIT_MS / 1000} s.`,
      'Run it again; if it stays so, see what keeps this machine busy: top',
    ),
  );
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    if (error instanceof HearthbeatError) return problem(error.message, error.fix, error.code === 'HB_DATA_FOLDER' ? ['data'] : []);
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      return problem('This user may not look at it.', 'Run this with sudo.', ['data']);
    return problem(`The check itself failed: ${error instanceof Error ? error.message : String(error)}.`, 'Please report this.');
  } finally {
    over.abort();
  }
}

function readConfiguration(flags: GlobalFlags, context: CliContext): { settings: Settings; finding: Finding } {
  try {
    const { settings, file } = loadSettings(flags.config, context.env);
    return { settings, finding: ok(file ? `${file} is fine.` : 'There is no configuration file: the defaults hold.') };
  } catch (error) {
    if (!(error instanceof HearthbeatError)) throw error;
    return {
      settings: settingsSchema.parse({}),
      finding: problem(`${error.message.replaceAll(/\n\s*/g, ' ')} The defaults are used below.`, error.fix),
    };
  }
}

async function factsOfAgent(folder: string): Promise<AgentFacts | undefined> {
  const askedAtMs = systemClock.now().monoMs;
  const view = await askAgent<AgentView>(folder, '/view');
  return view && { view, answeredInMs: systemClock.now().monoMs - askedAtMs };
}

const quietly = <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);

const deskOffset = (facts: AgentFacts | undefined): { deskOffsetMs?: number } => {
  const offsetMs = facts?.view.uplink?.deskOffsetMs;
  return offsetMs === undefined ? {} : { deskOffsetMs: offsetMs };
};

type Gateway = Omit<GatewayFacts, 'internetAnswers'>;

async function askGateway(lans: readonly LanInterface[], prober: ReturnType<typeof createProber>): Promise<Gateway | undefined> {
  const lan = lans.find(({ gateway }) => gateway !== undefined);
  if (lan?.gateway === undefined) return undefined;
  const place = { deviceId: 'doctor', ip: lan.gateway, interface: lan.name };
  const results = await Promise.all(
    (['udp', 'icmp', 'arp'] as const).map((method) =>
      prober.probe({ ...place, method, timeoutMs: method === 'arp' ? ARP_TIMEOUT_MS : ANSWER_TIMEOUT_MS }),
    ),
  );
  const answers: Answer[] = results.map(({ request, ...result }) => ({ ...result, method: request.method }));
  return { ip: lan.gateway, interface: lan.name, answers, otherWays: await otherWaysOut(lans, lan.gateway) };
}

function withInternet(gateway: Gateway | undefined, anchors: readonly { outcome: string }[]): GatewayFacts | undefined {
  return gateway && { ...gateway, internetAnswers: anchors.some(({ outcome }) => outcome === 'answered') };
}

type Stored = { readonly site: string | undefined; readonly waiting: number; readonly rebuilt: Rebuilt | undefined };

/** Undefined before the first start; throws HearthbeatError for a database that cannot be used. */
function readStore(folder: string): Stored | undefined {
  const file = join(folder, 'agent.db');
  if (!isFile(file)) return undefined;
  const db = openDatabaseReadOnly(file, AGENT_MIGRATIONS);
  try {
    const { meta, outbox } = createAgentStore(db, { random: systemRandom, start: '' });
    return { site: meta.get('site'), waiting: outbox.waiting().count, rebuilt: readRebuilt(meta.get('rebuilt')) };
  } finally {
    db.close();
  }
}

function databaseWords(stored: Stored | undefined): Finding {
  if (stored === undefined) return skipped('There is none that this user can see: no agent has run with this data folder yet.');
  const summary = `It can be read: version ${AGENT_MIGRATIONS.length}, ${stored.waiting} entries wait for the desk.`;
  if (!stored.rebuilt) return ok(summary);
  const day = new Date(stored.rebuilt.at).toISOString().slice(0, 10);
  return warning(
    `${summary} It was made anew on ${day}. ${rebuiltWords(stored.rebuilt)}`,
    'See how the disk is ("data" above); replace a card that wears out.',
  );
}

function backupFacts(dataFolder: string, settings: Settings): BackupFacts {
  const folder = backupFolder(dataFolder, settings);
  const newest = newestAutomatic(folder);
  // Of its own folder the check `data` says it.
  const unwritable = settings.backup.folder === undefined ? undefined : whyUnwritable(folder);
  return {
    isAutomatic: settings.backup.automatic,
    folder,
    isChosen: settings.backup.folder !== undefined,
    isOnSameDisk: isOnSameDisk(folder, dataFolder),
    ...(newest ? { newestAt: newest.at } : {}),
    ...(unwritable === undefined ? {} : { unwritable }),
  };
}

function catalogueFacts(place: LifecyclePlace): CatalogueFacts {
  const { catalogue, ...rest } = readCatalogueInUse(place);
  return { ...rest, facts: catalogue.facts.size };
}

/** With less patience than the agent, which a large console may need. */
const CONSOLE_TIMEOUT_MS = 4500;

async function askUnifi(place: ConsolePlace, folder: string, lans: readonly LanInterface[]): Promise<Finding> {
  return judgeConsole(place.ip, await askOnLink(place, folder, { interfaces: () => lans }, undefined, CONSOLE_TIMEOUT_MS));
}

/** The agent signs in as its site. While it runs, or might, the same client id would throw it off its broker. */
async function accountOf(
  { uplink }: Settings,
  agent: Promise<AgentFacts | undefined>,
  store: Promise<Stored | undefined>,
): Promise<BrokerTrial['account']> {
  const running = await agent.catch(() => 'hidden' as const);
  if (running === 'hidden') return { withheld: 'an agent of another user may be running' };
  if (running !== undefined) return { withheld: 'the running agent uses this account' };
  const site = (await quietly(store))?.site;
  if (site === undefined) return { withheld: 'no agent has run here, so there is no account yet' };
  const password = passwordOf(uplink);
  return { clientId: site, username: uplink.username ?? site, ...(password === undefined ? {} : { password }) };
}

function tryBrokers({ uplink }: Settings, account: BrokerTrial['account']) {
  const ca = readCa(uplink.caFile);
  return Promise.all(uplink.brokers.map((url) => tryBroker(url, { ...TOOLS, account, ...(ca === undefined ? {} : { ca }) })));
}
