import { describe, expect, it } from 'vitest';
import type { JournalPart } from '../../../../src/agent/journal/journal.ts';
import { JournalRecorder, type Noted } from '../../../../src/agent/journal/recorder.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';
import type { AgentState } from '../../../../src/agent/state.ts';
import { restoreState } from '../../../../src/agent/state.ts';
import { deviceOf, healthOf, idOf, NOTHING } from '../../../builders/entries.ts';
import { at } from '../health/book.ts';

const GOOD_HUB = { links: { eth0: true }, eventLoopLagMs: 2 };

/** A state with so many devices that once answered by UDP and never by ping. */
function known(devices: number): AgentState {
  const ns = Array.from({ length: devices }, (_, n) => n + 1);
  const saved = { devices: ns.map(deviceOf), health: ns.map((n) => healthOf(n, 'up', at(0))), readings: [], alerts: [] };
  const state = restoreState(saved, [], at(0), STANDARD_POLICY);
  const methods = { udp: { asked: 9, answered: 9 }, icmp: { asked: 4, answered: 0 } };
  return { ...state, book: new Map([...state.book].map(([id, record]) => [id, { ...record, methods, rtts: Array(9).fill(0.4) }])) };
}

function result(n: number, seconds: number, outcome: 'answered' | 'silent', method: 'udp' | 'icmp' = 'udp'): Noted['results'][number] {
  const request = { deviceId: idOf(n), ip: '192.0.2.1', interface: 'eth0', method, timeoutMs: 900 };
  return { request, startedAt: at(seconds), finishedAt: at(seconds), outcome, detail: outcome === 'silent' ? 'no reply' : 'answered' };
}

class Noting {
  readonly recorder = new JournalRecorder(true);
  readonly state: AgentState;

  constructor(devices = 2) {
    this.state = known(devices);
  }

  tick(seconds: number, more: Partial<Noted> = {}): void {
    this.recorder.note({ sightings: [], results: [], hub: GOOD_HUB, now: at(seconds), ...more }, this.state);
  }

  part(): JournalPart {
    return this.recorder.take(this.state) as JournalPart;
  }
}

describe('what is noted of a tick', () => {
  it('is one stretch while a device answers, and another for each lost question', () => {
    const noting = new Noting();
    for (let second = 0; second < 60; second += 5) noting.tick(second, { results: [result(1, second, 'answered')] });
    noting.tick(60, { results: [result(1, 60, 'silent')] });
    noting.tick(61, { results: [result(1, 61, 'answered')] });
    expect(noting.part().subjects.get(idOf(1))).toMatchObject([
      { outcome: 'answered', fromMs: 0, toMs: 55_000, questions: 12, ways: 1 },
      { outcome: 'silent', fromMs: 60_000, toMs: 60_000, questions: 1 },
      { outcome: 'answered', fromMs: 61_000, questions: 1, rttMs: 0.4 },
    ]);
  });

  it('leaves out that it is silent in a way in which it never answered, but not while it is silent anyway', () => {
    const noting = new Noting();
    noting.tick(0, { results: [result(1, 0, 'answered')] });
    noting.tick(5, { results: [result(1, 5, 'silent', 'icmp')] });
    noting.tick(6, { results: [result(1, 6, 'silent')] });
    noting.tick(7, { results: [result(1, 7, 'silent', 'icmp')] });
    expect(noting.part().subjects.get(idOf(1))).toMatchObject([
      { outcome: 'answered', questions: 1 },
      { outcome: 'silent', fromMs: 6_000, toMs: 7_000, questions: 2 },
    ]);
  });

  it('tells what the hub saw of itself', () => {
    const noting = new Noting();
    noting.tick(0);
    noting.tick(10, { hub: { ...GOOD_HUB, links: { eth0: false } } });
    for (const second of [20, 21, 22]) noting.tick(second, { hub: { links: { eth0: false }, eventLoopLagMs: second * 100 } });
    noting.tick(23, { hub: { ...GOOD_HUB, stoodStillMs: 9_000, clockStepMs: -5_000 } });
    expect(noting.part().hub).toEqual([
      { what: 'link', atMs: 10_000, name: 'eth0', isUp: false },
      { what: 'link', atMs: 23_000, name: 'eth0', isUp: true },
      { what: 'stood still', atMs: 23_000, forMs: 9_000 },
      { what: 'clock set', atMs: 23_000, byMs: -5_000 },
      { what: 'late', atMs: 20_000, toMs: 22_000, lagMs: 2_200 },
    ]);
  });

  it('begins the next part with the links that are down, and a state to begin from once a day', () => {
    const noting = new Noting();
    noting.tick(0, { hub: { ...GOOD_HUB, links: { eth0: false } } });
    const first = noting.part();
    noting.tick(1, { hub: { ...GOOD_HUB, links: { eth0: false } } });
    const second = noting.part();
    expect([first.isStart, second.isStart, second.linksDown, second.hub]).toEqual([true, false, ['eth0'], []]);
    expect([first.state?.health.length, second.state]).toEqual([2, undefined]);
    noting.tick(86_400);
    expect(noting.part().state).toBeDefined();
  });

  it('is handed out after an hour, or earlier with what is written anyway', () => {
    const noting = new Noting();
    const dueAt = (seconds: number, alerts: number, isWritten: boolean): boolean => {
      noting.tick(seconds);
      const change = { ...NOTHING, alerts: Array(alerts).fill({}) };
      return noting.recorder.due(change, isWritten, at(seconds), noting.state) !== undefined;
    };
    expect([dueAt(0, 0, true), dueAt(59, 1, true), dueAt(61, 1, true)]).toEqual([false, false, true]);
    expect([dueAt(62, 0, true), dueAt(1_800, 0, true), dueAt(1_900, 0, true)]).toEqual([false, false, true]);
    expect([dueAt(2_000, 0, false), dueAt(5_500, 0, false), dueAt(5_600, 0, false)]).toEqual([false, false, true]);
  });

  it('stays within its room, and says how much was left out', () => {
    const noting = new Noting(20);
    for (let second = 0; second < 400; second++)
      noting.tick(second, {
        results: Array.from({ length: 20 }, (_, n) => result(n + 1, second, second % 2 === 0 ? 'answered' : 'silent')),
      });
    const { subjects, left } = noting.part();
    expect([...subjects.values()].reduce((sum, stretches) => sum + stretches.length, 0)).toBe(3_000);
    expect(left).toBe(400 * 20 - 3_000);
  });
});
