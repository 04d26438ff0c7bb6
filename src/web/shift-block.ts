/** Who is on shift, above the queue, and who knows what a ticket asks for. */
import { html } from 'hono/html';
import { dayAfter, dayAt, wallTime } from '../base/time-zone.ts';
import type { OnShift, SkillCover } from '../desk/service/skills.ts';
import { clock, type Frame, type Html, nameField, nothing } from './parts.ts';

export function shiftBlock(on: readonly OnShift[], frame: Frame): Html {
  const who = on.map(({ name, until }, i) => html`${i === 0 ? nothing : ', '}<bdi>${name}</bdi> until ${clock(until)}`);
  return html`<details class="act shift" data-key="shift"><summary>On shift: ${on.length === 0 ? 'nobody has said so' : who}</summary>
<form method="post" action="/shifts" data-post="/api/v1/shifts">
${nameField(frame)}
<label>I am <select name="on"><option value="true">on shift</option><option value="false">off</option></select></label>
<label>For hours <input name="hours" type="number" min="0.25" max="16" step="0.25" value="8" required></label>
<button type="submit">Say so</button>
</form></details>`;
}

/** In the queue: only what nobody on shift knows. */
export function missingSkills(skills: readonly SkillCover[] | undefined, now: number): Html {
  const missing = (skills ?? []).filter(({ on }) => on.length === 0);
  return missing.length === 0
    ? nothing
    : html`${missing.map((cover) => html`<small><span class="mark">${missingWords(cover)}</span> ${nextWords(cover, now)}</small>`)}`;
}

/** On the ticket: whoever knows it, too. */
export function skillNote(skills: readonly SkillCover[] | undefined, now: number): Html {
  if (skills === undefined || skills.length === 0) return nothing;
  return html`${skills.map((cover) =>
    cover.on.length > 0
      ? html`<p class="calm small" data-key="skill-${cover.skill}">On shift and knows ${cover.skill}: <bdi>${cover.on.join(', ')}</bdi>.</p>`
      : html`<div class="banner" data-key="skill-${cover.skill}"><b>${missingWords(cover)}.</b> <span>${nextWords(cover, now)}</span></div>`,
  )}`;
}

function missingWords({ skill }: SkillCover): string {
  return `Nobody on shift knows ${skill}`;
}

function nextWords({ next, dealer }: SkillCover, now: number): Html {
  const who = next && html`<bdi>${next.name}</bdi> does, from ${whenWords(next, now)}.`;
  const other = dealer === undefined ? nothing : html`${next ? ' ' : nothing}Or ask the dealer, <bdi>${dealer}</bdi>.`;
  return who === undefined && dealer === undefined ? html`Nobody of the policy does.` : html`${who ?? nothing}${other}`;
}

function whenWords({ at, timeZone }: NonNullable<SkillCover['next']>, now: number): string {
  const [day, today] = [dayAt(timeZone, at), dayAt(timeZone, now)];
  const named = day === today ? 'today' : day === dayAfter(today) ? 'tomorrow' : day;
  return `${named} ${wallTime(timeZone, at).slice(11)} (${timeZone})`;
}
