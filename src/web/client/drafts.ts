/** What somebody is typing is not lost when the form goes away under it, because somebody else was quicker: it stays above the page until whoever wrote it has seen it. */

type Written = { readonly label: string; readonly text: string };

type Draft = { readonly form: HTMLFormElement; readonly written: readonly Written[]; readonly isGone: boolean };

/** What somebody has written in `main`, before it becomes `next`. */
export function draftsIn(main: HTMLElement, next: HTMLElement): Draft[] {
  return [...main.querySelectorAll<HTMLFormElement>('form[data-post]')]
    .map((form) => ({ form, written: writtenIn(form), isGone: !isIn(form, next) }))
    .filter(({ written }) => written.length > 0);
}

/** Afterwards: where the new page has no such form, or another one took the place of that which was written in. */
export function rescueDrafts(main: HTMLElement, drafts: readonly Draft[]): void {
  for (const { form, written, isGone } of drafts) if (isGone || !form.isConnected) show(main, written);
}

function writtenIn(form: HTMLFormElement): Written[] {
  const fields = form.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>(
    'textarea, input:not([type=hidden], [type=number], [type=file], [name=by])',
  );
  return [...fields]
    .filter(({ value, defaultValue }) => value.trim() !== '' && value !== defaultValue)
    .map((field) => ({ label: field.labels?.[0]?.firstChild?.textContent?.trim() ?? '', text: field.value }));
}

function isIn(form: HTMLFormElement, next: HTMLElement): boolean {
  const deed = deedOf(form);
  return [...next.querySelectorAll<HTMLFormElement>('form[data-post]')].some(
    (other) => other.dataset.post === form.dataset.post && deedOf(other) === deed && keyOf(other) === keyOf(form),
  );
}

function deedOf(form: HTMLFormElement): string {
  return form.querySelector<HTMLInputElement>('input[name=do]')?.value ?? '';
}

/** Forms of many alerts go to one place. */
function keyOf(form: HTMLFormElement): string {
  return form.closest('li[data-key]')?.getAttribute('data-key') ?? '';
}

function show(main: HTMLElement, written: readonly Written[]): void {
  const box = document.createElement('section');
  box.className = 'banner drafts';
  box.setAttribute('aria-label', 'What you wrote');
  const why = document.createElement('p');
  why.textContent = 'Somebody was quicker, and the page has changed under what you were writing. What you wrote:';
  box.append(why);
  for (const { label, text } of written) {
    const area = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, rows: 3 });
    area.setAttribute('aria-label', label || 'What you wrote');
    box.append(area);
  }
  const done = Object.assign(document.createElement('button'), { type: 'button', textContent: 'I have it' });
  done.addEventListener('click', () => box.remove());
  box.append(done);
  main.before(box);
  box.querySelector('textarea')?.focus();
}
