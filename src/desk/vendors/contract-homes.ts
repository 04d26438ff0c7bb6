/** What contracts have to know of homes beyond their rows: whose each is, and what day it is there. */
import type { Scope } from '../access/roles.ts';
import { callTimesIn, type Serving } from '../serving.ts';
import type { ContractPlace } from '../store/contracts.ts';
import type { SiteRow } from '../store/schema.ts';

export type ContractHomes = {
  dealerOf(site: string): string | undefined;
  /** UTC where nobody knows it. */
  zoneOf(site: Pick<SiteRow, 'id' | 'time_zone'>): string;
  /** The ids of all homes of a dealer. */
  homesOf(dealer: string): readonly string[];
};

/** As somebody may keep contracts there: one that is adrift is of nobody's homes, so only for who sees all. */
export function contractPlace(site: string, homes: Pick<ContractHomes, 'dealerOf' | 'homesOf'> | undefined, scope: Scope): ContractPlace {
  return { site, dealer: homes?.dealerOf(site), homesOf: scope === 'all' ? homes?.homesOf : undefined };
}

export function contractHomes(serving: Serving | undefined): ContractHomes {
  return {
    dealerOf: (site) => serving?.ofHome(site).dealer,
    zoneOf: (site) => callTimesIn(serving, site).timeZone,
    homesOf: (dealer) => serving?.homesOf(dealer) ?? [],
  };
}
