/**
 * The step after which the desk knows how each device did without reading all that its home told: every change of its state in a few bytes (courses.ts). With it come what the
 * page of many homes counts, and which service policies held.
 */
import { type Kysely, type SchemaModule, sql } from 'kysely';
import { type DeviceStateMessage, deviceStateSchema } from '../../protocol/messages.ts';
import { roundTripOf } from '../courses/round-trip.ts';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addCourses(db: Kysely<DeskTables>, engine: Engine): Promise<void> {
  await createTables(db.schema, engine);
  await fillIn(db);
}

async function createTables(schema: SchemaModule, { text, serial, ordered }: Engine): Promise<void> {
  await schema
    .createTable('device_course')
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('device_id', text, (c) => c.notNull())
    .addColumn('since_at', 'bigint', (c) => c.notNull())
    .addColumn('ses', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'bigint', (c) => c.notNull())
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('was', text)
    .addColumn('rtt_us', 'integer')
    .addPrimaryKeyConstraint('device_course_pk', ['site_id', 'device_id', 'since_at', 'ses', 'pos'])
    .modifyEnd(ordered)
    .execute();
  await schema
    .createTable('home_absence')
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('to_at', 'bigint', (c) => c.notNull())
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('why', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('home_absence_pk', ['site_id', 'to_at'])
    .modifyEnd(ordered)
    .execute();
  await schema
    .createTable('policy_version')
    .addColumn('n', serial.type, serial.build)
    .addColumn('version', text, (c) => c.notNull())
    .addColumn('since', text, (c) => c.notNull())
    .addColumn('held_from_at', 'bigint', (c) => c.notNull())
    .addColumn('file', text)
    .addColumn('changed_at', 'bigint')
    .addColumn('changed_by', text)
    .addColumn('changes', text)
    .addColumn('body', text, (c) => c.notNull())
    .execute();
  // What calls for somebody, of each home by its day: counted without reading what is said of it, so all that is asked of it is in there.
  await schema
    .createIndex('alert_call')
    .on('alert')
    .columns(['site_id', 'raised_at', 'actionable_at', 'cleared_at', 'stage', 'severity'])
    .where(sql<boolean>`(stage is null or severity = 'critical') and severity <> 'info'`)
    .execute();
}

/** Of each home the newest: enough for the weeks that anybody looks at, and bounded where a home has told millions. */
const CHANGES_FILLED_IN = 2_000;
/** To a server each statement is a way there and back, and ten thousand homes have twenty million rows. */
const ROWS_AT_ONCE = 250;

async function fillIn(db: Kysely<DeskTables>): Promise<void> {
  for (const { id } of await db.selectFrom('site').select('id').execute()) {
    const told = await db
      .selectFrom('event')
      .select(['ses', 'pos', 'body', 'hub_at', 'occurred_at'])
      .where('site_id', '=', id)
      .where('kind', '=', 'device.state')
      .orderBy('occurred_at', 'desc')
      .limit(CHANGES_FILLED_IN)
      .execute();
    const rows = told.flatMap(({ ses, pos, body, hub_at, occurred_at }) => {
      const state = readState(body);
      if (state === undefined) return [];
      const since_at = Math.min(state.since + occurred_at - hub_at, occurred_at);
      return [{ site_id: id, device_id: state.device, since_at, ses, pos, state: state.state, was: null, rtt_us: roundTripOf(state) }];
    });
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE)
      await db
        .insertInto('device_course')
        .values(rows.slice(i, i + ROWS_AT_ONCE))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  }
}

/** Undefined for one that could not be read when it came: it was kept as it was, and may say anything. */
function readState(body: string): DeviceStateMessage | undefined {
  try {
    return deviceStateSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
