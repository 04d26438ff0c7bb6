import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import { restoreState } from '../../src/agent/state.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { type HubStorage, openHubStorage } from '../../src/platform/storage/hub-storage.ts';
import { socketFolders } from '../../src/platform/storage/stand-in.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { alertOf, at, idOf, NOTHING, raisedEntry } from '../builders/entries.ts';
import { startChild } from '../fakes/child.ts';
import { workplace } from '../fakes/command.ts';
import { CAN_MOUNT, fillUp, mountSmallDisk, remount } from '../fakes/small-disk.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const COMMITTING_AGENT = new URL('../fakes/committing-agent.ts', import.meta.url).pathname;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const DISK_KB = 200 * 1024;
const MINUTE_MS = 60_000;

type Hub = { readonly storage: HubStorage; readonly store: AgentStore; readonly backs: unknown[] };

function openHub(folder: string, clock: VirtualClock, start = 1): Hub {
  const backs: unknown[] = [];
  const storage = openHubStorage(folder, {
    migrations: AGENT_MIGRATIONS,
    backups: [],
    beforeMigration: () => undefined,
    prove: (db) => void restoreState(createAgentStore(db, { random: seededRandom(0), start: '' }).load(), [], at(0), STANDARD_POLICY),
    note: () => undefined,
    onBack: (error) => backs.push(error),
    env: {},
    clock,
    log: SILENT,
  });
  const store = createAgentStore(storage.db, { random: seededRandom(start), start: idOf(start), room: storage.room });
  return { storage, store, backs };
}

function disk(kb = DISK_KB): string {
  const folder = join(temporaryFolder(), 'data');
  mountSmallDisk(folder, kb, onTestFinished);
  return folder;
}

function tell({ store }: Hub, n: number, text = 'x'.repeat(1_500)): string[] {
  const alert = { ...alertOf(`alert ${n}`, at(n)), text };
  return store.commitTick({ ...NOTHING, alerts: [alert], entries: [raisedEntry(alert, at(n))] });
}

describe.skipIf(!CAN_MOUNT)('a full disk', { timeout: 60_000 }, () => {
  it('leaves room for what the desk must learn and for forgetting what it has, until there is space again', async () => {
    const folder = disk();
    const clock = new VirtualClock();
    const hub = openHub(folder, clock);
    hub.store.meta.set('site', 's');
    const ballast = statSync(join(folder, 'ballast'));
    expect(ballast.size).toBeGreaterThan(1_000_000);
    expect(ballast.blocks * 512).toBeGreaterThanOrEqual(ballast.size);

    const film = fillUp(folder);
    const told = Array.from({ length: 100 }, (_, n) => tell(hub, n)).flat();
    expect(hub.storage.trouble()).toMatch(/^The disk of the hub is full/);
    expect(existsSync(join(folder, 'ballast'))).toBe(false);
    expect(hub.store.outbox.acknowledge(told.slice(0, 60))).toHaveLength(60);

    rmSync(film);
    await clock.advance(MINUTE_MS);
    expect(hub.storage.trouble()).toBeUndefined();
    expect(statSync(join(folder, 'ballast')).size).toBe(ballast.size);
    expect(hub.store.outbox.waiting()).toMatchObject({ count: 40, dropped: 0 });
    hub.storage.close();
  });

  it('that stays full has the oldest of what waits dropped and counted as a gap, and nothing fails', () => {
    const folder = disk();
    const hub = openHub(folder, new VirtualClock());
    hub.store.meta.set('site', 's');
    fillUp(folder);
    for (let n = 0; n < 1_500; n++) tell(hub, 0);
    const { count, dropped, bytes } = hub.store.outbox.waiting();
    expect(dropped).toBeGreaterThan(100);
    expect(bytes).toBeLessThan(hub.storage.room.bytes / 3);
    const kinds = hub.store.outbox.next(0, 1_000).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'gap')).toHaveLength(1);
    expect(hub.store.outbox.acknowledge(hub.store.outbox.next(0, 1_000).map(({ id }) => id))).toHaveLength(count);
    hub.storage.close();
  });

  it('does not keep a hub from starting, and what was saved is there', () => {
    const folder = disk();
    const first = openHub(folder, new VirtualClock());
    first.store.meta.set('site', 's');
    tell(first, 1);
    first.storage.close();
    fillUp(folder);
    const second = openHub(folder, new VirtualClock(), 2);
    expect(second.store.outbox.waiting().count).toBe(1);
    tell(second, 2);
    expect(second.store.outbox.waiting().count).toBe(2);
    expect(second.storage.isInMemory).toBe(false);
    expect(second.storage.trouble()).toMatch(/full/);
    second.storage.close();
  });
});

