/** An upgrade that is killed at any statement has happened or has not; the next start finishes it. A downgrade is the backup of before. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { keepBeforeMigration } from '../../src/platform/backup/automatic-backup.ts';
import { extractDatabase, writeBackup } from '../../src/platform/backup/backup-file.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { alertOf, at, idOf, raisedEntry } from '../builders/entries.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const DYING = new URL('../fakes/dying-migration.ts', import.meta.url).pathname;
const ROWS = 20;

/** A database of the first version in which alerts wait for the desk; `versions`: how many steps it has had. */
function oldDatabase(path: string, versions: number): void {
  const db = openDatabase(path, AGENT_MIGRATIONS.slice(0, versions));
  const insert = db.prepare(
    "INSERT INTO outbox (id, ses, start, kind, class, body, bytes, mono_ms, wall_ms, clock) VALUES (?, 1, 'start', 'alert.raised', 'alert', ?, ?, 1, 1, 'desk')",
  );
  const keep = db.prepare('INSERT INTO alert (key, raised_at, body) VALUES (?, ?, ?)');
  for (let n = 1; n <= ROWS; n++) {
    const alert = alertOf(String(n), at(n));
    const body = JSON.stringify(raisedEntry(alert, at(n)).body);
    insert.run(idOf(n), body, body.length);
    keep.run(alert.key, alert.raisedAt, JSON.stringify(alert));
  }
  db.close();
}

const keysIn = (db: Database.Database): string[] => db.prepare<[], string>('SELECT key FROM alert ORDER BY id').pluck().all();
const waitingIn = (db: Database.Database): string[] => db.prepare<[], string>('SELECT id FROM outbox ORDER BY pos').pluck().all();
const KEYS = Array.from({ length: ROWS }, (_, i) => String(i + 1));
const IDS = KEYS.map((key) => idOf(Number(key)));

it('an upgrade that is killed after any statement leaves every row, and the next start brings it up to date', { timeout: 180_000 }, () => {
  const folder = temporaryFolder();
  const old = join(folder, 'old.db');
  oldDatabase(old, 1);
  const whole = join(folder, 'whole.db');
  copyFileSync(old, whole);
  const statements = Number(execFileSync(process.execPath, [DYING, whole, '0'], { encoding: 'utf8' }));
  expect(statements).toBeGreaterThan(AGENT_MIGRATIONS.length);
  for (let last = 1; last <= statements; last++) {
    const path = join(folder, `killed-${last}.db`);
    copyFileSync(old, path);
    expect(spawnSync(process.execPath, [DYING, path, String(last)]).signal).toBe('SIGKILL');
    const db = openDatabase(path, AGENT_MIGRATIONS);
    expect(db.pragma('integrity_check', { simple: true }), `after statement ${last}`).toBe('ok');
    expect(db.pragma('user_version', { simple: true })).toBe(AGENT_MIGRATIONS.length);
    expect(keysIn(db)).toEqual(KEYS);
    expect(waitingIn(db)).toEqual(IDS);
    createAgentStore(db, { random: seededRandom('after'), start: idOf(99) }).close();
  }
});

it('the version before refuses a newer database, and goes on from the backup that the upgrade made', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'agent.db');
  const before = AGENT_MIGRATIONS.slice(0, -1);
  oldDatabase(path, before.length);
  let backup = '';
  const about = { madeAt: 1, version: '0', host: 'hub' };
  const upgraded = openDatabase(path, AGENT_MIGRATIONS, (version) => {
    backup = keepBeforeMigration(join(folder, 'backups'), version, (target) => writeBackup(path, target, { about, files: [] }));
  });
  upgraded.exec("INSERT INTO alert (key, raised_at, body) VALUES ('of the newer version', 1, '{}')");
  upgraded.close();
  expect(() => openDatabase(path, before)).toThrow(/knows versions up to/);
  const restored = join(folder, 'restored.db');
  extractDatabase(backup, restored, () => undefined);
  const db = openDatabase(restored, before);
  expect(keysIn(db)).toEqual(KEYS);
  db.close();
});
