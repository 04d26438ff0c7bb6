import { describe, expect, it } from 'vitest';
import type { InventoryChange } from '../../../src/agent/inventory/changes.ts';
import { summarise } from '../../../src/agent/inventory/summary.ts';
import { hubStanding, type StorageWear } from '../../../src/agent/lifecycle/hub-wear.ts';
import type { Look } from '../../../src/agent/lifecycle/look.ts';
import {
  type LifecycleWatch,
  lifecycleToSave,
  restoreLifecycle,
  type Watched,
  type WatchInputs,
  watchLifecycle,
} from '../../../src/agent/lifecycle-watch.ts';
import { lifecycleEntries } from '../../../src/agent/outbox/told-lifecycle.ts';
import { STANDARD_POLICY } from '../../../src/agent/policy.ts';
import { HUB_ID } from '../../../src/base/ids.ts';
import { trackOf, verdictOf } from '../../builders/ends.ts';
import { at, deviceOf, idOf } from '../../builders/entries.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const summaryOf = (n: number, personal = false) => summarise({ ...deviceOf(n), personal });
const changed = (...what: Extract<InventoryChange, { kind: 'changed' }>['what'][number][]): InventoryChange => ({
  kind: 'changed',
  device: deviceOf(1),
  what,
});
const lookOf = (day: number, isSure = true): Look => ({
  catalogue: 'first',
  now: { at: Date.parse('2026-11-22') + day * 24 * HOUR_MS, isSure },
  standings: [{ device: idOf(1), verdict: verdictOf(1), tracks: [trackOf(1, '2026-12-31')] }],
});

class Watch {
  watch: LifecycleWatch = restoreLifecycle(undefined, at(0));
  alerts: WatchInputs['alerts'] = new Map();
  devices: WatchInputs['devices'] = new Map([1, 2].map((n) => [idOf(n), summaryOf(n)]));

  tick(atMs: number, more: Partial<WatchInputs> = {}): Watched {
    const quiet = { looked: undefined, changes: [], isDifferent: false, isDecided: false, isSilenceNew: false };
    const rest = { devices: this.devices, isHeldBack: () => false, hasDesk: false, tellPersonal: false, policy: STANDARD_POLICY };
    const done = watchLifecycle(this.watch, { alerts: this.alerts, ...quiet, ...rest, now: at(atMs), ...more });
    this.watch = done.watch;
    this.alerts = done.alerts;
    return done;
  }

  /** When looks begin between two moments, by the minute; each is answered within a second. */
  looks(fromMs: number, toMs: number, answer: WatchInputs['looked'] = lookOf(0)): number[] {
    const begun: number[] = [];
    for (let ms = fromMs; ms <= toMs; ms += MINUTE_MS) {
      if (!this.tick(ms).look) continue;
      begun.push(ms / MINUTE_MS);
      this.tick(ms + 1_000, { looked: answer });
    }
    return begun;
  }
}

describe('a look at how near their end devices are', () => {
  it('is due ten minutes after the start and then once a day', () => {
    expect(new Watch().looks(0, 60 * HOUR_MS)).toEqual([10, 10 + 24 * 60, 10 + 48 * 60]);
  });

  it('is due again within ten minutes where another one could say something else, and at most every ten minutes', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS);
    expect(watch.tick(HOUR_MS, { changes: [changed('firmware')] }).look).toBe(true);
    watch.tick(HOUR_MS + 1_000, { looked: lookOf(0), changes: [changed('model')] });
    expect(watch.tick(HOUR_MS + 6 * MINUTE_MS, { isDifferent: true }).look).toBe(false);
    expect(watch.looks(HOUR_MS + 7 * MINUTE_MS, 2 * HOUR_MS)).toEqual([70]);
  });

  it('is not due for what decides no end', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS);
    for (const what of ['ips', 'seenBy', 'name', 'reports'] as const)
      expect(watch.tick(2 * HOUR_MS, { changes: [changed(what)] }).look).toBe(false);
  });

  it('that failed is made again after an hour, and what was known holds', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS);
    const { verdicts } = watch.watch;
    const day = 24 * HOUR_MS;
    expect(watch.looks(day, day + 3 * HOUR_MS, 'failed')).toEqual([1450, 1511, 1572]);
    expect(watch.watch).toMatchObject({ failures: 3 });
    expect(watch.watch.verdicts).toBe(verdicts);
  });

  it('that failed lets time go on: a stage that comes meanwhile is told', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS, lookOf(0));
    watch.looks(24 * HOUR_MS, 25 * HOUR_MS, lookOf(1));
    const told = watch.looks(25 * HOUR_MS, 42 * 24 * HOUR_MS, 'failed');
    expect(told.length).toBeGreaterThan(39);
    expect([...watch.alerts.values()]).toMatchObject([{ code: 'support-ended', stage: 0 }]);
  });

  it('costs nothing while nothing happens', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS);
    const before = watch.watch;
    const { alerts } = watch;
    for (let ms = HOUR_MS; ms < 2 * HOUR_MS; ms += 250) watch.tick(ms);
    expect(watch.watch).toBe(before);
    expect(watch.alerts).toBe(alerts);
  });
});

