/** Contracts with vendors as people and programs read them: those of a home, those that cover what a ticket is about, and all of them with what they cost. Only reads. */
import { present } from '../../base/present.ts';
import { dayAt } from '../../base/time-zone.ts';
import { NONE } from '../fleet/standing.ts';
import type { Homes } from '../homes.ts';
import { isOfLine } from '../incidents/incident.ts';
import { type ContractOutline, findContracts, listContractOutlines, listContractsOf } from '../store/contracts.ts';
import { findDeviceTraits } from '../store/device-kinds.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findSite } from '../store/sites.ts';
import type { Ticket } from '../tickets/ticket.ts';
import type { AlertView } from '../views.ts';
import {
  byEnd,
  type Concern,
  type Contract,
  type CostSum,
  contractIn,
  costSum,
  covering,
  LINE_KIND,
  type Term,
  termOf,
} from './contract.ts';
import type { ContractHomes } from './contract-homes.ts';

export type ContractView = Contract & { readonly term: Term };

/** `dealer`: of record. `timeZone`: by whose clock days begin. */
export type HomeContracts = { readonly timeZone: string; readonly dealer?: string; readonly contracts: readonly ContractView[] };

/** What whoever rings the vendor has to know; what it costs is nothing to him. */
export type TicketContract = Pick<
  Contract,
  'no' | 'vendor' | 'contract' | 'level' | 'phone' | 'url' | 'firstDay' | 'lastDay' | 'evidence' | 'dealer'
> & { readonly timeZone: string };

export type ListedContract = ContractView & { readonly siteName?: string };

/** `name`: the dealer, `-` where there is none. `homes`: those that have contracts of their own. */
export type DealerCost = CostSum & { readonly name: string; readonly homes: number };
export type HomeCost = CostSum & { readonly site: string; readonly siteName: string; readonly dealer?: string };

export type ContractsFilter = { readonly dealer?: string | undefined; readonly page: number };

