/** The step after which browsers of people are told of tickets (Web Push, decision 0041). */
import type { Kysely } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addPush({ schema }: Kysely<DeskTables>, { text }: Engine): Promise<void> {
  await schema
    .createTable('push_key')
    .addColumn('name', text, (c) => c.primaryKey().notNull())
    .addColumn('public_key', text, (c) => c.notNull())
    .addColumn('private_key', text, (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('push_browser')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('person_id', text, (c) => c.notNull())
    .addColumn('endpoint', text, (c) => c.notNull().unique())
    .addColumn('p256dh', text, (c) => c.notNull())
    .addColumn('auth', text, (c) => c.notNull())
    .addColumn('title', text, (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('last_answer', text)
    .execute();
  await schema.createIndex('push_browser_of').on('push_browser').columns(['person_id', 'created_at']).execute();
  await schema
    .createTable('push_told')
    .addColumn('browser_id', text, (c) => c.notNull())
    .addColumn('about', text, (c) => c.notNull())
    .addColumn('said', text, (c) => c.notNull())
    .addColumn('told_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('push_told_pk', ['about', 'browser_id'])
    .execute();
  await schema
    .createTable('push_owed')
    .addColumn('browser_id', text, (c) => c.notNull())
    .addColumn('about', text, (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('push_owed_pk', ['browser_id', 'about'])
    .execute();
}