describe('what is known of ends', () => {
  const told = (...ids: string[]) => ({ devices: new Map(ids.map((id) => [id, summaryOf(1)])) });

  it('is saved and told where it changed, and only there', () => {
    const watch = new Watch();
    const before = watch.watch;
    watch.looks(0, HOUR_MS);
    expect(lifecycleToSave(before, watch.watch).lifecycle).toMatchObject({ verdicts: [[idOf(1), verdictOf(1)]], withoutVerdict: [] });
    const entries = lifecycleEntries({ told: told(idOf(1)), lifecycle: before }, { told: told(idOf(1)), lifecycle: watch.watch });
    expect(entries).toEqual([{ kind: 'device.lifecycle', body: { device: idOf(1), verdict: verdictOf(1) } }]);
    const once = watch.watch;
    watch.tick(2 * HOUR_MS, { looked: lookOf(0) });
    expect(watch.watch.verdicts).toBe(once.verdicts);
    watch.tick(3 * HOUR_MS, { looked: { ...lookOf(0), standings: [] } });
    expect(lifecycleEntries({ told: told(idOf(1)), lifecycle: once }, { told: told(idOf(1)), lifecycle: watch.watch })).toEqual([
      { kind: 'device.lifecycle', body: { device: idOf(1) } },
    ]);
    expect(lifecycleToSave(once, watch.watch).lifecycle).toMatchObject({ withoutVerdict: [idOf(1)] });
  });

  it('is told of a device together with it, and never of one that the desk does not know', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS);
    const lifecycle = watch.watch;
    expect(lifecycleEntries({ told: told(), lifecycle }, { told: told(), lifecycle })).toEqual([]);
    expect(lifecycleEntries({ told: told(), lifecycle }, { told: told(idOf(1)), lifecycle })).toHaveLength(1);
    expect(lifecycleEntries({ told: told(idOf(1)), lifecycle }, { told: told(idOf(1), idOf(2)), lifecycle })).toEqual([]);
  });

  it('of a person stays in the house, unless the homeowner wants it told', () => {
    const watch = new Watch();
    watch.devices = new Map([[idOf(1), summaryOf(1, true)]]);
    watch.looks(0, HOUR_MS);
    expect(watch.watch.verdicts.size).toBe(0);
    watch.tick(2 * HOUR_MS, { looked: lookOf(2), tellPersonal: true });
    expect(watch.watch.verdicts.size).toBe(1);
    expect(watch.alerts.size).toBe(0);
  });

  it('is forgotten with the device, and its stages too', () => {
    const watch = new Watch();
    watch.looks(0, HOUR_MS, lookOf(0));
    watch.looks(24 * HOUR_MS, 25 * HOUR_MS, lookOf(1));
    expect(watch.watch.ledger.told.size).toBe(1);
    watch.devices = new Map();
    watch.tick(26 * HOUR_MS, { changes: [{ kind: 'removed', device: deviceOf(1), because: 'A test.' }] });
    expect(watch.watch.ledger.told.size + watch.watch.verdicts.size).toBe(0);
  });
});

describe('the storage of the hub itself', () => {
  const worn = (day: number, wear: StorageWear): Look => ({ ...lookOf(day), standings: hubStanding(wear) });
  const lines = (watched: Watched): string[] =>
    watched.changes.map(({ kind, alert }) => `${kind} ${alert.code} ${alert.severity} ${alert.stage}: ${alert.title}`);
  /** A house that is known for two days. */
  function known(): Watch {
    const watch = new Watch();
    for (const day of [0, 1, 2]) watch.tick(day * 24 * HOUR_MS, { looked: lookOf(day) });
    return watch;
  }

  it('is told when it nears its end and when that is there, each once, as an end of the hub', () => {
    const watch = known();
    const told = [
      { lifeTenths: 8, reserve: 'normal' },
      { lifeTenths: 9 },
      { lifeTenths: 10 },
      { lifeTenths: 10, reserve: 'nearly gone' },
      { lifeTenths: 11, reserve: 'nearly gone' },
    ] as const;
    expect(
      told.map((wear, i) =>
        lines(watch.tick((3 + i) * 24 * HOUR_MS, { looked: worn(3 + i, wear) })).filter((line) => line.includes('hub')),
      ),
    ).toEqual([
      [],
      ['alert.raised replace-due info 365: The hub should be replaced'],
      [],
      ['alert.updated replace-due warning 0: The hub should be replaced'],
      [],
    ]);
    expect(watch.alerts.get(`replace-due:${HUB_ID}:storage`)?.text).toMatch(/^Its storage \(eMMC\) nears its end, .*It may fail any day/);
  });

  it('is told on while devices leave, and over when the storage is another', () => {
    const watch = known();
    watch.tick(3 * 24 * HOUR_MS, { looked: worn(3, { lifeTenths: 9 }) });
    const left = watch.tick(3 * 24 * HOUR_MS + 1, { changes: [{ kind: 'removed', device: deviceOf(2), because: 'gone' }] });
    expect(lines(left)).toEqual([]);
    expect(watch.alerts.has(`replace-due:${HUB_ID}:storage`)).toBe(true);
    expect(lines(watch.tick(4 * 24 * HOUR_MS, { looked: worn(4, {}) }))).toEqual([expect.stringMatching(/^alert\.cleared replace-due/)]);
  });
});
