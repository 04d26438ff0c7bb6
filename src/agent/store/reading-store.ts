/** When each device is to be asked for evidence again, so that a restart does not ask a whole house anew. One row a device, as JSON. */
import type { Database } from 'better-sqlite3';
import type { SavedReadings } from '../evidence/saved-readings.ts';

export type ReadingStore = {
  all(): SavedReadings[];
  save(readings: readonly SavedReadings[]): void;
  remove(deviceIds: readonly string[]): void;
};

export function createReadingStore(db: Database): ReadingStore {
  const read = db.prepare<[], { device_id: string; body: string }>('SELECT device_id, body FROM reading ORDER BY device_id');
  const write = db.prepare('INSERT INTO reading VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET body = excluded.body');
  const erase = db.prepare('DELETE FROM reading WHERE device_id = ?');
  return {
    all: () => read.all().map(({ device_id, body }) => ({ deviceId: device_id, readings: JSON.parse(body) as SavedReadings['readings'] })),
    save(readings) {
      for (const { deviceId, readings: body } of readings) write.run(deviceId, JSON.stringify(body));
    },
    remove(deviceIds) {
      for (const id of deviceIds) erase.run(id);
    },
  };
}
