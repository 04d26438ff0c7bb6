/** What vendors were asked about tickets. What was written stays. */
import type { Selectable } from 'kysely';
import { present } from '../../base/present.ts';
import type { Span } from '../reports/report.ts';
import type { Reached, VendorCase } from '../vendors/vendor-case.ts';
import type { DeskDatabase } from './migrations.ts';
import type { VendorCaseTable } from './vendor-tables.ts';

/** Answers its number. */
export async function insertVendorCase(db: DeskDatabase, one: Omit<VendorCase, 'no'>): Promise<number> {
  const { site, ticket, ...said } = one;
  const row = { site_id: site, ticket, ...columnsOf(said) };
  return Number((await db.insertInto('vendor_case').values(row).returning('no').executeTakeFirstOrThrow()).no);
}

export async function updateVendorCase(db: DeskDatabase, one: VendorCase): Promise<void> {
  await db.updateTable('vendor_case').set(columnsOf(one)).where('no', '=', one.no).execute();
}

/** In their order. */
export async function listCasesOf(db: DeskDatabase, ticket: number): Promise<VendorCase[]> {
  return (await db.selectFrom('vendor_case').selectAll().where('ticket', '=', ticket).orderBy('no').execute()).map(caseIn);
}

/** Of tickets that people work on: those that are not closed, and with which nobody qualified was reached. */
export async function listWaitingCases(db: DeskDatabase): Promise<VendorCase[]> {
  const query = db.selectFrom('vendor_case').innerJoin('ticket', 'ticket.number', 'vendor_case.ticket').selectAll('vendor_case');
  const rows = query
    .where('ticket.is_open', '=', 1)
    .where('vendor_case.qualified_at', 'is', null)
    .where('vendor_case.closed_at', 'is', null);
  return (await rows.orderBy('vendor_case.no').execute()).map(caseIn);
}

/** Those that were opened in a span. */
export async function listCasesOpened(db: DeskDatabase, { from, to }: Span): Promise<VendorCase[]> {
  const rows = db.selectFrom('vendor_case').selectAll().where('opened_at', '>=', from).where('opened_at', '<', to);
  return (await rows.orderBy('no').execute()).map(caseIn);
}

type Columns = Omit<Selectable<VendorCaseTable>, 'no' | 'site_id' | 'ticket'>;

function columnsOf({ vendor, contract, name, opened, answered, qualified, closed }: Omit<VendorCase, 'no' | 'site' | 'ticket'>): Columns {
  return {
    vendor,
    contract: contract ?? null,
    name: name ?? null,
    opened_at: opened.at,
    opened_by: opened.by,
    answered_at: answered?.at ?? null,
    answered_by: answered?.by ?? null,
    qualified_at: qualified?.at ?? null,
    qualified_by: qualified?.by ?? null,
    closed_at: closed?.at ?? null,
    closed_by: closed?.by ?? null,
  };
}

function caseIn(row: Selectable<VendorCaseTable>): VendorCase {
  const reached = (at: number | null, by: string | null): Reached | undefined => (at === null || by === null ? undefined : { at, by });
  return {
    no: row.no,
    site: row.site_id,
    ticket: row.ticket,
    vendor: row.vendor,
    opened: { at: row.opened_at, by: row.opened_by },
    ...present({
      contract: row.contract ?? undefined,
      name: row.name ?? undefined,
      answered: reached(row.answered_at, row.answered_by),
      qualified: reached(row.qualified_at, row.qualified_by),
      closed: reached(row.closed_at, row.closed_by),
    }),
  };
}
