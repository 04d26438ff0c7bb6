/** The parts that are used of two packages that bring no types. */

declare module 'node-ssdp' {
  import type { RemoteInfo, Socket } from 'node:dgram';

  class Client {
    constructor(options: {
      location: string;
      sourcePort?: number;
      explicitSocketBind?: boolean;
      ssdpTtl?: number;
      customLogger?: (...words: unknown[]) => void;
    });
    /** By the address each is meant for; made by `start` when left undefined. */
    sockets: Record<string, Socket> | null | undefined;
    /** Gets every datagram. */
    _parseMessage: (datagram: Buffer, from: RemoteInfo) => void;
    /** Sends text as it is to the group. */
    _send(message: Buffer, done: (error?: unknown) => void): void;
    start(): Promise<void>;
    stop(): void;
  }

  const ssdp: { readonly Client: typeof Client };
  export default ssdp;
}

declare module 'multicast-dns' {
  import type { Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';

  type Options = {
    socket: Socket;
    type?: 'udp4' | 'udp6';
    ip: string;
    port?: number;
    interface?: string;
    bind?: string | false;
    multicast?: boolean;
    loopback?: boolean;
  };
  export default function multicastDns(options: Options): EventEmitter & { destroy(done?: () => void): void };
}
