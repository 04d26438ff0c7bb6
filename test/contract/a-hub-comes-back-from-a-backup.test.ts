import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import {
  automaticBackups,
  isBackupDue,
  keepAutomatic,
  keepBeforeMigration,
  newestAutomatic,
  startWeeklyBackups,
} from '../../src/platform/backup/automatic-backup.ts';
import { readBackup, writeBackup } from '../../src/platform/backup/backup-file.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { at, deviceOf, healthOf, idOf, NOTHING } from '../builders/entries.ts';
import { startChild } from '../fakes/child.ts';
import { CAN_BE_NOBODY, type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const COMMITTING_AGENT = new URL('../fakes/committing-agent.ts', import.meta.url).pathname;
const DAY_MS = 86_400_000;
const NOBODY = 65_534;
const ABOUT = { about: { madeAt: 0, version: '0', host: 'hub' }, files: [] };

/** A hub of two devices with settings and a secret beside it. */
function leaveHub(place: Workplace): { data: string; settings: string; secret: string } {
  const data = join(place.folder, 'data');
  const own = join(place.folder, 'settings/hearthbeat');
  mkdirSync(own, { recursive: true });
  mkdirSync(data);
  const db = openDatabase(join(data, 'agent.db'), AGENT_MIGRATIONS);
  const store = createAgentStore(db, { random: seededRandom('left'), start: idOf(99) });
  store.meta.set('site', idOf(7));
  store.commitTick({ ...NOTHING, devices: [deviceOf(1), deviceOf(2)], health: [healthOf(1, 'up', at(1)), healthOf(2, 'up', at(1))] });
  store.close();
  writeFileSync(join(data, 'lifecycle-own.jsonl'), '{"id":"own"}\n');
  const secret = join(own, 'desk.password');
  writeFileSync(secret, 'hush\n', { mode: 0o600 });
  const settings = join(own, 'hearthbeat.yaml');
  writeFileSync(settings, `data: ${data}\nuplink: { brokers: [mqtts://desk.example], passwordFile: ${secret} }\n`);
  return { data, settings, secret };
}

describe.concurrent('a blank hub', { timeout: 90_000 }, () => {
  it('is the one that was backed up, with its devices, settings and secrets', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data, settings, secret } = leaveHub(place);
    const made = await place.run(['backup', 'hub.backup']);
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/hub\.backup: the whole hub with 3 files .*\n.*holds the password/),
    });
    expect(statSync(join(place.folder, 'hub.backup')).mode & 0o777).toBe(0o600);
    const before = JSON.parse((await place.run(['device', 'list', '--json'])).stdout);
    expect(before.devices).toHaveLength(2);
    for (const path of [data, settings, secret]) rmSync(path, { recursive: true });

    const restored = await place.run(['restore', 'hub.backup', '--data', data]);
    expect(restored.stdout).toMatch(new RegExp(`site ${idOf(7)}, 2 devices`));
    expect(restored.code).toBe(0);
    expect(readFileSync(secret, 'utf8')).toBe('hush\n');
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(data, 'lifecycle-own.jsonl'), 'utf8')).toBe('{"id":"own"}\n');
    expect(JSON.parse((await place.run(['device', 'list', '--json'])).stdout).devices).toEqual(before.devices);
    const db = new Database(join(data, 'agent.db'));
    expect(db.prepare("SELECT value FROM meta WHERE key = 'site'").pluck().get()).toBe(idOf(7));
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'backup%'").pluck().get()).toBe(0);
    db.close();
  });

  it('keeps the settings that somebody made for it, and says so', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data, settings } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    rmSync(data, { recursive: true });
    writeFileSync(settings, `data: ${data}\nsite: { name: New }\n`);
    const { stdout } = await place.run(['restore', 'hub.backup']);
    expect(stdout).toContain(`${settings} stays as it is`);
    expect(readFileSync(settings, 'utf8')).toContain('New');
  });

  it('that is none is put aside only by --force, with what was in its write-ahead log', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    expectRefusal(await place.run(['restore', 'hub.backup']), { says: /There is a hub in .* already/, fix: /--force/, exit: 2 }, expect);
    const { aside } = JSON.parse((await place.run(['restore', 'hub.backup', '--force', '--json'])).stdout);
    const kept = new Database(aside, { readonly: true });
    expect(kept.prepare('SELECT count(*) FROM device').pluck().get()).toBe(2);
    kept.close();
    expect(existsSync(join(data, 'agent.db'))).toBe(true);
  });

  it.runIf(CAN_BE_NOBODY)('belongs to the user of its folder, though root restores it', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data, settings, secret } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    for (const path of [data, settings, secret]) rmSync(path, { recursive: true });
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    expect((await place.run(['restore', 'hub.backup', '--data', data])).code).toBe(0);
    for (const path of [...readdirSync(data).map((name) => join(data, name)), settings, secret])
      expect(statSync(path).uid, path).toBe(NOBODY);
  });

  it.runIf(CAN_BE_NOBODY)(
    'comes back for a user who may not write the settings, and they are put aside',
    async ({ expect, onTestFinished }) => {
      const place = workplace(onTestFinished);
      const { data, settings, secret } = leaveHub(place);
      await place.run(['backup', 'hub.backup']);
      chmodSync(join(place.folder, 'hub.backup'), 0o644);
      for (const path of [data, settings, secret]) rmSync(path, { recursive: true });
      mkdirSync(data);
      chownSync(data, NOBODY, NOBODY);
      const { code, stdout, stderr } = await place.run(['restore', 'hub.backup', '--data', data], { asNobody: true });
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/hearthbeat\.yaml may not be written by this user: it was put into .*restored.hearthbeat\.yaml/);
      expect(readFileSync(join(data, 'restored/desk.password'), 'utf8')).toBe('hush\n');
    },
  );

  it('stays the one that it was where the backup does not fit', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    mkdirSync(join(data, 'agent.db.new'));
    expect((await place.run(['restore', 'hub.backup', '--force'])).code).not.toBe(0);
    expect(readdirSync(data)).toContain('agent.db');
    expect(readdirSync(data).filter((name) => name.startsWith('before-restore'))).toEqual([]);
  });

  it('is not mixed with what was left of the write-ahead log of another', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    const other = new Database(join(data, 'agent.db'));
    other.exec("UPDATE meta SET value = 'another' WHERE key = 'site'");
    const log = readFileSync(join(data, 'agent.db-wal'));
    other.close();
    rmSync(join(data, 'agent.db'));
    writeFileSync(join(data, 'agent.db-wal'), log);
    expect((await place.run(['restore', 'hub.backup'])).code).toBe(0);
    const db = new Database(join(data, 'agent.db'));
    expect(db.prepare("SELECT value FROM meta WHERE key = 'site'").pluck().get()).toBe(idOf(7));
    db.close();
  });

  it('is not made of a hub that runs', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    const held = new Database(join(data, 'agent.lock'));
    held.exec('BEGIN EXCLUSIVE');
    onTestFinished(() => void held.close());
    expectRefusal(
      await place.run(['restore', 'hub.backup', '--force']),
      { says: /Another hearthbeat agent/, fix: /Stop that one/ },
      expect,
    );
  });

  it.for<[what: string, spoil: (bytes: Buffer) => Buffer, says: RegExp]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2), /is damaged/],
    ['overwritten in the middle', (bytes) => bytes.fill(0xaa, 8_192, 16_384), /is damaged/],
    ['a letter', () => Buffer.from('Dear hub, '.repeat(1_000)), /is no backup/],
    ['empty', () => Buffer.alloc(0), /is no backup/],
  ])('is not made of a file that is %s', async ([, spoil, says], { expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    place.file('hub.backup', spoil(readFileSync(join(place.folder, 'hub.backup'))));
    rmSync(data, { recursive: true });
    const outcome = await place.run(['restore', 'hub.backup', '--json']);
    expectRefusal(outcome, { says, fix: /backup/ }, expect);
    expect(refusalDocument(outcome).code).toBe('HB_BACKUP_UNUSABLE');
    expect(existsSync(join(data, 'agent.db'))).toBe(false);
  });

  it('is not made of a newer one, nor of any other database', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    const plain = await place.run(['restore', join(data, 'agent.db'), '--force']);
    expectRefusal(plain, { says: /is no backup/, fix: /hearthbeat backup/ }, expect);
    await place.run(['backup', 'hub.backup']);
    const db = new Database(join(place.folder, 'hub.backup'));
    db.pragma('user_version = 99');
    db.close();
    expectRefusal(
      await place.run(['restore', 'hub.backup', '--force']),
      { says: /newer than this one/, fix: /Install that version/ },
      expect,
    );
  });
});

