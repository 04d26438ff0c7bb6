/** What is done with accounts goes into a chain of its own, as what is done in a home does (tickets/audit.ts): that of the desk itself, which is no home. */
import { appendDeed } from '../store/audit.ts';
import type { DeskDatabase } from '../store/migrations.ts';

/** No home has an empty id. */
export const DESK_ITSELF = '';

/** Whoever has a shell on the desk's machine. */
export const COMMAND_LINE = 'command line';

/** Each desk on the database learns by it that a home is gone (ingest/gone.ts). */
export const HOME_FORGOTTEN = 'home.forgotten';

export type AccessDeed = { readonly at: number; readonly actor: string; readonly what: string; readonly detail: object };

/** Belongs into the transaction of what was done. */
export async function noteDeed(db: DeskDatabase, { at, actor, what, detail }: AccessDeed): Promise<void> {
  await appendDeed(db, { site: DESK_ITSELF, at, actor, what, ticket: null, detail });
}
