/** UDP sockets for libraries: what a library would read is offered to a gate first, and errors that would end the process become values. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

export type Gate = (datagram: Buffer, from: RemoteInfo) => boolean;

/**
 * A socket that hands a datagram to its listeners only when `gate` says so, and reports a failed join of a multicast group to `onError`:
 * node-ssdp lets that throw inside an event, five seconds later when the interface has gone (lib/index.js, `addMembership`).
 */
export function guardedSocket(type: 'udp4' | 'udp6', gate: Gate, onError: (error: Error) => void): Socket {
  const socket = createSocket({ type, reuseAddr: true, ipv6Only: type === 'udp6' });
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event === 'message' && !gate(values[0] as Buffer, values[1] as RemoteInfo)) return false;
    return emit(event, ...values);
  };
  const join = socket.addMembership.bind(socket);
  socket.addMembership = (group, networkInterface) => attempt(() => join(group, networkInterface), onError);
  socket.on('error', onError);
  return socket;
}

/** Resolves once the socket is bound; false when it failed first. Asked before the bind begins. */
export function whenBound(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('listening', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

function attempt(action: () => void, onError: (error: Error) => void): void {
  try {
    action();
  } catch (error) {
    onError(error as Error);
  }
}

/** Closes, also what was never open. */
export function closeQuietly(close: () => void): void {
  attempt(close, () => {});
}
