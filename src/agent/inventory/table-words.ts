/**
 * Patterns that name a whole lookup table: `^(?<maker>@{makers}) login` for any key of it, `@{makers!everyday-words}` for those that are not
 * in the other. Of two thousand keys one expression would take a tenth of a second to compile and megabytes to keep. Only the keys that
 * are in the text can match, and they are few, so a short expression of those is run.
 */
import type { Expressions } from './expressions.ts';

/** Lookup tables by name; keys in lower case. */
export type Tables = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `exec` of a pattern without case, for a text and the same in lower case. */
export type Finder = (text: string, lower: string) => RegExpExecArray | null;

const REFERENCE = /@\{([\w-]+)(?:!([\w-]+))?\}/;
/** Of a text full of words the first few dozen are enough. */
const MOST_PRESENT = 32;
/** How many letters of a key lead to it. */
const LEAD = 2;

type Leads = ReadonlyMap<string, readonly string[]>;

/** The tables that a pattern names. */
export function tablesIn(pattern: string): string[] {
  return (REFERENCE.exec(pattern) ?? []).slice(1).filter((name) => name !== undefined);
}

/** The keys of a table that are not in the other one, found by their first letters; made when first asked for, and shared by all patterns. */
export type KeyIndex = { of(table: string, except: string): Leads };

export function newKeyIndex(tables: Tables): KeyIndex {
  const made = new Map<string, Leads>();
  return {
    of(table, except) {
      const name = `${table}!${except}`;
      const leads = made.get(name) ?? leadsTo([...(tables.get(table)?.keys() ?? [])].filter((key) => !tables.get(except)?.has(key)));
      made.set(name, leads);
      return leads;
    },
  };
}

type Tools = { readonly expressions: Expressions; readonly keyIndex: KeyIndex };

/** Undefined for a pattern that names no table. One is enough: the rest of a pattern is plain. */
export function tableWordsFinder(pattern: string, { expressions, keyIndex }: Tools): Finder | undefined {
  const [reference, name = '', except = ''] = REFERENCE.exec(pattern) ?? [];
  if (reference === undefined) return undefined;
  return (text, lower) => {
    const present = keysIn(lower, keyIndex.of(name, except));
    if (present.length === 0) return null;
    const branches = present.map(escaped).join('|');
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
