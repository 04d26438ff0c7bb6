/** Each alert is shown with what to do about it, from the nearest playbook, with the facts of its device filled in, as a page and as JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { createLibrary } from '../../src/desk/playbooks/library.ts';
import { builtInPlaybooks, readPlaybookFolder } from '../../src/platform/playbook-files.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const random = seededRandom('playbooks');
const [NAS, ROUTER, HOSTILE] = [newRandomId(random), newRandomId(random), newRandomId(random)];
const HOSTILE_NAME = '{since} **x** <script>alert(1)</script> [x](javascript:alert(2))';

type Told = { playbook: { name: string; means: string; parts: { name: string; steps: { text: string; under?: string[] }[] }[] } };

describeOnEachEngine('an alert that fires', (open) => {
  let world: DeskWorld;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    world.playbooks = createLibrary(builtInPlaybooks(), []);
    await world.start();
    const hub = world.hub();
    const now = world.clock.now().wallMs;
    await world.send(
      hub,
      hub.birth(),
      hub.entry('device.added', device(NAS, { name: 'NAS cellar', kind: 'nas', vendor: 'Synology', model: 'DS923+', ips: ['192.0.2.20'] })),
      hub.entry('device.added', device(ROUTER, { name: 'Second router', kind: 'access-point', isGateway: true })),
      hub.entry('device.added', device(HOSTILE, { name: HOSTILE_NAME, kind: 'camera' })),
      ...[NAS, ROUTER, HOSTILE].map((id) => hub.entry('alert.raised', alertOf(id, now))),
      hub.entry('alert.raised', { ...deviceDown(NAS, now), key: 'internet-down', code: 'internet-down', device: undefined }),
    );
  });

  const alertOf = (id: string, now: number): AlertMessage => ({ ...deviceDown(id, now), key: `device-down:${id}`, actionableAt: now });
  const get = (path: string) => world.desk.app.fetch(new Request(`http://127.0.0.1:7080${path}`, { headers: { host: '127.0.0.1:7080' } }));
  const raised = async (key: string): Promise<number> => {
    const alert = (await world.desk.reader.alerts({ site: world.site, limit: 9 })).find((each) => each.key === key);
    return alert?.raisedHubAt ?? 0;
  };
  const playbookOf = async (key: string): Promise<Told['playbook']> => {
    const answer = await get(`/api/v1/alerts/${world.site}/${await raised(key)}/${encodeURIComponent(key)}/playbook`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as Told).playbook;
  };
  const text = ({ means, parts }: Told['playbook']): string =>
    [means, ...parts.flatMap(({ steps }) => steps.flatMap((step) => [step.text, ...(step.under ?? [])]))].join('\n');

  const ticketPath = async (): Promise<string> => {
    const firing = await world.desk.reader.firing(world.site);
    return `/tickets/${firing.find(({ key }) => key === `device-down:${NAS}`)?.ticket}`;
  };

  it('has the playbook for its code and the kind of its device, filled in', async () => {
    const nas = await playbookOf(`device-down:${NAS}`);
    expect(nas.name).toBe('nas-down');
    expect(text(nas)).toContain('NAS cellar, Synology DS923+');
    expect((await playbookOf(`device-down:${ROUTER}`)).name).toBe('router-down');
    expect((await playbookOf('internet-down')).name).toBe('internet-down');
  });

  it('leaves no brace of its own, and takes what a device calls itself for text', async () => {
    expect(text(await playbookOf('internet-down'))).not.toMatch(/[{}]/);
    const camera = await playbookOf(`device-down:${HOSTILE}`);
    expect(camera.means).toBe(`${HOSTILE_NAME} shows and perhaps records no picture; the place it guards is not seen at the moment.`);
    for (const path of [
      `/sites/${world.site}`,
      '/',
      `/sites/${world.site}/alerts/${await raised(`device-down:${HOSTILE}`)}/device-down:${HOSTILE}/playbook`,
    ]) {
      const page = await (await get(path)).text();
      expect(page).toContain('&lt;script&gt;alert(1)');
      expect(page).not.toMatch(/<script>|href="javascript/);
    }
  });

  it('is not found under another home, another time or a key that does not fire', async () => {
    const at = await raised('internet-down');
    const paths = [
      `${newRandomId(random)}/${at}/internet-down`,
      `${world.site}/${at + 1}/internet-down`,
      `${world.site}/${at}/dns-down`,
      `${world.site}/x/internet-down`,
    ];
    for (const path of paths) expect((await get(`/api/v1/alerts/${path}/playbook`)).status).toBe(404);
    for (const path of [
      '/playbooks/no-such',
      '/playbooks/__proto__',
      '/api/v1/playbooks/constructor',
      `/sites/${world.site}/alerts/1/x/playbook`,
    ])
      expect((await get(path)).status, path).toBe(404);
  });

  it('has it on the pages of its home and of all homes, folded, and on one of its own', async () => {
    const path = `/sites/${world.site}/alerts/${await raised(`device-down:${NAS}`)}/${encodeURIComponent(`device-down:${NAS}`)}/playbook`;
    for (const page of [`/sites/${world.site}`, '/', await ticketPath()]) {
      const body = await (await get(page)).text();
      expect(body.match(/<details class="playbook"/g)?.length, page).toBe(page.startsWith('/tickets') ? 1 : 4);
      expect(body).toContain(`href="${path}"`);
      expect(body).toContain('Never have it unplugged or its power button held down');
    }
    expect(await (await get(path)).text()).toContain('<h2>Ask the client</h2>');
  });
});

describeOnEachEngine('the playbooks of a desk', (open) => {
  it('are listed with what each is for, and the problems of its own folder', async () => {
    const world = new DeskWorld(await open());
    world.playbooks = createLibrary(builtInPlaybooks(), [{ file: 'broken.md', text: '<b>' }]);
    await world.start();
    const get = async (path: string) =>
      (await world.desk.app.fetch(new Request(`http://127.0.0.1:7080${path}`, { headers: { host: '127.0.0.1:7080' } }))).text();
    const listed = JSON.parse(await get('/api/v1/playbooks')) as { playbooks: unknown[]; problems: unknown[] };
    expect(listed.playbooks).toContainEqual(expect.objectContaining({ name: 'nas-down', from: 'hearthbeat', kinds: ['nas'] }));
    expect(listed.problems).toEqual([{ file: 'broken.md', line: 1, message: expect.stringContaining('does not begin with') }]);
    expect(await get('/playbooks')).toContain('broken.md:1');
    expect(await get('/playbooks/nas-down')).toContain('The storage box (NAS) does not answer');
  });
});

describe('the folder of own playbooks', () => {
  it('is read but for its README, and what cannot be read is a problem', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ours.md'), 'x');
    writeFileSync(join(folder, 'README.md'), 'x');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    mkdirSync(join(folder, 'a-folder.md'));
    const { files, problems } = readPlaybookFolder(folder);
    expect(files).toEqual([{ file: 'ours.md', text: 'x' }]);
    expect(problems).toEqual([{ file: 'a-folder.md', line: 1, message: 'it cannot be read (folder)' }]);
    expect(readPlaybookFolder(join(folder, 'none')).problems).toHaveLength(1);
  });
});
