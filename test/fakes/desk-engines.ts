/** The databases that a desk may have, so that a suite of promises holds over each. */
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { openDeskPostgres } from '../../src/platform/desk-postgres.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { silentLog } from './desk-world.ts';
import { SKIP_POSTGRES } from './postgres-program.ts';
import { deskDatabase } from './postgres-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A new database, gone when the running test is over. */
export type OpenNew = () => Promise<DeskDatabase>;

export function describeOnEachEngine(name: string, promises: (open: OpenNew) => void): void {
  describe(`${name} on SQLite`, () => promises(openSqlite));
  describe.skipIf(SKIP_POSTGRES)(`${name} on PostgreSQL (sudo apt-get install postgresql)`, () => promises(openPostgres));
}

function openSqlite(): Promise<DeskDatabase> {
  return openDeskDatabase(join(temporaryFolder(), 'desk.db'));
}

async function openPostgres(): Promise<DeskDatabase> {
  const database = await openDeskPostgres(await deskDatabase(), { clock: systemClock, log: silentLog });
  onTestFinished(() => database.destroy());
  return database;
}
