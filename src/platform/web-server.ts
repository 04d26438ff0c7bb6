/** Serves a web application: on loopback, or by TLS, or to a proxy that speaks TLS in front of it. */
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Log } from '../base/log.ts';
import { listenError } from './listen-error.ts';

export type WebServer = { readonly url: string; readonly port: number; stop(): Promise<void> };

/** Certificate chain and key, PEM. */
export type TlsFiles = { readonly cert: string; readonly key: string };

export type Listening = {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** Reads them, now and again later: a certificate is renewed while the desk runs. Throws where they cannot be used. */
  readonly tls?: (() => TlsFiles) | undefined;
  readonly log: Log;
  readonly readAgainMs?: number;
};

export type WebApp = { fetch(request: Request, peer?: { readonly peer?: string | undefined }): Response | Promise<Response> };

const READ_AGAIN_MS = 3_600_000;
/** A page and its forms need less; whoever sends headers or a body for longer only holds a connection. */
const PATIENCE_MS = 30_000;

/** Throws HB_PORT_IN_USE, and what reading the certificate throws. */
export async function serveApp(
  app: WebApp,
  { port, host = '127.0.0.1', tls, log, readAgainMs = READ_AGAIN_MS }: Listening,
): Promise<WebServer> {
  const fetch = (request: Request, env: unknown): Response | Promise<Response> =>
    app.fetch(request, { peer: (env as { incoming?: IncomingMessage }).incoming?.socket.remoteAddress });
  const files = tls?.();
  const server = (
    files
      ? createAdaptorServer({ fetch, createServer: createTlsServer, serverOptions: { ...files, minVersion: 'TLSv1.2' } })
      : createAdaptorServer({ fetch })
  ) as Server;
  server.headersTimeout = PATIENCE_MS;
  server.requestTimeout = PATIENCE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, { owner: "The desk's page", port, host, setting: 'desk.page.port' })),
    );
    server.listen({ port, host }, resolve);
  });
  const renewing = tls && files ? keepRenewed(server as unknown as TlsServer, tls, files, { log, everyMs: readAgainMs }) : undefined;
  const address = server.address() as { port: number };
  return {
    url: `http${tls ? 's' : ''}://${isIPv6(host) ? `[${host}]` : host}:${address.port}/`,
    port: address.port,
    stop: () => {
      clearInterval(renewing);
      return stop(server);
    },
  };
}

/** What was read last goes on being used where the new files are no good. */
function keepRenewed(
  server: TlsServer,
  read: () => TlsFiles,
  first: TlsFiles,
  { log, everyMs }: { readonly log: Log; readonly everyMs: number },
): NodeJS.Timeout {
  let used = first;
  return setInterval(() => {
    try {
      const files = read();
      if (files.cert === used.cert && files.key === used.key) return;
      server.setSecureContext({ ...files, minVersion: 'TLSv1.2' });
      used = files;
      log.info('the page uses its new certificate');
    } catch (cause) {
      log.error('the new certificate of the page cannot be used; the one of before is', { cause: String(cause) });
    }
  }, everyMs).unref();
}

/** Open event streams would otherwise keep it alive. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
