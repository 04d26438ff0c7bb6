/** What every piece of a page is made with: times that the browser keeps current, and nothing at all. */
import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { duration } from './words.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export const nothing = raw('');

/** A span of time up to now, kept current by the client script. */
export function ago(at: number, now: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}" data-ago>${duration(now - at)}</time>`;
}

/** A clock reading; the client script turns it into the reader's own time zone. */
export function clock(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" data-clock>${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}
