/** The pure parts of notices: what is new to whom, when to try again, and how many messages one receiver gets, for any course of things. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newsOf } from '../../../src/desk/notices/news.ts';
import type { Standing } from '../../../src/desk/notices/notice.ts';
import { nextOf, retryInMs, type Waiting, WINDOW_MS, wishedMs } from '../../../src/desk/notices/pace.ts';
import { readHttp } from '../../../src/desk/notices/receivers/receiver.ts';
import { TIERS } from '../../../src/desk/tickets/ticket.ts';

const standing: fc.Arbitrary<Standing> = fc.record({
  opening: fc.nat(5),
  clock: fc.constantFrom('none', 'due', 'late'),
  tier: fc.constantFrom(...TIERS),
  isTaken: fc.boolean(),
  isOver: fc.boolean(),
  severity: fc.constantFrom('critical', 'error', 'warning', 'info'),
});

describe('news of a ticket', () => {
  it('are told once: who was told how it is now is told nothing more', () => {
    fc.assert(
      fc.property(standing, (now) => {
        expect(newsOf(now, now)).toEqual([]);
      }),
    );
  });

  it('of what is over go only to who was told that it is there, and are that it is over', () => {
    fc.assert(
      fc.property(fc.option(standing, { nil: undefined }), standing, (told, now) => {
        const news = newsOf(told, { ...now, isOver: true });
        expect(news).toEqual(told === undefined || told.isOver ? [] : ['over']);
      }),
    );
  });

  it('of an open one begin with its opening where nobody knows of it, and name nothing twice', () => {
    fc.assert(
      fc.property(fc.option(standing, { nil: undefined }), standing, (told, later) => {
        const now = { ...later, isOver: false, opening: Math.max(later.opening, told?.opening ?? 0) };
        const news = newsOf(told, now);
        expect(new Set(news).size).toBe(news.length);
        if (told === undefined || told.isOver || now.opening > told.opening) expect(news[0]).toMatch(/^opened/);
        else expect(news.filter((what) => /^opened/.test(what))).toEqual([]);
      }),
    );
  });
});

describe('a receiver', () => {
  it('is asked again after a time that grows, is never longer than ten minutes, and no two desks share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, fraction) => {
        const ms = retryInMs(failures, fraction);
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms).toBeLessThanOrEqual(Math.min(600_000, 5_000 * 2 ** Math.min(failures - 1, 30)));
      }),
    );
    expect(retryInMs(1, 0, 90_000)).toBe(90_000);
    expect(retryInMs(1, 0, 1e12)).toBe(3_600_000);
  });

  it('says when in seconds or as a date, or is not believed', () => {
    const at = Date.UTC(2026, 0, 3);
    expect(
      ['120', ' 0 ', 'Sat, 03 Jan 2026 00:01:00 GMT', 'Fri, 02 Jan 2026 00:00:00 GMT', 'soon', '-5', '', undefined].map((text) =>
        wishedMs(text, at),
      ),
    ).toEqual([120_000, 0, 60_000, 0, undefined, 0, undefined, undefined]);
  });

  it.each([
    [200, 'taken'],
    [202, 'taken'],
    [204, 'taken'],
    [301, 'barred'],
    [307, 'barred'],
    [400, 'refused'],
    [401, 'barred'],
    [404, 'barred'],
    [408, 'later'],
    [410, 'barred'],
    [413, 'refused'],
    [422, 'refused'],
    [425, 'later'],
    [429, 'later'],
    [500, 'later'],
    [503, 'later'],
  ] as const)('that answers %d: %s', (status, outcome) => {
    expect(readHttp({ status, text: 'x\u001b[31m\u202ey' }, 0)).toMatchObject({
      outcome,
      answer: expect.stringMatching(new RegExp(`^HTTP ${status}: x\\[31my`)),
    });
  });

  it('gets no more messages in ten minutes than it wants, each notice once, and what is urgent within a minute', () => {
    const course = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 120_000 }), urgent: fc.boolean(), held: fc.boolean() }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(course, fc.integer({ min: 2, max: 10 }), (arrivals, most) => {
        const sent = played(arrivals, most);
        const told = sent.flatMap(({ rows }) => rows.map(({ seq }) => seq));
        expect(told.toSorted((a, b) => a - b)).toEqual(arrivals.map((_, seq) => seq));
        for (const { at } of sent) {
          const around = sent.filter((one) => one.at > at - WINDOW_MS && one.at <= at);
          const calm = around.filter(({ rows }) => rows.some(({ urgent }) => !urgent));
          expect(calm.length).toBeLessThanOrEqual(most);
          // Beyond the bound only what is urgent comes, once a minute.
          expect(around.length).toBeLessThanOrEqual(most + WINDOW_MS / 60_000);
        }
        for (const { at, rows } of sent) for (const row of rows) if (row.urgent) expect(at - row.dueAt).toBeLessThanOrEqual(61_000);
      }),
      { numRuns: 300 },
    );
  });
});

type Arrival = { readonly afterMs: number; readonly urgent: boolean; readonly held: boolean };
type Row = Waiting & { readonly dueAt: number };

/** What is sent when, where each try is taken; the desk looks each second. */
function played(arrivals: readonly Arrival[], most: number): { at: number; rows: Row[] }[] {
  let at = 0;
  const due = arrivals.map(({ afterMs, urgent, held }, seq): Row => ({ seq, urgent, held: held && !urgent, dueAt: (at += afterMs) }));
  const sent: { at: number; rows: Row[] }[] = [];
  let left: Row[] = due;
  for (let now = 0; left.length > 0; now += 1_000) {
    for (;;) {
      const waiting = left.filter((row) => row.dueAt <= now).toSorted((a, b) => Number(b.urgent) - Number(a.urgent) || a.seq - b.seq);
      const instants = sent.map((one) => one.at).filter((instant) => instant > now - WINDOW_MS);
      const recent = { count: instants.length, oldestAt: Math.min(...instants), newestAt: Math.max(...instants) };
      const next = nextOf(waiting, recent, most, now);
      if (next === undefined || 'waitUntil' in next) break;
      const chosen = new Set(next.rows.map(({ seq }) => seq));
      sent.push({ at: now, rows: waiting.filter(({ seq }) => chosen.has(seq)) });
      left = left.filter(({ seq }) => !chosen.has(seq));
    }
  }
  return sent;
}
