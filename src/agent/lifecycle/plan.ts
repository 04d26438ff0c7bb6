/**
 * The replacement plan of a home: what of it a client may be told, in the order of urgency. What is for the desk to check first, what nobody is sure
 * of, and what belongs to persons is left out here, so that no page made of a plan can show it.
 */

import { lastMomentOf } from '../../base/partial-date.ts';
import { titleOf } from '../inventory/describe.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { Catalogue } from './catalogue.ts';
import type { End, Fact } from './fact.ts';
import type { Found } from './match.ts';
import { type Age, isContradicted, type ServiceLife, YEAR_MS } from './service-life.ts';
import { decidingEnd, type Evidence, type Now, STATES, type Verdict, type VerdictState, verdictOn } from './verdict.ts';

export type PlanState = Extract<VerdictState, 'at-risk' | 'overdue' | 'due' | 'plan'>;

/** Devices of one product with one end. `place`: a room or what people call it, for each that has one. */
export type PlanDevices = {
  readonly title: string;
  readonly count: number;
  readonly places: readonly string[];
  readonly ids: readonly string[];
};

/** When it ends: a date that somebody told, or the years in which its kind usually gives up. */
export type PlanEnd =
  | { readonly is: 'told'; readonly end: End | 'pastBy'; readonly on: string; readonly isPast: boolean }
  | { readonly is: 'usual'; readonly fromAt: number; readonly toAt: number };

export type PlanItem = PlanDevices & {
  readonly state: PlanState;
  readonly verdict: Verdict;
  /** None where it is an age. */
  readonly fact?: Fact;
  readonly ends?: PlanEnd;
};

/** Nothing to do within a year, and an end after that is known. */
export type LaterItem = PlanDevices & { readonly ends: PlanEnd };

export type ReplacementPlan = {
  readonly now: Now;
  readonly years: number;
  /** Devices that were looked at: all but those of persons. */
  readonly devices: number;
  /** The most urgent first. */
  readonly items: readonly PlanItem[];
  /** Their ends within the years of the plan, the earliest first. */
  readonly later: readonly LaterItem[];
  /** Looked after, or their end is more than a year away. `until`: that end, where it was told. */
  readonly fine: readonly (PlanDevices & { readonly until?: string })[];
  /** The version decides, and it has to be read somewhere. */
  readonly toRead: readonly (PlanDevices & { readonly lookFor: string })[];
  /** The model is known, and no date of it. */
  readonly undated: readonly PlanDevices[];
  /** Not even the model is known. */
  readonly unnamed: readonly PlanDevices[];
  /** How many devices wait for somebody of the desk to check something; they are among those without a date. */
  readonly toCheck: number;
};

export type PlanGrounds<Device> = {
  readonly catalogue: Catalogue;
  readonly now: Now;
  readonly years: number;
  evidenceOn(device: Device): Evidence;
};

type Judged = {
  readonly device: DeviceSummary;
  readonly verdict: Verdict | undefined;
  readonly found: readonly Found[];
  readonly usual: PlanEnd | undefined;
};

export function replacementPlan<Device extends DeviceSummary>(devices: readonly Device[], grounds: PlanGrounds<Device>): ReplacementPlan {
  const { catalogue, now, years } = grounds;
  const judged = devices.filter(({ personal }) => !personal).map((device) => judge(device, grounds));
  const items = judged.filter(isForClient).map((one) => itemOf(one, catalogue, now));
  const fine = judged.filter(({ verdict }) => verdict?.state === 'fine' && verdict.tell === 'client');
  const silent = judged.filter((one) => !isForClient(one) && !fine.includes(one));
  const asked = silent.filter(({ verdict }) => verdict?.state === 'ask-revision');
  const rest = silent.filter((one) => !asked.includes(one));
  const horizon = now.at + years * YEAR_MS;
  const later = [...fine, ...rest].flatMap((one) => laterOf(one, catalogue, now)).filter(({ ends }) => endAt(ends) <= horizon);
  const isNamed = ({ device }: Judged): boolean => device.model !== undefined || device.modelNumber !== undefined;
  return {
    now,
    years,
    devices: judged.length,
    items: grouped(items, ({ verdict, title }) =>
      JSON.stringify([title, verdict.state, verdict.ends, verdict.facts, verdict.why]),
    ).toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || whenOf(a) - whenOf(b) || compare(a.title, b.title)),
    later: grouped(later, ({ title, ends }) => JSON.stringify([title, ends])).toSorted((a, b) => endAt(a.ends) - endAt(b.ends)),
    fine: listed(fine.map((one) => ({ ...alone(one.device), ...untilOf(one, catalogue, now) }))),
    toRead: listed(asked.map(({ device, found }) => ({ ...alone(device), lookFor: found.find((one) => one.is === 'ask')?.lookFor ?? '' }))),
    undated: listed(rest.filter(isNamed).map(({ device }) => alone(device))),
    unnamed: listed(rest.filter((one) => !isNamed(one)).map(({ device }) => alone(device))),
    toCheck: silent.filter(({ verdict }) => verdict?.state === 'check').length,
  };
}