describe.concurrent('whoever hands somebody a backup', { timeout: 90_000 }, () => {
  it('does not choose where in the machine it writes, nor what the terminal shows', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    const target = join(place.folder, 'cron.d/evil');
    const db = new Database(join(place.folder, 'hub.backup'));
    const put = db.prepare("INSERT INTO backup_file VALUES (?, ?, 2541, CAST('x' AS BLOB))");
    put.run('secret', target);
    put.run('secret', join(place.folder, 'settings/hearthbeat/../../up'));
    put.run('data', '../outside');
    put.run('data', 'agent.db');
    db.exec(`UPDATE backup_about SET value = json_set(value, '$.host', 'a' || char(27) || '[31m')`);
    db.close();
    rmSync(data, { recursive: true });
    const { code, stdout, stderr } = await place.run(['restore', 'hub.backup', '--data', data]);
    expect(code, stderr).toBe(0);
    expect(existsSync(target)).toBe(false);
    for (const path of ['outside', 'up']) expect(existsSync(join(place.folder, path)), path).toBe(false);
    expect(stdout).toContain("is no place of hearthbeat's");
    expect(stdout).not.toContain('\u001b');
    expect(statSync(join(data, 'restored/evil')).mode & 0o7000).toBe(0);
  });
});

describe.concurrent('a backup that somebody made up', { timeout: 90_000 }, () => {
  it.for<[what: string, change: string]>([
    [
      'a view without end',
      "DROP TABLE backup_file; CREATE VIEW backup_file AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'data' AS place, 'a' || i AS name, 0 AS mode, zeroblob(9) AS content FROM n",
    ],
    ['a trigger', 'CREATE TRIGGER evil AFTER UPDATE ON meta BEGIN DELETE FROM device; END'],
    ['a date that is none', "UPDATE backup_about SET value = json_set(value, '$.madeAt', 9e15)"],
    ['a file that is a folder', "INSERT INTO backup_file VALUES ('secret', '/..', 384, x'00')"],
    ['a name that the terminal would obey', "INSERT INTO backup_file VALUES ('secret', '/tmp/' || char(27) || '[31m', 384, x'00')"],
  ])('with %s is refused, and nothing is changed', async ([, change], { expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    rmSync(data, { recursive: true });
    const db = new Database(join(place.folder, 'hub.backup'));
    db.exec(change);
    db.close();
    const outcome = await place.run(['restore', 'hub.backup', '--data', data], { limitMs: 8_000 });
    expectRefusal(outcome, { says: /is no backup of a hub\. Nothing was changed/, fix: /hearthbeat backup/ }, expect);
    expect(existsSync(data)).toBe(false);
  });

  it('puts nothing that a shell would run beside the settings', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    await place.run(['backup', 'hub.backup']);
    const db = new Database(join(place.folder, 'hub.backup'));
    db.prepare("INSERT INTO backup_file VALUES ('secret', ?, 493, CAST('x' AS BLOB))").run(join(place.folder, '.bash_profile'));
    db.close();
    rmSync(data, { recursive: true });
    const settings = place.file('hearthbeat.yaml', '');
    expect((await place.run(['restore', 'hub.backup', '--data', data, '--config', settings])).code).toBe(0);
    expect(existsSync(join(place.folder, '.bash_profile'))).toBe(false);
    expect(existsSync(join(data, 'restored/.bash_profile'))).toBe(true);
  });
});

