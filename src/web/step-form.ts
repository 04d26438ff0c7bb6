/** What people do with a ticket or an incident, each behind a fold of its own: a form that works without the page's script too. */
import { html, raw } from 'hono/html';
import { type Frame, type Html, nameField, nothing } from './parts.ts';

/** What it is about: where it stands on the page and in the API, and which version of it the reader sees. */
export type Doable = { readonly kind: 'tickets' | 'incidents'; readonly number: number; readonly version: number };

export type Deed = { readonly step: string; readonly title: string; readonly button: string; readonly fields: Html };

export function stepForm({ kind, number, version }: Doable, frame: Frame, { step, title, button, fields }: Deed): Html {
  return html`<details class="act" data-key="step-${step}"><summary>${title}</summary>
<form method="post" action="/${kind}/${number}" data-post="/api/v1/${kind}/${number}/steps">
<input type="hidden" name="do" value="${step}"><input type="hidden" name="version" value="${version}">
${nameField(frame)}
${fields}
<button type="submit">${button}</button>
</form></details>`;
}

export function area(label: string): Html {
  return html`<label class="wide">${label} <textarea name="text" required maxlength="2000" rows="3"></textarea></label>`;
}

export function choice(
  name: string,
  label: string,
  values: readonly string[],
  words: Readonly<Record<string, string>> = {},
  chosen?: string,
): Html {
  return html`<label>${label} <select name="${name}">${values.map((value) => html`<option value="${value}"${value === chosen ? raw(' selected') : nothing}>${words[value] ?? value}</option>`)}</select></label>`;
}
