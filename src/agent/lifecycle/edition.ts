/**
 * An edition of the catalogue: all its facts as one signed file. A header line, one fact a line, and a last line with the Ed25519 signature over
 * every byte before it; each line is JSON. Nothing but the header, which only serves to say what is wrong, is read before the signature has proved
 * itself. Why so: docs/decisions/0017.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { DAY_MS, dayOf, firstMomentOf, isPartialDate } from '../../base/partial-date.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cleanText } from '../../base/text.ts';
import { LONGEST_ROW, MOST_FACTS } from './fact-limits.ts';

const FORMAT = 'hearthbeat-lifecycle-1';
export const LARGEST_EDITION = 3 * 1024 * 1024;
const LONGEST_HEADER = 400;
/** After a year many of its dates have moved. */
const FRESH_DAYS = 365;

/** Why a file is not taken, as the rest of a sentence about it, and what to do. */
export type Refusal = { readonly why: string; readonly fix: string };

/**
 * `serial`: 2026112201 is the first edition of 22 November 2026, as zone serials are written (RFC 1912, 2.2). So an edition cannot be newer than its
 * date. `sha256`: of the rows with their line ends.
 */
const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  serial: z.number().refine(isSerial),
  facts: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Header = z.infer<typeof headerSchema>;
export type Edition = { readonly header: Header; readonly key: TrustedKey; readonly rows: string };

/** `id` is only how people and files call it: the beginning of the key's SHA-256. */
export type TrustedKey = { readonly id: string; readonly name: string; readonly key: KeyObject };

export function isSerial(serial: number): boolean {
  return Number.isInteger(serial) && isPartialDate(dateOf(serial)) && dateOf(serial).length === 10 && serial % 100 > 0;
}

/** `2026-11-22` of 2026112201. */
export function dateOf(serial: number): string {
  return String(serial).replace(/^(\d{4})(\d{2})(\d{2})\d{2}$/, '$1-$2-$3');
}

/** `2026-11-22`, or `2026-11-22 (2)` for the second of its day. */
export function editionName(serial: number): string {
  return `${dateOf(serial)}${serial % 100 === 1 ? '' : ` (${serial % 100})`}`;
}

/** One sentence about a catalogue that is too old to be believed in full; undefined while it is fresh. `now`: Unix milliseconds. */
export function staleWords(serial: number, now: number): string | undefined {
  const days = Math.floor((now - firstMomentOf(dateOf(serial))) / DAY_MS);
  if (days <= FRESH_DAYS) return undefined;
  return `The lifecycle catalogue is ${days} days old (${editionName(serial)}): what makers have said since then is not in it.`;
}

/** A line of a file of keys or of the settings: 44 characters of base64 (the 32 bytes of the key) and whose it is. */
export function readKey(line: string): TrustedKey | undefined {
  const [, text = '', name = ''] = /^([A-Za-z0-9+/]{43}=)(?:\s+(\S.{0,79}))?\s*$/.exec(line) ?? [];
  if (text === '') return undefined;
  const raw = Buffer.from(text, 'base64');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  return { id: sha256(raw).slice(0, 16), name: cleanText(name, 80) ?? 'a key without a name', key };
}

/** The one key of a file: a line as `readKey` reads it, or PEM (`-----BEGIN PUBLIC KEY-----`). */
export function keyIn(text: string): Result<TrustedKey, Refusal> {
  const fix = 'Name the file with the public key: 44 characters of base64, or PEM.';
  if (text.includes('PRIVATE KEY')) return refused('holds a private key, which belongs to nobody but who signs', fix);
  const lines = text.includes('-----BEGIN PUBLIC KEY-----') ? linesOfPem(text) : text.split('\n');
  const [key, other] = lines.flatMap((line) => readKey(line) ?? []);
  if (!key) return refused('holds no public Ed25519 key', fix);
  return other ? refused('holds more than one key', 'Name a file with one key; others go into the settings (lifecycle.keys).') : ok(key);
}

function linesOfPem(text: string): string[] {
  try {
    const key = createPublicKey(text);
    return key.asymmetricKeyType === 'ed25519' ? [keyLine(key, '')] : [];
  } catch {
    return [];
  }
}

/** The line that `readKey` reads. */
export function keyLine(key: KeyObject, name: string): string {
  return `${Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')} ${name}`;
}

/** The text of a signed file. `rows` ends with a line end; `key` is a private Ed25519 key. */
export function sealEdition(rows: string, serial: number, key: KeyObject): string {
  const header: Header = { format: FORMAT, serial, facts: rows.split('\n').length - 1, sha256: sha256(rows) };
  const signed = `${JSON.stringify(header)}\n${rows}`;
  const id = readKey(keyLine(createPublicKey(key), ''))?.id;
  return `${signed}${JSON.stringify({ key: id, signature: sign(null, Buffer.from(signed), key).toString('base64') })}\n`;
}

/** Base64 has bits to spare in the last letter of 64 bytes; they are 0, so that an edition has one spelling only. */
const SIGNATURE_LINE = /^\{"key":"([0-9a-f]{16})","signature":"([A-Za-z0-9+/]{85}[AQgw]==)"\}\n$/;
const AGAIN = 'Copy the file again, as it is, from where it came.';
export const ANOTHER = 'Tell whoever made it; another edition may be right.';
const NO_EDITION = 'Name a file of the catalogue as it is published; facts of your own come with: hearthbeat lifecycle add';