describe('a backup', () => {
  it('of a hub that writes all the time is one instant of it, whole', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const child = startChild(process.execPath, [COMMITTING_AGENT, folder]);
    await child.ready();
    for (let i = 0; i < 10; i++) {
      const before = child.lines().length - 1;
      const target = join(folder, `${i}.backup`);
      writeBackup(join(folder, 'agent.db'), target, ABOUT);
      expect(readBackup(target).databaseVersion).toBe(AGENT_MIGRATIONS.length);
      const db = new Database(target, { readonly: true });
      const alerts = db.prepare<[], number>('SELECT count(*) FROM alert').pluck().get() ?? 0;
      expect(db.prepare('SELECT count(*) FROM outbox').pluck().get()).toBe(alerts);
      db.close();
      expect(alerts).toBeGreaterThanOrEqual(before);
    }
    await child.kill('SIGKILL');
  });

  it('that does not fit leaves the one before as it is, and nothing half', () => {
    const folder = temporaryFolder();
    openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS).close();
    const target = join(folder, 'x.backup');
    writeBackup(join(folder, 'agent.db'), target, ABOUT);
    const before = readFileSync(target);
    const files = [
      { place: 'data', name: 'a', mode: 0, content: Buffer.alloc(1) },
      { place: 'data', name: 'a', mode: 0, content: Buffer.alloc(1) },
    ] as const;
    expect(() => writeBackup(join(folder, 'agent.db'), target, { ...ABOUT, files })).toThrow();
    expect(readFileSync(target)).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('is made before a database is brought up to date, and not at any other start', () => {
    const path = join(temporaryFolder(), 'agent.db');
    const asked: number[] = [];
    const open = (migrations: readonly { name: string; sql: string }[]): void => {
      openDatabase(path, migrations, (version) => void asked.push(version)).close();
    };
    const steps = [{ name: 'one', sql: 'CREATE TABLE one (a)' }];
    open(steps);
    open(steps);
    expect(asked).toEqual([]);
    open([...steps, { name: 'two', sql: 'CREATE TABLE two (a)' }]);
    expect(asked).toEqual([1]);
  });
});

