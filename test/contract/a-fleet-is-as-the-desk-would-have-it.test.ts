/** The store of the benches holds what a desk would hold that heard the same hubs: its past too, which is not told but written. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import type { Envelope } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { makeFleet } from '../load/fleet.ts';
import { LoadHome } from '../load/load-home.ts';

const HOMES = 3;

/** In which order a body names its parts is nobody's business. */
function read<T extends { readonly body?: string | undefined }>(row: T): object {
  return { ...row, body: JSON.parse(row.body ?? 'null') as unknown };
}

it('has of each home what its hub told, and words for all of it', async () => {
  const world = new DeskWorld(await openDeskDatabase(join(temporaryFolder(), 'told.db')));
  await world.start();
  const at = world.clock.now().wallMs;
  const fleet = await openDeskDatabase(join(temporaryFolder(), 'made.db'));
  await makeFleet(fleet, HOMES, at);
  for (let number = 0; number < HOMES; number++) {
    const home = new LoadHome(number, at);
    await saveSite(world.database, { id: home.site }, at);
    const hub = world.hub({ site: home.site });
    const parts = home.snapshot(at).map((part) => hub.entry('snapshot', part));
    await world.send(hub, hub.birth(home.name), ...parts);
    // What the past is made of, told late: the desk keeps of each alert and each change what the fleet has of it.
    const [past] = await fleet.selectFrom('alert').selectAll().where('site_id', '=', home.site).where('ses', '=', 0).limit(1).execute();
    const [change] = await fleet.selectFrom('event').selectAll().where('site_id', '=', home.site).where('ses', '=', 0).limit(1).execute();
    const older = (k: string, body: string, ts: number): Envelope => ({
      ...hub.rawEntry(k, JSON.parse(body)),
      ses: 0,
      pos: 1,
      start: newRandomId(seededRandom('past')),
      ts,
      mono: 0,
    });
    await world.send(
      hub,
      older('alert.cleared', past?.body ?? '', past?.raised_at ?? 0),
      older('device.state', change?.body ?? '', change?.occurred_at ?? 0),
    );
    const told = await world.database.selectFrom('alert').selectAll().where('site_id', '=', home.site).where('ses', '=', 0).execute();
    expect(told.map(read)).toEqual([read({ ...past, pos: 1, received_at: at, late: 1, not_before: null, not_after: null })]);
    const kept = await world.database
      .selectFrom('event')
      .select(['kind', 'body'])
      .where('site_id', '=', home.site)
      .where('kind', '=', 'device.state')
      .execute();
    expect(kept.map(read)).toEqual([read({ kind: 'device.state', body: change?.body })]);
    const course = (database: typeof fleet) =>
      database
        .selectFrom('device_course')
        .selectAll()
        .where('site_id', '=', home.site)
        .where('since_at', '=', change?.occurred_at ?? 0)
        .execute();
    expect(await course(fleet)).toEqual((await course(world.database)).map((row) => ({ ...row, pos: change?.pos })));
    for (const table of ['device', 'device_state', 'device_verdict', 'device_entry'] as const) {
      const rows = (database: typeof fleet) =>
        database.selectFrom(table).selectAll().where('site_id', '=', home.site).execute() as Promise<object[]>;
      const plain = (all: object[]): object[] => all.map((row) => ({ ...row, ses: 0, pos: 0, no: 0 }));
      expect([table, plain(await rows(fleet))]).toEqual([table, plain(await rows(world.database))]);
    }
    const firing = (database: typeof fleet) =>
      database
        .selectFrom('alert')
        .select(['key', 'body', 'severity', 'stage'])
        .where('site_id', '=', home.site)
        .where('cleared_at', 'is', null)
        .orderBy('key')
        .execute();
    expect(await firing(fleet)).toEqual(await firing(world.database));
  }
  const words = (database: typeof fleet) =>
    database
      .selectFrom('device_word')
      .select((eb) => ['word', eb.fn.countAll().as('n')])
      .groupBy('word')
      .orderBy('word')
      .execute();
  expect(await words(fleet)).toEqual(await words(world.database));
  expect((await words(fleet)).length).toBeGreaterThan(300);
  await fleet.destroy();
});
