/** What a report counts. */
import type { Counted, Span } from '../reports/report.ts';
import { OF_CONTRACTS } from '../vendors/contract.ts';
import type { DeskDatabase } from './migrations.ts';

/** More would make the desk stand still; a desk with so many tickets has other worries. */
export const MOST_COUNTED = 200_000;

/** Tickets that were opened or asked for in a span, the newest first. */
export async function listCounted(db: DeskDatabase, { from, to }: Span): Promise<Counted[]> {
  const rows = await db
    .selectFrom('ticket')
    .select(['site_id', 'symptom', 'state', 'opened_at', 'asked_at', 'answered_at', 'outcome', 'reopened'])
    .where((eb) =>
      eb.or([
        eb.and([eb('opened_at', '>=', from), eb('opened_at', '<', to)]),
        eb.and([eb('asked_at', '>=', from), eb('asked_at', '<', to)]),
      ]),
    )
    // That a contract ends is no trouble of a home.
    .where((eb) => eb.or([eb('symptom', 'is', null), eb('symptom', 'not like', `${OF_CONTRACTS}%`)]))
    .orderBy('number', 'desc')
    .limit(MOST_COUNTED)
    .execute();
  return rows.map(({ site_id, symptom, state, opened_at, asked_at, answered_at, outcome, reopened }) => ({
    site: site_id,
    state,
    openedAt: opened_at,
    askedAt: asked_at,
    reopened,
    ...(symptom === null ? {} : { symptom }),
    ...(answered_at === null ? {} : { answeredAt: answered_at }),
    ...(outcome === null ? {} : { outcome }),
  }));
}
