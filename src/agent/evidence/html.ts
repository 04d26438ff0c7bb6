/**
 * What a device's web page shows of its maker before anyone logs in: title, meta tags, a redirect. Walks the tags strictly forward and looks
 * at each character a bounded number of times; it builds no tree, runs nothing and reads no form.
 */
import { decodeEntities } from '../../base/entities.ts';
import { cleanText } from '../../base/text.ts';

export type PageFacts = {
  readonly title?: string;
  /** Where `<meta http-equiv=refresh>` points, as written. */
  readonly refresh?: string;
  /** Strong marks of maker or software: `generator: OpenWrt LuCI`, `page of Synology DSM`. */
  readonly marks: readonly string[];
};

/** Titles and meta tags stand at the head; this much of a page is enough. */
export const PAGE_BYTES = 16_384;

const LONGEST_TITLE = 256;
const LONGEST_TAG = 2_048;
const MOST_TAGS = 512;
const MOST_MARKS = 8;

/** Meta tags whose content names the maker, the product or its software. */
const TELLING_META: readonly string[] = ['generator', 'application-name', 'author', 'copyright', 'apple-mobile-web-app-title'];

/**
 * Scripts, assets and elements that one product's pages carry and nobody else's, as its open source or its vendor's public demo shows them;
 * a mere name would also be on a page of links. Lower case.
 */
const ASSETS: readonly (readonly [asset: string, product: string])[] = [
  ['synosdsjslib/', 'Synology DSM'],
  ['/luci-static/', 'OpenWrt LuCI'],
  ['/cgi-bin/luci', 'OpenWrt LuCI'],
  ['main_login.asp', 'ASUSWRT'],
  ['routerlogin.net', 'NETGEAR Genie'],
  ['/doc/page/login.asp', 'Hikvision web'],
  ['tplinkwifi.net', 'TP-Link router'],
  ['/webfig/', 'MikroTik RouterOS'],
  ['/ui/themes/opnsense/', 'OPNsense'],
  ['<home-assistant>', 'Home Assistant'],
];

/** Reads the first 16 KiB. */
export function parseHtml(page: string): PageFacts {
  const html = page.slice(0, PAGE_BYTES);
  const folded = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const marks = new Set(ASSETS.filter(([asset]) => folded.includes(asset)).map(([, product]) => `page of ${product}`));
  let title: string | undefined;
  let refresh: string | undefined;
  for (const { name, start, end } of tagsIn(folded)) {
    if (name === 'title') title ??= titleAt(html, folded, end);
    if (name !== 'meta') continue;
    const attributes = attributesIn(html.slice(start, end));
    if (attributes['http-equiv']?.toLowerCase() === 'refresh') refresh ??= refreshTarget(attributes.content);
    const meta = attributes.name?.toLowerCase();
    const content = cleanText(attributes.content, 128);
    if (meta !== undefined && content !== undefined && TELLING_META.includes(meta)) marks.add(`${meta}: ${content}`);
  }
  return { ...(title !== undefined && { title }), ...(refresh !== undefined && { refresh }), marks: [...marks].slice(0, MOST_MARKS) };
}

type Tag = { readonly name: string /** Of the `<`. */; readonly start: number /** Behind the `>`. */; readonly end: number };

/** The opening tags outside of comments, scripts and styles. */
function* tagsIn(folded: string): Generator<Tag> {
  let at = folded.indexOf('<');
  for (let seen = 0; at >= 0 && seen < MOST_TAGS; seen++) {
    if (folded.startsWith('<!--', at)) {
      at = behind(folded, '-->', at + 4);
    } else {
      const name = /^[a-z]{1,16}/.exec(folded.slice(at + 1, at + 17))?.[0];
      const end = folded.indexOf('>', at) + 1;
      if (end === 0) return;
      if (name !== undefined && end - at <= LONGEST_TAG) yield { name, start: at, end };
      at = name === 'script' || name === 'style' ? behind(folded, `</${name}`, end) : end;
    }
    at = at < 0 ? -1 : folded.indexOf('<', at);
  }
}

/** -1 where what should end never does: the rest is not markup. */
function behind(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? -1 : found + end.length;
}

function titleAt(html: string, folded: string, from: number): string | undefined {
  const end = folded.indexOf('<', from);
  return cleanText(decodeEntities(html.slice(from, Math.min(end < 0 ? html.length : end, from + LONGEST_TAG))), LONGEST_TITLE);
}

/** Attributes of one tag by name in lower case, the first of each; entities decoded. Of XML too. */
export function attributesIn(tag: string): Readonly<Partial<Record<string, string>>> {
  const attributes: Record<string, string> = Object.create(null);
  const pairs = tag.slice(0, LONGEST_TAG).matchAll(/([a-z][\w:.-]{0,31})\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/gi);
  for (const [, name, double, single, bare] of pairs) attributes[name!.toLowerCase()] ??= decodeEntities(double ?? single ?? bare ?? '');
  return attributes;
}

/** `0; url=/login.html` (HTML, 4.2.5.3). */
function refreshTarget(content: string | undefined): string | undefined {
  return /^\s{0,8}[\d.]{1,8}\s{0,8}[;,]?\s{0,8}url\s{0,8}=\s{0,8}['"]?([^'"\s]{1,512})/i.exec(content ?? '')?.[1];
}
