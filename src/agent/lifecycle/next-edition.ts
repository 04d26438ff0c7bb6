/** Whether a signed file takes the place of the catalogue in use, from its bytes to its last fact; and what changes then. */
import { err, ok, type Result } from '../../base/result.ts';
import { type Edition, type Header, openEdition, type Refusal, replaces, type TrustedKey } from './edition.ts';
import type { Fact, WrittenFact } from './fact.ts';
import { readFactFile } from './fact-file.ts';

/** `is: 'same'`: there is nothing to do. */
export type Accepted = { readonly is: 'newer' | 'same'; readonly edition: Edition; readonly facts: readonly WrittenFact[] };

/** `now`: Unix milliseconds; undefined where the clock is not sure. */
export type Circumstances = {
  readonly keys: readonly TrustedKey[];
  readonly inUse: Pick<Header, 'serial' | 'sha256'>;
  readonly now: number | undefined;
};

/** The cheap questions first: form and signature, then age, then each fact. */
export function judgeNextEdition(bytes: Buffer, { keys, inUse, now }: Circumstances): Result<Accepted, Refusal> {
  const opened = openEdition(bytes, keys);
  if (!opened.ok) return opened;
  const edition = opened.value;
  const place = replaces(edition.header, inUse, now);
  if (!place.ok) return place;
  if (place.value === 'same') return ok({ is: 'same', edition, facts: [] });
  const { facts, problems } = readFactFile(edition.rows);
  const [first] = problems;
  if (!first) return ok({ is: 'newer', edition, facts });
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more problems)` : '';
  return err({
    why: `holds what cannot be right: ${first.path === '' ? 'it' : first.path} ${first.message}${others}`,
    fix: 'Tell whoever made it; another edition may be right.',
  });
}

export type Changes = { readonly added: number; readonly changed: number; readonly gone: number };

export function changesBetween(before: readonly Fact[], after: readonly Fact[]): Changes {
  const known = new Map(before.map((fact) => [fact.id, JSON.stringify(fact)]));
  const added = after.filter(({ id }) => !known.has(id)).length;
  return {
    added,
    changed: after.filter((fact) => known.has(fact.id) && known.get(fact.id) !== JSON.stringify(fact)).length,
    gone: before.length - (after.length - added),
  };
}
