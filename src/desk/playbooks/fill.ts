/** A playbook with the facts of one alert in its blanks, and as plain text for programs and the command line. Pure. */
import { filledIn, type Known, type Value } from './blanks.ts';
import type { Inline } from './markdown.ts';
import type { Part, Playbook } from './playbook.ts';

/** Words whose blanks are values. */
export type FilledWord =
  | Exclude<Inline, { type: 'blank' } | { type: 'bold' }>
  | { readonly type: 'bold'; readonly of: readonly FilledWord[] }
  | ({ readonly type: 'value'; readonly name: string } & Value);

export type FilledStep = { readonly words: readonly FilledWord[]; readonly under: readonly (readonly FilledWord[])[] };
export type FilledPart = { readonly name: Part['name']; readonly steps: readonly FilledStep[] };
export type FilledPlaybook = Pick<Playbook, 'name' | 'from' | 'title' | 'tier' | 'read' | 'sources'> & {
  readonly means: readonly FilledWord[];
  readonly parts: readonly FilledPart[];
};

export function fillPlaybook(playbook: Playbook, known: Known): FilledPlaybook {
  return mapPlaybook(playbook, (name) => ({ type: 'value', name, ...filledIn(name, known) }));
}

/** Before there is an alert: each blank names what will stand there. */
export function unfilledPlaybook(playbook: Playbook): FilledPlaybook {
  return mapPlaybook(playbook, (name) => ({ type: 'value', name, text: name, known: false }));
}

function mapPlaybook(
  { name, from, title, tier, read, sources, means, parts }: Playbook,
  fill: (name: string) => FilledWord,
): FilledPlaybook {
  const words = (from: readonly Inline[]): FilledWord[] =>
    from.map((word) => {
      if (word.type === 'blank') return fill(word.name);
      return word.type === 'bold' ? { type: 'bold', of: words(word.of) } : word;
    });
  const filled = parts.map((part) => ({
    name: part.name,
    steps: part.items.map((item) => ({ words: words(item.words), under: item.under.map((line) => words(line.words)) })),
  }));
  return { name, from, title, tier, read, sources, means: words(means), parts: filled };
}

export function plainWords(words: readonly FilledWord[]): string {
  return words.map((word) => (word.type === 'bold' ? plainWords(word.of) : word.text)).join('');
}
