/** What only a desk on a PostgreSQL server promises: how it opens, what it refuses, and what it does while the server is away. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import { DatabaseAway } from '../../src/desk/store/away.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { findSite, listSites, saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { openDeskPostgres } from '../../src/platform/desk-postgres.ts';
import type { PostgresPlace } from '../../src/platform/postgres-pool.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { AUTHORITY, OF_ANOTHER_AUTHORITY, RIGHT } from '../fakes/broker-certificates.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { freePort } from '../fakes/mosquitto-program.ts';
import { GUARDED, SKIP_POSTGRES } from '../fakes/postgres-program.ts';
import { asked, deskDatabase, IN_ENGLISH, newDatabase } from '../fakes/postgres-server.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

/** Ten seconds of patience are over at once. */
const hurried: Clock = {
  now: () => ({ monoMs: 100 * performance.now(), wallMs: Date.now() }),
  setTimer: (delayMs, task) => systemClock.setTimer(delayMs / 100, task),
};

async function open(
  place: PostgresPlace,
  { log = silentLog, clock = systemClock }: { log?: Log; clock?: Clock } = {},
): Promise<DeskDatabase> {
  const database = await openDeskPostgres(place, { clock, log });
  onTestFinished(() => database.destroy());
  return database;
}

describe.skipIf(SKIP_POSTGRES)('a desk on PostgreSQL (sudo apt-get install postgresql)', () => {
  it('has the tables and columns that it has on SQLite', async () => {
    const columnsOf = async (database: DeskDatabase): Promise<string[]> => {
      const tables = await database.introspection.getTables();
      return tables.flatMap(({ name: table, columns }) => columns.map(({ name, isNullable }) => `${table}.${name} ${isNullable}`)).sort();
    };
    const sqlite = await openDeskDatabase(join(temporaryFolder(), 'desk.db'));
    // SQLite does not say of a table's only key that it is never null.
    const wanted = (await columnsOf(sqlite)).map((column) =>
      column.replace(
        /^(site\.id|event\.seq|quarantine\.seq|ticket\.number|device_entry\.no|notice\.seq|notice_receiver\.name|notice_seen\.ticket|incident\.number|shift\.name|time_entry\.no|policy_version\.n|contact\.no|home_note\.no|vendor_contract\.no|vendor_case\.no|home_(?:visit|link|picture)\.no) true$/,
        '$1 false',
      ),
    );
    expect(wanted.length).toBeGreaterThan(80);
    expect(await columnsOf(await open(await deskDatabase()))).toEqual(wanted);
  });

  it('is brought up to date once, however many desks start together', async () => {
    const place = await newDatabase(IN_ENGLISH);
    const databases = await Promise.all(Array.from({ length: 4 }, () => open(place)));
    const steps = await asked<{ name: string }>(place, 'select name from kysely_migration order by name');
    expect(steps.map(({ name }) => name.slice(0, 4))).toEqual([
      '0001',
      '0002',
      '0003',
      '0004',
      '0005',
      '0006',
      '0007',
      '0008',
      '0010',
      '0011',
      '0012',
      '0013',
      '0014',
      '0015',
      '0016',
      '0017',
      '0018',
      '0019',
      '0020',
      '0022',
    ]);
    await saveSite(databases[0]!, { id: 'one' }, 1);
    expect(await listSites(databases[3]!)).toMatchObject([{ id: 'one' }]);
  });

  it('leaves the database of a newer version as it is', async () => {
    const place = await deskDatabase();
    await asked(place, "insert into kysely_migration values ('9999-from-the-future', '')");
    await expect(open(place)).rejects.toMatchObject({
      code: 'HB_DATABASE_NEWER',
      message: expect.stringContaining('9999-from-the-future'),
      fix: expect.stringContaining('desk.database.url'),
    });
    expect(await asked(place, 'select * from kysely_migration')).toHaveLength(21);
  });

  it('sorts by bytes what its server would sort as people do, and gives numbers as numbers', async () => {
    const place = await deskDatabase();
    const database = await open(place);
    for (const id of ['a', 'B', 'b', 'A', 'ä']) await saveSite(database, { id }, 1_700_000_000_000);
    expect((await asked<{ id: string }>(place, 'select id from site order by id collate "default"')).map(({ id }) => id).join('')).toBe(
      'aAäbB',
    );
    const sites = await listSites(database);
    expect(sites.map(({ id }) => id).join('')).toBe('ABabä');
    expect(sites[0]).toMatchObject({ registered_at: 1_700_000_000_000, heartbeat_s: 30 });
    const { rows } = await sql`select count(*) as count, sum(registered_at) as sum from site`.execute(database);
    expect(rows).toEqual([{ count: 5, sum: 5 * 1_700_000_000_000 }]);
  });

  it('is committed to the disk, also where the server does not do that by itself', async () => {
    const place = await deskDatabase();
    await asked(place, `alter database ${place.name} set synchronous_commit = off`);
    const { rows } = await sql`show synchronous_commit`.execute(await open(place));
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('lets one transaction at a time work, and another see what that has done', async () => {
    const place = await deskDatabase();
    const desks = [await open(place), await open(place)];
    await saveSite(desks[0]!, { id: 'home' }, 0);
    const addOne = (database: DeskDatabase): Promise<void> =>
      database.transaction().execute(async (db) => {
        const [site] = await listSites(db);
        await db
          .updateTable('site')
          .set({ registered_at: site!.registered_at + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 40 }, (_, i) => addOne(desks[i % 2]!)));
    expect(await listSites(desks[1]!)).toMatchObject([{ registered_at: 40 }]);
  });

  it('is opened all the same where the connection is lost on which it is brought up to date', async () => {
    const place = await newDatabase(IN_ENGLISH);
    const other = new pg.Client({ ...place, database: place.name, ssl: false });
    await other.connect();
    onTestFinished(() => other.end());
    // A step waits until it is known whether this table will be there.
    await other.query('begin; create table site (id text)');
    const opening = open(place);
    const waiting = "from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'create table%'";
    await expect.poll(() => asked(place, `select pid ${waiting}`)).toHaveLength(1);
    await asked(place, `select pg_terminate_backend(pid) ${waiting}`);
    await other.query('rollback');
    expect(await listSites(await opening)).toEqual([]);
  });

  it('takes no harm from connections that are lost, also in a transaction, and from tables that another version has changed', async () => {
    const place = await deskDatabase();
    const database = await open(place);
    const kill = () =>
      asked(
        { ...place, name: 'postgres' },
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hearthbeat desk'",
      );
    await saveSite(database, { id: 'home' }, 1);
    await kill();
    const cut = database.transaction().execute(async (db) => {
      await saveSite(db, { id: 'lost' }, 2);
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db);
    });
    await expect(cut).rejects.toThrow(DatabaseAway);
    await expect(cut).rejects.toThrow('terminating connection due to administrator command');
    const idle = database.transaction().execute(async (db) => {
      await kill();
      await sleep(50);
      await listSites(db);
    });
    await expect(idle).rejects.toThrow(DatabaseAway);
    // One that is lost while nobody uses it may be noticed by who uses it next.
    await expect.poll(() => listSites(database).catch(() => [])).toMatchObject([{ id: 'home' }]);
    await asked({ ...place, name: 'postgres' }, `alter database ${place.name} allow_connections false`);
    await kill();
    await sleep(50);
    await expect(listSites(database)).rejects.toThrow(DatabaseAway);
    await asked({ ...place, name: 'postgres' }, `alter database ${place.name} allow_connections true`);
    expect(await findSite(database, 'home')).not.toHaveProperty('city');
    await asked(place, 'alter table site add column city text');
    await expect(findSite(database, 'home')).rejects.toThrow(DatabaseAway);
    expect(await findSite(database, 'home')).toMatchObject({ city: null });
  });

  it('speaks TLS where it is told to, and only with the right certificate', async () => {
    const place = await deskDatabase();
    const { rows } = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(
      await open({ ...place, tls: { ca: AUTHORITY } }),
    );
    expect(rows).toEqual([{ ssl: true }]);
    const wrong = { code: 'HB_DATABASE_UNREACHABLE', message: expect.stringContaining('authority unknown here') };
    await expect(open({ ...place, tls: {} })).rejects.toMatchObject(wrong);
    await expect(open({ ...place, tls: { ca: OF_ANOTHER_AUTHORITY } })).rejects.toMatchObject(wrong);
    await expect(open({ ...place, host: '127.0.0.2', tls: { ca: AUTHORITY } }, { clock: hurried })).rejects.toMatchObject({
      code: 'HB_DATABASE_UNREACHABLE',
    });
    expect(RIGHT).not.toBe(AUTHORITY);
  });

  it('is refused in words, with what to do about it', async () => {
    const place = await deskDatabase();
    await asked(place, `drop role if exists ${GUARDED}`);
    await asked(place, `create role ${GUARDED} login password 'right'`);
    const refused = (message: string, fix: string) => ({
      code: 'HB_DATABASE_REFUSED',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
    const guarded = { ...place, user: GUARDED };
    await expect(open({ ...guarded, password: 'wrong' })).rejects.toMatchObject(
      refused('refuses the user guarded', 'Check the user in desk.database.url and its password.'),
    );
    await expect(open(guarded)).rejects.toMatchObject(refused('refuses the user guarded', 'its password'));
    await expect(open({ ...place, name: 'nowhere' })).rejects.toMatchObject(
      refused('The database nowhere on 127.0.0.1', 'createdb --encoding UTF8 --template template0 --owner hearthbeat nowhere'),
    );
    const strange = await newDatabase(IN_ENGLISH);
    await expect(open({ ...strange, user: GUARDED, password: 'right' })).rejects.toMatchObject(
      refused('does not let the user guarded make tables', 'createdb'),
    );
    const bytes = await newDatabase("template template0 encoding 'SQL_ASCII' locale 'C'");
    await expect(open(bytes)).rejects.toMatchObject(refused('its encoding is SQL_ASCII', 'createdb --encoding UTF8'));
  });

  it('is waited for when it starts at the same time, told once, and given up in words', async () => {
    const told: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void told.push(message) } satisfies Log;
    const nowhere = { host: '127.0.0.1', port: await freePort(), name: 'homes', user: 'desk' };
    const startedMs = performance.now();
    await expect(open(nowhere, { log, clock: hurried })).rejects.toMatchObject({
      code: 'HB_DATABASE_UNREACHABLE',
      message: `The database homes on 127.0.0.1:${nowhere.port} cannot be reached: nothing listens on that port.`,
    });
    expect(performance.now() - startedMs).toBeGreaterThan(90);
    expect(told).toHaveLength(1);
  });
});
