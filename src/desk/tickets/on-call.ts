/**
 * Passes tickets on, step by step of their plan's ladder, while nobody takes or answers them. What was passed on is in the ticket's row, so a desk that starts again goes on where the one
 * before was; people are told by the notices, which see that the row has changed.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Homes } from '../homes.ts';
import { Rounds } from '../rounds.ts';
import type { NextRung } from '../service/ladder.ts';
import type { Serving } from '../serving.ts';
import { appendDeed } from '../store/audit.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listFiringOfTickets } from '../store/tickets.ts';
import { listUnseen, saveCountsFrom, savePassed } from '../store/unanswered.ts';
import { countsFrom, type Ticket } from './ticket.ts';

export type OnCallDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  readonly homes: Pick<Homes, 'alertViews'>;
  readonly serving: Pick<Serving, 'nextRungs'>;
  readonly onChange: (sites: ReadonlySet<string>) => void;
};

const LOOK_EVERY_MS = 5_000;
/** After a start hubs first say what has happened while there was no desk: nobody is woken for what is over by then. */
const LISTENS_FIRST_MS = 150_000;
/** What is wrong may have become worse, or the policy's hours begin; the clock of the wall may have been set. */
const LOOK_AGAIN_MS = 60_000;
/** At once, in one transaction. */
const AT_ONCE = 200;
const DESK = 'desk';

/** Until when a ticket need not be looked at, as it was: `monoMs` and the wall's `at`, whichever comes first. */
type Rest = { readonly version: number; readonly step: number; readonly monoMs: number; readonly at: number };

export class OnCall {
  readonly #deps: OnCallDeps;
  readonly #rests = new Map<number, Rest>();
  readonly #rounds: Rounds;
  #listensUntilMs = 0;

  constructor(deps: OnCallDeps) {
    this.#deps = deps;
    const { clock, log } = deps;
    this.#rounds = new Rounds({
      ...{ clock, log, everyMs: LOOK_EVERY_MS, trouble: 'the desk could not pass tickets on' },
      look: async () => {
        if (clock.now().monoMs >= this.#listensUntilMs) await this.#look();
      },
    });
  }

  start(): void {
    this.#listensUntilMs = this.#deps.clock.now().monoMs + LISTENS_FIRST_MS;
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  idle(): Promise<void> {
    return this.#rounds.idle();
  }

  async #look(): Promise<void> {
    const { database, onChange } = this.#deps;
    const unseen = await listUnseen(database);
    this.#forget(new Set(unseen.map(({ number }) => number)));
    const awake = unseen.filter((ticket) => !this.#isResting(ticket));
    const changed = new Set<string>();
    for (let i = 0; i < awake.length; i += AT_ONCE) for (const site of await this.#lookAt(awake.slice(i, i + AT_ONCE))) changed.add(site);
    if (changed.size > 0) onChange(changed);
  }

  /** Answers the homes of those that were passed on. */
  async #lookAt(tickets: readonly Ticket[]): Promise<string[]> {
    const { database, clock, homes, serving } = this.#deps;
    const { wallMs: at, monoMs } = clock.now();
    const numbers = tickets.map(({ number }) => number);
    const fired = await listFiringOfTickets(database, numbers);
    const views = await homes.alertViews(fired.map(({ row }) => row));
    const nexts = await serving.nextRungs(
      tickets,
      Map.groupBy(views, (_, i) => fired[i]?.number ?? 0),
    );
    const early = tickets.filter((ticket) => nexts.has(ticket.number) && countsFrom(ticket) > at);
    const due = tickets.flatMap((ticket) => {
      const next = nexts.get(ticket.number);
      return next !== undefined && next.dueAt <= at && countsFrom(ticket) <= at ? [{ ticket, next }] : [];
    });
    for (const ticket of tickets) {
      const { version, number, passed } = ticket;
      const rest = {
        version,
        step: passed?.step ?? 0,
        monoMs: monoMs + LOOK_AGAIN_MS,
        at: nexts.get(number)?.dueAt ?? Number.POSITIVE_INFINITY,
      };
      this.#rests.set(number, rest);
    }
    if (early.length === 0 && due.length === 0) return [];
    return database.transaction().execute(async (db) => {
      // The clock was set back since: what it counted from would be a long time ahead.
      for (const { number } of early) await saveCountsFrom(db, number, at);
      for (const { number } of early) this.#rests.delete(number);
      const passed: string[] = [];
      for (const one of due) if (await passOn(db, one.ticket, one.next, at)) passed.push(one.ticket.site);
      return passed;
    });
  }

  #isResting({ number, version, passed }: Ticket): boolean {
    const rest = this.#rests.get(number);
    const { wallMs, monoMs } = this.#deps.clock.now();
    return rest !== undefined && rest.version === version && rest.step === (passed?.step ?? 0) && monoMs < rest.monoMs && wallMs < rest.at;
  }

  #forget(unseen: ReadonlySet<number>): void {
    for (const number of this.#rests.keys()) if (!unseen.has(number)) this.#rests.delete(number);
  }
}

async function passOn(db: DeskDatabase, ticket: Ticket, { number: step, to, afterMs }: NextRung, at: number): Promise<boolean> {
  if (!(await savePassed(db, ticket, { step, to, at }))) return false;
  const { site, number } = ticket;
  await appendDeed(db, { site, at, actor: DESK, what: 'ticket.passed-on', ticket: number, detail: { to, step, afterMs } });
  return true;
}
