/** A desk forgets a home: its client leaves, and wants nothing kept. One transaction, of which the desk's own audit keeps one line without any name. */
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { upTopic } from '../protocol/topics.ts';
import { DESK_ITSELF, HOME_FORGOTTEN, noteDeed } from './access/deeds.ts';
import { homesOfDealer, type ServicePolicy } from './service/policy.ts';
import { forgetInPolicies } from './settings/kept-policy.ts';
import { forgetInChain } from './store/audit.ts';
import { countRowsOfHome, dropRowsOfHome, type RowsOfHome } from './store/forget.ts';
import type { DeskDatabase } from './store/migrations.ts';
import { findSite } from './store/sites.ts';

/** `overwrite`: what the database still holds of rows that are gone. */
export type ForgettingDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly service: ServicePolicy | undefined;
  readonly overwrite?: (() => Promise<void>) | undefined;
};

/** What would go. */
export type ToForget = { readonly rows: number; readonly tables: RowsOfHome };

/**
 * `mark`: what stands in the desk's audit for its id. `isInPolicy`: the file of the service policy names it still, and the next start of a desk would write that down. `topic`: where
 * the broker keeps the last word of its hub.
 */
export type Forgotten = ToForget & { readonly mark: string; readonly isInPolicy: boolean; readonly topic: string };

export type ForgetAct = { readonly site: string; readonly by: string; readonly because: string };

/** Undefined for a home that the desk does not know. */
export async function toForget({ database }: Pick<ForgettingDeps, 'database'>, site: string): Promise<ToForget | undefined> {
  if ((await findSite(database, site)) === undefined) return undefined;
  const tables = await countRowsOfHome(database, site);
  return { rows: sumOf(tables), tables };
}

/** Undefined for a home that the desk does not know. */
export async function forgetHome(
  { database, clock, service, overwrite }: ForgettingDeps,
  { site, by, because }: ForgetAct,
): Promise<Forgotten | undefined> {
  const mark = `home ${createHash('sha256').update(site).digest('hex').slice(0, 16)}`;
  const tables = await database.transaction().execute(async (db) => {
    if ((await findSite(db, site)) === undefined) return undefined;
    const homesOf = (dealer: string) => (service === undefined ? [] : homesOfDealer(service, dealer));
    const dropped = { ...(await dropRowsOfHome(db, site, homesOf)), policy_version: await forgetInPolicies(db, site) };
    const rewrittenFrom = await forgetInChain(db, DESK_ITSELF, site, mark);
    const detail = {
      home: mark,
      because: because.replaceAll(site, mark),
      rows: sumOf(dropped),
      ...(rewrittenFrom === undefined ? {} : { rewrittenFrom }),
    };
    await noteDeed(db, { at: clock.now().wallMs, actor: by, what: HOME_FORGOTTEN, detail });
    return dropped;
  });
  if (tables === undefined) return undefined;
  await overwrite?.();
  return { rows: sumOf(tables), tables, mark, isInPolicy: service?.homes.has(site) ?? false, topic: upTopic(site, 'status') };
}

function sumOf(tables: RowsOfHome): number {
  return Object.values(tables).reduce((sum, rows) => sum + rows, 0);
}
