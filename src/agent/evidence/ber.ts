/**
 * Reads and writes the few BER forms that SNMP uses (X.690; RFC 3417, section 8). Reading never throws and never loops: every element is at
 * least two bytes, ends inside its parent, and is found from the end of the one before, so offsets only grow. Nothing here recurses.
 */

export const TAG = {
  integer: 0x02,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  sequence: 0x30,
  address: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  ticks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
} as const;

/** Where the content of one element lies in the datagram. */
export type Element = { readonly tag: number; readonly from: number; readonly to: number };

/** RFC 2578, 3.5: at most 128 sub-identifiers of at most 2^32 - 1. */
const MAX_ARCS = 128;
const MAX_ARC = 0xffff_ffff;

/**
 * The element at `at` inside a parent that ends at `end`; the next one begins at its `to`. Undefined when it does not fit, has no definite
 * length (RFC 3417 forbids the others) or a tag of several bytes, which SNMP has none of.
 */
export function elementAt(bytes: Uint8Array, at: number, end: number): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > end || (tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return fitting(tag, at + 2, first, end);
  const lengthBytes = first & 0x7f;
  if (lengthBytes === 0 || lengthBytes > 4 || at + 2 + lengthBytes > end) return undefined;
  return fitting(tag, at + 2 + lengthBytes, unsigned(bytes, at + 2, at + 2 + lengthBytes), end);
}

function fitting(tag: number, from: number, length: number, end: number): Element | undefined {
  return length <= end - from ? { tag, from, to: from + length } : undefined;
}

/**
 * The elements of a parent from front to back, when there are exactly as many as `tags` and each has the tag that is expected; a tag of
 * undefined takes any.
 */
export function elementsOf(bytes: Uint8Array, parent: Element, tags: readonly (number | undefined)[]): readonly Element[] | undefined {
  const elements: Element[] = [];
  let at = parent.from;
  for (const tag of tags) {
    const element = elementAt(bytes, at, parent.to);
    if (element === undefined || (tag !== undefined && element.tag !== tag)) return undefined;
    elements.push(element);
    at = element.to;
  }
  return at === parent.to ? elements : undefined;
}

/** Elements of one tag, one after another; undefined when one is of another form or there are more than `limit`. */
export function listOf(bytes: Uint8Array, parent: Element, tag: number, limit: number): readonly Element[] | undefined {
  const elements: Element[] = [];
  for (let at = parent.from; at < parent.to; ) {
    const element = elementAt(bytes, at, parent.to);
    if (element === undefined || element.tag !== tag || elements.length >= limit) return undefined;
    elements.push(element);
    at = element.to;
  }
  return elements;
}

/** An INTEGER of up to five bytes: some agents write a needless leading zero. */
export function integerOf(bytes: Uint8Array, { from, to }: Element): number | undefined {
  if (to <= from || to - from > 5) return undefined;
  const value = unsigned(bytes, from, to);
  return bytes[from]! & 0x80 ? value - 2 ** (8 * (to - from)) : value;
}

/** Counter32, Gauge32 and TimeTicks. Agents that forget the leading zero mean the same number. */
export function unsignedOf(bytes: Uint8Array, { from, to }: Element): number | undefined {
  return to > from && (to - from <= 4 || (to - from === 5 && bytes[from] === 0)) ? unsigned(bytes, from, to) : undefined;
}

/** Counter64: more than a number holds. */
export function bigUnsignedOf(bytes: Uint8Array, { from, to }: Element): bigint | undefined {
  if (to <= from || (to - from > 8 && !(to - from === 9 && bytes[from] === 0))) return undefined;
  let value = 0n;
  for (let at = from; at < to; at++) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}

/** `1.3.6.1.2.1.1.1.0` */
export function oidOf(bytes: Uint8Array, { from, to }: Element): string | undefined {
  const arcs: number[] = [];
  let arc = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    arc = arc * 128 + (byte & 0x7f);
    if (arc > MAX_ARC || arcs.length >= MAX_ARCS) return undefined;
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const root = Math.min(Math.floor(arc / 40), 2);
      arcs.push(root, arc - 40 * root);
    } else arcs.push(arc);
    arc = 0;
  }
  const complete = to > from && (bytes[to - 1]! & 0x80) === 0;
  return complete ? arcs.join('.') : undefined;
}

function unsigned(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 256 + bytes[at]!;
  return value;
}

/** Below zero when `a` comes before `b` in the order of a walk (RFC 3416, 4.2.2). */
export function compareOids(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = Number(left[i]) - Number(right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

// ---- writing: only what we send, so the input is ours and right ----

export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), body]);
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...content);

export const octets = (content: Uint8Array | string): Buffer =>
  element(TAG.octets, typeof content === 'string' ? Buffer.from(content) : content);

/** For 0 to 2^31 - 1, the range of every number we send. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  let skip = 0;
  while (skip < 3 && bytes[skip] === 0 && bytes[skip + 1]! < 0x80) skip++;
  return element(TAG.integer, bytes.subarray(skip));
}

export function oid(text: string): Buffer {
  const [root = 0, second = 0, ...rest] = text.split('.').map(Number);
  return element(TAG.oid, Buffer.from([root * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}
