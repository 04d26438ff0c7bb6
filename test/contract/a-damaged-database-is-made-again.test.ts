import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { writeBackup } from '../../src/platform/backup/backup-file.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { draftOf, exchange, makeReady } from '../../src/platform/storage/exchange.ts';
import { openHubDatabase } from '../../src/platform/storage/hub-database.ts';
import type { RebuildOutcome } from '../../src/platform/storage/rebuild.ts';
import { salvage } from '../../src/platform/storage/salvage.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { alertOf, at, deviceOf, idOf, NOTHING, raisedEntry } from '../builders/entries.ts';
import { CAN_MOUNT, fillUp, mountSmallDisk, remount } from '../fakes/small-disk.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const PAGE = 4096;
const DEVICES = 120;

type Home = {
  readonly path: string;
  readonly folder: string;
  readonly notes: (RebuildOutcome & { why: string })[];
  open(): Database.Database;
};

type HomeOptions = { readonly backups?: readonly string[]; readonly folder?: string; readonly makeRoom?: () => boolean };

function home({ backups = [], folder = temporaryFolder(), makeRoom = () => false }: HomeOptions = {}): Home {
  const path = join(folder, 'agent.db');
  const notes: Home['notes'] = [];
  const open = (): Database.Database =>
    openHubDatabase({
      path,
      migrations: AGENT_MIGRATIONS,
      backups,
      prove: (db) => void storeOf(db).load(),
      note: (_, why, outcome) => notes.push({ why, ...outcome }),
      beforeMigration: () => undefined,
      makeRoom,
    }).db;
  return { path, folder, notes, open };
}

function storeOf(db: Database.Database, start = 1): AgentStore {
  return createAgentStore(db, { random: seededRandom(start), start: idOf(start) });
}

/** A hub that was lived with: devices, names that people gave, a silence, and entries that wait. */
function fill(path: string): void {
  const db = openDatabase(path, AGENT_MIGRATIONS);
  const store = storeOf(db);
  store.meta.set('site', 'site-1');
  const says = (n: number) => ({ device: idOf(n), keys: [`mac:${n}`], says: { name: { value: `name ${n}`, at: n } } });
  store.commitTick({ ...NOTHING, devices: Array.from({ length: DEVICES }, (_, n) => deviceOf(n)) });
  store.commitTick({ ...NOTHING, people: { cards: new Map(Array.from({ length: 40 }, (_, n) => [idOf(n), says(n)])), pins: [] } });
  store.commitTick({ ...NOTHING, silences: [] });
  for (let n = 0; n < 200; n++) {
    const alert = alertOf(`alert ${n}`, at(n));
    store.commitTick({ ...NOTHING, alerts: [alert], entries: [raisedEntry(alert, at(n))] });
  }
  db.close();
}

function overwrite(path: string, page: number, bytes = Buffer.alloc(PAGE, 0xaa)): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, page * PAGE);
  closeSync(file);
}

/** A log of another database of the same kind: played into one that it does not belong to, it puts pages of its own there. */
function staleLog(): string {
  const { path, folder } = home();
  const db = openDatabase(path, AGENT_MIGRATIONS);
  storeOf(db).meta.set('site', 'stale');
  copyFileSync(`${path}-wal`, join(folder, 'log'));
  db.close();
  return join(folder, 'log');
}

/** Page numbers, which begin at 1. */
function rootsOf(path: string): Set<number> {
  const db = openDatabase(path, AGENT_MIGRATIONS);
  const roots = new Set(db.prepare<[], number>('SELECT rootpage FROM sqlite_schema').pluck().all());
  db.close();
  return roots;
}

const countOf = (db: Database.Database) => {
  const store = storeOf(db, 2);
  const { devices, people } = store.load();
  return { site: store.meta.get('site'), devices: devices.length, named: people?.cards.size, waiting: store.outbox.waiting().count };
};

