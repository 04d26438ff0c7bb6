/** Hardware addresses (IEEE 802 EUI-48), always held as lower-case `aa:bb:cc:dd:ee:ff`. */

const NORMAL = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/;

/** The normal form, or undefined when `text` is no usable unicast EUI-48 (all zeros and group addresses are refused). */
export function parseMac(text: string): string | undefined {
  const plain = NORMAL.test(text) ? text : normalOf(text.trim().toLowerCase());
  if (plain === undefined || plain === '00:00:00:00:00:00') return undefined;
  return firstOctet(plain) & 1 ? undefined : plain;
}

function normalOf(lower: string): string | undefined {
  return MAC.test(lower) ? lower.replaceAll('-', ':') : /^[0-9a-f]{12}$/.test(lower) ? lower.match(/../g)!.join(':') : undefined;
}

/** Locally administered (bit 1 of the first octet, IEEE 802c): chosen by software, as phones do to stay private; names no vendor. */
export function isLocallyAdministered(mac: string): boolean {
  return (firstOctet(mac) & 2) !== 0;
}

function firstOctet(mac: string): number {
  return Number.parseInt(mac.slice(0, 2), 16);
}
