/** Serves a web application on loopback. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { HearthbeatError } from '../base/errors.ts';

export type WebServer = { readonly url: string; readonly port: number; stop(): Promise<void> };

/** Listens on 127.0.0.1 only. `port` 0 lets the system choose. Throws HB_PORT_IN_USE. */
export async function serveApp(app: { fetch(request: Request): Response | Promise<Response> }, port: number): Promise<WebServer> {
  const host = '127.0.0.1';
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, port)));
    server.listen({ port, host }, resolve);
  });
  const address = server.address() as { port: number };
  return { url: `http://${host}:${address.port}/`, port: address.port, stop: () => stop(server) };
}

function listenError(cause: NodeJS.ErrnoException, port: number): Error {
  if (cause.code !== 'EADDRINUSE') return cause;
  return new HearthbeatError(
    'HB_PORT_IN_USE',
    `The desk's page cannot open port ${port} on 127.0.0.1: another program has it.`,
    'Stop that program, or set another port for the page in the configuration file (desk.page.port).',
    { cause },
  );
}

/** Open event streams would otherwise keep it alive. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
