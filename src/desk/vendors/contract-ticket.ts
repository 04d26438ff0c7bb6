/** The ticket on a contract that ends: opened and woken stage by stage (contract-watch.ts), and over when somebody has renewed it or takes it away. Belongs into a transaction. */
import { appendDeed } from '../store/audit.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findTicketFor, insertTicket, listOpenTicketsFor, updateTicket } from '../store/tickets.ts';
import { isOpen, newTicket, openedAgain, type Ticket } from '../tickets/ticket.ts';
import { type Contract, type ContractSaid, OF_CONTRACTS, type Stage, termOf } from './contract.ts';

const DESK = 'desk';

export type Told = { readonly contract: Contract; readonly stage: Stage; readonly at: number };

/** Its open ticket says so again; else it is opened again or anew. */
export async function tellInTicket(db: DeskDatabase, site: string, { contract, stage, at }: Told): Promise<void> {
  const { no, lastDay } = contract;
  const [symptom, title] = [`${OF_CONTRACTS}${no}`, titleOf(contract)];
  const known = await findTicketFor(db, site, symptom, at);
  let number: number;
  if (known === undefined) {
    number = await insertTicket(db, newTicket({ site, symptom, title, isTouched: false }, at));
    await appendDeed(db, { site, at, actor: DESK, what: 'ticket.opened', ticket: number, detail: { title } });
  } else {
    const again = isOpen(known) ? awake(known) : openedAgain(known, at);
    // One into which it was merged is about something else, and goes on to say so.
    const titled = known.symptom === symptom ? { ...again, title } : again;
    await updateTicket(db, { ...titled, version: known.version + 1 }, known.version);
    number = known.number;
  }
  const detail = {
    contract: no,
    stage,
    said: stage === 0 ? `It has ended on ${lastDay}.` : `It ends within ${stage} days, on ${lastDay}.`,
  };
  await appendDeed(db, { site, at, actor: DESK, what: 'ticket.contract', ticket: number, detail });
}

/** As it is kept now; undefined: it is gone. `today`: where it was changed. */
export type Changed = {
  readonly no: number;
  readonly said: (ContractSaid & { readonly dealer?: string | undefined }) | undefined;
  readonly today: string;
  readonly at: number;
};

/** What waited for its renewal is done, in whichever home it was told; what ends on another day says that day. Answers the homes of whose tickets one of these is true. */
export async function followInTicket(db: DeskDatabase, changed: Changed): Promise<string[]> {
  const sites: string[] = [];
  for (const ticket of await listOpenTicketsFor(db, `${OF_CONTRACTS}${changed.no}`)) {
    const { number, site, state, version } = ticket;
    const { next, why } = followed(ticket, changed) ?? {};
    if (next === undefined || !(await updateTicket(db, { ...next, version: version + 1 }, version))) continue;
    const detail = { from: state, to: next.state, why };
    if (why !== undefined) await appendDeed(db, { site, at: changed.at, actor: DESK, what: 'ticket.settled', ticket: number, detail });
    sites.push(site);
  }
  return sites;
}

/** Undefined where nothing changes. */
function followed(ticket: Ticket, { said, today, at }: Changed): { readonly next: Ticket; readonly why?: string } | undefined {
  if (said === undefined || termOf(said, today).stage === undefined) {
    const why = said === undefined ? 'the contract was removed' : renewed(said);
    return { next: { ...awake(ticket), state: 'resolved', resolvedAt: at, outcome: 'fixed' }, why };
  }
  const title = titleOf(said);
  return title === ticket.title ? undefined : { next: { ...ticket, title } };
}

function renewed({ lastDay }: Pick<ContractSaid, 'lastDay'>): string {
  return lastDay === undefined ? 'the contract has no last day any more' : `the contract holds until ${lastDay} now`;
}

function titleOf({
  vendor,
  contract,
  lastDay,
  dealer,
}: Pick<ContractSaid, 'vendor' | 'contract' | 'lastDay'> & { readonly dealer?: string | undefined }): string {
  return `The contract with ${vendor} (${contract}) ends on ${lastDay}${dealer === undefined ? '' : `, for all homes of ${dealer}`}`;
}

function awake({ snoozedUntil: _, waitsFor: __, ...ticket }: Ticket): Ticket {
  return ticket;
}
