/**
 * The bundled MAC registry (config/vendors/vendors.bin, made by scripts/build-vendors.ts): one buffer of under a megabyte, searched in
 * place, instead of 33 MB of parsed JSON. Layout, all numbers big-endian: magic; for 36-, 28- and 24-bit prefixes a row count (4 bytes)
 * and sorted rows of prefix (5, 4, 3 bytes, the last half byte 0) and name index (2); then a name count (4), offsets (4 each, one more
 * than names) and the names in UTF-8.
 */
import { readFileSync } from 'node:fs';
import { isLocallyAdministered } from '../base/mac-address.ts';

export const REGISTRY_MAGIC = 'HBMACS1\n';
/** Longest prefix first: the smaller blocks are carved out of the larger ones. */
export const PREFIX_HEX_DIGITS: readonly number[] = [9, 7, 6];

/** The maker a MAC is registered to in short (`Sonos`); undefined for unknown and for locally administered (private) addresses. */
export type VendorOf = (mac: string) => string | undefined;

type Section = { readonly digits: number; readonly keyBytes: number; readonly start: number; readonly rows: number };

/** Reads the registry once. Throws when the file is missing or not ours: the installation is broken then. */
export function openVendorRegistry(file: string | URL = new URL('../../config/vendors/vendors.bin', import.meta.url)): VendorOf {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, REGISTRY_MAGIC.length) !== REGISTRY_MAGIC) throw new Error(`${file} is not a vendor registry`);
  const { sections, namesAt } = readSections(bytes);
  return (mac) => {
    if (isLocallyAdministered(mac)) return undefined;
    const hex = mac.replaceAll(':', '');
    for (const section of sections) {
      const index = findRow(bytes, section, hex);
      if (index !== undefined) return nameAt(bytes, namesAt, index);
    }
    return undefined;
  };
}

function readSections(bytes: Buffer): { sections: Section[]; namesAt: number } {
  let at = REGISTRY_MAGIC.length;
  const sections = PREFIX_HEX_DIGITS.map((digits) => {
    const keyBytes = Math.ceil(digits / 2);
    const section = { digits, keyBytes, start: at + 4, rows: bytes.readUInt32BE(at) };
    at = section.start + section.rows * (keyBytes + 2);
    return section;
  });
  return { sections, namesAt: at };
}

/** The name index of the row whose prefix `hex` starts with, by binary search. */
function findRow(bytes: Buffer, section: Section, hex: string): number | undefined {
  const { digits, keyBytes, start } = section;
  const wanted = Number.parseInt(hex.slice(0, digits).padEnd(keyBytes * 2, '0'), 16);
  let low = 0;
  let high = section.rows - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = start + middle * (keyBytes + 2);
    const found = bytes.readUIntBE(at, keyBytes);
    if (found === wanted) return bytes.readUInt16BE(at + keyBytes);
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function nameAt(bytes: Buffer, namesAt: number, index: number): string {
  const textsAt = namesAt + 4 + 4 * (bytes.readUInt32BE(namesAt) + 1);
  const offset = namesAt + 4 + 4 * index;
  return bytes.toString('utf8', textsAt + bytes.readUInt32BE(offset), textsAt + bytes.readUInt32BE(offset + 4));
}
