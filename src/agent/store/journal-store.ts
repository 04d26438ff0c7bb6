/**
 * The journal on the card: a row for each part, thinned oldest first, and the names of its subjects as numbers. What turns out to be a person's is taken
 * out of all that was written, so that nobody's comings and goings are kept.
 */
import type { Database } from 'better-sqlite3';
import type { JournalPart, PastState, Stretch } from '../journal/journal.ts';
import { readPart, withoutSubjects, writePart } from '../journal/journal-text.ts';

export type JournalLimits = { readonly rows: number; readonly bytes: number; readonly ageMs: number; readonly subjects: number };

/** A quiet house of 60 devices fills about a tenth of the bytes in a month. */
export const JOURNAL_LIMITS: JournalLimits = { rows: 2_000, bytes: 24 * 1024 * 1024, ageMs: 31 * 86_400_000, subjects: 4_096 };

export type JournalStore = {
  /** `forgetByAge`: whether the instants are good enough to judge by them what is old. */
  append(part: JournalPart, forgetByAge: boolean): void;
  /** Takes everything about these devices out of it. */
  forget(deviceIds: readonly string[]): void;
  /** The parts that end after an instant (Unix ms), oldest first. */
  parts(sinceAt: number): Generator<JournalPart>;
};

type Row = { id: number; from_at: number; to_at: number; body: string; state: string | null };

export function createJournalStore(db: Database, limits: JournalLimits = JOURNAL_LIMITS): JournalStore {
  const numberOf = db.prepare<[string], number>('SELECT n FROM journal_subject WHERE name = ?').pluck();
  const name = db.prepare('INSERT INTO journal_subject (name) VALUES (?)');
  const names = db.prepare<[], { n: number; name: string }>('SELECT n, name FROM journal_subject');
  const countNames = db.prepare<[], number>('SELECT count(*) FROM journal_subject').pluck();
  const numbersOf = db
    .prepare<{ id: string }, number>("SELECT n FROM journal_subject WHERE name = :id OR (name > :id || ':' AND name < :id || ';')")
    .pluck();
  const eraseName = db.prepare('DELETE FROM journal_subject WHERE n = ?');
  const write = db.prepare('INSERT INTO journal (from_at, to_at, body, state) VALUES (:from_at, :to_at, :body, :state)');
  const rewrite = db.prepare('UPDATE journal SET body = :body, state = :state WHERE id = :id');
  const read = db.prepare<[number], Row>('SELECT * FROM journal WHERE to_at > ? ORDER BY id');
  const pruneRows = db.prepare('DELETE FROM journal WHERE id <= (SELECT max(id) FROM journal) - ? OR to_at <= ?');
  const sizes = db.prepare<[], { id: number; bytes: number }>(
    'SELECT id, octet_length(body) + coalesce(octet_length(state), 0) AS bytes FROM journal ORDER BY id DESC',
  );
  const pruneTo = db.prepare('DELETE FROM journal WHERE id <= ?');

  function subjectNumber(subject: string): number | undefined {
    const known = numberOf.get(subject);
    if (known !== undefined) return known;
    if ((countNames.get() ?? 0) >= limits.subjects) return undefined;
    return Number(name.run(subject).lastInsertRowid);
  }

  /** Oldest first, down to what fits. */
  function thin(): void {
    let bytes = 0;
    for (const row of sizes.all()) {
      bytes += row.bytes;
      if (bytes <= limits.bytes) continue;
      pruneTo.run(row.id);
      return;
    }
  }

  return {
    append(part, forgetByAge) {
      const subjects = new Map<number, readonly Stretch[]>();
      for (const [subject, stretches] of part.subjects) {
        const n = subjectNumber(subject);
        if (n !== undefined) subjects.set(n, stretches);
      }
      write.run({
        from_at: part.fromAt,
        to_at: part.toAt,
        body: writePart({ ...part, subjects }, part.toAt - part.fromAt),
        state: part.state ? JSON.stringify(part.state) : null,
      });
      pruneRows.run(limits.rows, forgetByAge ? part.toAt - limits.ageMs : 0);
      thin();
    },
    forget(deviceIds) {
      const numbers = new Set(deviceIds.flatMap((id) => numbersOf.all({ id })));
      if (numbers.size === 0) return;
      for (const row of read.all(0)) {
        const body = withoutSubjects(row.body, numbers);
        const state = row.state === null ? null : JSON.stringify(withoutDevices(JSON.parse(row.state) as PastState, new Set(deviceIds)));
        if (body !== row.body || state !== row.state) rewrite.run({ id: row.id, body, state });
      }
      for (const n of numbers) eraseName.run(n);
    },
    *parts(sinceAt) {
      const nameOf = new Map(names.all().map((row) => [row.n, row.name]));
      for (const { from_at, to_at, body, state } of read.iterate(sinceAt)) {
        const part = readPart(body, to_at - from_at);
        const subjects = new Map(
          [...part.subjects].flatMap(([n, stretches]) => {
            const subject = nameOf.get(n);
            return subject === undefined ? [] : [[subject, stretches] as const];
          }),
        );
        yield { ...part, fromAt: from_at, toAt: to_at, subjects, ...(state === null ? {} : { state: JSON.parse(state) as PastState }) };
      }
    },
  };
}

function withoutDevices(state: PastState, ids: ReadonlySet<string>): PastState {
  const isOther = ({ deviceId }: { readonly deviceId: string }): boolean => !ids.has(deviceId);
  return {
    ...state,
    health: state.health.filter(isOther),
    learned: state.learned.filter(isOther),
    services: state.services.filter(isOther),
    sleep: state.sleep.filter(([id]) => !ids.has(id)),
    silences: state.silences.filter(({ device }) => device === undefined || !ids.has(device)),
    alerts: state.alerts.filter(({ device }) => device === undefined || !ids.has(device)),
    outages: state.outages.map(({ members, everyone = members, ...outage }) => ({
      ...outage,
      members: members.filter((id) => !ids.has(id)),
      everyone: everyone.filter((id) => !ids.has(id)),
    })),
  };
}
