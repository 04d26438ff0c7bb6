/**
 * LLMNR, asked backwards: the name of an address. RFC 4795, 2.4 wants such questions sent by TCP to the host itself; systemd-resolved and
 * some Windows versions answer, others refuse the connection, which costs two packets.
 */
import { encodePtrQuestion, parsePtrAnswer } from './dns-message.ts';
import type { Finding, Reader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 5355;
const QUESTION_ID = 0x6862;
const LENGTH_BYTES = 2;
const COMPUTER_PORTS = [445, 139, 3389, 5357];

export function parseLlmnr(stream: Uint8Array, question: Uint8Array): Finding | undefined {
  if (!isWhole(stream)) return undefined;
  const name = parsePtrAnswer(stream.subarray(LENGTH_BYTES), question)?.[0]?.replace(/\.local$/i, '');
  return name === undefined ? undefined : { fields: toldFields({ name }), identifiers: toldIdentifiers({ 'netbios-name': name }) };
}

/** RFC 1035, 4.2.2: two bytes of length, then the message. */
const isWhole = (stream: Uint8Array): boolean =>
  stream.length >= LENGTH_BYTES && stream.length - LENGTH_BYTES >= stream[0]! * 256 + stream[1]!;

export const llmnrReader: Reader = {
  name: 'llmnr',
  method: 'llmnr',
  about: 'Asks a computer by LLMNR for the name that goes with its address.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 12, bytes: 1_024 },
  applies: ({ ip, kind, openPorts }) =>
    /^[\d.]+$/.test(ip) && (kind === 'computer' || COMPUTER_PORTS.some((port) => openPorts.includes(port))),
  read: async ({ ip }, ask) => {
    const question = encodePtrQuestion(QUESTION_ID, ip, { recurse: false });
    const send = Buffer.concat([Buffer.from([question.length >> 8, question.length & 0xff]), question]);
    const stream = await ask.conversation(PORT, { send, maxBytes: 1024, until: isWhole });
    const finding = stream && parseLlmnr(stream, question);
    return finding === undefined ? [] : [{ port: PORT, ...finding }];
  },
};
