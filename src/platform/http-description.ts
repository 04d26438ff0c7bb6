/**
 * Fetches one UPnP description from the device that announced it. Only takes what the fetch guard let through: an address literal. Follows
 * no redirect, resolves no name, accepts no compressed body, reads at most 64 KiB and ends within the deadline, headers and body together.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { FetchTarget } from '../agent/discovery/fetch-guard.ts';
import { MAX_DESCRIPTION_BYTES } from '../agent/discovery/upnp-description.ts';
import { err, ok, type Result } from '../base/result.ts';

export const DESCRIPTION_DEADLINE_MS = 3_000;

/** One connection for one request: devices of this class count their sockets on one hand. */
const agent = new Agent({ keepAlive: false });

/** An address literal is connected to without a look-up; should a name ever get here, it has no address. */
const noLookup = (_name: string, _options: unknown, done: (error: Error) => void): void => done(new Error('names are not resolved'));

export function fetchDescription(
  target: FetchTarget,
  localAddress: string,
  deadlineMs = DESCRIPTION_DEADLINE_MS,
): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const outgoing = request({
      host: target.ip,
      port: target.port,
      path: target.path,
      ...(!target.ip.includes(':') && { localAddress }),
      agent,
      lookup: noLookup as never,
      maxHeaderSize: 8192,
      headers: {
        Accept: 'text/xml, application/xml',
        'Accept-Encoding': 'identity',
        'User-Agent': 'UPnP/2.0 hearthbeat',
        Connection: 'close',
      },
    });
    const finish = (result: Result<string, string>): void => {
      clearTimeout(deadline);
      outgoing.destroy();
      resolve(result);
    };
    const deadline = setTimeout(() => finish(err('no complete answer in time')), deadlineMs);
    outgoing.on('error', (error: NodeJS.ErrnoException) => finish(err(error.code ?? 'broken answer')));
    outgoing.on('response', (response) => readBody(response, finish));
    outgoing.end();
  });
}

function readBody(response: IncomingMessage, finish: (result: Result<string, string>) => void): void {
  const refusal = refusalOf(response);
  if (refusal !== undefined) {
    finish(err(refusal));
    return;
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  response.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > MAX_DESCRIPTION_BYTES) finish(err('too long'));
    else parts.push(part);
  });
  response.on('error', () => finish(err('broken answer')));
  response.on('end', () => finish(ok(Buffer.concat(parts).toString('utf8'))));
}

function refusalOf(response: IncomingMessage): string | undefined {
  if (response.statusCode !== 200) return `status ${response.statusCode}`;
  if (!/^(identity)?$/i.test(response.headers['content-encoding'] ?? '')) return 'compressed';
  return Number(response.headers['content-length'] ?? 0) > MAX_DESCRIPTION_BYTES ? 'too long' : undefined;
}
