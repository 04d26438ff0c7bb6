/** Empty datagrams to a port where nothing listens: whoever sends one makes the kernel resolve the address by ARP, which needs no privilege. */
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';

/** The first port of traceroute: nothing listens there and every firewall knows it. */
export const CLOSED_PORT = 33434;

/** A socket that never resolves names and never holds the program open; its own errors say nothing of one address and are dropped. */
export function openDatagramSocket(type: 'udp4' | 'udp6'): Socket {
  const socket = createSocket({ type, lookup: (ip, _options, done) => done(null, ip, isIP(ip)) });
  socket.on('error', () => {});
  return socket.unref();
}

/** Sends one to each address; resolves to how many the hub itself could not send (no route, no buffer, a firewall of its own). */
export async function provoke(socket: Socket, addresses: readonly string[]): Promise<number> {
  const nothing = new Uint8Array(0);
  const send = (ip: string): Promise<number> =>
    new Promise((resolve) => socket.send(nothing, CLOSED_PORT, ip, (error) => resolve(error === null ? 0 : 1)));
  return (await Promise.all(addresses.map(send))).reduce((sum, failed) => sum + failed, 0);
}
