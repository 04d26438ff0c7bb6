/**
 * Brings incidents up to what is silent now: homes that fell silent together become one, others join it, those that are back leave it, and in the end it is over. It goes by what fires
 * and not by what was told, as tickets do, and belongs into the same transaction.
 */
import {
  addHomes,
  appendIncidentDeed,
  countHomesOf,
  dismissHomes,
  type Fallen,
  insertIncident,
  listDismissed,
  listFallen,
  listHomesInIncidents,
  listIncidents,
  noteBack,
  saveIncident,
} from '../store/incidents.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { type Cause, commonCauses, FEWEST_HOMES, groupName, WINDOW_MS } from './common-cause.ts';
import type { Fleet, FleetView } from './fleet.ts';
import { type Incident, isOfIt, overAt, overBecause } from './incident.ts';

const DESK = 'desk';
const MOST_OPEN = 1_000;

export type KeptIncidents = { readonly changed: ReadonlySet<string>; readonly dueAt: number };

export async function keepIncidents(db: DeskDatabase, fleet: FleetView, at: number): Promise<KeptIncidents> {
  const [fallen, present] = [await listFallen(db), await listHomesInIncidents(db)];
  const changed = new Set<string>();
  if (present.length > 0) await letGo(db, { fallen, present: present.map(({ site_id }) => site_id), at }, changed);
  const isIn = new Set(present.map(({ site_id }) => site_id));
  const others = fallen.filter(({ site }) => !isIn.has(site));
  const dismissed = await listDismissed(
    db,
    others.map(({ site }) => site),
  );
  const free = others.filter(({ site, at: fellAt }) => (dismissed.get(site) ?? 0) < fellAt);
  const open = await listIncidents(db, { open: true, limit: MOST_OPEN });
  await takeIn(db, fleet, { open, free, at }, changed);
  return { changed, dueAt: await endThoseOver(db, at, changed) };
}

/** Of homes that are back. */
async function letGo(
  db: DeskDatabase,
  { fallen, present, at }: { readonly fallen: readonly Fallen[]; readonly present: readonly string[]; readonly at: number },
  changed: Set<string>,
): Promise<void> {
  const isFallen = new Set(fallen.map(({ site }) => site));
  const back = present.filter((site) => !isFallen.has(site));
  await noteBack(db, back, at);
  for (const site of back) changed.add(site);
}

type Fresh = { readonly open: readonly Incident[]; readonly free: readonly Fallen[]; readonly at: number };

/** Into an incident that lasts, or into a new one. */
async function takeIn(db: DeskDatabase, view: FleetView, { open, free, at }: Fresh, changed: Set<string>): Promise<void> {
  const recent = free.filter(({ at: fellAt }) => fellAt > at - WINDOW_MS);
  if (recent.length < FEWEST_HOMES && (open.length === 0 || free.length === 0)) return;
  const fleet = await view.look(db, at);
  const joined = await joinOpen(db, fleet, { open, free, at }, changed);
  const left = recent.filter((home) => !joined.has(home));
  const causes = commonCauses(new Map(left.map(({ site }) => [site, fleet.groupsOf(site)])), fleet.usual);
  for (const cause of causes) await openIncident(db, cause, left, at, changed);
}

async function joinOpen(db: DeskDatabase, fleet: Fleet, { open, free }: Fresh, changed: Set<string>): Promise<ReadonlySet<Fallen>> {
  const joined = new Set<Fallen>();
  for (const incident of open) {
    const isShared = ({ site }: Fallen): boolean => fleet.groupsOf(site).some((group) => groupName(group) === groupName(incident));
    const more = free.filter((home) => !joined.has(home) && isOfIt(incident, home.at) && isShared(home));
    if (more.length === 0) continue;
    await addHomes(db, incident.number, more);
    await saveIncident(db, { ...incident, lastFellAt: Math.max(incident.lastFellAt, ...more.map(({ at }) => at)) });
    for (const home of more) {
      joined.add(home);
      changed.add(home.site);
    }
  }
  return joined;
}

async function openIncident(
  db: DeskDatabase,
  { group, sites, byChance }: Cause,
  fallen: readonly Fallen[],
  at: number,
  changed: Set<string>,
): Promise<void> {
  const isOf = new Set(sites);
  const homes = fallen.filter(({ site }) => isOf.has(site));
  const times = homes.map((home) => home.at);
  const [since, lastFellAt] = [Math.min(...times), Math.max(...times)];
  const incident = await insertIncident(db, { ...group, byChance, since, lastFellAt, openedAt: at });
  await addHomes(db, incident.number, homes);
  const detail = { homes: homes.length, of: group.size, byChance, withinMs: lastFellAt - since };
  await appendIncidentDeed(db, incident.number, { at, actor: DESK, what: 'incident.opened', detail });
  for (const site of sites) changed.add(site);
}

/** Answers when the next of those that last may be over by time alone. */
async function endThoseOver(db: DeskDatabase, at: number, changed: Set<string>): Promise<number> {
  let dueAt = Number.POSITIVE_INFINITY;
  for (const incident of await listIncidents(db, { open: true, limit: MOST_OPEN })) {
    const homes = await countHomesOf(db, incident.number);
    const because = overBecause(homes, at);
    if (because === undefined) {
      dueAt = Math.min(dueAt, overAt(homes));
      continue;
    }
    for (const site of await endIncident(db, incident, { at, because, by: DESK })) changed.add(site);
  }
  return dueAt;
}

/** What is still silent is each home's own trouble from now on: answers those homes. */
export async function endIncident(
  db: DeskDatabase,
  incident: Incident,
  { at, because, by }: { readonly at: number; readonly because: string; readonly by: string },
): Promise<string[]> {
  const left = (await listHomesInIncidents(db)).filter(({ number }) => Number(number) === incident.number);
  await dismissHomes(db, incident.number, at);
  await saveIncident(db, { ...incident, endedAt: at, endedBecause: because, version: incident.version + 1 });
  await appendIncidentDeed(db, incident.number, { at, actor: by, what: 'incident.ended', detail: { because, stillSilent: left.length } });
  return left.map(({ site_id }) => site_id);
}
