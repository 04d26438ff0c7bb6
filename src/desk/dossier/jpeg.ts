/**
 * A JPEG (ITU-T T.81) with nothing in it but the picture: where it was taken, by which machine and when, small copies of it, remarks and whatever follows its end are left out. Pure; for
 * bytes of anybody: it never throws, and answers no more bytes than it was given.
 */

export const MOST_BYTES = 1_500_000;
/** Of each side: a browser would need a gigabyte to show more. */
const MOST_PIXELS = 10_000;

const [SOI, EOI, SOS, DQT, DHT, DAC, DNL, DRI, APP0, APP14] = [0xd8, 0xd9, 0xda, 0xdb, 0xc4, 0xcc, 0xdc, 0xdd, 0xe0, 0xee];
/** Start of frame, of every way to code one: C0 to CF without what else is there (DHT, JPG, DAC). */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![DHT, 0xc8, DAC].includes(marker);
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;
/** What a picture cannot be shown without. */
const NEEDED: ReadonlySet<number> = new Set([DQT, DHT, DAC, DNL, DRI, SOS]);

/** Undefined where it is none, is cut short, or is larger than is kept. */
export function cleanJpeg(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > MOST_BYTES || bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  const parts: Uint8Array[] = [bytes.subarray(0, 2)];
  let [at, hasFrame, hasScan] = [2, false, false];
  while (at < bytes.length) {
    const marker = markerAt(bytes, at);
    if (marker === undefined) return undefined;
    if (marker.code === EOI) return hasScan ? whole([...parts, new Uint8Array([0xff, EOI])], bytes.length) : undefined;
    const end = marker.end + lengthAt(bytes, marker.end);
    const body = bytes.subarray(marker.end, end);
    if (body.length < 2 || end > bytes.length) return undefined;
    const isPart = isFrame(marker.code) || NEEDED.has(marker.code);
    if (isFrame(marker.code) && (hasFrame || !isFrameOfSize(body))) return undefined;
    if (isPart && !isWellMade(marker.code, body)) return undefined;
    hasFrame ||= isFrame(marker.code);
    if (isPart || isHarmless(marker.code, body)) parts.push(new Uint8Array([0xff, marker.code]), body);
    at = end;
    if (marker.code !== SOS) continue;
    if (!hasFrame) return undefined;
    hasScan = true;
    at = endOfScan(bytes, end);
    parts.push(bytes.subarray(end, at));
  }
  return undefined;
}

/** Any number of FF may stand before a marker. */
function markerAt(bytes: Uint8Array, at: number): { readonly code: number; readonly end: number } | undefined {
  if (bytes[at] !== 0xff) return undefined;
  let end = at + 1;
  while (bytes[end] === 0xff) end++;
  const code = bytes[end];
  return code === undefined || code < 0xc0 || code === SOI || isRestart(code) ? undefined : { code, end: end + 1 };
}

/** Itself included; 0 where there is none. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Where the next marker stands that is none of the scan itself. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0) {
    const next = bytes[at + 1];
    if (next === undefined) return bytes.length;
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
    at = bytes.indexOf(0xff, at + (next === 0xff ? 1 : 2));
  }
  return bytes.length;
}

/** `body` begins with the length: precision, height, width, components. A height of 0 is told after the scan (DNL), which no camera does. */
function isFrameOfSize(body: Uint8Array): boolean {
  const [height, width] = [lengthAt(body, 3), lengthAt(body, 5)];
  return height > 0 && width > 0 && height <= MOST_PIXELS && width <= MOST_PIXELS;
}

/** Of the length that what it says asks for: nothing is hidden behind it. */
function isWellMade(marker: number, body: Uint8Array): boolean {
  if (isFrame(marker)) return body.length === 8 + 3 * (body[7] ?? 0);
  switch (marker) {
    case SOS:
      return body.length === 6 + 2 * (body[2] ?? 0);
    case DRI:
    case DNL:
      return body.length === 4;
    case DQT:
      return filled(body, (at) => 1 + ((body[at] ?? 0) >> 4 === 0 ? 64 : 128));
    case DHT:
      return filled(body, (at) => 17 + body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0));
    default:
      return body.length % 2 === 0;
  }
}

/** Whether tables, each as long as `lengthOf` says, fill it. */
function filled(body: Uint8Array, lengthOf: (at: number) => number): boolean {
  let at = 2;
  while (at < body.length) at += lengthOf(at);
  return at === body.length;
}

/** How colours are meant, and no small copy of the picture. */
function isHarmless(marker: number, body: Uint8Array): boolean {
  const begins = (name: string): boolean => [...name].every((sign, i) => body[2 + i] === sign.charCodeAt(0));
  return (marker === APP0 && body.length === 16 && begins('JFIF\0')) || (marker === APP14 && body.length === 14 && begins('Adobe'));
}

function whole(parts: readonly Uint8Array[], most: number): Uint8Array | undefined {
  const clean = Buffer.concat(parts);
  // Somebody has put it into the picture itself.
  return clean.length > most || clean.includes('Exif\0') ? undefined : clean;
}
