/** Writes down what a vendor was asked about a ticket, and how far that has come. Belongs into the transaction of the step on the ticket. */
import { present } from '../../base/present.ts';
import { type ContractPlace, listContractsOf } from '../store/contracts.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { insertVendorCase, listCasesOf, updateVendorCase } from '../store/vendor-cases.ts';
import type { Step } from '../tickets/ticket.ts';
import { type Reached, reach } from './vendor-case.ts';

/** `contract`: by which it was asked after all. */
type Recorded = { readonly entry: number; readonly vendor: string; readonly contract?: number | undefined };
type Asked = ContractPlace & { readonly ticket: number };

/** What the audit says of it beside the step; a reason where it cannot be. */
export async function recordVendor(
  db: DeskDatabase,
  asked: Asked,
  step: Extract<Step, { do: 'vendor' | 'vendor-reached' }>,
  reached: Reached,
): Promise<Recorded | string> {
  return step.do === 'vendor' ? open(db, asked, step, reached) : move(db, asked, step, reached);
}

async function open(
  db: DeskDatabase,
  { ticket, ...place }: Asked,
  { vendor: typed, contract: by, case: name }: Extract<Step, { do: 'vendor' }>,
  opened: Reached,
): Promise<Recorded | string> {
  // A vendor who was typed is one by none of them.
  const contract = typed === undefined ? by : undefined;
  const known = contract === undefined ? undefined : (await listContractsOf(db, place)).find(({ no }) => no === contract);
  if (contract !== undefined && known === undefined) return 'This home has no such contract any more.';
  const vendor = typed ?? known?.vendor;
  if (vendor === undefined) return 'Say which vendor: by one of the contracts of the home, or by name.';
  return {
    entry: await insertVendorCase(db, { site: place.site, ticket, vendor, opened, ...present({ contract, name }) }),
    vendor,
    contract,
  };
}

async function move(
  db: DeskDatabase,
  { ticket }: Asked,
  { entry, tier, case: name }: Extract<Step, { do: 'vendor-reached' }>,
  reached: Reached,
): Promise<Recorded | string> {
  const before = (await listCasesOf(db, ticket)).find(({ no }) => no === entry);
  if (before === undefined) return 'It has no such case with a vendor.';
  const moved = reach(before, tier, reached);
  if ('refused' in moved) return moved.refused;
  await updateVendorCase(db, name === undefined ? moved : { ...moved, name });
  return { entry, vendor: moved.vendor };
}
