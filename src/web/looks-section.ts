/** Who read of a home lately, for whoever may know: each person or program once. */
import { html } from 'hono/html';
import type { Look } from '../desk/access/look.ts';
import { clock, type Html, nothing } from './basics.ts';
import { plural } from './words.ts';

export const LOOKS_SHOWN_DAYS = 30;

type Reader = { readonly by: string; readonly lastAt: number; readonly days: number };

/** Whoever looked last comes first. */
export function readersOf(looks: readonly Look[]): Reader[] {
  const readers = new Map<string, Reader>();
  for (const { by, lastAt } of looks) {
    const known = readers.get(by);
    readers.set(by, { by, lastAt: Math.max(lastAt, known?.lastAt ?? 0), days: (known?.days ?? 0) + 1 });
  }
  return [...readers.values()].sort((a, b) => b.lastAt - a.lastAt || (a.by < b.by ? -1 : 1));
}

/** Folded: it is looked up, and seldom. Nothing where nobody is known to have looked. */
export function looksSection(looks: readonly Look[] | undefined): Html {
  const readers = readersOf(looks ?? []);
  if (readers.length === 0) return nothing;
  return html`<section aria-labelledby="looks-h" class="plan-of-home"><details data-key="looks"><summary><h2 id="looks-h">Who looked here <span class="n">${readers.length} in ${LOOKS_SHOWN_DAYS} days</span></h2></summary>
<dl class="service-facts">${readers.map(({ by, lastAt, days }) => html`<div><dt><bdi>${by}</bdi></dt><dd>last ${clock(lastAt)}, on ${plural(days, 'day')}</dd></div>`)}</dl></details></section>`;
}
