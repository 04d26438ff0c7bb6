/**
 * How commands on this machine ask a running agent: HTTP over a Unix socket in the data folder, which only the owner of the folder can
 * reach. The hub listens on no network port for it.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { HearthbeatError } from '../base/errors.ts';

export type LocalServer = { close(): Promise<void> };

const ANSWER_TIMEOUT_MS = 5_000;
const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024;

/** Serves GET requests; `answer` gives the value for a path, undefined for an unknown one. Call it only while holding the folder's lock. */
export function serveLocally(socketPath: string, answer: (path: string) => unknown): Promise<LocalServer> {
  rmSync(socketPath, { force: true });
  const server = createServer((incoming, response) => {
    const value = incoming.method === 'GET' ? answer(incoming.url ?? '/') : undefined;
    response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value ?? { error: 'not found' }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new HearthbeatError(
          'HB_DATA_FOLDER',
          `Cannot make the socket ${socketPath}: ${cause.message}.`,
          'Choose a data folder on a local disk with a short path (--data).',
          { cause },
        ),
      ),
    );
    server.listen(socketPath, () => {
      chmodSync(socketPath, 0o600);
      resolve({ close: () => closed(server) });
    });
  });
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Asks a running process; undefined when none listens there. */
export function askLocally<T>(socketPath: string, path: string): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_LIMIT_BYTES) asked.destroy();
      });
      response.on('end', () => resolve(response.statusCode === 200 ? (JSON.parse(text) as T) : undefined));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(error.code ?? '')) resolve(undefined);
      else if (error.code === 'EACCES') reject(notOurs(socketPath, error));
      else
        reject(
          new HearthbeatError(
            'HB_DATA_FOLDER',
            `The agent behind ${socketPath} does not answer: ${error.message}.`,
            'It may be busy: try again, or restart it.',
            { cause: error },
          ),
        );
    });
    asked.end();
  });
}

function notOurs(socketPath: string, cause: Error): HearthbeatError {
  return new HearthbeatError(
    'HB_DATA_FOLDER',
    `The agent's data (${socketPath}) belongs to another user.`,
    'Run this command as the user who runs the agent, or with sudo.',
    { cause },
  );
}
