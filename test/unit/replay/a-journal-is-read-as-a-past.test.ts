import { describe, expect, it } from 'vitest';
import type { JournalPart, Outcome, Stretch } from '../../../src/agent/journal/journal.ts';
import { Course } from '../../../src/replay/course.ts';
import { instantOf, readPast } from '../../../src/replay/past.ts';
import { QUIET_SITE } from '../../builders/entries.ts';

const HOUR_MS = 3_600_000;
const STATE = {
  health: [],
  learned: [],
  sleep: [],
  services: [],
  alerts: [],
  silences: [],
  outages: [],
  answeredAnchors: [],
  site: QUIET_SITE,
};

function stretch(outcome: Outcome, fromMs: number, toMs: number, more: Partial<Stretch> = {}): Stretch {
  return { outcome, fromMs, toMs, questions: 1, ways: outcome === 'answered' ? 1 : 0, ...more };
}

function part(fromAt: number, more: Partial<JournalPart> = {}): JournalPart {
  const usual = { isStart: false, canRevalidate: true, linksDown: [], hub: [], orders: [], left: 0, subjects: new Map() };
  return { fromAt, toAt: fromAt + HOUR_MS - 250, ...usual, ...more };
}

describe('the course of a device', () => {
  function course(...stretches: Stretch[]): Course {
    const made = new Course();
    for (const one of stretches) made.add(one, 0);
    return made;
  }

  it('is silent from a lost question to the next that was answered, and answers otherwise', () => {
    const one = course(stretch('answered', 0, 50_000), stretch('silent', 55_000, 58_000), stretch('answered', 59_000, 90_000));
    const at = [0, 54_999, 55_000, 58_999, 59_000, 80_000, 56_000].map((ms) => one.conditionAt(ms));
    expect(at).toEqual(['alive', 'alive', 'silent', 'silent', 'alive', 'alive', 'silent']);
    expect([0, 55_000, 59_000].map((ms) => one.changesAtMs(ms))).toEqual([55_000, 59_000, Number.POSITIVE_INFINITY]);
  });

  it('is not taken for silent where nobody asked any more', () => {
    const one = course(stretch('answered', 0, 50_000), stretch('silent', 55_000, 60_000), stretch('answered', HOUR_MS, HOUR_MS));
    expect([200_000, 220_000].map((ms) => one.conditionAt(ms))).toEqual(['silent', 'alive']);
  });

  it('knows in which ways it answers, how quickly about then, and when it spoke by itself', () => {
    const one = course(
      stretch('answered', 0, 9, { ways: 9, rttMs: 0.4 }),
      stretch('silent', 10_000, 11_000),
      stretch('heard', 12_000, 12_000, { questions: 0 }),
      stretch('answered', 13_000, 14_000, { rttMs: 80 }),
    );
    expect((['udp', 'tcp', 'icmp', 'arp'] as const).map((way) => one.answersBy(way))).toEqual([true, false, false, true]);
    expect([one.rttMsAt(5_000), one.rttMsAt(13_500), one.spokenAtMs()]).toEqual([0.4, 80, [12_000]]);
  });
});

describe('the past of a home', () => {
  it('begins at the newest state before the time that is asked for, or at the first of all', () => {
    const parts = [0, 1, 2, 3, 4].map((hour) => part(hour * HOUR_MS, hour % 2 === 1 ? { state: STATE } : {}));
    const beginsAt = (sinceHour: number) => instantOf(readPast(parts, sinceHour * HOUR_MS) as never, 0).wallMs / HOUR_MS;
    expect([0, 1.5, 3.5, 9].map(beginsAt)).toEqual([1, 1, 3, 3]);
    expect(readPast([part(0)], 0)).toBeUndefined();
    expect(readPast([], 0)).toBeUndefined();
  });

  it('has a gap where a process began, and none between two parts of one', () => {
    const parts = [part(0, { state: STATE, isStart: true }), part(HOUR_MS), part(3 * HOUR_MS, { isStart: true })];
    const past = readPast(parts, 0);
    expect(past?.gaps).toEqual([{ fromMs: 2 * HOUR_MS - 250, toMs: 3 * HOUR_MS }]);
    expect(past?.untilMs).toBe(4 * HOUR_MS - 250);
  });

  it('runs on when the clock was set, forth or back, and tells the time as the hub did', () => {
    for (const byMs of [5 * HOUR_MS, -5 * HOUR_MS]) {
      const set = part(10 * HOUR_MS, { state: STATE, hub: [{ what: 'clock set', atMs: 100, byMs }] });
      const past = readPast([set, part(11 * HOUR_MS + byMs)], 99 * HOUR_MS);
      expect(past?.gaps).toEqual([]);
      expect(Math.abs((past?.untilMs ?? 0) - 2 * HOUR_MS)).toBeLessThan(2_000);
      expect(Math.abs(instantOf(past as never, 1.5 * HOUR_MS).wallMs - 11.5 * HOUR_MS - byMs)).toBeLessThan(2_000);
    }
  });

  it('keeps what befell the hub, on its own clock', () => {
    const hub = [
      { what: 'link' as const, atMs: 10_000, name: 'eth0', isUp: false },
      { what: 'late' as const, atMs: 20_000, toMs: 30_000, lagMs: 900 },
      { what: 'stood still' as const, atMs: 60_000, forMs: 8_000 },
    ];
    const past = readPast([part(0, { state: STATE }), part(HOUR_MS, { hub, linksDown: ['wlan0'], left: 4 })], 0);
    expect(past).toMatchObject({
      links: [
        { atMs: HOUR_MS, name: 'wlan0', isUp: false },
        { atMs: HOUR_MS + 10_000, name: 'eth0', isUp: false },
      ],
      late: [{ fromMs: HOUR_MS + 20_000, lagMs: 900 }],
      stops: [{ fromMs: HOUR_MS + 52_000, toMs: HOUR_MS + 60_000 }],
      left: 4,
    });
  });
});
