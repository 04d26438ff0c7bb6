/**
 * The reader `http`: what a device's web pages show to anyone. GET of `/` on at most three ports, and one hop further where that page only
 * points to another of the same server. Never another host or port, never a form, never a login.
 */

import { utf8 } from './byte-reader.ts';
import { PAGE_BYTES, parseHtml } from './html.ts';
import type { Asker, Finding, HttpAnswer, HttpQuestion, Reader, Target } from './reader.ts';
import { toldFields } from './told.ts';

type Door = {
  readonly port: number;
  readonly tls?: true /** The port on which the same page is usually shown without TLS. */;
  readonly twin?: number;
};

/** Where home devices show pages, the most telling first: 5000 and 5001 are NAS, 8123 Home Assistant, 81 and 8081 cameras, 631 printers. */
const DOORS: readonly Door[] = [
  { port: 80 },
  { port: 443, tls: true, twin: 80 },
  { port: 5000 },
  { port: 5001, tls: true, twin: 5000 },
  { port: 8080 },
  { port: 8443, tls: true, twin: 8080 },
  { port: 8123 },
  { port: 8000 },
  { port: 8081 },
  { port: 8888 },
  { port: 81 },
  { port: 631 },
];
const MOST_DOORS = 3;

export const httpReader: Reader = {
  name: 'http',
  method: 'http',
  about: 'Reads the start page of up to three web ports as anyone sees it: title, server and marks of the maker, never a login.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 96, bytes: 12_288 },
  applies: (target) => target.openPorts.some((port) => DOORS.some((door) => door.port === port)),
  read: readPages,
};

async function readPages(target: Target, ask: Asker): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const titled = new Set<number>();
  let asked = 0;
  for (const door of DOORS) {
    if (asked >= MOST_DOORS) break;
    if (!target.openPorts.includes(door.port) || (door.twin !== undefined && titled.has(door.twin))) continue;
    asked++;
    const page = await readPage(door, target.ip, ask);
    if (page?.fields.title !== undefined) titled.add(door.port);
    if (page) found.push(page);
  }
  return found;
}

async function readPage({ port, tls }: Door, ip: string, ask: Asker): Promise<Finding | undefined> {
  const question: HttpQuestion = { port, path: '/', maxBytes: PAGE_BYTES, ...(tls && { tls }) };
  const first = await ask.http(question);
  if (!first) return undefined;
  const seen = parseHttpPage(first, '/', port);
  const next = nextPath(first, { ip, port, tls: tls === true });
  if (next === undefined) return seen;
  const second = await ask.http({ ...question, path: next });
  return second ? merged(seen, parseHttpPage(second, next, port)) : seen;
}

/** What the pages say, the last one first. */
function merged(first: Finding, last: Finding): Finding {
  const marks = [...new Set([first.fields.loginMarks, last.fields.loginMarks].filter((text) => text !== undefined))].join('; ');
  const fields = toldFields({ ...first.fields, ...last.fields, loginMarks: marks });
  return { ...last, fields };
}

export function parseHttpPage({ status, headers, body }: HttpAnswer, path: string, port: number): Finding {
  const { title, marks } = parseHtml(utf8(body));
  const fields = toldFields({
    status,
    path,
    title,
    server: headers.server,
    wwwAuthenticate: headers['www-authenticate'],
    loginMarks: marks.join('; '),
  });
  return { port, fields };
}

type Origin = { readonly ip: string; readonly port: number; readonly tls: boolean };

/** The path that an answer only points to, on the same server: a redirect, or a page without a title that refreshes itself away. */
function nextPath({ status, headers, body }: HttpAnswer, origin: Origin): string | undefined {
  if ([301, 302, 303, 307, 308].includes(status)) return sameOriginPath(headers.location, origin);
  const { title, refresh } = parseHtml(utf8(body));
  return title === undefined ? sameOriginPath(refresh, origin) : undefined;
}

const PATH = /^\/(?!\/)[\x21\x24-\x5b\x5d-\x7e]{0,255}$/;

/** Only plain spellings are taken: the very address, scheme and port that were asked, or a path. Nothing is resolved but `name` to `/name`. */
export function sameOriginPath(reference: string | undefined, { ip, port, tls }: Origin): string | undefined {
  if (reference === undefined || reference.length > 512) return undefined;
  const scheme = tls ? 'https' : 'http';
  const usual = port === (tls ? 443 : 80) ? [`${scheme}://${ip}`] : [];
  const prefix = [`${scheme}://${ip}:${port}`, ...usual].find((each) => reference.toLowerCase().startsWith(`${each}/`));
  const local = (prefix === undefined ? reference : reference.slice(prefix.length)).split('#')[0]!;
  const path = /^[\w-][\w./?=&%-]*$/.test(local) ? `/${local}` : local;
  return PATH.test(path) && path !== '/' ? path : undefined;
}
