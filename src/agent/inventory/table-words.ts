/**
 * Patterns that name a whole lookup table: `^(?<maker>@{makers}) login` for any key of it, `@{makers!everyday-words}` for those that are not
 * in the other. Of two thousand keys one expression would take a tenth of a second to compile and megabytes to keep. Only the keys that
 * are in the text can match, and they are few, so a short expression of those is run.
 */
import type { Expressions } from './expressions.ts';

/** Lookup tables by name; keys in lower case. */
export type Tables = ReadonlyMap<string, Table>;
export type Table = Pick<ReadonlyMap<string, string>, 'get' | 'has' | 'keys'>;

/** `exec` of a pattern without case, for a text and the same in lower case. */
export type Finder = (text: string, lower: string) => RegExpExecArray | null;

const REFERENCE = /@\{([\w-]+)(?:!([\w-]+))?\}/;
/** Of a text full of words the first few dozen are enough. */
const MOST_PRESENT = 32;
/** The fields of one sighting, and some to spare. */
const MOST_RECENT = 8;
/** How many letters of a key lead to it. */
const LEAD = 2;

type Leads = ReadonlyMap<string, readonly string[]>;

/** The tables that a pattern names. */
export function tablesIn(pattern: string): string[] {
  return (REFERENCE.exec(pattern) ?? []).slice(1).filter((name) => name !== undefined);
}

/** The keys that a text in lower case holds, as the branches of an expression: `cisco meraki|cisco`. Empty where it holds none. */
type BranchesIn = (lower: string) => string;

/** For a table the keys that are not in the other one; made when first asked for, and shared by all patterns. */
export type KeyIndex = { of(table: string, except: string): BranchesIn };

export function newKeyIndex(tables: Tables): KeyIndex {
  const made = new Map<string, BranchesIn>();
  return {
    of(table, except) {
      const name = `${table}!${except}`;
      const branchesIn =
        made.get(name) ?? newBranchesIn(() => [...(tables.get(table)?.keys() ?? [])].filter((key) => !tables.get(except)?.has(key)));
      made.set(name, branchesIn);
      return branchesIn;
    },
  };
}

/** Dozens of rules ask for the same keys of the same few fields, one after the other: the answers for the last texts are kept. */
function newBranchesIn(keys: () => readonly string[]): BranchesIn {
  let leads: Leads | undefined;
  const recent = new Map<string, string>();
  return (lower) => {
    const known = recent.get(lower);
    if (known !== undefined) return known;
    leads ??= leadsTo(keys());
    const branches = keysIn(lower, leads).map(escaped).join('|');
    if (recent.size >= MOST_RECENT) recent.clear();
    recent.set(lower, branches);
    return branches;
  };
}

type Tools = { readonly expressions: Expressions; readonly keyIndex: KeyIndex };

/** Undefined for a pattern that names no table. One is enough: the rest of a pattern is plain. */
export function tableWordsFinder(pattern: string, { expressions, keyIndex }: Tools): Finder | undefined {
  const [reference, name = '', except = ''] = REFERENCE.exec(pattern) ?? [];
  if (reference === undefined) return undefined;
  const branchesIn = keyIndex.of(name, except);
  return (text, lower) => {
    const branches = branchesIn(lower);
    if (branches === '') return null;
    return expressions
      .of(
        pattern.replace(reference, () => `(?:${branches})`),
        'i',
      )
      .exec(text);
  };
}

function leadsTo(keys: readonly string[]): Leads {
  return Map.groupBy(keys, (key) => key.slice(0, LEAD));
}

/** The keys that the text holds, the longest first: `cisco meraki` before `cisco`. */
function keysIn(lower: string, leads: Leads): string[] {
  const present = new Set<string>();
  for (let from = 0; from < lower.length && present.size < MOST_PRESENT; from++)
    for (const key of leads.get(lower.slice(from, from + LEAD)) ?? []) if (lower.startsWith(key, from)) present.add(key);
  return [...present].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function escaped(key: string): string {
  return key.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
