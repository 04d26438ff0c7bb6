/** The step after which people come in by passkeys and by the provider of their house, sign-ins say by which way, and tokens can be a person's. */
import type { Kysely } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addDoors({ schema }: Kysely<DeskTables>, { text, ordered }: Engine): Promise<void> {
  await schema
    .createTable('passkey')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('person_id', text, (c) => c.notNull())
    .addColumn('credential', text, (c) => c.notNull().unique())
    .addColumn('public_key', text, (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('is_synced', 'integer', (c) => c.notNull())
    .addColumn('title', text, (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
  await schema.createIndex('passkey_of').on('passkey').columns(['person_id', 'created_at']).execute();
  await schema
    .createTable('identity')
    .addColumn('issuer', text, (c) => c.notNull())
    .addColumn('subject', text, (c) => c.notNull())
    .addColumn('person_id', text, (c) => c.notNull())
    .addColumn('email', text)
    .addColumn('linked_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addPrimaryKeyConstraint('identity_pk', ['issuer', 'subject'])
    .modifyEnd(ordered)
    .execute();
  await schema.createIndex('identity_of').on('identity').columns(['person_id', 'issuer']).unique().execute();
  await schema
    .createTable('spent_challenge')
    .addColumn('hash', text, (c) => c.primaryKey().notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .alterTable('sign_in')
    .addColumn('way', text, (c) => c.notNull().defaultTo('password'))
    .execute();
  await schema.alterTable('token').addColumn('person_id', text).execute();
  await schema.alterTable('token').addColumn('scopes', text).execute();
  await schema.createIndex('token_of').on('token').columns(['person_id']).execute();
}
