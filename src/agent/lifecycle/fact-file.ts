/** A file of facts as text: JSON lines, or one JSON array. Whoever wrote it is told of every problem at once, each with its place. */
import { type Catalogue, compileCatalogue, contradictionsIn } from './catalogue.ts';
import { type Example, type Fact, type FactProblem, readFact, type WrittenFact } from './fact.ts';
import { crowdsIn, excessIn, excessOfRows, unfitIn } from './fact-limits.ts';
import { type Found, factsAbout } from './match.ts';

export const LARGEST_FACT_FILE = 4 * 1024 * 1024;

export type FactFile = { readonly facts: readonly WrittenFact[]; readonly problems: readonly FactProblem[] };

/** Form, sense and examples of each fact, and what contradicts another fact of the file or of `others`. */
export function readFactFile(text: string, others: readonly Fact[] = []): FactFile {
  if (Buffer.byteLength(text) > LARGEST_FACT_FILE)
    return { facts: [], problems: [{ path: '', message: `is larger than ${LARGEST_FACT_FILE / 1024 / 1024} MiB` }] };
  const values = valuesIn(text);
  const rows = excessOfRows(values.length);
  if (rows.length > 0) return { facts: [], problems: rows };
  const read = values.map(({ path, value }) => ({
    path,
    read: value instanceof Error ? [{ path, message: value.message }] : readFact(value, path),
  }));
  const good = read.flatMap(({ path, read: fact }) => (Array.isArray(fact) ? [] : [{ path, fact: fact as WrittenFact }]));
  const facts = good.map(({ fact }) => fact);
  const malformed = [
    ...read.flatMap(({ read: problems }) => (Array.isArray(problems) ? problems : [])),
    ...good.flatMap(({ path, fact }) => unfitIn(path, fact)),
  ];
  const excess = excessIn(facts);
  if (excess.length > 0) return { facts: [], problems: [...malformed, ...excess] };
  const proving = compileCatalogue(facts);
  const crowds = crowdsIn(proving);
  if (crowds.length > 0) return { facts: [], problems: [...malformed, ...crowds] };
  const pathOf = new Map(good.map(({ path, fact }) => [fact.id, path]));
  const contradicting = contradictionsIn([...others, ...facts]).flatMap(({ path, message }) => {
    const place = pathOf.get(path);
    return place === undefined ? [] : [{ path: place, message }];
  });
  return { facts, problems: [...malformed, ...contradicting, ...good.flatMap(({ path, fact }) => unprovenIn(path, fact, proving))] };
}

type Line = { readonly path: string; readonly value: unknown };

function valuesIn(text: string): Line[] {
  if (text.trimStart().startsWith('[')) {
    const all = parsed(text);
    return Array.isArray(all) ? all.map((value, i) => ({ path: `${i + 1}`, value })) : [{ path: '', value: all }];
  }
  return text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ path: `line ${i + 1}`, value: parsed(line) }]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return new Error(`is no JSON: ${(error as Error).message}`);
  }
}

/** Examples that the fact does not meet, or that another fact of the file claims for itself; counter-examples that it meets. */
function unprovenIn(path: string, fact: WrittenFact, catalogue: Catalogue): FactProblem[] {
  const foundFor = (example: Example): Found[] => factsAbout(catalogue, { vendor: fact.vendor, ...example });
  const isMet = (found: readonly Found[]): boolean => found.some((one) => one.is === 'about' && one.fact.id === fact.id);
  return [
    ...fact.examples.flatMap((example, i): FactProblem[] => {
      const found = foundFor(example);
      const place = `${path}.examples.${i}`;
      if (!isMet(found)) return [{ path: place, message: 'is not met by its own fact' }];
      const other = fact.match.system
        ? undefined
        : found.find((one) => one.is === 'about' && one.fact.id !== fact.id && !one.fact.match.system);
      return other?.is === 'about' ? [{ path: place, message: `is met by "${other.fact.id}" too: one of the two says nothing new` }] : [];
    }),
    ...(fact.counterExamples ?? []).flatMap((example, i) =>
      isMet(foundFor(example)) ? [{ path: `${path}.counterExamples.${i}`, message: 'is met, and must not be' }] : [],
    ),
  ];
}
