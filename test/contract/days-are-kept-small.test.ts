import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CountedDay } from '../../src/agent/decay/day.ts';
import { createDayStore } from '../../src/agent/store/day-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
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
  },
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
    expect(readDecays(folder, FIRST * DAY_MS).size).toBe(0);
    const db = openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS);
    const medians = [0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.7, 1, 1.3, 1.8, 2.4];
    createDayStore(db).save(medians.flatMap((ms, week) => [0, 1, 2, 3, 4, 5, 6].map((day) => row(1, FIRST + 7 * week + day, ms))));
    expect(readDecays(folder, (FIRST + 7 * medians.length) * DAY_MS).get(idOf(1))?.measure).toBe('delay');
    expect(readDecays(folder, (FIRST + 21) * DAY_MS).size).toBe(0);
    db.exec('DROP TABLE device_day');
    expect(readDecays(folder, (FIRST + 7 * medians.length) * DAY_MS).size).toBe(0);
    db.close();
  });
});
