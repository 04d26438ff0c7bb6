import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import { openDatabase, openDatabaseReadOnly } from '../../src/platform/sqlite.ts';
import { startChild } from '../fakes/child.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const AGENT = new URL('../fakes/committing-agent.ts', import.meta.url).pathname;

/** What opens a data folder closes the process's new files to others: in a worker those of every test to come. */
const mask = process.umask();
afterAll(() => void process.umask(mask));

function refusal(code: ErrorCode, fix: RegExp) {
  return expect.objectContaining({ code, fix: expect.stringMatching(fix) });
}

/** What is on disk, less the index of the write-ahead log, which is shared memory and changes with each reader. */
function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
}

describe('a database', () => {
  it('is durable at each commit and has its write-ahead log bounded', () => {
    const db = openDatabase(join(temporaryFolder(), 'agent.db'), AGENT_MIGRATIONS);
    const pragmas = [
      'journal_mode',
      'synchronous',
      'foreign_keys',
      'wal_autocheckpoint',
      'journal_size_limit',
      'busy_timeout',
      'user_version',
    ];
    const values = pragmas.map((name) => db.pragma(name, { simple: true }));
    expect(values).toEqual(['wal', 2, 1, 800, 4_194_304, 5000, AGENT_MIGRATIONS.length]);
    db.close();
  });

  it('is brought up to date step by step, and a step that fails leaves no trace', () => {
    const path = join(temporaryFolder(), 'x.db');
    const first = { name: 'one', sql: 'CREATE TABLE one (a)' };
    openDatabase(path, [first]).close();
    const broken = { name: 'two', sql: 'CREATE TABLE two (a); INSERT INTO nowhere VALUES (1)' };
    expect(() => openDatabase(path, [first, broken])).toThrow();
    const db = openDatabase(path, [first, { name: 'two', sql: 'CREATE TABLE two (a)' }]);
    expect(db.pragma('user_version', { simple: true })).toBe(2);
    db.close();
  });

  it('of a newer version is refused and left as it is, write-ahead log included', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'agent.db');
    const newer = openDatabase(path, AGENT_MIGRATIONS);
    newer.pragma('wal_checkpoint(TRUNCATE)');
    newer.pragma('user_version = 99');
    const before = filesOf(folder);
    expect(() => openDatabase(path, AGENT_MIGRATIONS)).toThrow(refusal('HB_DATABASE_NEWER', /newer hearthbeat|--data/));
    expect(filesOf(folder)).toEqual(before);
    newer.close();
    const closed = filesOf(folder);
    expect(() => openDatabase(path, AGENT_MIGRATIONS)).toThrow(refusal('HB_DATABASE_NEWER', /newer/));
    expect(filesOf(folder)['agent.db']).toBe(closed['agent.db']);
  });

  it('that is no database, or a damaged one, is named and not overwritten', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'agent.db');
    writeFileSync(path, 'this is a letter, not a database'.repeat(100));
    const before = filesOf(folder);
    expect(() => openDatabase(path, AGENT_MIGRATIONS)).toThrow(refusal('HB_DATABASE_DAMAGED', /mv /));
    expect(filesOf(folder)).toEqual(before);
  });

  it('with a torn page is found out before it is used', () => {
    const path = join(temporaryFolder(), 'agent.db');
    const db = openDatabase(path, AGENT_MIGRATIONS);
    const insert = db.prepare('INSERT INTO device VALUES (?, ?)');
    for (let i = 0; i < 500; i++) insert.run(String(i), 'x'.repeat(200));
    db.close();
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096 * 20, 4096 * 22);
    writeFileSync(path, bytes);
    expect(() => openDatabase(path, AGENT_MIGRATIONS)).toThrow(refusal('HB_DATABASE_DAMAGED', /mv /));
  });

  it('can be read by a second process while the first one writes', () => {
    const path = join(temporaryFolder(), 'agent.db');
    const owner = openDatabase(path, AGENT_MIGRATIONS);
    const reader = openDatabaseReadOnly(path, AGENT_MIGRATIONS);
    owner.exec("INSERT INTO meta VALUES ('site', 'x')");
    expect(reader.prepare('SELECT value FROM meta').pluck().all()).toEqual(['x']);
    expect(() => reader.exec("INSERT INTO meta VALUES ('y', 'z')")).toThrow(/readonly/);
    reader.close();
    owner.close();
  });
});

