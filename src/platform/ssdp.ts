/**
 * SSDP on one interface over node-ssdp: one client that searches from the interface's own address, and one on port 1900 that hears
 * announcements. node-ssdp binds, joins and sends; reading is ours, because its header pattern takes time with the square of a datagram
 * (measured: one of 60 KB stops the process for 3.7 s).
 * Never answers a search.
 */
import type { RemoteInfo } from 'node:dgram';
import ssdp from 'node-ssdp';
import type { Trouble } from '../agent/discovery/coverage.ts';
import { SSDP_PORT, searchMessage } from '../agent/discovery/ssdp-message.ts';
import { closeQuietly, type Gate, guardedSocket, whenBound } from './guarded-socket.ts';

type Client = InstanceType<typeof ssdp.Client>;

export interface SsdpPort {
  /** What does not work, or undefined when all does. */
  readonly trouble: Trouble | undefined;
  search(targets: readonly string[]): void;
  close(): void;
}

export type SsdpHandlers = {
  /** Asked before a datagram is read at all. */
  readonly admit: Gate;
  hear(datagram: Uint8Array, from: { readonly ip: string }): void;
  failed(error: Error): void;
};

/** Devices answer at a random moment within this time (UDA 2.0, 1.3.2): 2 s keeps a scan short and spreads the answers. */
const MX_S = 2;

const CANNOT_SEARCH: Trouble = {
  status: 'unavailable',
  problem: 'SSDP: no socket could be opened for searching',
  fix: 'See the log of the agent for the error of the system.',
};
const CANNOT_LISTEN: Trouble = {
  status: 'degraded',
  problem: `port ${SSDP_PORT} is held by a program that does not share it: announcements are not heard, searches are answered`,
  fix: `Find it with: sudo ss -lunp 'sport = :${SSDP_PORT}'`,
};

export async function openSsdp(address: string, handlers: SsdpHandlers): Promise<SsdpPort> {
  const searcher = await openClient(address, { explicitSocketBind: true }, handlers);
  const listener = await openClient(address, { sourcePort: SSDP_PORT }, handlers);
  return {
    trouble: searcher === undefined ? CANNOT_SEARCH : listener === undefined ? CANNOT_LISTEN : undefined,
    search(targets) {
      for (const target of targets)
        searcher?._send(Buffer.from(searchMessage(target, MX_S)), (error) => error instanceof Error && handlers.failed(error));
    },
    close() {
      for (const client of [searcher, listener]) closeQuietly(() => client?.stop());
    },
  };
}

/** `location` is set because node-ssdp otherwise looks up an address with the unmaintained package `ip`. */
async function openClient(
  address: string,
  options: { sourcePort?: number; explicitSocketBind?: boolean },
  handlers: SsdpHandlers,
): Promise<Client | undefined> {
  const client = new ssdp.Client({ ...options, location: 'http://0.0.0.0/', customLogger: () => {} });
  const socket = guardedSocket('udp4', handlers.admit, handlers.failed);
  client.sockets = { [address]: socket };
  client._parseMessage = (datagram: Buffer, from: RemoteInfo) => handlers.hear(datagram, { ip: from.address });
  const bound = whenBound(socket);
  // `start` never settles when the bind fails, and rejects for nothing that `whenBound` does not see.
  client.start().catch(handlers.failed);
  if (await bound) return client;
  closeQuietly(() => client.stop());
  return undefined;
}
