/** How devices did: each change of a state in a few bytes, kept apart from what hubs said with it, and when nobody looked. */
import type { AbsenceMessage, DeviceStateMessage, HealthState } from '../../protocol/messages.ts';
import type { Change, Gap } from '../courses/course.ts';
import { roundTripOf } from '../courses/round-trip.ts';
import type { Order } from '../order.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import type { DeskTables } from './schema.ts';

type CourseRow = DeskTables['device_course'];

const insertChange = prepared((db, { site_id, device_id, since_at, ses, pos, state, was, rtt_us }: CourseRow) =>
  db
    .insertInto('device_course')
    .values({ site_id, device_id, since_at, ses, pos, state, was, rtt_us })
    .onConflict((conflict) => conflict.doNothing()),
);

/** `was`: what it was until then, as far as the desk had been told. `sinceAt`: by the desk's clock. */
export async function noteChange(
  db: DeskDatabase,
  site: string,
  state: DeviceStateMessage,
  order: Order,
  { sinceAt, was }: { readonly sinceAt: number; readonly was?: HealthState | undefined },
): Promise<void> {
  await insertChange(db, {
    site_id: site,
    device_id: state.device,
    since_at: sinceAt,
    ...order,
    state: state.state,
    was: was ?? null,
    rtt_us: roundTripOf(state),
  });
}

/** Of one device so many are drawn: one that changed more often has no course that anybody could read. */
export const MOST_CHANGES = 2_000;

const COLUMNS = ['since_at', 'state', 'was', 'rtt_us'] as const;

/** The newest within the span, the oldest of them first, and before them the one that still held when it began. */
export async function listChanges(
  db: DeskDatabase,
  { site, device, from, to }: { readonly site: string; readonly device: string } & Gap,
): Promise<Change[]> {
  const of = db.selectFrom('device_course').select(COLUMNS).where('site_id', '=', site).where('device_id', '=', device);
  const order = (query: typeof of) => query.orderBy('since_at', 'desc').orderBy('ses', 'desc').orderBy('pos', 'desc');
  const within = await order(of.where('since_at', '>=', from).where('since_at', '<=', to))
    .limit(MOST_CHANGES)
    .execute();
  const before =
    within.length < MOST_CHANGES
      ? await order(of.where('since_at', '<', from))
          .limit(1)
          .execute()
      : [];
  return [...within, ...before].reverse().map(({ since_at, state, was, rtt_us }) => ({
    at: since_at,
    state: state as HealthState,
    ...(was === null ? {} : { was: was as HealthState }),
    ...(rtt_us === null ? {} : { rttMs: rtt_us / 1000 }),
  }));
}

/** A hub tells its newest absence with each of its states: two that end within this time are one, read by a clock that was set right meanwhile. */
const SAME_ABSENCE_MS = 60_000;

/** `span`: by the desk's clock. */
export async function noteAbsence(db: DeskDatabase, site: string, why: AbsenceMessage['why'], { from, to }: Gap): Promise<void> {
  const known = await db
    .selectFrom('home_absence')
    .select('to_at')
    .where('site_id', '=', site)
    .where('to_at', '>=', to - SAME_ABSENCE_MS)
    .where('to_at', '<=', to + SAME_ABSENCE_MS)
    .limit(1)
    .executeTakeFirst();
  if (known !== undefined) return;
  await db.insertInto('home_absence').values({ site_id: site, to_at: to, from_at: from, why }).execute();
}

export type Absences = {
  /** The desk heard nothing of its hub. */
  readonly silences: readonly Gap[];
  /** The hub did not look, by its own word. */
  readonly away: readonly Gap[];
  /** It looked all the while, and told later what it saw. */
  readonly cut: readonly Gap[];
};

/** Of each kind: a hub that is away more often is none to go by. */
const MOST_ABSENCES = 500;
const HUB_SILENT = 'hub-silent';

/** What of it touches the span. `unheardMs`: how long a hub is not heard before it is called silent. One that lasts ends at the end of the span. */
export async function listAbsences(db: DeskDatabase, site: string, { from, to }: Gap, unheardMs: number): Promise<Absences> {
  const [silent, told] = await Promise.all([
    db
      .selectFrom('alert')
      .select(['raised_at', 'cleared_at'])
      .where('site_id', '=', site)
      .where('key', '=', HUB_SILENT)
      .where((eb) => eb.or([eb('cleared_at', 'is', null), eb('cleared_at', '>=', from)]))
      .orderBy('raised_hub_at', 'desc')
      .limit(MOST_ABSENCES)
      .execute(),
    db
      .selectFrom('home_absence')
      .select(['from_at', 'to_at', 'why'])
      .where('site_id', '=', site)
      .where('to_at', '>=', from)
      .orderBy('to_at', 'desc')
      .limit(MOST_ABSENCES)
      .execute(),
  ]);
  const gaps = (isCut: boolean): Gap[] =>
    told.filter(({ why }) => (why === 'line-cut') === isCut).map(({ from_at, to_at }) => ({ from: from_at, to: to_at }));
  return {
    silences: silent.map(({ raised_at, cleared_at }) => ({ from: raised_at - unheardMs, to: cleared_at ?? to })),
    away: gaps(false),
    cut: gaps(true),
  };
}

/** A statement goes through what it keeps of so many homes: no more, or the desk would stand still meanwhile. */
const HOMES_AT_ONCE = 20;

/** Lets others have their turn: on SQLite one statement after the other leaves none. */
export type Pause = () => Promise<void>;
export const NO_PAUSE: Pause = async () => {};

/** What a device was before stands with its next change, so nothing before the cut-off is needed. */
export async function dropCoursesBefore(db: DeskDatabase, cutoffAt: number, pause = NO_PAUSE): Promise<void> {
  const homes = (await db.selectFrom('site').select('id').execute()).map(({ id }) => id);
  for (let i = 0; i < homes.length; i += HOMES_AT_ONCE) {
    if (i > 0) await pause();
    const some = homes.slice(i, i + HOMES_AT_ONCE);
    await db.deleteFrom('device_course').where('site_id', 'in', some).where('since_at', '<', cutoffAt).execute();
    await db.deleteFrom('home_absence').where('site_id', 'in', some).where('to_at', '<', cutoffAt).execute();
  }
}
