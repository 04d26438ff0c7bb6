/** What `hearthbeat doctor` concludes about the lifecycle catalogue in use: whether what is stored is used, and whether it is fresh. Pure. */
import { editionName, staleWords } from '../lifecycle/edition.ts';
import { type Finding, ok, problem, warning } from './doctor-check.ts';

export type CatalogueFacts = {
  readonly serial: number;
  readonly facts: number;
  readonly own: number;
  readonly signedBy?: string;
  /** What is stored and not used. */
  readonly troubles: readonly { readonly what: string; readonly fix: string }[];
};

/** `now`: Unix milliseconds. A hub whose catalogue is never renewed would go on saying "fine" of what has ended since. */
export function judgeCatalogue({ serial, facts, own, signedBy, troubles }: CatalogueFacts, now: number): Finding {
  const [trouble] = troubles;
  if (trouble) return problem(trouble.what, trouble.fix);
  const stale = staleWords(serial, now);
  if (stale !== undefined) return warning(stale, 'Get the newest one and take it: hearthbeat lifecycle update FILE, or update hearthbeat.');
  const from = signedBy === undefined ? 'as it came with this version' : `signed by ${signedBy}`;
  return ok(`The lifecycle catalogue is of ${editionName(serial)}, ${from}: ${facts} facts${own > 0 ? `, ${own} of them your own` : ''}.`);
}