describe('the weekly backups', () => {
  it('are the newest four, whatever the clock says, and none is forgotten for one that failed', () => {
    const folder = join(temporaryFolder(), 'backups');
    const write = (target: string): number => {
      writeFileSync(target, target);
      return 1;
    };
    for (let i = 0; i < 6; i++) keepAutomatic(folder, write);
    const four = ['weekly-0003.backup', 'weekly-0004.backup', 'weekly-0005.backup', 'weekly-0006.backup'];
    expect(readdirSync(folder).sort()).toEqual(four);
    const full = (): number => {
      throw new Error('full');
    };
    expect(() => keepAutomatic(folder, full)).toThrow('full');
    expect(readdirSync(folder).sort()).toEqual(four);
    for (const version of [1, 2, 9, 10]) keepBeforeMigration(folder, version, write);
    expect(readdirSync(folder).sort()).toEqual(['before-version-10.backup', 'before-version-11.backup', ...four]);
  });

  it('are taken in the order in which they were made', () => {
    const folder = temporaryFolder();
    const made = (path: string, day: number): void => {
      writeFileSync(path, '');
      utimesSync(path, day, day);
    };
    const weekly = (day: number): unknown =>
      keepAutomatic(folder, (path) => {
        made(path, day);
        return 0;
      });
    for (const day of [1, 2]) weekly(day);
    keepBeforeMigration(folder, 8, (path) => made(path, 3));
    // By the clock of then, which was wrong: the numbers know better.
    weekly(0);
    keepBeforeMigration(folder, 9, (path) => made(path, 5));
    weekly(4);
    const names = automaticBackups(folder).map((path) => basename(path, '.backup'));
    expect(names).toEqual(['before-version-10', 'weekly-0004', 'before-version-9', 'weekly-0003', 'weekly-0002', 'weekly-0001']);
  });

  it('are due where there is none, or when the newest is a week away by the clock, in whichever direction', () => {
    const folder = temporaryFolder();
    const clock = new VirtualClock();
    const now = clock.now().wallMs;
    expect(isBackupDue(newestAutomatic(folder), clock)).toBe(true);
    const { path } = keepAutomatic(folder, (target) => {
      writeFileSync(target, '');
      return 0;
    });
    for (const [days, isDue] of [
      [0, false],
      [-6.9, false],
      [-7, true],
      [6, false],
      [8, true],
    ] as const) {
      utimesSync(path, new Date(), new Date(now + days * DAY_MS));
      expect(isBackupDue(newestAutomatic(folder), clock), `${days}`).toBe(isDue);
    }
  });

  it('are made once a week, however often the clock is set', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const clock = new VirtualClock();
    const made = join(folder, 'made');
    const script = join(folder, 'backs-up.mjs');
    writeFileSync(script, `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(made)}, 'x');`);
    const told: string[] = [];
    const note = (words: string): void => void told.push(words);
    const log = { debug: note, info: note, warn: note, error: note };
    const weekly = startWeeklyBackups({ program: [process.execPath, script], flags: [], folder, clock, log });
    const count = (): number => (existsSync(made) ? readFileSync(made, 'utf8').length : 0);
    const untilTold = async (times: number): Promise<void> => {
      for (let i = 0; i < 400 && told.length < times; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await clock.advance(3_600_000);
    await untilTold(1);
    expect(told).toEqual(['The hub was backed up.']);
    for (const days of [400, -400, 8, -8, 30]) {
      clock.stepWall(days * DAY_MS);
      await clock.advance(3_600_000);
      // Time for a process that should not be there.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(count()).toBe(1);
    await clock.advance(7 * DAY_MS);
    await untilTold(2);
    expect(count()).toBe(2);
    weekly.close();
  });

  it('are what `backup --automatic` makes', { timeout: 30_000 }, async ({ onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = leaveHub(place);
    expect(JSON.parse((await place.run(['backup', '--automatic', '--json'])).stdout).path).toBe(join(data, 'backups/weekly-0001.backup'));
    expect(readBackup(join(data, 'backups/weekly-0001.backup')).about).toMatchObject({ site: idOf(7), devices: 2 });
  });
});
