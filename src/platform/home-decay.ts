/** What of the devices of a home decays, from the days that its agent has kept. Reads the agent's database beside it; what cannot be read is not known. */
import { join } from 'node:path';
import { type Decay, decaysIn } from '../agent/decay/decay.ts';
import { createDayStore } from '../agent/store/day-store.ts';
import { AGENT_MIGRATIONS } from '../agent/store/migrations.ts';
import { createPortDayStore } from '../agent/store/port-day-store.ts';
import { DAY_MS } from '../base/partial-date.ts';
import { isFile } from './data-folder.ts';
import { openDatabaseReadOnly } from './sqlite.ts';

type Named = { readonly id: string; readonly name?: string };

/** `at`: now, Unix milliseconds. `devices`: with their names as they are told. By device. */
export function readDecays(dataFolder: string, at: number, devices: readonly Named[]): ReadonlyMap<string, Decay> {
  const file = join(dataFolder, 'agent.db');
  if (!isFile(file)) return new Map();
  try {
    const db = openDatabaseReadOnly(file, AGENT_MIGRATIONS);
    try {
      const counted = { days: createDayStore(db).all(), ports: createPortDayStore(db).all() };
      return decaysIn(counted, Math.floor(at / DAY_MS), (id) => devices.find((device) => device.id === id)?.name);
    } finally {
      db.close();
    }
  } catch {
    return new Map();
  }
}
