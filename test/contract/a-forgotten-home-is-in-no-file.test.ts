/** A forgotten home is in no byte of the desk's SQLite files: not in free pages, not in the log, not in what pages leave between their rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetHome } from '../../src/desk/forgetting.ts';
import { emptySqliteLog, openDeskDatabase } from '../../src/platform/desk-database.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceState } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const OTHER = '7kkt28c5v7ab6wwc9st0kfne48';

it('is in none, after its rows have grown, moved and gone', async () => {
  const folder = temporaryFolder();
  const database = await openDeskDatabase(join(folder, 'desk.db'));
  const world = new DeskWorld(database, { acceptNewSites: true });
  await world.start();
  const hubs = [world.hub(), world.hub({ site: OTHER })] as const;
  const words = ['Leaving', 'Staying'] as const;
  for (const hub of hubs) await world.send(hub, hub.birth());
  for (let round = 0; round < 12; round++)
    for (const [i, hub] of hubs.entries()) {
      const devices = Array.from({ length: 30 }, (_, n) => `${n}`.padStart(26, '0'));
      // Of another length each time, so that rows do not stay where they were.
      const named = devices.map((id, n) =>
        device(id, { name: `${words[i]}${'x'.repeat((round * 7 + n * 13) % 60)}`, serial: `${words[i]}${n}` }),
      );
      await world.send(hub, ...named.map((each) => hub.entry('device.added', each)));
      await world.send(
        hub,
        ...devices.map((id) => hub.entry('device.state', deviceState(id, round % 2 ? 'up' : 'down', world.clock.now().wallMs))),
      );
      await world.clock.advance(60_000);
    }
  const found = () => ['Leaving', world.site, 'Staying', OTHER].filter((word) => bytesOf(folder).includes(word));
  expect(found()).toHaveLength(4);
  await forgetHome(
    { database, clock: world.clock, service: undefined, overwrite: () => emptySqliteLog(database) },
    { site: world.site, by: 'x', because: 'left' },
  );
  expect(found()).toEqual(['Staying', OTHER]);
  await world.desk.stop();
});

function bytesOf(folder: string): string {
  return readdirSync(folder)
    .filter((name) => name.startsWith('desk.db'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');
}
