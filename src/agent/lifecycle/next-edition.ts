/** Whether a signed file takes the place of the catalogue in use, from its bytes to its last fact; and what changes then. */
import { err, ok, type Result } from '../../base/result.ts';
import { ANOTHER, type Edition, type InUse, openEdition, type Refusal, replaces, type TrustedKey } from './edition.ts';
import type { Fact } from './fact.ts';
import { readFactFile } from './fact-file.ts';

/** `is: 'same'`: there is nothing to do. */
export type Accepted = { readonly is: 'newer' | 'same'; readonly edition: Edition };

/** The cheap questions first: form and signature, then age, then each fact. */
export function judgeNextEdition(bytes: Buffer, keys: readonly TrustedKey[], inUse: InUse): Result<Accepted, Refusal> {
  const opened = openEdition(bytes, keys);
  if (!opened.ok) return opened;
  const edition = opened.value;
  const place = replaces(edition.header, inUse);
  if (!place.ok) return place;
  if (place.value === 'same') return ok({ is: 'same', edition });
  const { problems } = readFactFile(edition.rows);
  const [first] = problems;
  if (!first) return ok({ is: 'newer', edition });
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more problems)` : '';
  return err({
    why: `holds what cannot be right: ${first.path === '' ? 'it' : first.path} ${first.message}${others}`,
    fix: ANOTHER,
  });
}

export type Changes = { readonly added: number; readonly changed: number; readonly gone: number };

/** Between two editions' rows; a fact is the same one while its id is. */
export function changesBetween(before: string, after: string): Changes {
  const [known, now] = [rowsById(before), rowsById(after)];
  const kept = [...now].filter(([id]) => known.has(id));
  return {
    added: now.size - kept.length,
    changed: kept.filter(([id, row]) => known.get(id) !== row).length,
    gone: known.size - kept.length,
  };
}

function rowsById(rows: string): Map<string, string> {
  return new Map(rows.split('\n').flatMap((row) => (row === '' ? [] : [[(JSON.parse(row) as Fact).id, row]])));
}
