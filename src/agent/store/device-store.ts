/**
 * The inventory as it was heard, each device whole as JSON: it is always read and written whole, and inventory alone knows its shape. What
 * people said of devices is kept elsewhere (correction-store.ts).
 */
import type { Database } from 'better-sqlite3';
import { dressed } from '../inventory/corrections.ts';
import type { Device } from '../inventory/device.ts';

export type DeviceStore = {
  all(): Device[];
  save(devices: readonly Device[]): void;
  remove(ids: readonly string[]): void;
};

export function createDeviceStore(db: Database): DeviceStore {
  const read = db.prepare<[], string>('SELECT body FROM device ORDER BY id').pluck();
  const write = db.prepare(
    'INSERT INTO device VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body WHERE body <> excluded.body',
  );
  const erase = db.prepare('DELETE FROM device WHERE id = ?');
  return {
    all: () => read.all().map((body) => JSON.parse(body) as Device),
    save(devices) {
      for (const device of devices) write.run(device.id, JSON.stringify(device.corrected ? dressed(device, undefined) : device));
    },
    remove(ids) {
      for (const id of ids) erase.run(id);
    },
  };
}
