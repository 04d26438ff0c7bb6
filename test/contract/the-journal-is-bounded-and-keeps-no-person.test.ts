import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { JournalPart, PastState } from '../../src/agent/journal/journal.ts';
import { createJournalStore, JOURNAL_LIMITS } from '../../src/agent/store/journal-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { idOf, QUIET_SITE } from '../builders/entries.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STATE: PastState = {
  health: [1, 2].map((n) => ({ deviceId: idOf(n), state: 'up' as const, sinceAt: 0, reason: 'It answered.', detectWithinMs: 0 })),
  learned: [],
  sleep: [[idOf(1), 'f'.repeat(168)]],
  services: [{ deviceId: idOf(1), port: 445, name: 'files' }],
  alerts: [],
  silences: [],
  outages: [{ name: 'o', size: 5, members: [idOf(1), idOf(2)], everyone: [idOf(1)], silentSinceAt: 0, isReturning: false }],
  answeredAnchors: [],
  site: QUIET_SITE,
};

function part(hour: number, more: Partial<JournalPart> = {}, subjects: readonly string[] = [idOf(1), idOf(2)]): JournalPart {
  const answered = { outcome: 'answered' as const, fromMs: 0, toMs: HOUR_MS, questions: 700, ways: 1, rttMs: 0.4 };
  return {
    fromAt: hour * HOUR_MS,
    toAt: (hour + 1) * HOUR_MS,
    isStart: false,
    canRevalidate: true,
    linksDown: [],
    hub: [],
    orders: [],
    left: 0,
    subjects: new Map(subjects.map((subject) => [subject, [answered]])),
    ...more,
  };
}

function opened(limits = JOURNAL_LIMITS) {
  const db = new Database(':memory:');
  for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  return { db, journal: createJournalStore(db, limits) };
}

describe('the journal', () => {
  it('gives back the parts of the last days, oldest first', () => {
    const { journal } = opened();
    for (let hour = 0; hour < 72; hour++) journal.append(part(hour, hour === 48 ? { state: STATE } : {}), true);
    const lastDay = [...journal.parts(48 * HOUR_MS)];
    expect(lastDay).toHaveLength(24);
    expect(lastDay[0]).toEqual(part(48, { state: STATE }));
  });

  it('forgets what is older than a month, where the clock is right', () => {
    const hoursKept = (isClockRight: boolean): number => {
      const { journal } = opened();
      for (let hour = 0; hour < 40 * 24; hour++) journal.append(part(hour), isClockRight);
      return [...journal.parts(0)].length;
    };
    expect([hoursKept(true), hoursKept(false)]).toEqual([JOURNAL_LIMITS.ageMs / HOUR_MS, 40 * 24]);
  });

  it('is thinned oldest first when it has too many rows, too many bytes or too many subjects', () => {
    const rows = opened({ ...JOURNAL_LIMITS, rows: 10 }).journal;
    for (let hour = 0; hour < 50; hour++) rows.append(part(hour), false);
    expect([...rows.parts(0)].map(({ fromAt }) => fromAt / HOUR_MS)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    const { db, journal } = opened({ ...JOURNAL_LIMITS, bytes: 2_000, subjects: 30 });
    for (let hour = 0; hour < 50; hour++) journal.append(part(hour, {}, [idOf(hour), idOf(hour + 1)]), false);
    expect(db.prepare('SELECT sum(length(body)) FROM journal').pluck().get()).toBeLessThanOrEqual(2_000);
    expect([...journal.parts(0)].at(-1)?.fromAt).toBe(49 * HOUR_MS);
    expect(db.prepare('SELECT count(*) FROM journal_subject').pluck().get()).toBe(30);
  });

  it('keeps nothing of a device that turns out to be a person\u2019s, in no part and under no number', () => {
    const { db, journal } = opened();
    const services = [`${idOf(1)}:445`, idOf(1), idOf(2), 'tcp://192.0.2.1:443'];
    for (let hour = 0; hour < 5; hour++) journal.append(part(hour, { state: STATE }, services), false);
    journal.forget([idOf(1)]);
    expect([...journal.parts(0)].map(({ subjects }) => [...subjects.keys()])).toEqual(Array(5).fill([idOf(2), 'tcp://192.0.2.1:443']));
    const rows = JSON.stringify([db.prepare('SELECT * FROM journal').all(), db.prepare('SELECT * FROM journal_subject').all()]);
    expect(rows).not.toContain(idOf(1));
    expect(db.prepare<[], string>('SELECT body FROM journal').pluck().all().join('\n').split('\n')).toHaveLength(5 * 3);
    journal.append(part(6, {}, [idOf(1)]), false);
    expect(db.prepare('SELECT n FROM journal_subject WHERE name = ?').pluck().get(idOf(1))).toBe(5);
  });

  it('reads the last 30 days of 60 devices within a second', () => {
    const { journal } = opened();
    const house = Array.from({ length: 60 }, (_, n) => idOf(n));
    for (let half = 0; half < 30 * 48; half++) journal.append(part(half / 2, {}, house), false);
    const before = performance.now();
    expect([...journal.parts(0)].length).toBe((30 * DAY_MS) / (HOUR_MS / 2));
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