/** Whole, signed by one of `keys`, and in the right form; its rows are not read yet. */
export function openEdition(bytes: Buffer, keys: readonly TrustedKey[]): Result<Edition, Refusal> {
  if (bytes.length > LARGEST_EDITION)
    return refused(`is larger than ${LARGEST_EDITION / 1024 / 1024} MiB, more than any edition`, NO_EDITION);
  const header = headerOf(bytes);
  if (!header.ok) return header;
  if (header.value.facts > MOST_FACTS) return refused(`has ${header.value.facts} facts, and may have ${MOST_FACTS}`, ANOTHER);
  const [from, lastLine] = [bytes.indexOf(10) + 1, bytes.lastIndexOf(10, -2) + 1];
  const [, id, signature] = SIGNATURE_LINE.exec(bytes.toString('latin1', Math.max(from, lastLine))) ?? [];
  if (id === undefined || signature === undefined) return unsigned(bytes.subarray(from), header.value);
  const rows = bytes.subarray(from, lastLine);
  if (sha256(rows) !== header.value.sha256) return refused('is damaged: its facts are not those that were signed', AGAIN);
  const key = keys.find((one) => one.id === id);
  if (!key)
    return refused(
      `is signed by a key that this hub does not trust (${id})`,
      'If you know whose key that is, name its file with --key, or write it in the settings under lifecycle.keys.',
    );
  if (!verify(null, bytes.subarray(0, lastLine), key.key, Buffer.from(signature, 'base64')))
    return refused(`was changed after ${key.name} signed it, or the signature is false`, AGAIN);
  return withinBounds({ header: header.value, key, rows: rows.toString('utf8') });
}

function withinBounds(edition: Edition): Result<Edition, Refusal> {
  const rows = edition.rows.split('\n').slice(0, -1);
  if (rows.length !== edition.header.facts) return refused(`has ${rows.length} facts and says ${edition.header.facts}`, ANOTHER);
  const long = rows.findIndex((row) => row.length > LONGEST_ROW);
  return long < 0 ? ok(edition) : refused(`has a fact that is too long, in line ${long + 2}: ${LONGEST_ROW} characters at most`, ANOTHER);
}

/** What people carry in place of it, by its first bytes. */
const OTHERS: readonly (readonly [start: readonly number[], what: string, fix: string])[] = [
  [[0x1f, 0x8b], 'is compressed (gzip)', 'Unpack it first: gunzip'],
  [[0x50, 0x4b, 0x03, 0x04], 'is compressed (zip)', 'Unpack it first: unzip'],
  [[0xef, 0xbb, 0xbf], 'was changed by an editor, which put a mark before it (BOM)', AGAIN],
  [[0xff, 0xfe], 'was changed to UTF-16 by an editor', AGAIN],
  [[0xfe, 0xff], 'was changed to UTF-16 by an editor', AGAIN],
];

function headerOf(bytes: Buffer): Result<Header, Refusal> {
  if (bytes.length === 0) return refused('is empty', AGAIN);
  const other = OTHERS.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  if (other) return refused(other[1], other[2]);
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(10);
  const line = end < 0 ? '' : bytes.toString('utf8', 0, end);
  if (!line.startsWith('{"format":"hearthbeat-lifecycle-'))
    return end < 0 && bytes.length < LONGEST_HEADER && bytes.toString('utf8').startsWith('{"format"')
      ? refused('is cut off in its first line', AGAIN)
      : refused('is no edition of the lifecycle catalogue', NO_EDITION);
  if (line.endsWith('\r')) return refused('was changed by an editor or a mail program: its lines end with CR LF', AGAIN);
  if (!line.startsWith(`{"format":"${FORMAT}"`)) return refused('is of a form that this version does not know', 'Update hearthbeat first.');
  const read = headerSchema.safeParse(parsed(line));
  return read.success ? ok(read.data) : refused('has a first line that says nothing sensible: date, number of facts, checksum', AGAIN);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function unsigned(rest: Buffer, { facts, sha256: wanted }: Header): Result<never, Refusal> {
  if (sha256(rest) === wanted) return refused('is not signed', 'Get the signed file from where it is published.');
  const whole = rest.toString('latin1').split('\n').length - 1;
  return whole <= facts
    ? refused(`is cut off: ${Math.min(whole, facts)} of ${facts} facts are there, and no whole signature`, AGAIN)
    : refused('does not end with a signature', AGAIN);
}

export type InUse = { readonly serial: number; readonly rows: string };

/** Whether an edition may take the place of the one in use. `now`: Unix milliseconds, where the clock is sure. */
export function replaces(next: Header, inUse: InUse, now?: number): Result<'newer' | 'same', Refusal> {
  const [name, current] = [editionName(next.serial), editionName(inUse.serial)];
  if (next.serial < inUse.serial)
    return refused(`is older (${name}) than the catalogue in use (${current})`, 'Get the newest one; there is nothing to do otherwise.');
  if (next.serial === inUse.serial && next.sha256 !== sha256(inUse.rows))
    return refused(
      `has the same number (${name}) as the catalogue in use, and says something else`,
      'Tell whoever made it: each edition needs a number of its own.',
    );
  if (now !== undefined && firstMomentOf(dateOf(next.serial)) > now + DAY_MS)
    return refused(
      `is dated in the future (${name}; today is ${dayOf(now)})`,
      'See whether the clock is right (date -u). If it is, tell whoever made the file.',
    );
  return ok(next.serial === inUse.serial ? 'same' : 'newer');
}

function refused(why: string, fix: string): Result<never, Refusal> {
  return err({ why, fix });
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
