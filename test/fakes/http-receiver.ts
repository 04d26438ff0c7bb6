/** A receiver of notices over real sockets: keeps what it is sent, and answers what the test wants. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };
export type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

export class HttpReceiver {
  readonly received: Received[] = [];
  /** `broken`: it takes the message, and the connection is lost before it says so. Undefined: it says nothing. */
  reply: (message: Received) => Reply | 'broken' | undefined = () => ({ status: 200, body: 'ok' });
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Gone when the running test is over. `port` 0: any. */
  static async open(port = 0): Promise<HttpReceiver> {
    const server = createServer();
    const receiver = new HttpReceiver(server);
    server.on('request', async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const message = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() };
      receiver.received.push(message);
      const reply = receiver.reply(message);
      if (reply === 'broken') request.socket.destroy();
      else if (reply) response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => receiver.close());
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The bodies, read as JSON. */
  get bodies(): Record<string, unknown>[] {
    return this.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
