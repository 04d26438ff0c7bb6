/** What a dealer encloses with a replacement plan: his logo, and his prices. */
import type { DeviceView } from '../agent/diagnostics/view.ts';
import { HearthbeatError } from '../base/errors.ts';
import { cleanText } from '../base/text.ts';
import { readGiven } from '../platform/whole-file.ts';
import { findDevice } from './find-device.ts';

const LARGEST_LOGO = 512 * 1024;
const LARGEST_PRICE_LIST = 256 * 1024;
const LONGEST_PRICE = 24;

/** By their first bytes (PNG 3rd edition 5.2, JPEG B.1.1.3, RFC 9649 2.4); SVG is text. A browser runs no script in a picture. */
const PICTURES: readonly (readonly [type: string, begins: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/webp', /^RIFF....WEBP/s],
  ['image/svg+xml', /^(?:\xef\xbb\xbf)?\s*<(?:[^\0]*<)?svg[\s>]/],
];

/** A `data:` address. Throws HB_USAGE. */
export function readLogo(path: string): string {
  const bytes = readGiven(path, LARGEST_LOGO, 'picture');
  if (bytes.length > LARGEST_LOGO) throw new HearthbeatError('HB_USAGE', `The picture ${path} is larger than 512 KiB.`, 'Make it smaller.');
  const beginning = bytes.subarray(0, 4_096).toString('latin1');
  const type = PICTURES.find(([, begins]) => begins.test(beginning))?.[0];
  if (type === undefined) throw new HearthbeatError('HB_USAGE', `The file ${path} is no picture.`, 'Name a PNG, JPEG, WebP or SVG file.');
  return `data:${type};base64,${bytes.toString('base64')}`;
}

/** By device id. Throws HB_USAGE with the line that cannot be read, HB_NOT_FOUND for a device that is not there. */
export function readPrices(path: string, devices: readonly DeviceView[]): ReadonlyMap<string, string> {
  const lines = readGiven(path, LARGEST_PRICE_LIST, 'table of prices').toString('utf8').split(/\r?\n/);
  const prices = new Map<string, string>();
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '' || (i === 0 && /^\W*device\W/i.test(line))) continue;
    const { device, price } = cellsOf(line) ?? {};
    if (!device || !price)
      throw new HearthbeatError(
        'HB_USAGE',
        `Line ${i + 1} of ${path} is no device and price: "${cleanText(line, 60)}".`,
        'Write: Kitchen,249.00',
      );
    prices.set(findDevice(devices, device).id, price);
  }
  return prices;
}

/** Two cells, with or without quotes (RFC 4180); spreadsheets of half the world part them by a semicolon. A price may hold a comma. */
function cellsOf(line: string): { readonly device: string | undefined; readonly price: string | undefined } | undefined {
  const [, quoted, plain, rest] = /^\uFEFF?\s*(?:"((?:[^"]|"")*)"|([^,;"]*))\s*[,;](.*)$/.exec(line) ?? [];
  const device = quoted?.replaceAll('""', '"') ?? plain;
  return rest === undefined
    ? undefined
    : { device: cleanText(device), price: cleanText(rest.replace(/^\s*"(.*)"\s*$/, '$1'), LONGEST_PRICE) };
}
