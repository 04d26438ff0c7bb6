/** Character references of XML and HTML in text from the LAN, decoded in one pass: what they yield is not read again, so nothing expands. */

/** The five of XML 1.0 (4.6), and those of HTML that device pages really use in titles. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  trade: '™',
  ndash: '–',
  mdash: '—',
  middot: '·',
  bull: '•',
  raquo: '»',
  laquo: '«',
  hellip: '…',
};

/** Names that are not known stay as they are; numbers beyond Unicode vanish. */
export function decodeEntities(raw: string): string {
  return raw.replace(/&(?:([a-z]{2,6})|#([0-9]{1,7})|#x([0-9a-f]{1,6}));/gi, (all, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
    const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
    return code > 0x10ffff ? '' : String.fromCodePoint(code);
  });
}
