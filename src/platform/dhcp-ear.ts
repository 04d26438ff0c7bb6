/**
 * Hears what DHCP clients broadcast on UDP 67: names, vendor classes and wanted options. Needs the right to open that port; without it the
 * hub works as before, and coverage says how to give it. Never answers: the hub is no DHCP server, and where one runs on the same machine
 * this ear should be off (`identify.off: [dhcp]`): dnsmasq does not start while the port is held.
 */
import type { RemoteInfo } from 'node:dgram';
import type { CoverageBook, Trouble } from '../agent/discovery/coverage.ts';
import { originOf } from '../agent/discovery/on-link.ts';
import type { SenderBudget } from '../agent/discovery/sender-budget.ts';
import type { DhcpSighting, LanInterface } from '../agent/discovery/sighting.ts';
import { type DhcpRequest, parseDhcpRequest } from '../agent/evidence/dhcp-message.ts';
import { FindingsHeard } from '../agent/evidence/findings-heard.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { closeQuietly, guardedSocket } from './guarded-socket.ts';

export type DhcpEar = { readonly trouble: Trouble | undefined; close(): void };

type Tools = {
  readonly clock: Clock;
  readonly log: Log;
  readonly coverage: CoverageBook;
  readonly budget: SenderBudget;
  interfaces(): readonly LanInterface[];
  tell(sighting: DhcpSighting): void;
};

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const NO_ADDRESS = '0.0.0.0';
/** Only what is said to all: on the address of the hub, a DHCP server that shares the port would lose the renewals of its clients to this ear. */
const TO_ALL = '255.255.255.255';

const CANNOT: Readonly<Record<string, Trouble>> = {
  EACCES: {
    status: 'skipped',
    problem: 'DHCP: this user may not open port 67, so the names that devices give themselves are not heard',
    fix: 'Add CAP_NET_BIND_SERVICE to both capability lines of hearthbeat-agent.service. Not where this machine gives out addresses itself (Pi-hole): its DHCP server could not start while the agent listens.',
  },
  EADDRINUSE: {
    status: 'skipped',
    problem: 'DHCP: port 67 is held by a program that does not share it, a DHCP server on this machine',
    fix: "Nothing, where that server is meant to be here; else find it with: sudo ss -lunp 'sport = :67'",
  },
};
const UNKNOWN: Trouble = {
  status: 'skipped',
  problem: 'DHCP: port 67 could not be opened',
  fix: 'See the log of the agent for the error of the system.',
};

export function openDhcpEar(tools: Tools): Promise<DhcpEar> {
  const known = new FindingsHeard();
  return new Promise((resolve) => {
    const admit = (_: Buffer, from: RemoteInfo): boolean =>
      from.port === CLIENT_PORT && tools.budget.admit(`dhcp ${from.address}`, tools.clock.now().monoMs);
    const socket = guardedSocket('udp4', admit, (error: NodeJS.ErrnoException) => {
      tools.log.debug('DHCP socket', { error: error.message });
      resolve({ trouble: CANNOT[error.code ?? ''] ?? UNKNOWN, close: () => closeQuietly(() => socket.close()) });
    });
    socket.on('message', (datagram: Buffer, from: RemoteInfo) => hear(datagram, from.address, known, tools));
    socket.bind(SERVER_PORT, TO_ALL, () => resolve({ trouble: undefined, close: () => closeQuietly(() => socket.close()) }));
  });
}

function hear(datagram: Uint8Array, ip: string, known: FindingsHeard, tools: Tools): void {
  const request = parseDhcpRequest(datagram);
  const lan = request && interfaceOf(request, ip, tools.interfaces());
  if (request === undefined || lan === undefined || lan.mac === request.mac) return;
  const { mac, fields } = request;
  const at = tools.clock.now();
  tools.coverage.answered(lan.name, 'dhcp', mac, at.monoMs);
  const verdict = known.hear(`${lan.name} ${mac}`, { fields }, at.monoMs);
  if (verdict === 'full') tools.coverage.refused(lan.name, 'dhcp');
  if (verdict === 'news') tools.tell({ method: 'dhcp', at, interface: lan.name, ip, mac, fields });
}

/**
 * A client without an address shows no network. It is on the only one there is, or on that of the address it wants; a guess would be worse
 * than silence.
 */
function interfaceOf(request: DhcpRequest, ip: string, interfaces: readonly LanInterface[]): LanInterface | undefined {
  if (ip === NO_ADDRESS && interfaces.length === 1) return interfaces[0];
  const origin = originOf(ip === NO_ADDRESS ? (request.wantedIp ?? NO_ADDRESS) : ip, interfaces);
  return origin.from === 'lan' ? origin.interface : undefined;
}