describe('a hub whose database is damaged', () => {
  it('goes on with all but the rows of the damaged pages, whichever they are', { timeout: 120_000 }, () => {
    const { path: source } = home();
    fill(source);
    const pages = statSync(source).size / PAGE;
    const roots = rootsOf(source);
    let badlyHit = 0;
    for (let page = 1; page < pages; page += 4) {
      const hub = home();
      copyFileSync(source, hub.path);
      overwrite(hub.path, page);
      const db = hub.open();
      const kept = countOf(db);
      // One page has no more than a fifth of one table; where it is the only one of a table, that table is lost and named.
      const cut = hub.notes.flatMap(({ cutTables }) => cutTables);
      if (!cut.includes('device')) expect(kept.devices).toBe(DEVICES);
      if (!cut.includes('correction')) expect(kept.named).toBe(40);
      if (!cut.includes('outbox')) expect(kept.waiting).toBe(200);
      if (!cut.includes('meta')) expect(kept.site).toBe('site-1');
      if (cut.length > 2) badlyHit++;
      // A leaf costs its own rows; the first page of a table all of them, and each page that says which table is where those that it names.
      else if (!roots.has(page + 1)) expect([kept.waiting > 180, kept.devices > 50, kept.named! > 15]).toEqual([true, true, true]);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
      expect(readFileSync(hub.notes.length > 0 ? `${hub.path}.aside` : hub.path).length).toBeGreaterThan(0);
    }
    expect(badlyHit).toBeLessThanOrEqual(1);
  });

  it('goes on with what is left of a file that was cut off', () => {
    const hub = home();
    fill(hub.path);
    truncateSync(hub.path, statSync(hub.path).size - 6 * PAGE);
    const kept = countOf(hub.open());
    expect(hub.notes).toEqual([expect.objectContaining({ isRead: true, backupAt: undefined })]);
    expect(kept).toMatchObject({ site: 'site-1', devices: DEVICES, named: 40 });
  });

  it('is as in its newest backup where nothing can be read, and passes over the numbers it may have given since', () => {
    const hub0 = home();
    fill(hub0.path);
    const backup = join(hub0.folder, 'weekly-0001.backup');
    writeBackup(hub0.path, backup, { about: { madeAt: 1_700_000_000_000, version: '1', host: 'h' }, files: [] });
    const useless = join(hub0.folder, 'weekly-0002.backup');
    copyFileSync(backup, useless);
    truncateSync(useless, 5 * PAGE);
    const hub = home({ backups: [useless, backup] });
    copyFileSync(hub0.path, hub.path);
    overwrite(hub.path, 0, Buffer.alloc(PAGE));
    const db = hub.open();
    expect(hub.notes).toEqual([expect.objectContaining({ isRead: false, backupAt: 1_700_000_000_000 })]);
    expect(countOf(db)).toEqual({ site: 'site-1', devices: DEVICES, named: 40, waiting: 0 });
    const alert = alertOf('next', at(1));
    const store = storeOf(db, 3);
    store.commitTick({ ...NOTHING, entries: [raisedEntry(alert, at(1))] });
    expect(store.outbox.next(0, 1)[0]?.pos).toBeGreaterThan(1_000_000);
    db.close();
  });

  it('takes no backup of another hub, as far as it knows who it is', () => {
    const other = home();
    fill(other.path);
    const db = openDatabase(other.path, AGENT_MIGRATIONS);
    storeOf(db).meta.set('site', 'site-2');
    db.close();
    const [foreign, own] = ['weekly-0002.backup', 'weekly-0001.backup'].map((name) => join(other.folder, name));
    const about = { about: { madeAt: 2, version: '1', host: 'h' }, files: [] };
    writeBackup(other.path, foreign!, about);
    const hub = home({ backups: [foreign!, own!] });
    fill(hub.path);
    writeBackup(hub.path, own!, { ...about, about: { ...about.about, madeAt: 1 } });
    truncateSync(hub.path, statSync(hub.path).size - 6 * PAGE);
    expect(countOf(hub.open()).site).toBe('site-1');
    expect(hub.notes).toEqual([expect.objectContaining({ backupAt: 1 })]);
  });

  it('starts anew where there is nothing at all, and keeps the damaged file', () => {
    const hub = home();
    const letter = 'this is a letter, not a database'.repeat(400);
    closeSync(openSync(hub.path, 'w'));
    overwrite(hub.path, 0, Buffer.from(letter));
    expect(countOf(hub.open())).toEqual({ site: undefined, devices: 0, named: 0, waiting: 0 });
    expect(hub.notes[0]?.why).toMatch(/^SQLITE_NOTADB/);
    expect(readFileSync(`${hub.path}.aside`, 'utf8')).toBe(letter);
  });

  it('leaves out what is no JSON any more', () => {
    const hub = home();
    fill(hub.path);
    const db = openDatabase(hub.path, AGENT_MIGRATIONS);
    db.prepare('UPDATE device SET body = substr(body, 1, 20) WHERE id = ?').run(idOf(7));
    db.close();
    overwrite(hub.path, statSync(hub.path).size / PAGE - 1);
    const kept = countOf(hub.open());
    expect(hub.notes).toHaveLength(1);
    expect(kept.devices).toBe(DEVICES - 1);
  });

  it('is the new one after a power cut at any step of the exchange', () => {
    for (const cut of ['before', 'log moved', 'database moved']) {
      const hub = home();
      fill(hub.path);
      const draft = openDatabase(draftOf(hub.path), AGENT_MIGRATIONS);
      draft.exec("INSERT INTO meta VALUES ('site', 'the new one')");
      draft.close();
      makeReady(hub.path);
      copyFileSync(staleLog(), `${hub.path}-wal`);
      if (cut !== 'before') renameSync(`${hub.path}-wal`, `${hub.path}.aside-wal`);
      if (cut === 'database moved') renameSync(hub.path, `${hub.path}.aside`);
      exchange(hub.path);
      const db = hub.open();
      expect(countOf(db).site).toBe('the new one');
      db.close();
      expect([existsSync(`${hub.path}.ready`), existsSync(`${hub.path}.aside`)]).toEqual([false, true]);
    }
  });
});

