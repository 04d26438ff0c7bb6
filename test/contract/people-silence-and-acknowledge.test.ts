import { join } from 'node:path';
import { describe, it, type TestContext } from 'vitest';
import { readAlertOrder } from '../../src/agent/alerts/alert-order.ts';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { serveLocally } from '../../src/platform/local-socket.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { alertOf, deviceOf, healthOf, idOf, at as instant, NOTHING } from '../builders/entries.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal } from '../fakes/expect-refusal.ts';

const openStore = (folder: string) =>
  createAgentStore(openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS), { random: seededRandom('left'), start: idOf(99) });

/** What an agent left that has stopped: two devices, an alert about each. */
function leaveAlerts(folder: string): void {
  const store = openStore(folder);
  store.commitTick({
    ...NOTHING,
    devices: [deviceOf(1), deviceOf(2)],
    health: [healthOf(1, 'down', instant(1)), healthOf(2, 'down', instant(1))],
    alerts: [1, 2].map((n) => ({
      ...alertOf(`device-down:${idOf(n)}`, instant(n * 1000)),
      title: `device ${n} does not answer`,
      device: idOf(n),
    })),
  });
  store.close();
}

function toldBy(folder: string): { kind: string; body: unknown }[] {
  const store = openStore(folder);
  const entries = store.outbox.next(0, 100).map(({ kind, body }) => ({ kind, body: JSON.parse(body) as unknown }));
  store.close();
  return entries;
}

const run = (place: Workplace, ...args: string[]) => place.run([...args, '--data', place.folder], { env: { USER: 'anna' } });
const asJson = async (place: Workplace, ...args: string[]) => JSON.parse((await run(place, ...args, '--json')).stdout) as never;

function placeWithAlerts({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Workplace {
  const place = workplace(onTestFinished);
  leaveAlerts(place.folder);
  return place;
}

describe.concurrent('what people say about alerts', { timeout: 90_000 }, () => {
  it('silences a device of a stopped agent, is listed with its end, and told to the desk', async ({ expect, onTestFinished }) => {
    const place = placeWithAlerts({ onTestFinished });
    const done = await run(place, 'silence', 'device 1', '--for', '2h', '--because', 'new disk');
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('written down for when it starts') });
    expect(done.stdout).toMatch(/^Silenced: device 1 .*It ends by itself at .*, in 2 h\.\n$/);
    const listed = (await run(place, 'silence', 'list')).stdout;
    expect(listed).toMatch(/^1 {2}device 1: silenced until .* \((2 h|1 h 59 min|120 min) more\) by anna because new disk\n$/);
    expect((await run(place, 'why', 'device 1')).stdout).toContain('no new alert about it is raised before');
    expect((await run(place, 'device', 'show', 'device 1')).stdout).toContain('silenced until');
    expect((await run(place, 'status')).stdout).toContain('Silence   device 1: silenced until');
    expect(toldBy(place.folder)).toMatchObject([
      { kind: 'site.state', body: { silences: [{ n: 1, device: idOf(1), by: 'anna', because: 'new disk' }] } },
    ]);
  });

  it('ends a silence by its number, its device, or alone', async ({ expect, onTestFinished }) => {
    const place = placeWithAlerts({ onTestFinished });
    const silences = async (): Promise<unknown[]> => ((await asJson(place, 'silence', 'list')) as { silences: unknown[] }).silences;
    await run(place, 'maintenance', '--by', 'Ben');
    await run(place, 'silence', 'device 2');
    expect(await silences()).toMatchObject([
      { n: 1, by: 'Ben' },
      { n: 2, device: idOf(2) },
    ]);
    expectRefusal(await run(place, 'silence', 'end'), { exit: 2, says: /several silences/, fix: /silence list/ }, expect);
    expect(await run(place, 'silence', 'end', 'device 2')).toMatchObject({ code: 0 });
    expect(await run(place, 'silence', 'end', '--all')).toMatchObject({ code: 0, stdout: expect.stringContaining('over') });
    expect(await silences()).toEqual([]);
    expect((await run(place, 'silence', 'list')).stdout).toBe('Nothing is silenced.\n');
  });

  it('acknowledges an alert by its number, and the desk is told', async ({ expect, onTestFinished }) => {
    const place = placeWithAlerts({ onTestFinished });
    expect((await run(place, 'alert', 'list')).stdout).toMatch(/^2 {2}error {2}device 2 [\s\S]*\n1 {2}error {2}device 1 /);
    expect(await asJson(place, 'alert', 'ack', '2', '--note', 'on my way')).toMatchObject({
      done: 'Acknowledged: device 2 does not answer.',
    });
    expect((await run(place, 'alert', 'list')).stdout).toMatch(/acknowledged by anna at .*: on my way/);
    expect(toldBy(place.folder)).toMatchObject([
      { kind: 'alert.updated', body: { device: idOf(2), acknowledged: { by: 'anna', note: 'on my way', where: 'hub' } } },
    ]);
    const again = await run(place, 'alert', 'ack', 'device 2');
    expectRefusal(again, { says: /anna has acknowledged it before/, fix: /alert list/ }, expect);
  });

  it('is refused with words where it makes no sense', async ({ expect, onTestFinished }) => {
    const place = placeWithAlerts({ onTestFinished });
    const cases: [args: string[], exit: 1 | 2, says: RegExp, fix: RegExp][] = [
      [['silence', 'device 1', '--for', 'long'], 2, /"long" is no duration/, /--for 1h30m; at most 24 h/],
      [['silence', 'device 1', '--for', '25h'], 2, /25 h is too long/, /--for 2h/],
      [['silence', 'device 1', '--for', '5s'], 2, /5 s is too short/, /--for 2h/],
      [['silence'], 2, /What to silence is missing/, /--all/],
      [['silence', 'device 1', '--all'], 2, /one device and the whole house/, /Leave out/],
      [['silence', 'devise 1'], 1, /No device is called "devise 1"/, /device 1/],
      [['silence', 'end', '7'], 1, /Nothing is silenced/, /hearthbeat silence/],
      [['alert', 'ack', '9'], 1, /No alert that fires is called "9"/, /alert list/],
      [['alert', 'ack', 'does not answer'], 1, /fits 2 alerts/, /number/],
      [['alert', 'ack'], 2, /issing/, /--help/],
    ];
    for (const [args, exit, says, fix] of cases) expectRefusal(await run(place, ...args), { exit, says, fix }, expect);
  });

  it('is heard by a running agent', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const sim = await SimulatedAgent.start('silencing people');
    await sim.run(300);
    const server = await serveLocally(join(place.folder, 'agent.sock'), {
      answer: (path) => (path === '/view' ? sim.view() : undefined),
      obey: (path, message) => {
        const order = readAlertOrder(message);
        return path !== '/alert-order' || 'problem' in order ? order : sim.obeyAboutAlerts(order);
      },
    });
    onTestFinished(async () => {
      await server.close();
      await sim.stop();
    });
    sim.home.control.unplug('NVR');
    await sim.run(30);
    expect(await asJson(place, 'maintenance', '--for', '30m')).toMatchObject({ running: true, until: sim.clock.now().wallMs + 1_800_000 });
    expect(await run(place, 'alert', 'ack', '1', '--by', 'Cara')).toMatchObject({ code: 0 });
    expect(sim.view()).toMatchObject({ silences: [{ by: 'anna' }], alerts: [{ acknowledged: { by: 'Cara' } }] });
  });
});
