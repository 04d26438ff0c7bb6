/** Who read of a home stands where its dealer can read it: people and programs by name, once a day, and nobody for a list of many homes. */
import { beforeEach, expect, it } from 'vitest';
import type { Look } from '../../src/desk/access/look.ts';
import { LOOKS_KEPT_DAYS, Looks } from '../../src/desk/access/looks.ts';
import { describeOnEachEngine, type OpenNew } from '../fakes/desk-engines.ts';
import { DeskWorld, silentLog } from '../fakes/desk-world.ts';
import { onFullDisk } from '../fakes/full-disk.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describeOnEachEngine('who looked into a home', (open: OpenNew) => {
  let desk: GuardedDesk;

  beforeEach(async () => {
    desk = new GuardedDesk(await open());
    await desk.start();
  });

  const read = async (name: string, path: string): Promise<number> => (await desk.ask('get', path, await desk.headersOf(name))).status;

  async function looks(home = desk.own): Promise<Look[]> {
    await desk.world.desk.drain();
    return desk.world.desk.reader.looks(home.id, '2000-01-01');
  }

  it('is told by day and name, whichever way it was read', async () => {
    const { own, world } = desk;
    const start = world.clock.now().wallMs;
    expect(await read('agent', `/sites/${own.id}`)).toBe(200);
    expect(await read('technician', `/tickets/${own.ticket}`)).toBe(200);
    expect(await read('homeowner', `/api/v1/sites/${own.id}/devices`)).toBe(200);
    await world.clock.advance(3 * MINUTE_MS);
    expect(await read('agent', `/sites/${own.id}/devices/${own.device}`)).toBe(200);
    expect((await looks()).map(({ by }) => by)).toEqual(['agent Quist', 'homeowner Quist', 'technician Quist']);
    await world.clock.advance(20 * MINUTE_MS);
    expect(await read('agent', `/api/v1/alerts?site=${own.id}`)).toBe(200);
    const [agent] = await looks();
    expect(agent).toMatchObject({ by: 'agent Quist', firstAt: start, lastAt: start + 23 * MINUTE_MS });
    await world.clock.advance(DAY_MS);
    expect(await read('agent', `/sites/${own.id}`)).toBe(200);
    expect((await looks()).map(({ by, day }) => [by, day])[0]).toEqual([
      'agent Quist',
      new Date(start + DAY_MS).toISOString().slice(0, 10),
    ]);
    const told = await desk.ask('get', `/api/v1/sites/${own.id}/looks`, await desk.headersOf('dealer'));
    expect(((await told.json()) as { looks: Look[] }).looks.map(({ by }) => by)).toEqual([
      'agent Quist',
      'agent Quist',
      'homeowner Quist',
      'technician Quist',
    ]);
    await world.desk.drain();
    const page = await (await desk.ask('get', `/sites/${own.id}`, await desk.headersOf('dealer'))).text();
    expect(/Who looked here.*?<\/section>/s.exec(page)?.[0]).toMatch(/4 in 30 days.*agent.*on 2 days.*technician.*on 1 day/s);
    expect(await (await desk.ask('get', `/sites/${own.id}`, await desk.headersOf('homeowner'))).text()).not.toContain('Who looked here');
  });

  it.each(['contacts', 'notes', 'contracts', 'audit', 'service'])('is told of who read only its %s', async (part) => {
    expect(await read('agent', `/api/v1/sites/${desk.own.id}/${part}`)).toBe(200);
    expect((await looks()).map(({ by }) => by)).toEqual(['agent Quist']);
  });

  it('counts no list of many homes, nothing that was refused, and keeps the homes apart', async () => {
    const { own, foreign } = desk;
    for (const path of ['/', '/?q=Own', '/fleet', '/fleet/heat', '/tickets', '/api/v1/sites', '/api/v1/search?q=Ownbox', '/reports'])
      expect([path, await read('lead', path)]).toEqual([path, 200]);
    for (const path of [`/sites/${foreign.id}`, `/tickets/${foreign.ticket}`, `/api/v1/sites/${foreign.id}/devices`])
      expect(await read('dealer', path)).toBe(404);
    expect(await looks(foreign)).toEqual([]);
    expect(await looks(own)).toEqual([]);
  });

  it('keeps nobody from reading while the disk is full, and is written when there is room', async () => {
    const { world, own } = desk;
    let isFull = true;
    const warnings: string[] = [];
    const log = { warn: (message: string) => warnings.push(message) };
    const some = new Looks({ clock: world.clock, log, database: onFullDisk(world.database, () => isFull) });
    some.note(own.id, 'Ann');
    await some.flush();
    some.note(own.id, 'Ben');
    await some.flush();
    expect(warnings).toHaveLength(1);
    isFull = false;
    await some.flush();
    expect((await looks()).map(({ by }) => by)).toEqual(['Ann', 'Ben']);
  });

  it('is forgotten after its time', async () => {
    const { world, own } = desk;
    const some = new Looks({ clock: world.clock, log: silentLog, database: world.database });
    some.note(own.id, 'Ann');
    await some.flush();
    world.clock.stepWall(LOOKS_KEPT_DAYS * DAY_MS);
    await some.tidy();
    expect(await looks()).toHaveLength(1);
    world.clock.stepWall(DAY_MS);
    await some.tidy();
    expect(await looks()).toEqual([]);
  });
});

describeOnEachEngine('a desk without accounts', (open: OpenNew) => {
  it('knows of nobody who looked', async () => {
    const world = new DeskWorld(await open());
    await world.start();
    const headers = { host: 'localhost' };
    expect((await world.desk.app.fetch(new Request(`http://localhost/sites/${world.site}`, { headers }))).status).toBe(200);
    await world.desk.drain();
    expect(await world.desk.reader.looks(world.site, '2000-01-01')).toEqual([]);
  });
});
