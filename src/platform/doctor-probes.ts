/**
 * Tries out, for `hearthbeat doctor`, what this machine can do: clock, disk, neighbour table, ping, ports. Every function answers with facts
 * and rejects for nothing the machine does; src/agent/diagnostics judges them. systeminformation is used here only: it starts processes.
 */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { access, mkdtemp, readFile, realpath, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { freemem, release, totalmem } from 'node:os';
import path from 'node:path';
import si from 'systeminformation';
import type { NeighbourFacts, PortFacts, SourceCheck } from '../agent/diagnostics/doctor-lan.ts';
import type { ClockFacts, DataFolderFacts, MachineFacts } from '../agent/diagnostics/doctor-machine.ts';
import { parseIpNeigh, parseProcArp } from '../agent/discovery/neighbour-parse.ts';
import type { Neighbour, Prober } from '../agent/ports.ts';
import { pingTrouble } from './ping-present.ts';

const TOOL_TIMEOUT_MS = 2000;
/** What the kernel calls a Node process. */
const NODE_MAIN_THREAD = 'MainThread';

/** `si.osInfo` is not asked: it runs `hostname -f`, synchronously, which stands still for seconds in a house whose DNS is dead. */
export async function lookAtMachine(): Promise<MachineFacts> {
  const [{ manufacturer, model }, { main }, osRelease] = await Promise.all([si.system(), si.cpuTemperature(), textOf('/etc/os-release')]);
  const name = model.startsWith(manufacturer) ? model : `${manufacturer} ${model}`.trim();
  return {
    system: /^PRETTY_NAME="?([^"\n]+)/m.exec(osRelease)?.[1] ?? 'Linux',
    kernel: release(),
    memory: { totalBytes: totalmem(), availableBytes: freemem() },
    ...(name === '' ? {} : { model: name }),
    ...(main ? { temperatureC: main } : {}),
  };
}

/** `packageFile`: any file of this program; its age is that of the installation. */
export async function lookAtClock(packageFile: string): Promise<Omit<ClockFacts, 'wallMs'>> {
  const [{ mtimeMs }, isSynchronised] = await Promise.all([stat(packageFile), isClockSynchronised()]);
  return { installedAtMs: mtimeMs, ...(isSynchronised === undefined ? {} : { isSynchronised }) };
}

/** systemd-timesyncd leaves a mark; timedated asks the kernel, whoever sets it; chrony tells its leap status as the last field. */
async function isClockSynchronised(): Promise<boolean | undefined> {
  if (await exists('/run/systemd/timesync/synchronized')) return true;
  const [kernel, chrony] = await Promise.all([
    outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']),
    outputOf('chronyc', ['-c', 'tracking']),
  ]);
  if (/^(yes|no)/.test(kernel ?? '')) return kernel?.startsWith('yes');
  return chrony === undefined ? undefined : !/Not synchronised\s*$/i.test(chrony);
}

/** The greater of what is set for all interfaces and for this one holds (kernel's ip-sysctl, rp_filter): 0 no check, 1 strict, 2 loose. */
export async function trySourceChecks(interfaces: readonly string[]): Promise<SourceCheck[]> {
  const setting = async (name: string): Promise<number> => Number(await textOf(`/proc/sys/net/ipv4/conf/${name}/rp_filter`));
  const all = await setting('all');
  return Promise.all(interfaces.map(async (name) => ({ interface: name, isStrict: Math.max(all, await setting(name)) === 1 })));
}

