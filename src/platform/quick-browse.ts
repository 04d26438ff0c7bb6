/**
 * Asks everyone on an interface once, by mDNS (bonjour-service) and SSDP, and counts who answered: whether multicast works, not who is there.
 * The agent's own listening is lan-ear.ts.
 */
import type { RemoteInfo } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { Bonjour, type Browser } from 'bonjour-service';
import type { MulticastFacts } from '../agent/diagnostics/doctor-multicast.ts';
import { plausibleDns } from '../agent/discovery/dns-sd-names.ts';
import { originOf } from '../agent/discovery/on-link.ts';
import type { LanInterface } from '../agent/discovery/sighting.ts';
import { readSsdp } from '../agent/discovery/ssdp-message.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { takesMulticast } from './doctor-network-probes.ts';
import { closeQuietly, type Gate, guardedSocket } from './guarded-socket.ts';
import { openSsdp } from './ssdp.ts';
import type { Sweep } from './udp-sweep.ts';

type Tools = { readonly clock: Clock; readonly sweep: Sweep };

/** Answers come within 2 s (SSDP with MX 2) and 0.5 s (RFC 6762, 6). */
const BROWSE_MS = 2500;
const AGAIN_AFTER_MS = 1000;
/** bonjour-service has no cap of its own and takes 3 to 9 ms for a datagram of a flood (measured). */
const MAX_DATAGRAMS = 500;

/** Who was heard: other devices by their addresses, and whether the own question came back. */
type Heard = { readonly others: Set<string>; self: boolean };
type Ear = { readonly heard: Readonly<Heard>; ask(): void; close(): void };

/** Takes `BROWSE_MS`; never rejects. The sweep counts who could have answered. */
export async function browseQuickly(lan: LanInterface, { clock, sweep }: Tools): Promise<MulticastFacts> {
  const errors: string[] = [];
  const failed = (error: NodeJS.ErrnoException): void => void errors.push(error.code ?? error.message);
  const mdns = browseMdns(lan, failed);
  const ssdp = await searchSsdp(lan, failed);
  const over = new AbortController();
  const neighbours = sweep(lan, { onSighting: () => {} }, { deadlineMs: BROWSE_MS, signal: over.signal });
  ssdp.ask();
  await sleep(clock, AGAIN_AFTER_MS);
  for (const ear of [mdns, ssdp]) ear.ask();
  await sleep(clock, BROWSE_MS - AGAIN_AFTER_MS);
  over.abort();
  for (const ear of [mdns, ssdp]) ear.close();
  const isTaken = await takesMulticast(lan.name);
  return {
    interface: lan.name,
    mdns: mdns.heard.others.size,
    services: mdns.services(),
    ssdp: ssdp.heard.others.size,
    echoed: [...(mdns.heard.self ? (['mDNS'] as const) : []), ...(ssdp.heard.self ? (['SSDP'] as const) : [])],
    neighbours: (await neighbours).alive,
    ...(isTaken === undefined ? {} : { isTaken }),
    ...(errors[0] === undefined ? {} : { error: errors[0] }),
  };
}

/** `interface` and `bind` together: by default only the first interface is asked, and bound to its address nothing is heard (measured). */
function browseMdns(lan: LanInterface, failed: (error: Error) => void): Ear & { services(): number } {
  const heard: Heard = { others: new Set(), self: false };
  const socket = guardedSocket('udp4', gateFor(lan, plausibleDns, heard), failed);
  const options: Record<string, unknown> = { socket, interface: lan.address, bind: '0.0.0.0' };
  const bonjour = new Bonjour(options, failed);
  // Without a listener a port that another program keeps would end the process.
  (bonjour as unknown as { server: { mdns: EventEmitter } }).server.mdns.on('error', failed);
  const browser: Browser = bonjour.find(null);
  return {
    heard,
    ask: () => browser.update(),
    services: () => browser.services.length,
    close: () => closeQuietly(() => bonjour.destroy()),
  };
}

async function searchSsdp(lan: LanInterface, failed: (error: Error) => void): Promise<Ear> {
  const heard: Heard = { others: new Set(), self: false };
  const isMessage = (datagram: Buffer): boolean => readSsdp(datagram).outcome === 'message';
  const port = await openSsdp(lan.address, { admit: gateFor(lan, isMessage, heard), hear: () => {}, failed });
  return { heard, ask: () => port.search(['ssdp:all', 'upnp:rootdevice']), close: () => port.close() };
}

/** Lets in a limited number of datagrams that look right and come from other devices of this LAN, and notes their senders. */
function gateFor(lan: LanInterface, looksRight: (datagram: Buffer) => boolean, heard: Heard): Gate {
  let admitted = 0;
  return (datagram: Buffer, from: RemoteInfo) => {
    const { from: origin } = originOf(from.address, [lan]);
    // The kernel loops what this machine sends to a group back to those here who listen to it.
    if (origin === 'own') heard.self = true;
    if (origin !== 'lan' || admitted >= MAX_DATAGRAMS || !looksRight(datagram)) return false;
    admitted++;
    heard.others.add(from.address);
    return true;
  };
}
