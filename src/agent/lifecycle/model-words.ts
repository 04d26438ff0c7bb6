/**
 * Model names brought to one form, so that `FRITZ!Box 7580`, `AVM FRITZ!Box7580` and `fritz!box 7580` are one model and `E1200` is not inside
 * another. The hardware revision (`WNDR3400v3`, `TL-WR841N V8`, `Apple TV (3rd generation)`) is taken out: it is compared for itself.
 */

/** `key`: the model without maker, case and punctuation. `revision`: `v3`, `b1`, `gen2`. */
export type ModelWords = { readonly key: string; readonly revision?: string };

/** A comma between digits stays: Apple's `iPhone1,2` is not an `iPhone 12`. A dot too: `Galaxy Tab 7.0`. */
const TOKEN = /[\p{L}\p{N}]+(?:[.,]\p{N}+)*/gu;
const LONGEST = 128;
const SAY_NOTHING = new Set(['wireless', 'router', 'modem', 'gateway', 'camera', 'series', 'device']);
const REGION = new Set(['eu', 'us', 'uk', 'de', 'ww']);
const ORDINALS: Readonly<Record<string, string>> = { first: '1', second: '2', third: '3', fourth: '4', fifth: '5', sixth: '6' };
const VERSION_WORDS = new Set(['v', 'ver', 'version', 'rev', 'revision', 'hw', 'hardware']);

/** Undefined where the text holds no model. `makers` are the words of each name of the maker (`['tp', 'link']`). */
export function modelWords(text: string, makers: readonly (readonly string[])[]): ModelWords | undefined {
  const named = withoutMaker(tokensOf(text), makers);
  const { tokens, revision } = withoutRevision(named);
  const telling = tokens.filter((token) => !SAY_NOTHING.has(token));
  const model = telling.length > 0 ? telling : tokens;
  const last = model.at(-1);
  const key = joined(model.length > 1 && last !== undefined && REGION.has(last) ? model.slice(0, -1) : model);
  return key === '' ? undefined : { key, ...(revision === undefined ? {} : { revision }) };
}

/** `V8`, `Rev. B1` or `2nd generation` in the form of `ModelWords.revision`; undefined for what is no revision. */
export function revisionOf(text: string): string | undefined {
  const { tokens, revision } = withoutRevision(['x', ...tokensOf(text)]);
  return tokens.length === 1 ? revision : undefined;
}

export function tokensOf(text: string): string[] {
  return text.slice(0, LONGEST).normalize('NFKC').toLowerCase().replaceAll('+', 'plus').match(TOKEN) ?? [];
}

function withoutMaker(tokens: readonly string[], makers: readonly (readonly string[])[]): readonly string[] {
  const maker = makers.find((words) => words.length < tokens.length && words.every((word, i) => tokens[i] === word));
  return maker ? tokens.slice(maker.length) : tokens;
}

function withoutRevision(tokens: readonly string[]): { readonly tokens: readonly string[]; readonly revision?: string } {
  for (let i = tokens.length - 1; i >= 0; i--) {
    const found = revisionAt(tokens, i);
    if (found) return { tokens: tokens.toSpliced(i, found.length, ...found.left), revision: found.revision };
  }
  return { tokens };
}

type RevisionAt = { readonly revision: string; readonly length: number; readonly left: readonly string[] };

/** How many tokens from `i` on are a revision; `left` is what remains of them. Nothing stands before the model, so `i` is never 0. */
function revisionAt(tokens: readonly string[], i: number): RevisionAt | undefined {
  const [token = '', next = ''] = [tokens[i], tokens[i + 1]];
  const attached = /^(.*\d[a-z]*)(v\d{1,2})$/.exec(token);
  if (attached?.[1] && attached[2]) return { revision: attached[2], length: 1, left: [attached[1]] };
  if (i === 0) return undefined;
  if (/^v\d{1,2}(\.\d)?$/.test(token)) return { revision: token.replace('.0', ''), length: 1, left: [] };
  if (VERSION_WORDS.has(token) && !VERSION_WORDS.has(tokens[i - 1] ?? '')) return numbered(tokens, i);
  const nth = /^(\d{1,2})(?:st|nd|rd|th)$/.exec(token)?.[1] ?? ORDINALS[token];
  if (nth !== undefined && isGeneration(next)) return { revision: `gen${nth}`, length: 2, left: [] };
  if (isGeneration(token) && /^\d{1,2}$/.test(next)) return { revision: `gen${next}`, length: 2, left: [] };
  return undefined;
}

/** `hardware version 2`, `Rev. B1`. */
function numbered(tokens: readonly string[], i: number): RevisionAt | undefined {
  const at = tokens.findIndex((token, k) => k >= i && !VERSION_WORDS.has(token));
  const value = /^v?(\d{1,2}|[a-f]\d?)(?:\.0)?$/.exec(tokens[at] ?? '')?.[1];
  if (at < 0 || value === undefined) return undefined;
  return { revision: /^\d/.test(value) ? `v${value}` : value, length: at - i + 1, left: [] };
}

function isGeneration(token: string): boolean {
  return token === 'gen' || token === 'generation';
}

/** Two numbers side by side stay two: `Echo 2 3` is not an `Echo 23`. */
function joined(tokens: readonly string[]): string {
  return tokens.reduce((text, token) => (/\d$/.test(text) && /^\d/.test(token) ? `${text}-${token}` : text + token), '');
}