export type ContractsPage = {
  /** What ends next first. */
  readonly contracts: readonly ListedContract[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** So many have ended, or end within 60 days. */
  readonly ending: number;
  /** Of all homes, whatever is asked for. */
  readonly dealers: readonly DealerCost[];
  /** The first five hundred by their name. */
  readonly homes: readonly HomeCost[];
  readonly moreHomes: number;
};

export type Contracts = {
  ofHome(site: string, at: number): Promise<HomeContracts | undefined>;
  ofTicket(ticket: Ticket, alerts: readonly AlertView[]): Promise<TicketContract[]>;
  all(filter: ContractsFilter, at: number): Promise<ContractsPage>;
};

export const CONTRACTS_ON_A_PAGE = 50;
const HOMES_SHOWN = 500;

/** `of`: whose it is, `-` where it has no dealer. */
type Placed = ContractOutline & { readonly term: Term; readonly of: string };

/** By which days of all homes of a dealer are read where no home is looked at. */
const NO_ZONE = 'UTC';

export function createContracts(
  database: DeskDatabase,
  { dealerOf, zoneOf, homesOf }: ContractHomes,
  homes: Pick<Homes, 'names'>,
): Contracts {
  async function concernsOf({ title }: Ticket, alerts: readonly AlertView[]): Promise<Concern[]> {
    const named = alerts.flatMap(({ site, device }) => (device === undefined ? [] : [{ site, device }]));
    const traitsOf = await findDeviceTraits(database, named);
    const devices = named.map((each) => ({ device: each.device, ...traitsOf(each) }));
    const line = alerts.some(isOfLine) ? [{ kind: LINE_KIND }] : [];
    return alerts.length === 0 ? [{ words: title }] : [...devices, ...line];
  }

  /** Asking a zone for its day costs more than all else of a row. */
  function daysAt(at: number): (zone: string) => string {
    const days = new Map<string, string>();
    return (zone) => {
      const day = days.get(zone) ?? dayAt(zone, at);
      days.set(zone, day);
      return day;
    };
  }

  async function listPlaced(at: number): Promise<Placed[]> {
    const dayIn = daysAt(at);
    return (await listContractOutlines(database)).map((outline) => {
      const { site, dealer, timeZone } = outline;
      const zone = site === undefined ? NO_ZONE : zoneOf({ id: site, time_zone: timeZone });
      return { ...outline, term: termOf(outline, dayIn(zone)), of: dealer ?? dealerOf(site ?? '') ?? NONE };
    });
  }

  async function listed(outlines: readonly Placed[], names: ReadonlyMap<string, string>): Promise<ListedContract[]> {
    const found = await findContracts(
      database,
      outlines.map(({ no }) => no),
    );
    return outlines.flatMap(({ no, term }) => {
      const contract = found.get(no);
      if (contract === undefined) return [];
      const { site } = contract;
      return [{ ...contract, term, ...(site === undefined ? {} : { siteName: names.get(site) ?? site }) }];
    });
  }

  return {
    async ofHome(id, at) {
      const site = await findSite(database, id);
      if (site === undefined) return undefined;
      const [timeZone, dealer] = [zoneOf(site), dealerOf(id)];
      const rows = await listContractsOf(database, { site: id, dealer, homesOf });
      const contracts = rows.map((row) => ({ ...row, term: termOf(row, dayAt(timeZone, at)) })).sort(byEnd);
      return { timeZone, ...(dealer === undefined ? {} : { dealer }), contracts };
    },
    async ofTicket(ticket, alerts) {
      const site = await findSite(database, ticket.site);
      if (site === undefined) return [];
      const all = await listContractsOf(database, { site: site.id, dealer: dealerOf(site.id), homesOf });
      const about = contractIn(ticket.symptom);
      const found = about === undefined ? covering(all, await concernsOf(ticket, alerts)) : all.filter(({ no }) => no === about);
      const timeZone = zoneOf(site);
      return found.map(({ no, vendor, contract, level, phone, url, firstDay, lastDay, evidence, dealer }) => {
        return { no, vendor, contract, evidence, timeZone, ...present({ level, phone, url, firstDay, lastDay, dealer }) };
      });
    },
    async all({ dealer, page }, at) {
      const known = (await listPlaced(at)).sort(byEnd);
      const asked = dealer === undefined ? known : known.filter(({ of }) => of === dealer);
      const shown = asked.slice((page - 1) * CONTRACTS_ON_A_PAGE, page * CONTRACTS_ON_A_PAGE);
      const costs = [...Map.groupBy(asked.filter(isOfHome), ({ site }) => site)].sort(([, [one]], [, [other]]) =>
        (one?.sortName ?? '') < (other?.sortName ?? '') ? -1 : 1,
      );
      const first = costs.slice(0, HOMES_SHOWN);
      const names = await homes.names([...shown.flatMap(({ site }) => site ?? []), ...first.map(([site]) => site)]);
      return {
        contracts: await listed(shown, names),
        page,
        pages: Math.max(1, Math.ceil(asked.length / CONTRACTS_ON_A_PAGE)),
        total: asked.length,
        ending: asked.filter(({ term }) => term.stage !== undefined).length,
        dealers: dealersOf(known),
        homes: first.map(([site, own]) => {
          const whose = dealerOf(site);
          return { site, siteName: names.get(site) ?? site, ...(whose === undefined ? {} : { dealer: whose }), ...costSum(own) };
        }),
        moreHomes: costs.length - first.length,
      };
    },
  };
}

function isOfHome(contract: Placed): contract is Placed & { readonly site: string } {
  return contract.site !== undefined;
}

function dealersOf(known: readonly Placed[]): DealerCost[] {
  return [...Map.groupBy(known, ({ of }) => of)]
    .map(([name, own]) => ({ name, homes: new Set(own.flatMap(({ site }) => site ?? [])).size, ...costSum(own) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
