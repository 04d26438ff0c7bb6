// Rows of identification samples (one observation with what it should tell) as the sightings that the agent would have made of them.
// What a protocol's reader or parser would produce is produced here from the row's text, by the product's own code where it has any.
import { createHash } from 'node:crypto';
import type { EvidenceSighting, MdnsSighting, Sighting } from '../src/agent/discovery/sighting.ts';
import { readDescription } from '../src/agent/discovery/upnp-description.ts';
import { decodeEntities } from '../src/base/entities.ts';

export type Sample = {
  readonly id: string;
  readonly protocol: string;
  /** `observed`: a capture. `rule`: made from a published matcher. */
  readonly kind: 'observed' | 'rule';
  readonly expect: { readonly vendor?: string; readonly category?: string; readonly model?: string; readonly family?: string };
  /** All fields of the row, as they were observed. */
  readonly row: Readonly<Record<string, unknown>>;
};

const HEARD = { at: { wallMs: 0, monoMs: 0 }, interface: 'sample', ip: '192.0.2.1' } as const;
const FOLDS = 5;

/** Its message names the lines. */
export class SamplesError extends Error {}

const MOST_NAMED = 10;

/** One JSON object a line. Throws SamplesError for lines that are none, or that do not say what they are. */
export function readSamples(text: string): Sample[] {
  const read = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [readRow(line, i + 1)]));
  const wrong = read.filter((row) => typeof row === 'string');
  if (wrong.length > 0) throw new SamplesError(`${wrong.slice(0, MOST_NAMED).join('; ')}${wrong.length > MOST_NAMED ? '; ...' : ''}`);
  return read.flatMap((row) => (typeof row === 'string' ? [] : [row]));
}

/** A row that does not say how it was made counts as observed. */
function readRow(line: string, no: number): Sample | string {
  try {
    const row = JSON.parse(line) as Partial<Sample> & Record<string, unknown>;
    const { id = `line ${no}`, protocol, kind = 'observed', expect } = row;
    if (typeof protocol !== 'string') return `line ${no} has no "protocol"`;
    if (typeof expect !== 'object') return `line ${no} has no "expect": what vendor, category and model it should tell`;
    return { id: String(id), protocol, kind, expect, row };
  } catch {
    return `line ${no} is no JSON object`;
  }
}

/** Rows are split by their ids, so that the split is the same wherever the same row is. */
export function foldOf(sample: Sample): number {
  return createHash('sha1').update(sample.id).digest().readUInt32BE(0) % FOLDS;
}

/** A row of a protocol that is not named here has its fields by the names of that protocol's reader (config/fingerprints/README.md). */
export function sightingsOf({ protocol, row }: Sample): Sighting[] {
  switch (protocol) {
    case 'mdns':
      return [mdnsSighting(row)];
    case 'ssdp':
    case 'upnp':
      return [...ssdpSightings(row), ...upnpSightings(row)];
    case 'dhcp':
      return [
        { ...HEARD, method: 'dhcp', mac: text(row.mac) ?? '', fields: named(row, { hostname: 'hostname', vendorClass: 'vendor_class' }) },
      ];
    default:
      return readSightings(protocol, row);
  }
}

function readSightings(protocol: string, row: Sample['row']): EvidenceSighting[] {
  const where = text(row.where) ?? '';
  switch (protocol) {
    case 'http':
      if (row.BrandCode !== undefined) return [answer('api', 'denon', texts(row))];
      if (where.startsWith('Roku ECP')) return [answer('api', 'roku', texts(row))];
      return [answer('http', 'http', asShown(named(row, { title: 'title', server: 'server', wwwAuthenticate: 'www_authenticate' })))];
    case 'sip':
      return [answer('sip', 'sip', named(row, { [/agent/i.test(where) ? 'userAgent' : 'server']: 'server' }))];
    case 'pjl':
      return [answer('pjl', 'pjl', named(row, { id: 'pjl_id' }))];
    case 'homekit':
      return [answer('api', 'homekit', texts(row))];
    case 'tls':
      return [answer('tls', 'tls', asPrinted(texts(row)))];
    case 'snmp':
    case 'ftp':
    case 'telnet':
    case 'ssh':
    case 'rtsp':
      return [answer(protocol, protocol, texts(row))];
    default:
      return [answer('api', protocol, texts(row))];
  }
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  commonname: 'CN',
  organizationname: 'O',
  organizationalunitname: 'OU',
  localityname: 'L',
  stateorprovincename: 'ST',
  countryname: 'C',
};

