/** The step after which the desk keeps who looked into which home (decision 0045). */
import type { Kysely } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addLooks({ schema }: Kysely<DeskTables>, { text }: Engine): Promise<void> {
  await schema
    .createTable('look')
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('day', text, (c) => c.notNull())
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('look_pk', ['site_id', 'day', 'by'])
    .execute();
}
