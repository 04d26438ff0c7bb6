/** Contracts with vendors. What is removed is gone, as what else is kept of a home (dossier.ts). */
import { type Selectable, sql } from 'kysely';
import type { Contract, ContractSaid, Covers, Stage } from '../vendors/contract.ts';
import { type By, handIn, made, type Which } from './dossier.ts';
import type { DeskDatabase } from './migrations.ts';
import { findFirstSite } from './sites.ts';
import type { VendorContractTable } from './vendor-tables.ts';

/** The ids of all homes of a dealer, as the service policy has them; the desk need not have heard of each. */
export type HomesOf = (dealer: string) => readonly string[];

/** A home, and whose it is. `homesOf`: where those are asked for, too, that were written down there for a dealer who has no home here any more. */
export type ContractPlace = { readonly site: string; readonly dealer?: string | undefined; readonly homesOf?: HomesOf | undefined };

/** Those of a home: its own, those of its dealer, and those that are adrift there. */
export async function listContractsOf(db: DeskDatabase, { site, dealer, homesOf }: ContractPlace): Promise<Contract[]> {
  const own = db.selectFrom('vendor_contract').selectAll().where('dealer', 'is', null).where('site_id', '=', site);
  const rows = await own.orderBy('no').execute();
  const adrift = homesOf === undefined ? [] : await listAdrift(db, { site, dealer, homesOf });
  if (dealer === undefined) return [...rows, ...adrift].map(contractIn);
  const ofDealer = await db.selectFrom('vendor_contract').selectAll().where('dealer', '=', dealer).orderBy('no').execute();
  return [...rows, ...ofDealer, ...adrift].map(contractIn);
}

/** A dealer who was renamed or has left has no homes: what held for all of them would be on none. */
async function listAdrift(db: DeskDatabase, { site, dealer, homesOf }: ContractPlace & { readonly homesOf: HomesOf }) {
  const query = db.selectFrom('vendor_contract').selectAll().where('site_id', '=', site).where('dealer', 'is not', null);
  const rows = await query
    .where('dealer', '<>', dealer ?? '')
    .orderBy('no')
    .execute();
  const found = await Promise.all(rows.map((row) => findFirstSite(db, homesOf(row.dealer ?? ''))));
  return rows.filter((_, i) => found[i] === undefined);
}

/** What all contracts are sorted, counted and added up by. `timeZone`: as the hub of the home says; `sortName`: as homes are sorted by. */
export type ContractOutline = Pick<Contract, 'no' | 'site' | 'dealer' | 'cost' | 'firstDay' | 'lastDay'> & {
  readonly timeZone: string | null;
  readonly sortName: string;
};

export async function listContractOutlines(db: DeskDatabase): Promise<ContractOutline[]> {
  const query = db.selectFrom('vendor_contract').leftJoin('site', 'site.id', 'vendor_contract.site_id');
  const rows = await query
    .select(['no', 'site_id', 'dealer', 'cost', 'currency', 'first_day', 'last_day', 'site.time_zone', 'site.sort_name'])
    .execute();
  return rows.map(({ no, time_zone, sort_name, ...row }) => ({
    no,
    ...placeIn(row),
    ...termsIn(row),
    timeZone: time_zone,
    sortName: sort_name ?? '',
  }));
}

/** By their numbers. */
export async function findContracts(db: DeskDatabase, nos: readonly number[]): Promise<Map<number, Contract>> {
  if (nos.length === 0) return new Map();
  const rows = await db.selectFrom('vendor_contract').selectAll().where('no', 'in', nos).execute();
  return new Map(rows.map((row) => [row.no, contractIn(row)]));
}

/** `told`: the stage that was told last. `site`: where it was written down, whosever it is. */
export type EndingContract = { readonly contract: Contract; readonly site: string; readonly told: number | null };

/** Those whose last day is that day or before, and of which there is still something to tell. */
export async function listEnding(db: DeskDatabase, day: string): Promise<EndingContract[]> {
  const query = db.selectFrom('vendor_contract').selectAll().where('last_day', '<=', day);
  const rows = await query
    .where((eb) => eb.or([eb('told_stage', 'is', null), eb('told_stage', '>', 0)]))
    .orderBy('no')
    .execute();
  return rows.map((row) => ({ contract: contractIn(row), site: row.site_id, told: row.told_stage }));
}

/** False where somebody was quicker. The version stays: nobody who is changing it in this moment is to be told that somebody was. */
export async function saveToldStage(db: DeskDatabase, { contract, told }: EndingContract, stage: Stage): Promise<boolean> {
  const query = db.updateTable('vendor_contract').set({ told_stage: stage });
  const same = query.where('no', '=', contract.no).where('version', '=', contract.version);
  return (await same.where(sql<boolean>`coalesce(told_stage, -1) = ${told ?? -1}`).executeTakeFirstOrThrow()).numUpdatedRows > 0n;
}

