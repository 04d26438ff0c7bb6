/** The people of a home and what stays known of it: on its page with the forms, on a ticket in short. What people typed is text; links are made of checked numbers and addresses only. */
import { html, raw } from 'hono/html';
import { dayAfter, dayAt, wallTime, weekdayOf } from '../base/time-zone.ts';
import {
  CONTACT_ROLES,
  type ContactRole,
  type ContactView,
  type ContactWay,
  type Hand,
  type HomeNote,
  WAYS,
  type Way,
} from '../desk/dossier/contact.ts';
import type { HomeLink, HomeVisit, Picture } from '../desk/dossier/record.ts';
import type { ContactsView } from '../desk/reader.ts';
import { clock, type Frame, type Html, mayDo, nameField, nothing } from './parts.ts';
import { choice } from './step-form.ts';

const ROLE_WORDS: Readonly<Record<ContactRole, string>> = {
  owner: 'owner',
  family: 'lives there',
  housekeeper: 'housekeeper',
  caretaker: 'caretaker',
  neighbour: 'neighbour',
  assistant: 'assistant',
  vendor: 'company',
  other: 'other',
};
const WAY_WORDS: Readonly<Record<Way, string>> = { mobile: 'mobile', phone: 'telephone', email: 'e-mail', other: 'other' };

/** `contacts`: absent where they are not for the reader's eyes. */
export type HomeDossier = {
  readonly contacts?: ContactsView | undefined;
  readonly notes: readonly HomeNote[];
  readonly visits: readonly HomeVisit[];
  readonly links: readonly HomeLink[];
  readonly pictures: readonly Picture[];
};

export function dossierSection(site: string, { contacts, notes }: HomeDossier, frame: Frame): Html {
  if (contacts === undefined) return nothing;
  const mayNote = mayDo(frame, 'staff');
  return html`<section aria-labelledby="people-h" id="people"><h2 id="people-h">Whom to call <span class="n">${contacts.contacts.length}</span></h2>
${zoneDoubt(contacts)}
${contacts.contacts.length === 0 ? html`<p class="calm">Nobody of this home is on record.</p>` : html`<ul class="people">${contacts.contacts.map((contact) => contactRow(site, contact, contacts.timeZone, frame))}</ul>`}
${mayDo(frame, 'work') ? fold('add-contact', 'Add somebody', contactForm(site, frame)) : nothing}
</section>
${mayNote ? notesSection(site, notes, frame) : nothing}`;
}

/** An hour by another clock wakes somebody. */
function zoneDoubt({ isZoneKnown, contacts }: ContactsView): Html {
  if (isZoneKnown || contacts.every(({ hours }) => hours === undefined)) return nothing;
  return html`<p class="calm small">Nobody knows the time zone of this home: hours are read as UTC. The service policy can say it.</p>`;
}

function notesSection(site: string, notes: readonly HomeNote[], frame: Frame): Html {
  return html`<section aria-labelledby="notes-h" id="notes"><h2 id="notes-h">To know about this home <span class="n">${notes.length}</span></h2>
${notes.length === 0 ? html`<p class="calm">Nothing is noted.</p>` : html`<ul class="home-notes">${notes.map((note) => noteRow(site, note, frame))}</ul>`}
${mayDo(frame, 'note') ? fold('add-note', 'Note something about this home', noteForm(site, frame)) : nothing}
</section>`;
}

function contactRow(site: string, contact: ContactView, zone: string, frame: Frame): Html {
  const { no, version, hours, language, about } = contact;
  const more = [hours && `to be called ${hours} (${zone})`, language && `speaks ${language}`].filter((words) => words !== undefined);
  // A row of another version is another row: what somebody is typing in its form is rescued (client/drafts.ts) instead of sent over what is new.
  return html`<li data-key="contact-${no}-${version}">${whoAndHow(contact, zone, frame.now)}
${more.length === 0 ? nothing : html`<small><bdi>${more.join(' · ')}</bdi></small>`}${about === undefined ? nothing : html`<p class="about"><bdi>${about}</bdi></p>`}
${mayDo(frame, 'work') ? html`<small class="hand">${handWords(contact)}</small><div class="do">${fold('change', 'Change', contactForm(site, frame, contact), contact.name)}${fold('remove', 'Remove', removeForm(site, 'contacts', contact, frame), contact.name)}</div>` : nothing}</li>`;
}

