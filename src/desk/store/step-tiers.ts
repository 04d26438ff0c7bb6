/** The step after which the desk keeps what plans ask of it: whom a ticket was passed on to, who is on shift, and the time that was worked (decision 0038). */
import { type Kysely, sql } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addTiers(db: Kysely<DeskTables>, { text, serial }: Engine): Promise<void> {
  await addSteps(db, text);
  await db.schema
    .createTable('shift')
    .addColumn('name', text, (c) => c.primaryKey())
    .addColumn('is_on', 'integer', (c) => c.notNull())
    .addColumn('since_at', 'bigint', (c) => c.notNull())
    .addColumn('until_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('time_entry')
    .addColumn('no', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('ticket', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('minutes', 'integer', (c) => c.notNull())
    .addColumn('counted', 'integer', (c) => c.notNull())
    .addColumn('billable', 'integer', (c) => c.notNull())
    .addColumn('consent_from', text)
    .addColumn('rate', text)
    .addColumn('override', text)
    .addColumn('taken_back', text)
    .execute();
  await db.schema.createIndex('time_entry_at').on('time_entry').columns(['at']).execute();
  await db.schema.createIndex('time_entry_of_site').on('time_entry').columns(['site_id', 'at']).execute();
}

/** One column a statement: SQLite adds no more. Whoever has a ticket already has seen it, and so has whoever let it wait, put it off or handed it over. */
async function addSteps(db: Kysely<DeskTables>, text: Engine['text']): Promise<void> {
  const { schema } = db;
  for (const column of ['seen_at', 'passed_at', 'counts_from']) await schema.alterTable('ticket').addColumn(column, 'bigint').execute();
  await schema.alterTable('ticket').addColumn('passed_to', text).execute();
  for (const table of ['ticket', 'notice_seen'])
    await schema
      .alterTable(table)
      .addColumn('step', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  await sql`update ticket set seen_at = coalesce(answered_at, asked_at) where assignee is not null or answered_at is not null
    or waits_for is not null or snoozed_until is not null or tier <> 'basic'`.execute(db);
}