describe('a data folder', () => {
  it('is made for this user alone', () => {
    const path = join(temporaryFolder(), 'a/b');
    const folder = openDataFolder(path, 'agent');
    expect(folder.databasePath).toBe(join(path, 'agent.db'));
    folder.release();
  });

  it('is for one process: a second one is told who has it', () => {
    const path = temporaryFolder();
    const folder = openDataFolder(path, 'agent');
    expect(() => openDataFolder(path, 'agent')).toThrow(refusal('HB_ALREADY_RUNNING', /Stop/));
    expect(() => openDataFolder(path, 'agent')).toThrow(new RegExp(`process ${process.pid}`));
    openDataFolder(path, 'desk').release();
    folder.release();
    openDataFolder(path, 'agent').release();
  });

  it('is free again the moment its process is killed', { timeout: 20_000 }, async () => {
    const path = temporaryFolder();
    for (let i = 0; i < 3; i++) {
      const child = startChild(process.execPath, [AGENT, path]);
      await child.ready();
      expect(() => openDataFolder(path, 'agent')).toThrow(refusal('HB_ALREADY_RUNNING', /Stop/));
      await child.kill('SIGKILL');
      openDataFolder(path, 'agent').release();
    }
  });

  it('that is a file, or lies below one, is refused', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    expect(() => openDataFolder(path, 'agent')).toThrow(refusal('HB_DATA_FOLDER', /Move that file away.*--data/));
    expect(() => openDataFolder(join(path, 'below'), 'agent')).toThrow(refusal('HB_DATA_FOLDER', /Move that file away.*--data/));
  });

  it('without the right to write is refused before anything is made in it', { timeout: 20_000 }, async () => {
    const path = join(temporaryFolder(), 'readonly');
    mkdirSync(path);
    chmodSync(path, 0o555);
    chmodSync(join(path, '..'), 0o755);
    // Root may write anywhere, so as root the attempt is made as nobody.
    const asNobody = process.getuid?.() === 0 ? 'process.setgid(65534); process.setuid(65534);' : '';
    const module = join(import.meta.dirname, '../../src/platform/data-folder.ts');
    const script = `import { openDataFolder } from ${JSON.stringify(module)}; ${asNobody}
      try { openDataFolder(${JSON.stringify(path)}, 'agent'); } catch (error) { console.log(error.code + ' ' + error.message); }`;
    const child = startChild(process.execPath, ['--input-type=module', '-e', script]);
    await child.ready();
    expect(child.lines()).toEqual([expect.stringMatching(/^HB_DATA_FOLDER .*may not write there/)]);
    expect(readdirSync(path)).toEqual([]);
  });
});

describe('kill -9 between and within commits', () => {
  it('loses nothing that was committed and keeps each alert together with its entry', { timeout: 60_000 }, async () => {
    const path = temporaryFolder();
    let announced = 0;
    for (let i = 0; i < 10; i++) {
      const child = startChild(process.execPath, [AGENT, path]);
      await child.ready();
      await sleep(20 + Math.random() * 150);
      await child.kill('SIGKILL');
      announced = Math.max(announced, ...child.lines().slice(1).map(Number));
    }
    const db = new Database(join(path, 'agent.db'));
    const alerts = db.prepare<[], string>('SELECT key FROM alert ORDER BY id').pluck().all();
    const entries = db.prepare<[], string>("SELECT body ->> 'key' FROM outbox ORDER BY pos").pluck().all();
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
    expect(entries).toEqual(alerts);
    expect(alerts).toEqual(Array.from({ length: alerts.length }, (_, n) => String(n + 1)));
    expect(announced).toBeGreaterThan(10);
    expect(alerts.length).toBeGreaterThanOrEqual(announced);
  });
});
