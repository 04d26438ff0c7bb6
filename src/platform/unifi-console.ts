/**
 * Asks a UniFi console what it says of its devices, over HTTPS with the key that a person gave. The certificate is looked at before anything secret is sent: a
 * console that shows another one than it should gets no key. What comes is read as it comes, capped, and thrown away but for a few fields.
 */
import type { IncomingMessage } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { JsonElements } from '../agent/evidence/json-elements.ts';
import type { JsonObject } from '../agent/evidence/json-object.ts';
import { type ManagedDevice, managedDevice, siteIn } from '../agent/evidence/unifi-devices.ts';
import { http } from './node-http.ts';
import { noLookup } from './question.ts';

/** `fingerprint`: SHA-256 of the certificate that it must show, in lower-case hex; any, where it was never asked before. */
export type ConsolePlace = {
  readonly ip: string;
  readonly port: number;
  readonly site: string;
  readonly key: string;
  readonly fingerprint?: string | undefined;
};

export type ConsoleAnswer =
  | { readonly outcome: 'told'; readonly fingerprint: string; readonly devices: readonly ManagedDevice[]; readonly leftOut: number }
  /** Not sent to it: the key. */
  | { readonly outcome: 'other-certificate'; readonly fingerprint: string }
  /** `fingerprint`: of the certificate to whose owner the key was sent; undefined where nobody got it. */
  | { readonly outcome: 'refused' | 'unlike' | 'silent'; readonly why: string; readonly fingerprint?: string };

type Means = { readonly localAddress: string; readonly deadlineMs: number; readonly signal?: AbortSignal };

/** A switch of 48 ports takes some 100 KB; a home has a few dozen devices. */
const LIMITS = { most: 256, longest: 512 * 1024 };
const MOST_BYTES = 16 * 1024 * 1024;
/** Not for this key, or not here: the other interface may answer. */
const REFUSALS: readonly number[] = [401, 403];
const TRY_OTHER: readonly number[] = [...REFUSALS, 404];

/**
 * Never rejects. The console's own interface knows which models have ended; where the key does not hold for it, the documented one (Network 9.0 and later) is
 * asked, which only knows what it no longer supports.
 */
export async function askConsole(place: ConsolePlace, means: Means): Promise<ConsoleAnswer> {
  const own = await list(place, means, `/proxy/network/api/s/${encodeURIComponent(place.site)}/stat/device`, managedDevice);
  if (!('status' in own) || !TRY_OTHER.includes(own.status)) return answerOf(own);
  const pinned = { ...place, fingerprint: own.fingerprint };
  const sites = await list(pinned, means, `${DOCUMENTED}?limit=50`, (site) => site);
  if (!('items' in sites)) return answerOf(sites);
  const site = siteIn(sites.items, place.site);
  if (site === undefined) return { outcome: 'unlike', why: `it has no site "${place.site}"`, fingerprint: own.fingerprint };
  return answerOf(await list(pinned, means, `${DOCUMENTED}/${site}/devices?limit=200`, managedDevice));
}

const DOCUMENTED = '/proxy/network/integration/v1/sites';

type Listed<T> =
  | { readonly items: readonly T[]; readonly leftOut: number; readonly fingerprint: string }
  | { readonly status: number; readonly fingerprint: string }
  | Exclude<ConsoleAnswer, { outcome: 'told' }>;

function answerOf(listed: Listed<ManagedDevice>): ConsoleAnswer {
  if ('outcome' in listed) return listed;
  if ('items' in listed) {
    const { items, leftOut, fingerprint } = listed;
    return { outcome: 'told', fingerprint, devices: items, leftOut };
  }
  const { status, fingerprint } = listed;
  return { outcome: REFUSALS.includes(status) ? 'refused' : 'unlike', why: `it answers HTTP ${status}`, fingerprint };
}

async function list<T>(place: ConsolePlace, means: Means, path: string, read: (element: JsonObject) => T | undefined): Promise<Listed<T>> {
  const late = AbortSignal.any([AbortSignal.timeout(means.deadlineMs), ...(means.signal ? [means.signal] : [])]);
  let socket: TLSSocket | undefined;
  let fingerprint: string | undefined;
  try {
    socket = await connected(place, means, late);
    fingerprint = fingerprintOf(socket);
    if (place.fingerprint !== undefined && fingerprint !== place.fingerprint) return { outcome: 'other-certificate', fingerprint };
    const answer = await answered(socket, place, path, late);
    if (answer.statusCode !== 200) return { status: answer.statusCode ?? 0, fingerprint };
    const items: T[] = [];
    const elements = new JsonElements(LIMITS, (element) => {
      const item = read(element);
      if (item !== undefined) items.push(item);
    });
    const isWhole = await readInto(elements, answer);
    if (!elements.sawList || !isWhole)
      return { outcome: 'unlike', why: isWhole ? 'its answer is no list' : 'its answer is too long', fingerprint };
    return { items, leftOut: elements.leftOut, fingerprint };
  } catch (error) {
    const why = late.aborted ? 'no answer in time' : ((error as NodeJS.ErrnoException).code ?? 'broken answer');
    return { outcome: 'silent', why, ...(fingerprint === undefined ? {} : { fingerprint }) };
  } finally {
    socket?.destroy();
  }
}

/** Shakes hands with anyone: consoles sign their certificates themselves, so the fingerprint decides. Nothing is sent. */
function connected({ ip, port }: ConsolePlace, { localAddress }: Means, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const to = { host: ip, port, localAddress, lookup: noLookup as never };
    const socket = connect({ ...to, rejectUnauthorized: false });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', fail);
    socket.once('close', () => fail(new Error('closed')));
    signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
  });
}

function fingerprintOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '';
}

function answered(socket: TLSSocket, { ip, port, key }: ConsolePlace, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      Host: `${ip}:${port}`,
      'X-API-KEY': key,
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      Connection: 'close',
    };
    const request = http.request({ createConnection: () => socket, path, headers, signal });
    request.on('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

/** False where there was more than is read. */
async function readInto(elements: JsonElements, answer: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const text of answer.setEncoding('utf8')) {
    bytes += Buffer.byteLength(text as string);
    if (bytes > MOST_BYTES) return false;
    elements.push(text as string);
  }
  return true;
}
