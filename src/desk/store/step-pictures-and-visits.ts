/** The step after which the desk keeps visits to a home, links and pictures of it (decision 0040). */
import type { Kysely } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addPicturesAndVisits({ schema }: Kysely<DeskTables>, { text, bytes, serial }: Engine): Promise<void> {
  const kept = (table: string) =>
    schema
      .createTable(table)
      .addColumn('no', serial.type, serial.build)
      .addColumn('site_id', text, (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('made_by', text, (c) => c.notNull())
      .addColumn('made_at', 'bigint', (c) => c.notNull())
      .addColumn('changed_by', text)
      .addColumn('changed_at', 'bigint');
  await kept('home_visit')
    .addColumn('day', text, (c) => c.notNull())
    .addColumn('who', text, (c) => c.notNull())
    .addColumn('why', text, (c) => c.notNull())
    .addColumn('done', text)
    .addColumn('next_due', text)
    .execute();
  await kept('home_link')
    .addColumn('title', text, (c) => c.notNull())
    .addColumn('address', text, (c) => c.notNull())
    .execute();
  await kept('home_picture')
    .addColumn('caption', text, (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('jpeg', bytes, (c) => c.notNull())
    .execute();
  for (const table of ['home_visit', 'home_link', 'home_picture'])
    await schema.createIndex(`${table}_of_site`).on(table).columns(['site_id']).execute();
}