/** What is kept with it: of whose homes it is, and of which stage nobody need be told, as whoever wrote it saw it. */
export type Beside = { readonly dealer?: string | undefined; readonly told?: Stage | undefined };

/** Answers its number. */
export async function insertContract(db: DeskDatabase, site: string, said: ContractSaid, by: By, beside: Beside): Promise<number> {
  const row = { ...columnsOf(said, beside), ...made(site, by) };
  return Number((await db.insertInto('vendor_contract').values(row).returning('no').executeTakeFirstOrThrow()).no);
}

/** `site`: in which it is written down now. False where it is of another version by now, or there is none. */
export async function changeContract(
  db: DeskDatabase,
  { site, no, version }: Which,
  said: ContractSaid,
  { by, at }: By,
  beside: Beside,
): Promise<boolean> {
  const set = { ...columnsOf(said, beside), site_id: site, version: version + 1, changed_by: by, changed_at: at };
  const query = db.updateTable('vendor_contract').set(set).where('no', '=', no).where('version', '=', version);
  return (await query.executeTakeFirstOrThrow()).numUpdatedRows > 0n;
}

export async function removeContract(db: DeskDatabase, { no, version }: Which): Promise<boolean> {
  const query = db.deleteFrom('vendor_contract').where('no', '=', no).where('version', '=', version);
  return (await query.executeTakeFirstOrThrow()).numDeletedRows > 0n;
}

/** Of a home that is forgotten. What holds for all homes of a dealer stays, written down in another of them, where the desk knows one. Answers how many are gone. */
export async function dropContractsOf(db: DeskDatabase, site: string, homesOf: HomesOf): Promise<number> {
  const ofDealers = db.selectFrom('vendor_contract').select(['no', 'dealer']).where('site_id', '=', site).where('dealer', 'is not', null);
  for (const { no, dealer } of await ofDealers.execute()) {
    const others = homesOf(dealer ?? '').filter((id) => id !== site);
    const other = await findFirstSite(db, others);
    if (other !== undefined) await db.updateTable('vendor_contract').set({ site_id: other.id }).where('no', '=', no).execute();
  }
  return Number((await db.deleteFrom('vendor_contract').where('site_id', '=', site).executeTakeFirstOrThrow()).numDeletedRows);
}

/** Whether all homes of a dealer are within somebody's reach. */
export async function isDealerInReach(db: DeskDatabase, holder: string, dealer: string): Promise<boolean> {
  const query = db.selectFrom('reach').select('name').where('holder', '=', holder).where('kind', '=', 'dealer').where('name', '=', dealer);
  return (await query.executeTakeFirst()) !== undefined;
}

function columnsOf({ vendor, contract, level, cost, phone, url, ...said }: ContractSaid, { dealer, told }: Beside) {
  return {
    vendor,
    contract,
    level: level ?? null,
    cost: cost === undefined ? null : Math.round(cost.amount * 100),
    currency: cost?.currency ?? null,
    phone: phone ?? null,
    url: url ?? null,
    first_day: said.firstDay ?? null,
    last_day: said.lastDay ?? null,
    told_stage: told ?? null,
    evidence: JSON.stringify(said.evidence),
    covers: JSON.stringify(said.covers),
    dealer: said.forDealer ? (dealer ?? null) : null,
  };
}

type Row = Selectable<VendorContractTable>;

function contractIn(row: Row): Contract {
  const { no, version, vendor, contract, level, phone, url, dealer } = row;
  return {
    no,
    version,
    vendor,
    contract,
    ...termsIn(row),
    ...placeIn(row),
    ...(level === null ? {} : { level }),
    ...(phone === null ? {} : { phone }),
    ...(url === null ? {} : { url }),
    evidence: JSON.parse(row.evidence) as string[],
    covers: JSON.parse(row.covers) as Covers,
    forDealer: dealer !== null,
    ...handIn(row),
  };
}

const placeIn = ({ site_id, dealer }: Pick<Row, 'site_id' | 'dealer'>): Pick<Contract, 'site' | 'dealer'> =>
  dealer === null ? { site: site_id } : { dealer };

function termsIn({ cost, currency, first_day, last_day }: Pick<Row, 'cost' | 'currency' | 'first_day' | 'last_day'>) {
  return {
    ...(cost === null || currency === null ? {} : { cost: { amount: cost / 100, currency } }),
    ...(first_day === null ? {} : { firstDay: first_day }),
    ...(last_day === null ? {} : { lastDay: last_day }),
  };
}
