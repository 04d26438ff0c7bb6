/** Text from the LAN, made safe to store, print and show: it may carry terminal escapes, bidirectional overrides or megabytes. */

// C0 and C1 controls, Unicode bidirectional controls (UAX #9), zero-width and line separators, tags, unpaired surrogates.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** At most `limit` characters of printable text, white space folded; undefined when nothing is left. */
export function cleanText(text: unknown, limit = 128): string | undefined {
  if (typeof text !== 'string') return undefined;
  const clean = text
    .slice(0, limit * 8)
    .normalize('NFC')
    .replace(/[\t\r\n]/g, ' ')
    .replace(UNSAFE, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (clean === '') return undefined;
  return [...clean].slice(0, limit).join('').trim();
}
