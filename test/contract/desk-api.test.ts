/** What the desk answers over HTTP, and to whom. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { type RunDeskOptions, runDesk } from '../../src/desk/main.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld, silentLog } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const NAS = newRandomId(seededRandom('nas'));

describeOnEachEngine('the API of the desk', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
    const now = world.clock.now().wallMs;
    await world.send(
      hub,
      hub.entry('device.added', device(NAS)),
      hub.entry('device.state', deviceState(NAS, 'down', now)),
      hub.entry('alert.raised', deviceDown(NAS, now)),
    );
  });

  const get = (path: string, host = '127.0.0.1:7080') => world.desk.app.fetch(new Request(`http://${host}${path}`, { headers: { host } }));
  const json = async (path: string) => (await get(path)).json() as Promise<Record<string, never[]>>;

  it('lists sites, devices, alerts and events', async () => {
    expect((await json('/api/v1/sites')).sites).toMatchObject([
      { name: 'Lindgren', devices: 1, counts: { down: 1 }, presence: { phase: 'online' } },
    ]);
    expect(await json(`/api/v1/sites/${world.site}`)).toMatchObject({ site: { name: 'Lindgren' }, firing: [{ code: 'device-down' }] });
    expect((await json(`/api/v1/sites/${world.site}/devices`)).devices).toMatchObject([
      { id: NAS, name: 'NAS', state: 'down', reason: 'it is down', macs: ['00:11:32:aa:bb:cc'] },
    ]);
    expect((await json('/api/v1/alerts?firing=true')).alerts).toHaveLength(1);
    expect((await json('/api/v1/alerts?firing=false')).alerts).toHaveLength(0);
    expect((await json(`/api/v1/alerts?device=${NAS}&code=internet-down`)).alerts).toHaveLength(0);
  });

  it('shows what people said of a device: its room, and whether the house can do without it', async () => {
    await world.send(hub, hub.entry('device.changed', device(NAS, { room: 'Cellar', critical: true })));
    expect((await json(`/api/v1/sites/${world.site}/devices`)).devices).toMatchObject([{ id: NAS, room: 'Cellar', critical: true }]);
    const page = await (await get(`/sites/${world.site}`)).text();
    expect(page).toMatch(/<dt>Room<\/dt><dd><bdi>Cellar</);
    expect(page).toMatch(/<dt>Critical<\/dt><dd><bdi>yes, as people said</);
  });

  it('pages through events by their arrival', async () => {
    const first = await json('/api/v1/events?limit=2');
    expect((first.events as { kind: string }[]).map(({ kind }) => kind)).toEqual(['device.added', 'device.state']);
    const rest = await json(`/api/v1/events?after=${first.next}`);
    expect((rest.events as { kind: string }[]).map(({ kind }) => kind)).toEqual(['alert.raised']);
  });

  it('answers what does not exist and what makes no sense', async () => {
    for (const path of [
      '/api/v1/sites/none',
      `/api/v1/sites/${NAS}/devices`,
      '/api/v2',
      '/sites/none',
      '/nothing',
      '/assets/../package.json',
      '/assets/__proto__',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    for (const path of [
      '/api/v1/alerts?limit=0',
      '/api/v1/alerts?code=x',
      '/api/v1/events?after=-1',
      '/api/v1/events?site=x',
      '/api/v1/alerts?firing=maybe',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 400]);
    }
  });

  it('refuses a request that names another host', async () => {
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '192.168.1.5:7080']) {
      for (const path of ['/', '/api/v1/sites', '/api/v1/stream', '/assets/page.js']) expect((await get(path, host)).status).toBe(421);
    }
    for (const host of ['localhost:7080', '127.0.0.1', '[::1]:7080']) expect((await get('/api/v1/sites', host)).status).toBe(200);
  });

  it('forbids everything that does not come from itself', async () => {
    const { headers } = await get('/');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect([headers.get('x-frame-options'), headers.get('x-content-type-options')]).toEqual(['DENY', 'nosniff']);
    const page = await (await get(`/sites/${world.site}`)).text();
    expect(page).not.toMatch(/<script(?![^>]+src="\/assets\/)|style=| on[a-z]+=|https?:/);
  });

  it('tells open pages of a change, at most once a second, and whether it is about what is wrong', async () => {
    await world.clock.advance(1000);
    const response = await get('/api/v1/stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: hello');
    await world.send(hub, hub.entry('device.state', deviceState(NAS, 'up', 1)), hub.entry('device.state', deviceState(NAS, 'down', 2)));
    await world.clock.advance(1000);
    expect((await reader.read()).value).toBe(`event: change\ndata: ${JSON.stringify({ sites: [world.site] })}\n\n`);
    await world.send(hub, hub.entry('alert.cleared', deviceDown(NAS, 3, { clearedAt: 4 })));
    await world.clock.advance(1000);
    expect((await reader.read()).value).toContain(JSON.stringify({ sites: [world.site], trouble: true }));
    world.link.connect(false);
    await world.send(hub, hub.entry('device.state', deviceState(NAS, 'up', 5)));
    await world.clock.advance(1000);
    expect((await reader.read()).value).toContain(JSON.stringify({ sites: [] }));
    await reader.cancel();
  });
});

describe('starting a desk', () => {
  const start = (options: Partial<RunDeskOptions> = {}) =>
    runDesk({
      folder: temporaryFolder(),
      port: 0,
      broker: { port: 0 },
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      ...options,
    });

  it('listens on loopback, stops cleanly with open streams, and starts again with the same data', async () => {
    const folder = temporaryFolder();
    const first = await start({ folder });
    await first.registerSite({ id: NAS, password: 'p', name: 'Home' });
    const stream = request(new URL('/api/v1/stream', first.url)).end();
    stream.on('error', () => {});
    await wait(100);
    await expect.poll(() => first.status().link.connected).toBe(true);
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    await first.stop();
    const second = await start({ folder });
    expect((await second.reader.sites()).map(({ name }) => name)).toEqual(['Home']);
    await second.stop();
  });

  it('names a taken port of the page, and leaves nothing open behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await wait(20);
    const { port } = other.address() as { port: number };
    const folder = temporaryFolder();
    await expect(start({ folder, port })).rejects.toMatchObject({
      code: 'HB_PORT_IN_USE',
      message: expect.stringContaining(String(port)),
      fix: expect.stringContaining('desk.page.port'),
    });
    await (await start({ folder })).stop();
  });

  it('refuses a second desk in the same folder', async () => {
    const folder = temporaryFolder();
    const first = await start({ folder });
    await expect(start({ folder })).rejects.toMatchObject({ code: 'HB_ALREADY_RUNNING' });
    await first.stop();
  });

  it('leaves the database of a newer version as it is', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'desk.db');
    const newer = await openDeskDatabase(file);
    await newer
      .insertInto('kysely_migration' as never)
      .values({ name: '9999-from-the-future', timestamp: '' } as never)
      .execute();
    await newer.destroy();
    const before = readFileSync(file);
    await expect(start({ folder })).rejects.toMatchObject({
      code: 'HB_DATABASE_NEWER',
      message: expect.stringContaining('9999-from-the-future'),
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('explains a damaged database and a folder that is none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'desk.db'), 'this is no database, but long enough to look like a file with a header of its own'.repeat(20));
    await expect(start({ folder })).rejects.toMatchObject({ code: 'HB_DATABASE_DAMAGED' });
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    await expect(start({ folder: join(file, 'desk') })).rejects.toMatchObject({
      code: 'HB_DATA_FOLDER',
      fix: expect.stringContaining('--data'),
    });
  });

  it('goes on trying when an outside broker cannot be reached', async () => {
    const desk = await start({ broker: { urls: ['mqtt://127.0.0.1:9'] } });
    await wait(200);
    expect(desk.status().link).toMatchObject({ connected: false, code: 'HB_BROKER_UNREACHABLE' });
    expect(await (await fetch(desk.url)).text()).toContain('What you see may be old');
    await desk.stop();
  });
});
