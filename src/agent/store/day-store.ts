/**
 * How each device did day by day, for 400 days: one short row, written when the day is over and when the agent stops, whose rows of one day add up. What turns
 * out to be a person's is taken out with all its days.
 */
import type { Database } from 'better-sqlite3';
import type { CountedDay } from '../decay/day.ts';

const DAYS_KEPT = 400;
/** More than a home has; the days of others are not kept. */
const MOST_DEVICES = 512;
const MINUTES_A_DAY = 1440;

export type DayStore = {
  save(days: readonly CountedDay[]): void;
  remove(deviceIds: readonly string[]): void;
  /** Those of one device together, each device's in order. */
  all(): Generator<CountedDay>;
};

type Row = {
  device_id: string;
  behind: string | null;
  day: number;
  seen_minutes: number;
  questions: number;
  lost: number;
  drops: number;
  median_us: number | null;
  p90_us: number | null;
  reboots: number | null;
  battery_minutes: number | null;
  /** Tenths of a degree. */
  temperature: number | null;
};

/** Of two parts of a day the longer one tells the times. */
const WRITE = `INSERT INTO device_day (n, day, seen_minutes, questions, lost, drops, median_us, p90_us, reboots, battery_minutes, temperature)
  VALUES (:n, :day, :seen_minutes, :questions, :lost, :drops, :median_us, :p90_us, :reboots, :battery_minutes, :temperature)
  ON CONFLICT (n, day) DO UPDATE SET
    median_us = iif(excluded.questions > questions, coalesce(excluded.median_us, median_us), coalesce(median_us, excluded.median_us)),
    p90_us = iif(excluded.questions > questions, coalesce(excluded.p90_us, p90_us), coalesce(p90_us, excluded.p90_us)),
    seen_minutes = min(${MINUTES_A_DAY}, seen_minutes + excluded.seen_minutes),
    questions = questions + excluded.questions, lost = lost + excluded.lost, drops = drops + excluded.drops,
    reboots = coalesce(reboots + excluded.reboots, reboots, excluded.reboots),
    battery_minutes = coalesce(excluded.battery_minutes, battery_minutes),
    temperature = coalesce(excluded.temperature, temperature)`;

export function createDayStore(db: Database): DayStore {
  const numberOf = db.prepare<[string], number>('SELECT n FROM day_device WHERE device_id = ?').pluck();
  const countDevices = db.prepare<[], number>('SELECT count(*) FROM day_device').pluck();
  const begin = db.prepare('INSERT INTO day_device (device_id) VALUES (?)');
  const move = db.prepare('UPDATE day_device SET behind = :behind WHERE n = :n AND behind IS NOT :behind');
  const write = db.prepare(WRITE);
  const prune = db.prepare(
    'DELETE FROM device_day WHERE n = :n AND day <= (SELECT day FROM device_day WHERE n = :n ORDER BY day DESC LIMIT 1 OFFSET :kept)',
  );
  const eraseDays = db.prepare('DELETE FROM device_day WHERE n = ?');
  const eraseName = db.prepare('DELETE FROM day_device WHERE n = ?');
  const read = db.prepare<[], Row>('SELECT device_id, behind, device_day.* FROM device_day JOIN day_device USING (n) ORDER BY n, day');

  function numberFor(deviceId: string): number | undefined {
    const known = numberOf.get(deviceId);
    if (known !== undefined || (countDevices.get() ?? 0) >= MOST_DEVICES) return known;
    return Number(begin.run(deviceId).lastInsertRowid);
  }

  return {
    save(days) {
      for (const { deviceId, behind, of } of days) {
        const n = numberFor(deviceId);
        if (n === undefined) continue;
        const { medianMs, p90Ms, ...counts } = of;
        move.run({ n, behind: behind ?? null });
        write.run({
          n,
          day: counts.day,
          seen_minutes: counts.seenMinutes,
          questions: counts.questions,
          lost: counts.lost,
          drops: counts.drops,
          median_us: microseconds(medianMs),
          p90_us: microseconds(p90Ms),
          reboots: counts.reboots ?? null,
          battery_minutes: counts.batteryMinutes ?? null,
          temperature: counts.temperatureC === undefined ? null : Math.round(counts.temperatureC * 10),
        });
        prune.run({ n, kept: DAYS_KEPT });
      }
    },
    remove(deviceIds) {
      for (const id of deviceIds) {
        const n = numberOf.get(id);
        if (n === undefined) continue;
        eraseDays.run(n);
        eraseName.run(n);
      }
    },
    *all() {
      for (const row of read.iterate()) yield dayOf(row);
    },
  };
}

const microseconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms * 1000));

function dayOf({
  device_id,
  behind,
  day,
  seen_minutes,
  questions,
  lost,
  drops,
  median_us,
  p90_us,
  reboots,
  battery_minutes,
  temperature,
}: Row): CountedDay {
  return {
    deviceId: device_id,
    behind: behind ?? undefined,
    of: {
      day,
      seenMinutes: seen_minutes,
      questions,
      lost,
      drops,
      medianMs: median_us === null ? undefined : median_us / 1000,
      p90Ms: p90_us === null ? undefined : p90_us / 1000,
      reboots: reboots ?? undefined,
      batteryMinutes: battery_minutes ?? undefined,
      temperatureC: temperature === null ? undefined : temperature / 10,
    },
  };
}
