/** The step after which the desk keeps the people of a home and notes about it (decision 0040). */
import type { Kysely } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addDossier({ schema }: Kysely<DeskTables>, { text, serial }: Engine): Promise<void> {
  await schema
    .createTable('contact')
    .addColumn('no', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('role', text, (c) => c.notNull())
    .addColumn('has_key', 'integer', (c) => c.notNull())
    .addColumn('is_first', 'integer', (c) => c.notNull())
    .addColumn('ways', text, (c) => c.notNull())
    .addColumn('hours', text)
    .addColumn('language', text)
    .addColumn('about', text)
    .addColumn('made_by', text, (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', text)
    .addColumn('changed_at', 'bigint')
    .execute();
  await schema.createIndex('contact_of_site').on('contact').columns(['site_id']).execute();
  await schema
    .createTable('home_note')
    .addColumn('no', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('pinned', 'integer', (c) => c.notNull())
    .addColumn('made_by', text, (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', text)
    .addColumn('changed_at', 'bigint')
    .execute();
  await schema.createIndex('home_note_of_site').on('home_note').columns(['site_id']).execute();
}
