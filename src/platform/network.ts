/** The machine's networks as Linux shows them: interfaces, gateway and name servers from /proc, /sys and resolv.conf, neighbours from the kernel's table. */
import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { constants, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import path from 'node:path';
import { chooseInterfaces, type InterfaceFacts, type InterfaceOverrides, type SystemFacts } from '../agent/discovery/interface-choice.ts';
import { parseDefaultRoutes, parseNameServers } from '../agent/discovery/route-parse.ts';
import type { Network } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';
import { createNeighbourTable, type NeighbourTable } from './neighbour-table.ts';

/** `Network` plus what only the kernel of this machine can do for the sweep and the prober. */
export type LinuxNetwork = Network & Pick<NeighbourTable, 'revalidate' | 'canRevalidate' | 'close'>;

const IFF_UP = 0x1;

export function createNetwork(options: { clock: Clock; overrides?: InterfaceOverrides; ipCommand?: string }): LinuxNetwork {
  const table = createNeighbourTable(options);
  let known: SystemFacts | undefined;
  return {
    async view() {
      // Who looks at the interfaces reads the neighbours next: the first read starts a process, which takes longer than all the facts.
      void table.read();
      known = await gatherFacts().catch((error: unknown) => {
        // For want of file descriptors nothing can be read, which is no reason to give up the interfaces that there are.
        if (known === undefined || !isForWant(error)) throw error;
        return known;
      });
      return chooseInterfaces(known, options.overrides);
    },
    hasLink: carrierOf,
    neighbours: () => table.read(),
    revalidate: (targets) => table.revalidate(targets),
    canRevalidate: table.canRevalidate,
    close: () => table.close(),
  };
}

async function gatherFacts(): Promise<SystemFacts> {
  const [routes, nameServers, names] = await Promise.all([read('/proc/net/route'), readNameServers(), interfaceNames()]);
  const addresses = networkInterfaces();
  const interfaces: InterfaceFacts[] = [];
  // One after another: a machine with many interfaces must not run out of file descriptors for being looked at.
  for (const name of names) interfaces.push(await factsOf(name, addresses[name] ?? []));
  return {
    interfaces,
    defaultRoutes: parseDefaultRoutes(routes ?? ''),
    nameServers,
  };
}

/** From /proc/net/dev, which also lists interfaces that are down; /sys may show those of another network namespace. */
async function interfaceNames(): Promise<string[]> {
  const listed = ((await read('/proc/net/dev')) ?? '').split('\n').flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? []);
  return [...new Set([...listed, ...Object.keys(networkInterfaces())])];
}

async function factsOf(name: string, addresses: readonly NetworkInterfaceInfo[]): Promise<InterfaceFacts> {
  const [mac, flags, hasLink, hardwareType, isTunnel, master, ports] = await Promise.all([
    readSys(name, 'address'),
    readSys(name, 'flags'),
    carrierOf(name),
    readSys(name, 'type'),
    exists(sysPath(name, 'tun_flags')),
    readlink(sysPath(name, 'master')).then(path.basename, () => undefined),
    portsOf(name),
  ]);
  return {
    name,
    mac: addresses[0]?.mac ?? mac ?? '00:00:00:00:00:00',
    ipv4: addresses.flatMap(({ family, address, cidr }) =>
      family === 'IPv4' ? { address, prefixLength: Number(cidr?.split('/')[1] ?? 32) } : [],
    ),
    ipv6: addresses.filter(({ family }) => family === 'IPv6').map(({ address }) => address),
    isLoopback: name === 'lo' || (addresses[0]?.internal ?? false),
    ...(flags === undefined ? {} : { isUp: (Number(flags) & IFF_UP) !== 0 }),
    ...(hasLink === undefined ? {} : { hasLink }),
    ...(hardwareType === undefined ? {} : { hardwareType: Number(hardwareType) }),
    isTunnel,
    ...(master === undefined ? {} : { master }),
    ...(ports === undefined ? {} : { ports }),
  };
}

/** True or false as the driver says; reading fails with EINVAL while the interface is down, which is no link either. */
async function carrierOf(name: string): Promise<boolean | undefined> {
  try {
    return (await readFile(sysPath(name, 'carrier'), 'utf8')).trim() === '1';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL') return false;
    if (code !== 'ENOENT') return undefined;
    return interfaceNames().then(
      (names) => (names.includes(name) ? undefined : false),
      () => undefined,
    );
  }
}

async function portsOf(name: string): Promise<InterfaceFacts['ports']> {
  const ports = await readdir(sysPath(name, 'brif')).catch(() => undefined);
  if (ports === undefined) return undefined;
  return Promise.all(ports.map(async (port) => ({ name: port, isHardware: await exists(sysPath(port, 'device')) })));
}

/** systemd-resolved hides the real servers behind 127.0.0.53 and lists them in a file of its own. */
async function readNameServers(): Promise<string[]> {
  const direct = parseNameServers((await read('/etc/resolv.conf')) ?? '');
  if (direct.some((server) => !server.startsWith('127.'))) return direct;
  return parseNameServers((await read('/run/systemd/resolve/resolv.conf')) ?? '');
}

/** Of file descriptors: of this process or of the machine. libuv has no name for what getifaddrs(3) says then, only its number. */
function isForWant(error: unknown): boolean {
  const { code, info } = error as NodeJS.ErrnoException & { info?: { errno?: number } };
  return code === 'EMFILE' || code === 'ENFILE' || (code === 'ERR_SYSTEM_ERROR' && [EMFILE, ENFILE].includes(Math.abs(info?.errno ?? 0)));
}

const { EMFILE, ENFILE } = constants.errno;

const sysPath = (name: string, file: string): string => path.join('/sys/class/net', name, file);
const read = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    if (isForWant(error)) throw error;
    return undefined;
  });
const readSys = async (name: string, file: string): Promise<string | undefined> => (await read(sysPath(name, file)))?.trim();
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
