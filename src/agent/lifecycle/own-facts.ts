/** The facts that an integrator added on one hub: his word, unsigned, kept apart from the catalogue and marked as his wherever they are shown. */
import type { Fact, FactProblem, WrittenFact } from './fact.ts';
import { type FactFile, readFactFile } from './fact-file.ts';

export const LARGEST_OWN = 256 * 1024;
const MOST_OWN = 200;

/** `rows`: each fact as it is kept, in one line. */
export type OwnFacts = { readonly facts: readonly Fact[]; readonly rows: readonly string[]; readonly problems: readonly FactProblem[] };

/** What is in the text, or why it does not hold beside the catalogue. */
export function readOwnFacts(text: string, catalogue: readonly Fact[] = []): OwnFacts {
  const { facts, problems } = readBeside(text, catalogue);
  return {
    facts: facts.map(asOwn),
    rows: facts.map((fact) => JSON.stringify(fact)),
    problems: [...problems, ...tooMany(text, facts.length)],
  };
}

/** A fact with the id of one of the catalogue corrects it: it stands in its place, not beside it. */
export function readBeside(text: string, catalogue: readonly Fact[]): FactFile {
  const alone = readFactFile(text);
  const ids = new Set(alone.facts.map(({ id }) => id));
  return catalogue.length === 0
    ? alone
    : readFactFile(
        text,
        catalogue.filter(({ id }) => !ids.has(id)),
      );
}

function tooMany(text: string, count: number): FactProblem[] {
  const path = '';
  if (count > MOST_OWN) return [{ path, message: `has ${count} facts; a hub keeps ${MOST_OWN} of your own` }];
  return Buffer.byteLength(text) > LARGEST_OWN ? [{ path, message: `is larger than ${LARGEST_OWN / 1024} KiB` }] : [];
}

/** The source says whose word it is; examples have proved the fact and are not needed any more. */
function asOwn({ examples: _, counterExamples: __, ...fact }: WrittenFact): Fact {
  return { ...fact, sources: fact.sources.map((source) => ({ ...source, title: `added on this hub: ${source.title}` })) };
}
