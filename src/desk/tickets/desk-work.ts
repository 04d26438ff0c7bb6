/** What people do with tickets, and the clock that settles them. Everything is one transaction with its line in the audit. */
import { type Clock, every, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Scope } from '../access/roles.ts';
import { FleetView, type TraitsOf } from '../incidents/fleet.ts';
import { keepIncidents } from '../incidents/keep.ts';
import { roundedUp } from '../service/worked-time.ts';
import { appendDeed, listDeedsOfTicket } from '../store/audit.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { scopedTo } from '../store/scoped.ts';
import { findSite } from '../store/sites.ts';
import { findTicket, findTicketFor, insertTicket, listAlertsOfTicket, moveAlerts, updateTicket } from '../store/tickets.ts';
import { insertTime, takeTimeBack } from '../store/worked-time.ts';
import { recordVendor } from '../vendors/case-work.ts';
import { type ContractHomes, contractPlace } from '../vendors/contract-homes.ts';
import { keepTickets } from './keep.ts';
import { type Channel, type Consent, isOpen, newTicket, type Step, type Ticket, take } from './ticket.ts';

export type DeskWorkDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  readonly onChange: (sites: ReadonlySet<string>) => void;
  /** What the client of a home agreed to for good, as the service policy has it on record. */
  readonly consentOf?: ((site: string) => Consent | undefined) | undefined;
  /** A home has the contracts of its dealer of record with vendors, too. */
  readonly homes?: Pick<ContractHomes, 'dealerOf' | 'homesOf'> | undefined;
  /** What homes have in common, as the operator wrote it down. */
  readonly traitsOf?: TraitsOf | undefined;
  /** Time that is worked is counted in such parts, in minutes. */
  readonly timeIncrement?: number | undefined;
};

export type NewTicket = {
  readonly site: string;
  readonly title: string;
  readonly by: string;
  /** How the client told it. */
  readonly channel?: Channel | undefined;
  readonly text?: string | undefined;
};

/** `version`: of the ticket as whoever acts saw it. */
export type Act = { readonly number: number; readonly version: number; readonly by: string; readonly step: Step };

/** `changed`: somebody was quicker; the ticket is as it is now. */
export type Acted = { readonly ticket: Ticket } | 'unknown' | { readonly changed: Ticket } | { readonly refused: string };

type Acting = { readonly by: string; readonly at: number; readonly scope: Scope };

const DEEDS_LOOKED_AT = 500;
const LOOK_EVERY_MS = 15_000;
/** Another desk on the same database may have changed something. */
const SETTLE_EVERY_MS = 300_000;

export class DeskWork {
  readonly #deps: DeskWorkDeps;
  readonly #fleet: FleetView;
  #settling: Timer | undefined;
  #running: Promise<void> | undefined;
  /** When there is something to settle, monotonic; 0 where that is not known. */
  #dueMs = 0;

  constructor(deps: DeskWorkDeps) {
    this.#deps = deps;
    this.#fleet = new FleetView(deps.traitsOf ?? (() => ({})));
  }

