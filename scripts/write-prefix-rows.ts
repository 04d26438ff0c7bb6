// Rows of MAC prefixes as src/platform/prefix-rows.ts reads them.
import { keyBytesOf } from '../src/platform/prefix-rows.ts';

/** `rows`: prefixes of `digits` lower-case hex digits, sorted, each with a number of `numberBytes` bytes. */
export function prefixRows(rows: readonly (readonly [string, number])[], digits: number, numberBytes: number): Buffer {
  const keyBytes = keyBytesOf(digits);
  const bytes = Buffer.alloc(4 + rows.length * (keyBytes + numberBytes));
  bytes.writeUInt32BE(rows.length, 0);
  rows.forEach(([prefix, number], row) => {
    const at = 4 + row * (keyBytes + numberBytes);
    bytes.write(prefix.padEnd(keyBytes * 2, '0'), at, 'hex');
    bytes.writeUIntBE(number, at + keyBytes, numberBytes);
  });
  return bytes;
}
