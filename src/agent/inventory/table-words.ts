/**
 * Patterns that name a whole lookup table: `^(?<maker>@{makers}) login` for any key of it, `@{makers!everyday-words}` for those that are not
 * in the other. Of two thousand keys one expression would take a tenth of a second to compile and megabytes to keep. Only the keys that
 * are in the text can match, and they are few, so a short expression of those is run.
 */
/** Lookup tables by name; keys in lower case. */
export type Tables = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `exec` of a pattern without case, for a text and the same in lower case. */
export type Finder = (text: string, lower: string) => RegExpExecArray | null;

const REFERENCE = /@\{([\w-]+)(?:!([\w-]+))?\}/;
/** Of a text full of words the first few dozen are enough. */
const MOST_PRESENT = 32;
const MOST_KEPT = 64;
/** How many letters of a key lead to it. */
const LEAD = 2;

type Leads = ReadonlyMap<string, readonly string[]>;

/** The tables that a pattern names. */
export function tablesIn(pattern: string): string[] {
  return (REFERENCE.exec(pattern) ?? []).slice(1).filter((name) => name !== undefined);
}

/** Undefined for a pattern that names no table. One is enough: the rest of a pattern is plain. */
export function tableWordsFinder(pattern: string, tables: Tables): Finder | undefined {
  const [reference, name = '', except = ''] = REFERENCE.exec(pattern) ?? [];
  if (reference === undefined) return undefined;
  let leads: Leads | undefined;
  const kept = new Map<string, RegExp>();
  return (text, lower) => {
    leads ??= leadsTo([...(tables.get(name)?.keys() ?? [])].filter((key) => !tables.get(except)?.has(key)));
    const present = keysIn(lower, leads);
    if (present.length === 0) return null;
    const branches = present.map(escaped).join('|');
    const expression =
      kept.get(branches) ??
      new RegExp(
        pattern.replace(reference, () => `(?:${branches})`),
        'i',
      );
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(branches, expression);
    return expression.exec(text);
  };
}

function leadsTo(keys: readonly string[]): Leads {
  const leads = new Map<string, string[]>();
  for (const key of keys) leads.set(key.slice(0, LEAD), [...(leads.get(key.slice(0, LEAD)) ?? []), key]);
  return leads;
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
