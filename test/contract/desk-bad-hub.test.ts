/** What one bad hub can do to the desk: nothing that the other homes would notice. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import type { Evidence } from '../../src/protocol/messages.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, type FakeHub } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

describe('a bad hub', () => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await openDeskDatabase(join(temporaryFolder(), 'desk.db')));
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
  });

  const now = () => world.clock.now().wallMs;
  const get = (path: string) => world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
  const evidence = (lastAnswerAt: Evidence['lastAnswerAt']): Evidence => ({
    attempts: [],
    lastAnswerAt,
    hub: { link: true, gateway: 'up', othersAnswering: 1, eventLoopLagMs: 0 },
  });

  it.each([9e15, 253_402_300_800_000])('breaks no page with the instant %d', async (at) => {
    const id = newRandomId(world.random);
    await world.send(hub, hub.entry('alert.raised', deviceDown(id, now(), { evidence: evidence({ icmp: at }) })));
    await world.send(hub, hub.entry('device.added', device(id, { firstSeenAt: at })));
    expect([(await get('/')).status, (await get(`/sites/${world.site}`)).status]).toEqual([200, 200]);
    expect(world.desk.status().counts.malformed).toBe(2);
  });

  it('breaks no page with a clock that has run for longer than any hub', async () => {
    const { topic, payload } = hub.heartbeat();
    await world.send(hub, { topic, payload: JSON.stringify({ ...JSON.parse(payload), mono: 1e300 }), qos: 0, retain: false });
    await world.send(hub, hub.entry('alert.raised', deviceDown(newRandomId(world.random), now(), { evidence: evidence({ icmp: now() }) })));
    expect((await get('/')).status).toBe(200);
    expect(world.desk.status().counts).toMatchObject({ malformed: 1, failedBatches: 0 });
  });

  it('cannot place an entry after all that will follow', async () => {
    await world.send(hub, { ...hub.entry('device.added', device(newRandomId(world.random))), ses: 2 ** 31 + 1 });
    expect(world.desk.status().counts).toMatchObject({ malformed: 1, entries: 0 });
  });
});

describe('a full disk', () => {
  it('stays told until an entry was stored again, at once to open pages', async () => {
    const world = new DeskWorld(await openDeskDatabase(join(temporaryFolder(), 'desk.db')));
    await world.start();
    const hub = world.hub();
    await world.send(hub, hub.birth());
    await world.clock.advance(5000);
    const stream = (await world.desk.app.fetch(streamRequest())).body!.getReader();
    expect(await nextEvent(stream)).toBe('hello');
    await sql`create trigger full before insert on event begin select raise(abort, 'database or disk is full'); end`.execute(
      world.database,
    );
    const entry = hub.entry('device.added', device(newRandomId(world.random)));
    await world.send(hub, entry);
    await world.clock.advance(1000);
    expect(await nextEvent(stream)).toBe('change');
    await world.send(hub, hub.heartbeat());
    expect(world.desk.status().problem).toContain('disk is full');
    await sql`drop trigger full`.execute(world.database);
    await world.send(hub, hub.heartbeat());
    expect(world.desk.status().problem).toContain('disk is full');
    await world.send(hub, entry);
    expect(world.desk.status().problem).toBeUndefined();
    await stream.cancel();
  });
});

function streamRequest(): Request {
  return new Request('http://localhost/api/v1/stream', { headers: { host: 'localhost' } });
}

async function nextEvent(stream: ReadableStreamDefaultReader<Uint8Array>): Promise<string | undefined> {
  const { value } = await stream.read();
  return /event: (\w+)/.exec(Buffer.from(value ?? []).toString())?.[1];
}

describe('a page that cannot be made', () => {
  it('says so to a person in words and to a program in JSON', async () => {
    const world = new DeskWorld(await openDeskDatabase(join(temporaryFolder(), 'desk.db')));
    await world.start();
    await world.database.destroy();
    const get = (path: string) => world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
    const [page, api] = [await get('/'), await get('/api/v1/sites')];
    expect([page.status, api.status]).toEqual([500, 500]);
    expect(await page.text()).toContain('The desk could not show this page');
    expect(await api.json()).toMatchObject({ error: 'internal' });
  });
});
