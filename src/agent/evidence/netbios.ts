/** NetBIOS node status (RFC 1002, 4.2.17 and 4.2.18): one datagram that Windows, Samba, many NAS and printers answer with name, workgroup and MAC. */
import { ByteReader, hex, latin1 } from './byte-reader.ts';
import type { Finding, Reader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 137;
const QUESTION_ID = 0x6862;
const NAME_BYTES = 15;
const NBSTAT = 0x21;
const MAX_NAMES = 64;
const GROUP_NAME = 0x8000;
const WORKSTATION = 0x00;
const FILE_SERVER = 0x20;
/** `*` in the half-byte letters of RFC 1001, 14.1, filled up with zeros. */
const ANY_NAME = `CK${'A'.repeat(30)}`;
const ASKED_KINDS = new Set(['computer', 'nas', 'server', 'printer', 'router', 'media-server', 'scanner', 'tv', 'media-player']);

export const NODE_STATUS_QUESTION: Uint8Array = Buffer.concat([
  Buffer.from([QUESTION_ID >> 8, QUESTION_ID & 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, ANY_NAME.length]),
  Buffer.from(ANY_NAME),
  Buffer.from([0, 0, NBSTAT, 0, 1]),
]);

export function parseNodeStatus(reply: Uint8Array): Finding | undefined {
  const reader = new ByteReader(reply);
  const [id, flags] = [reader.number(2), reader.number(2)];
  // Questions, answers, authorities, additional; owner name, type, class, lifetime.
  reader.take(8);
  const nameBytes = reader.number(1);
  if (id !== QUESTION_ID || flags === undefined || (flags & 0x8000) === 0 || nameBytes === undefined) return undefined;
  // A compressed owner (0xc00c) has one more byte; a plain one its letters and a zero.
  reader.take(nameBytes >= 0xc0 ? 1 : nameBytes + 1);
  const type = reader.number(2);
  reader.take(8);
  const count = reader.number(1);
  if (type !== NBSTAT || count === undefined) return undefined;
  const names = Array.from({ length: Math.min(count, MAX_NAMES) }, () => readEntry(reader)).filter((entry) => entry !== undefined);
  const unit = reader.take(6);
  const own =
    names.find((entry) => !entry.isGroup && entry.suffix === WORKSTATION) ??
    names.find((entry) => !entry.isGroup && entry.suffix === FILE_SERVER);
  const group = names.find((entry) => entry.isGroup && entry.suffix === WORKSTATION);
  if (own === undefined && group === undefined) return undefined;
  return {
    fields: toldFields({ name: own?.name, workgroup: group?.name }),
    identifiers: toldIdentifiers({ 'netbios-name': own?.name, mac: unit && hex(unit) }),
  };
}

function readEntry(reader: ByteReader): { readonly name: string; readonly suffix: number; readonly isGroup: boolean } | undefined {
  const [name, suffix, flags] = [reader.take(NAME_BYTES), reader.number(1), reader.number(2)];
  if (name === undefined || suffix === undefined || flags === undefined) return undefined;
  return { name: latin1(name).trim(), suffix, isGroup: (flags & GROUP_NAME) !== 0 };
}

export const netbiosReader: Reader = {
  name: 'netbios',
  method: 'netbios',
  about: 'Asks with one datagram for the NetBIOS name and workgroup of PCs, NAS boxes and printers.',
  everyMs: 12 * 3_600_000,
  budget: { packets: 8, bytes: 512 },
  // Windows behind its firewall shows nothing else, so who is unknown is asked too.
  applies: ({ kind, openPorts, services }) =>
    kind === undefined || ASKED_KINDS.has(kind) || openPorts.includes(445) || openPorts.includes(139) || services.has('_smb._tcp'),
  read: async (_, ask) => {
    const reply = await ask.datagram(PORT, NODE_STATUS_QUESTION, { tries: 2, accepts: (bytes) => parseNodeStatus(bytes) !== undefined });
    const finding = reply && parseNodeStatus(reply);
    return finding === undefined ? [] : [{ port: PORT, ...finding }];
  },
};