/** Captures have a certificate's name as other programs print it, too: `/C=US/O=Acme`, `commonName=nas/organizationName=Acme`. */
function asPrinted({ subject, ...fields }: Record<string, string>): Record<string, string> {
  if (subject === undefined) return fields;
  const spelled = subject.replace(/(^|[/,] ?)([a-z]{8,22})(?==)/gi, (all, before: string, name: string) => {
    const short = SHORT_NAMES[name.toLowerCase()];
    return short === undefined ? all : `${before}${short}`;
  });
  return { ...fields, subject: spelled.replace(/^\//, '').replace(/\/(?=(?:CN|O|OU|L|ST|C|emailAddress)=)/g, ',') };
}

/** Rows keep a title as it stands in the page. */
function asShown(fields: Record<string, string>): Record<string, string> {
  return fields.title === undefined ? fields : { ...fields, title: decodeEntities(fields.title) };
}

function answer(method: EvidenceSighting['method'], reader: string, fields: Record<string, string>): EvidenceSighting {
  return { ...HEARD, method, reader, fields, identifiers: [] };
}

/** Either a service with its TXT pairs, or the TXT text of a service that `where` names: `model=AppleTV5,3 osxvers=16`. */
function mdnsSighting(row: Sample['row']): MdnsSighting {
  const type = (text(row.service) ?? text(row.where)?.replace(/ TXT$/, '') ?? '').replace(/\.local\.?$/, '');
  const instance = (text(row.instance) ?? '').replace(`.${type}.local.`, '');
  const txt =
    typeof row.txt === 'string'
      ? Object.fromEntries(row.txt.split(/\s+(?=\w+=)/).map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]))
      : texts((row.txt ?? {}) as Sample['row']);
  const lower = Object.fromEntries(Object.entries(txt).map(([key, value]) => [key.toLowerCase(), value]));
  const host = text(row.host)?.replace(/\.local\.?$/, '');
  return { ...HEARD, method: 'mdns', ...(host && { host }), services: [{ instance, type: type.toLowerCase(), txt: lower, gone: false }] };
}

function ssdpSightings(row: Sample['row']): Sighting[] {
  const target = text(row.st) ?? text(row.ssdp_st);
  if (target === undefined) return [];
  const server = text(row.ssdp_server) ?? text(row.server);
  const usn = text(row.ssdp_usn) ?? '';
  return [{ ...HEARD, method: 'ssdp', kind: 'response', usn, target, maxAgeS: 1800, headers: {}, ...(server && { server }) }];
}

/** The row's fields as the device description they were taken from, read as the agent reads one. */
function upnpSightings(row: Sample['row']): Sighting[] {
  const { id, protocol, kind, expect, source, where, st, ...told } = row;
  const described = Object.entries(told).filter(([name]) => !name.startsWith('ssdp_'));
  if (described.length === 0) return [];
  const facts = readDescription(`<root><device>${described.map(([name, value]) => tag(name, value)).join('')}</device></root>`);
  return facts.ok ? [{ ...HEARD, method: 'upnp', location: '', ...facts.value }] : [];
}

function tag(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => tag(name, one)).join('');
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, part]) => tag(key, part))
          .join('')
      : String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<${name}>${inner}</${name}>`;
}

const ABOUT_THE_ROW = new Set(['id', 'protocol', 'kind', 'expect', 'source', 'where']);

function texts(row: Sample['row']): Record<string, string> {
  const told = Object.entries(row).filter(([name, value]) => typeof value === 'string' && !ABOUT_THE_ROW.has(name));
  return Object.fromEntries(told) as Record<string, string>;
}

/** Fields under our names, from the row's names. */
function named(row: Sample['row'], names: Readonly<Record<string, string>>): Record<string, string> {
  const found = Object.entries(names).map(([ours, theirs]) => [ours, text(row[theirs])] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
