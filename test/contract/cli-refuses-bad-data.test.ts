import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, it } from 'vitest';
import { CAN_BE_NOBODY, type RunningCommand, type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';
import { CAN_MOUNT, mountSmallDisk } from '../fakes/small-disk.ts';

const TIMEOUT_MS = 60_000;
const DISK_KB = 768;
const ANOTHER = /choose another (one|folder) with --data/;

/** Settings with which an agent says nothing to the network of this machine. */
const QUIET = `lan:\n  exclude: [${Object.keys(networkInterfaces()).join(', ')}]\ninternet:\n  anchors: []\n`;

type Place = Workplace & { readonly data: string; readonly port: number; readonly args: (verb: string) => string[] };

/** With a desk on free ports. */
function quietPlace(onTestFinished: Parameters<typeof workplace>[0], data = 'data'): Place {
  const place = workplace(onTestFinished);
  const port = 20_000 + 2 * Math.floor(Math.random() * 6_000);
  const settings = place.file('hearthbeat.yaml', `${QUIET}desk:\n  page: { port: ${port} }\n  broker: { port: ${port + 1} }\n`);
  const folder = join(place.folder, data);
  return { ...place, data: folder, port, args: (verb) => [...verb.split(' '), '--config', settings, '--data', folder] };
}

async function untilUp(running: RunningCommand, verb: string): Promise<void> {
  await running.said(verb === 'desk' ? 'broker:' : 'The agent is watching.');
}

async function startedAndStopped(place: Place, verb: string): Promise<void> {
  const running = place.start(place.args(verb));
  await untilUp(running, verb);
  running.kill('SIGTERM');
  await running.ended;
}

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.concurrent('a data folder that cannot be used is refused', { timeout: TIMEOUT_MS }, () => {
  for (const verb of ['agent', 'desk']) {
    it(`by ${verb} when it is a file or lies below one`, async ({ expect, onTestFinished }) => {
      const place = quietPlace(onTestFinished);
      const file = place.file('file', 'precious');
      const refusal = { says: /cannot be used: it, or a part of its path, is a file/, fix: /Move that file away, or choose another/ };
      expectRefusal(await place.run([...place.args(verb), '--data', file]), refusal, expect);
      expectRefusal(await place.run([...place.args(verb), '--data', join(file, 'below')]), refusal, expect);
      expect(readFileSync(file, 'utf8')).toBe('precious');
    });

    it.skipIf(!CAN_BE_NOBODY)(`by ${verb} when this user may not write there, or not make it`, async ({ expect, onTestFinished }) => {
      const place = quietPlace(onTestFinished);
      mkdirSync(place.data, { mode: 0o755 });
      const outcome = await place.run([...place.args(verb), '--json'], { asNobody: true });
      expectRefusal(outcome, { says: /this user may not write there/, fix: /sudo chown -R .*data"\), or choose another/ }, expect);
      expect(refusalDocument(outcome).code).toBe('HB_DATA_FOLDER');
      expect(readdirSync(place.data)).toEqual([]);
      const below = await place.run([...place.args(verb), '--data', join(place.data, 'sub')], { asNobody: true });
      expectRefusal(below, { says: /this user may not write there/, fix: /sudo install -d .*sub"\), or choose another/ }, expect);
    });
  }

  it.for(['agent', 'status'])('by %s when its path is too long for a Unix socket', async (verb, { expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished, 'x'.repeat(100));
    const outcome = await place.run(place.args(verb));
    expectRefusal(outcome, { says: /path of the data folder .* too long: \d+ bytes/, fix: /at most 96 bytes with --data/ }, expect);
    expect(existsSync(place.data)).toBe(false);
  });

  it('by everybody when its path is empty', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    const outcome = await place.run(['agent', '--data', '']);
    expectRefusal(outcome, { says: /path of the data folder is empty/, fix: /--data/ }, expect);
  });

  it.skipIf(!CAN_MOUNT).for(['agent', 'desk'])(
    'by %s when its disk is full, and works once there is space',
    async (verb, { expect, onTestFinished }) => {
      const place = quietPlace(onTestFinished);
      mountSmallDisk(place.data, DISK_KB, onTestFinished);
      const refusal = { says: /no space is left on its disk/, fix: /Free some space there, or choose another/ };
      // By what is left: the lock, the tables and the first values each fail in their turn.
      for (const freeKb of [0, 16, 72, 104]) {
        fillBut(place.data, freeKb);
        expectRefusal(await place.run(place.args(verb)), refusal, expect);
      }
      rmSync(join(place.data, 'fill'));
      await startedAndStopped(place, verb);
    },
  );
});

describe.concurrent('a folder that another process uses', { timeout: TIMEOUT_MS }, () => {
  it.for(['agent', 'desk'])('is refused to a second %s, which names the first', async (verb, { expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    const first = place.start(place.args(verb));
    await untilUp(first, verb);
    expectRefusal(
      await place.run(place.args(verb)),
      { says: /Another hearthbeat \w+ \(process \d+\) uses .*data/, fix: /Stop that one first/ },
      expect,
    );
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0, complaints: [] });
  });

  it('is free again after kill -9, and what was saved can be read meanwhile', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    const first = place.start(place.args('agent'));
    await untilUp(first, 'agent');
    expect(JSON.parse((await place.run([...place.args('status'), '--json'])).stdout)).toMatchObject({ running: true });
    first.kill('SIGKILL');
    await first.ended;
    const status = await place.run([...place.args('status'), '--json']);
    expect(status.code).toBe(1);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: false, problems: [expect.stringContaining('does not run')] });
    await startedAndStopped(place, 'agent');
  });

  it.skipIf(!CAN_BE_NOBODY)('and belongs to another user is not read by this one', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    mkdirSync(place.data, { mode: 0o755 });
    const running = place.start(place.args('agent'));
    await untilUp(running, 'agent');
    const theirs = { says: /belongs to another user/, fix: /as the user who runs the agent, or with sudo/ };
    expectRefusal(await place.run(place.args('device list'), { asNobody: true }), theirs, expect);
    running.kill('SIGTERM');
    await running.ended;
    expectRefusal(
      await place.run(place.args('status'), { asNobody: true }),
      { says: /agent\.db cannot be used: this user may not open it/, fix: ANOTHER },
      expect,
    );
    chmodSync(place.data, 0o700);
    expectRefusal(await place.run(place.args('why tv'), { asNobody: true }), theirs, expect);
    expect(statSync(join(place.data, 'agent.db')).mode & 0o077).toBe(0);
  });
});

