/** Who fails to come in, as the database counts it (how long each then waits: throttle.ts). Every try counts before it is looked at; what is not looked at does not. */
import type { Clock } from '../../base/clock.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPersonNamed } from '../store/people.ts';
import { findTallies, saveTally } from '../store/sign-ins.ts';
import { noteDeed } from './deeds.ts';
import { charged, forgiven, KNOWN_FOR_MS, networkOf, PATIENCE, waitOf } from './throttle.ts';

/** What is counted without an end is written down at these counts only, so that nobody fills the audit. */
const TOLD_AT = new Set([5, 50, 500, 5_000, 50_000]);

type Deps = { readonly database: DeskDatabase; readonly clock: Clock };

/** How long, in milliseconds, until somebody may try who types this name; 0: now, and it is counted. */
export async function chargeName({ database, clock }: Deps, name: string, address: string): Promise<number> {
  const now = clock.now().wallMs;
  const names = talliesOf(name, address);
  return database.transaction().execute(async (db) => {
    const before = await findTallies(db, Object.values(names));
    const isKnown = (before.get(names.pair)?.right_at ?? 0) > now - KNOWN_FOR_MS;
    const kinds = isKnown ? (['pair', 'network'] as const) : (['pair', 'network', 'account'] as const);
    const tally = (kind: keyof typeof names) => tallyOf(before.get(names[kind]));
    const waitMs = Math.max(...kinds.map((kind) => waitOf(tally(kind), PATIENCE[kind], now)));
    if (waitMs > 0) return waitMs;
    for (const kind of kinds) {
      const after = charged(tally(kind), PATIENCE[kind], now);
      await saveTally(db, names[kind], after);
      if (kind === (isKnown ? 'pair' : 'account') && TOLD_AT.has(after.failures)) await tellFailures(db, name, after.failures, now);
    }
    return 0;
  });
}

/** The same for who says no name: a passkey says itself whose it is, and nobody guesses one. */
export async function chargeNetwork({ database, clock }: Deps, address: string): Promise<number> {
  const now = clock.now().wallMs;
  const { network } = talliesOf('', address);
  return database.transaction().execute(async (db) => {
    const before = tallyOf((await findTallies(db, [network])).get(network));
    const waitMs = waitOf(before, PATIENCE.network, now);
    if (waitMs === 0) await saveTally(db, network, charged(before, PATIENCE.network, now));
    return waitMs;
  });
}

/** Somebody is in: what was charged is taken back. How often it had failed from there before. `by`: what he had said. */
export async function forgive(db: DeskDatabase, by: 'name' | 'network', name: string, address: string, now: number): Promise<number> {
  const names = talliesOf(name, address);
  const before = await findTallies(db, Object.values(names));
  for (const one of by === 'name' ? [names.network, names.account] : [names.network]) {
    const tally = tallyOf(before.get(one));
    if (tally) await saveTally(db, one, forgiven(tally));
  }
  await saveTally(db, names.pair, { failures: 0, lastAt: now, untilAt: 0 }, now);
  const failures = before.get(names.pair)?.failures ?? 0;
  return by === 'name' ? Math.max(0, failures - 1) : failures;
}

async function tellFailures(db: DeskDatabase, name: string, failures: number, at: number): Promise<void> {
  const person = await findPersonNamed(db, name);
  if (person) await noteDeed(db, { at, actor: person.full_name, what: 'sign-in.failed', detail: { failures } });
}

function talliesOf(name: string, address: string) {
  const network = networkOf(address);
  return { pair: `pair ${network} ${name}`, network: `network ${network}`, account: `account ${name}` };
}

function tallyOf(row: { readonly failures: number; readonly last_at: number; readonly until_at: number } | undefined) {
  return row && { failures: row.failures, lastAt: row.last_at, untilAt: row.until_at };
}
