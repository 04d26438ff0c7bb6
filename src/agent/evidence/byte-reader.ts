/** Walks a message strictly forward. A read beyond the end is undefined and moves nothing, so a cut message ends and invents nothing. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Uint8Array | undefined {
    if (count > this.left) return undefined;
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** An unsigned number, most significant byte first. */
  number(bytes: 1 | 2 | 4): number | undefined {
    return this.take(bytes)?.reduce((value, byte) => value * 256 + byte, 0);
  }
}

export const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
/** One character a byte, for protocols that never said which letters they mean. */
export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

/** Type, length (of two bytes), value, again and again until the end or a value that is cut; at most `most`. */
export function typeLengthValues(bytes: Uint8Array, typeBytes: 1 | 2, most = 64): ReadonlyMap<number, Uint8Array> {
  const values = new Map<number, Uint8Array>();
  const reader = new ByteReader(bytes);
  while (values.size < most) {
    const type = reader.number(typeBytes);
    const length = reader.number(2);
    const value = length === undefined ? undefined : reader.take(length);
    if (type === undefined || value === undefined) break;
    // Some boxes tell a type once for each of their addresses: the first is the one they answer from.
    if (!values.has(type)) values.set(type, value);
  }
  return values;
}
