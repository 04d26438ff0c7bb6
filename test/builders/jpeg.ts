/** A JPEG of 8 by 8 grey pixels that every reader shows, with more segments where a test wants some. */

export function segment(marker: number, body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body as string);
  const length = bytes.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 0xff]), bytes]);
}

/** As cameras write it: where somebody lives. */
export const EXIF = segment(0xe1, 'Exif\0\0II*\0 GPSLatitude 52.5 GPSLongitude 13.4');

/** `behind`: what follows its end. */
export function jpeg(segments: readonly Uint8Array[] = [], behind: Uint8Array = Buffer.alloc(0), side = 8): Buffer {
  const table = (kind: number): Buffer => segment(0xc4, Buffer.from([kind, 1, ...Array<number>(15).fill(0), 0]));
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from([...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0])),
    ...segments,
    segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1)])),
    segment(0xc0, Buffer.from([8, side >> 8, side & 0xff, side >> 8, side & 0xff, 1, 1, 0x11, 0])),
    table(0x00),
    table(0x10),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x3f, 0xff, 0xd9]),
    behind,
  ]);
}