describe.concurrent('a port that is taken is named, with its setting', { timeout: TIMEOUT_MS }, () => {
  it.for([
    ['page', "The desk's page"],
    ['broker', 'The MQTT broker'],
  ] as const)('when another program has that of the %s', async ([which, owner], { expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    const server = createServer().listen(which === 'page' ? place.port : place.port + 1, '127.0.0.1');
    onTestFinished(() => void server.close());
    const outcome = await place.run([...place.args('desk'), '--json']);
    const says = new RegExp(`${owner} cannot open port \\d+ on 127\\.0\\.0\\.1: another program has it`);
    expectRefusal(outcome, { says, fix: new RegExp(`Stop that program .* or set another port .*\\(desk\\.${which}\\.port\\)`) }, expect);
    expect(refusalDocument(outcome).code).toBe('HB_PORT_IN_USE');
    server.close();
    await startedAndStopped(place, 'desk');
  });

  it('when another desk has it', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    const first = place.start([...place.args('desk'), '--json']);
    await first.said('"broker"');
    expect(JSON.parse(first.stdout())).toEqual({
      page: `http://127.0.0.1:${place.port}/`,
      broker: `mqtt://127.0.0.1:${place.port + 1}`,
      firstLink: { url: expect.stringContaining('/links/'), endsAt: expect.any(Number) },
    });
    const second = await place.run([...place.args('desk'), '--data', join(place.folder, 'other')]);
    expectRefusal(second, { says: /cannot open port \d+/, fix: /desk\.(page|broker)\.port/ }, expect);
  });
});