/** Unix milliseconds: the last moment of a date, the middle of the usual years. */
export function endAt(ends: PlanEnd): number {
  return ends.is === 'told' ? lastMomentOf(ends.on) : (ends.fromAt + ends.toAt) / 2;
}

/** Unix milliseconds: when it is over for certain, as far as anybody can say. */
export function lastOf(ends: PlanEnd): number {
  return ends.is === 'told' ? lastMomentOf(ends.on) : ends.toAt;
}

function judge<Device extends DeviceSummary>(device: Device, { now, evidenceOn }: PlanGrounds<Device>): Judged {
  const evidence = withoutCertificates(evidenceOn(device));
  const { found, age, life } = evidence;
  return { device, found, verdict: verdictOn(evidence, now), usual: usualEnd(age, life, now) };
}

/** A certificate is renewed, not replaced, and by the desk. */
function withoutCertificates({ told, ...evidence }: Evidence): Evidence {
  return told ? { ...evidence, told: { ...told, ends: told.ends.filter(({ cause }) => cause !== 'certificate') } } : evidence;
}

function isForClient(one: Judged): one is Judged & { readonly verdict: Verdict & { readonly state: PlanState } } {
  const { verdict } = one;
  return verdict?.tell === 'client' && verdict.state !== 'fine' && verdict.state !== 'check' && verdict.state !== 'ask-revision';
}

/** Only from a date that people told: since when the hub has seen a device says nothing of how long it will last. */
function usualEnd(age: Age | undefined, life: ServiceLife | undefined, now: Now): PlanEnd | undefined {
  if (age?.atMost === undefined || isContradicted(age) || !life || life.confidence === 'low') return undefined;
  return { is: 'usual', fromAt: now.at + (life.low - age.atMost) * YEAR_MS, toAt: now.at + (life.high - age.atLeast) * YEAR_MS };
}

function itemOf(
  { device, verdict, usual }: Judged & { readonly verdict: Verdict & { readonly state: PlanState } },
  catalogue: Catalogue,
  now: Now,
): PlanItem {
  const fact = catalogue.facts.get(verdict.facts[0] ?? '');
  const ends = fact ? toldEnd(fact, now) : verdict.grade === 'usual life' ? usual : undefined;
  return { ...alone(device), state: verdict.state, verdict, ...(fact ? { fact } : {}), ...(ends ? { ends } : {}) };
}

function toldEnd(fact: Fact, now: Now): PlanEnd | undefined {
  const end = decidingEnd(fact);
  const on = end && fact.ends[end];
  return end && on ? { is: 'told', end, on, isPast: end === 'pastBy' || lastMomentOf(on) < now.at } : undefined;
}

/** That it is no longer sold ends nothing for the family. */
function laterOf({ device, verdict, usual }: Judged, catalogue: Catalogue, now: Now): LaterItem[] {
  const fact = verdict?.state === 'fine' && verdict.tell === 'client' ? catalogue.facts.get(verdict.facts[0] ?? '') : undefined;
  const told = fact && toldEnd(fact, now);
  if (told?.is === 'told' && told.end !== 'sale' && !told.isPast) return [{ ...alone(device), ends: told }];
  return usual && endAt(usual) > now.at && verdict?.state !== 'check' ? [{ ...alone(device), ends: usual }] : [];
}

function untilOf(one: Judged, catalogue: Catalogue, now: Now): { readonly until?: string } {
  const [later] = laterOf(one, catalogue, now);
  return later?.ends.is === 'told' ? { until: later.ends.on } : {};
}

/** The product where it is known, else what it is called; its own name and room tell where it is. */
function alone(device: DeviceSummary): PlanDevices {
  const { name: called, ...nameless } = device;
  const title = device.model === undefined ? titleOf(device) : titleOf(nameless);
  const isTold = called === undefined || title.toLowerCase().includes(called.toLowerCase());
  const name = isTold ? undefined : called;
  const room = device.room !== undefined && name?.toLowerCase().includes(device.room.toLowerCase()) ? undefined : device.room;
  const place = [name, room].filter((part) => part !== undefined).join(', ');
  return { title, count: 1, places: place === '' ? [] : [place], ids: [device.id] };
}

function grouped<T extends PlanDevices>(list: readonly T[], key: (one: T) => string): T[] {
  const groups = Map.groupBy(list, key);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const all = [first, ...others];
    return [{ ...first, count: all.length, places: all.flatMap(({ places }) => places), ids: all.flatMap(({ ids }) => ids) }];
  });
}

/** By title; for what is only listed, where each of them is matters less than how many there are. */
function listed<T extends PlanDevices>(list: readonly T[]): T[] {
  return grouped(list, ({ count: _, places: __, ids: ___, ...rest }) => JSON.stringify(rest)).toSorted((a, b) => compare(a.title, b.title));
}

/** What has a date comes in its order; ages, which have none, in theirs. */
function whenOf({ ends }: PlanItem): number {
  return ends === undefined ? Number.MAX_SAFE_INTEGER : endAt(ends);
}

/** By letters, and the same in every country. */
function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en');
}
