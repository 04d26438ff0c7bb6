/** Homes, their hub's presence, and the session numbers granted to each start of a hub. */
import { MAX_SESSION } from '../../protocol/messages.ts';
import { DEFAULT_HEARTBEAT_S, type Presence } from '../presence.ts';
import { folded } from '../search-words.ts';
import { siteName } from '../site-name.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import { Remembering } from './remembering.ts';
import type { SessionRow, SiteRow } from './schema.ts';
import { keepHomeWords } from './search.ts';

export async function listSites(db: DeskDatabase): Promise<SiteRow[]> {
  return db.selectFrom('site').selectAll().orderBy('registered_at').orderBy('id').execute();
}

export async function findSite(db: DeskDatabase, id: string): Promise<SiteRow | undefined> {
  return db.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The first of these that the desk knows. */
export async function findFirstSite(db: DeskDatabase, ids: readonly string[]): Promise<SiteRow | undefined> {
  for (const id of ids) {
    const site = await findSite(db, id);
    if (site !== undefined) return site;
  }
  return undefined;
}

/** Adds a site, or sets the name and password of a known one; an absent or empty name or password leaves what is there. */
export async function saveSite(db: DeskDatabase, site: { id: string; name?: string; passwordHash?: string }, nowAt: number): Promise<void> {
  const change = {
    ...(site.name && { name: site.name }),
    ...(site.passwordHash !== undefined && { password_hash: site.passwordHash }),
  };
  await db
    .insertInto('site')
    .values({ id: site.id, registered_at: nowAt, presence: 'never', presence_since: nowAt, heartbeat_s: DEFAULT_HEARTBEAT_S, ...change })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ id: site.id, ...change }))
    .execute();
  await keepName(db, site.id);
}

/** So that it is found and sorted by what it is called now. */
async function keepName(db: DeskDatabase, id: string): Promise<void> {
  const row = await findSite(db, id);
  if (row === undefined) return;
  const name = siteName(row);
  if (row.sort_name === folded(name)) return;
  await db
    .updateTable('site')
    .set({ sort_name: folded(name) })
    .where('id', '=', id)
    .execute();
  await keepHomeWords(db, { id, name });
}

export function presenceOf(row: SiteRow): Presence {
  return {
    phase: row.presence,
    sinceAt: row.presence_since,
    sid: row.sid ?? undefined,
    start: row.start ?? undefined,
    goodbye: row.goodbye ?? undefined,
    heartbeatS: row.heartbeat_s,
    heardAt: row.last_seen_at ?? undefined,
  };
}

type SavedPresence = Pick<SiteRow, 'id' | 'presence' | 'presence_since' | 'sid' | 'start' | 'goodbye' | 'heartbeat_s' | 'last_seen_at'>;

const updatePresence = prepared((db, { id, presence, presence_since, sid, start, goodbye, heartbeat_s, last_seen_at }: SavedPresence) =>
  db
    .updateTable('site')
    .set((eb) => ({
      presence,
      presence_since,
      sid,
      start,
      goodbye,
      heartbeat_s,
      last_seen_at,
      // PostgreSQL must be told what kind of nothing it may be.
      first_seen_at: eb.fn.coalesce('first_seen_at', eb.cast<number | null>(eb.val(last_seen_at), 'bigint')),
    }))
    .where('id', '=', id),
);

export async function savePresence(db: DeskDatabase, site: string, presence: Presence): Promise<void> {
  await updatePresence(db, {
    id: site,
    presence: presence.phase,
    presence_since: presence.sinceAt,
    sid: presence.sid ?? null,
    start: presence.start ?? null,
    goodbye: presence.goodbye ?? null,
    heartbeat_s: presence.heartbeatS,
    last_seen_at: presence.heardAt ?? null,
  });
}

/** What a birth tells about the hub itself. Its newest name for the home counts; none or an empty one changes nothing. */
export async function saveBirth(db: DeskDatabase, site: string, birth: { ver: string; tz?: string; siteName?: string }): Promise<void> {
  await db
    .updateTable('site')
    .set((eb) => ({
      hub_version: birth.ver,
      time_zone: birth.tz ?? null,
      hub_name: eb.fn.coalesce(eb.val(birth.siteName || null), 'hub_name'),
    }))
    .where('id', '=', site)
    .execute();
  await keepName(db, site);
}

const selectSession = prepared((db, { site, start }: { site: string; start: string }) =>
  db.selectFrom('session').selectAll().where('site_id', '=', site).where('start', '=', start),
);

