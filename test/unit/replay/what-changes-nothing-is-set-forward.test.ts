import { describe, expect, it } from 'vitest';
import type { CheckRecord } from '../../../src/agent/health/health.ts';
import { newInternet } from '../../../src/agent/health/internet.ts';
import { NO_SERVICES, type ServiceCheck, type Services } from '../../../src/agent/health/services.ts';
import type { Outcome } from '../../../src/agent/journal/journal.ts';
import { Course } from '../../../src/replay/course.ts';
import {
  lineSetForward,
  lineStillUntilMs,
  servicesSetForward,
  servicesStillUntilMs,
  setForward,
  stillUntilMs,
} from '../../../src/replay/still.ts';
import { at, device, House } from '../agent/health/book.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const clock = (ms: number) => at(ms / 1000);

/** Answers, but for the minutes that are named. */
function course(...silences: readonly (readonly [fromMs: number, toMs: number])[]): Course {
  const made = new Course();
  const add = (outcome: Outcome, fromMs: number, toMs: number): void =>
    made.add({ outcome, fromMs, toMs, questions: 1, ways: outcome === 'answered' ? 15 : 0, rttMs: 0.4 }, 0);
  let beforeMs = 0;
  for (const [fromMs, toMs] of silences) {
    add('answered', beforeMs, fromMs - 5_000);
    add('silent', fromMs, toMs);
    beforeMs = toMs + 1_000;
  }
  add('answered', beforeMs, beforeMs + HOUR_MS);
  return made;
}

/** A device as the real judge knows it after five minutes. */
function watched(): { record: CheckRecord; house: House } {
  const house = new House([device('nas'), device('router', { isGateway: true })]).run(300);
  return { record: { ...(house.book.get('nas') as CheckRecord), probing: false }, house };
}

describe('a device in a replay', () => {
  it('rests while it answers until it is known not to, and is as after so many real rounds', () => {
    const { record, house } = watched();
    const untilMs = HOUR_MS / 2;
    expect(stillUntilMs(record, course([untilMs, untilMs + MINUTE_MS]), 300_000)).toBe(untilMs);
    setForward(record, course([untilMs, untilMs + MINUTE_MS]), 1_500_000, untilMs, clock);
    const real = house.run(1_200).book.get('nas') as CheckRecord;
    expect(Math.abs(record.rounds - real.rounds)).toBeLessThanOrEqual(1);
    expect(1_500_000 - (record.life?.at.monoMs ?? 0)).toBeLessThan(6_000);
    expect(record.nextProbeAtMs).toBeGreaterThan(1_500_000);
    setForward(record, course([untilMs, untilMs + MINUTE_MS]), untilMs, untilMs, clock);
    expect(record.nextProbeAtMs).toBe(untilMs);
  });

  it('does not rest while an answer is missing, while it is asked, or before it is known how it answers', () => {
    const { record } = watched();
    const always = course();
    for (const more of [{ misses: 1 }, { probing: true }, { methods: { udp: { asked: 3, answered: 3 } } }, { recoveringSinceMs: 5 }])
      expect(stillUntilMs({ ...record, ...more }, always, 300_000), JSON.stringify(more)).toBe(300_000);
  });

  it('rests while it is down until it is known to answer', () => {
    const { record } = watched();
    const dead = course([400_000, 900_000]);
    expect(stillUntilMs({ ...record, state: 'down', silentSinceMs: 400_000 }, dead, 500_000)).toBe(901_000);
    expect(stillUntilMs({ ...record, state: 'down', silentSinceMs: 400_000 }, dead, 950_000)).toBe(950_000);
  });
});

describe('the line in a replay', () => {
  const anchors = ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443'];
  const up = { ...newInternet(anchors, at(0), { everAnswered: anchors, state: 'up' }), nextAskAtMs: 1 };

  it('rests until a place falls silent, and that one is asked then', () => {
    const courses = new Map([
      [anchors[0], course()],
      [anchors[1], course([MINUTE_MS, 2 * MINUTE_MS])],
    ]);
    const of = (anchor: string) => courses.get(anchor);
    expect(lineStillUntilMs(up, of, false, 0)).toBe(MINUTE_MS);
    expect(lineSetForward(up, of, MINUTE_MS, MINUTE_MS, clock)).toMatchObject({ nextAskAtMs: MINUTE_MS, nextAnchor: 1 });
    expect(lineStillUntilMs({ ...up, asking: true }, of, false, 0)).toBe(0);
    expect(lineStillUntilMs({ ...up, state: 'unknown', silentSinceMs: 5 }, of, false, MINUTE_MS + 1)).toBe(MINUTE_MS + 1);
  });
});

describe('the services in a replay', () => {
  const check: ServiceCheck = { port: 445, name: 'files', askedAtMs: 5, misses: 0 };
  const services = (more: Partial<ServiceCheck> = {}): Services => ({
    ...NO_SERVICES,
    book: new Map([['nas', { checks: [{ ...check, ...more }], nextAtMs: 0, graceUntilMs: 0 }]]),
  });
  const checkOf = ({ book }: Services) => book.get('nas')?.checks[0];
  const isUp = () => true;

  it('rest until one closes, and are proven by having been open', () => {
    const closes = () => course([2 * HOUR_MS, 3 * HOUR_MS]);
    expect(servicesStillUntilMs(services(), closes, isUp, HOUR_MS + 5)).toBe(2 * HOUR_MS);
    expect(checkOf(servicesSetForward(services(), closes, HOUR_MS))).toMatchObject({ openSinceMs: 0, lastOpenMs: HOUR_MS - 250 });
    expect(checkOf(servicesSetForward(services(), closes, 2 * HOUR_MS))).toMatchObject({ askedAtMs: 0, lastOpenMs: 2 * HOUR_MS - 250 });
  });

  it('do not rest while one that was open is closed and that is not told yet', () => {
    const closed = () => course([HOUR_MS, 3 * HOUR_MS]);
    const now = 2 * HOUR_MS;
    expect(servicesStillUntilMs(services({ openSinceMs: 5, misses: 2 }), closed, isUp, now)).toBe(now);
    expect(servicesStillUntilMs(services({ openSinceMs: 5, misses: 2 }), closed, () => false, now)).toBeGreaterThan(now);
    expect(servicesStillUntilMs(services({ misses: 2 }), closed, isUp, now)).toBeGreaterThan(now);
    expect(servicesStillUntilMs(services({ downSince: at(5), misses: 9 }), closed, isUp, now)).toBeGreaterThan(now);
  });
});