/** Writes, reads and removes a file where the data is, or where its folder would be made. */
export async function tryDataFolder(folder: string): Promise<DataFolderFacts> {
  const place = await nearestExisting(folder);
  const [error, disk, freeBytes] = await Promise.all([whyUnwritable(place), diskOf(place), freeBytesOf(place)]);
  return {
    path: folder,
    exists: place === folder,
    ...(error === undefined ? {} : { error }),
    ...(disk === undefined ? {} : { disk }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  };
}

async function nearestExisting(folder: string): Promise<string> {
  if ((await exists(folder)) || path.dirname(folder) === folder) return folder;
  return nearestExisting(path.dirname(folder));
}

async function whyUnwritable(folder: string): Promise<string | undefined> {
  let trial: string | undefined;
  try {
    trial = await mkdtemp(path.join(folder, '.doctor-'));
    const file = path.join(trial, 'trial');
    await writeFile(file, 'written', { flush: true });
    return (await readFile(file, 'utf8')) === 'written' ? undefined : 'what was written came back different';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    if (trial !== undefined) await rm(trial, { recursive: true, force: true }).catch(() => {});
  }
}

async function freeBytesOf(folder: string): Promise<number | undefined> {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: Number.NaN, bsize: 0 }));
  return Number.isNaN(bavail) ? undefined : bavail * bsize;
}

/** The disk whose mount point is the longest beginning of the folder's real path. */
async function diskOf(folder: string): Promise<DataFolderFacts['disk']> {
  const [real, mounts] = await Promise.all([realpath(folder).catch(() => folder), si.fsSize()]);
  const holds = ({ mount }: { mount: string }): boolean => mount === '/' || real === mount || real.startsWith(`${mount}/`);
  const disk = mounts.filter(holds).sort((a, b) => b.mount.length - a.mount.length)[0];
  return disk && { device: disk.fs, type: disk.type, isReadOnly: disk.rw === false };
}

/** Reads the neighbour table as the agent does: by iproute2, else from /proc. */
export async function tryNeighbourTable(): Promise<NeighbourFacts> {
  const shown = await outputOf('ip', ['-s', '-j', 'neigh', 'show']);
  if (shown?.startsWith('[')) return { source: 'ip', devices: resolved(parseIpNeigh(shown).neighbours) };
  const arp = await textOf('/proc/net/arp');
  return arp === '' ? { source: 'none', devices: 0 } : { source: 'proc', devices: resolved(parseProcArp(arp).neighbours) };
}

const resolved = (entries: readonly Neighbour[]): number => entries.filter(({ mac }) => mac !== undefined).length;

/** Loopback always answers, so that a failure is one of ping(8) itself. */
export async function tryPing(
  prober: Prober,
): Promise<{ isMissing: boolean; loopback?: { outcome: 'answered' | 'silent' | 'unable'; detail: string } }> {
  if ((await pingTrouble()) !== undefined) return { isMissing: true };
  const request = { deviceId: 'doctor', ip: '127.0.0.1', interface: 'lo', method: 'icmp', timeoutMs: TOOL_TIMEOUT_MS } as const;
  const { outcome, detail } = await prober.probe(request);
  return { isMissing: false, loopback: { outcome, detail } };
}

/** Opens each port the way discovery does: shared. */
export async function tryPorts(ports: readonly number[]): Promise<PortFacts[]> {
  return Promise.all(
    ports.map(async (port) => {
      const [error, holders] = await Promise.all([whyNotBound(port), holdersOf(port)]);
      return { port, holders, ...(error === undefined ? {} : { error }) };
    }),
  );
}

function whyNotBound(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', (error: NodeJS.ErrnoException) => socket.close(() => resolve(error.code ?? error.message)));
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(undefined)));
  });
}

/** The names in `users:(("avahi-daemon",pid=1,fd=12))`; only root sees those of other users. */
async function holdersOf(port: number): Promise<string[]> {
  const listing = await outputOf('ss', ['-lunpH', `sport = :${port}`]);
  const names = [...(listing ?? '').matchAll(/\("([^"]+)",pid=/g)].map((match) => match[1] as string);
  return [...new Set(names.map((name) => (name === NODE_MAIN_THREAD ? 'a Node program' : name)))];
}

/** Standard output, or undefined where the program is missing, failed, or took too long. */
function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TOOL_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
