/** Which homes that a desk knows are there no more: another desk on the same database, or a command, has forgotten them. */
import { DESK_ITSELF, HOME_FORGOTTEN } from '../access/deeds.ts';
import { listDoneSince } from '../store/audit.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listSites } from '../store/sites.ts';

/** `seen`: the last deed of the desk itself that was looked at. */
export type Gone = { readonly seen: number; readonly sites: ReadonlySet<string> };

const NONE: ReadonlySet<string> = new Set();

/** Asked for every batch, in its transaction: of all those homes only where something was forgotten since the last time. */
export async function goneSince(db: DeskDatabase, known: Iterable<string>, seen: number): Promise<Gone> {
  const done = await listDoneSince(db, DESK_ITSELF, seen);
  const newest = done.at(-1)?.n ?? seen;
  if (!done.some(({ what }) => what === HOME_FORGOTTEN)) return { seen: newest, sites: NONE };
  const here = new Set((await listSites(db)).map(({ id }) => id));
  return { seen: newest, sites: new Set([...known].filter((site) => !here.has(site))) };
}
