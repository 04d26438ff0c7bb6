/** Competing statements about a device, kept best first. Values are brought to one form here, so that two spellings are not two facts. */
import type { Fact, FactName, Facts } from './device.ts';
import type { Statement } from './fingerprints.ts';
import { plausibleSerial } from './identifiers.ts';
import { isDeviceKind } from './kinds.ts';
import { cleanName } from './names.ts';
import { isPersonalKind, wasShouted } from './shouted-kinds.ts';
import { vendorName } from './vendor-name.ts';

const MOST_FACTS = 8;
const RENEW_AFTER_MS = 12 * 3_600_000;
/** What was not said for so long does not go on, it begins anew. */
const INTERRUPTED_MS = 2 * 86_400_000;

export function bestFact(facts: Facts, name: FactName): string | undefined {
  return facts[name]?.[0]?.value;
}

/** The facts with statements added; a source that speaks again replaces what it said. The same object when nothing new was said. */
export function withStatements(facts: Facts, statements: readonly Statement[], at: number, macs: readonly string[]): Facts {
  return statements.reduce((all, statement) => {
    const value = normalForm(statement.fact, statement.value, macs);
    return value === undefined
      ? all
      : withFact(all, statement.fact, { value, confidence: statement.confidence, source: statement.source, at });
  }, facts);
}

function withFact(facts: Facts, name: FactName, fact: Fact): Facts {
  const said = facts[name] ?? [];
  const before = said.find((other) => other.source === fact.source);
  if (before && before.value === fact.value && before.confidence === fact.confidence) {
    const since = fact.at - (before.lastAt ?? before.at);
    if (name !== 'kind' || since < RENEW_AFTER_MS) return facts;
    const isNew = since >= INTERRUPTED_MS && isPersonalKind(fact.value);
    const renewed = { ...before, ...(isNew ? { at: fact.at } : {}), lastAt: fact.at };
    return { ...facts, kind: said.map((each) => (each === before ? renewed : each)).toSorted(byConfidence) };
  }
  const others = said.filter((other) => other !== before);
  return { ...facts, [name]: capped([...others, fact].toSorted(byConfidence)) };
}

/** Who shouts much must not push out what the device answered. */
function capped(facts: readonly Fact[]): readonly Fact[] {
  if (facts.length <= MOST_FACTS) return facts;
  const least = facts.findLast(wasShouted) ?? facts.at(-1);
  return facts.filter((fact) => fact !== least);
}

export function mergedFacts(one: Facts, other: Facts): Facts {
  const statements = Object.entries(other) as [FactName, readonly Fact[]][];
  return statements.reduce(
    (facts, [name, said]) => said.reduce((all, fact) => (knows(all, name, fact) ? all : withFact(all, name, fact)), facts),
    one,
  );
}

/** Takes back what one source said. */
export function withoutSource(facts: Facts, name: FactName, source: string): Facts {
  return { ...facts, [name]: (facts[name] ?? []).filter((fact) => fact.source !== source) };
}

function knows(facts: Facts, name: FactName, fact: Fact): boolean {
  return (facts[name] ?? []).some((other) => other.source === fact.source);
}

/** Ties are broken by the text of the source, so that the order of arrival does not decide. */
function byConfidence(a: Fact, b: Fact): number {
  return b.confidence - a.confidence || (a.source < b.source ? -1 : 1);
}

function normalForm(fact: FactName, value: string, macs: readonly string[]): string | undefined {
  if (fact === 'vendor') return vendorName(value);
  if (fact === 'name') return cleanName(value, macs);
  if (fact === 'serial') return plausibleSerial(value);
  if (fact === 'kind') return isDeviceKind(value) ? value : undefined;
  return value.trim() || undefined;
}
