/**
 * PJL `INFO ID` on port 9100 (HP, Printer Job Language Technical Reference, 8): a printer says its model. What is no printer would print the
 * question or take it for data, so it is sent only to what said by other means that it is one.
 */
import { latin1 } from './byte-reader.ts';
import type { Finding, Reader } from './reader.ts';
import { toldFields } from './told.ts';

const PORT = 9100;
/** The Universal Exit Language before and after lets every printer that knows PJL take it for a question and never for a page. */
const EXIT = '\u001b%-12345X';
const QUESTION = Buffer.from(`${EXIT}@PJL INFO ID\r\n${EXIT}`);
const MAX_BYTES = 1024;

export function parsePjl(reply: Uint8Array): Finding | undefined {
  const [, id] = /@PJL INFO ID\r?\n"?([^"\r\n\f\u001b]{1,200})/.exec(latin1(reply.subarray(0, MAX_BYTES))) ?? [];
  const fields = toldFields({ id });
  return fields.id === undefined || fields.id === '?' ? undefined : { fields };
}

export const pjlReader: Reader = {
  name: 'pjl',
  method: 'pjl',
  about: 'Asks a printer on port 9100 for its model.',
  everyMs: 7 * 24 * 3_600_000,
  budget: { packets: 12, bytes: 512 },
  applies: ({ kind, openPorts, services }) => services.has('_pdl-datastream._tcp') || (kind === 'printer' && openPorts.includes(PORT)),
  read: async (_, ask) => {
    const reply = await ask.conversation(PORT, {
      send: QUESTION,
      maxBytes: MAX_BYTES,
      until: (soFar) => parsePjl(soFar) !== undefined && soFar.includes(0x0c),
    });
    const finding = reply && parsePjl(reply);
    return finding === undefined ? [] : [{ port: PORT, ...finding }];
  },
};
