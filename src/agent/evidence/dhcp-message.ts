/**
 * What a DHCP client says when it asks for an address (RFC 2131, 2132): its name, its vendor class, the options it wants. Reads requests
 * only, never answers; the MAC in it is a claim.
 */
import { numberToIpv4 } from '../../base/ip-address.ts';
import { parseMac } from '../../base/mac-address.ts';
import { ByteReader, hex, latin1, utf8 } from './byte-reader.ts';
import { toldFields } from './told.ts';

const FIXED_BYTES = 236;
const MAGIC = 0x6382_5363;
const MAX_BYTES = 2048;
const MAX_OPTIONS = 64;
const REQUEST = 1;
const ETHERNET = 1;
const OPTION = { pad: 0, host: 12, requestedIp: 50, type: 53, parameters: 55, vendorClass: 60, fqdn: 81, end: 255 };
/** DISCOVER, REQUEST, INFORM: what a client sends when it comes, not when it leaves or refuses. */
const ASKING_TYPES = new Set([1, 3, 8]);

export type DhcpRequest = {
  readonly mac: string;
  /** As in `DhcpSighting`. */
  readonly fields: Readonly<Record<string, string>>;
  /** The address it has or wants, which tells the network it is on; nothing proves it. */
  readonly wantedIp?: string;
};

/** Undefined for what is no request of an Ethernet client on this very link. */
export function parseDhcpRequest(datagram: Uint8Array): DhcpRequest | undefined {
  if (datagram.length <= FIXED_BYTES + 4 || datagram.length > MAX_BYTES) return undefined;
  const relayed = new DataView(datagram.buffer, datagram.byteOffset).getUint32(24) !== 0;
  if (datagram[0] !== REQUEST || datagram[1] !== ETHERNET || datagram[2] !== 6 || relayed) return undefined;
  const mac = parseMac(hex(datagram.subarray(28, 34)));
  const options = optionsIn(datagram.subarray(FIXED_BYTES));
  if (mac === undefined || !ASKING_TYPES.has(options?.get(OPTION.type)?.[0] ?? 0)) return undefined;
  const text = (code: number): string | undefined => (options?.has(code) ? latin1(options.get(code)!).replace(/\0+$/, '') : undefined);
  const wantedIp = addressIn(datagram.subarray(12, 16)) ?? addressIn(options?.get(OPTION.requestedIp));
  return {
    mac,
    fields: toldFields({
      hostname: text(OPTION.host),
      vendorClass: text(OPTION.vendorClass),
      fqdn: fqdnIn(options?.get(OPTION.fqdn)),
      parameters: options?.get(OPTION.parameters)?.join(','),
    }),
    ...(wantedIp !== undefined && { wantedIp }),
  };
}

function optionsIn(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const reader = new ByteReader(bytes);
  if (reader.number(4) !== MAGIC) return undefined;
  const options = new Map<number, Uint8Array>();
  for (let code = reader.number(1); code !== undefined && code !== OPTION.end && options.size < MAX_OPTIONS; code = reader.number(1)) {
    if (code === OPTION.pad) continue;
    const length = reader.number(1);
    const value = length === undefined ? undefined : reader.take(length);
    if (value === undefined) break;
    if (!options.has(code)) options.set(code, value);
  }
  return options;
}

function addressIn(bytes: Uint8Array | undefined): string | undefined {
  const value = bytes?.length === 4 ? new ByteReader(bytes).number(4)! : 0;
  return value === 0 ? undefined : numberToIpv4(value);
}

/** RFC 4702, 2: flags, two unused bytes, then a name as text or, with the E bit, as labels. */
function fqdnIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length < 4) return undefined;
  if ((bytes[0]! & 0x04) === 0) return utf8(bytes.subarray(3));
  const labels: string[] = [];
  const reader = new ByteReader(bytes.subarray(3));
  for (let length = reader.number(1); length !== undefined && length > 0 && length < 64; length = reader.number(1)) {
    const label = reader.take(length);
    if (label === undefined) break;
    labels.push(utf8(label));
  }
  return labels.join('.');
}
