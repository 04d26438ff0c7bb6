/** What one bad hub can do to the desk: nothing that the other homes would notice. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { dropHistoryBefore } from '../../src/desk/store/events.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import type { Evidence } from '../../src/protocol/messages.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub, snapshot } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

describeOnEachEngine('a bad hub', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
  });

  const now = () => world.clock.now().wallMs;
  const get = (path: string) => world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
  const rows = async (table: 'event' | 'device' | 'device_state' | 'session' | 'snapshot_part'): Promise<number> => {
    const count = world.database.selectFrom(table).select((eb) => eb.fn.countAll().as('n'));
    return Number((await count.executeTakeFirstOrThrow()).n);
  };
  const birthOf = (one: FakeHub): [string, string] => {
    const { topic, payload } = one.birth();
    return [topic, payload];
  };
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

  it('hides no critical alert of another home behind its own thousand', async () => {
    const good = newRandomId(world.random);
    await saveSite(world.database, { id: good, name: 'Good home' }, now());
    const other = world.hub({ site: good });
    const router = {
      key: 'gateway-unreachable',
      code: 'gateway-unreachable',
      severity: 'critical',
      title: 'The router',
      text: '',
    } as const;
    await world.send(other, other.birth(), other.entry('alert.raised', { ...router, raisedAt: now(), actionableAt: now() }));
    const many = Array.from({ length: 600 }, () => hub.entry('alert.raised', deviceDown(newRandomId(world.random), now())));
    await world.send(hub, ...many);
    const page = await (await get('/')).text();
    expect(page).toContain('The router');
    expect(page).toContain('501 things are wrong in 2 homes');
    expect(page.match(/data-alert/g)).toHaveLength(6);
    expect(page).toContain('and 495 more in');
    expect(world.desk.status().counts).toMatchObject({ entries: 601, overLimit: 100 });
  });

  it('makes the desk keep only so many devices, states, sessions and unfinished snapshots of it', async () => {
    const parts = Array.from({ length: 120 }, () => {
      const devices = Array.from({ length: 20 }, () => {
        const id = newRandomId(world.random);
        return { device: device(id), state: deviceState(id, 'up', now()) };
      });
      return hub.entry('snapshot', snapshot(newRandomId(world.random), { devices, alerts: [] }, 0, 2));
    });
    await world.send(hub, ...parts);
    const states = Array.from({ length: 100 }, () => hub.entry('device.state', deviceState(newRandomId(world.random), 'up', now())));
    await world.send(hub, ...states);
    for (let start = 0; start < 1010; start++) world.link.deliver(...birthOf(world.hub()));
    await world.desk.drain();
    expect([await rows('device'), await rows('device_state')]).toEqual([2048, 2048]);
    expect(await rows('snapshot_part')).toBeLessThanOrEqual(65);
    expect(await rows('session')).toBe(1000);
    expect(world.desk.status().counts.overLimit).toBe(120 * 20 - 2048);
  });

  it('leaves nothing of removed devices and old starts behind for ever', async () => {
    const [gone, here] = [newRandomId(world.random), newRandomId(world.random)];
    const told = [gone, here].flatMap((id) => [
      hub.entry('device.added', device(id)),
      hub.entry('device.state', deviceState(id, 'up', now())),
    ]);
    await world.send(hub, ...told, hub.entry('device.removed', { device: gone, why: 'merged' }));
    const later = world.hub();
    await world.send(later, later.birth());
    await dropHistoryBefore(world.database, now() + 1);
    expect([await rows('device'), await rows('device_state'), await rows('session')]).toEqual([1, 1, 1]);
    const next = world.hub();
    await world.send(next, next.birth());
    expect(next.ses).toBe(later.ses + 1);
  });

  it('cannot make so much history that it is not dropped when its time is over', async () => {
    const event = {
      site_id: world.site,
      start: 'start',
      ses: 1,
      kind: 'gap',
      body: '{}',
      hub_at: 1,
      occurred_at: 1,
      occurred_by: 'receipt',
    } as const;
    const many = Array.from({ length: 12_000 }, (_, pos) => ({
      ...event,
      id: `id ${pos}`,
      pos,
      received_at: pos % 100 === 0 ? 9 : pos % 3,
      late: 0,
    }));
    for (let from = 0; from < many.length; from += 1_000)
      await world.database
        .insertInto('event')
        .values(many.slice(from, from + 1_000).map((row) => ({ ...row, not_before: null, not_after: null })))
        .execute();
    await dropHistoryBefore(world.database, 9);
    expect(await rows('event')).toBe(120);
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
