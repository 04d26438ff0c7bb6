/** Many homes with one cause, as one thing: above everything else that is wrong. */
import { html } from 'hono/html';
import type { IncidentView } from '../desk/incidents/incident-view.ts';
import { ago, clock, type Html, nothing } from './basics.ts';
import { duration, plural } from './words.ts';

export function incidentBlock(incidents: readonly IncidentView[], now: number): Html {
  if (incidents.length === 0) return nothing;
  return html`<section aria-labelledby="incidents-h"><h2 id="incidents-h">Many homes at once <span class="n">${incidents.length}</span></h2>
<ul class="alerts">${incidents.map((incident) => card(incident, now))}</ul></section>`;
}

function card(incident: IncidentView, now: number): Html {
  return html`<li class="alert v-critical" data-key="incident-${incident.number}" data-alert>
<div class="alert-head"><h3><a href="/incidents/${incident.number}"><bdi>${fellWords(incident)}</bdi></a></h3><p class="when"><b>${ago(incident.since, now)}</b> <span>since ${clock(incident.since)}</span></p></div>
<p class="meta">${stillWords(incident)} · ${incident.assignee === undefined ? 'nobody has it' : html`<bdi>${incident.assignee}</bdi> has it`}</p>
</li>`;
}

/** `38 homes with Northern Cable in Brooklyn fell silent within 4 min`. */
export function fellWords({ homes, cause, since, lastFellAt }: IncidentView): string {
  const within = lastFellAt - since;
  return `${homes.all} ${cause} fell silent ${within < 1_000 ? 'at once' : `within ${duration(within)}`}`;
}

export function stillWords({ homes: { all, back }, endedAt }: IncidentView): string {
  if (endedAt !== undefined) return back === all ? 'all are back' : `${back} came back with it`;
  return `${plural(all - back, 'is', 'are')} silent now${back === 0 ? '' : `, ${plural(back, 'is', 'are')} back`}`;
}
