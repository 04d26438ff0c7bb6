/** What a desk kept before it could be searched is found once it was brought up to date. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { askedFor } from '../../src/desk/search-words.ts';
import { findDevices, findHomes } from '../../src/desk/store/search.ts';
import { insertTicket } from '../../src/desk/store/tickets.ts';
import { listUnseen } from '../../src/desk/store/unanswered.ts';
import { newTicket } from '../../src/desk/tickets/ticket.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import type { DeviceStateMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceState } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

it('finds homes and devices that were there before, and knows how these did', async () => {
  const file = join(temporaryFolder(), 'desk.db');
  const random = seededRandom('before');
  const [nas, gone] = [newRandomId(random), newRandomId(random)];
  const world = new DeskWorld(await openDeskDatabase(file));
  await world.start();
  const hub = world.hub();
  const devices = [device(nas), device(gone, { name: 'Gone' })].map((each) => hub.entry('device.added', each));
  const [since, at] = [world.clock.now().wallMs - 3_600_000, world.clock.now().wallMs];
  const states = [deviceState(nas, 'down', since), deviceState(nas, 'up', at)].map((each) => hub.entry('device.state', each));
  // What could not be read when it came was kept as it was.
  const odd = [{ since: 1e300 }, { state: 'ablaze' }, { evidence: { attempts: {} } }].map((over) =>
    hub.entry('device.state', { ...deviceState(nas, 'up', at), ...over } as DeviceStateMessage),
  );
  await world.send(hub, hub.birth(), ...devices, ...states, ...odd, hub.entry('device.removed', { device: gone, why: 'sold' }));
  const { site } = world;
  await insertTicket(world.database, {
    ...newTicket({ site, title: 'Somebody has it', isTouched: true }, 5),
    assignee: 'Ben',
    answeredAt: 7,
  });
  await insertTicket(world.database, newTicket({ site, title: 'Nobody has it', isTouched: true }, 5));
  for (const over of [{ snoozedUntil: 9 }, { waitsFor: 'a part' }, { tier: 'advanced' as const }])
    await insertTicket(world.database, { ...newTicket({ site, title: 'Somebody looked at it', isTouched: true }, 5), ...over });
  await world.desk.stop();
  await world.database.destroy();
  takeBack(file);

  const database = await openDeskDatabase(file);
  expect(await findHomes(database, askedFor('lindgren'), { limit: 5, offset: 0 })).toEqual({ ids: [site], total: 1 });
  expect((await findDevices(database, askedFor('nas'), 5)).found).toEqual([{ site_id: site, device_id: nas }]);
  expect((await findDevices(database, askedFor('gone'), 5)).found).toEqual([]);
  expect(await database.selectFrom('site').select('sort_name').execute()).toEqual([{ sort_name: 'lindgren' }]);
  // Who has a ticket has seen it: it is passed on to nobody else.
  expect((await listUnseen(database)).map(({ title }) => title)).toEqual(['Nobody has it']);
  expect(await database.selectFrom('device_course').select(['device_id', 'since_at', 'state']).orderBy('since_at').execute()).toEqual([
    { device_id: nas, since_at: since, state: 'down' },
    { device_id: nas, since_at: at, state: 'up' },
  ]);
  await database.destroy();
});

/** The tables that there were; what came with later steps is for them to make. */
const THEN: ReadonlySet<string> = new Set(
  'kysely_migration kysely_migration_lock site session device device_state device_verdict alert told_stage site_state event snapshot_part quarantine ticket ticket_alert audit'.split(
    ' ',
  ),
);

/** As it was one step before. */
function takeBack(file: string): void {
  const sqlite = new Database(file);
  const indexes = sqlite.prepare<[], string>("select name from sqlite_master where type = 'index' and sql is not null").pluck().all();
  const later = [
    'site_name',
    'device_present',
    'device_state_now',
    'device_verdict_told',
    'site_registered',
    'alert_fault',
    'alert_end',
    'alert_end_of',
    'alert_end_seen',
    'alert_raised',
    'alert_over',
    'alert_firing_raised',
    'alert_cleared',
    'alert_untold',
    'alert_forgotten',
    'alert_of_line',
    'alert_of_silence',
    'alert_call',
  ];
  const views = sqlite.prepare<[], string>("select name from sqlite_master where type = 'view'").pluck().all();
  for (const view of views) sqlite.exec(`drop view ${view}`);
  for (const index of later.filter((name) => indexes.includes(name))) sqlite.exec(`drop index ${index}`);
  const tables = sqlite
    .prepare<[], string>("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  for (const table of tables.filter((name) => !THEN.has(name))) sqlite.exec(`drop table ${table}`);
  sqlite.exec('alter table site drop column sort_name');
  for (const column of ['seen_at', 'passed_at', 'counts_from', 'passed_to', 'step'])
    sqlite.exec(`alter table ticket drop column ${column}`);
  sqlite.exec("delete from kysely_migration where name >= '0008'");
  sqlite.close();
}
