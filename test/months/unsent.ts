/** What a hub still has to tell, and whether each entry that it ever made is there or in a gap that counts it. */
import { classOf, type Outbox, type OutboxEntry } from '../../src/agent/outbox/entry.ts';
import type { EntryBody } from '../../src/protocol/messages.ts';

export type Unsent = {
  /** Entries ever committed, gaps and snapshots not counted. */
  readonly committed: number;
  readonly waiting: number;
  /** Of the bodies, as the queue's limit counts them. */
  readonly bytes: number;
  /** Entries of alerts that wait. */
  readonly alerts: number;
  /** What gaps that wait say was dropped. */
  readonly gaps: readonly EntryBody<'gap'>[];
};

const AT_ONCE = 5_000;

export function unsentIn(outbox: Outbox, committed: number): Unsent {
  const seen = { waiting: 0, bytes: outbox.waiting().bytes, alerts: 0, gaps: [] as EntryBody<'gap'>[] };
  for (let after = 0; ; ) {
    const some = outbox.next(after, AT_ONCE);
    for (const entry of some) note(seen, entry);
    if (some.length < AT_ONCE) return { committed, ...seen };
    after = (some.at(-1) as OutboxEntry).pos;
  }
}

function note(seen: { waiting: number; alerts: number; gaps: EntryBody<'gap'>[] }, { kind, body }: OutboxEntry): void {
  seen.waiting++;
  if (classOf(kind) === 'alert') seen.alerts++;
  if (kind === 'gap') seen.gaps.push(JSON.parse(body) as EntryBody<'gap'>);
}

/** Entries that are neither there nor counted as dropped: must be 0 where no desk ever acknowledged. Negative where a drop is counted twice. */
export function lostWithoutAWord({ committed, waiting, gaps }: Unsent): number {
  return committed - (waiting - gaps.length) - gaps.reduce((sum, { count }) => sum + count, 0);
}
