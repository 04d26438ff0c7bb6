/** Incidents as pages and programs see them. Only reads. */
import type { Homes as ManyHomes } from '../homes.ts';
import { type AnswerView, byDue } from '../service/service-view.ts';
import {
  countHomesOf,
  findIncident,
  type IncidentFilter,
  listFallenAlerts,
  listHomesOf,
  listIncidentDeeds,
  listIncidents,
} from '../store/incidents.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { IncidentDeedRow, IncidentHomeRow } from '../store/schema.ts';
import { causeWords, type Homes, type Incident } from './incident.ts';

export type IncidentView = Incident & {
  /** What its homes have in common, in words. */
  readonly cause: string;
  readonly homes: Homes;
  /** Seen by somebody who sees only some of its homes: those are counted, and how many others there are is not told. */
  readonly isPart?: true;
};

/** `leftAt`: when it came back (`isBack`), or the incident was over for it. */
export type MemberView = {
  readonly site: string;
  readonly siteName: string;
  readonly since: number;
  readonly leftAt?: number;
  readonly isBack: boolean;
  /** The first answer that is promised about its silence; missing where none is. */
  readonly answer?: AnswerView;
};

export type IncidentPageView = IncidentView & {
  /** Those that are out of reach first, of these whose answer is due next first. */
  readonly members: readonly MemberView[];
  readonly deeds: readonly Omit<IncidentDeedRow, 'number'>[];
};

export type Incidents = {
  list(filter: IncidentFilter): Promise<IncidentView[]>;
  one(number: number): Promise<IncidentPageView | undefined>;
};

/** On its page. */
const MEMBERS_SHOWN = 500;
const DEEDS_SHOWN = 500;

/** `isPart`: the database shows only some homes. */
export function createIncidents(database: DeskDatabase, many: Pick<ManyHomes, 'names' | 'alertViews'>, isPart = false): Incidents {
  const viewOf = async (incident: Incident): Promise<IncidentView> => {
    const homes = await countHomesOf(database, incident.number);
    const view = { ...incident, cause: causeWords(incident), homes };
    return isPart ? { ...view, size: homes.all, byChance: 0, lastFellAt: incident.since, isPart } : view;
  };

  async function members(rows: readonly IncidentHomeRow[]): Promise<MemberView[]> {
    const names = await many.names(rows.map(({ site_id }) => site_id));
    const answers = await answersOf(rows.filter(({ left_at }) => left_at === null));
    const views = rows.map((row) => memberOf(row, names.get(row.site_id) ?? row.site_id, answers.get(row.site_id)));
    return views.sort(
      (one, other) => Number(one.leftAt !== undefined) - Number(other.leftAt !== undefined) || byDue(one.answer, other.answer),
    );
  }

  /** What is promised about the silence of homes. */
  async function answersOf(rows: readonly IncidentHomeRow[]): Promise<ReadonlyMap<string, AnswerView>> {
    const alerts = await listFallenAlerts(
      database,
      rows.map(({ site_id }) => site_id),
    );
    const byHome = Map.groupBy(await many.alertViews(alerts), ({ site }) => site);
    const firsts = [...byHome].map(
      ([site, views]) => [site, views.flatMap(({ service }) => service?.firstAnswer ?? []).sort(byDue)[0]] as const,
    );
    return new Map(firsts.flatMap(([site, answer]) => (answer === undefined ? [] : [[site, answer]])));
  }

  return {
    list: async (filter) => Promise.all((await listIncidents(database, filter)).map(viewOf)),
    async one(number) {
      const incident = await findIncident(database, number);
      if (incident === undefined) return undefined;
      const [view, rows, deeds] = await Promise.all([
        viewOf(incident),
        listHomesOf(database, number, MEMBERS_SHOWN),
        listIncidentDeeds(database, number, DEEDS_SHOWN),
      ]);
      return { ...view, members: await members(rows), deeds: deeds.map(({ number: _, ...deed }) => deed) };
    },
  };
}

function memberOf({ site_id, since_at, left_at, is_back }: IncidentHomeRow, siteName: string, answer: AnswerView | undefined): MemberView {
  return {
    site: site_id,
    siteName,
    since: since_at,
    ...(left_at === null ? {} : { leftAt: left_at }),
    isBack: is_back === 1,
    ...(answer === undefined ? {} : { answer }),
  };
}
