/**
 * How much a file of facts may hold, so that no file, however it came about, costs the hub more than a moment: models are compared as words, and
 * these bounds keep the comparisons few. Each is at least twice what the catalogue of this version needs.
 */
import { cleanText } from '../../base/text.ts';
import type { Catalogue } from './catalogue.ts';
import type { Fact, FactProblem } from './fact.ts';

export const MOST_FACTS = 3_000;
export const LONGEST_ROW = 8_192;
/** Every model under every name of its maker. */
const MOST_NAMES = 8_000;
const MOST_ON_ONE_MODEL = 32;
const MOST_ON_ONE_SYSTEM = 100;
const MOST_SYSTEMS = 64;

/** Too many rows to read each of them. */
export function excessOfRows(count: number): FactProblem[] {
  return over('', count, MOST_FACTS, 'facts');
}

/** What is too much already before anything is compared; `path` is `''` where it is the whole file. */
export function excessIn(facts: readonly Fact[]): FactProblem[] {
  const names = facts.reduce((sum, { match, alsoCalled = [] }) => sum + (match.models?.length ?? 0) * (1 + alsoCalled.length), 0);
  const systems = new Set(facts.flatMap(({ match }) => match.system?.name ?? []));
  return [...over('', names, MOST_NAMES, 'names of models'), ...over('', systems.size, MOST_SYSTEMS, 'systems')];
}

/** Too many facts on one model, kind or system, so that each would have to be compared with each. */
export function crowdsIn({ makers, systems }: Catalogue): FactProblem[] {
  return [
    ...[...makers.values()].flatMap(({ models, kinds }) =>
      [...models, ...kinds].flatMap(([key, { length }]) => over('', length, MOST_ON_ONE_MODEL, `facts about "${key}"`)),
    ),
    ...systems.flatMap(({ name, versions }) => over('', versions.length, MOST_ON_ONE_SYSTEM, `facts about versions of ${name}`)),
  ];
}

function over(path: string, count: number, most: number, what: string): FactProblem[] {
  return count > most ? [{ path, message: `has ${count} ${what}, and may have ${most}` }] : [];
}

/** A name of a system becomes an expression: without a letter at both ends it would try every way to share out a run of dots. */
export function unfitIn(path: string, fact: Fact): FactProblem[] {
  const system = fact.match.system?.name;
  return [
    ...(system === undefined || /^[\p{L}\p{N}](?:.*[\p{L}\p{N}])?$/u.test(system)
      ? []
      : [{ path: `${path}.match.system.name`, message: 'must begin and end with a letter or digit' }]),
    ...unreadableIn(fact).map((at) => ({
      path: `${path}.${at}`,
      message: 'is no plain text: it holds control characters or blanks too many',
    })),
  ];
}

/** Places of texts that would move a terminal's cursor or hide themselves. */
function unreadableIn(value: unknown): string[] {
  if (typeof value === 'string') return cleanText(value, value.length) === value ? [] : [''];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unreadableIn(inner).map((rest) => (rest === '' ? key : `${key}.${rest}`)));
}
