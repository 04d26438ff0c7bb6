/** Before a home is forgotten: what will go, and what is to be done first. */
import { html } from 'hono/html';
import type { ToForget } from '../desk/forgetting.ts';
import type { SiteView } from '../desk/views.ts';
import { type Frame, type Html, nameField, stillLayout } from './parts.ts';
import { plural } from './words.ts';

export type ForgetPage = Frame & {
  readonly site: Pick<SiteView, 'id' | 'name'>;
  readonly toForget: ToForget;
  /** Whether who looks proved not long ago who he is. */
  readonly isFresh: boolean;
};

/** What people know of it by a word of theirs; the rest is told as a number. */
const NOUNS: readonly (readonly [table: string, one: string, many?: string])[] = [
  ['device', 'device'],
  ['ticket', 'ticket'],
  ['alert', 'alert'],
  ['contact', 'contact'],
  ['home_note', 'note'],
  ['time_entry', 'entry of worked time', 'entries of worked time'],
  ['audit', 'line of its audit', 'lines of its audit'],
  ['event', 'entry of its history', 'entries of its history'],
];

export function forgetPage(view: ForgetPage): Html {
  const { site, toForget } = view;
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/sites/${site.id}"><bdi>${site.name}</bdi></a></nav>
<h1>Forget <bdi>${site.name}</bdi></h1>
<p class="calm">All that this desk keeps of this home goes, at once and for good: no copy of it stays here, and nobody can bring it back. What was sent to people is with them, and what is in copies of the database is in these.</p>
<section aria-labelledby="goes-h"><h2 id="goes-h">What goes</h2>
<ul class="rows">${goes(toForget).map((words) => html`<li><div>${words}</div></li>`)}</ul></section>
<section aria-labelledby="before-h"><h2 id="before-h">Before</h2>
<p class="calm">End what lets its hub in: take its account from the broker, and this home out of the service policy. Print its dossier and the time that is to be billed, if somebody needs them. A hub that goes on speaking is not listened to until it connects to the broker anew: then it makes a new home here.</p></section>
${view.isFresh ? form(view) : html`<p class="banner">It is a while since you signed in here. <a href="/account">Sign in again</a>, then do this within half an hour.</p>`}`;
  return stillLayout(`Forget ${site.name}`, view, body);
}

function goes({ rows, tables }: ToForget): string[] {
  const named = NOUNS.flatMap(([table, one, many]) => ((tables[table] ?? 0) === 0 ? [] : [plural(tables[table] ?? 0, one, many)]));
  return [...named, `in all ${plural(rows, 'row')} of the database`];
}

function form(view: ForgetPage): Html {
  const { site } = view;
  return html`<form class="card" method="post" action="/sites/${site.id}/forget">
${nameField(view)}
<label>Why, for the desk's own log; without names <input name="reason" required maxlength="160" autocomplete="off" placeholder="the client has left"></label>
<label>Type <code>${site.id}</code> <input name="site" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false"></label>
<button type="submit">Forget this home for good</button>
</form>`;
}
