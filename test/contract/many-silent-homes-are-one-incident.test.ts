/** Homes that fall silent together are one incident instead of a ticket each, and whoever does not come back with the others gets one after all. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import { listDismissed } from '../../src/desk/store/incidents.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import type { FakeHub } from '../fakes/hub.ts';

const HOMES = 24;
const MINUTE_MS = 60_000;
const PROVIDERS = ['Northern Cable', 'Fibre & <b>Sons</b>'];

describeOnEachEngine('many silent homes', (open) => {
  let world: DeskWorld;
  let hubs: FakeHub[];

  beforeEach(async () => {
    world = new DeskWorld(await open(), { graceMs: 0 });
    const ids = Array.from({ length: HOMES }, () => newRandomId(world.random));
    const homes = ids.map((id, i) => `  ${id}: {provider: "${PROVIDERS[i % 2]}", area: "Area ${Math.floor(i / 12)}", plan: basic}`);
    const policy = readServicePolicy(
      `version: "1"\nsince: 2026-01-01\nplans: {basic: {premisesDown: {within: 20min}}}\nhomes:\n${homes.join('\n')}\n`,
    );
    if (!policy.ok) throw new Error(JSON.stringify(policy.error));
    world.service = policy.value;
    await world.start();
    for (const [i, id] of ids.entries()) await saveSite(world.database, { id, name: `Home ${i}` }, world.clock.now().wallMs);
    hubs = ids.map((site) => world.hub({ site }));
    for (const hub of hubs) await world.send(hub, hub.birth());
  });

  /** Time passes, and the hubs that `speak` are heard. */
  const live = async (minutes: number, speak: (i: number) => boolean): Promise<void> => {
    for (let half = 0; half < minutes * 2; half++) {
      for (const [i, hub] of hubs.entries()) if (speak(i)) world.link.deliver(hub.heartbeat().topic, hub.heartbeat().payload);
      await world.clock.advance(MINUTE_MS / 2);
      await world.desk.drain();
    }
  };
  const incidents = (isOpen = true) => world.desk.reader.incidents.list({ open: isOpen, limit: 9 });
  const tickets = () => world.desk.reader.tickets({ open: true, limit: 99 });
  const ask = (path: string, body?: object) =>
    world.desk.app.fetch(
      new Request(`http://127.0.0.1${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers: { host: '127.0.0.1', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      }),
    );
  const only = async () => {
    const [one, ...more] = await incidents();
    if (one === undefined || more.length > 0) throw new Error(`there are ${more.length + (one ? 1 : 0)} incidents`);
    return one;
  };

  const isOfNorthern = (i: number): boolean => i % 2 === 0;

  it('of one provider are one incident, and no ticket', async () => {
    await live(6, (i) => !isOfNorthern(i));
    expect(await only()).toMatchObject({ cause: 'homes with Northern Cable', size: 12, homes: { all: 12, back: 0 } });
    expect(await tickets()).toEqual([]);
    const page = await (await ask('/')).text();
    expect(page).toContain('12 homes are silent together');
    expect(page).toMatch(/12 homes with Northern Cable fell silent (at once|within)/);
    expect(page).not.toContain('The hub of Home');
    const site = await (await ask(`/sites/${hubs[0]?.site}`)).text();
    expect(site).toContain('one of many homes');
  });

  it('that are back leave it, and it is over when all are', async () => {
    await live(6, (i) => !isOfNorthern(i));
    await live(1, (i) => i % 2 === 1 || i < 8);
    expect((await only()).homes).toMatchObject({ all: 12, back: 4 });
    await live(1, () => true);
    expect(await incidents()).toEqual([]);
    expect(await incidents(false)).toMatchObject([{ endedBecause: 'all homes are back', homes: { all: 12, back: 12 } }]);
    expect(await tickets()).toEqual([]);
  });

  it('but one, which gets a ticket of its own when no more come', async () => {
    await live(6, (i) => !isOfNorthern(i));
    await live(29, (i) => i !== 4);
    expect(await tickets()).toEqual([]);
    await live(3, (i) => i !== 4);
    expect(await incidents()).toEqual([]);
    expect(await tickets()).toMatchObject([{ site: hubs[4]?.site, symptom: 'premises', siteName: 'Home 4' }]);
  });

  it('are joined by those that follow soon, and not by others', async () => {
    await live(6, (i) => !(isOfNorthern(i) && i < 16));
    await live(6, (i) => !(isOfNorthern(i) || i === 7));
    expect((await only()).homes.all).toBe(12);
    expect(await tickets()).toMatchObject([{ site: hubs[7]?.site }]);
  });

  it('are more than one statement can name', async () => {
    const sites = [...Array.from({ length: 70_000 }, (_, i) => `home ${i}`), hubs[0]?.site ?? ''];
    await world.database
      .insertInto('incident_home')
      .values({ number: 1, site_id: hubs[0]?.site ?? '', since_at: 1, left_at: 2, is_back: 0 })
      .execute();
    expect(await listDismissed(world.database, sites)).toEqual(new Map([[hubs[0]?.site, 2]]));
  });

  it('fewer than five are a ticket each', async () => {
    await live(8, (i) => !(isOfNorthern(i) && i < 8));
    expect(await incidents()).toEqual([]);
    expect(await tickets()).toHaveLength(4);
  });

  it('are taken, told and given up by people, each of them once', async () => {
    await live(6, (i) => !isOfNorthern(i));
    const { number } = await only();
    const before = (await world.desk.reader.incidents.one(number))?.members[0]?.answer;
    expect(before).toMatchObject({ state: expect.stringMatching(/running|warned/) });
    const step = async (version: number, said: object) =>
      (await ask(`/api/v1/incidents/${number}/steps`, { version, by: 'Ben', ...said })).status;
    expect(await step(1, { do: 'take' })).toBe(200);
    expect(await step(1, { do: 'take' })).toBe(409);
    expect(await step(2, { do: 'answer', channel: 'e-mail', text: 'We know of it.' })).toBe(200);
    const told = await world.desk.reader.incidents.one(number);
    expect(told).toMatchObject({ assignee: 'Ben', answeredAt: world.clock.now().wallMs });
    expect(told?.members.map(({ answer }) => answer?.state)).toEqual(Array.from({ length: 12 }, () => 'answered'));
    expect(await step(3, { do: 'end', text: 'not one thing' })).toBe(200);
    await live(1, (i) => !isOfNorthern(i));
    expect(await incidents()).toEqual([]);
    expect(await tickets()).toHaveLength(12);
    const page = await (await ask(`/incidents/${number}`)).text();
    expect(page).toContain('not one thing');
    expect((await ask('/incidents/99')).status).toBe(404);
    expect((await ask(`/api/v1/incidents/${number}/steps`, { version: 4, by: 'Ben', do: 'take' })).status).toBe(409);
  });

  it('are told with their words as text', async () => {
    await live(6, isOfNorthern);
    const page = await (await ask(`/incidents/${(await only()).number}`)).text();
    expect(page).toContain('Fibre &amp; &lt;b&gt;Sons&lt;/b&gt;');
    expect(page).not.toContain('<b>Sons');
  });
});
