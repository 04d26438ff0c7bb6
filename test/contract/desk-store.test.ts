/** The desk's promises about what it stores, on every engine. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { DESK_SUBSCRIPTION, upTopic } from '../../src/protocol/topics.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, FakeHub, snapshot } from '../fakes/hub.ts';

const random = seededRandom('ids');
const NAS = newRandomId(random);
const TV = newRandomId(random);
const MINUTE = 60_000;

describeOnEachEngine('desk', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
  });

  const now = (): number => world.clock.now().wallMs;
  const events = () => world.desk.reader.events({ after: 0, limit: 1000 });

  describe('sessions', () => {
    it('gives the same number to the same start, and the next to the next', async () => {
      const first = hub.ses;
      expect(first).toBeGreaterThan(0);
      await world.send(hub, hub.birth());
      expect(hub.ses).toBe(first);
      const second = world.hub();
      await world.send(second, second.birth());
      expect(second.ses).toBe(first + 1);
    });

    it('keeps the numbers over its own restart', async () => {
      const first = hub.ses;
      await world.restart();
      await world.send(hub, hub.birth());
      const second = world.hub();
      await world.send(second, second.birth());
      expect([hub.ses, second.ses]).toEqual([first, first + 1]);
    });

    it('gives no number again that a database which was lost has given, for a birth that the broker had kept', async () => {
      const running = world.hub({ ses: hub.ses + 1, pos: 19 });
      const { topic, payload } = running.birth();
      world.link.deliver(topic, payload, true);
      await world.desk.drain();
      await world.send(running, running.entry('device.removed', { device: NAS, why: 'merged' }), running.heartbeat());
      expect(running.ses).toBe(hub.ses + 2);
    });

    it('gives no number again where the hub has forgotten it too', async () => {
      const forgotten = hub.ses;
      await world.database.deleteFrom('session').execute();
      await world.clock.advance(MINUTE);
      const restored = world.hub();
      await world.send(restored, restored.birth());
      expect(restored.ses).toBeGreaterThan(forgotten);
    });

    it('grants again to a hub whose heartbeat shows that the grant was lost', async () => {
      const deaf = world.hub();
      world.link.deliver(deaf.birth().topic, deaf.birth().payload);
      await world.desk.drain();
      expect(deaf.ses).toBe(0);
      await world.send(deaf, deaf.heartbeat());
      expect(deaf.ses).toBe(hub.ses + 1);
    });
  });

  describe('names', () => {
    const name = async (id: string) => (await world.desk.reader.site(id))?.name;

    it('follow the hub, until the desk gives one', async () => {
      const id = newRandomId(random);
      const one = world.hub({ site: id });
      await saveSite(world.database, { id }, now());
      await world.send(one, one.birth(''));
      expect(await name(id)).toBe(`Home ${id.slice(-6)}`);
      await world.send(one, one.birth('Old name'));
      await world.send(one, one.birth('New name'));
      await world.send(one, one.birth(''), one.birth());
      expect(await name(id)).toBe('New name');
      await saveSite(world.database, { id, name: 'Given here' }, now());
      await world.send(one, one.birth('Newer name'));
      await saveSite(world.database, { id, name: '' }, now());
      expect(await name(id)).toBe('Given here');
    });
  });

  describe('entries', () => {
    it('acknowledges what it has committed, and stores it once however often it comes', async () => {
      const entry = hub.entry('device.added', device(NAS));
      await world.send(hub, entry, entry);
      expect(hub.outbox.size).toBe(0);
      const before = world.link.published.length;
      await world.send(hub, entry);
      expect(world.link.published.length).toBe(before + 1);
      expect(await events()).toHaveLength(1);
      expect(world.desk.status().counts).toMatchObject({ entries: 1, duplicates: 2 });
    });

    it('keeps the state of the greatest place, whatever arrives last', async () => {
      const entries = [
        hub.entry('device.added', device(NAS)),
        hub.entry('device.state', deviceState(NAS, 'up', now())),
        hub.entry('device.state', deviceState(NAS, 'down', now())),
        hub.entry('device.state', deviceState(NAS, 'asleep', now())),
      ];
      await world.send(hub, ...entries.toReversed());
      expect(await world.states()).toEqual({ [NAS]: 'asleep' });
      expect(await events()).toHaveLength(4);
    });

    it('puts a later session before a greater position', async () => {
      const second = world.hub();
      await world.send(second, second.birth());
      const fresh = second.entry('device.state', deviceState(NAS, 'up', now()));
      for (let i = 0; i < 20; i++) hub.entry('device.state', deviceState(NAS, 'down', now()));
      await world.send(second, second.entry('device.added', device(NAS)), fresh);
      for (const { topic, payload } of hub.waiting()) world.link.deliver(topic, payload);
      await world.desk.drain();
      expect(await world.states()).toEqual({ [NAS]: 'up' });
    });

    it('does not bring a removed device back by an older entry', async () => {
      const added = hub.entry('device.added', device(NAS));
      const removed = hub.entry('device.removed', { device: NAS, why: 'merged' });
      await world.send(hub, removed, added);
      expect(await world.states()).toEqual({});
    });

    it('stores and acknowledges a kind that it does not know', async () => {
      await world.send(hub, hub.rawEntry('lifecycle.notice', { device: NAS }));
      expect(hub.outbox.size).toBe(0);
      expect(await events()).toMatchObject([{ kind: 'lifecycle.notice', body: { device: NAS } }]);
    });

    it('keeps, counts and acknowledges a body that breaks its schema, and applies nothing of it', async () => {
      await world.send(hub, hub.rawEntry('device.state', { device: NAS, state: 'on fire' }));
      expect(hub.outbox.size).toBe(0);
      expect(world.desk.status().counts.malformed).toBe(1);
      expect(await world.states()).toEqual({});
      expect(await events()).toHaveLength(1);
    });

    it('survives everything that is not a message and keeps the newest thousand of it', async () => {
      const topic = upTopic(world.site, 'ev');
      const wire = hub.wire(hub.entry('device.added', device(NAS))).payload;
      const bad = [
        '',
        '{',
        '[]',
        'null',
        '"x"',
        '{"v":2}',
        wire.slice(0, -1),
        wire.replace('"v":1', '"v":9'),
        `{"v":1,"id":${'['.repeat(5000)}`,
        '\u0000\uffff',
      ];
      for (let i = 0; i < 110; i++) for (const text of bad) world.link.deliver(topic, text);
      world.link.deliver(topic, new Uint8Array([0xff, 0xfe, 0x00]));
      world.link.deliver(topic, 'x'.repeat(300_000));
      world.link.deliver('hb1/00/no-site/up/ev', wire);
      world.link.deliver(DESK_SUBSCRIPTION, wire);
      await world.desk.drain();
      expect(world.desk.status().counts.malformed).toBe(1104);
      const kept = await world.database
        .selectFrom('quarantine')
        .select((eb) => eb.fn.countAll().as('n'))
        .executeTakeFirstOrThrow();
      expect(Number(kept.n)).toBe(1000);
      expect(await events()).toHaveLength(0);
    });

    it('refuses a site that is not registered, unless it may register by its birth', async () => {
      const stranger = world.hub({ site: newRandomId(random) });
      await world.send(stranger, stranger.birth(), stranger.entry('device.added', device(NAS)));
      expect(stranger.outbox.size).toBe(1);
      expect(world.desk.status().counts.unknownSites).toBe(2);

      const open2 = new DeskWorld(await open(), { acceptNewSites: true });
      await open2.start();
      const welcome = open2.hub({ site: stranger.site });
      await open2.send(welcome, welcome.birth('Villa'), welcome.entry('device.added', device(NAS)));
      expect(welcome.outbox.size).toBe(0);
      expect((await open2.desk.reader.site(stranger.site))?.name).toBe('Villa');
    });

    it('strips what could mislead people from text that a hub sends', async () => {
      await world.send(hub, hub.entry('device.added', device(NAS, { name: '\u202etxt.exe\u0007\u001b[31m' })));
      expect((await world.desk.reader.devices(world.site))[0]?.name).toBe('txt.exe[31m');
    });
  });

  describe('alerts', () => {
    it('fires, clears and fires again as two occurrences', async () => {
      const first = deviceDown(NAS, now());
      await world.send(hub, hub.entry('alert.raised', first));
      expect(await world.firing()).toEqual([first.key]);
      await world.clock.advance(MINUTE);
      await world.send(hub, hub.entry('alert.cleared', { ...first, clearedAt: now(), clearedBecause: 'it answered' }));
      expect(await world.firing()).toEqual([]);
      await world.clock.advance(MINUTE);
      await world.send(hub, hub.entry('alert.raised', deviceDown(NAS, now())));
      expect(await world.desk.reader.alerts({ limit: 10 })).toHaveLength(2);
      expect(await world.firing()).toEqual([first.key]);
    });

    it('is over when the clearing arrives before the raising', async () => {
      const alert = deviceDown(NAS, now());
      const raised = hub.entry('alert.raised', alert);
      const cleared = hub.entry('alert.cleared', { ...alert, clearedAt: now() });
      await world.send(hub, cleared, raised);
      expect(await world.firing()).toEqual([]);
    });

    it('never fires twice under one key, in whatever order two occurrences arrive', async () => {
      const older = hub.entry('alert.raised', deviceDown(NAS, now()));
      await world.clock.advance(MINUTE);
      const newer = hub.entry('alert.raised', deviceDown(NAS, now()));
      await world.send(hub, newer, older);
      const firing = await world.desk.reader.firing(world.site);
      expect(firing).toHaveLength(1);
      expect(firing[0]?.raisedAt).toBe(now());
    });

    it('fires once where a hub that was put back to an older copy tells another occurrence at a place that it has given before', async () => {
      const [before, restored] = [world.hub(), world.hub()];
      const first = before.entry('alert.raised', deviceDown(NAS, now()));
      await world.clock.advance(MINUTE);
      const second = restored.entry('alert.raised', deviceDown(NAS, now()));
      expect([first.ses, first.pos]).toEqual([second.ses, second.pos]);
      for (const order of [
        [first, second],
        [second, first],
      ]) {
        await world.database.deleteFrom('alert').execute();
        await world.database.deleteFrom('event').execute();
        await world.send(hub, ...order);
        expect(await world.firing()).toEqual([`device-down:${NAS}`]);
        expect(await world.desk.reader.alerts({ firing: true, limit: 9 })).toMatchObject([{ raisedHubAt: now() }]);
      }
    });

    it('does not let a hub raise what only the desk can know', async () => {
      await world.send(hub, hub.entry('alert.raised', deviceDown(NAS, now(), { key: 'hub-silent', code: 'hub-silent' })));
      expect(await world.firing()).toEqual([]);
    });

    it('counts a new device as told and over', async () => {
      await world.send(
        hub,
        hub.entry('alert.raised', deviceDown(NAS, now(), { key: `device-new:${NAS}`, code: 'device-new', severity: 'info' })),
      );
      expect(await world.firing()).toEqual([]);
      expect(await world.desk.reader.alerts({ limit: 10 })).toHaveLength(1);
    });
  });

  describe('snapshots', () => {
    it('end what no part named, once all parts are here, and are no event of any alert', async () => {
      const alert = deviceDown(TV, now());
      await world.send(
        hub,
        hub.entry('device.added', device(NAS)),
        hub.entry('device.added', device(TV)),
        hub.entry('alert.raised', alert),
      );
      const named = { device: device(NAS), state: deviceState(NAS, 'up', now()) };
      const id = newRandomId(random);
      const parts = [
        hub.entry('snapshot', snapshot(id, { devices: [named], alerts: [] }, 0, 2)),
        hub.entry('snapshot', snapshot(id, { devices: [], alerts: [] }, 1, 2)),
      ];
      await world.send(hub, parts[1]!);
      expect(Object.keys(await world.states())).toHaveLength(2);
      expect(await world.firing()).toEqual([alert.key]);
      await world.send(hub, parts[0]!);
      expect(await world.states()).toEqual({ [NAS]: 'up' });
      expect(await world.firing()).toEqual([]);
      expect((await events()).filter((event) => event.kind.startsWith('alert.'))).toHaveLength(1);
    });

    it('keep what was told after them', async () => {
      const early = hub.entry('snapshot', snapshot(newRandomId(random), { devices: [], alerts: [] }));
      await world.send(hub, hub.entry('device.added', device(TV)), early);
      expect(Object.keys(await world.states())).toEqual([TV]);
    });

    it('are not undone by an older entry that is sent again after them', async () => {
      const added = hub.entry('device.added', device(TV));
      const raised = hub.entry('alert.raised', deviceDown(TV, now()));
      await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(random), { devices: [], alerts: [] })));
      await world.send(hub, added, raised);
      expect(await world.states()).toEqual({});
      expect(await world.firing()).toEqual([]);
      expect(hub.outbox.size).toBe(0);
    });

    it('name alerts that then fire without an event', async () => {
      const alert = deviceDown(NAS, now());
      await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(random), { devices: [], alerts: [alert] })));
      expect(await world.firing()).toEqual([alert.key]);
      expect((await events()).map((event) => event.kind)).toEqual(['snapshot']);
    });
  });

  describe('time', () => {
    const HOUR = 60 * MINUTE;
    const page = async (): Promise<string> =>
      (await world.desk.app.fetch(new Request('http://localhost/', { headers: { host: 'localhost' } }))).text();
    const shown = (at: number): string => `<time datetime="${new Date(at).toISOString()}" data-clock>[^<]*</time>`;

    it('tells by the desk clock when something happened, however wrong the hub clock is', async () => {
      const wrong = world.hub({ wallErrorMs: -400 * 86_400_000 });
      await world.clock.advance(5 * MINUTE);
      await world.send(wrong, wrong.birth());
      const happenedAt = now();
      const entry = wrong.entry('alert.raised', deviceDown(NAS, happenedAt - 400 * 86_400_000));
      await world.clock.advance(3 * 3_600_000);
      await world.send(wrong, entry);
      expect(await events()).toMatchObject([{ occurredAt: happenedAt, occurredBy: 'anchor', late: true, receivedAt: now() }]);
      expect(await world.desk.reader.firing(world.site)).toMatchObject([{ raisedAt: happenedAt, late: true }]);
    });

    it('keeps the times that were told first when the hub clock is set right', async () => {
      const DAY = 86_400_000;
      const bornAt = now();
      let errorMs = -3 * DAY;
      const clock = { wallMs: () => now() + errorMs, monoMs: () => now() - bornAt };
      const stepped = new FakeHub({ site: world.site, random, clock });
      await world.send(stepped, stepped.birth());
      const hubAt = now() + errorMs;
      const told = { device: device(NAS, { firstSeenAt: hubAt }), state: deviceState(NAS, 'down', hubAt) };
      const alert = deviceDown(NAS, hubAt);
      await world.send(
        stepped,
        stepped.entry('device.added', told.device),
        stepped.entry('device.state', told.state),
        stepped.entry('alert.raised', alert),
      );
      await world.clock.advance(MINUTE);
      errorMs = 0;
      await world.send(stepped, stepped.entry('snapshot', snapshot(newRandomId(random), { devices: [told], alerts: [alert] })));
      expect(await world.desk.reader.firing(world.site)).toMatchObject([{ raisedAt: bornAt, actionableAt: bornAt + 2 * MINUTE }]);
      expect(await world.desk.reader.devices(world.site)).toMatchObject([{ since: bornAt, firstSeenAt: bornAt }]);
      await world.send(stepped, stepped.entry('alert.cleared', { ...alert, clearedAt: now() }));
      expect(await world.desk.reader.alerts({ limit: 5 })).toMatchObject([{ raisedAt: bornAt, clearedAt: now(), late: false }]);
    });

    it('uses the clock of the start that made the entry, not of the newest', async () => {
      const entry = hub.entry('device.added', device(NAS));
      const madeAt = now();
      await world.clock.advance(10 * MINUTE);
      const second = world.hub();
      await world.send(second, second.birth());
      await world.send(hub, entry);
      expect((await events())[0]).toMatchObject({ occurredAt: madeAt, occurredBy: 'anchor' });
    });

    it('keeps the smallest estimate of the anchor, so a delayed message cannot make things later', async () => {
      const beat = hub.heartbeat();
      const entry = hub.entry('device.added', device(NAS));
      const madeAt = now();
      await world.clock.advance(20_000);
      await world.send(hub, beat, entry);
      expect((await events())[0]?.occurredAt).toBe(madeAt);
    });

    it('learns anew when the hub slept and its monotonic clock stood still', async () => {
      const beforeSleep = hub.heartbeat();
      await world.clock.advance(8 * 3_600_000);
      const woken = { ...JSON.parse(beforeSleep.payload), ts: now() };
      await world.send(hub, { ...beforeSleep, payload: JSON.stringify(woken) });
      const entry = { ...hub.entry('device.added', device(NAS)), mono: JSON.parse(beforeSleep.payload).mono + 1000 };
      await world.clock.advance(1000);
      await world.send(hub, entry);
      expect(await events()).toMatchObject([{ occurredAt: now(), late: false }]);
    });

    it('is not misled by a line that stalled and then delivers all at once', async () => {
      await world.send(hub, hub.heartbeat());
      await world.clock.advance(MINUTE);
      const beats = [hub.heartbeat()];
      const entry = hub.entry('device.added', device(NAS));
      const madeAt = now();
      await world.clock.advance(30_000);
      beats.push(hub.heartbeat());
      await world.clock.advance(44_000);
      await world.send(hub, ...beats, entry);
      expect(await events()).toMatchObject([{ occurredAt: madeAt, late: true }]);
    });

    it('believes a later clock when two messages say the same', async () => {
      await world.send(hub, hub.heartbeat());
      const entry = hub.entry('device.added', device(NAS));
      const beats = [0, 1000].map((ms) => ({ ...JSON.parse(hub.heartbeat().payload), mono: entry.mono + ms }));
      await world.clock.advance(MINUTE);
      for (const beat of beats) {
        await world.send(hub, { ...hub.heartbeat(), payload: JSON.stringify(beat) });
        await world.clock.advance(1000);
      }
      await world.send(hub, entry);
      expect(await events()).toMatchObject([{ occurredAt: now() - 2000, occurredBy: 'anchor' }]);
    });

    it('does not believe a start without contact whose clock names an instant before the entry before', async () => {
      const DAY = 86_400_000;
      const heardAt = now();
      await world.send(hub, hub.entry('device.added', device(NAS)));
      const lost = world.hub({ wallErrorMs: -3 * DAY, ses: hub.ses, pos: 10 });
      const entry = lost.entry('alert.raised', deviceDown(NAS, now() - 3 * DAY));
      await world.clock.advance(3 * 3_600_000);
      await world.send(hub, entry);
      expect((await events()).at(-1)).toMatchObject({ occurredAt: now(), occurredBy: 'receipt', late: true });
      const raisedBetween = { from: heardAt, to: now() };
      expect(await world.desk.reader.firing(world.site)).toMatchObject([{ raisedAt: now(), late: true, raisedBetween }]);
      expect(await page()).toMatch(
        new RegExp(`it happened between ${shown(heardAt)} and ${shown(now())}: the clock of the hub was not right`),
      );
    });

    it('shows between which instants a thing happened that a hub with an unset clock told of a start without contact', async () => {
      const heardAt = now();
      await world.send(hub, hub.entry('device.added', device(NAS)));
      await world.clock.advance(HOUR);
      // It lost its power, and its clock went on from when it did: a guess that is possible, and 50 minutes wrong.
      const dark = world.hub({ wallErrorMs: -50 * MINUTE, ses: hub.ses, pos: 10 });
      const alert = deviceDown(NAS, now() - 50 * MINUTE);
      const entry = { ...dark.entry('alert.raised', alert), clk: 'unsynced' as const };
      await world.clock.advance(HOUR);
      const bornAt = now();
      const born = world.hub({ ses: hub.ses, pos: 20 });
      await world.clock.advance(MINUTE);
      await world.send(born, born.birth());
      await world.send(born, entry);
      const occurredBetween = { from: heardAt, to: bornAt };
      expect((await events()).at(-1)).toMatchObject({ occurredAt: alert.raisedAt, occurredBy: 'hub-clock', occurredBetween });
      expect(await world.desk.reader.firing(world.site)).toMatchObject([{ raisedBetween: occurredBetween }]);
      expect(await page()).toMatch(
        new RegExp(`since before</b> <span>.*${shown(bornAt)}[^]*between ${shown(heardAt)} and ${shown(bornAt)}`),
      );
      // Told again by the process that is heard, it is no surer.
      await world.send(born, born.entry('alert.updated', { ...alert, text: 'Still.' }));
      expect(await world.desk.reader.firing(world.site)).toMatchObject([{ text: 'Still.', raisedBetween: occurredBetween }]);
      // How long it lasted is not known either.
      await world.send(born, born.entry('alert.cleared', { ...alert, clearedAt: now(), clearedBecause: 'it answered' }));
      expect(await page()).toMatch(/over: <bdi>it answered<\/bdi>/);
    });

    it('takes a clock that was known to be right at its word, where what it says can be', async () => {
      await world.send(hub, hub.entry('device.added', device(NAS)));
      await world.clock.advance(HOUR);
      const sure = world.hub({ ses: hub.ses, pos: 10 });
      const happenedAt = now();
      const entry = sure.entry('alert.raised', deviceDown(NAS, happenedAt));
      await world.clock.advance(HOUR);
      await world.send(sure, entry);
      const [event] = (await events()).slice(-1);
      expect(event).toMatchObject({ occurredAt: happenedAt, occurredBy: 'hub-clock' });
      expect(event).not.toHaveProperty('occurredBetween');
    });

    it('falls back to the hub clock without an anchor, and to the receipt when that lies in the future', async () => {
      const unborn = world.hub({ wallErrorMs: -2 * MINUTE });
      const future = world.hub({ wallErrorMs: 86_400_000 });
      await world.send(unborn, unborn.entry('device.added', device(NAS)));
      await world.send(future, future.entry('device.added', device(TV)));
      expect(await events()).toMatchObject([
        { occurredAt: now() - 2 * MINUTE, occurredBy: 'hub-clock', late: true },
        { occurredAt: now(), occurredBy: 'receipt', late: true },
      ]);
    });
  });
});
