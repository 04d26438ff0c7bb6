/** The facts that an integrator added on one hub: his word, unsigned, kept apart from the catalogue and marked as his wherever they are shown. */
import type { Fact, FactProblem, WrittenFact } from './fact.ts';
import { readFactFile } from './fact-file.ts';

export const LARGEST_OWN = 256 * 1024;
const MOST_OWN = 200;

/** `rows`: each fact as it is kept, in one line. */
export type OwnFacts = { readonly facts: readonly Fact[]; readonly rows: readonly string[]; readonly problems: readonly FactProblem[] };

/** What is in the text, or why it does not hold beside `others`. */
export function readOwnFacts(text: string, others: readonly Fact[] = []): OwnFacts {
  const { facts, problems } = readFactFile(text, others);
  return {
    facts: facts.map(asOwn),
    rows: facts.map((fact) => JSON.stringify(fact)),
    problems: [...problems, ...tooMany(text, facts.length)],
  };
}

function tooMany(text: string, count: number): FactProblem[] {
  const path = '';
  if (count > MOST_OWN) return [{ path, message: `has ${count} facts; a hub keeps ${MOST_OWN} of your own` }];
  return text.length > LARGEST_OWN ? [{ path, message: `is larger than ${LARGEST_OWN / 1024} KiB` }] : [];
}

/** The source says whose word it is; examples have proved the fact and are not needed any more. */
function asOwn({ examples: _, counterExamples: __, ...fact }: WrittenFact): Fact {
  return { ...fact, sources: fact.sources.map((source) => ({ ...source, title: `added on this hub: ${source.title}` })) };
}
