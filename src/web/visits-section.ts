/** Who was in a home for what, and where more stands about it: on its page with the forms, on a ticket in short. */
import { html } from 'hono/html';
import { dayAt } from '../base/time-zone.ts';
import type { HomeLink, HomeVisit } from '../desk/dossier/record.ts';
import { dateWords } from '../protocol/end-words.ts';
import { fold, form, type HomeDossier, handWords, inShort, line, removeForm } from './dossier-section.ts';
import { distance } from './lifecycle-words.ts';
import { type Frame, type Html, mayDo, nothing } from './parts.ts';

const SHOWN = 5;

/** An instant of its present day as a calendar in UTC has it: visits are of days, and these are the home's. */
function today(contacts: HomeDossier['contacts'], now: number): number {
  return Date.parse(dayAt(contacts?.timeZone ?? 'UTC', now));
}

/** Nothing of it where the people of the home are not for the reader's eyes either. */
export function visitSections(site: string, { contacts, visits, links }: HomeDossier, frame: Frame): Html {
  if (contacts === undefined) return nothing;
  return html`${visitsSection(site, visits, frame, today(contacts, frame.now))}
${mayDo(frame, 'staff') ? linksSection(site, links, frame) : nothing}`;
}

function visitsSection(site: string, visits: readonly HomeVisit[], frame: Frame, at: number): Html {
  const [newest, older] = [visits.slice(0, SHOWN), visits.slice(SHOWN)];
  const list = (some: readonly HomeVisit[]): Html =>
    html`<ul class="home-notes">${some.map((visit) => visitRow(site, visit, frame, at))}</ul>`;
  return html`<section aria-labelledby="visits-h" id="visits"><h2 id="visits-h">Visits <span class="n">${visits.length}</span></h2>
${dueNote(visits, at)}
${visits.length === 0 ? html`<p class="calm">No visit is on record.</p>` : list(newest)}
${older.length === 0 ? nothing : html`<details data-key="older-visits"><summary>${older.length} before</summary>${list(older)}</details>`}
${mayDo(frame, 'note') ? fold('add-visit', 'Write down a visit', visitForm(site, frame)) : nothing}
</section>`;
}

/** As the newest visit has it: what an older one said is answered by it. */
function dueNote([newest]: readonly HomeVisit[], at: number): Html {
  if (newest?.nextDue === undefined) return nothing;
  const isLate = distance(newest.nextDue, at).endsWith('ago');
  return html`<p class="small" data-key="next-visit">The next visit ${isLate ? html`<b>was due ${dateWords(newest.nextDue)}</b>` : html`is due ${dateWords(newest.nextDue)}`}, ${distance(newest.nextDue, at)}.</p>`;
}

function visitRow(site: string, visit: HomeVisit, frame: Frame, at: number): Html {
  const { no, version, day, who, why, done, nextDue } = visit;
  const of = `${day} ${who}`;
  return html`<li data-key="visit-${no}-${version}"><p><b>${dateWords(day)}</b> <span class="soft">${distance(day, at)}</span> · <bdi>${who}</bdi> · <bdi>${why}</bdi></p>
${done === undefined ? nothing : html`<p class="about"><bdi>${done}</bdi></p>`}${nextDue === undefined ? nothing : html`<small>next visit due ${dateWords(nextDue)}</small>`}
${mayDo(frame, 'staff') ? html`<small class="hand">${handWords(visit)}</small>` : nothing}
${mayDo(frame, 'work') ? html`<div class="do">${fold('change', 'Change', visitForm(site, frame, visit), of)}${fold('remove', 'Remove', removeForm(site, 'visits', visit, frame), of)}</div>` : nothing}</li>`;
}

function visitForm(site: string, frame: Frame, visit?: HomeVisit): Html {
  const fields = html`${line('day', 'On', visit?.day, { limit: 10, type: 'date', isNeeded: true })}
${line('who', 'Who was there', visit?.who, { limit: 80, isNeeded: true, example: 'a name or a role' })}
${line('why', 'What for', visit?.why, { limit: 240, isNeeded: true })}
${line('nextDue', 'Next visit due', visit?.nextDue, { limit: 10, type: 'date' })}
<label class="wide">What was done <textarea name="done" maxlength="1000" rows="3">${visit?.done ?? ''}</textarea></label>
<p class="calm small wide">The client reads it too. Never a gate code, an alarm code or a password.</p>`;
  return form(site, 'visits', visit ? 'change' : 'add', visit, frame, fields, visit ? 'Save' : 'Write it down');
}

/** On a ticket. */
export function lastVisit(site: string, { contacts, visits }: HomeDossier, now: number): Html {
  const [last] = visits;
  if (last === undefined) return nothing;
  const { day, who, why, done } = last;
  const at = today(contacts, now);
  return html`<p class="small" data-key="last-visit"><a href="/sites/${site}#visits">Last visit</a> ${distance(day, at)}: <bdi>${why}</bdi>${done === undefined ? nothing : html`; <bdi>${done}</bdi>`} (<bdi>${who}</bdi>, ${dateWords(day)}).</p>${dueNote(visits, at)}`;
}

function linksSection(site: string, links: readonly HomeLink[], frame: Frame): Html {
  return html`<section aria-labelledby="links-h" id="links"><h2 id="links-h">Where more stands <span class="n">${links.length}</span></h2>
${links.length === 0 ? html`<p class="calm">No link is kept.</p>` : html`<ul class="home-notes">${links.map((link) => linkRow(site, link, frame))}</ul>`}
${mayDo(frame, 'note') ? fold('add-link', 'Keep a link', linkForm(site, frame)) : nothing}
</section>`;
}

/** The address is shown whole: nobody is led where he does not see. */
function linkRow(site: string, link: HomeLink, frame: Frame): Html {
  const { no, version, title, address } = link;
  return html`<li data-key="link-${no}-${version}"><p><b><bdi>${title}</bdi></b> <a href="${address}" rel="noreferrer noopener external"><bdi>${address}</bdi></a></p><small class="hand">${handWords(link)}</small>
${mayDo(frame, 'work') ? html`<div class="do">${fold('change', 'Change', linkForm(site, frame, link), inShort(title))}${fold('remove', 'Remove', removeForm(site, 'links', link, frame), inShort(title))}</div>` : nothing}</li>`;
}

function linkForm(site: string, frame: Frame, link?: HomeLink): Html {
  const fields = html`${line('title', 'What it is', link?.title, { limit: 120, isNeeded: true, example: 'Drawing of the rack' })}
${line('address', 'Address (https)', link?.address, { limit: 500, type: 'url', isNeeded: true, isWide: true })}`;
  return form(site, 'links', link ? 'change' : 'add', link, frame, fields, link ? 'Save' : 'Keep it');
}
