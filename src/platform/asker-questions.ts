/** The questions an asker can put to its device that are not HTTP: does a port take connections, a datagram, a conversation, a certificate. */
import type { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Asker, CertificateFacts } from '../agent/evidence/reader.ts';
import { cleanText } from '../base/text.ts';
import { closeQuietly } from './guarded-socket.ts';
import { askOverTcp, CappedBytes, type NoConnection, type Place } from './question.ts';

/** After the first octets, so much silence is the end of what a device has to say. */
const PAUSE_MS = 500;
const CONVERSATION_BYTES = 65_536;
/** Replies that the question does not take, after which the sender is talking of something else. */
const MOST_REPLIES = 32;
const MOST_NAMES = 16;

export function tryConnect(place: Place): Promise<'open' | NoConnection> {
  return askOverTcp<'open'>(place, false, { ready: (_socket, finish) => finish('open'), over: () => 'open' });
}

export type Conversation = Parameters<Asker['conversation']>[1];

/** What the device said, or that it did not take the connection; empty when it took it and said nothing. */
export function converse(
  place: Place,
  { send, maxBytes = CONVERSATION_BYTES, tls = false, until }: Conversation,
): Promise<Buffer | NoConnection> {
  const heard = new CappedBytes(maxBytes);
  let pause: NodeJS.Timeout | undefined;
  const conversation = askOverTcp<Buffer>(place, tls, {
    ready(socket, finish) {
      socket.on('data', (part: Buffer) => {
        const wantsMore = heard.add(part);
        clearTimeout(pause);
        if (!wantsMore || isSatisfied(until, heard.bytes())) return finish(heard.bytes());
        pause = setTimeout(() => finish(heard.bytes()), PAUSE_MS);
      });
      socket.on('end', () => finish(heard.bytes()));
      if (send) socket.write(send);
    },
    over: () => heard.bytes(),
  });
  return conversation.finally(() => clearTimeout(pause));
}

/** A reader's mistake must not end the program from within a socket's event. */
function isSatisfied(test: ((bytes: Uint8Array) => boolean) | undefined, bytes: Uint8Array): boolean {
  try {
    return test?.(bytes) ?? false;
  } catch {
    return false;
  }
}

export function showCertificate(place: Place): Promise<CertificateFacts | NoConnection | undefined> {
  return askOverTcp<CertificateFacts | undefined>(place, true, {
    ready: (socket, finish) => finish(factsOf((socket as TLSSocket).getPeerX509Certificate())),
    over: () => undefined,
  });
}

function factsOf(certificate: X509Certificate | undefined): CertificateFacts | undefined {
  try {
    return certificate && certificateFacts(certificate);
  } catch {
    // OpenSSL took it for the handshake and cannot print it: broken on purpose or by age.
    return undefined;
  }
}

function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const validity = (text: string): number => Date.parse(text) || 0;
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesIn(certificate.subjectAltName ?? ''),
    validFrom: validity(certificate.validFrom),
    validTo: validity(certificate.validTo),
    serialNumber: certificate.serialNumber.slice(0, 64),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** OpenSSL prints one attribute a line, the widest first; RFC 4514 wants the narrowest first. */
function oneLine(name: string | undefined): string {
  return cleanText((name ?? '').slice(0, 4_096).split('\n').reverse().join(','), 512) ?? '';
}

function namesIn(alternatives: string): string[] {
  const names = alternatives.slice(0, 4_096).split(', ').slice(0, MOST_NAMES);
  return names.flatMap((name) => cleanText(name.replace(/^[A-Za-z ]{1,20}:/, ''), 128) ?? []);
}

export type Datagram = {
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly accepts?: ((reply: Uint8Array) => boolean) | undefined;
};

/** The first reply that is taken. A connected socket hears only that address and port, and the ICMP error of a closed one. */
export function exchangeDatagram({ ip, port, localAddress, signal }: Place, question: Datagram): Promise<Buffer | NoConnection> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', lookup: (address, _options, done) => done(null, address, isIP(address)) });
    let refused = 0;
    const finish = (value: Buffer | NoConnection): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      socket.removeAllListeners('message');
      closeQuietly(() => socket.close());
      resolve(value);
    };
    const giveUp = (): void => finish('silent');
    const timer = setTimeout(giveUp, question.timeoutMs);
    if (signal?.aborted) return giveUp();
    signal?.addEventListener('abort', giveUp);
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
    socket.on('message', (reply) => {
      if (question.accepts === undefined || isSatisfied(question.accepts, reply)) finish(reply);
      else if (++refused >= MOST_REPLIES) giveUp();
    });
    socket.bind({ address: localAddress, port: 0, exclusive: true }, () =>
      socket.connect(port, ip, (error?: Error | null) => {
        if (error) return giveUp();
        socket.send(question.payload, (failure) => failure && giveUp());
      }),
    );
  });
}
