/**
 * Whether a place on the internet is itself: only it can show a certificate for its address that a public authority signed. A sign-in page or
 * a provider's pay page that takes all connections cannot, and its page is fetched to name it: what RFC 8952 calls a captive portal. Sends a
 * greeting and one request for `/`, follows no redirect and reads 4 KB at most.
 */
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ProofResult } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';
import { cleanText } from '../base/text.ts';

type Verdict = Omit<ProofResult, 'place'>;
type Where = { readonly host: string; readonly port: number };

const HTTP_PORT = 80;
const MOST_BYTES = 4_096;
const MOST_TEXT = 60;
/** The clock of this hub may be wrong, which says nothing of the other side (X509_verify_cert_error_string(3)). */
const OF_THE_CLOCK = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED']);

/** Never rejects; takes twice `timeoutMs` at most. */
export async function provePlace(where: Where, timeoutMs: number, clock: Clock): Promise<Verdict> {
  const shown = await shakeHands(where, timeoutMs, clock);
  if (shown.outcome === 'proven' || shown.outcome === 'unable') return shown;
  const page = await pageAt(where.host, timeoutMs, clock);
  return page === undefined ? shown : { outcome: 'impostor', instead: page, detail: shown.detail };
}

function shakeHands({ host, port }: Where, timeoutMs: number, clock: Clock): Promise<Verdict> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false });
    const finish = (verdict: Verdict): void => {
      timer.cancel();
      socket.destroy();
      resolve(verdict);
    };
    const timer = clock.setTimer(timeoutMs, () => finish({ outcome: 'silent', detail: 'no certificate in time' }));
    socket.once('secureConnect', () => finish(readCertificate(socket)));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(readFailure(error)));
  });
}

function readCertificate(socket: TLSSocket): Verdict {
  if (socket.authorized) return { outcome: 'proven', detail: 'its own certificate' };
  const reason: Error | string = socket.authorizationError;
  const code = typeof reason === 'string' ? reason : ((reason as NodeJS.ErrnoException).code ?? reason.message);
  if (OF_THE_CLOCK.has(code)) return { outcome: 'unable', detail: code };
  const { subject } = socket.getPeerCertificate();
  const name = cleanText([subject?.CN].flat()[0], MOST_TEXT);
  return { outcome: 'impostor', detail: code, instead: name === undefined ? 'an unknown certificate' : `the certificate of ${name}` };
}

/** What answers a greeting in something else than TLS is a web server; what refuses or hangs up may be a filter that does not like this place. */
function readFailure({ code = 'failed' }: NodeJS.ErrnoException): Verdict {
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return { outcome: 'impostor', detail: code, instead: 'something without a certificate' };
  const isOther =
    code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH';
  return { outcome: isOther ? 'silent' : 'unable', detail: code };
}

async function pageAt(host: string, timeoutMs: number, clock: Clock): Promise<string | undefined> {
  return readPage(await firstBytes({ host, port: HTTP_PORT }, timeoutMs, clock), host);
}

/** Where the page at an address leads to, or that there is one; undefined for what is no answer of HTTP, or leads to the address itself. */
export function readPage(head: string, host: string): string | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status === undefined) return undefined;
  const target = cleanText(/^location:[ \t]*(\S{1,512})/im.exec(head)?.[1], 512);
  const url = target === undefined ? undefined : URL.parse(target, `http://${bracketed(host)}/`);
  // Behind the path there may be who asks: his MAC, his address.
  if (url) return url.hostname === bracketed(host) ? undefined : cleanText(`${url.protocol}//${url.host}${url.pathname}`, MOST_TEXT);
  return status === '200' || status === '511' ? `a page of its own (HTTP ${status})` : undefined;
}

function firstBytes({ host, port }: Where, timeoutMs: number, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let read = '';
    const finish = (): void => {
      timer.cancel();
      socket.destroy();
      resolve(read);
    };
    const timer = clock.setTimer(timeoutMs, finish);
    socket.on('connect', () =>
      socket.write(`GET / HTTP/1.1\r\nHost: ${bracketed(host)}\r\nUser-Agent: hearthbeat\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (part) => {
      read = `${read}${part.toString('latin1')}`.slice(0, MOST_BYTES);
      if (read.length >= MOST_BYTES || read.includes('\r\n\r\n')) finish();
    });
    socket.on('end', finish);
    socket.on('error', finish);
  });
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
