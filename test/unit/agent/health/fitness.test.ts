import { describe, expect, it } from 'vitest';
import { examine, FIT, type Fitness, forgiven, seenInWords, sinceLastLook } from '../../../../src/agent/health/fitness.ts';
import type { ProbeResult } from '../../../../src/agent/health/probe.ts';
import { at, GOOD_HUB } from './book.ts';

const asked = (outcome: ProbeResult['outcome'], method: 'udp' | 'icmp' = 'udp'): ProbeResult => ({
  request: { deviceId: 'nas', ip: '192.168.50.20', interface: 'eth0', method, timeoutMs: 900 },
  startedAt: at(0),
  finishedAt: at(1),
  outcome,
  detail: outcome === 'unable' ? 'EMFILE' : 'reply',
});

/** Looks four times a second, for so many seconds. */
function look(before: Fitness, from: number, seconds: number, more: Partial<typeof GOOD_HUB>, results: ProbeResult[] = []): Fitness {
  let fitness = before;
  for (let i = 0; i < seconds * 4; i++) fitness = examine(fitness, { ...GOOD_HUB, ...more }, i === 0 ? results : [], (from + i / 4) * 1000);
  return fitness;
}

describe('a hub', () => {
  it('is fit, and the same object, while nothing happens', () => {
    expect(look(FIT, 0, 60, {})).toBe(FIT);
  });

  it('is unfit when its event loop is late for five of thirty seconds, until ten seconds without', () => {
    const busy = look(FIT, 0, 4, { eventLoopLagMs: 900 });
    expect(busy.unfit).toBeUndefined();
    const late = look(busy, 4, 1, { eventLoopLagMs: 900 });
    expect(late.unfit).toContain('too busy');
    expect(look(late, 5, 8, {}).unfit).toContain('too busy');
    expect(look(late, 5, 10, {}).unfit).toBeUndefined();
    expect(look(look(FIT, 0, 1, { eventLoopLagMs: 900 }), 1, 60, {}).late).toEqual([]);
  });

  it('is unfit when half of what it asks fails in itself, and not for a missing ping', () => {
    const failing = [...Array(5).fill(asked('unable')), ...Array(5).fill(asked('answered'))];
    const unable = look(FIT, 0, 1, {}, failing);
    expect(unable.unfit).toContain('cannot ask');
    expect(unable.seen.unable).toBe('EMFILE');
    expect(look(FIT, 0, 1, {}, [...failing, asked('answered')]).unfit).toBeUndefined();
    expect(look(FIT, 0, 1, {}, Array(9).fill(asked('unable', 'icmp'))).unfit).toBeUndefined();
    expect(look(FIT, 0, 1, { links: { eth0: false, eth1: true } }, failing).unfit).toBeUndefined();
    const later = look(unable, 15, 1, {}, Array(20).fill(asked('answered')));
    expect(later.unfit).toBeUndefined();
  });

  it('says what its questions failed of, also where most have failed only because older answers count no longer', () => {
    const answering = look(FIT, 20, 1, {}, Array(12).fill(asked('answered')));
    const mixed = look(answering, 35, 1, {}, [...Array(6).fill(asked('unable')), asked('answered')]);
    expect(mixed.unfit).toBeUndefined();
    const failing = look(mixed, 50, 0.25, {}, [asked('answered')]);
    expect([failing.unfit !== undefined, failing.seen.unable]).toEqual([true, 'EMFILE']);
  });

  it('is unfit after it stood still for more than five seconds, and notes a clock that was set without doubting for it', () => {
    const plan = { at: at(10), planned: 250 };
    const slept = sinceLastLook(plan.at, at(22), plan.planned);
    expect(slept).toEqual({ stoodStillMs: 11_750, clockStepMs: 0 });
    expect(look(FIT, 0, 0.25, slept).unfit).toContain('stood still for 12 s');
    const set = sinceLastLook(plan.at, { monoMs: 10_250, wallMs: at(10.25).wallMs - 3_600_000 }, plan.planned);
    expect(set).toEqual({ stoodStillMs: 0, clockStepMs: -3_600_000 });
    const noted = look(FIT, 0, 0.25, set);
    expect(noted.unfit).toBeUndefined();
    expect(seenInWords(noted.seen, { eth0: true })).toBe('its clock was set back by 60 min, its link eth0 is up');
    expect(seenInWords(forgiven(noted).seen, {})).toBe('');
  });
});
