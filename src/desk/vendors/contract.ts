/** A contract with a vendor: what it covers, how near its end it is, and what it costs. Pure; days are `YYYY-MM-DD` of the clock of the home. */
import type { Hand } from '../dossier/contact.ts';
import { wordsOf } from '../search-words.ts';
import { namesOf, type Subject, saysMaker } from '../service/skills.ts';

/** A year, in the currency's main unit, to the hundredth. `currency`: three letters (ISO 4217). */
export type Cost = { readonly amount: number; readonly currency: string };

/** What it covers: everything, or what fits one of these. `makers`: a word of theirs is enough. `kinds`: of device, or `line`. `devices`: their ids. */
export type Covers = {
  readonly all: boolean;
  readonly makers: readonly string[];
  readonly kinds: readonly string[];
  readonly devices: readonly string[];
};

/** The line to the internet is no device, and its provider is who is called most. */
export const LINE_KIND = 'line';

/** What people say of one. `contract`: its number at the vendor. `evidence`: what the vendor will ask for. `forDealer`: it holds for all homes of the dealer of record. */
export type ContractSaid = {
  readonly vendor: string;
  readonly contract: string;
  readonly level?: string | undefined;
  readonly cost?: Cost | undefined;
  readonly phone?: string | undefined;
  readonly url?: string | undefined;
  readonly firstDay?: string | undefined;
  readonly lastDay?: string | undefined;
  readonly evidence: readonly string[];
  readonly covers: Covers;
  readonly forDealer: boolean;
};

/** `dealer`: of all whose homes it is; `site`: of which home, where it is of one. */
export type Contract = ContractSaid &
  Hand & { readonly no: number; readonly version: number; readonly site?: string; readonly dealer?: string };

/** Whole days before its end at which it is told; 0: it has ended. */
export const STAGES = [60, 30, 7, 0] as const;
export type Stage = (typeof STAGES)[number];
export const FIRST_STAGE = STAGES[0];

/** `daysLeft`: whole days up to its last one, on which it is 0; less where it has ended. */
export type Term = { readonly state: 'ahead' | 'holds' | 'ended'; readonly daysLeft?: number; readonly stage?: Stage };

const DAY_MS = 86_400_000;

export function termOf({ firstDay, lastDay }: Pick<ContractSaid, 'firstDay' | 'lastDay'>, today: string): Term {
  const daysLeft = lastDay === undefined ? undefined : (Date.parse(lastDay) - Date.parse(today)) / DAY_MS;
  const stage = daysLeft === undefined ? undefined : stageAt(daysLeft);
  const state = stage === 0 ? 'ended' : firstDay !== undefined && firstDay > today ? 'ahead' : 'holds';
  return { state, ...(daysLeft === undefined ? {} : { daysLeft }), ...(stage === undefined ? {} : { stage }) };
}

function stageAt(daysLeft: number): Stage | undefined {
  return daysLeft < 0 ? 0 : STAGES.findLast((stage) => stage > 0 && daysLeft <= stage);
}

/** `contract`: as it is kept; `told`: the stage that was told last. What is to be told now; undefined where nothing is new. */
export function newStage(contract: Pick<ContractSaid, 'firstDay' | 'lastDay'>, told: number | null, today: string): Stage | undefined {
  const { stage } = termOf(contract, today);
  return stage === undefined || (told !== null && stage >= told) ? undefined : stage;
}

/** Names the work on one contract, as tickets/symptom.ts names that on alerts. */
export const OF_CONTRACTS = 'contract ';

/** The number of the contract that a ticket is about. */
export function contractIn(symptom: string | undefined): number | undefined {
  return symptom?.startsWith(OF_CONTRACTS) ? Number(symptom.slice(OF_CONTRACTS.length)) : undefined;
}

/** A thing that needs somebody: a device, the line, or what people said of it. */
export type Concern = Subject & { readonly device?: string | undefined };

/** What says more nearly that it is covered comes first; undefined where nothing does. */
export function coverRank({ all, makers, kinds, devices }: Covers, concerns: readonly Concern[]): number | undefined {
  if (concerns.some(({ device }) => device !== undefined && devices.includes(device))) return 0;
  if (saysMaker(namedMakers(makers), namesOf(concerns))) return 1;
  if (concerns.some(({ kind }) => kind !== undefined && kinds.includes(kind))) return 2;
  return all ? 3 : undefined;
}

const LEGAL_FORMS: ReadonlySet<string> = new Set(['inc', 'ltd', 'gmbh', 'llc', 'co', 'corp', 'ag', 'ab', 'oy', 'bv', 'sa', 'srl']);

/** Those that name somebody: what is left of "Sonos, Inc." behind its comma is in the name of every other maker. */
export function namedMakers(makers: readonly string[]): string[] {
  return makers.filter((maker) => !LEGAL_FORMS.has(wordsOf(maker).join('')));
}

/** Those that cover it, the nearest first. */
export function covering<C extends Pick<ContractSaid, 'covers'> & { readonly no: number }>(
  contracts: readonly C[],
  concerns: readonly Concern[],
): C[] {
  const ranked = contracts.flatMap((contract) => {
    const rank = coverRank(contract.covers, concerns);
    return rank === undefined ? [] : [{ contract, rank }];
  });
  return ranked.sort((one, other) => one.rank - other.rank || one.contract.no - other.contract.no).map(({ contract }) => contract);
}

/** What contracts cost a year, currency by currency: nobody reckons one in another. `unpriced`: of so many nobody wrote down what they cost. */
export type CostSum = { readonly contracts: number; readonly unpriced: number; readonly totals: readonly Cost[] };

/** Of those that hold. */
export function costSum(contracts: readonly (Pick<ContractSaid, 'cost'> & { readonly term: Pick<Term, 'state'> })[]): CostSum {
  const held = contracts.filter(({ term }) => term.state === 'holds');
  const hundredths = new Map<string, number>();
  for (const { cost } of held)
    if (cost) hundredths.set(cost.currency, (hundredths.get(cost.currency) ?? 0) + Math.round(cost.amount * 100));
  const totals = [...hundredths].map(([currency, sum]) => ({ currency, amount: sum / 100 }));
  return {
    contracts: held.length,
    unpriced: held.filter(({ cost }) => cost === undefined).length,
    totals: totals.sort((one, other) => (one.currency < other.currency ? -1 : 1)),
  };
}

/** What ends next first; what has no end last. */
export function byEnd<C extends Pick<ContractSaid, 'lastDay'> & { readonly no: number }>(one: C, other: C): number {
  const [left, right] = [one.lastDay ?? '9999', other.lastDay ?? '9999'];
  return left === right ? one.no - other.no : left < right ? -1 : 1;
}
