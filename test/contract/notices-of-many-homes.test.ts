/** Homes that fall silent together are one notice, as they are one incident; and one more when it is over. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { mailNotice } from '../../src/platform/notice-mail.ts';
import { postNotice } from '../../src/platform/notice-post.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { HttpReceiver } from '../fakes/http-receiver.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { noticePolicy } from '../fakes/told-desk.ts';

const HALF_MINUTE_MS = 30_000;
const HOMES = 16;

it('a provider that fails is one message, and nobody is told of its homes', async () => {
  const receiver = await HttpReceiver.open();
  const world = new DeskWorld(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), { graceMs: 0 });
  const ids = Array.from({ length: HOMES }, () => newRandomId(world.random));
  const homes = ids.map((id, i) => `  ${id}: {provider: ${i % 2 === 0 ? 'Northern' : 'Southern'}}\n`).join('');
  const service = readServicePolicy(`version: "1"\nsince: 2026-01-01\nplans: {}\nhomes:\n${homes}`);
  if (!service.ok) throw new Error(JSON.stringify(service.error));
  world.service = service.value;
  const policy = noticePolicy(`linkTo: https://desk.example.com
receivers:
  shift: {kind: webhook, url: ${receiver.url}/shift, secretEnv: KEY}
  dealer: {kind: webhook, url: ${receiver.url}/dealer, secretEnv: KEY}
  mild: {kind: webhook, url: ${receiver.url}/mild, secretEnv: KEY}
routes:
  - {receivers: [shift], severities: [critical, error]}
  - {receivers: [dealer], dealers: [Holm]}
  - {receivers: [mild], severities: [warning]}
`);
  world.notices = { policy, senders: { post: postNotice, mail: mailNotice }, random: world.random };
  await world.start();
  for (const [i, id] of ids.entries()) await saveSite(world.database, { id, name: `Home ${i}` }, world.clock.now().wallMs);
  const hubs = ids.map((site) => world.hub({ site }));
  for (const hub of hubs) await world.send(hub, hub.birth());
  const live = async (minutes: number, speaks: (i: number) => boolean): Promise<void> => {
    for (let half = 0; half < minutes * 2; half++) {
      for (const [i, hub] of hubs.entries()) if (speaks(i)) world.link.deliver(hub.heartbeat().topic, hub.heartbeat().payload);
      await world.clock.advance(HALF_MINUTE_MS);
      await world.desk.drain();
    }
  };
  const told = () =>
    receiver.received.map(({ path, body }) => `${path} ${(JSON.parse(body) as { data: { headline: string } }).data.headline}`);
  await live(7, (i) => i % 2 === 1);
  expect(told()).toEqual(['/shift New: 8 homes are silent together: homes with Northern (incident 1)']);
  expect(receiver.bodies[0]).toMatchObject({
    type: 'incident.opened',
    data: { link: 'https://desk.example.com/incidents/1', incident: { number: 1, homes: 8, size: 8, back: 0 } },
  });
  for (const [i, hub] of hubs.entries()) if (i % 2 === 0) await world.send(hub, hub.birth());
  await live(3, () => true);
  expect(told().slice(1)).toEqual(['/shift Over: 8 homes were silent together: homes with Northern (incident 1)']);
  expect(receiver.bodies[1]).toMatchObject({ type: 'incident.over', data: { incident: { endedBecause: 'all homes are back', back: 8 } } });
});
