/**
 * What people said of devices: kept apart from what was heard, put over it, and found again by the MACs of the device when it comes back
 * under another id. A person is always right, and the newest word counts.
 */
import type { Correctable, Corrections, Device, Fact, FactName, Facts, PersonsWord } from './device.ts';
import { exclusiveKeys } from './identifiers.ts';
import { isPersonal } from './personal.ts';

/** What was said of one device, whose MACs (identifier keys) it had then. */
export type Card = { readonly device: string; readonly keys: readonly string[]; readonly says: Corrections };

/** Identifiers that people put together or pinned apart, as keys; `n` is the row of the log that did it. */
export type Pin = { readonly n: number; readonly kind: 'together' | 'apart'; readonly a: readonly string[]; readonly b: readonly string[] };

export type People = { readonly cards: ReadonlyMap<string, Card>; readonly pins: readonly Pin[] };

export const NOBODY: People = { cards: new Map(), pins: [] };

export const PERSON = 'a person';
const FACTS = ['name', 'kind', 'model', 'vendor', 'room'] as const satisfies readonly (Correctable & FactName)[];

export function areSameCards(cards: People['cards'], others: People['cards']): boolean {
  if (cards.size !== others.size) return false;
  for (const [id, card] of cards) if (others.get(id) !== card) return false;
  return true;
}

/** The device as people know it; without a card, as it was heard. */
export function dressed(device: Device, card: Card | undefined): Device {
  const { corrected: _, ...heard } = device;
  const bare: Device = { ...heard, facts: mapFacts(device.facts, (facts) => facts.filter(({ source }) => source !== PERSON)) };
  if (!card || Object.keys(card.says).length === 0) return { ...bare, personal: isPersonal(bare) };
  const worn: Device = { ...bare, corrected: card.says, facts: withWord(bare.facts, card.says) };
  return { ...worn, personal: isPersonal(worn) };
}

/** The same device where nothing was put in front of what a person said; no confidence beats theirs. */
export function upheld(device: Device): Device {
  const says = device.corrected;
  const isFirst = (name: (typeof FACTS)[number]): boolean => !says?.[name] || device.facts[name]?.[0]?.source === PERSON;
  return !says || FACTS.every(isFirst) ? device : { ...device, facts: withWord(device.facts, says) };
}

function withWord(facts: Facts, says: Corrections): Facts {
  const words = FACTS.flatMap((name): [FactName, readonly Fact[]][] => {
    const said = says[name];
    if (!said) return [];
    const others = (facts[name] ?? []).filter(({ source }) => source !== PERSON);
    return [[name, [{ value: said.value, confidence: 1, source: PERSON, at: said.at }, ...others]]];
  });
  return { ...facts, ...Object.fromEntries(words) };
}

function mapFacts(facts: Facts, change: (facts: readonly Fact[]) => readonly Fact[]): Facts {
  const kept = (Object.entries(facts) as [FactName, readonly Fact[]][]).flatMap(([name, said]) => {
    const left = change(said);
    return left.length === 0 && said.length > 0 ? [] : [[name, left] as const];
  });
  return Object.fromEntries(kept);
}

/** Both cards as one for the device that remains; `yielded` names what gave way to a newer word. */
export function unitedCards(device: Device, cards: readonly (Card | undefined)[]): { card: Card | undefined; yielded: string[] } {
  const said = cards.filter((card) => card !== undefined);
  if (said.length === 0) return { card: undefined, yielded: [] };
  const says: Record<string, PersonsWord> = {};
  const yielded: string[] = [];
  for (const [field, word] of said.flatMap((card) => Object.entries(card.says))) {
    const before = says[field];
    if (before && before.value !== word.value) yielded.push(`${field} "${before.at > word.at ? word.value : before.value}"`);
    if (!before || word.at >= before.at) says[field] = word;
  }
  const keys = [...new Set([...said.flatMap((card) => card.keys), ...exclusiveKeys(device)])];
  return { card: { device: device.id, keys, says }, yielded };
}

/** The card of a device that was forgotten and is back under a new id. */
export function cardFor(people: People, device: Device, isKnown: (id: string) => boolean): Card | undefined {
  const keys = new Set(exclusiveKeys(device));
  for (const card of people.cards.values()) if (!isKnown(card.device) && card.keys.some((key) => keys.has(key))) return card;
  return undefined;
}

export function pinnedApart(pins: readonly Pin[], one: Device, other: Device): boolean {
  const [mine, theirs] = [new Set(exclusiveKeys(one)), new Set(exclusiveKeys(other))];
  const has = (keys: readonly string[], held: ReadonlySet<string>): boolean => keys.some((key) => held.has(key));
  return pins.some((pin) => pin.kind === 'apart' && ((has(pin.a, mine) && has(pin.b, theirs)) || (has(pin.b, mine) && has(pin.a, theirs))));
}

/** The keys that people put together with those of a device. */
export function keysPinnedTo(pins: readonly Pin[], device: Device): string[] {
  const keys = new Set(exclusiveKeys(device));
  return pins
    .filter((pin) => pin.kind === 'together' && [...pin.a, ...pin.b].some((key) => keys.has(key)))
    .flatMap(({ a, b }) => [...a, ...b]);
}
