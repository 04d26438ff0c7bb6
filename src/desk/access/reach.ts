/** Whether somebody can be given some homes: those must exist, or a typing error would wait for whoever has that id one day. */
import { ID_PATTERN } from '../../base/ids.ts';
import { findSites } from '../store/homes.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listDealers } from '../store/people.ts';
import { type Reach, type Role, reachTrouble } from './roles.ts';

/** What is wrong with what was asked, for whoever asked; `field`: with which part of it. `isMissing`: there is nothing that it could be done with; `isForbidden`: it is not for who asked. */
export type Trouble = { readonly trouble: string; readonly field?: string; readonly isMissing?: true; readonly isForbidden?: true };

/** More are those of a dealer. */
const MOST_SITES = 500;

export async function homesTrouble(db: DeskDatabase, role: Role, reach: Reach): Promise<Trouble | undefined> {
  const trouble = reachTrouble(role, reach);
  if (trouble !== undefined) return { trouble, field: 'homes' };
  if (reach === 'all') return undefined;
  const dealers = await listDealers(db);
  const stranger = reach.dealers.find((name) => !dealers.includes(name));
  if (stranger !== undefined) {
    const known = dealers.length === 0 ? 'The service policy names none (desk.service).' : `There are: ${dealers.slice(0, 20).join(', ')}.`;
    return { trouble: `No home has the dealer of record "${stranger}". ${known}`, field: 'dealer' };
  }
  if (reach.sites.length > MOST_SITES) return { trouble: `At most ${MOST_SITES} homes are given one by one.`, field: 'sites' };
  const homes = new Set((await findSites(db, [...new Set(reach.sites)])).map(({ id }) => id));
  const missing = reach.sites.find((id) => !ID_PATTERN.test(id) || !homes.has(id));
  return missing === undefined ? undefined : { trouble: `The desk knows no home ${missing.slice(0, 64)}.`, field: 'sites' };
}