/** By site and start; and the greatest number of each site. */
const sessions = new Remembering<SessionRow | undefined>();
const largest = new Remembering<number>();

export async function findSession(db: DeskDatabase, site: string, start: string): Promise<SessionRow | undefined> {
  return sessions.get(db, `${site} ${start}`, async () => (await selectSession(db, { site, start })).rows[0]);
}

/** Of one home; a hub that starts this often has nothing left to send from so long ago. */
const MAX_SESSIONS = 1000;

/** Numbers follow the desk's clock from here on. */
const FIRST_SESSION_AT = Date.UTC(2026, 0, 1);
/** As far as a clock brings them by itself (34 years); one that is further ahead leaves as many again to count on with. */
const MAX_SESSION_BY_CLOCK = MAX_SESSION / 2;

/**
 * The session number of a start: its old one when it has one, else the next of the site. It is never below `used`, which its hub's newest entries carry: a desk that
 * was put back to an older database does not know all the numbers that it granted.
 */
export async function grantSession(db: DeskDatabase, site: string, start: string, used: number, nowAt: number): Promise<number> {
  const known = await findSession(db, site, start);
  const isPossible = used < MAX_SESSION;
  if (known && (known.ses >= used || !isPossible)) return known.ses;
  return grantAbove(db, site, start, isPossible ? used : 0, nowAt);
}

/**
 * Gives a start a number that is greater than all of its site and than `used`, and no less than the seconds since 2026: where hub and desk were both put back to older
 * copies, neither knows what was granted in between, and that number must not be given to another start. What the desk knows of the start's clock stays.
 */
export async function grantAbove(db: DeskDatabase, site: string, start: string, used: number, nowAt: number): Promise<number> {
  const ses = Math.max(used + 1, (await largestSession(db, site)) + 1, sessionByClock(nowAt));
  sessions.forget(db, `${site} ${start}`);
  largest.forget(db, site);
  await db
    .insertInto('session')
    .values({ site_id: site, start, ses, anchor_at: null, granted_at: nowAt })
    .onConflict((conflict) => conflict.columns(['site_id', 'start']).doUpdateSet({ ses, granted_at: nowAt }))
    .execute();
  await dropSessionsOver(db, site);
  return ses;
}

function sessionByClock(nowAt: number): number {
  return Math.min(Math.max(Math.floor((nowAt - FIRST_SESSION_AT) / 1000), 1), MAX_SESSION_BY_CLOCK);
}

async function dropSessionsOver(db: DeskDatabase, site: string): Promise<void> {
  await db
    .deleteFrom('session')
    .where('site_id', '=', site)
    .where('ses', '<=', (eb) =>
      eb
        .selectFrom('session as other')
        .select('other.ses')
        .where('other.site_id', '=', site)
        .orderBy('other.ses', 'desc')
        .limit(1)
        .offset(MAX_SESSIONS),
    )
    .execute();
}

/** Never the greatest of a home, or its number would be granted again, nor that of the running start, whose clock is known by it. */
export async function dropSessionsBefore(db: DeskDatabase, cutoffAt: number): Promise<void> {
  await db
    .deleteFrom('session')
    .where('granted_at', '<', cutoffAt)
    .where('ses', '<', (eb) =>
      eb
        .selectFrom('session as other')
        .select((one) => one.fn.max('other.ses').as('last'))
        .whereRef('other.site_id', '=', 'session.site_id'),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('site').select('site.id').whereRef('site.id', '=', 'session.site_id').whereRef('site.start', '=', 'session.start'),
        ),
      ),
    )
    .execute();
}

const selectLargest = prepared((db, { site }: { site: string }) =>
  db
    .selectFrom('session')
    .select((eb) => eb.fn.max('ses').as('last'))
    .where('site_id', '=', site),
);

/** 0 before the first. */
export async function largestSession(db: DeskDatabase, site: string): Promise<number> {
  return largest.get(db, site, async () => Number((await selectLargest(db, { site })).rows[0]?.last ?? 0));
}

const updateAnchor = prepared((db, { site, start, anchorAt }: { site: string; start: string; anchorAt: number }) =>
  db.updateTable('session').set({ anchor_at: anchorAt }).where('site_id', '=', site).where('start', '=', start),
);

export async function saveAnchor(db: DeskDatabase, site: string, start: string, anchorAt: number): Promise<void> {
  sessions.forget(db, `${site} ${start}`);
  await updateAnchor(db, { site, start, anchorAt });
}
