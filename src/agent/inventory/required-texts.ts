/**
 * What a text must hold before a regular expression is worth running on it: `^ACME (\d+)|Zeta-\w+` needs `acme ` or `zeta-`. Of hundreds of
 * rules on one kind of evidence nearly all are passed over by a search for plain text, and their expressions are never compiled.
 */

const MOST_TEXTS = 64;
const SHORTEST = 2;
/** Escapes that this reader of patterns does not follow. */
const BEYOND = /\\[pPuxck]/;
const ZERO_WIDTH = /\^|\$|\\[bB]/y;
const QUANTIFIER = /(?:[?*+]|\{(\d+)(?:,\d*)?\})\??/y;
const CLASS = /\[(?:[^\]\\]|\\.)*\]?/y;
const LOOK_AROUND = /\(\?<?[=!]/y;
const GROUP = /\((?:\?(?:<\w+>|:))?/y;

/** Texts in lower case, undefined where nothing is sure. */
type Texts = readonly string[] | undefined;
type Place = { at: number };
/** One piece of a branch: a letter, or what a group needs; neither where it can be anything. */
type Piece = { readonly letter?: string; readonly texts?: Texts };

/** Every text that the pattern matches without case holds at least one of these, both in lower case; undefined where nothing is sure. */
export function requiredTexts(pattern: string): Texts {
  const texts = BEYOND.test(pattern) ? undefined : ofBranches(pattern, { at: 0 });
  return texts && inOnePiece(texts);
}

/** What was put together letter by letter is kept by V8 as a chain of pieces, at five times its size; thousands of these are kept for good. */
function inOnePiece(texts: readonly string[]): readonly string[] {
  return texts.join('\n').split('\n');
}

/** Up to the bracket that closes the group, or the end. */
function ofBranches(pattern: string, place: Place): Texts {
  const branches = [ofBranch(pattern, place)];
  while (pattern[place.at] === '|') {
    place.at++;
    branches.push(ofBranch(pattern, place));
  }
  const texts = branches.flatMap((branch) => branch ?? []);
  return branches.includes(undefined) || texts.length > MOST_TEXTS ? undefined : texts;
}

/** The surest of the plain runs and groups that follow each other: the one whose shortest text is longest. */
function ofBranch(pattern: string, place: Place): Texts {
  let best: Texts;
  let run = '';
  while (place.at < pattern.length && pattern[place.at] !== '|' && pattern[place.at] !== ')') {
    const { letter, texts } = nextPiece(pattern, place);
    const times = quantified(pattern, place);
    if (letter !== undefined && times !== 'perhaps') run += letter;
    if (letter !== undefined && times === 'once') continue;
    best = surer(surer(best, [run]), times === 'perhaps' ? undefined : texts);
    run = '';
  }
  return surer(best, [run]);
}

function nextPiece(pattern: string, place: Place): Piece {
  const letter = pattern[place.at] ?? '';
  const zeroWidth = here(ZERO_WIDTH, pattern, place);
  if (zeroWidth) return take(place, zeroWidth[0].length, '');
  if (letter === '\\') {
    const escaped = pattern[place.at + 1] ?? '';
    return take(place, 2, /\w/.test(escaped) ? undefined : escaped);
  }
  if (letter === '[') return take(place, here(CLASS, pattern, place)?.[0].length ?? 1);
  if (letter === '.') return take(place, 1);
  if (letter !== '(') return take(place, 1, letter.toLowerCase());
  const aside = here(LOOK_AROUND, pattern, place);
  place.at += (aside ?? here(GROUP, pattern, place))?.[0].length ?? 1;
  const texts = ofBranches(pattern, place);
  place.at++;
  return aside ? {} : { texts };
}

/** What a sticky expression finds at the place itself. */
function here(expression: RegExp, pattern: string, place: Place): RegExpExecArray | null {
  expression.lastIndex = place.at;
  return expression.exec(pattern);
}

function take(place: Place, length: number, letter?: string): Piece {
  place.at += length;
  return letter === undefined ? {} : { letter };
}

function quantified(pattern: string, place: Place): 'once' | 'perhaps' | 'often' {
  const [found, least] = here(QUANTIFIER, pattern, place) ?? [];
  if (found === undefined) return 'once';
  place.at += found.length;
  return found.startsWith('+') || Number(least ?? 0) > 0 ? 'often' : 'perhaps';
}

function surer(one: Texts, other: Texts): Texts {
  const sureness = (texts: Texts): number => (texts && texts.length > 0 ? Math.min(...texts.map((text) => text.length)) : 0);
  const best = sureness(other) > sureness(one) ? other : one;
  return sureness(best) >= SHORTEST ? best : undefined;
}
