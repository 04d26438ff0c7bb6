/**
 * Posts a push message. Its address came from a person, so each address that its name leads to is looked at before the connection is made to that very address, and no redirect is
 * followed: it is no way into the network that the desk stands in.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { Agent, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '../base/public-address.ts';
import type { HttpAnswer } from '../desk/notices/receivers/receiver.ts';
import type { PushPost } from '../desk/push/message.ts';
import { failureOf } from './notice-post.ts';

/** Many go out at once, and all of them within the lease of a notice (desk/notices/lane.ts). */
const DEADLINE_MS = 5_000;
const MOST_BYTES = 4 * 1024;

export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

export type PushPostOptions = {
  /** Which addresses may be asked. Default: those of the internet. */
  readonly mayReach?: (address: string) => boolean;
  readonly resolve?: Resolve;
  /** PEM of the authority that signed the certificate of the push service, where it is not one that Node knows. */
  readonly ca?: string;
  readonly deadlineMs?: number;
};

class NotThere extends Error {}

export function createPushPost({
  mayReach = isPublicAddress,
  resolve = resolveBySystem,
  ca,
  deadlineMs = DEADLINE_MS,
}: PushPostOptions = {}): PushPost {
  const agent = new Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
  const lookup: LookupFunction = (name, _, callback) => {
    resolve(name)
      .then((found) => {
        const foreign = found.find(({ address }) => !mayReach(address));
        if (foreign !== undefined) throw new NotThere(`${name} leads to ${foreign.address}, which is no address of the internet`);
        callback(null, [...found]);
      })
      .catch((cause: Error) => callback(cause, []));
  };
  return async ({ url, headers, body }) => {
    const { hostname } = new URL(url);
    const literal = hostname.replace(/^\[|\]$/g, '');
    // Nobody asks for the address of what is one.
    if (isIP(literal) !== 0 && !mayReach(literal)) return { failed: `${literal} is no address of the internet`, isUnsent: true };
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      return await ask(url, { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent, lookup, signal }, body);
    } catch (error) {
      if (error instanceof NotThere) return { failed: error.message, isUnsent: true };
      return failureOf(error, signal, deadlineMs);
    }
  };
}

function ask(url: string, options: Parameters<typeof request>[1] & object, body: Uint8Array): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sending = request(url, options, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const end = (): void => {
        const text = Buffer.concat(parts).subarray(0, MOST_BYTES).toString('utf8');
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
      };
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        // Its beginning: what is longer is not read.
        if (bytes > MOST_BYTES) {
          end();
          response.destroy();
        }
      });
      // The status came: what is missing are words.
      response.on('end', end).on('error', end);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

async function resolveBySystem(name: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(name, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  });
}
