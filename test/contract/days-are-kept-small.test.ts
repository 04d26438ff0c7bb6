import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CountedDay, PortDay } from '../../src/agent/decay/day.ts';
import { createDayStore } from '../../src/agent/store/day-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { createPortDayStore } from '../../src/agent/store/port-day-store.ts';
import { DAY_MS } from '../../src/base/partial-date.ts';
import { readDecays } from '../../src/platform/home-decay.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { idOf } from '../builders/entries.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

/** A Monday. */
const FIRST = 20_458;
const row = (device: number, day: number, medianMs = 4.123): CountedDay => ({
  deviceId: idOf(device),
  behind: idOf(99),
  of: {
    day,
    seenMinutes: 1440,
    questions: 5_760,
    lost: 12,
    drops: 1,
    medianMs,
    p90Ms: 3 * medianMs,
    reboots: 0,
    batteryMinutes: undefined,
    temperatureC: 41.5,
  },
});

const portRow = (day: number, on: number | undefined, port = 'gi7', teller = 99): PortDay => ({
  deviceId: idOf(teller),
  port,
  on: on === undefined ? undefined : idOf(on),
  day,
  damaged: 12,
  discarded: undefined,
});

describe('the days of wired ports', () => {
  const opened = () => {
    const db = openDatabase(join(temporaryFolder(), 'agent.db'), AGENT_MIGRATIONS);
    return { db, store: createPortDayStore(db) };
  };

  it('belong to what is plugged in: another device has a past of its own, and who comes back finds the old one', () => {
    const { db, store } = opened();
    // Not known at first, known, not heard for a day, another one, and the first again.
    store.save([portRow(FIRST, undefined)]);
    for (const [day, on] of [1, undefined, 2, 2, 1].entries()) store.save([portRow(FIRST + 1 + day, on)]);
    const kept = Map.groupBy(store.all(), ({ cable }) => cable);
    expect([...kept.values()].map((rows) => [rows[0]?.on, rows.map(({ day }) => day - FIRST)])).toEqual([
      [idOf(1), [0, 1, 2, 5]],
      [idOf(2), [3, 4]],
    ]);
    db.close();
  });

  it('go with the device that has the port, and no longer name one that is gone from the other end', () => {
    const { db, store } = opened();
    store.save([portRow(FIRST, 1), portRow(FIRST, 2, 'gi8'), portRow(FIRST, 3, 'gi1', 98)]);
    store.remove([idOf(1), idOf(98)]);
    expect([...store.all()].map(({ port, on }) => [port, on])).toEqual([
      ['gi7', undefined],
      ['gi8', idOf(2)],
    ]);
    db.close();
  });

  it('of two parts of one day are the worse, and of a port that is renamed every day no more than a switch has', () => {
    const { db, store } = opened();
    store.save([{ ...portRow(FIRST, 1), damaged: 3 }]);
    store.save([{ ...portRow(FIRST, 1), damaged: 2 }]);
    expect([...store.all()].map(({ damaged }) => damaged)).toEqual([3]);
    for (let i = 0; i < 150; i++) store.save([portRow(FIRST + i, undefined, `liar ${i}`)]);
    const names = [...store.all()].map(({ port }) => port);
    expect(names).toHaveLength(112);
    expect(names.at(-1)).toBe('liar 149');
    db.close();
  });

  it('of 72 ports and 500 days are the newest 400, in less than 1 MiB', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'agent.db');
    const db = openDatabase(file, AGENT_MIGRATIONS);
    const store = createPortDayStore(db);
    db.transaction(() => {
      for (let day = 0; day < 500; day++) store.save(Array.from({ length: 72 }, (_, i) => portRow(FIRST + day, undefined, `gi${i}`)));
    })();
    expect([...store.all()]).toHaveLength(72 * 400);
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(statSync(file).size).toBeLessThan(1024 * 1024);
    db.close();
  });
});

describe('the days of devices', () => {
  it('come back as they were saved, those of one device together', () => {
    const folder = temporaryFolder();
    const db = openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS);
    const store = createDayStore(db);
    store.save([row(2, FIRST), row(1, FIRST)]);
    store.save([row(2, FIRST + 1), row(1, FIRST + 1)]);
    expect([...store.all()]).toEqual([row(2, FIRST), row(2, FIRST + 1), row(1, FIRST), row(1, FIRST + 1)]);
    store.remove([idOf(2)]);
    expect([...store.all()]).toEqual([row(1, FIRST), row(1, FIRST + 1)]);
    db.close();
  });

  it('of 60 devices and 500 days are the newest 400, in less than 2 MiB', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'agent.db');
    const db = openDatabase(file, AGENT_MIGRATIONS);
    const store = createDayStore(db);
    db.transaction(() => {
      for (let day = 0; day < 500; day++) store.save(Array.from({ length: 60 }, (_, i) => row(i, FIRST + day)));
    })();
    const kept = [...store.all()];
    expect(kept).toHaveLength(60 * 400);
    expect(Math.min(...kept.map(({ of }) => of.day))).toBe(FIRST + 100);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(statSync(file).size).toBeLessThan(2 * 1024 * 1024);
    db.close();
  });

  it('show beside a running agent what decays, and nothing where there are none or they cannot be read', () => {
    const folder = temporaryFolder();
    expect(readDecays(folder, FIRST * DAY_MS, []).size).toBe(0);
    const db = openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS);
    const medians = [0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.7, 1, 1.3, 1.8, 2.4];
    createDayStore(db).save(medians.flatMap((ms, week) => [0, 1, 2, 3, 4, 5, 6].map((day) => row(1, FIRST + 7 * week + day, ms))));
    expect(readDecays(folder, (FIRST + 7 * medians.length) * DAY_MS, []).get(idOf(1))?.measure).toBe('delay');
    expect(readDecays(folder, (FIRST + 21) * DAY_MS, []).size).toBe(0);
    const damaged = [0, 0, 0, 0, 0, 0, 0, 30, 150, 600, 2_000, 5_000, 9_000];
    const rows = damaged.flatMap((each, week) => [0, 1, 2, 3, 4].map((day) => ({ ...portRow(FIRST + 7 * week + day, 5), damaged: each })));
    createPortDayStore(db).save(rows);
    const found = readDecays(folder, (FIRST + 7 * medians.length) * DAY_MS, [{ id: idOf(99), name: 'rack-switch' }]);
    expect(found.get(idOf(5))).toMatchObject({ measure: 'damage', port: { name: 'gi7', of: 'rack-switch' } });
    db.exec('DROP TABLE device_day');
    expect(readDecays(folder, (FIRST + 7 * medians.length) * DAY_MS, []).size).toBe(0);
    db.close();
  });
});
