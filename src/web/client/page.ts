/**
 * Keeps the page alive in the browser: asks for it again when the desk says that something changed, and changes only what differs, so
 * that scroll, focus, open details, search and filter stay. Without it the page is complete, only not live.
 */

import type { Acknowledged, Change, IncidentActed, Problem, ShiftSaid, TicketActed } from './api.js';
import { draftsIn, rescueDrafts } from './drafts.js';
import { startKeys } from './keys.js';
import { acceptPictures, fieldsOf } from './pictures.js';
import { restorePlaybooks, startPlaybooks } from './playbook.js';

const REFRESH_EVERY_MS = 30_000;
const TICK_MS = 5_000;
/** The desk sends a pulse every 15 s. */
const DEAF_AFTER_MS = 40_000;
const RETRY_MS = 3_000;

const main = document.getElementById('main') as HTMLElement;
const live = document.getElementById('live') as HTMLElement;
const lost = document.getElementById('lost') as HTMLElement;
const announce = document.getElementById('announce') as HTMLElement;

/** When the desk was last heard on the stream, and when the page it shows was made. */
let heardAt = Date.now();
let shownAt = Date.now();
let skewMs = Number(main.dataset.now) - Date.now();
let source: EventSource | undefined;
let refreshing: Promise<void> | undefined;
let again = false;
/** A form that the browser itself sends is on its way. */
let isLeaving = false;
let retry: ReturnType<typeof setTimeout> | undefined;

// ---- change only what differs -------------------------------------------------------------------------------------------------

/** Attributes that belong to the reader, not to the server. */
const READERS_OWN = new Set(['open', 'hidden', 'aria-pressed', 'title']);

