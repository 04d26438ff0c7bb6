/** What of the devices of a home decays, from the days that its agent has kept. Reads the agent's database beside it; what cannot be read is not known. */
import { join } from 'node:path';
import { type Decay, decaysIn } from '../agent/decay/decay.ts';
import { createDayStore } from '../agent/store/day-store.ts';
import { AGENT_MIGRATIONS } from '../agent/store/migrations.ts';
import { DAY_MS } from '../base/partial-date.ts';
import { isFile } from './data-folder.ts';
import { openDatabaseReadOnly } from './sqlite.ts';

/** `at`: now, Unix milliseconds. By device. */
export function readDecays(dataFolder: string, at: number): ReadonlyMap<string, Decay> {
  const file = join(dataFolder, 'agent.db');
  if (!isFile(file)) return new Map();
  try {
    const db = openDatabaseReadOnly(file, AGENT_MIGRATIONS);
    try {
      return decaysIn(createDayStore(db).all(), Math.floor(at / DAY_MS));
    } finally {
      db.close();
    }
  } catch {
    return new Map();
  }
}
