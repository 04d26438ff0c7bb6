/**
 * The one HTTP client for devices of the LAN: one request, one answer, one connection. Takes address literals only, follows no redirect,
 * accepts no compressed body, keeps no cookie, cuts what is too long and ends by its deadline, headers and body together.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HttpAnswer, HttpQuestion } from '../agent/evidence/reader.ts';
import { err, ok, type Result } from '../base/result.ts';
import { http } from './node-http.ts';
import { CappedBytes, noLookup, oldTls, type Place } from './question.ts';

const MOST_HEADERS = 32;
const LONGEST_HEADER = 512;

/** How an answer ended. `cut`: longer than allowed; `late`: the deadline came first; `broken`: the peer went away in the middle. */
export type HttpExchange = HttpAnswer & { readonly end: 'whole' | 'cut' | 'late' | 'broken' };

/** One connection for one request: devices of this class count their sockets on one hand. */
const plain = new http.Agent({ keepAlive: false });
const secure = new HttpsAgent({ keepAlive: false, maxCachedSessions: 0 });

type HttpPlace = Omit<Place, 'port'>;

/** `whole`: an answer that says it is too long is not begun. */
type Wanted = HttpQuestion & { readonly maxBytes: number; readonly whole?: boolean };

/** An error is a short word for the log: the system's code, `compressed`, `no complete answer in time`. */
export function exchangeHttp(place: HttpPlace, question: Wanted): Promise<Result<HttpExchange, string>> {
  return new Promise((resolve) => {
    let outgoing: ClientRequest | undefined;
    let answer: { readonly message: IncomingMessage; readonly body: CappedBytes } | undefined;
    const finish = (result: Result<HttpExchange, string>): void => {
      clearTimeout(connecting);
      clearTimeout(deadline);
      place.signal?.removeEventListener('abort', late);
      outgoing?.destroy();
      resolve(result);
    };
    const settle = (end: HttpExchange['end'], otherwise: string): void =>
      finish(answer ? ok({ ...answerOf(answer.message, answer.body), end }) : err(otherwise));
    const late = (): void => settle('late', 'no complete answer in time');
    const connecting = setTimeout(late, place.connectMs);
    const deadline = setTimeout(late, place.deadlineMs);
    if (place.signal?.aborted) return late();
    place.signal?.addEventListener('abort', late);
    try {
      outgoing = begin(place, question);
    } catch (error) {
      return finish(err((error as NodeJS.ErrnoException).code ?? 'impossible request'));
    }
    outgoing.on('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => settle('broken', error.code ?? 'broken answer'));
    outgoing.on('response', (message) => {
      if (!/^(identity)?$/i.test(message.headers['content-encoding'] ?? '')) return finish(err('compressed'));
      if (question.whole && Number(message.headers['content-length'] ?? 0) > question.maxBytes) return finish(err('too long'));
      const body = new CappedBytes(question.maxBytes);
      answer = { message, body };
      message.on('data', (part: Buffer) => body.add(part) || settle('cut', 'too long'));
      message.on('error', () => settle('broken', 'broken answer'));
      message.on('end', () => settle('whole', ''));
    });
    outgoing.end(question.body);
  });
}

function begin(place: HttpPlace, { tls, port, method = 'GET', path, headers }: HttpQuestion): ClientRequest {
  const options: RequestOptions = {
    host: place.ip,
    port,
    path,
    method,
    ...(!place.ip.includes(':') && { localAddress: place.localAddress }),
    lookup: noLookup as never,
    maxHeaderSize: 16_384,
    // What small devices send as HTTP is not always HTTP; there is no second request on the connection that could be confused by it.
    insecureHTTPParser: true,
    headers: { ...headers, 'Accept-Encoding': 'identity', Connection: 'close' },
  };
  return tls ? httpsRequest({ ...options, ...oldTls(), agent: secure }) : http.request({ ...options, agent: plain });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: CappedBytes): HttpAnswer {
  const told = Object.entries(headers).slice(0, MOST_HEADERS);
  return {
    status: statusCode,
    headers: Object.fromEntries(told.map(([name, value]) => [name, String(value).slice(0, LONGEST_HEADER)])),
    body: body.bytes(),
  };
}
