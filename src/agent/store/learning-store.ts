/** What was learned of each device's link over days, one row a device, as JSON: health alone knows its shape. */
import type { Database } from 'better-sqlite3';
import type { SavedLearning } from '../health/health.ts';

export type LearningStore = {
  all(): SavedLearning[];
  save(learned: readonly SavedLearning[]): void;
  remove(deviceIds: readonly string[]): void;
};

export function createLearningStore(db: Database): LearningStore {
  const read = db.prepare<[], { device_id: string; body: string }>('SELECT device_id, body FROM learning ORDER BY device_id');
  const write = db.prepare('INSERT INTO learning VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET body = excluded.body');
  const erase = db.prepare('DELETE FROM learning WHERE device_id = ?');
  return {
    all: () => read.all().map(({ device_id, body }) => ({ deviceId: device_id, learning: JSON.parse(body) as SavedLearning['learning'] })),
    save(learned) {
      for (const { deviceId, learning } of learned) write.run(deviceId, JSON.stringify(learning));
    },
    remove(deviceIds) {
      for (const id of deviceIds) erase.run(id);
    },
  };
}
