/**
 * Sorted rows of MAC prefixes with a number each, searched in place in the buffer that the file was read into. Layout, big-endian: a row count (4 bytes), then rows of
 * prefix (the last half byte 0) and number. The prefixes of one table have one length.
 */

/** Of the IEEE's blocks (MA-S, MA-M, MA-L), longest first: the smaller ones are carved out of the larger ones. */
export const PREFIX_HEX_DIGITS: readonly number[] = [9, 7, 6];

export type PrefixRows = {
  readonly bytes: Buffer;
  readonly digits: number;
  readonly numberBytes: number;
  readonly start: number;
  readonly rows: number;
};

/** Throws RangeError where the buffer ends before. */
export function prefixRowsAt(bytes: Buffer, at: number, digits: number, numberBytes: number): PrefixRows {
  return { bytes, digits, numberBytes, start: at + 4, rows: bytes.readUInt32BE(at) };
}

export function keyBytesOf(digits: number): number {
  return Math.ceil(digits / 2);
}

/** Where what follows the rows begins. */
export function endOf({ digits, numberBytes, start, rows }: PrefixRows): number {
  return start + rows * (keyBytesOf(digits) + numberBytes);
}

/** The number of the row whose prefix `hex` starts with, by binary search. `hex`: a MAC as 12 lower-case digits. */
export function numberIn({ bytes, digits, numberBytes, start, rows }: PrefixRows, hex: string): number | undefined {
  const keyBytes = keyBytesOf(digits);
  const wanted = Number.parseInt(hex.slice(0, digits).padEnd(keyBytes * 2, '0'), 16);
  let low = 0;
  let high = rows - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = start + middle * (keyBytes + numberBytes);
    const found = bytes.readUIntBE(at, keyBytes);
    if (found === wanted) return bytes.readUIntBE(at + keyBytes, numberBytes);
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
