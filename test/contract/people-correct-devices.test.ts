import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { Device } from '../../src/agent/inventory/device.ts';
import { macClaim } from '../../src/agent/inventory/identifiers.ts';
import { readOrder } from '../../src/agent/inventory/order-form.ts';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { serveLocally } from '../../src/platform/local-socket.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { deviceOf, healthOf, idOf, at as instant, NOTHING } from '../builders/entries.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal } from '../fakes/expect-refusal.ts';

function known(n: number, mac: string): Device {
  const strength = 'strong' as const;
  return { ...deviceOf(n), identifiers: [{ ...macClaim(mac), strength, source: 'neighbour', firstAt: 0, lastAt: 0 }] };
}

/** What an agent left that has stopped: two devices, called `device 1` and `device 2`. */
function leaveDevices(folder: string): void {
  const store = createAgentStore(openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS), {
    random: seededRandom('left'),
    start: idOf(99),
  });
  store.commitTick({
    ...NOTHING,
    devices: [known(1, '00:11:32:00:00:01'), known(2, '00:11:32:00:00:02')],
    health: [healthOf(1, 'up', instant(1)), healthOf(2, 'up', instant(1))],
  });
  store.close();
}

const device = (place: Workplace, ...args: string[]) => place.run(['device', ...args, '--data', place.folder]);
const asJson = async (place: Workplace, ...args: string[]) => JSON.parse((await device(place, ...args, '--json')).stdout) as never;

