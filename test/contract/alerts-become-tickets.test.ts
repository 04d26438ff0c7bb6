/** What calls for work becomes one ticket, whatever tells it; people work on it; and who did what is a chain that shows whether it was changed. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, type FakeHub, snapshot, supportEnding } from '../fakes/hub.ts';

const [NAS, CAMERA] = ['nas', 'camera'].map((name) => newRandomId(seededRandom(name))) as [string, string];
const MINUTE_MS = 60_000;
const HOLD_MS = 2 * MINUTE_MS;
const DAY_MS = 86_400_000;
/** The desk looks at its tickets every 15 s. */
const LOOK_MS = 16_000;

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
  const tickets = () => world.desk.reader.tickets({ limit: 50 });
  const only = async () => {
    const [one, ...more] = await tickets();
    if (!one || more.length > 0) throw new Error(`there are ${more.length + (one ? 1 : 0)} tickets`);
    return one;
  };
  const ticket = async (number: number) => {
    const found = await world.desk.reader.ticket(number);
    if (!found) throw new Error(`there is no ticket ${number}`);
    return found;
  };
  /** Time passes while the hub is heard, and the desk looks at its tickets. */
  const wait = async (ms: number): Promise<void> => {
    const steps = Math.min(20, Math.ceil(ms / MINUTE_MS));
    for (let i = 0; i < steps; i++) {
      await world.clock.advance(ms / steps - LOOK_MS);
      await world.send(hub, hub.heartbeat());
      await world.clock.advance(LOOK_MS);
      await world.desk.drain();
    }
  };
  const fire = async (device = NAS, over = {}) => {
    const alert = deviceDown(device, now(), { actionableAt: now() + HOLD_MS, ...over });
    await world.send(hub, hub.entry('alert.raised', alert));
    return alert;
  };
  const clear = (alert: ReturnType<typeof deviceDown>) => world.send(hub, hub.entry('alert.cleared', { ...alert, clearedAt: now() }));
  const post = async (path: string, body: object, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) => {
    const request = new Request(`http://127.0.0.1:7080${path}`, {
      method: 'POST',
      headers: { host: '127.0.0.1:7080', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const response = await world.desk.app.fetch(request);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const step = (number: number, version: number, said: object, by = 'Ben') =>
    post(`/api/v1/tickets/${number}/steps`, { version, by, ...said });

  it('opens when the hold of its alert is over, once, and not before', async () => {
    await fire();
    expect(await tickets()).toEqual([]);
    await wait(HOLD_MS - 30_000);
    expect(await tickets()).toEqual([]);
    await wait(MINUTE_MS);
    expect(await tickets()).toMatchObject([{ title: 'NAS does not answer', state: 'new', tier: 'basic', siteName: 'Lindgren' }]);
    await wait(5 * MINUTE_MS);
    expect(await tickets()).toHaveLength(1);
  });

  it('has all alerts of one device, and those of another have their own', async () => {
    await fire();
    await wait(3 * MINUTE_MS);
    await fire(NAS, { key: `service-down:${NAS}:445`, code: 'service-down', actionableAt: now() });
    await fire(CAMERA, { title: 'Camera does not answer', actionableAt: now() });
    const [second, first] = (await tickets()).sort((a, b) => b.number - a.number);
    expect([second?.title, first?.title]).toEqual(['Camera does not answer', 'NAS does not answer']);
    expect((await ticket(first?.number ?? 0)).alerts.map(({ code }) => code).sort()).toEqual(['device-down', 'service-down']);
  });

  it('does not open for what is over when it is told, for what is held, or for what is to be planned for', async () => {
    const raisedAt = now() - 3_600_000;
    const past = deviceDown(NAS, raisedAt);
    await world.send(hub, hub.entry('alert.raised', past), hub.entry('alert.cleared', { ...past, clearedAt: raisedAt + 60_000 }));
    await fire(CAMERA, { held: true, actionableAt: now() });
    await world.send(hub, hub.entry('alert.raised', supportEnding(NAS, now(), 90)));
    await wait(10 * MINUTE_MS);
    expect(await tickets()).toEqual([]);
  });

  it('opens from a snapshot too', async () => {
    const alert = deviceDown(NAS, now() - 10 * MINUTE_MS, { actionableAt: now() - 8 * MINUTE_MS });
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [alert] })));
    expect(await tickets()).toHaveLength(1);
  });

  it('does not wait for an instant of a clock that was ahead when its alert was raised', async () => {
    const ahead = deviceDown(NAS, now() + 3 * 3_600_000);
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [ahead] })));
    expect(await tickets()).toEqual([]);
    await wait(3 * MINUTE_MS);
    expect(await tickets()).toHaveLength(1);
  });

  it('opens for a home that is not heard any more', async () => {
    await world.clock.advance(15 * MINUTE_MS);
    await world.desk.drain();
    await world.clock.advance(LOOK_MS);
    await world.desk.drain();
    expect(await tickets()).toMatchObject([{ symptom: 'premises' }]);
  });

  it('resolves itself when its alert is over, opens again when that is back soon, and is another one later', async () => {
    const first = await fire();
    await wait(3 * MINUTE_MS);
    await clear(first);
    await wait(4 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ state: 'new' }]);
    await wait(2 * MINUTE_MS);
    expect(await tickets()).toMatchObject([{ state: 'resolved', outcome: 'recovered' }]);
    const second = await fire();
    await wait(3 * MINUTE_MS);
    const [again, ...none] = await tickets();
    expect([again?.state, again?.reopened, none]).toEqual(['new', 1, []]);
    await clear(second);
    await wait(6 * MINUTE_MS);
    const longAgo = now() - 4 * DAY_MS;
    await world.database.updateTable('ticket').set({ resolved_at: longAgo }).execute();
    await fire();
    await wait(3 * MINUTE_MS);
    expect((await tickets()).map(({ state }) => state)).toEqual(['new', 'resolved']);
    await world.database
      .updateTable('ticket')
      .set({ resolved_at: longAgo - 4 * DAY_MS })
      .where('state', '=', 'resolved')
      .execute();
    await wait(6 * MINUTE_MS);
    expect((await tickets()).map(({ state }) => state)).toEqual(['new', 'closed']);
  });

  it('that people worked on is watched for half an hour, and is open again when it comes back meanwhile', async () => {
    const alert = await fire();
    await wait(3 * MINUTE_MS);
    const { number, version } = await only();
    expect((await step(number, version, { do: 'take' })).status).toBe(200);
    await clear(alert);
    await wait(6 * MINUTE_MS);
    expect((await ticket(number)).state).toBe('monitoring');
    const back = await fire(NAS, { actionableAt: now() });
    expect((await ticket(number)).state).toBe('open');
    await clear(back);
    await wait(40 * MINUTE_MS);
    expect(await ticket(number)).toMatchObject({ state: 'resolved', outcome: 'fixed', assignee: 'Ben' });
  });

  it('is of whoever acknowledges its alert', async () => {
    const { key, raisedAt } = await fire(NAS, { actionableAt: now() });
    await post('/api/v1/alerts/acknowledge', { site: world.site, key, raisedHubAt: raisedAt, by: 'Ben', note: 'on it' });
    const [taken] = await tickets();
    expect(taken).toMatchObject({ state: 'open', assignee: 'Ben' });
    expect((await ticket(taken?.number ?? 0)).deeds.map(({ actor, what }) => `${actor} ${what}`)).toEqual([
      'desk ticket.opened',
      'Ben alert.acknowledged',
    ]);
  });

  it('takes one step of many who saw the same, and tells the others that it has changed', async () => {
    await fire(NAS, { actionableAt: now() });
    const { number, version } = await only();
    const answers = await Promise.all(['Anna', 'Ben', 'Cem', 'Dora'].map((by) => step(number, version, { do: 'take' }, by)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ error: 'changed' });
    expect((await ticket(number)).deeds).toHaveLength(2);
  });

  it('refuses what it cannot be, and says why', async () => {
    await fire(NAS, { actionableAt: now() });
    const { number, version } = await only();
    const refused: [said: object, status: number, words: RegExp][] = [
      [{ do: 'resolve', outcome: 'fixed' }, 400, /words are needed/],
      [{ do: 'resolve', outcome: 'recovered', text: 'x' }, 400, /outcome/],
      [{ do: 'resolve', outcome: 'fixed', text: 'x' }, 409, /still fires/],
      [{ do: 'tier', to: 'advanced' }, 409, /which rate/],
      [{ do: 'tier', to: 'advanced', consentFrom: 'Anna' }, 409, /which rate/],
      [{ do: 'snooze', minutes: 99_999 }, 409, /a week at most/],
      [{ do: 'merge', into: 4711 }, 409, /no ticket 4711/],
      [{ do: 'dance' }, 400, /do/],
      [{ do: 'take', by: '\u202e' }, 400, /name/],
    ];
    for (const [said, status, words] of refused) {
      const answer = await step(number, version, said);
      expect([said, answer.status]).toEqual([said, status]);
      expect(String(answer.body.message)).toMatch(words);
    }
    expect((await ticket(number)).version).toBe(version);
    expect((await step(number, version, { do: 'resolve', outcome: 'workaround', text: 'by cable' })).status).toBe(200);
    expect((await step(4711, 1, { do: 'take' })).status).toBe(404);
    const foreign = await post(`/api/v1/tickets/${number}/steps`, { version, by: 'Eve', do: 'take' }, { 'sec-fetch-site': 'cross-site' });
    expect(foreign.status).toBe(403);
  });

  it('is opened by hand for what no hub sees, and can become part of another', async () => {
    await fire(NAS, { actionableAt: now() });
    const said = { site: world.site, title: 'Netflix does not play', by: 'Ben', channel: 'phone', text: 'on the TV upstairs' };
    const opened = await post('/api/v1/tickets', said);
    expect(opened.status).toBe(201);
    const { number, version } = opened.body.ticket as { number: number; version: number };
    expect(await ticket(number)).toMatchObject({
      title: 'Netflix does not play',
      alerts: [],
      deeds: [{ actor: 'Ben', what: 'ticket.opened' }],
    });
    await wait(60 * MINUTE_MS);
    expect((await ticket(number)).state).toBe('new');
    const other = (await tickets()).find((each) => each.number !== number);
    expect((await step(number, version, { do: 'merge', into: other?.number })).status).toBe(200);
    expect(await ticket(number)).toMatchObject({ state: 'merged', mergedInto: other?.number });
    expect((await post('/api/v1/tickets', { ...said, site: newRandomId(world.random) })).status).toBe(404);
  });

  it('takes its alerts along when it becomes part of another, and they open no new one', async () => {
    await fire(NAS, { actionableAt: now() });
    await fire(CAMERA, { actionableAt: now() });
    const [one, two] = (await tickets()).sort((a, b) => a.number - b.number);
    await step(two?.number ?? 0, two?.version ?? 0, { do: 'merge', into: one?.number });
    await wait(MINUTE_MS);
    expect((await tickets()).map(({ state }) => state).sort()).toEqual(['merged', 'new']);
    expect((await ticket(one?.number ?? 0)).alerts).toHaveLength(2);
  });

  it('keeps what was done as a chain that shows where it was changed', async () => {
    await fire(NAS, { actionableAt: now() });
    const { number } = await only();
    for (const [i, text] of ['one', 'two', 'three'].entries()) await step(number, i + 1, { do: 'note', text });
    const audit = () => world.desk.reader.audit({ site: world.site, limit: 100 });
    expect((await audit()).brokenAt).toBeUndefined();
    expect((await audit()).deeds.map(({ n, what }) => `${n} ${what}`)).toEqual([
      '1 ticket.opened',
      '2 ticket.note',
      '3 ticket.note',
      '4 ticket.note',
    ]);
    await world.database.updateTable('audit').set({ detail: '{"text":"never"}' }).where('n', '=', 3).execute();
    expect((await audit()).brokenAt).toBe(3);
  });
});
