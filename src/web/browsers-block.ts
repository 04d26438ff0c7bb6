/** The browsers in which somebody is told of tickets, on his account page. */
import { html } from 'hono/html';
import type { OwnBrowsers } from '../desk/push/browsers.ts';
import { ago, clock, type Frame, type Html, nothing } from './parts.ts';

export type BrowsersBlock = { readonly told?: OwnBrowsers | undefined; readonly isFresh: boolean };

/** Nothing where the desk tells nobody in a browser. */
export function browsersBlock(view: BrowsersBlock & Frame): Html {
  const { told } = view;
  if (told === undefined) return nothing;
  return html`<section aria-labelledby="browsers-h" data-browsers><h2 id="browsers-h">Notices in your browsers <span class="n">${told.browsers.length}</span></h2>
<p class="calm small">${whenWords(told)}</p>
<ul class="rows">${told.browsers.map((browser) => browserRow(browser, view))}</ul>
<p class="calm small" data-said role="status"></p>
${howToTurnOn(told, view)}</section>`;
}

function whenWords({ receivers }: OwnBrowsers): Html {
  if (receivers.length === 0)
    return html`The settings of this desk tell nobody of your name and role in a browser: nothing will come here.`;
  const when = receivers.every(({ onShift }) => onShift) ? ' while you are on shift' : '';
  return html`A browser in which you turn this on tells you of tickets${when}, also while this page is closed and when you have signed out, until you remove it here. It may show on a locked screen what is wrong and in whose home.`;
}

function browserRow(
  { id, title, mark, createdAt, lastAt, failingSince, lastAnswer }: OwnBrowsers['browsers'][number],
  { now }: Frame,
): Html {
  const failing =
    failingSince === undefined
      ? nothing
      : html`<small>Its push service has taken nothing for ${ago(failingSince, now)}: <bdi>${lastAnswer ?? ''}</bdi></small>`;
  return html`<li data-key="b-${id}" data-browser="${mark}"><div><b><bdi>${title}</bdi></b> <span class="mark" data-this hidden>this browser</span>
<small>turned on ${clock(createdAt)}, ${lastAt === undefined ? 'told of nothing yet' : html`last told ${ago(lastAt, now)} ago`}</small>${failing}</div>
<div class="do"><button type="button" data-test="/account/browsers/${id}/test" hidden>Send a test<span class="hidden"> to ${title}</span></button>
<form method="post" action="/account/browsers/${id}/remove"><button type="submit">Remove<span class="hidden"> ${title}</span></button></form></div></li>`;
}

/** The script shows the form where the browser has what it needs. */
function howToTurnOn({ publicKey, receivers }: OwnBrowsers, { isFresh }: BrowsersBlock): Html {
  if (receivers.length === 0 || !isFresh) return nothing;
  return html`<p class="calm small" data-no-push>To turn it on here, the desk has to be reached by https (or at localhost), by a browser that knows push messages and runs the scripts of this page. Private windows have none; on an iPhone or iPad the desk has to be put on the home screen first, and opened there.</p>
<form class="card" data-turn-on="${publicKey}" hidden>
<label>Name of this browser <input name="title" maxlength="48" autocomplete="off" placeholder="my telephone"></label>
<button type="submit">Turn on notices in this browser</button>
</form>`;
}
