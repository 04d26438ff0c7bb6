/**
 * How each wired port did day by day, for 400 days, as the device tells that has it. A port's past belongs to what is plugged into it: another device on it begins
 * anew, and who comes back finds the own past again. What turns out to be a person's is not named any more.
 */
import type { Database } from 'better-sqlite3';
import type { PortDay } from '../decay/day.ts';

const DAYS_KEPT = 400;
/** Of one switch: 48 ports, plugged anew now and then; then what was used longest ago makes room. */
const MOST_OF_ONE = 112;
/** More than a home has; the days of others are not kept. */
const MOST_CABLES = 512;

/** `cable`: tells apart what was plugged into a port in turn. */
export type SavedPortDay = PortDay & { readonly cable: number };

export type PortDayStore = {
  save(days: readonly PortDay[]): void;
  remove(deviceIds: readonly string[]): void;
  /** Those of one cable together, each cable's in order. */
  all(): Generator<SavedPortDay>;
};

type Cable = { n: number; plugged: string | null };
type Row = { n: number; device_id: string; port: string; plugged: string | null; day: number; damaged: number; discarded: number | null };

export function createPortDayStore(db: Database): PortDayStore {
  const newestFirst = db.prepare<[string, string], Cable>(
    'SELECT n, plugged FROM port_cable WHERE device_id = ? AND port = ? ORDER BY last_day DESC, n DESC',
  );
  const oldestBeyond = db
    .prepare<[string, number], number>('SELECT n FROM port_cable WHERE device_id = ? ORDER BY last_day DESC, n DESC LIMIT -1 OFFSET ?')
    .pluck();
  const countCables = db.prepare<[], number>('SELECT count(*) FROM port_cable').pluck();
  const begin = db.prepare('INSERT INTO port_cable (device_id, port, plugged, last_day) VALUES (:deviceId, :port, :plugged, :day)');
  const move = db.prepare('UPDATE port_cable SET plugged = :plugged, last_day = :day WHERE n = :n');
  const write = db.prepare(`INSERT INTO port_day (n, day, damaged, discarded) VALUES (:n, :day, :damaged, :discarded)
    ON CONFLICT (n, day) DO UPDATE SET damaged = max(damaged, excluded.damaged), discarded = max(discarded, excluded.discarded)`);
  const prune = db.prepare(
    'DELETE FROM port_day WHERE n = :n AND day <= (SELECT day FROM port_day WHERE n = :n ORDER BY day DESC LIMIT 1 OFFSET :kept)',
  );
  const eraseDays = db.prepare('DELETE FROM port_day WHERE n = ?');
  const eraseCable = db.prepare('DELETE FROM port_cable WHERE n = ?');
  const unname = db.prepare('UPDATE port_cable SET plugged = NULL WHERE plugged = ?');
  const read = db.prepare<[], Row>('SELECT port_day.*, device_id, port, plugged FROM port_day JOIN port_cable USING (n) ORDER BY n, day');

  /** Who is not known today is who was there last; who is known for the first time was there before. */
  function cableFor({ deviceId, port, on, day }: PortDay): number | undefined {
    const cables = newestFirst.all(deviceId, port);
    const isOn = (plugged: string | null): boolean => cables.some((cable) => cable.plugged === plugged);
    const wanted = on === undefined ? cables[0]?.plugged : isOn(on) ? on : null;
    const known = cables.find(({ plugged }) => plugged === wanted);
    if (known) move.run({ n: known.n, plugged: on ?? known.plugged, day });
    if (known || (countCables.get() ?? 0) >= MOST_CABLES) return known?.n;
    for (const n of oldestBeyond.all(deviceId, MOST_OF_ONE - 1)) erase(n);
    return Number(begin.run({ deviceId, port, plugged: on ?? null, day }).lastInsertRowid);
  }

  function erase(n: number): void {
    eraseDays.run(n);
    eraseCable.run(n);
  }

  return {
    save(days) {
      for (const one of days) {
        const n = cableFor(one);
        if (n === undefined) continue;
        write.run({ n, day: one.day, damaged: one.damaged, discarded: one.discarded ?? null });
        prune.run({ n, kept: DAYS_KEPT });
      }
    },
    remove(deviceIds) {
      for (const id of deviceIds) {
        for (const n of oldestBeyond.all(id, 0)) erase(n);
        unname.run(id);
      }
    },
    *all() {
      for (const { n, device_id, plugged, discarded, ...row } of read.iterate())
        yield { ...row, cable: n, deviceId: device_id, on: plugged ?? undefined, discarded: discarded ?? undefined };
    },
  };
}