/** `reach` in shape and words: the sign is never alone. */
function whoAndHow(contact: ContactView, zone: string, now: number): Html {
  const { name, role, hasKey, first, ways, reach } = contact;
  const marks = [ROLE_WORDS[role], hasKey && 'has a key', first && 'call first'].filter((words) => words !== false);
  return html`<p class="who"><b><bdi>${name}</bdi></b> <span>${marks.join(', ')}</span> <span class="reach ${reach.may ? 'r-now' : 'r-later'}"><i aria-hidden="true">${reach.may ? '●' : '◐'}</i>${reach.may ? 'may be called now' : laterWords(reach.from, zone, now)}</span></p>
<ul class="ways">${ways.map((way) => html`<li>${wayLink(way)} <small>${WAY_WORDS[way.by]}</small></li>`)}</ul>`;
}

function laterWords(from: number | undefined, zone: string, now: number): string {
  if (from === undefined) return 'at no hour';
  const [day, today] = [dayAt(zone, from), dayAt(zone, now)];
  const named = day === today ? 'today' : day === dayAfter(today) ? 'tomorrow' : `${weekdayOf(day)} ${day}`;
  return `not before ${named} ${wallTime(zone, from).slice(11)} (${zone})`;
}

/** Only a number or an address that was read as one is a link; whatever else somebody wrote is words. */
export function wayLink({ by, to }: ContactWay): Html {
  if (by === 'email') return html`<a href="mailto:${encodeURIComponent(to).replace('%40', '@')}"><bdi>${to}</bdi></a>`;
  if (by === 'other') return html`<bdi>${to}</bdi>`;
  const [number = '', extension] = to.split(/ ?(?:x|ext\.?) ?(?=\d+$)/i);
  const digits = number.replace(/[^\d+]/g, '');
  return html`<a href="tel:${digits}${extension === undefined ? '' : `;ext=${extension}`}"><bdi>${to}</bdi></a>`;
}

export function handWords({ by, at, changed }: Hand): Html {
  return html`written by <bdi>${by}</bdi> ${clock(at)}${changed === undefined ? nothing : html`, changed by <bdi>${changed.by}</bdi> ${clock(changed.at)}`}`;
}

function noteRow(site: string, note: HomeNote, frame: Frame): Html {
  const { no, version, text, pinned } = note;
  return html`<li data-key="note-${no}-${version}"><p>${pinned ? html`<span class="pin">pinned</span> ` : nothing}<bdi>${text}</bdi></p><small class="hand">${handWords(note)}</small>
${mayDo(frame, 'work') ? html`<div class="do">${fold('change', 'Change', noteForm(site, frame, note), inShort(text))}${fold('remove', 'Remove', removeForm(site, 'notes', note, frame), inShort(text))}</div>` : nothing}</li>`;
}

export const inShort = (text: string): string => [...text].slice(0, 40).join('');

/** `of`: whom or what it is about, for who hears the page: there are many of these. */
export function fold(key: string, title: string, form: Html, of?: string): Html {
  return html`<details class="act kept" data-key="${key}"><summary>${title}${of === undefined ? nothing : html`<span class="hidden"> <bdi>${of}</bdi></span>`}</summary>${form}</details>`;
}

/** As the address of the home goes on. */
type Part = 'contacts' | 'notes' | 'contracts' | 'visits' | 'links' | 'pictures';

export type Kept = { readonly no: number; readonly version: number };

export function form(
  site: string,
  kind: Part,
  step: 'add' | 'change' | 'remove',
  kept: Kept | undefined,
  frame: Frame,
  fields: Html,
  button: string,
): Html {
  const coded = kind === 'pictures' ? raw(' enctype="multipart/form-data"') : nothing;
  return html`<form method="post" action="/sites/${site}/${kind}"${coded} data-post="/api/v1/sites/${site}/${kind}">
<input type="hidden" name="do" value="${step}">${kept === undefined ? nothing : html`<input type="hidden" name="no" value="${kept.no}"><input type="hidden" name="version" value="${kept.version}">`}
${nameField(frame)}
${fields}
<button type="submit">${button}</button>
</form>`;
}

export function removeForm(site: string, kind: Part, kept: Kept, frame: Frame): Html {
  const words = html`<p class="calm small wide">It is gone for good then; that it was there, and who removed it, stays on record.</p>`;
  return form(site, kind, 'remove', kept, frame, words, 'Remove it');
}

