/**
 * The desk's tables, step by step: a step that was released is never changed, only followed by another. Only SQL that SQLite and
 * PostgreSQL share, so that both engines run the same steps.
 */
import { type CreateTableBuilder, type Kysely, type SchemaModule, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { HearthbeatError } from '../../base/errors.ts';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';
import { addAccess } from './step-access.ts';
import { addCourses } from './step-courses.ts';
import { addDoors } from './step-doors.ts';
import { addDossier } from './step-dossier.ts';
import { addHomesAndSearch } from './step-homes-and-search.ts';
import { addIncidents } from './step-incidents.ts';
import { dropUnusedIndex } from './step-leaner.ts';
import { addLooks } from './step-looks.ts';
import { addNotices } from './step-notices.ts';
import { addPicturesAndVisits } from './step-pictures-and-visits.ts';
import { addPush } from './step-push.ts';
import { addTiers } from './step-tiers.ts';
import { addVendors } from './step-vendors.ts';

export type DeskDatabase = Kysely<DeskTables>;

const MIGRATION_TABLE = 'kysely_migration';

const STEPS = [
  '0001-first-light',
  '0002-names-of-hubs',
  '0003-acknowledgements-and-silences',
  '0004-ends-of-devices',
  '0005-told-stages',
  '0006-uncertain-times',
  '0007-tickets-and-audit',
  '0008-homes-and-search',
  '0010-notices',
  '0011-incidents',
  '0012-access',
  '0013-doors',
  '0014-tiers',
  '0015-courses',
  '0016-dossier',
  '0017-push',
  '0018-leaner',
  '0019-vendors',
  '0020-pictures-and-visits',
  '0022-looks',
] as const;

function migrations(engine: Engine): Record<(typeof STEPS)[number], Migration> {
  return {
    '0001-first-light': { up: (db) => createFirstTables(db.schema, engine) },
    '0002-names-of-hubs': { up: (db) => db.schema.alterTable('site').addColumn('hub_name', engine.text).execute() },
    '0003-acknowledgements-and-silences': { up: (db) => addAcknowledgementsAndSilences(db.schema, engine) },
    '0004-ends-of-devices': { up: (db) => addEndsOfDevices(db.schema, engine) },
    '0005-told-stages': { up: (db) => addToldStages(db, engine) },
    '0006-uncertain-times': { up: (db) => addUncertainTimes(db.schema) },
    '0007-tickets-and-audit': { up: (db) => addTicketsAndAudit(db.schema, engine) },
    '0008-homes-and-search': { up: (db) => addHomesAndSearch(db, engine) },
    '0010-notices': { up: (db) => addNotices(db.schema, engine) },
    '0011-incidents': { up: (db) => addIncidents(db.schema, engine) },
    '0012-access': { up: (db) => addAccess(db, engine) },
    '0013-doors': { up: (db) => addDoors(db, engine) },
    '0014-tiers': { up: (db) => addTiers(db, engine) },
    '0015-courses': { up: (db) => addCourses(db, engine) },
    '0016-dossier': { up: (db) => addDossier(db, engine) },
    '0017-push': { up: (db) => addPush(db, engine) },
    '0018-leaner': { up: dropUnusedIndex },
    '0019-vendors': { up: (db) => addVendors(db, engine) },
    '0020-pictures-and-visits': { up: (db) => addPicturesAndVisits(db, engine) },
    '0022-looks': { up: (db) => addLooks(db, engine) },
  };
}

async function createFirstTables(schema: SchemaModule, engine: Engine): Promise<void> {
  const { text, serial } = engine;
  await schema
    .createTable('site')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('name', text)
    .addColumn('password_hash', text)
    .addColumn('registered_at', 'bigint', (c) => c.notNull())
    .addColumn('first_seen_at', 'bigint')
    .addColumn('last_seen_at', 'bigint')
    .addColumn('presence', text, (c) => c.notNull())
    .addColumn('presence_since', 'bigint', (c) => c.notNull())
    .addColumn('sid', text)
    .addColumn('start', text)
    .addColumn('goodbye', text)
    .addColumn('heartbeat_s', 'integer', (c) => c.notNull())
    .addColumn('hub_version', text)
    .addColumn('time_zone', text)
    .execute();
  await schema
    .createTable('session')
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('start', text, (c) => c.notNull())
    .addColumn('ses', 'bigint', (c) => c.notNull())
    .addColumn('anchor_at', 'double precision')
    .addColumn('granted_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_pk', ['site_id', 'start'])
    .addUniqueConstraint('session_number', ['site_id', 'ses'])
    .execute();
  await ordered(
    schema.createTable('device').addColumn('id', text, (c) => c.notNull()),
    engine,
  )
    .addColumn('body', text)
    .addColumn('first_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('removed_at', 'bigint')
    .addPrimaryKeyConstraint('device_pk', ['site_id', 'id'])
    .execute();
  await ordered(
    schema.createTable('device_state').addColumn('device_id', text, (c) => c.notNull()),
    engine,
  )
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('since_at', 'bigint', (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('clock_offset_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('device_state_pk', ['site_id', 'device_id'])
    .execute();
  await createAlertTable(schema, engine);
  await ordered(schema.createTable('site_state'), engine)
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('site_state_pk', ['site_id'])
    .execute();
  await createEventTable(schema, engine);
  await ordered(
    schema.createTable('snapshot_part').addColumn('snapshot', text, (c) => c.notNull()),
    engine,
  )
    .addColumn('part', 'integer', (c) => c.notNull())
    .addColumn('parts', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('snapshot_part_pk', ['site_id', 'snapshot', 'part'])
    .execute();
  await schema
    .createTable('quarantine')
    .addColumn('seq', serial.type, serial.build)
    .addColumn('site_id', text)
    .addColumn('topic', text, (c) => c.notNull())
    .addColumn('reason', text, (c) => c.notNull())
    .addColumn('sample', text, (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function createAlertTable(schema: SchemaModule, engine: Engine): Promise<void> {
  const { text } = engine;
  await ordered(
    schema.createTable('alert').addColumn('key', text, (c) => c.notNull()),
    engine,
  )
    .addColumn('raised_hub_at', 'bigint', (c) => c.notNull())
    .addColumn('code', text, (c) => c.notNull())
    .addColumn('severity', text, (c) => c.notNull())
    .addColumn('device_id', text)
    .addColumn('raised_at', 'bigint', (c) => c.notNull())
    .addColumn('actionable_at', 'bigint', (c) => c.notNull())
    .addColumn('cleared_at', 'bigint')
    .addColumn('cleared_because', text)
    .addColumn('source', text, (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('clock_offset_ms', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('late', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('alert_pk', ['site_id', 'key', 'raised_hub_at'])
    .execute();
  await schema.createIndex('alert_firing').on('alert').columns(['site_id', 'key']).where(sql.ref('cleared_at'), 'is', null).execute();
  await schema.createIndex('alert_history').on('alert').columns(['site_id', 'raised_at']).execute();
}

async function createEventTable(schema: SchemaModule, engine: Engine): Promise<void> {
  const { text, serial } = engine;
  await ordered(schema.createTable('event').addColumn('seq', serial.type, serial.build), engine)
    .addColumn('id', text, (c) => c.notNull())
    .addColumn('start', text, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('hub_at', 'bigint', (c) => c.notNull())
    .addColumn('occurred_at', 'bigint', (c) => c.notNull())
    .addColumn('occurred_by', text, (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('late', 'integer', (c) => c.notNull())
    .addUniqueConstraint('event_once', ['site_id', 'id'])
    .execute();
  await schema.createIndex('event_order').on('event').columns(['site_id', 'ses', 'pos']).execute();
  await schema.createIndex('event_time').on('event').columns(['site_id', 'occurred_at']).execute();
}

/** One column a statement: SQLite adds no more. */
async function addAcknowledgementsAndSilences(schema: SchemaModule, { text }: Engine): Promise<void> {
  await schema.alterTable('alert').addColumn('acknowledged', text).execute();
  await schema
    .alterTable('alert')
    .addColumn('untold', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .alterTable('site_state')
    .addColumn('clock_offset_ms', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
}

async function addEndsOfDevices(schema: SchemaModule, engine: Engine): Promise<void> {
  const { text } = engine;
  await ordered(
    schema.createTable('device_verdict').addColumn('device_id', text, (c) => c.notNull()),
    engine,
  )
    .addColumn('state', text)
    .addColumn('tell', text)
    .addColumn('body', text)
    .addPrimaryKeyConstraint('device_verdict_pk', ['site_id', 'device_id'])
    .execute();
  await schema.alterTable('alert').addColumn('stage', 'integer').execute();
  await schema.alterTable('alert').addColumn('ends', text).execute();
}

/** What was told before is known from the occurrences. */
async function addToldStages(db: Kysely<DeskTables>, { text }: Engine): Promise<void> {
  await db.schema
    .createTable('told_stage')
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('key', text, (c) => c.notNull())
    .addColumn('ends', text, (c) => c.notNull())
    .addColumn('stage', 'integer', (c) => c.notNull())
    .addColumn('told_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('told_stage_pk', ['site_id', 'key', 'ends'])
    .execute();
  await db.schema
    .alterTable('alert')
    .addColumn('forgotten', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`insert into told_stage (site_id, key, ends, stage, told_at)
    select site_id, key, coalesce(ends, ''), min(stage), max(received_at) from alert where stage is not null group by site_id, key, ends`.execute(
    db,
  );
}

async function addUncertainTimes(schema: SchemaModule): Promise<void> {
  for (const table of ['event', 'alert']) {
    for (const column of ['not_before', 'not_after']) await schema.alterTable(table).addColumn(column, 'bigint').execute();
  }
}

async function addTicketsAndAudit(schema: SchemaModule, { text, serial }: Engine): Promise<void> {
  await schema
    .createTable('ticket')
    .addColumn('number', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('symptom', text)
    .addColumn('title', text, (c) => c.notNull())
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('is_open', 'integer', (c) => c.notNull())
    .addColumn('tier', text, (c) => c.notNull())
    .addColumn('assignee', text)
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('asked_at', 'bigint', (c) => c.notNull())
    .addColumn('answered_at', 'bigint')
    .addColumn('waits_for', text)
    .addColumn('snoozed_until', 'bigint')
    .addColumn('resolved_at', 'bigint')
    .addColumn('outcome', text)
    .addColumn('reopened', 'integer', (c) => c.notNull())
    .addColumn('touched', 'integer', (c) => c.notNull())
    .addColumn('merged_into', 'bigint')
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute();
  await schema.createIndex('ticket_open').on('ticket').columns(['site_id', 'symptom']).unique().where(sql.ref('is_open'), '=', 1).execute();
  await schema.createIndex('ticket_of_site').on('ticket').columns(['site_id', 'number']).execute();
  await schema.createIndex('ticket_state').on('ticket').columns(['state']).execute();
  await schema
    .createTable('ticket_alert')
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('key', text, (c) => c.notNull())
    .addColumn('raised_hub_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('ticket_alert_pk', ['site_id', 'key', 'raised_hub_at'])
    .execute();
  await schema.createIndex('ticket_alert_number').on('ticket_alert').columns(['number']).execute();
  await schema
    .createTable('audit')
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('n', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', text, (c) => c.notNull())
    .addColumn('what', text, (c) => c.notNull())
    .addColumn('ticket', 'bigint')
    .addColumn('detail', text, (c) => c.notNull())
    .addColumn('hash', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('audit_pk', ['site_id', 'n'])
    .execute();
}

type TableBuilder = CreateTableBuilder<string, string>;

/** The columns of every table whose rows belong to a site and follow the hub's order. */
function ordered(table: TableBuilder, { text }: Engine): TableBuilder {
  return table
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('ses', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'bigint', (c) => c.notNull());
}

/** Brings the tables up to this version. Call `refuseNewer` first. */
export async function migrate(database: DeskDatabase, engine: Engine): Promise<void> {
  const provider: MigrationProvider = { getMigrations: async () => migrations(engine) };
  const { error } = await new Migrator({ db: database, provider, migrationTableName: MIGRATION_TABLE }).migrateToLatest();
  if (error) throw error;
}

/** Throws HB_DATABASE_NEWER when steps were applied that this version does not know. Only reads. `location` and `otherwise`, what to choose instead, are for the message. */
export async function refuseNewer(database: DeskDatabase, location: string, otherwise: string): Promise<void> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATION_TABLE)) return;
  const steps = database as unknown as Kysely<Record<typeof MIGRATION_TABLE, { name: string }>>;
  const applied = await steps.selectFrom(MIGRATION_TABLE).select('name').execute();
  const newer = applied.filter((step) => !(STEPS as readonly string[]).includes(step.name));
  if (newer.length === 0) return;
  throw new HearthbeatError(
    'HB_DATABASE_NEWER',
    `The desk's database ${location} was written by a newer hearthbeat (it has the steps ${newer.map((step) => step.name).join(', ')}).`,
    `Install that newer version again or choose ${otherwise}; the database was not touched.`,
  );
}