describe.skipIf(!CAN_MOUNT)('a disk that has become read-only', { timeout: 60_000 }, () => {
  it('leaves the hub working from memory, and what happened meanwhile is on the disk when that is back', async () => {
    const folder = disk();
    const first = openHub(folder, new VirtualClock());
    first.store.meta.set('site', 's');
    const [before] = tell(first, 1);
    first.storage.close();

    remount(folder, 'ro');
    const clock = new VirtualClock();
    const hub = openHub(folder, clock, 2);
    expect(hub.storage.trouble()).toMatch(/read-only.*works from memory.* Mount it for writing, or /);
    expect(hub.store.meta.get('site')).toBe('s');
    const [during] = tell(hub, 2);
    expect(hub.storage.socketFolder).not.toBe(folder);
    expect(() => openHub(folder, clock, 3)).toThrow(expect.objectContaining({ code: 'HB_ALREADY_RUNNING' }));
    await clock.advance(5 * MINUTE_MS);
    expect(hub.backs).toEqual([]);

    remount(folder, 'rw');
    await clock.advance(MINUTE_MS);
    expect(hub.backs).toEqual([expect.objectContaining({ message: expect.stringMatching(/can be written again/) })]);
    hub.storage.close();
    expect(existsSync(hub.storage.socketFolder)).toBe(false);

    const next = openHub(folder, new VirtualClock(), 3);
    expect(next.storage.isInMemory).toBe(false);
    expect(next.store.outbox.next(0, 10).map(({ id }) => id)).toEqual([before, during]);
    next.storage.close();
  });

  it('after a crash is read with its log, and with no log at all', () => {
    const folder = disk();
    const first = openHub(folder, new VirtualClock());
    first.store.meta.set('site', 's');
    tell(first, 1);
    // As a crash leaves it: nobody closed the database.
    remountReadOnly(folder, first);
    const hub = openHub(folder, new VirtualClock(), 2);
    expect(hub.store.outbox.waiting().count).toBe(1);
    hub.storage.close();
  });

  it('is for one agent all the same, where one runs since before', { timeout: 20_000 }, async () => {
    const folder = disk();
    const child = startChild(process.execPath, [COMMITTING_AGENT, folder]);
    await child.ready();
    child.process.kill('SIGSTOP');
    // The kernel refuses to make a disk read-only on which files are open for writing: as seen by nobody else, then.
    const asSeen = join(temporaryFolder(), 'seen');
    mkdirSync(asSeen);
    execFileSync('mount', ['--bind', folder, asSeen]);
    execFileSync('mount', ['-o', 'remount,bind,ro', asSeen]);
    try {
      expect(() => openHub(asSeen, new VirtualClock())).toThrow(expect.objectContaining({ code: 'HB_ALREADY_RUNNING' }));
    } finally {
      execFileSync('umount', ['--lazy', asSeen]);
    }
  });

  it('is for one agent where only the database refuses, and for the one that works on the disk once that is mended', async () => {
    const folder = disk();
    const first = openHub(folder, new VirtualClock());
    first.store.meta.set('site', 's');
    first.storage.close();
    // A folder is where the database that another takes over from goes: root too cannot put it there.
    const inItsWay = join(folder, 'agent.db.aside');
    copyFileSync(join(folder, 'agent.db'), join(folder, 'agent.db.ready'));
    mkdirSync(inItsWay);
    const clock = new VirtualClock();
    const hub = openHub(folder, clock, 2);
    expect(hub.storage.isInMemory).toBe(true);
    expect(() => openHub(folder, clock, 3)).toThrow(expect.objectContaining({ code: 'HB_ALREADY_RUNNING' }));
    rmSync(inItsWay, { recursive: true });
    const other = openHub(folder, new VirtualClock(), 4);
    await clock.advance(MINUTE_MS);
    expect(hub.backs).toEqual([expect.objectContaining({ code: 'HB_ALREADY_RUNNING' })]);
    hub.storage.close();
    expect(other.storage.isInMemory).toBe(false);
    other.storage.close();
    expect(existsSync(join(folder, 'agent.db.ready'))).toBe(false);
  });

  it('again before the next start is worked from what was saved last', async () => {
    const folder = disk();
    const first = openHub(folder, new VirtualClock());
    first.store.meta.set('site', 's');
    first.storage.close();
    remount(folder, 'ro');
    const second = openHub(folder, new VirtualClock(), 2);
    const during = tell(second, 2);
    remount(folder, 'rw');
    second.storage.close();
    remount(folder, 'ro');
    const third = openHub(folder, new VirtualClock(), 3);
    expect(third.storage.isInMemory).toBe(true);
    expect(third.store.outbox.next(0, 10).map(({ id }) => id)).toEqual(during);
    third.storage.close();
  });

  it('has the journal left on it: memory has no room for that', () => {
    const folder = disk();
    const first = openHub(folder, new VirtualClock());
    first.store.meta.set('site', 's');
    const [waiting] = tell(first, 1);
    const write = first.storage.db.prepare('INSERT INTO journal (from_at, to_at, body) VALUES (?, ?, ?)');
    for (let day = 0; day < 100; day++) write.run(day, day, JSON.stringify('x'.repeat(50_000)));
    first.storage.close();
    expect(statSync(join(folder, 'agent.db')).size).toBeGreaterThan(5_000_000);
    remount(folder, 'ro');
    const hub = openHub(folder, new VirtualClock(), 2);
    expect(hub.storage.db.serialize().length).toBeLessThan(500_000);
    expect(hub.store.outbox.next(0, 10).map(({ id }) => id)).toEqual([waiting]);
    hub.storage.close();
  });

  it('refuses a hub that has never run', () => {
    const folder = disk();
    remount(folder, 'ro');
    expect(() => openHub(folder, new VirtualClock())).toThrow(expect.objectContaining({ code: 'HB_DATA_FOLDER' }));
  });

  it('shows in status and as an alert of the running agent', async () => {
    const place = workplace(onTestFinished);
    const folder = disk();
    const settings = place.file('h.yaml', `lan:\n  exclude: [${Object.keys(networkInterfaces()).join(', ')}]\ninternet:\n  anchors: []\n`);
    const flags = ['--config', settings, '--data', folder];
    const first = place.start(['agent', ...flags]);
    await first.said('The agent is watching.');
    first.kill('SIGTERM');
    await first.ended;
    remount(folder, 'ro');
    const running = place.start(['agent', ...flags]);
    await running.said('The agent is watching.');
    const status = JSON.parse((await place.run(['status', ...flags, '--json'])).stdout);
    expect(status).toMatchObject({ running: true, problems: [expect.stringMatching(/read-only.*works from memory/)] });
    const alerts = await place.run(['alert', 'list', ...flags, '--json']);
    expect(alerts.stdout).toContain('"storage-failed"');
    running.kill('SIGTERM');
    await running.ended;
    expect(socketFolders(folder, {})).toEqual([folder]);
  });
});

/** A copy of the files of a running hub, on a disk of its own in the same place. */
function remountReadOnly(folder: string, { storage }: Hub): void {
  const copies = ['agent.db', 'agent.db-wal'].map((name) => [name, readFileSync(join(folder, name))] as const);
  storage.close();
  for (const [name, bytes] of copies) writeFileSync(join(folder, name), bytes);
  rmSync(join(folder, 'agent.db-shm'), { force: true });
  remount(folder, 'ro');
}