function contactForm(site: string, frame: Frame, contact?: ContactView): Html {
  const to = (by: Way): string => contact?.ways.find((way) => way.by === by)?.to ?? '';
  const fields = html`${line('name', 'Name', contact?.name, { limit: 80, isNeeded: true })}
${choice('role', 'Is', CONTACT_ROLES, ROLE_WORDS, contact?.role)}
${line('mobile', 'Mobile', to('mobile'), { limit: 40, type: 'tel' })}
${line('phone', 'Telephone', to('phone'), { limit: 40, type: 'tel' })}
${line('email', 'E-mail', to('email'), { limit: 254, type: 'email' })}
${line('other', 'Or otherwise', to('other'), { limit: 120, example: 'Signal, the same number' })}
${choice('prefers', 'Prefers', ['', ...WAYS], { '': 'not said', ...WAY_WORDS }, contact?.ways[0]?.by)}
${line('hours', 'May be called', contact?.hours, { limit: 160, example: 'mon-fri 8-18; empty: always' })}
${line('language', 'Speaks', contact?.language, { limit: 40 })}
${tick('hasKey', 'Has a key', contact?.hasKey)}${tick('first', 'To be called first', contact?.first)}
${line('about', 'What else to know', contact?.about, { limit: 240, isWide: true })}
<p class="calm small wide">Never a gate code, an alarm code or a password: say who has it.</p>`;
  return form(site, 'contacts', contact ? 'change' : 'add', contact, frame, fields, contact ? 'Save' : 'Add');
}

function noteForm(site: string, frame: Frame, note?: HomeNote): Html {
  const fields = html`<label class="wide">What to know <textarea name="text" required maxlength="1000" rows="3" placeholder="Dog in the garden. The rack is in the cellar, behind the boiler.">${note?.text ?? ''}</textarea></label>
${tick('pinned', 'Keep it on top, and on every ticket', note?.pinned)}
<p class="calm small wide">Never a gate code, an alarm code or a password: say who has it.</p>`;
  return form(site, 'notes', note ? 'change' : 'add', note, frame, fields, note ? 'Save' : 'Note it');
}

type Line = {
  readonly limit: number;
  readonly type?: string;
  readonly example?: string | undefined;
  readonly isNeeded?: boolean;
  readonly isWide?: boolean;
};

export function line(
  name: string,
  label: string,
  value: string | undefined,
  { limit, type = 'text', example, isNeeded, isWide }: Line,
): Html {
  return html`<label${isWide ? raw(' class="wide"') : nothing}>${label} <input name="${name}" type="${type}" maxlength="${limit}" value="${value ?? ''}" autocomplete="off"${example === undefined ? nothing : html` placeholder="${example}"`}${isNeeded ? raw(' required') : nothing}></label>`;
}

export function tick(name: string, label: string, isTicked = false): Html {
  return html`<label class="tick"><input name="${name}" type="checkbox" value="true"${isTicked ? raw(' checked') : nothing}> ${label}</label>`;
}

const CALLED_AT_ONCE = 3;

/** On a ticket: whom to call at this hour first, and what is pinned. */
export function callSection(site: string, { contacts, notes }: HomeDossier, { now }: Frame): Html {
  if (contacts === undefined) return nothing;
  const { timeZone, contacts: all } = contacts;
  const pinned = notes.filter((note) => note.pinned);
  const rest = all.length - CALLED_AT_ONCE;
  const whom =
    all.length === 0
      ? html`<p class="calm small">Nobody of this home is on record. <a href="/sites/${site}#people">Write down whom to call</a>.</p>`
      : html`<ul class="people">${all.slice(0, CALLED_AT_ONCE).map((contact) => html`<li data-key="call-${contact.no}">${whoAndHow(contact, timeZone, now)}${contact.language === undefined ? nothing : html`<small>speaks <bdi>${contact.language}</bdi></small>`}</li>`)}</ul>${rest > 0 ? html`<p class="calm small"><a href="/sites/${site}#people">${rest} more on the page of the home</a></p>` : nothing}`;
  return html`<section aria-labelledby="call-h"><h2 id="call-h">Whom to call</h2>${zoneDoubt(contacts)}${whom}
${pinned.length === 0 ? nothing : html`<ul class="home-notes">${pinned.map(({ no, text }) => html`<li data-key="pinned-${no}"><p><span class="pin">to know</span> <bdi>${text}</bdi></p></li>`)}</ul>`}</section>`;
}
