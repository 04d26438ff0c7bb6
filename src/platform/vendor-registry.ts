/**
 * The bundled MAC registry (config/vendors/vendors.bin, made by scripts/build-vendors.ts): one buffer of under a megabyte, searched in
 * place, instead of 33 MB of parsed JSON. Layout, all numbers big-endian: magic; for 36-, 28- and 24-bit prefixes their rows
 * (prefix-rows.ts) with a name index (2 bytes); then a name count (4), offsets (4 each, one more than names) and the names in UTF-8.
 */
import { readFileSync } from 'node:fs';
import { isLocallyAdministered } from '../base/mac-address.ts';
import { endOf, numberIn, PREFIX_HEX_DIGITS, type PrefixRows, prefixRowsAt } from './prefix-rows.ts';

export const REGISTRY_MAGIC = 'HBMACS1\n';
const NAME_BYTES = 2;

/** The maker a MAC is registered to in short (`Sonos`); undefined for unknown and for locally administered (private) addresses. */
export type VendorOf = (mac: string) => string | undefined;

/** Reads the registry once. Throws when the file is missing or not ours: the installation is broken then. */
export function openVendorRegistry(file: string | URL = new URL('../../config/vendors/vendors.bin', import.meta.url)): VendorOf {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, REGISTRY_MAGIC.length) !== REGISTRY_MAGIC) throw new Error(`${file} is not a vendor registry`);
  const { sections, namesAt } = readSections(bytes);
  return (mac) => {
    if (isLocallyAdministered(mac)) return undefined;
    const hex = mac.replaceAll(':', '');
    for (const section of sections) {
      const index = numberIn(section, hex);
      if (index !== undefined) return nameAt(bytes, namesAt, index);
    }
    return undefined;
  };
}

function readSections(bytes: Buffer): { sections: PrefixRows[]; namesAt: number } {
  let at = REGISTRY_MAGIC.length;
  const sections = PREFIX_HEX_DIGITS.map((digits) => {
    const section = prefixRowsAt(bytes, at, digits, NAME_BYTES);
    at = endOf(section);
    return section;
  });
  return { sections, namesAt: at };
}

function nameAt(bytes: Buffer, namesAt: number, index: number): string {
  const textsAt = namesAt + 4 + 4 * (bytes.readUInt32BE(namesAt) + 1);
  const offset = namesAt + 4 + 4 * index;
  return bytes.toString('utf8', textsAt + bytes.readUInt32BE(offset), textsAt + bytes.readUInt32BE(offset + 4));
}
