/**
 * The facts of the catalogue, indexed: by maker, then by model in one form, so that a device costs a few look-ups however many facts there are.
 * Compiling never fails; what contradicts what is told by `contradictionsIn`.
 */
import type { DeviceKind } from '../inventory/kinds.ts';
import { vendorName } from '../inventory/vendor-name.ts';
import type { Fact, FactProblem } from './fact.ts';
import { modelWords, revisionOf, tokensOf } from './model-words.ts';

/** One model of one fact. Without `revisions` the fact holds for all of them; `not` are model numbers of other hardware of that name. */
export type Entry = { readonly fact: Fact; readonly revisions?: ReadonlySet<string>; readonly not?: ReadonlySet<string> };

/** `names` in words, the longest first. */
export type Maker = {
  readonly names: readonly (readonly string[])[];
  readonly models: ReadonlyMap<string, readonly Entry[]>;
  readonly kinds: ReadonlyMap<DeviceKind, readonly Fact[]>;
};

/** One version of a system; `makers` are the keys of those whose hardware it runs on, none where it runs on anybody's. */
export type Version = { readonly fact: Fact; readonly makers: ReadonlySet<string> | undefined };

/** `told` finds the number behind the name; `bareFor` are the makers whose firmware says only the number. */
export type System = {
  readonly name: string;
  readonly told: RegExp;
  readonly bareFor: ReadonlySet<string>;
  readonly versions: readonly Version[];
};

export type Catalogue = {
  readonly makers: ReadonlyMap<string, Maker>;
  readonly systems: readonly System[];
  readonly facts: ReadonlyMap<string, Fact>;
};

/** `TP-Link Technologies` and `tp link` are one maker. */
export function makerKey(vendor: string): string {
  return tokensOf(vendorName(vendor) ?? vendor).join('');
}

type Draft = { readonly names: (readonly string[])[]; readonly models: Map<string, Entry[]>; readonly kinds: Map<DeviceKind, Fact[]> };

/** All names of a maker come first: they decide what of a model name is the model. */
export function compileCatalogue(facts: readonly Fact[]): Catalogue {
  const makers = new Map(
    [...makerNames(facts)].map(([key, names]): [string, Draft] => [key, { names, models: new Map(), kinds: new Map() }]),
  );
  const systems = new Map<string, Fact[]>();
  for (const fact of facts) {
    for (const key of makerKeys(fact)) {
      const maker = makers.get(key);
      if (maker) addTo(maker, fact);
    }
    const system = fact.match.system?.name;
    if (system !== undefined) systems.set(system, [...(systems.get(system) ?? []), fact]);
  }
  return {
    makers,
    systems: [...systems].map(([name, its]) => systemOf(name, its)),
    facts: new Map(facts.map((fact) => [fact.id, fact])),
  };
}

function namesOf({ vendor, alsoCalled = [] }: Fact): string[] {
  return [vendor, ...alsoCalled];
}

function makerKeys(fact: Fact): ReadonlySet<string> {
  return new Set(namesOf(fact).map(makerKey));
}

/** By key, the longest first. */
function makerNames(facts: readonly Fact[]): ReadonlyMap<string, (readonly string[])[]> {
  const names = new Map<string, Set<string>>();
  for (const fact of facts)
    for (const key of makerKeys(fact)) {
      const known = names.get(key) ?? new Set();
      names.set(key, known);
      for (const name of namesOf(fact)) known.add(name);
    }
  return new Map([...names].map(([key, known]) => [key, [...known].map(tokensOf).toSorted((a, b) => b.length - a.length)]));
}

function addTo(maker: Draft, fact: Fact): void {
  const { models = [], not, everyKind = [] } = fact.match;
  const others = not ? { not: new Set(not.flatMap((text) => modelWords(text, maker.names)?.key ?? [])) } : {};
  for (const model of models) {
    const written = typeof model === 'string' ? { name: model, revisions: [] } : model;
    const words = modelWords(written.name, maker.names);
    if (!words) continue;
    const revisions = new Set([
      ...written.revisions.flatMap((text) => revisionOf(text) ?? []),
      ...(words.revision ? [words.revision] : []),
    ]);
    const entry: Entry = { fact, ...others, ...(revisions.size > 0 ? { revisions } : {}) };
    maker.models.set(words.key, [...(maker.models.get(words.key) ?? []), entry]);
  }
  for (const kind of everyKind) maker.kinds.set(kind, [...(maker.kinds.get(kind) ?? []), fact]);
}

function systemOf(name: string, facts: readonly Fact[]): System {
  return {
    name,
    told: versionBehind(name),
    bareFor: new Set(facts.flatMap((fact) => (fact.match.system?.bare ? [...makerKeys(fact)] : []))),
    versions: facts.map((fact) => ({ fact, makers: fact.match.system?.anyMaker ? undefined : makerKeys(fact) })),
  };
}

function versionBehind(system: string): RegExp {
  const name = system.replace(/[^\p{L}\p{N}]+/gu, '[^\\p{L}\\p{N}]+');
  return new RegExp(`(?<![\\p{L}\\p{N}])${name}[^\\p{L}\\p{N}]*(?:v|version |release )?(\\d{1,5}(?:\\.\\d{1,6}){0,4})`, 'iu');
}

/** Pairs of facts that speak of the same device and say different dates, each told once under the later one's id; and ids used twice. */
export function contradictionsIn(facts: readonly Fact[]): FactProblem[] {
  const found = new Map<string, FactProblem>();
  const tell = (one: Fact, other: Fact, about: string): void => {
    if (one === other || sameDates(one, other)) return;
    const message = `says other dates than "${one.id}" of ${about}: separate them by revisions or versions`;
    found.set(`${one.id} ${other.id}`, { path: other.id, message });
  };
  const { makers, systems } = compileCatalogue(facts);
  for (const { models, kinds } of makers.values()) {
    for (const [key, entries] of models)
      eachPair(entries, (a, b) => {
        if (haveCommon(a.revisions, b.revisions)) tell(a.fact, b.fact, `model "${key}"`);
      });
    for (const [kind, its] of kinds) eachPair(its, (a, b) => tell(a, b, `every ${kind}`));
  }
  for (const { name, versions } of systems)
    eachPair(versions, ({ fact: a }, { fact: b }) => {
      if (overlap(a, b)) tell(a, b, name);
    });
  const ids = new Set<string>();
  for (const { id } of facts) {
    if (ids.has(id)) found.set(id, { path: id, message: 'is the id of two facts' });
    ids.add(id);
  }
  return [...found.values()];
}

function eachPair<T>(list: readonly T[], visit: (one: T, other: T) => void): void {
  list.forEach((one, i) => {
    for (const other of list.slice(i + 1)) visit(one, other);
  });
}

function sameDates(one: Fact, other: Fact): boolean {
  return JSON.stringify([one.ends, one.supportedOn]) === JSON.stringify([other.ends, other.supportedOn]);
}

function haveCommon(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  return !one || !other || !one.isDisjointFrom(other);
}

function overlap(one: Fact, other: Fact): boolean {
  const [a, b] = [one.match.system, other.match.system];
  const isBefore = (below: string | undefined, from: string | undefined): boolean =>
    below !== undefined && from !== undefined && compareVersions(below, from) <= 0;
  return !isBefore(a?.below, b?.from) && !isBefore(b?.below, a?.from);
}

/** Number by number; `7.2` is before `7.10`, and `7` equals `7.0`. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
