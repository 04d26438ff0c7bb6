/** What people write down of contracts with vendors, as they do of the people of a home (dossier/dossier-work.ts): each is one transaction with its line in the audit of that home. */
import { dayAt } from '../../base/time-zone.ts';
import type { Scope } from '../access/roles.ts';
import { type DossierAct, type DossierWorkDeps, type Kept, type Shelf, take } from '../dossier/dossier-work.ts';
import {
  type ContractPlace,
  changeContract,
  insertContract,
  isDealerInReach,
  listContractsOf,
  removeContract,
} from '../store/contracts.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { scopedTo } from '../store/scoped.ts';
import { findSite } from '../store/sites.ts';
import { type ContractSaid, termOf } from './contract.ts';
import { type ContractHomes, contractPlace } from './contract-homes.ts';
import { followInTicket } from './contract-ticket.ts';

export type ContractWork = {
  /** `unknown`: there is no such home within the scope of whoever asks. */
  keep(act: DossierAct<ContractSaid>, scope: Scope): Promise<Kept>;
};

export function createContractWork({ clock, database, onChange }: DossierWorkDeps, homes: ContractHomes): ContractWork {
  return {
    async keep(asked, scope) {
      const at = clock.now().wallMs;
      const kept = await database.transaction().execute(async (db) => {
        const site = await findSite(scopedTo(db, scope), asked.site);
        if (site === undefined) return 'unknown';
        const dealer = homes.dealerOf(site.id);
        const mayAll = dealer !== undefined && (scope === 'all' || (await isDealerInReach(db, scope.holder, dealer)));
        const place = contractPlace(site.id, homes, scope);
        const [today, act] = [dayAt(homes.zoneOf(site), at), written(asked, dealer)];
        const taken = await take(db, shelfOf({ place, mayAll, today }), act, at);
        if (typeof taken !== 'object' || !('no' in taken)) return taken;
        const said = act.step.do === 'remove' ? undefined : act.step.said;
        const told = act.step.do === 'add' ? [] : await followInTicket(db, { no: taken.no, said, today, at });
        return { no: taken.no, changed: new Set([site.id, ...told]) };
      });
      if (typeof kept !== 'object' || !('no' in kept)) return kept;
      onChange(kept.changed);
      return { no: kept.no };
    },
  };
}

const MOST = 60;

type Around = { readonly place: ContractPlace; readonly mayAll: boolean; readonly today: string };

/** `dealer`: of all whose homes it is. One that is adrift changes with that alone. */
type Written = ContractSaid & { readonly dealer?: string | undefined };

function written({ step, ...act }: DossierAct<ContractSaid>, dealer: string | undefined): DossierAct<Written> {
  if (step.do === 'remove') return { ...act, step };
  return { ...act, step: { ...step, said: { ...step.said, dealer: step.said.forDealer ? dealer : undefined } } };
}

/** As of one home. Whoever writes a contract sees how near its end it is, and need not be told so. */
function shelfOf({ place, mayAll, today }: Around): Shelf<Written> {
  const beside = (said: Written) => ({ dealer: said.dealer, told: termOf(said, today).stage });
  return {
    name: 'contract',
    most: MOST,
    list: (db: DeskDatabase) => listContractsOf(db, place),
    insert: (db, site, said, by) => insertContract(db, site, said, by, beside(said)),
    change: (db, which, said, by) => changeContract(db, which, said, by, beside(said)),
    remove: removeContract,
    trouble: ({ forDealer, dealer }) => {
      // One that is adrift is listed for who sees all homes only.
      const isAdrift = dealer !== undefined && dealer !== place.dealer;
      if (!forDealer || mayAll || isAdrift) return undefined;
      return place.dealer === undefined
        ? 'This home has no dealer of record (service policy): write it down for this home.'
        : 'It is of all homes of the dealer, and you look after some of them only: ask the desk.';
    },
  };
}
