/** What somebody has ticked off of a playbook, and whether it is open, stays so in this browser for this occurrence of the alert: in other tabs, after a reload, and while the page changes. */

const KEY = 'hearthbeat-playbooks';
/** Older ones are over. */
const MOST_KEPT = 200;

/** `open`: as somebody left it; missing, it is as the page has it. */
type Kept = { at: number; open?: boolean; done: string[] };

/** A browser that keeps nothing forgets with the page; the boxes work all the same. */
function read(): Record<string, Kept> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, Kept>) : {};
  } catch {
    return {};
  }
}

function note(occurrence: string, change: (kept: Kept) => Kept): void {
  const all = new Map(Object.entries(read()));
  all.set(occurrence, { ...change(all.get(occurrence) ?? { at: 0, done: [] }), at: Date.now() });
  const newest = [...all].sort(([, left], [, right]) => right.at - left.at).slice(0, MOST_KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(newest)));
  } catch {
    // Full, or forbidden.
  }
}

/** Brings boxes and folds below `root` to what was noted; before they are shown, so that nothing jumps. */
export function restorePlaybooks(root: ParentNode): void {
  const all = new Map(Object.entries(read()));
  for (const book of root.querySelectorAll<HTMLElement>('[data-playbook]')) {
    const kept = all.get(book.dataset.playbook ?? '');
    if (book instanceof HTMLDetailsElement && kept?.open !== undefined) book.open = kept.open;
    for (const box of book.querySelectorAll<HTMLInputElement>('[data-tick]'))
      box.checked = kept?.done?.includes(box.dataset.tick ?? '') ?? false;
  }
}

export function startPlaybooks(root: HTMLElement): void {
  root.addEventListener('change', (event) => {
    const box = event.target as HTMLInputElement;
    const occurrence = box.closest<HTMLElement>('[data-playbook]')?.dataset.playbook;
    const tick = box.dataset.tick;
    if (occurrence === undefined || tick === undefined) return;
    note(occurrence, (kept) => ({ ...kept, done: [...kept.done.filter((done) => done !== tick), ...(box.checked ? [tick] : [])] }));
  });
  root.addEventListener(
    'toggle',
    (event) => {
      const book = event.target as HTMLDetailsElement;
      const occurrence = book.dataset.playbook;
      if (occurrence === undefined) return;
      // The browser tells also of what the page itself unfolded.
      const isAsMade = book.open === book.hasAttribute('data-unfolded') && read()[occurrence]?.open === undefined;
      if (!isAsMade) note(occurrence, (kept) => ({ ...kept, open: book.open }));
    },
    true,
  );
  // Another tab of this browser.
  addEventListener('storage', (event) => {
    if (event.key === KEY) restorePlaybooks(root);
  });
  restorePlaybooks(root);
}
