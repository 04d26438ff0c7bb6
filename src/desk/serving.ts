/** Looks up what a service policy has to know of alerts beyond their own words, and says what is promised about each. Only reads. */
import type { Clock } from '../base/clock.ts';
import { isToPlan } from '../protocol/alert-catalogue.ts';
import { isOfLine } from './incidents/incident.ts';
import type { ServicePolicy } from './service/policy.ts';
import { type HomeServiceView, homeServiceOf, type ServiceView, serviceOf } from './service/service-view.ts';
import { occurrenceName } from './store/alerts.ts';
import { countSilent, findDeviceKinds } from './store/device-kinds.ts';
import { listToldHomes } from './store/incidents.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { AlertRow, SiteRow } from './store/schema.ts';
import { listAnswered } from './store/tickets.ts';
import type { AlertView } from './views.ts';

export type Serve = (view: AlertView, site: SiteRow | undefined) => ServiceView | undefined;

export type Serving = {
  /** What is promised about these alerts. Nothing about what is over or to be planned for. */
  alerts(rows: readonly AlertRow[]): Promise<Serve>;
  home(site: { readonly id: string; readonly timeZone?: string }): HomeServiceView;
};

export type ServingDeps = { readonly policy: ServicePolicy; readonly database: DeskDatabase; readonly clock: Clock };

/** From this share of its devices on a home is down as a whole. */
const MOST = 0.5;

export function createServing({ policy, database, clock }: ServingDeps): Serving {
  const hasKinds = [...policy.plans.values()].some(({ covers }) => covers?.kinds !== undefined);

  async function kindsOf(rows: readonly AlertRow[]): ReturnType<typeof findDeviceKinds> {
    if (!hasKinds) return () => undefined;
    const named = rows.flatMap(({ site_id, device_id, cleared_at }) =>
      device_id === null || cleared_at !== null ? [] : [{ site: site_id, device: device_id }],
    );
    return findDeviceKinds(database, named);
  }

  return {
    async alerts(rows) {
      const sites = [...new Set(rows.map(({ site_id }) => site_id))];
      const [kindOf, areMostDown, answered, told] = await Promise.all([
        kindsOf(rows),
        homesMostlyDown(database, rows),
        listAnswered(database, sites),
        listToldHomes(database, sites),
      ]);
      const answers = new Map(answered.map((row) => [occurrenceName(row), row.answered_at]));
      const { wallMs: now } = clock.now();
      return (view, site) => {
        if (view.clearedAt !== undefined || isToPlan(view)) return undefined;
        const kind = view.device === undefined ? undefined : kindOf({ site: view.site, device: view.device });
        const name = occurrenceName({ site_id: view.site, key: view.key, raised_hub_at: view.raisedHubAt });
        const answeredAt = earliest(view.acknowledged?.at, answers.get(name), isOfLine(view) ? told.get(view.site) : undefined);
        const asked = { ...view, kind, isMostOfHome: areMostDown.has(view.site), answeredAt };
        return serviceOf(policy, { site: view.site, hubTimeZone: site?.time_zone ?? undefined }, asked, now);
      };
    },
    home: ({ id, timeZone }) => homeServiceOf(policy, { site: id, hubTimeZone: timeZone }, clock.now().wallMs),
  };
}

function earliest(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Of homes that tell of devices which fell silent together, those of which most devices do not answer. */
async function homesMostlyDown(database: DeskDatabase, rows: readonly AlertRow[]): Promise<ReadonlySet<string>> {
  const sites = new Set(rows.flatMap(({ site_id, code, cleared_at }) => (code === 'devices-down' && cleared_at === null ? [site_id] : [])));
  const counted = await countSilent(database, [...sites]);
  return new Set(counted.flatMap(({ site, answering, silent }) => (silent > 0 && silent >= (silent + answering) * MOST ? [site] : [])));
}
