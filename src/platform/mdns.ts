/**
 * mDNS on one interface over multicast-dns, which binds, joins (and joins again) and decodes; questions are written by dns-sd-names.ts.
 * Shares port 5353 with others that share it; where a program keeps it to itself, asks from a port of its own and gets unicast answers
 * (RFC 6762, 6.7). Never answers a query.
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import multicastDns from 'multicast-dns';
import type { Trouble } from '../agent/discovery/coverage.ts';
import type { DnsRecord } from '../agent/discovery/dns-sd-cache.ts';
import { encodeQueries, MAX_UNICAST_QUERY_BYTES, type Question } from '../agent/discovery/dns-sd-names.ts';
import { closeQuietly, type Gate, guardedSocket, whenBound } from './guarded-socket.ts';

export interface MdnsPort {
  readonly trouble: Trouble | undefined;
  /** True where answers come by unicast with the ten-second lifetime of RFC 6762, 6.7. */
  readonly unicast: boolean;
  ask(questions: readonly Question[]): void;
  close(): void;
}

export type MdnsPlace = { readonly family: 4 | 6; readonly address: string; readonly interfaceName: string };

export type MdnsHandlers = {
  readonly admit: Gate;
  /** The records of one response. */
  hear(records: readonly DnsRecord[], from: { readonly ip: string }): void;
  /** Someone else's question: a sign of life. */
  asked(from: { readonly ip: string }): void;
  malformed(): void;
  failed(error: Error): void;
};

const PORT = 5353;
const GROUPS = { 4: '224.0.0.251', 6: 'ff02::fb' } as const;

const HELD: Trouble = {
  status: 'degraded',
  problem: `port ${PORT} is held by a program that does not share it: using unicast answers, announcements are not heard`,
  fix: `Find it with: sudo ss -lunp 'sport = :${PORT}'`,
};
const CLOSED: Trouble = {
  status: 'unavailable',
  problem: 'mDNS: no socket could be opened',
  fix: 'See the log of the agent for the error of the system.',
};

type Library = ReturnType<typeof multicastDns>;
type Opened = { readonly socket: Socket; readonly library: Library };

export async function openMdns(place: MdnsPlace, handlers: MdnsHandlers): Promise<MdnsPort> {
  const shared = await openShared(place, handlers);
  const opened = shared ?? (place.family === 4 ? await openUnicast(place, handlers) : undefined);
  return {
    trouble: shared ? undefined : opened ? HELD : CLOSED,
    unicast: shared === undefined,
    ask(questions) {
      const packets = shared ? encodeQueries(questions) : encodeQueries(questions, MAX_UNICAST_QUERY_BYTES);
      for (const packet of packets) if (opened) send(opened.socket, packet, place, handlers);
    },
    close() {
      if (opened) closeQuietly(() => opened.library.destroy());
    },
  };
}

async function openShared(place: MdnsPlace, handlers: MdnsHandlers): Promise<Opened | undefined> {
  const socket = guardedSocket(place.family === 4 ? 'udp4' : 'udp6', handlers.admit, handlers.failed);
  const bound = whenBound(socket);
  const bind = place.family === 4 ? '0.0.0.0' : '::';
  const library = attach(
    socket,
    { type: place.family === 4 ? 'udp4' : 'udp6', ip: GROUPS[place.family], port: PORT, interface: zoneOf(place), bind },
    handlers,
  );
  return (await bound) ? { socket, library } : discard(library);
}

/** Bound to the interface's own address, so that the kernel sends queries out there. */
async function openUnicast(place: MdnsPlace, handlers: MdnsHandlers): Promise<Opened | undefined> {
  const socket = guardedSocket('udp4', handlers.admit, handlers.failed);
  const bound = whenBound(socket);
  socket.bind(0, place.address);
  const library = attach(socket, { ip: GROUPS[4], port: PORT, bind: false, multicast: false }, handlers);
  return (await bound) ? { socket, library } : discard(library);
}

function discard(library: Library): undefined {
  closeQuietly(() => library.destroy());
}

type LibraryOptions = Omit<Parameters<typeof multicastDns>[0], 'socket'>;
type Packet = { readonly type: string; readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] };

function attach(socket: Socket, options: LibraryOptions, handlers: MdnsHandlers): Library {
  const library = multicastDns({ ...options, socket });
  library.on('error', handlers.failed);
  // Of the system: a failed join, tried again by the library every 5 s. Without a system call: a packet it could not decode.
  library.on('warning', (error: NodeJS.ErrnoException) => (error.syscall === undefined ? handlers.malformed() : handlers.failed(error)));
  library.on('packet', (packet: Packet, from: RemoteInfo) => {
    const sender = { ip: withoutZone(from.address) };
    if (packet.type === 'query') return handlers.asked(sender);
    // RFC 6762, 11: a response that does not come from port 5353 is ignored.
    if (from.port !== PORT) return handlers.malformed();
    handlers.hear([...packet.answers, ...packet.additionals], sender);
  });
  return library;
}

function send(socket: Socket, packet: Uint8Array, place: MdnsPlace, handlers: MdnsHandlers): void {
  const group = place.family === 4 ? GROUPS[4] : `${GROUPS[6]}%${place.interfaceName}`;
  closeQuietly(() => socket.send(packet, PORT, group, (error) => error && handlers.failed(error)));
}

const zoneOf = (place: MdnsPlace): string => (place.family === 4 ? place.address : `::%${place.interfaceName}`);

/** `fe80::1` of `fe80::1%eth0`. */
export const withoutZone = (ip: string): string => ip.split('%', 1)[0]!;
