/**
 * Reads the fingerprint rules that come with the product: every JSON file in config/fingerprints is a list of rules, every one in its
 * folder `tables` a lookup table. Nothing is validated here: `npm run check` and the tests did that before the files were shipped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileFingerprints, type Fingerprint, type Fingerprints } from '../agent/inventory/fingerprints.ts';
import { newSortedTable } from '../agent/inventory/sorted-table.ts';
import type { Table, Tables } from '../agent/inventory/table-words.ts';

type WrittenRule = Fingerprint & { readonly examples: unknown; readonly source?: string };

const FOLDER = new URL('../../config/fingerprints/', import.meta.url);

/** All rules as they are written, in the order of file names. */
export function readFingerprintRules(): unknown[] {
  return [...jsonFiles(FOLDER)].flatMap(([, content]) => content as unknown[]);
}

/** By file name without its ending. */
export function readFingerprintTables(): Tables {
  const once = newTextsKeptOnce();
  const tables = new Map<string, Table>();
  for (const [name, content] of jsonFiles(new URL('tables/', FOLDER))) {
    const rows = Object.entries(content as Record<string, string>);
    tables.set(name, newSortedTable(rows.map(([key, value]) => [once(key.toLowerCase()), once(value)])));
  }
  return tables;
}

/** The same text is the same object: the files say `voip-gateway` a thousand times, and one table's keys are another's. */
function newTextsKeptOnce(): (text: string) => string {
  const kept = new Map<string, string>();
  return (text) => {
    const known = kept.get(text) ?? text;
    kept.set(text, known);
    return known;
  };
}

/** Without examples and sources, most of their bytes, one file at a time. Throws when a file is missing or not JSON: the installation is broken then. */
export function readFingerprints(): Fingerprints {
  const rules: Fingerprint[] = [];
  for (const [, content] of jsonFiles(FOLDER))
    for (const { examples: _, source: __, ...rule } of content as WrittenRule[]) rules.push(rule);
  return compileFingerprints(rules, readFingerprintTables());
}

function* jsonFiles(folder: URL): Generator<readonly [name: string, content: unknown]> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  for (const name of names.sort()) yield [path.basename(name, '.json'), JSON.parse(readFileSync(new URL(name, folder), 'utf8'))];
}