describe.skipIf(!CAN_MOUNT)('a hub whose database is damaged on a disk that is nearly full', { timeout: 60_000 }, () => {
  const KEPT_BYTES = 12 * 1024 * 1024;

  /** With `free` KiB, and room for two more databases kept back. */
  function crowded(free: number, damagedPage: (pages: number) => number): Home {
    const folder = join(temporaryFolder(), 'data');
    const [kept, backup] = [join(folder, 'kept-back'), join(folder, 'weekly-0001.backup')];
    mountSmallDisk(folder, 32 * 1024, onTestFinished);
    const makeRoom = (): boolean => {
      const isKept = existsSync(kept);
      rmSync(kept, { force: true });
      return isKept;
    };
    const hub = home({ folder, backups: [backup], makeRoom });
    fill(hub.path);
    writeBackup(hub.path, backup, { about: { madeAt: 1_700_000_000_000, version: '1', host: 'h' }, files: [] });
    overwrite(hub.path, damagedPage(statSync(hub.path).size / PAGE));
    writeFileSync(kept, Buffer.alloc(KEPT_BYTES));
    const film = fillUp(folder);
    truncateSync(film, statSync(film).size - free * 1024);
    return hub;
  }

  it('goes on with all that can be read, in the space that was kept back', () => {
    for (let free = 0; free <= 4_000; free += 200) {
      const hub = crowded(free, (pages) => pages - 1);
      const { waiting, ...kept } = countOf(hub.open());
      expect([free, kept, hub.notes.at(-1)?.isRead]).toEqual([free, { site: 'site-1', devices: DEVICES, named: 40 }, true]);
      // A page has some of them.
      expect(waiting).toBeGreaterThan(180);
    }
  });

  it('has no row taken for a broken one where only the space ends', () => {
    const [damaged, small] = [home(), home()];
    fill(damaged.path);
    const into = openDatabase(small.path, AGENT_MIGRATIONS);
    into.pragma(`max_page_count = ${statSync(small.path).size / PAGE + 40}`);
    expect(() => salvage(damaged.path, into)).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }));
    expect(countOf(into)).toEqual({ site: undefined, devices: 0, named: 0, waiting: 0 });
    into.close();
  });

  it('takes its backup there too', () => {
    for (const free of [0, 400, 800]) {
      const hub = crowded(free, () => 0);
      expect([free, countOf(hub.open())]).toEqual([free, { site: 'site-1', devices: DEVICES, named: 40, waiting: 0 }]);
    }
  });
});

