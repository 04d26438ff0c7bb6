import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert, AlertBook } from '../../../../src/agent/alerts/alerts.ts';
import type { Condition, Conditions } from '../../../../src/agent/alerts/conditions.ts';
import { countHolds, type Held, holdsDueAtMs, restoreHolds } from '../../../../src/agent/alerts/holds.ts';
import { NO_DOUBT } from '../../../../src/agent/health/doubt.ts';
import type { Instant } from '../../../../src/base/clock.ts';

const TICK_MS = 250;
const HOLD_MS = 10_000;
const KEY = 'internet-down';
const NO_EVIDENCE = { attempts: [], lastAnswerAt: {}, hub: { link: true, gateway: null, othersAnswering: 0, eventLoopLagMs: 0 } };

const condition: Condition = { key: KEY, code: 'internet-down', subject: '', text: '', holdMs: HOLD_MS, evidence: () => NO_EVIDENCE };
const RAISED: Alert = {
  key: KEY,
  code: 'internet-down',
  severity: 'critical',
  title: 'No internet',
  text: '',
  raisedAt: 0,
  actionableAt: HOLD_MS,
  held: true,
};

function conditions(inDoubt: boolean): Conditions {
  return {
    firing: inDoubt ? [] : [condition],
    inDoubt: new Set(inDoubt ? [KEY] : []),
    holdMsOf: () => HOLD_MS,
    over: () => '',
    retold: ({ title, text }) => ({ title, text }),
  };
}

const at = (monoMs: number): Instant => ({ monoMs, wallMs: monoMs });

function look(before: Pick<Held, 'holds' | 'alerts'>, nowMs: number, { seen = true, isNew = false, stoodStillMs = 0 } = {}): Held {
  const news = isNew ? [{ kind: 'alert.raised' as const, alert: RAISED }] : [];
  const watching = { conditions: conditions(!seen), book: new Map(), doubt: NO_DOUBT, hearing: {}, stoodStillMs, now: at(nowMs) };
  return countHolds(before.holds, before.alerts, news, watching);
}

const dueAtMs = ({ holds }: Held): number => holdsDueAtMs(holds, NO_DOUBT, {}, 0);
const raised = (seen = true): Held => look({ holds: new Map(), alerts: new Map([[KEY, RAISED]]) }, 0, { seen, isNew: true });

describe('a hold', () => {
  it('ends at the first look after it has been seen for that long, whatever was not seen in between', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ seen: fc.boolean(), ticks: fc.integer({ min: 1, max: 60 }) }), { maxLength: 12 }), (stretches) => {
        const looks = [...stretches, { seen: true, ticks: 100 }].flatMap(({ seen, ticks }) => Array<boolean>(ticks).fill(seen));
        let now = raised();
        let seenMs = 0;
        let wasSeen = true;
        for (const [i, seen] of looks.entries()) {
          const before = now;
          now = look(before, (i + 1) * TICK_MS, { seen });
          // From a look that finds it unseen on, until it is seen again, nothing counts.
          if (wasSeen) seenMs += TICK_MS;
          wasSeen = seen;
          const isHeld = now.alerts.get(KEY)?.held === true;
          expect(isHeld).toBe(!(seen && seenMs >= HOLD_MS));
          if (!isHeld) return;
          if (now.holds === before.holds) expect(now.changes).toEqual([]);
        }
        expect.unreachable('it was seen for long enough');
      }),
    );
  });

  it('names a much later time as soon as it goes on, and is due at it', () => {
    const waiting = look(raised(), 4_000, { seen: false });
    expect([waiting.changes, dueAtMs(waiting)]).toEqual([[], Number.POSITIVE_INFINITY]);
    expect(holdsDueAtMs(waiting.holds, { ...NO_DOUBT, trustedFromMs: 70_000 }, {}, 4_000)).toBe(70_000);
    const on = look(waiting, 70_000);
    expect(on.changes).toMatchObject([{ kind: 'alert.updated', alert: { held: true, actionableAt: 76_000 } }]);
    expect(dueAtMs(on)).toBe(76_000);
    const over = look(on, 76_000);
    expect(over.changes).toMatchObject([{ kind: 'alert.updated', alert: { actionableAt: 76_000, evidence: NO_EVIDENCE } }]);
    expect(over.changes[0]?.alert.held).toBeUndefined();
    expect(over.holds.size).toBe(0);
  });

  it('is not spent while the hub stood still', () => {
    const back = look(raised(), 84_000, { seen: false, stoodStillMs: 80_000 });
    expect(look(back, 90_000).changes).toMatchObject([{ alert: { held: true, actionableAt: 96_000 } }]);
  });

  it('that stops for moments is not told again each time, but when they have come to a minute', () => {
    let now = raised();
    const toldAtMs: number[] = [];
    for (let second = 1; second <= 130; second++) {
      now = look(now, second * 1000, { seen: second % 20 === 0 });
      if (now.changes.length > 0) toldAtMs.push(second * 1000);
    }
    expect(toldAtMs).toEqual([80_000]);
    expect(now.alerts.get(KEY)).toMatchObject({ held: true, actionableAt: 86_000 });
  });

  it('is left whole by an earlier process, of what that had not told to act on', () => {
    const { held: _, ...asked } = RAISED;
    const alerts: AlertBook = new Map([
      [KEY, RAISED],
      ['dns-down', { ...asked, key: 'dns-down', code: 'dns-down' }],
    ]);
    const holds = restoreHolds(alerts);
    expect([...holds.keys()]).toEqual([KEY]);
    expect(look({ holds, alerts }, 100_000).changes).toMatchObject([{ alert: { held: true, actionableAt: 110_000 } }]);
  });

  it('ends no sooner than its alert began, also where the clock was set back', () => {
    const before = { ...raised(), alerts: new Map([[KEY, { ...RAISED, raisedAt: 3_600_000 }]]) };
    expect(look(before, HOLD_MS).changes).toMatchObject([{ alert: { actionableAt: 3_600_000 } }]);
  });

  it('ends with its alert', () => {
    expect(look({ ...raised(), alerts: new Map() }, 1_000).holds.size).toBe(0);
  });
});
