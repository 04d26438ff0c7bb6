/** The step after which the desk has accounts: people, which homes each may see, their sign-ins, one-time links, tokens for programs, and who fails to sign in. */
import { type Kysely, sql } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addAccess({ schema }: Kysely<DeskTables>, { text, ordered }: Engine): Promise<void> {
  await schema
    .createTable('person')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('sign_in_name', text, (c) => c.notNull().unique())
    .addColumn('full_name', text, (c) => c.notNull())
    .addColumn('full_name_key', text, (c) => c.notNull().unique())
    .addColumn('role', text, (c) => c.notNull())
    .addColumn('sees_all', 'integer', (c) => c.notNull())
    .addColumn('password_hash', text)
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('disabled_at', 'bigint')
    .execute();
  await schema
    .createTable('reach')
    .addColumn('holder', text, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('name', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('reach_pk', ['holder', 'kind', 'name'])
    .modifyEnd(ordered)
    .execute();
  await schema
    .createTable('dealer_home')
    .addColumn('dealer', text, (c) => c.notNull())
    .addColumn('site_id', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('dealer_home_pk', ['dealer', 'site_id'])
    .modifyEnd(ordered)
    .execute();
  const inReach = sql`select holder, name as site_id from reach where kind = 'site'
    union all select reach.holder, dealer_home.site_id from reach inner join dealer_home on dealer_home.dealer = reach.name where reach.kind = 'dealer'`;
  await schema
    .createView('in_reach')
    .as(inReach as never)
    .execute();
  await schema
    .createTable('sign_in')
    .addColumn('hash', text, (c) => c.primaryKey().notNull())
    .addColumn('id', text, (c) => c.notNull().unique())
    .addColumn('person_id', text, (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('address', text, (c) => c.notNull())
    .addColumn('browser', text, (c) => c.notNull())
    .execute();
  await schema.createIndex('sign_in_of').on('sign_in').columns(['person_id', 'created_at']).execute();
  await schema
    .createTable('one_time_link')
    .addColumn('hash', text, (c) => c.primaryKey().notNull())
    .addColumn('person_id', text)
    .addColumn('made_by', text, (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('throttle')
    .addColumn('name', text, (c) => c.primaryKey().notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('until_at', 'bigint', (c) => c.notNull())
    .addColumn('right_at', 'bigint')
    .execute();
  await schema.createIndex('throttle_last').on('throttle').columns(['last_at']).execute();
  await schema
    .createTable('token')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('hash', text, (c) => c.notNull().unique())
    .addColumn('title', text, (c) => c.notNull())
    .addColumn('role', text, (c) => c.notNull())
    .addColumn('sees_all', 'integer', (c) => c.notNull())
    .addColumn('made_by', text, (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
}
