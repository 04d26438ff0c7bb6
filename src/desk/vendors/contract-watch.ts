/**
 * Opens a ticket when a contract with a vendor comes to its last 60, 30 and 7 days, and when it has ended: each stage once, in the morning of its home. What was told is in the contract's row,
 * so that a desk that starts again tells nothing twice.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { dayAfter, dayAt, wallTime } from '../../base/time-zone.ts';
import { Rounds } from '../rounds.ts';
import { type EndingContract, listEnding, saveToldStage } from '../store/contracts.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findFirstSite } from '../store/sites.ts';
import { FIRST_STAGE, newStage } from './contract.ts';
import type { ContractHomes } from './contract-homes.ts';
import { tellInTicket } from './contract-ticket.ts';

export type ContractWatchDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  readonly homes: ContractHomes;
  readonly onChange: (sites: ReadonlySet<string>) => void;
};

const LOOK_EVERY_MS = 600_000;
/** Nobody is told at midnight that a day has begun. By the clock of the home, `HH:MM`. */
const FROM = '09:00';

export function createContractWatch(deps: ContractWatchDeps): Rounds {
  const { clock, log } = deps;
  const trouble = 'the desk could not look which contracts end';
  return new Rounds({ clock, log, everyMs: LOOK_EVERY_MS, trouble, look: () => tellEnding(deps, clock.now().wallMs) });
}

async function tellEnding({ database, homes, onChange }: ContractWatchDeps, at: number): Promise<void> {
  // In some places it is tomorrow; where nothing is new even then, nobody need be asked what day it is.
  const tomorrow = dayAfter(dayAt('UTC', at));
  const ending = await listEnding(database, dayAfter(tomorrow, FIRST_STAGE));
  const changed = new Set<string>();
  for (const one of ending.filter(({ contract, told }) => newStage(contract, told, tomorrow) !== undefined)) {
    const site = await database.transaction().execute((db) => tell(db, one, homes, at));
    if (site !== undefined) changed.add(site);
  }
  if (changed.size > 0) onChange(changed);
}

/** The home in which somebody was told; undefined where there is nothing to tell now. */
async function tell(db: DeskDatabase, one: EndingContract, homes: ContractHomes, at: number): Promise<string | undefined> {
  const { contract, told } = one;
  const site = await findFirstSite(db, toldIn(one, homes));
  if (site === undefined) return undefined;
  const [today = '', time = ''] = wallTime(homes.zoneOf(site), at).split('T');
  const stage = newStage(contract, told, today);
  if (stage === undefined || time < FROM || !(await saveToldStage(db, one, stage))) return undefined;
  await tellInTicket(db, site.id, { contract, stage, at });
  return site.id;
}

/** In the first of these that the desk knows: where it was written down; where that is none of its dealer's homes any more, in one that is, and there only if he has none. */
function toldIn({ contract: { dealer }, site }: EndingContract, homes: ContractHomes): readonly string[] {
  const ofDealer = dealer === undefined ? [] : homes.homesOf(dealer);
  return ofDealer.includes(site) ? [site, ...ofDealer] : [...ofDealer, site];
}