describe.concurrent('a database of a newer version is refused and left as it is', { timeout: TIMEOUT_MS }, () => {
  it.for(['agent', 'status', 'device list', 'device show tv', 'why tv', 'alert list', 'alert ack 1', 'silence list', 'maintenance'])(
    'by %s',
    async (verb, { expect, onTestFinished }) => {
      const place = quietPlace(onTestFinished);
      mkdirSync(place.data);
      const file = join(place.data, 'agent.db');
      new Database(file).exec('CREATE TABLE later (x); PRAGMA user_version = 99').close();
      const before = digest(file);
      const outcome = await place.run([...place.args(verb), '--json']);
      expectRefusal(
        outcome,
        { says: /agent\.db has version 99; this program knows versions up to \d/, fix: /Install the newer hearthbeat/ },
        expect,
      );
      expect(refusalDocument(outcome).code).toBe('HB_DATABASE_NEWER');
      expect(digest(file)).toBe(before);
    },
  );

  it('by the desk', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    await startedAndStopped(place, 'desk');
    const file = join(place.data, 'desk.db');
    new Database(file).exec("INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01')").close();
    const before = digest(file);
    expectRefusal(
      await place.run(place.args('desk')),
      { says: /desk\.db was written by a newer hearthbeat/, fix: /Install that newer version/ },
      expect,
    );
    expect(digest(file)).toBe(before);
  });
});

describe.concurrent('a damaged database', { timeout: TIMEOUT_MS }, () => {
  const refusal = { says: /\.db cannot be read: /, fix: /move it aside \(mkdir ".*damaged" && mv ".*\.db"\* / };

  it.for(['desk', 'status'])('that is no database at all is refused by %s, and left as it is', async (verb, { expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    mkdirSync(place.data);
    const file = join(place.data, verb === 'desk' ? 'desk.db' : 'agent.db');
    writeFileSync(file, 'no database '.repeat(1_000));
    const before = digest(file);
    expectRefusal(await place.run(place.args(verb)), refusal, expect);
    expect(digest(file)).toBe(before);
  });

  it('of a desk, moved aside as told, lets it start anew', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    await startedAndStopped(place, 'desk');
    const file = join(place.data, 'desk.db');
    truncateSync(file, statSync(file).size - 3 * 4096);
    const before = digest(file);
    const outcome = await place.run(place.args('desk'));
    expectRefusal(outcome, refusal, expect);
    expect(digest(file)).toBe(before);
    execFileSync('sh', ['-c', /move it aside \((.*)\) and start/.exec(outcome.stderr)?.[1] ?? 'false']);
    await startedAndStopped(place, 'desk');
  });

  it('of a hub is put aside and made again by the agent, which says so, as doctor does', async ({ expect, onTestFinished }) => {
    const place = quietPlace(onTestFinished);
    await startedAndStopped(place, 'agent');
    const file = join(place.data, 'agent.db');
    truncateSync(file, statSync(file).size - 3 * 4096);
    const before = digest(file);
    const running = place.start(place.args('agent'));
    await untilUp(running, 'agent');
    running.kill('SIGTERM');
    await running.ended;
    expect(running.stderr()).toMatch(/The database was damaged \(SQLITE_CORRUPT: .*\)\. The new one has 0 devices/);
    expect(digest(`${file}.aside`)).toBe(before);
    const doctor = await place.run([...place.args('doctor'), '--json']);
    expect(doctor.stdout).toMatch(/It was made anew on 20\d\d-\d\d-\d\d\. The database was damaged/);
  });
});

/** Fills the disk but for `freeKb`, after what an earlier attempt left there is gone. */
function fillBut(folder: string, freeKb: number): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  writeFileSync(join(folder, 'fill'), Buffer.alloc((DISK_KB - freeKb) * 1024));
}
