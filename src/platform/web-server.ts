/** Serves a web application on loopback. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { listenError } from './listen-error.ts';

export type WebServer = { readonly url: string; readonly port: number; stop(): Promise<void> };

/** Listens on 127.0.0.1 only. `port` 0 lets the system choose. Throws HB_PORT_IN_USE. */
export async function serveApp(app: { fetch(request: Request): Response | Promise<Response> }, port: number): Promise<WebServer> {
  const host = '127.0.0.1';
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, { owner: "The desk's page", port, host, setting: 'desk.page.port' })),
    );
    server.listen({ port, host }, resolve);
  });
  const address = server.address() as { port: number };
  return { url: `http://${host}:${address.port}/`, port: address.port, stop: () => stop(server) };
}

/** Open event streams would otherwise keep it alive. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
