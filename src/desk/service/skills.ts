/** Who is on shift, and who knows what a ticket asks for. Pure; instants in Unix milliseconds. */
import { wordsOf } from '../search-words.ts';
import type { Person, ServicePolicy } from './policy.ts';
import { servedFrom } from './spans.ts';

/** What somebody said on the page: on or off from `since` until `until`, whatever his usual hours are. */
export type Shift = { readonly name: string; readonly isOn: boolean; readonly since: number; readonly until: number };

/** `until`: when it ends. `saidSo`: not by his usual hours. */
export type OnShift = { readonly name: string; readonly until: number; readonly saidSo: boolean };

/** A thing that a ticket is about, or the words with which people opened it. */
export type Subject = { readonly vendor?: string | undefined; readonly kind?: string | undefined; readonly words?: string | undefined };

/** One skill that a ticket asks for: who on shift has it, and where nobody does, who is on next. */
export type SkillCover = {
  readonly skill: string;
  readonly on: readonly string[];
  readonly next?: { readonly name: string; readonly at: number; readonly timeZone: string };
  /** Nobody on shift has it: who may be asked instead. */
  readonly dealer?: string;
};

/** By the maker, the kind, or a maker's name among the words. In the order of the policy. */
export function skillsFor({ skills }: ServicePolicy, subjects: readonly Subject[]): string[] {
  const named = namesOf(subjects);
  const kinds = new Set(subjects.map(({ kind }) => kind));
  return [...skills].flatMap(([name, skill]) => {
    return saysMaker(skill.vendors, named) || [...skill.kinds].some((kind) => kinds.has(kind)) ? [name] : [];
  });
}

/** In what is said of each, makers are looked for. */
export function namesOf(subjects: readonly Subject[]): string[] {
  return subjects.map(({ vendor, words }) => ` ${wordsOf(`${vendor ?? ''} ${words ?? ''}`).join(' ')} `);
}

/** Whether one of these makers is in one of the texts: a word of it is enough, and the whole of it is needed. */
export function saysMaker(vendors: readonly string[], named: readonly string[]): boolean {
  // Signs alone are no word, and would be in every text that has none.
  const makers = vendors.map((vendor) => wordsOf(vendor).join(' ')).filter((maker) => maker !== '');
  return makers.some((maker) => named.some((text) => text.includes(` ${maker} `)));
}

/** A word from before the clock was set back is none: it may be a day old. */
function saidBy(name: string, shifts: readonly Shift[], now: number): Shift | undefined {
  return shifts.find((shift) => shift.name === name && shift.since <= now && now < shift.until);
}

/** When his usual hours go on or begin, from an instant on. */
function usually({ hours }: Person, from: number): { readonly from: number; readonly to: number } | undefined {
  return hours && servedFrom(hours, hours.timeZone ?? 'UTC', from).next().value;
}

/** Those of the policy, and whoever else said so; in the order of names. */
export function onShift({ people }: Pick<ServicePolicy, 'people'>, shifts: readonly Shift[], now: number): OnShift[] {
  const names = [...new Set([...people.keys(), ...shifts.map(({ name }) => name)])].sort((one, other) => one.localeCompare(other, 'en'));
  return names.flatMap((name): OnShift[] => {
    const said = saidBy(name, shifts, now);
    if (said) return said.isOn ? [{ name, until: said.until, saidSo: true }] : [];
    const person = people.get(name);
    const span = person && usually(person, now);
    return span && span.from <= now ? [{ name, until: span.to, saidSo: false }] : [];
  });
}

/** When he is on next by his usual hours, if he is not now. */
function nextOn(person: Person, shifts: readonly Shift[], now: number): number | undefined {
  const said = saidBy(person.name, shifts, now);
  return usually(person, said && !said.isOn ? said.until : now)?.from;
}

export function coverOf(policy: ServicePolicy, shifts: readonly Shift[], skill: string, now: number): SkillCover {
  const knowers = [...policy.people.values()].filter(({ skills }) => skills.has(skill));
  const present = new Set(onShift(policy, shifts, now).map(({ name }) => name));
  const on = knowers.filter(({ name }) => present.has(name)).map(({ name }) => name);
  if (on.length > 0) return { skill, on };
  const nexts = knowers.flatMap((person) => {
    const at = nextOn(person, shifts, now);
    return at === undefined ? [] : [{ name: person.name, at, timeZone: person.hours?.timeZone ?? 'UTC' }];
  });
  const [next] = nexts.sort((one, other) => one.at - other.at);
  return { skill, on, ...(next === undefined ? {} : { next }) };
}
