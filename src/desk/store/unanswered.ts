/** Tickets that nobody has taken or answered, and whom they were passed on to. */
import type { Passed, Ticket } from '../tickets/ticket.ts';
import type { DeskDatabase } from './migrations.ts';
import { ticketOf } from './tickets.ts';

/** Of the open ones, who waits longest first. */
export async function listUnseen(db: DeskDatabase): Promise<Ticket[]> {
  const rows = db.selectFrom('ticket').selectAll().where('is_open', '=', 1).where('seen_at', 'is', null);
  return (await rows.orderBy('asked_at').orderBy('number').execute()).map(ticketOf);
}

/**
 * False where somebody was quicker: a person who took it, or another desk. The version stays: nobody who has the ticket before him and takes it in this moment is to be told that somebody
 * was quicker.
 */
export async function savePassed(db: DeskDatabase, { number, version, passed }: Ticket, { step, to, at }: Passed): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('ticket')
    .set({ step, passed_to: to, passed_at: at, counts_from: null })
    .where('number', '=', number)
    .where('version', '=', version)
    .where('step', '=', passed?.step ?? 0)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function saveCountsFrom(db: DeskDatabase, number: number, at: number): Promise<void> {
  await db.updateTable('ticket').set({ counts_from: at }).where('number', '=', number).where('seen_at', 'is', null).execute();
}
