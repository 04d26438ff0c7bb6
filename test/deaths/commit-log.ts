/**
 * What a hub committed, written outside of its database: a line before each commit and one for each entry after it. A process that is killed in
 * between leaves the first without the second; the next one finds in the database how that commit ended, before anything of it can be sent.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { Outbox } from '../../src/agent/outbox/entry.ts';
import type { AgentStore, TickChange } from '../../src/agent/store/agent-store.ts';

export type LoggedEntry = { readonly pos: number; readonly ses: number; readonly id: string; readonly kind: string };

export type CommitLog = {
  /** Every entry that was committed, in the order of the commits. */
  readonly entries: readonly LoggedEntry[];
  readonly begun: number;
  /** Of these many nobody learned in that life how they ended, and so many of them had been committed. */
  readonly cut: number;
  readonly cutButCommitted: number;
};

export type LoggedStore = {
  commitTick(change: TickChange): string[];
  readonly outbox: Outbox;
};

/** Everything that can make entries, wrapped; `beforeCommit` is called when a commit is about to begin. */
export function logCommits(file: string, db: Database, store: AgentStore, beforeCommit: () => void): LoggedStore {
  const since = db.prepare<[number], LoggedEntry>('SELECT pos, ses, id, kind FROM outbox WHERE pos > ? ORDER BY pos');
  const log = openSync(file, 'a');
  let lastPos = Math.max(0, ...readCommitLog(file).entries.map(({ pos }) => pos));
  // A line that was cut in two must not spoil this one.
  writeSync(log, '\nstart\n');
  noteNew();

  function noteNew(): void {
    const rows = since.all(lastPos);
    lastPos = rows.at(-1)?.pos ?? lastPos;
    writeSync(log, `${rows.map(({ pos, ses, id, kind }) => `${pos} ${ses} ${id} ${kind}\n`).join('')}end\n`);
  }

  function logged<T>(commit: () => T): T {
    beforeCommit();
    writeSync(log, 'begin\n');
    const answer = commit();
    noteNew();
    return answer;
  }

  process.once('exit', () => closeSync(log));
  return {
    commitTick: (change) => logged(() => store.commitTick(change)),
    outbox: { ...store.outbox, commitSnapshot: (...snapshot) => logged(() => store.outbox.commitSnapshot(...snapshot)) },
  };
}

export function readCommitLog(file: string): CommitLog {
  const entries = new Map<string, LoggedEntry>();
  const counts = { begun: 0, cut: 0, cutButCommitted: 0 };
  let isCommitting = false;
  let isInDoubt = false;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [pos, ses, id, kind] = line.split(' ');
    if (line === 'start') {
      if (isCommitting) counts.cut++;
      isInDoubt ||= isCommitting;
      isCommitting = false;
    } else if (line === 'begin') {
      counts.begun++;
      isCommitting = true;
    } else if (line === 'end') {
      isCommitting = isInDoubt = false;
    } else if (id !== undefined && kind !== undefined) {
      if (isInDoubt) counts.cutButCommitted++;
      isInDoubt = false;
      entries.set(id, { pos: Number(pos), ses: Number(ses), id, kind });
    }
  }
  return { entries: [...entries.values()], ...counts };
}
