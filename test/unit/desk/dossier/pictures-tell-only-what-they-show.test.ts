/** What is kept of a picture: the picture. Neither where it was taken nor anything else that was put into its file, whatever the bytes are. */
import { describe, expect, it } from 'vitest';
import { cleanJpeg, MOST_BYTES } from '../../../../src/desk/dossier/jpeg.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { EXIF, jpeg, segment } from '../../../builders/jpeg.ts';

const PLAIN = jpeg();
const MARKERS = [0xff, 0x00, 0xd8, 0xd9, 0xda, 0xe1];

describe('a picture', () => {
  it('is kept as it is where there is nothing but a picture in it, also of several scans and with restarts', () => {
    expect(cleanJpeg(PLAIN)).toEqual(PLAIN);
    const scan = Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([0x3f, 0xff, 0x00, 0xff, 0xd0, 0x3f])]);
    const twice = Buffer.concat([PLAIN.subarray(0, -2), scan, Buffer.from([0xff, 0xd9])]);
    expect(cleanJpeg(twice)).toEqual(twice);
    const colours = segment(0xee, Buffer.from([...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 1]));
    expect(cleanJpeg(jpeg([colours]))).toEqual(jpeg([colours]));
  });

  it.each<[string, Buffer]>([
    ['where it was taken', jpeg([EXIF])],
    ['what a program noted', jpeg([segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>')])],
    [
      'every other segment of programs',
      jpeg([...Array.from({ length: 13 }, (_, i) => segment(0xe2 + i, 'Exif\0\0GPS')), segment(0xef, 'GPS')]),
    ],
    ['a remark', jpeg([segment(0xfe, 'Exif\0\0GPS')])],
    ['a small copy of it', jpeg([segment(0xe0, Buffer.from('JFXX\0\x10GPS')), segment(0xee, 'Exif\0\0')])],
    ['what follows its end', jpeg([], Buffer.concat([jpeg([EXIF]), Buffer.from('GPS')]))],
    ['what fills the way to a marker', jpeg([Buffer.from([0xff, 0xff, 0xff]), EXIF])],
  ])('loses %s', (_, bytes) => {
    expect(cleanJpeg(bytes)).toEqual(PLAIN);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['another kind of picture', Buffer.from('\x89PNG\r\n\x1a\n')],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['one cut short', PLAIN.subarray(0, -2)],
    ['one without a picture', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ['one with two sizes', jpeg([segment(0xc0, Buffer.from([8, 0, 8, 0, 8, 1, 1, 0x11, 0]))])],
    ['one that unfolds to a gigabyte', jpeg([], undefined, 20_000)],
    ['one with something hidden behind its tables', jpeg([segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1), 1, 2]))])],
    ['one with a place within the picture', Buffer.concat([PLAIN.subarray(0, -2), Buffer.from('Exif\0\0'), Buffer.from([0xff, 0xd9])])],
    ['one that is too large', jpeg([], Buffer.alloc(MOST_BYTES))],
  ])('is not %s', (_, bytes) => {
    expect(cleanJpeg(bytes)).toBeUndefined();
  });

  it('of hostile bytes never throws, never grows, and has no place in it', () => {
    const random = seededRandom('hostile pictures');
    const whole = jpeg([EXIF, segment(0xfe, 'GPS'), segment(0xe2, Buffer.alloc(300, 0xff))], EXIF);
    let kept = 0;
    for (let round = 0; round < 2_000; round++) {
      const bytes = Buffer.from(whole);
      for (let i = 0; i <= round % 4; i++) {
        const [high = 0, low = 0, value = 0] = random.bytes(3);
        bytes[((high << 8) | low) % bytes.length] = round % 2 === 0 ? value : (MARKERS[value % MARKERS.length] as number);
      }
      const clean = cleanJpeg(round % 5 === 0 ? bytes.subarray(0, bytes.length - (round % 97)) : bytes);
      if (clean === undefined) continue;
      kept++;
      expect([clean[0], clean[1], clean.at(-2), clean.at(-1)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
      expect(clean.length).toBeLessThanOrEqual(bytes.length);
      expect(Buffer.from(clean).includes('Exif\0')).toBe(false);
      expect(cleanJpeg(clean)).toEqual(clean);
    }
    expect(kept).toBeGreaterThan(100);
    for (let round = 0; round < 500; round++)
      expect(() => cleanJpeg(Buffer.concat([PLAIN.subarray(0, 2), random.bytes(round)]))).not.toThrow();
  });
});
