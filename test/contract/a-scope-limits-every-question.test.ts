/** Whoever sees only some homes is answered of those alone, whatever is asked: the limit is in the statement, not in the answer. */
import { sql } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { DeskReader } from '../../src/desk/reader.ts';
import { createReader } from '../../src/desk/reader.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { scopedTo } from '../../src/desk/store/scoped.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState } from '../fakes/hub.ts';

describeOnEachEngine('a reader of some homes', (open) => {
  let world: DeskWorld;
  let own: string;
  let foreign: string;
  let reader: DeskReader;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    [own, foreign] = [await home('Own home'), await home('Foreign home')];
    await world.database.insertInto('reach').values({ holder: 'me', kind: 'site', name: own }).execute();
    await world.clock.advance(1000);
    await world.desk.drain();
    reader = createReader(scopedTo(world.database, { holder: 'me' }), () => undefined);
  });

  async function home(name: string): Promise<string> {
    const hub = world.hub({ site: newRandomId(world.random) });
    const [nas, now] = [newRandomId(world.random), world.clock.now().wallMs];
    await saveSite(world.database, { id: hub.site, name }, now);
    await world.send(
      hub,
      hub.birth(),
      hub.entry('device.added', device(nas, { name: 'NAS' })),
      hub.entry('device.state', deviceState(nas, 'down', now)),
      hub.entry('alert.raised', deviceDown(nas, now, { severity: 'error', actionableAt: now })),
    );
    return hub.site;
  }

  it('is told of no other home, device, alert, ticket, event or deed, neither listed nor named', async () => {
    const all = world.desk.reader;
    const [theirTicket, ownTicket] = [await ticketOf(all, foreign), await ticketOf(all, own)];
    const [theirAlert] = await all.firing(foreign);
    expect((await reader.sites()).map(({ id }) => id)).toEqual([own]);
    expect([await reader.site(foreign), await reader.devices(foreign), await reader.firing(foreign)]).toEqual([undefined, [], []]);
    expect((await reader.firing()).map(({ site }) => site)).toEqual([own]);
    expect((await reader.alerts({ limit: 100 })).map(({ site }) => site)).toEqual([own]);
    expect(await reader.alert(foreign, theirAlert!.key, theirAlert!.raisedHubAt)).toBeUndefined();
    expect((await reader.tickets({ limit: 100 })).map(({ number }) => number)).toEqual([ownTicket]);
    expect([await reader.ticket(theirTicket), (await reader.ticket(ownTicket))?.site]).toEqual([undefined, own]);
    expect(new Set((await reader.events({ after: 0, limit: 100 })).map(({ site }) => site))).toEqual(new Set([own]));
    expect((await reader.audit({ site: foreign, limit: 10 })).deeds).toEqual([]);
    expect((await all.audit({ site: foreign, limit: 10 })).deeds).not.toEqual([]);
  });

  it('counts, pages and searches its own homes alone', async () => {
    const { homes } = reader;
    expect(await homes.totals()).toMatchObject({ homes: 1, wrong: { total: 1, homes: 1 } });
    expect((await world.desk.reader.homes.totals()).homes).toBe(3);
    expect((await homes.page(1)).homes.map(({ id }) => id)).toEqual([own]);
    expect((await homes.wrong()).firing.map(({ site }) => site)).toEqual([own]);
    const found = await homes.search('nas', 1);
    expect([found.devices.map(({ site }) => site), found.areAllDevices]).toEqual([[own], true]);
    expect((await homes.search('foreign', 1)).total).toBe(0);
    expect(await homes.after(foreign, 10)).toEqual([]);
    expect([...(await homes.names([own, foreign])).keys()]).toEqual([own]);
  });

  it('sees what a limit of the answer would have hidden: the newest of its own, however many are newer elsewhere', async () => {
    for (let i = 0; i < 5; i++) await home(`Newer home ${i}`);
    expect((await reader.alerts({ limit: 1 })).map(({ site }) => site)).toEqual([own]);
    expect((await reader.events({ after: 0, limit: 1 })).map(({ site }) => site)).toEqual([own]);
    expect((await reader.homes.search('nas', 1)).devices.map(({ site }) => site)).toEqual([own]);
  });

  it('sees a home of its dealer as soon as it is his, and no longer than that', async () => {
    await world.database.insertInto('reach').values({ holder: 'me', kind: 'dealer', name: 'Smith AV' }).execute();
    expect((await reader.sites()).length).toBe(1);
    await world.database.insertInto('dealer_home').values({ dealer: 'Smith AV', site_id: foreign }).execute();
    expect((await reader.sites()).map(({ id }) => id).sort()).toEqual([own, foreign].sort());
    await world.database.deleteFrom('dealer_home').execute();
    expect((await reader.sites()).map(({ id }) => id)).toEqual([own]);
  });

  it('is refused what no rule knows: another table, a change, SQL that names a table by itself', async () => {
    const limited = scopedTo(world.database, { holder: 'me' });
    await expect(limited.selectFrom('person').selectAll().execute()).rejects.toThrow('no rule says which rows of person');
    await expect(limited.selectFrom('in_reach').selectAll().execute()).rejects.toThrow('no rule says which rows of in_reach');
    await expect(limited.updateTable('site').set({ name: 'mine' }).execute()).rejects.toThrow('limited to some homes');
    await expect(limited.deleteFrom('site').execute()).rejects.toThrow('limited to some homes');
    await expect(sql`select * from site`.execute(limited)).rejects.toThrow('limited to some homes');
    const byHand = limited.selectFrom('site').select(sql<number>`(select count(*) from alert)`.as('n'));
    await expect(byHand.execute()).rejects.toThrow('where no rule can look');
    const nested = limited.selectFrom(limited.selectFrom('alert').select('site_id').as('inner')).selectAll();
    expect(await nested.execute()).toEqual([{ site_id: own }]);
    await limited.transaction().execute(async (db: DeskDatabase) => {
      expect((await db.selectFrom('alert').select('site_id').execute()).map(({ site_id }) => site_id)).toEqual([own]);
    });
  });
});

async function ticketOf(reader: DeskReader, site: string): Promise<number> {
  return (await reader.tickets({ site, limit: 1 }))[0]!.number;
}