function morph(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) if (!READERS_OWN.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes])
    if (!READERS_OWN.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  if (from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement || from instanceof HTMLSelectElement) return;
  const keyed = new Map([...from.children].filter((child) => keyOf(child) !== '').map((child) => [keyOf(child), child]));
  const keysWanted = new Set([...to.children].map(keyOf));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const match = counterpart(at, wanted, keyed);
    if (match === undefined) {
      from.insertBefore(wanted, at);
      continue;
    }
    at = withoutGone(at, match, keysWanted);
    if (match === at) at = at.nextSibling;
    else from.insertBefore(match, at);
    if (match instanceof Element) morph(match, wanted as Element);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** What stands before `match` and is not on the new page goes at once: a node that is moved loses the cursor of whoever types in it. */
function withoutGone(from: ChildNode | null, match: ChildNode, keysWanted: ReadonlySet<string>): ChildNode | null {
  let at = from;
  while (at !== null && at !== match && !(at instanceof Element && keyOf(at) !== '' && keysWanted.has(keyOf(at)))) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
  return at;
}

/** The node on the page that `wanted` is a newer version of. */
function counterpart(at: ChildNode | null, wanted: Node, keyed: Map<string, Element>): ChildNode | undefined {
  if (wanted instanceof Element && keyOf(wanted) !== '') {
    const match = keyed.get(keyOf(wanted));
    return match?.tagName === wanted.tagName ? match : undefined;
  }
  if (at === null || at.nodeType !== wanted.nodeType || at.nodeName !== wanted.nodeName) return undefined;
  return at instanceof Element && keyOf(at) !== '' ? undefined : at;
}

/** What a node is known by from one page to the next; a section that has no key of its own, by its heading. */
function keyOf(element: Element): string {
  const own = element.getAttribute('data-key') ?? element.id;
  const heading = own === '' && element.tagName === 'SECTION' ? element.getAttribute('aria-labelledby') : null;
  return heading === null ? own : `section ${heading}`;
}

async function fetchAndMorph(): Promise<void> {
  const response = await fetch(location.pathname + location.search, { headers: { accept: 'text/html' }, cache: 'no-store' });
  // Signed out meanwhile: the whole page has to go to the door, and what it showed with it.
  if (isLeaving) return;
  if (response.redirected && new URL(response.url).pathname === '/sign-in') return location.reload();
  if (!response.ok && response.status !== 404 && response.status !== 403) throw new Error(`the desk answered ${response.status}`);
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  const nextMain = next.getElementById('main');
  if (!nextMain) throw new Error('the desk sent no page');
  const before = main.querySelectorAll('[data-alert]').length;
  skewMs = Number(nextMain.dataset.now) - Date.now();
  localise(nextMain);
  restorePlaybooks(nextMain);
  acceptPictures(nextMain);
  const drafts = draftsIn(main, nextMain);
  morph(main, nextMain);
  rescueDrafts(main, drafts);
  document.title = next.title;
  applyFilter();
  const after = main.querySelectorAll('[data-alert]').length;
  if (after !== before) announce.textContent = after === 0 ? 'Nothing is wrong now' : `${after} firing now`;
  shownAt = Date.now();
  if (source?.readyState === EventSource.OPEN) showLive();
}

/** One at a time; what changes meanwhile is fetched once more afterwards. */
function refresh(): void {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = fetchAndMorph()
    .catch(() => {
      showLost();
      clearTimeout(retry);
      retry = setTimeout(refresh, RETRY_MS);
    })
    .finally(() => {
      refreshing = undefined;
      if (again) refresh();
      again = false;
    });
}

// ---- times ---------------------------------------------------------------------------------------------------------------------

/** As src/web/words.ts says it on the server. */
function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  const minutes = Math.floor((s % 3600) / 60);
  if (s < 172_800) return minutes === 0 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 3600)} h ${minutes} min`;
  return `${Math.floor(s / 86_400)} days`;
}

/** `in 22 min`, `5 min ago`; what is due within the minute says so in seconds. */
function until(ms: number): string {
  return ms >= 0 ? `in ${duration(ms)}` : `${duration(-ms)} ago`;
}

/** As src/web/service-note.ts says it on the server. */
const DUE_WORDS = { running: 'first answer due', warned: 'Answer soon: first answer due', breached: 'Too late: first answer was due' };

/** A clock that runs out while nobody fetches the page anew is seen to do so. */
function showDue(root: ParentNode, now: number): void {
  for (const due of root.querySelectorAll<HTMLElement>('[data-due]')) {
    const state = now > Number(due.dataset.due) ? 'breached' : now >= Number(due.dataset.warn) ? 'warned' : 'running';
    due.className = `due d-${state}`;
    const words = due.querySelector('b');
    if (words && words.textContent !== DUE_WORDS[state]) words.textContent = DUE_WORDS[state];
  }
}

/** A clock reading of another day says so, however few hours ago it was. */
function reading(at: number, now: number): string {
  const day = new Date(at).toDateString();
  if (day === new Date(now).toDateString()) return timeOfDay.format(at);
  const midday = new Date(now).setHours(12);
  return day === new Date(midday - 86_400_000).toDateString() ? `yesterday ${timeOfDay.format(at)}` : dayAndTime.format(at);
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function localise(root: ParentNode): void {
  const now = Date.now() + skewMs;
  for (const time of root.querySelectorAll<HTMLTimeElement>('time')) {
    // Read elsewhere, by another clock: day and zone stay.
    if (time.closest('[data-as-written]')) continue;
    const at = Date.parse(time.dateTime);
    const text = time.hasAttribute('data-ago') ? duration(now - at) : time.hasAttribute('data-until') ? until(at - now) : reading(at, now);
    if (time.textContent !== text) time.textContent = text;
    time.title = new Date(at).toLocaleString();
  }
  showDue(root, now);
}

// ---- search and filter ---------------------------------------------------------------------------------------------------------

const search = document.getElementById('search') as HTMLInputElement | null;
let shown = 'all';

/** One or two characters mean a whole word (`sonos 3`, `.48`), or every address would match them. */
function finds(text: string, word: string): boolean {
  return word.length > 2 ? text.includes(word) : text.split(/[\s.:-]+/).includes(word.replace('.', ''));
}

function applyFilter(): void {
  if (!search) return;
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let matches = 0;
  for (const row of main.querySelectorAll<HTMLElement>('#devices > li')) {
    const fits = (shown === 'all' || row.dataset.state === shown) && words.every((word) => finds(row.dataset.search ?? '', word));
    row.hidden = !fits;
    if (fits) matches++;
  }
  for (const button of main.querySelectorAll<HTMLElement>('[data-filter]'))
    button.setAttribute('aria-pressed', String(button.dataset.filter === shown));
  const none = document.getElementById('no-match');
  if (none) none.hidden = matches > 0 || main.querySelector('#devices > li') === null;
}

/** The address carries search and filter, so that a reload or a colleague sees the same rows. */
function rememberFilter(): void {
  const query = new URLSearchParams();
  if (search?.value) query.set('q', search.value);
  if (shown !== 'all') query.set('show', shown);
  history.replaceState(null, '', query.size > 0 ? `?${query}` : location.pathname);
}

function startFilter(): void {
  if (!search) return;
  const query = new URLSearchParams(location.search);
  search.value = query.get('q') ?? '';
  shown = query.get('show') ?? 'all';
  search.addEventListener('input', () => {
    applyFilter();
    rememberFilter();
  });
  main.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-filter]');
    if (!button) return;
    shown = button.dataset.filter ?? 'all';
    applyFilter();
    rememberFilter();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.target !== search) return;
    search.value = '';
    applyFilter();
    rememberFilter();
  });
  applyFilter();
}

// ---- what people do ------------------------------------------------------------------------------------------------------------

const NAME_KEY = 'hearthbeat-name';

/** Whoever gave a name once need not type it again. A browser that keeps nothing asks each time. */
function remembered(name?: string): string {
  try {
    if (name !== undefined) localStorage.setItem(NAME_KEY, name);
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

/** What the desk says to a form: where to go, or what is wrong with which field. */
type Answer = Partial<TicketActed & Problem>;

/** Sends a form as JSON to where its `data-post` says, so that what is wrong is said beside it and nothing typed is lost. */
async function send(form: HTMLFormElement): Promise<void> {
  // Whoever is signed in has no name to type.
  const name = form.elements.namedItem('by') as HTMLInputElement | null;
  const fields = await fieldsOf(form).catch(() => undefined);
  const answer: Answer =
    fields === undefined
      ? { field: 'jpeg', message: 'This browser cannot show it: choose another picture.' }
      : await post(form.dataset.post ?? '', JSON.stringify(fields));
  if (answer.message === undefined) {
    if (name) remembered(name.value);
    form.reset();
    form.closest('details')?.removeAttribute('open');
    if (form.dataset.open !== undefined && answer.ticket) location.assign(`/tickets/${answer.ticket.number}`);
    else refresh();
    return;
  }
  if (answer.error === 'changed') refresh();
  const first = [...form.elements].find((field) => field.matches('input:not([type=hidden]), select, textarea, button'));
  const wrong = (form.elements.namedItem(answer.field ?? 'by') as HTMLInputElement | null) ?? name ?? (first as HTMLInputElement);
  wrong.setCustomValidity(answer.message);
  wrong.reportValidity();
}

async function post(path: string, body: string): Promise<Answer> {
  try {
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = (await response.json()) as Acknowledged | TicketActed | IncidentActed | ShiftSaid | Problem;
    if (response.status === 401) location.reload();
    // Where an alert is over, or somebody was quicker to acknowledge it, the page shows that by itself.
    if ('message' in answer) return answer.error === 'over' || answer.error === 'taken' ? {} : answer;
    if (!response.ok) return { message: `The desk answered ${response.status}.` };
    return 'ticket' in answer ? answer : {};
  } catch {
    return { message: 'The desk does not answer. Try again.' };
  }
}

function startActions(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    isLeaving = form.dataset.post === undefined;
    if (isLeaving) return;
    event.preventDefault();
    void send(form);
  });
  // What was wrong with the last try must not keep the next one from being sent, whichever field it was said beside.
  main.addEventListener('click', (event) => {
    const { form } = (event.target as Element).closest<HTMLButtonElement>('button[type=submit]') ?? {};
    for (const field of form?.elements ?? []) (field as HTMLInputElement).setCustomValidity('');
  });
  main.addEventListener(
    'toggle',
    (event) => {
      if (!(event.target as HTMLDetailsElement).open) return;
      const name = (event.target as Element).querySelector<HTMLInputElement>(':scope > form [name=by]');
      if (name) name.value ||= remembered();
      const first = ':scope > form :is(input:not([type=hidden]), select, textarea)';
      (name ?? (event.target as Element).querySelector<HTMLInputElement>(first))?.focus();
    },
    true,
  );
}

// ---- the stream ----------------------------------------------------------------------------------------------------------------

function heard(): void {
  heardAt = Date.now();
}

/** Only a page that was fetched anew is current: a stream that pulses proves nothing about it. */
function showLive(): void {
  lost.hidden = true;
  const isDeaf = main.dataset.deaf === 'true';
  live.classList.toggle('on', !isDeaf);
  (live.querySelector('b') as HTMLElement).textContent = isDeaf ? 'Desk hears nothing' : 'Live';
}

function showLost(): void {
  if (!lost.hidden) return;
  live.classList.remove('on');
  (live.querySelector('b') as HTMLElement).textContent = 'Not live';
  lost.textContent = `The desk does not answer. What you see is from ${timeOfDay.format(shownAt)}; this page keeps trying.`;
  lost.hidden = false;
}

/** Whether what is shown may have changed. The page of all homes shows what is wrong in any of them, and how those are that it lists. */
function concerns({ sites, trouble }: Change): boolean {
  if (sites.length === 0) return true;
  const site = document.body.dataset.site ?? '';
  if (site !== '') return sites.includes(site);
  const isOverview = document.getElementById('spacing') !== null;
  return !isOverview || trouble === true || sites.some((id) => main.querySelector(`[data-home="${CSS.escape(id)}"]`) !== null);
}

let spaced: ReturnType<typeof setTimeout> | undefined;

/** Among thousands of homes something is always new: the desk says how long a page then waits, so that it is not asked all the time. */
function refreshSpaced(): void {
  const spacingMs = Number(document.getElementById('spacing')?.dataset.ms ?? 0);
  const waitMs = shownAt + spacingMs - Date.now();
  if (waitMs <= 0) refresh();
  else if (spaced === undefined)
    spaced = setTimeout(() => {
      spaced = undefined;
      refresh();
    }, waitMs);
}

/** A browser opens six connections to one desk: a tab that nobody sees gives its own back, and only refreshes now and then. */
function connect(): void {
  disconnect();
  if (document.hidden) return;
  source = new EventSource('/api/v1/stream');
  source.addEventListener('hello', () => {
    heard();
    refresh();
  });
  source.addEventListener('pulse', heard);
  source.addEventListener('change', (event) => {
    heard();
    const change = JSON.parse((event as MessageEvent<string>).data) as Change;
    if (concerns(change)) refreshSpaced();
  });
  source.addEventListener('error', () => {
    showLost();
    disconnect();
    setTimeout(connect, RETRY_MS);
    // It may have ended because nobody is signed in here any more: asking for the page says so.
    refresh();
  });
}

function disconnect(): void {
  source?.close();
  source = undefined;
}

function onVisibility(): void {
  connect();
  if (document.hidden) return;
  heard();
  localise(document);
  refresh();
}

function keepLive(): void {
  connect();
  document.addEventListener('visibilitychange', onVisibility);
  setInterval(refresh, REFRESH_EVERY_MS);
  setInterval(() => {
    if (document.hidden || Date.now() - heardAt <= DEAF_AFTER_MS) return;
    showLost();
    connect();
    heard();
  }, TICK_MS);
}

localise(document);
startFilter();
startActions();
startPlaybooks(main);
acceptPictures(main);
startKeys(main);
setInterval(() => localise(document), TICK_MS);
// What answers a form is at no address: asked for again it would be something else.
if (document.body.dataset.still === undefined) keepLive();