describe.skipIf(!CAN_MOUNT)('a damaged database on a disk that refuses to be written', () => {
  function worn(damagedPage: (pages: number) => number): { readonly hub: Home; readonly found: Buffer } {
    const folder = join(temporaryFolder(), 'data');
    mountSmallDisk(folder, 20 * 1024, onTestFinished);
    const backup = join(temporaryFolder(), 'weekly-0001.backup');
    const hub = home({ folder, backups: [backup] });
    fill(hub.path);
    writeBackup(hub.path, backup, { about: { madeAt: 1_700_000_000_000, version: '1', host: 'h' }, files: [] });
    overwrite(hub.path, damagedPage(statSync(hub.path).size / PAGE), Buffer.alloc(PAGE));
    remount(folder, 'ro');
    return { hub, found: readFileSync(hub.path) };
  }

  it('is made again in memory of what can be read, and stays as it is', () => {
    const { hub, found } = worn((pages) => pages - 1);
    const { waiting, ...kept } = countOf(hub.open());
    expect([kept, hub.notes.map(({ isRead }) => isRead)]).toEqual([{ site: 'site-1', devices: DEVICES, named: 40 }, [true]]);
    expect(waiting).toBeGreaterThan(180);
    expect(readFileSync(hub.path).equals(found)).toBe(true);
  });

  it('has its backup stand in where nothing can be read', () => {
    const { hub } = worn(() => 0);
    expect(countOf(hub.open())).toEqual({ site: 'site-1', devices: DEVICES, named: 40, waiting: 0 });
    expect(hub.notes).toEqual([expect.objectContaining({ isRead: false, backupAt: 1_700_000_000_000 })]);
  });
});

describe('what is no damage of the file', () => {
  it('does not put a hub aside: a newer version, and a migration that fails', () => {
    const hub = home();
    fill(hub.path);
    const db = openDatabase(hub.path, AGENT_MIGRATIONS);
    db.pragma('user_version = 99');
    db.close();
    expect(() => hub.open()).toThrow(expect.objectContaining({ code: 'HB_DATABASE_NEWER' }));
    const other = home();
    const broken = [...AGENT_MIGRATIONS, { name: 'broken', sql: 'INSERT INTO nowhere VALUES (1)' }];
    fill(other.path);
    const options = { path: other.path, backups: [], prove: () => undefined, note: () => undefined, beforeMigration: () => undefined };
    expect(() => openHubDatabase({ ...options, migrations: broken, makeRoom: () => false })).toThrow();
    expect([existsSync(`${hub.path}.aside`), existsSync(`${other.path}.aside`)]).toEqual([false, false]);
  });

  it('such as a copy that was made without its log opens as it was before', () => {
    const hub = home();
    fill(hub.path);
    const db = openDatabase(hub.path, AGENT_MIGRATIONS);
    storeOf(db).meta.set('site', 'later');
    const copy = home();
    copyFileSync(hub.path, copy.path);
    db.close();
    expect(countOf(copy.open()).site).toBe('site-1');
    expect(copy.notes).toEqual([]);
  });
});
