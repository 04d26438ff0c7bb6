/** The step after which homes that fall silent together are one incident: see ../incidents. */
import { type SchemaModule, sql } from 'kysely';
import type { Engine } from './engine.ts';

export async function addIncidents(schema: SchemaModule, { text, serial, ordered }: Engine): Promise<void> {
  await schema
    .createTable('incident')
    .addColumn('number', serial.type, serial.build)
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('size', 'integer', (c) => c.notNull())
    .addColumn('by_chance', 'double precision', (c) => c.notNull())
    .addColumn('since_at', 'bigint', (c) => c.notNull())
    .addColumn('last_fell_at', 'bigint', (c) => c.notNull())
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_because', text)
    .addColumn('assignee', text)
    .addColumn('answered_at', 'bigint')
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute();
  await schema
    .createTable('incident_home')
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('since_at', 'bigint', (c) => c.notNull())
    .addColumn('left_at', 'bigint')
    .addColumn('is_back', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('incident_home_pk', ['number', 'site_id'])
    .modifyEnd(ordered)
    .execute();
  await schema
    .createTable('incident_deed')
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('n', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', text, (c) => c.notNull())
    .addColumn('what', text, (c) => c.notNull())
    .addColumn('detail', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('incident_deed_pk', ['number', 'n'])
    .modifyEnd(ordered)
    .execute();
  await addIndexes(schema);
}

async function addIndexes(schema: SchemaModule): Promise<void> {
  await schema.createIndex('incident_open').on('incident').columns(['number']).where(sql.ref('ended_at'), 'is', null).execute();
  // A home is in one at most.
  const present = schema.createIndex('incident_home_present').on('incident_home').columns(['site_id']).unique();
  await present.where(sql.ref('left_at'), 'is', null).execute();
  await schema.createIndex('incident_home_of').on('incident_home').columns(['site_id', 'number']).execute();
  await schema
    .createIndex('alert_of_line')
    .on('alert')
    .columns(['site_id', 'raised_at'])
    .where(sql.ref('cleared_at'), 'is', null)
    .where(sql<boolean>`code in ('hub-silent', 'internet-down')`)
    .execute();
  await schema.createIndex('alert_of_silence').on('alert').columns(['raised_at']).where(sql<boolean>`code = 'hub-silent'`).execute();
}
