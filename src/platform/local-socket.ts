/**
 * How commands on this machine ask a running agent: HTTP over a Unix socket in the data folder, which only the owner of the folder can
 * reach. The hub listens on no network port for it.
 */
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { HearthbeatError } from '../base/errors.ts';
import { http } from './node-http.ts';

export type LocalServer = { close(): Promise<void> };

const ANSWER_TIMEOUT_MS = 5_000;
const ORDER_LIMIT_BYTES = 16 * 1024;
const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024;

/** What is served: `answer` gives the value for the path of a GET, `obey` that for a JSON message posted there; undefined for unknown ones. */
export type LocalService = { answer(path: string): unknown; obey(path: string, message: unknown): unknown };

/** Call it only while holding the folder's lock. */
export function serveLocally(socketPath: string, service: LocalService): Promise<LocalServer> {
  rmSync(socketPath, { force: true });
  const server = http.createServer((incoming, response) => {
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...(status === 413 ? { connection: 'close' } : {}) });
      response.end(JSON.stringify(value));
    };
    // What fails to answer a question (a disk that cannot be read) has more to do than to answer: it goes on.
    const answerWith = (serve: () => unknown): void => {
      try {
        const value = serve();
        reply(value === undefined ? 404 : 200, value ?? { error: 'not found' });
      } catch (error) {
        reply(500, { error: String(error) });
      }
    };
    const path = incoming.url ?? '/';
    if (incoming.method === 'GET') return answerWith(() => service.answer(path));
    if (incoming.method !== 'POST') return reply(405, { error: 'not allowed' });
    void bodyOf(incoming).then((text) => {
      if (text === undefined) return reply(413, { error: 'too long' });
      const message = parsed(text);
      return message === undefined ? reply(400, { error: 'no JSON' }) : answerWith(() => service.obey(path, message));
    });
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

/** The text that was posted; undefined when it is longer than any order is. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > ORDER_LIMIT_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined; // hung up in the middle
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function closed(server: ReturnType<typeof http.createServer>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Asks a running process, or tells it to do what `order` says; undefined when none listens there. */
export function askLocally<T>(socketPath: string, path: string, order?: unknown): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const method = order === undefined ? 'GET' : 'POST';
    const asked = http.request({ socketPath, path, method, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_LIMIT_BYTES) asked.destroy();
      });
      response.on('end', () => {
        if (response.statusCode === 500) reject(noAnswer(socketPath, new Error(text)));
        else resolve(response.statusCode === 200 ? (JSON.parse(text) as T) : undefined);
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(error.code ?? '')) resolve(undefined);
      else if (error.code === 'EACCES') reject(notOurs(socketPath, error));
      else reject(noAnswer(socketPath, error));
    });
    asked.end(order === undefined ? undefined : JSON.stringify(order));
  });
}

function noAnswer(socketPath: string, cause: Error): HearthbeatError {
  const message = `The agent behind ${socketPath} does not answer: ${cause.message}.`;
  return new HearthbeatError('HB_DATA_FOLDER', message, 'It may be busy: try again, or restart it.', { cause });
}

function notOurs(socketPath: string, cause: Error): HearthbeatError {
  return new HearthbeatError(
    'HB_DATA_FOLDER',
    `The agent's data (${socketPath}) belongs to another user.`,
    'Run this command as the user who runs the agent, or with sudo.',
    { cause },
  );
}
