/**
 * One question over TCP or TLS to one address of the LAN, for whoever asks devices who they are. Bound to the hub's own address, never to a
 * name; ends by a deadline whatever the peer does (resets, drips, pours without end, never answers), and fails with values only.
 */
import { constants } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';

/** Where a question goes and how long it may take. The connection gets its own time, so that a SYN is not repeated (the kernel waits 1 s). */
export type Place = {
  readonly ip: string;
  readonly port: number;
  readonly localAddress: string;
  readonly connectMs: number;
  readonly deadlineMs: number;
  /** Ends the question at once. */
  readonly signal?: AbortSignal;
};

/** An address literal is connected to without a look-up; should a name ever get here, it has no address. */
export const noLookup = (_name: string, _options: unknown, done: (error: Error) => void): void => done(new Error('names are not resolved'));

let oldContext: SecureContext | undefined;

/**
 * TLS as printers and cameras of the last fifteen years speak it. Nothing secret is ever sent over it and nothing is believed because of it,
 * so the peer's age and signature do not matter. No root certificates are loaded; few curves keep the ClientHello in one packet, which
 * old stacks need.
 */
export function oldTls(): ConnectionOptions {
  oldContext ??= createSecureContext({
    ca: [],
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    ecdhCurve: 'X25519:P-256:P-384',
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  });
  return { secureContext: oldContext, rejectUnauthorized: false, checkServerIdentity: () => undefined, minDHSize: 1 };
}

/** What came of trying to connect, where it did not work: refused by the device, not answered, or not possible from here. */
export type NoConnection = 'closed' | 'silent';

export type Course<T> = {
  /** The connection (with TLS: the handshake) stands. */
  ready(socket: Socket | TLSSocket, finish: (value: T) => void): void;
  /** The deadline came, or the connection broke or ended after it stood. */
  over(): T | NoConnection;
};

/** Connects and follows `course`. The socket is gone when this resolves; it never rejects. */
export function askOverTcp<T>(place: Place, tls: boolean, course: Course<T>): Promise<T | NoConnection> {
  return new Promise((resolve) => {
    let socket: Socket | undefined;
    let connected = false;
    const finish = (value: T | NoConnection): void => {
      clearTimeout(connecting);
      clearTimeout(deadline);
      place.signal?.removeEventListener('abort', giveUp);
      // A reset spares a small device the states of a slow goodbye, and this hub the wait after it; node has none for TLS.
      if (connected && !tls) socket?.resetAndDestroy();
      else socket?.destroy();
      resolve(value);
    };
    const giveUp = (): void => finish(connected ? course.over() : 'silent');
    const connecting = setTimeout(giveUp, place.connectMs);
    const deadline = setTimeout(giveUp, place.deadlineMs);
    if (place.signal?.aborted) return giveUp();
    place.signal?.addEventListener('abort', giveUp);
    try {
      socket = openSocket(place, tls);
    } catch {
      return finish('silent');
    }
    socket.on('error', (error: NodeJS.ErrnoException) => finish(connected ? course.over() : verdictOn(error)));
    socket.on('close', giveUp);
    socket.once('connect', () => {
      connected = true;
      clearTimeout(connecting);
    });
    socket.once(tls ? 'secureConnect' : 'connect', () => course.ready(socket as Socket, finish));
  });
}

function openSocket({ ip, port, localAddress }: Place, tls: boolean): Socket {
  const to = { host: ip, port, localAddress, lookup: noLookup as never };
  return tls ? connectTls({ ...to, ...oldTls() }) : connectTcp(to);
}

/** A refusal is the device's own word; all else (no route, no socket left on this hub, ARP unanswered) says nothing. */
function verdictOn({ code }: NodeJS.ErrnoException): NoConnection {
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'closed' : 'silent';
}

/** Octets that come in pieces, up to a cap of octets and of pieces: a peer that drips single octets costs no more than one that does not. */
export class CappedBytes {
  readonly #parts: Buffer[] = [];
  readonly #maxBytes: number;
  #length = 0;
  #pieces = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes what fits; false when that was the last. */
  add(part: Buffer): boolean {
    const taken = part.subarray(0, this.#maxBytes - this.#length);
    // A copy: the piece may be a small view of a large read buffer.
    if (taken.length > 0) this.#parts.push(Buffer.from(taken));
    this.#length += taken.length;
    return this.#length < this.#maxBytes && ++this.#pieces < MOST_PIECES;
  }

  get length(): number {
    return this.#length;
  }

  bytes(): Buffer {
    if (this.#parts.length > 1) this.#parts.splice(0, this.#parts.length, Buffer.concat(this.#parts));
    return this.#parts[0] ?? Buffer.alloc(0);
  }
}

const MOST_PIECES = 512;
