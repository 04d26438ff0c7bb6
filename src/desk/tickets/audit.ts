/**
 * Who did what at the desk, as a chain for each home: every link names the one before by its hash, so that whoever changes, drops or
 * inserts one later breaks all that follow. Pure.
 */
import { createHash } from 'node:crypto';

/** What is kept of one deed. `n` counts within the home from 1 on; `at` in Unix milliseconds of the desk's clock. */
export type Deed = {
  readonly site: string;
  readonly n: number;
  readonly at: number;
  /** A person's name, or `desk`. */
  readonly actor: string;
  readonly what: string;
  readonly ticket: number | null;
  /** JSON. */
  readonly detail: string;
};

export type Link = Deed & { readonly hash: string };

/** Before the first. */
export const CHAIN_START = '';

/** SHA-256 (FIPS 180-4) of the link before and of every field in this order, as hexadecimal. */
export function hashOf(before: string, { site, n, at, actor, what, ticket, detail }: Deed): string {
  return createHash('sha256')
    .update(JSON.stringify([before, site, n, at, actor, what, ticket, detail]))
    .digest('hex');
}

/** The first link of a home's whole chain, in order, that does not follow from the one before; undefined where all do. */
export function firstBroken(links: readonly Link[]): number | undefined {
  let [before, n] = [CHAIN_START, 0];
  for (const link of links) {
    n++;
    if (link.n !== n || link.hash !== hashOf(before, link)) return n;
    before = link.hash;
  }
  return undefined;
}
