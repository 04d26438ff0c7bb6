/**
 * RTSP (RFC 2326) without credentials: what a camera answers to DESCRIBE names its software in `Server` and often its model in the realm of
 * the refusal. One question; OPTIONS only where DESCRIBE was not answered.
 */
import { latin1 } from './byte-reader.ts';
import type { Asker, Finding, Reader } from './reader.ts';
import { toldFields } from './told.ts';

const PORTS = [554, 8554];
const MAX_BYTES = 4096;

export function parseRtsp(reply: Uint8Array): Finding | undefined {
  const text = latin1(reply.subarray(0, MAX_BYTES));
  const status = /^RTSP\/1\.\d (\d{3})/.exec(text)?.[1];
  if (status === undefined) return undefined;
  const realm = /^WWW-Authenticate:[^\r\n]{0,256}?realm="([^"\r\n]{1,256})"/im.exec(text)?.[1];
  // The session name of a stream that anyone may see (RFC 8866, 5.3).
  const session = /^s=([^\r\n]{1,128})/m.exec(text)?.[1];
  return { fields: toldFields({ server: /^Server:([^\r\n]{1,256})/im.exec(text)?.[1], realm, session, status }) };
}

export const rtspReader: Reader = {
  name: 'rtsp',
  method: 'rtsp',
  about: 'Asks a camera by RTSP, without a password, what it is.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 24, bytes: 2_048 },
  applies: ({ openPorts, services }) => PORTS.some((port) => openPorts.includes(port)) || services.has('_rtsp._tcp'),
  read: async ({ ip, openPorts }, ask) => {
    const port = PORTS.find((candidate) => openPorts.includes(candidate)) ?? PORTS[0]!;
    const finding = (await askBy('DESCRIBE', ip, port, ask)) ?? (await askBy('OPTIONS', ip, port, ask));
    return finding === undefined ? [] : [{ port, ...finding }];
  },
};

async function askBy(verb: 'DESCRIBE' | 'OPTIONS', ip: string, port: number, ask: Asker): Promise<Finding | undefined> {
  const accept = verb === 'DESCRIBE' ? 'Accept: application/sdp\r\n' : '';
  const send = Buffer.from(`${verb} rtsp://${ip}:${port}/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: hearthbeat\r\n${accept}\r\n`);
  const reply = await ask.conversation(port, { send, maxBytes: MAX_BYTES, until: (soFar) => latin1(soFar).includes('\r\n\r\n') });
  return reply && parseRtsp(reply);
}
