/**
 * DNS-SD names and questions (RFC 6763, 4.1): taking an instance apart although its label may contain dots, and writing a query. The
 * query is written here, label by label, because dns-packet splits names at every dot and would ask for another name.
 */

export type QuestionType = 'PTR' | 'SRV' | 'TXT' | 'A' | 'AAAA';

export type Question = { readonly labels: readonly string[]; readonly type: QuestionType };

export type InstanceName = { readonly instance: string; readonly type: string };

/** Lists every service type of a network (RFC 6763, 9). */
export const ENUMERATION = '_services._dns-sd._udp';

const SERVICE_TYPE = /^(?:.+\._sub\.)?(_[a-z0-9_-]{1,62}\._(?:tcp|udp))\.local\.?$/i;
const INSTANCE = /^(.+)\.(_[a-z0-9_-]{1,62}\._(?:tcp|udp))\.local\.?$/i;

/** `_http._tcp` of `_http._tcp.local` or of a subtype of it; undefined for anything else, also for the enumeration itself. */
export function serviceTypeOf(name: string): string | undefined {
  const type = SERVICE_TYPE.exec(name)?.[1]?.toLowerCase();
  return type === ENUMERATION || type === '_dns-sd._udp' ? undefined : type;
}

/** `NAS v1.2` and `_http._tcp` of `NAS v1.2._http._tcp.local`. */
export function instanceNameOf(name: string): InstanceName | undefined {
  const match = INSTANCE.exec(name);
  if (!match || /(^|\.)_sub$/i.test(match[1]!)) return undefined;
  return { instance: match[1]!, type: match[2]!.toLowerCase() };
}

export const browse = (type: string): Question => ({ labels: [...type.split('.'), 'local'], type: 'PTR' });

export const resolveInstance = (name: InstanceName, type: 'SRV' | 'TXT'): Question => ({
  labels: [name.instance, ...name.type.split('.'), 'local'],
  type,
});

export const resolveHost = (host: string, type: 'A' | 'AAAA'): Question => ({ labels: [...host.split('.'), 'local'], type });

/** One text for a question, to ask it once. */
export const questionKey = (question: Question): string => `${question.type} ${question.labels.join('\0').toLowerCase()}`;

const TYPE_CODES: Record<QuestionType, number> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 };
/** Fits an Ethernet frame with IPv6 and UDP headers (RFC 6762, 17). */
const MAX_QUERY_BYTES = 1440;
/** Avahi copies the questions into a unicast answer of 512 bytes at most, so many questions leave no room for an answer (avahi-core/server.c). */
export const MAX_UNICAST_QUERY_BYTES = 128;

/** The questions as as few mDNS queries as fit; a question whose labels cannot be written (empty, above 63 bytes) is left out. */
export function encodeQueries(questions: readonly Question[], maxBytes = MAX_QUERY_BYTES): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let held: Uint8Array[] = [];
  let bytes = 12;
  const flush = (): void => {
    if (held.length > 0) packets.push(Buffer.concat([header(held.length), ...held]));
    held = [];
    bytes = 12;
  };
  for (const encoded of questions.map(encodeQuestion)) {
    if (encoded === undefined) continue;
    if (bytes + encoded.length > maxBytes) flush();
    held.push(encoded);
    bytes += encoded.length;
  }
  flush();
  return packets;
}

function header(questions: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(questions, 4);
  return bytes;
}

function encodeQuestion(question: Question): Uint8Array | undefined {
  const labels = question.labels.map((label) => Buffer.from(label));
  if (labels.some((label) => label.length === 0 || label.length > 63)) return undefined;
  if (labels.reduce((sum, label) => sum + label.length + 1, 1) > 255) return undefined;
  const tail = Buffer.from([0, 0, TYPE_CODES[question.type], 0, 1]);
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), tail]);
}

/** Whether the header of a DNS message is worth decoding: dns-packet allocates for the counts it claims before it looks (measured: 2 MB for 12 bytes). */
export function plausibleDns(datagram: Uint8Array): boolean {
  if (datagram.length < 12 || datagram.length > 9000) return false;
  const view = new DataView(datagram.buffer, datagram.byteOffset, 12);
  const entries = view.getUint16(4) + view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  return entries <= 256;
}

/** Browsed on every network, found by enumeration or not: many small devices do not answer the enumeration. */
export const COMMON_TYPES: readonly string[] = (
  '_hap._tcp _hap._udp _airplay._tcp _raop._tcp _googlecast._tcp _ipp._tcp _ipps._tcp _printer._tcp _pdl-datastream._tcp _scanner._tcp _uscan._tcp ' +
  '_sonos._tcp _spotify-connect._tcp _http._tcp _https._tcp _ssh._tcp _sftp-ssh._tcp _smb._tcp _afpovertcp._tcp _nfs._tcp _adisk._tcp _device-info._tcp ' +
  '_workstation._tcp _home-assistant._tcp _mqtt._tcp _esphomelib._tcp _shelly._tcp _hue._tcp _homekit._tcp _companion-link._tcp _matter._tcp ' +
  '_matterc._udp _meshcop._udp _amzn-wplay._tcp _lutron._tcp _axis-video._tcp _rtsp._tcp _nvstream._tcp _nanoleafapi._tcp _androidtvremote2._tcp ' +
  '_viziocast._tcp _bose._tcp _soundtouch._tcp _daap._tcp _touch-able._tcp _rdlink._tcp _sleep-proxy._udp _elg._tcp _wled._tcp _miio._udp _dacp._tcp ' +
  '_qnap._tcp _ewelink._tcp _leap._tcp _kasa._tcp _coap._udp'
).split(' ');
