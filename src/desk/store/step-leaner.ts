/** The step after which no entry is written into an index that nobody asks: the history is read by arrival, by place and by id. */
import type { Kysely } from 'kysely';
import type { DeskTables } from './schema.ts';

export async function dropUnusedIndex({ schema }: Kysely<DeskTables>): Promise<void> {
  await schema.dropIndex('event_time').ifExists().execute();
}