describe.concurrent('what people say of devices', { timeout: 90_000 }, () => {
  it('counts also while the agent is stopped, and can be taken back', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveDevices(place.folder);
    const named = await device(place, 'name', 'device 1', 'Vault');
    expect(named).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('name is "Vault"'),
      stderr: expect.stringContaining('device undo 1'),
    });
    await device(place, 'set', 'Vault', 'kind=nas', 'critical=yes');
    expect(await asJson(place, 'show', 'Vault')).toMatchObject({
      name: 'Vault',
      kind: 'nas',
      critical: true,
      corrected: { name: { value: 'Vault' } },
      log: [{ n: 2 }, { n: 1 }],
    });
    await device(place, 'undo', '1');
    expect(await asJson(place, 'show', 'device 1')).toMatchObject({ name: 'device 1', kind: 'nas' });
  });

  it('is weighed by the policy of the home while the agent is stopped too', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveDevices(place.folder);
    const sure = place.file('sure.yaml', 'policy: { confirmations: 25, kinds: { nas: { hold: 20min } } }\n');
    await device(place, 'set', 'device 1', 'kind=nas', '--config', sure);
    expect(await asJson(place, 'show', 'device 1')).toMatchObject({ detectWithinMs: 15_000, reportAfterMs: 120_000 });
    expect(await asJson(place, 'show', 'device 1', '--config', sure)).toMatchObject({ detectWithinMs: 40_000, reportAfterMs: 1_200_000 });
  });

  it('is taken over from a list of the dealer, twice without harm, and can be taken back', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveDevices(place.folder);
    const list = place.file(
      'list.csv',
      'MAC;Installed on;Warranty until;Room\n00-11-32-00-00-01;31.05.2019;2027;Rack\n00:11:32:00:00:02;2020-03;;\n00:11:32:00:00:09;2020;;\n',
    );
    const tried = await device(place, 'import', list, '--dry-run');
    expect(tried.stdout).toMatch(/^2 devices would be changed\.\n.*\n.*\n1 row was left out:\n {2}line 4 .*no such device/);
    expect(await asJson(place, 'show', 'device 1')).not.toHaveProperty('corrected');

    expect(await device(place, 'import', list)).toMatchObject({ code: 0, stdout: expect.stringContaining('2 devices changed.') });
    expect(await asJson(place, 'show', 'device 1')).toMatchObject({
      room: 'Rack',
      corrected: { installed: { value: '2019-05-31' }, 'warranty-until': { value: '2027' } },
    });
    expect(await asJson(place, 'import', list)).toMatchObject({ changed: [], unchanged: 2, unplaced: [{ line: 4 }] });
    await device(place, 'undo', '1');
    expect(await asJson(place, 'show', 'device 1')).not.toHaveProperty('corrected.installed');

    const broken = await device(place, 'import', place.file('broken.csv', 'mac,installed\n00:11:32:00:00:01,soon\nx,2019\n'));
    expect(broken).toMatchObject({ code: 2, stdout: '' });
    expect(broken.stderr).toMatch(
      /has 2 problems, so nothing was imported\.\n {2}line 2: "soon" is no date.*\n {2}line 3: "x" is no MAC address/,
    );
  });

  it('puts devices together and apart again', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveDevices(place.folder);
    expect(await device(place, 'merge', 'device 1', 'device 2')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('are one device'),
    });
    expect(await asJson(place, 'list')).toMatchObject({ devices: [{ macs: ['00:11:32:00:00:01', '00:11:32:00:00:02'] }] });
    expect(await device(place, 'split', 'device 1', '00-11-32-00-00-02')).toMatchObject({ code: 0 });
    expect(await asJson(place, 'list')).toMatchObject({ devices: [{ macs: ['00:11:32:00:00:01'] }, { macs: ['00:11:32:00:00:02'] }] });
    const log = await device(place, 'log');
    expect(log.stdout).toMatch(/2 {2}.* split by a person\. .*\n +1 {2}.* merged by a person \(undone by 2\)/);
  });

  it('is heard by a running agent, and told to the desk', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const sim = await SimulatedAgent.start('people');
    await sim.run(120);
    const server = await serveLocally(join(place.folder, 'agent.sock'), {
      answer: (path) => (path === '/view' ? sim.view() : undefined),
      obey: (_, message) => {
        const order = readOrder(message);
        return 'problem' in order ? order : sim.obey(order);
      },
    });
    onTestFinished(async () => {
      await server.close();
      await sim.stop();
    });
    const nas = sim.view().devices.find(({ kind, personal }) => kind === 'nas' && !personal)!;
    const before = sim.lastPos;
    expect(await device(place, 'name', nas.ips[0]!, 'Cellar NAS')).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('does not run'),
    });
    await sim.run(1);
    expect(sim.told(before)).toMatchObject([{ kind: 'device.changed', body: { id: nas.id, name: 'Cellar NAS' } }]);
    await sim.restart('second life');
    await sim.run(60);
    expect(sim.view().devices.find(({ id }) => id === nas.id)?.name).toBe('Cellar NAS');
    const hidden = sim.lastPos;
    await device(place, 'set', 'Cellar NAS', 'personal=yes');
    expect(sim.told(hidden)).toMatchObject([{ kind: 'device.removed', body: { device: nas.id } }, { kind: 'site.state' }]);
  });

  it.for<[string[], { says: RegExp; fix: RegExp; exit?: 1 | 2 }]>([
    [['set', 'device 1', 'knid=tv'], { says: /no "knid"/, fix: /Did you mean kind=tv\?/ }],
    [['set', 'device 1', 'kind=speeker'], { says: /no kind "speeker"/, fix: /Did you mean kind=speaker\?/ }],
    [['set', 'device 1', 'critical=maybe'], { says: /yes or no/, fix: /critical=yes/ }],
    [['name', 'devise 1', 'X'], { says: /No device is called "devise 1"/, fix: /Did you mean "device 1"\?/, exit: 1 }],
    [['split', 'device 1', '00:11:32:00:00:01'], { says: /One MAC at least must go and one must stay/, fix: /./, exit: 1 }],
    [['merge', 'device 1', 'device 1'], { says: /one device already/, fix: /two different/, exit: 1 }],
    [['undo', '7'], { says: /no entry 7/, fix: /device log/, exit: 1 }],
    [['undo', 'x'], { says: /"x" is no number/, fix: /device log/ }],
  ])('is refused with words that help: device %s', async ([args, { says, fix, exit = 2 }], { expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveDevices(place.folder);
    expectRefusal(await device(place, ...args), { says, fix, exit }, expect);
  });

  it('is not taken from a message that is no order, too long, or none at all', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const path = join(place.folder, 'agent.sock');
    const heard: unknown[] = [];
    const server = await serveLocally(path, { answer: () => undefined, obey: (_, message) => heard.push(message) });
    onTestFinished(() => server.close());
    expect(await posted(path, 'x'.repeat(20_000))).toBe(413);
    expect(await posted(path, '{"do":')).toBe(400);
    expect(heard).toEqual([]);
    expect(readOrder({ do: 'run', command: 'reboot' })).toMatchObject({ problem: expect.any(String) });
    expect(readOrder({ do: 'set', device: idOf(1), set: { name: 'A', isGateway: 'yes' } })).toMatchObject({ problem: expect.any(String) });
    expect(readOrder({ do: 'set', device: idOf(1), set: { name: '\u001b[31mred\u202e' } })).toMatchObject({ set: { name: '[31mred' } });
  });
});

async function posted(socketPath: string, body: string): Promise<number | undefined> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/order', method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
