/** What people do with incidents. Everything is one transaction with its line in the incident's history. */
import type { Clock } from '../../base/clock.ts';
import { appendIncidentDeed, findIncident, listHomesInIncidents, saveIncident } from '../store/incidents.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { Channel } from '../tickets/ticket.ts';
import type { Incident } from './incident.ts';
import { endIncident } from './keep.ts';

export type IncidentStep =
  | { readonly do: 'take' }
  | { readonly do: 'note'; readonly text: string }
  /** The clients were told, all at once: by a message, an announcement. */
  | { readonly do: 'answer'; readonly channel: Channel; readonly text: string }
  /** What is still silent is each home's own trouble from now on. */
  | { readonly do: 'end'; readonly text: string };

/** `version`: of the incident as whoever acts saw it. */
export type IncidentAct = { readonly number: number; readonly version: number; readonly by: string; readonly step: IncidentStep };

/** `changed`: somebody was quicker. */
export type IncidentActed = { readonly incident: Incident } | 'unknown' | { readonly changed: Incident } | { readonly refused: string };

export type IncidentWork = { act(act: IncidentAct): Promise<IncidentActed> };

export type IncidentWorkDeps = {
  readonly clock: Clock;
  readonly database: DeskDatabase;
  /** Of these homes something has changed. */
  readonly onChange: (sites: ReadonlySet<string>) => void;
};

export function createIncidentWork({ clock, database, onChange }: IncidentWorkDeps): IncidentWork {
  return {
    async act({ number, version, by, step }) {
      const at = clock.now().wallMs;
      const { acted, sites } = await database.transaction().execute(async (db) => {
        const incident = await findIncident(db, number);
        const refused = whyNot(incident, version, by, step);
        if (incident === undefined || refused !== undefined) return { acted: refused ?? ('unknown' as const), sites: [] };
        const homes = (await listHomesInIncidents(db)).filter((home) => Number(home.number) === number).map(({ site_id }) => site_id);
        await carryOut(db, incident, { by, step, at });
        return { acted: { incident: (await findIncident(db, number)) ?? incident }, sites: homes };
      });
      if (acted !== 'unknown' && 'incident' in acted) onChange(new Set(sites));
      return acted;
    },
  };
}

function whyNot(incident: Incident | undefined, version: number, by: string, step: IncidentStep): IncidentActed | undefined {
  if (incident === undefined) return 'unknown';
  if (incident.version !== version) return { changed: incident };
  if (incident.endedAt !== undefined && step.do !== 'note')
    return { refused: 'It is over. What is wrong in a home now has a ticket of its own.' };
  if (step.do === 'take' && incident.assignee === by) return { refused: 'You have it already.' };
  return undefined;
}

async function carryOut(
  db: DeskDatabase,
  incident: Incident,
  { by, step, at }: { readonly by: string; readonly step: IncidentStep; readonly at: number },
): Promise<void> {
  if (step.do === 'end') {
    await endIncident(db, incident, { at, because: step.text, by });
    return;
  }
  const { do: done, ...detail } = step;
  await appendIncidentDeed(db, incident.number, { at, actor: by, what: `incident.${done}`, detail });
  const taken = step.do === 'take' ? { assignee: by } : {};
  const answered = step.do === 'answer' ? { assignee: incident.assignee ?? by, answeredAt: incident.answeredAt ?? at } : {};
  await saveIncident(db, { ...incident, ...taken, ...answered, version: incident.version + 1 });
}
