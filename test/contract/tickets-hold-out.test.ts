/** Tickets under hubs that tell too much, too late or twice, and under people in a hurry: none is lost, hidden or taken away. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { appendDeed } from '../../src/desk/store/audit.ts';
import { dropHistoryBefore } from '../../src/desk/store/events.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, type FakeHub } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describeOnEachEngine('a ticket', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth(), hub.heartbeat());
  });

  const now = (): number => world.clock.now().wallMs;
  const tickets = async () => (await world.desk.reader.tickets({ limit: 1000 })).sort((a, b) => a.number - b.number);
  const ticket = async (number: number) => {
    const found = await world.desk.reader.ticket(number);
    if (!found) throw new Error(`there is no ticket ${number}`);
    return found;
  };
  const wait = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= MINUTE_MS) {
      await world.clock.advance(MINUTE_MS);
      await world.send(hub, hub.heartbeat());
      await world.desk.drain();
    }
  };
  const fire = async (over = {}, device = NAS) => {
    const alert = deviceDown(device, now(), { actionableAt: now(), ...over });
    await world.send(hub, hub.entry('alert.raised', alert));
    return alert;
  };
  const clear = (alert: ReturnType<typeof deviceDown>) => world.send(hub, hub.entry('alert.cleared', { ...alert, clearedAt: now() }));
  const tell = (alerts: ReturnType<typeof deviceDown>[]) => world.send(hub, ...alerts.map((alert) => hub.entry('alert.raised', alert)));
  const step = async (number: number, said: object) => {
    const { version } = await ticket(number);
    const request = new Request(`http://127.0.0.1:7080/api/v1/tickets/${number}/steps`, {
      method: 'POST',
      headers: { host: '127.0.0.1:7080', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ version, by: 'Ben', ...said }),
    });
    const response = await world.desk.app.fetch(request);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const many = (count: number, over: (i: number) => object) =>
    Array.from({ length: count }, (_, i) => deviceDown(newRandomId(world.random), now() - DAY_MS, over(i)));

  it('is not kept from one alert by hundreds of others that call for none', async () => {
    await tell(many(210, () => ({ held: true, actionableAt: now() - DAY_MS })));
    await fire({ actionableAt: now() + 2 * MINUTE_MS });
    expect(await tickets()).toEqual([]);
    await wait(3 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ title: 'NAS does not answer' }]);
  });

  it('is open again when the very alert that had ended it fires on after all', async () => {
    const alert = await fire();
    await clear(alert);
    await wait(6 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ state: 'resolved', outcome: 'recovered' }]);
    await world.send(hub, hub.entry('alert.updated', alert));
    expect(await tickets()).toMatchObject([{ state: 'new', reopened: 1 }]);
    expect((await ticket(1)).alerts).toHaveLength(1);
  });

  it('that people ended while its alert fires stays ended', async () => {
    await fire();
    expect((await step(1, { do: 'resolve', outcome: 'workaround', text: 'by cable' })).status).toBe(200);
    await wait(7 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ state: 'resolved', outcome: 'workaround' }]);
  });

  it('is not opened again beside another that is open about the same, and says which that is', async () => {
    await clear(await fire());
    await wait(6 * MINUTE_MS);
    await world.database
      .updateTable('ticket')
      .set({ resolved_at: now() - 4 * DAY_MS })
      .execute();
    await fire();
    expect((await tickets()).map(({ state }) => state)).toEqual(['resolved', 'new']);
    const answer = await step(1, { do: 'reopen', text: 'she calls again' });
    expect([answer.status, answer.body.message]).toEqual([409, 'Ticket 2 is open about the same. Work on that one.']);
    expect((await tickets()).map(({ state }) => state)).toEqual(['resolved', 'new']);
  });

  it('that a person opens again although its hub sees nothing is theirs until they end it, or until it was seen again', async () => {
    await clear(await fire());
    await wait(40 * MINUTE_MS);
    expect((await step(1, { do: 'reopen', text: 'she calls: it is not well' })).status).toBe(200);
    await wait(40 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ state: 'new', reopened: 1 }]);
    await clear(await fire());
    await wait(40 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ state: 'resolved', outcome: 'fixed' }]);
  });

  it('comes back from being put off when something else goes wrong with the same', async () => {
    await fire();
    expect((await step(1, { do: 'snooze', minutes: 10_000 })).status).toBe(200);
    await clear(await fire({ raisedAt: now() + 1 }));
    await fire({ raisedAt: now() + 2 });
    expect((await ticket(1)).snoozedUntil).toBeDefined();
    await fire({ key: `service-down:${NAS}:445`, code: 'service-down' });
    expect((await ticket(1)).snoozedUntil).toBeUndefined();
  });

  it('is not changed under whoever works on it, and fills no page of its history, by one alert that comes and goes', async () => {
    await fire();
    const { version } = await ticket(1);
    for (let i = 1; i <= 5; i++) {
      const raisedAt = now();
      await clear(await fire({ raisedAt }));
      await wait(MINUTE_MS);
    }
    expect(await ticket(1)).toMatchObject({ state: 'new', version, deeds: [{ what: 'ticket.opened' }] });
    expect((await ticket(1)).alerts).toHaveLength(5);
  });

  it('is left to people when its alert came back and went twenty times', async () => {
    for (let i = 0; i < 23; i++) {
      await clear(await fire());
      await world.database
        .updateTable('alert')
        .set({ cleared_at: now() - DAY_MS })
        .execute();
      await wait(MINUTE_MS);
    }
    expect(await tickets()).toMatchObject([{ state: 'new', reopened: 20 }]);
    expect((await ticket(1)).deeds.length).toBeLessThan(45);
  });

  it('of one home is one of fifty in a day at most: what is more joins that of the house', async () => {
    await tell(many(60, () => ({ actionableAt: now() - DAY_MS })));
    const all = await tickets();
    expect(all).toHaveLength(51);
    expect(all.at(-1)).toMatchObject({ symptom: 'premises' });
    expect((await ticket(51)).alerts).toHaveLength(10);
  });

  it('shows what was done last, however much was done before', async () => {
    await fire();
    await world.database.transaction().execute(async (db) => {
      const deed = { site: world.site, at: now(), actor: 'Ben', what: 'ticket.note', ticket: 1 };
      for (let i = 1; i <= 510; i++) await appendDeed(db, { ...deed, detail: { text: `note ${i}` } });
    });
    const { deeds } = await ticket(1);
    expect(deeds.length).toBe(500);
    expect([deeds[0]?.n, deeds.at(-1)?.n, deeds.at(-1)?.detail]).toEqual([12, 511, '{"text":"note 510"}']);
  });

  it('keeps no list of alerts that the desk has dropped from its history', async () => {
    await clear(await fire());
    await wait(6 * MINUTE_MS);
    const listed = () => world.database.selectFrom('ticket_alert').select('key').execute();
    await dropHistoryBefore(world.database, now() - DAY_MS);
    expect(await listed()).toHaveLength(1);
    await dropHistoryBefore(world.database, now() + DAY_MS);
    expect(await listed()).toEqual([]);
    expect(await tickets()).toMatchObject([{ state: 'resolved' }]);
  });

  it('goes on with what comes again of another that is part of it, as long as it is open', async () => {
    const camera = newRandomId(world.random);
    await fire();
    const seen = await fire({ title: 'Camera does not answer' }, camera);
    expect((await step(2, { do: 'merge', into: 1 })).status).toBe(200);
    await clear(seen);
    const again = await fire({ title: 'Camera does not answer', raisedAt: now() + 1 }, camera);
    expect((await tickets()).map(({ state }) => state)).toEqual(['new', 'merged']);
    expect((await ticket(1)).alerts).toHaveLength(3);
    await step(1, { do: 'resolve', outcome: 'workaround', text: 'the switch is bypassed' });
    await clear(again);
    await fire({ title: 'Camera does not answer', raisedAt: now() + 2 }, camera);
    expect((await tickets()).map(({ state }) => state)).toEqual(['resolved', 'merged', 'new']);
  });
});
