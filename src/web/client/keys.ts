/**
 * The page by keyboard: down and up its rows, and to what people do with one. Keys of one character can be turned off, as some people speak to their computer and speak them by
 * accident (WCAG 2.2, 2.1.4).
 */

const OFF_KEY = 'hearthbeat-keys';

const KEYS: readonly (readonly [string, string])[] = [
  ['j', 'the next row'],
  ['k', 'the row before'],
  ['Enter', 'open it'],
  ['a', 'take or acknowledge it'],
  ['r', 'answer the client'],
  ['e', 'resolve or end it'],
  ['/', 'search'],
  ['?', 'these keys'],
];

/** What each key opens of a row or a page: the first that is there. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  a: ['step-take', 'act'],
  r: ['step-answer'],
  e: ['step-resolve', 'step-end'],
};

const ROWS = '.alerts > .alert, .sites > li, .found > li';

export function startKeys(main: HTMLElement): void {
  const help = helpIn(main);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (event.key === 'Enter') openFocused(event, main);
    else if (!isOff() && press(event.key, main, help)) event.preventDefault();
  });
  openWanted(main);
  window.addEventListener('hashchange', () => openWanted(main));
}

/** True where the key meant something. */
function press(key: string, main: HTMLElement, help: HTMLDialogElement): boolean {
  if (help.open) return false;
  if (key === '?') help.showModal();
  else if (key === '/') goToSearch();
  else if (key === 'j' || key === 'k') move(main, key === 'j' ? 1 : -1);
  else if (key in FORMS) openForm(main, FORMS[key] ?? []);
  else return false;
  return true;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select, dialog *'));
}

function rowsOf(main: HTMLElement): HTMLElement[] {
  return [...main.querySelectorAll<HTMLElement>(ROWS)].filter((row) => row.checkVisibility());
}

function currentOf(main: HTMLElement): HTMLElement | undefined {
  const row = document.activeElement?.closest<HTMLElement>(ROWS);
  return row && main.contains(row) ? row : undefined;
}

function move(main: HTMLElement, by: 1 | -1): void {
  const rows = rowsOf(main);
  const current = currentOf(main);
  const at = current === undefined ? (by === 1 ? -1 : rows.length) : rows.indexOf(current);
  const row = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  if (row) focusRow(row);
}

/** A row that is one link as a whole is that link. */
function focusRow(row: HTMLElement): void {
  const link = row.matches('.alert') ? null : row.querySelector<HTMLElement>(':scope > a');
  if (!link) row.tabIndex = -1;
  (link ?? row).focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

function linkOf(row: HTMLElement): HTMLAnchorElement | null {
  return row.querySelector<HTMLAnchorElement>('.alert-head a, .meta a[href^="/tickets/"]') ?? row.querySelector('a');
}

/** Enter on a row that is no link itself. */
function openFocused(event: KeyboardEvent, main: HTMLElement): void {
  const row = currentOf(main);
  if (row === undefined || document.activeElement !== row) return;
  const link = linkOf(row);
  if (!link) return;
  event.preventDefault();
  link.click();
}

/** In the row that has the focus, else on the page; where a row only leads there, on the page behind it. */
function openForm(main: HTMLElement, names: readonly string[]): void {
  const row = currentOf(main);
  for (const name of names) if (reveal(row ?? main, name)) return;
  const link = row && linkOf(row);
  if (link && /^\/(tickets|incidents)\/\d+$/.test(link.pathname)) location.assign(`${link.href}#${names[0]}`);
}

function reveal(within: HTMLElement, name: string): boolean {
  const details = [...within.querySelectorAll<HTMLDetailsElement>(`details[data-key="${CSS.escape(name)}"]`)].find((each) =>
    each.checkVisibility(),
  );
  if (!details) return false;
  details.open = true;
  details.scrollIntoView({ block: 'nearest' });
  details.querySelector<HTMLElement>('input:not([type=hidden]), textarea, select, button')?.focus();
  return true;
}

/** What an address asks to be opened: `/tickets/7#step-resolve`, `/#search`. */
function openWanted(main: HTMLElement): void {
  const wanted = location.hash.slice(1);
  if (wanted === 'search') goToSearch();
  else if (Object.values(FORMS).some((names) => names.includes(wanted))) reveal(main, wanted);
}

function goToSearch(): void {
  const field = document.querySelector<HTMLInputElement>('#search, #q');
  if (field) field.focus();
  else location.assign('/#search');
}

function isOff(): boolean {
  try {
    return localStorage.getItem(OFF_KEY) === 'off';
  } catch {
    return false;
  }
}

/** The list of keys, and whether they are used; behind a button at the foot of the page. */
function helpIn(main: HTMLElement): HTMLDialogElement {
  const help = document.createElement('dialog');
  help.id = 'keys';
  help.setAttribute('aria-labelledby', 'keys-h');
  const title = Object.assign(document.createElement('h2'), { id: 'keys-h', textContent: 'Keys' });
  const list = document.createElement('dl');
  for (const [key, meaning] of KEYS) {
    const term = document.createElement('dt');
    term.append(Object.assign(document.createElement('kbd'), { textContent: key }));
    list.append(term, Object.assign(document.createElement('dd'), { textContent: meaning }));
  }
  const use = Object.assign(document.createElement('input'), { type: 'checkbox', checked: !isOff() });
  use.addEventListener('change', () => {
    try {
      localStorage.setItem(OFF_KEY, use.checked ? 'on' : 'off');
    } catch {
      // A browser that keeps nothing uses them on each page.
    }
  });
  const label = document.createElement('label');
  label.append(use, ' Use them on this machine');
  const close = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Close' });
  close.addEventListener('click', () => help.close());
  help.append(title, list, label, close);
  const open = Object.assign(document.createElement('button'), { type: 'button', id: 'show-keys', textContent: 'Keys' });
  open.addEventListener('click', () => help.showModal());
  const footer = document.querySelector('footer');
  footer?.append(footer.textContent?.trim() ? ' · ' : '', open);
  main.after(help);
  return help;
}