  start(): void {
    this.#settling = every(this.#deps.clock, LOOK_EVERY_MS, () => {
      if (this.#deps.clock.now().monoMs < this.#dueMs) return;
      this.#running ??= this.#settle().finally(() => {
        this.#running = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#settling?.cancel();
    await this.idle();
  }

  /** Something has changed. */
  wake(): void {
    this.#dueMs = 0;
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  /** What only time changes: a hold that is over, a recovery that lasts. And what many homes have in common: a batch sees few of them. */
  async #settle(): Promise<void> {
    const { database, clock, log, onChange } = this.#deps;
    const { wallMs: at, monoMs } = clock.now();
    try {
      this.#dueMs = monoMs + SETTLE_EVERY_MS;
      const kept = await database
        .transaction()
        .execute(async (db) => [await keepIncidents(db, this.#fleet, at), await keepTickets(db, at)]);
      this.#dueMs = Math.min(this.#dueMs, ...kept.map(({ dueAt }) => monoMs + dueAt - at));
      const changed = new Set(kept.flatMap((part) => [...part.changed]));
      if (changed.size > 0) onChange(changed);
    } catch (cause) {
      this.wake();
      log.error('the desk could not bring its tickets up to date', { cause: String(cause) });
    }
  }

  /** Who hands over to billed work, or bills time, and says nothing of consent goes by what is on record: of this ticket, else of its home. */
  async #withConsent(db: DeskDatabase, step: Step, ticket: Ticket): Promise<Step> {
    if (step.do !== 'tier' && step.do !== 'time') return step;
    const isBilled = step.do === 'tier' ? step.to === 'advanced' : step.billable;
    if (!isBilled || step.consent || step.override) return step;
    const handedOver = step.do === 'time' ? await agreedAtHandOver(db, ticket) : {};
    const consent = handedOver.consent ?? this.#deps.consentOf?.(ticket.site);
    return { ...step, ...handedOver, ...(consent ? { consent } : {}) };
  }

  /** What of a step is kept beside the ticket; a reason where it cannot be. */
  async #record(db: DeskDatabase, { site, number: ticket }: Ticket, step: Step, { by, at, scope }: Acting): Promise<object | string> {
    if (step.do === 'time-back')
      return (await takeTimeBack(db, { ticket, no: step.entry }, step.text)) ? {} : 'It has no such entry of time that still counts.';
    if (step.do === 'vendor' || step.do === 'vendor-reached')
      return recordVendor(db, { ticket, ...contractPlace(site, this.#deps.homes, scope) }, step, { at, by });
    if (step.do !== 'time') return {};
    const { do: _, ...said } = step;
    const counted = roundedUp(step.minutes, this.#deps.timeIncrement ?? 1);
    return { entry: await insertTime(db, { site, ticket, at, by, counted, ...said }), counted };
  }

  /** Undefined where there is no such home, or not within the scope of whoever asks. */
  async open({ site, title, by, channel, text }: NewTicket, scope: Scope = 'all'): Promise<Ticket | undefined> {
    const at = this.#deps.clock.now().wallMs;
    const ticket = await this.#deps.database.transaction().execute(async (db) => {
      if (!(await findSite(scopedTo(db, scope), site))) return undefined;
      const fresh = newTicket({ site, title, isTouched: true }, at);
      const number = await insertTicket(db, fresh);
      const detail = { title, ...(channel ? { channel } : {}), ...(text ? { text } : {}) };
      await appendDeed(db, { site, at, actor: by, what: 'ticket.opened', ticket: number, detail });
      return { ...fresh, number };
    });
    if (ticket) this.#deps.onChange(new Set([site]));
    return ticket;
  }

  /** `unknown` is also what is not within the scope of whoever asks. */
  async act({ number, version, by, step: asked }: Act, scope: Scope = 'all'): Promise<Acted> {
    const at = this.#deps.clock.now().wallMs;
    const acted = await this.#deps.database.transaction().execute(async (db): Promise<Acted> => {
      const before = await findTicket(scopedTo(db, scope), number);
      if (!before) return 'unknown';
      if (before.version !== version) return { changed: before };
      const step = await this.#withConsent(db, asked, before);
      const done = take(before, step, by, at);
      if ('refused' in done) return done;
      if (step.do === 'resolve' && step.outcome === 'fixed' && (await isFiring(db, number))) return { refused: STILL_FIRING };
      if (step.do === 'reopen') {
        const trouble = await reopenTrouble(db, before, at);
        if (trouble !== undefined) return { refused: trouble };
      }
      if (step.do === 'merge') {
        const trouble = await mergeTrouble(db, before, step.into);
        if (trouble !== undefined) return { refused: trouble };
        await moveAlerts(db, number, step.into);
      }
      const recorded = await this.#record(db, before, step, { by, at, scope });
      if (typeof recorded === 'string') return { refused: recorded };
      if (!(await updateTicket(db, done.ticket, version))) return { changed: (await findTicket(db, number)) ?? before };
      const { do: what, ...said } = step;
      // Of a hand-over it says to whom.
      const moved = before.state === done.ticket.state || step.do === 'tier' ? {} : { from: before.state, to: done.ticket.state };
      await appendDeed(db, {
        site: before.site,
        at,
        actor: by,
        what: `ticket.${what}`,
        ticket: number,
        detail: { ...said, ...recorded, ...moved },
      });
      return { ticket: done.ticket };
    });
    if (typeof acted === 'object' && 'ticket' in acted) this.#deps.onChange(new Set([acted.ticket.site]));
    return acted;
  }
}

/** The hub is the one that says whether it is fixed. */
const STILL_FIRING =
  'Its alert still fires. Wait until the hub sees that it is well, or say that you work around it, or that there is no fault.';

/** The client's yes, or the reason to go on without, with which it was handed over last. */
async function agreedAtHandOver(db: DeskDatabase, ticket: Ticket): Promise<{ consent?: Consent; override?: string }> {
  const deeds = await listDeedsOfTicket(db, ticket, DEEDS_LOOKED_AT);
  const agreed = deeds.flatMap(({ what, detail }) =>
    what === 'ticket.tier' ? [JSON.parse(detail) as { consent?: Consent; override?: string }] : [],
  );
  const { consent, override } = agreed.findLast((each) => each.consent ?? each.override) ?? {};
  return consent ? { consent } : override ? { override } : {};
}

async function isFiring(db: DeskDatabase, number: number): Promise<boolean> {
  return (await listAlertsOfTicket(db, number)).some(({ cleared_at }) => cleared_at === null);
}

/** Of one symptom one is open. */
async function reopenTrouble(db: DeskDatabase, { site, symptom }: Ticket, at: number): Promise<string | undefined> {
  const other = symptom === undefined ? undefined : await findTicketFor(db, site, symptom, at);
  return other && isOpen(other) ? `Ticket ${other.number} is open about the same. Work on that one.` : undefined;
}

async function mergeTrouble(db: DeskDatabase, { site }: Ticket, into: number): Promise<string | undefined> {
  const other = await findTicket(db, into);
  if (other === undefined || other.site !== site) return `This home has no ticket ${into}.`;
  return isOpen(other) ? undefined : `Ticket ${into} is not open.`;
}
