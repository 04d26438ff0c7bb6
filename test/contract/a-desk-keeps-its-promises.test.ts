/** What homes are promised, at a whole desk: on alerts, in their order, over HTTP and on the page. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import { createDesk, type Desk } from '../../src/desk/desk.ts';
import type { ServicePolicy } from '../../src/desk/service/policy.ts';
import { loadWebAssets } from '../../src/platform/web-assets.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld, MemoryLink, silentLog } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub } from '../fakes/hub.ts';

const random = seededRandom('promises');
const [NAS, LAMP, SWITCH] = [newRandomId(random), newRandomId(random), newRandomId(random)];
const MINUTE = 60_000;

function policyFor(site: string, home: string, more = ''): ServicePolicy {
  const read = readServicePolicy(`version: "7"
since: 2026-01-01
plans:
  none: {premisesDown: {within: 60min}}
  basic:
    covers: {severities: [critical, error], kinds: [nas, switch]}
    firstAnswer: {within: 30min}
    premisesDown: {within: 20min}
  priority:
    covers: {}
    firstAnswer: {within: 10min}
    visit: {reportBy: "14:00", until: "18:00", days: [mon, tue, wed, thu, fri, sat, sun]}
homes:
  ${site}: {${home}}
${more}`);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

type Answer = {
  alerts: { key: string; service?: Record<string, never> & { firstAnswer?: { state: string; dueAt: number; openedAt: number } } }[];
};

describeOnEachEngine('a desk with a service policy', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let desk: Desk;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
  });

  /** The same desk, over the same tables and hubs, with that policy. */
  function withPolicy(policy: ServicePolicy): void {
    desk = createDesk({
      clock: world.clock,
      log: silentLog,
      database: world.database,
      link: world.link,
      assets: loadWebAssets(),
      service: policy,
    });
  }

  async function fault(id: string, kind: string, change: Partial<AlertMessage> = {}): Promise<void> {
    const now = world.clock.now().wallMs;
    await world.send(
      hub,
      hub.entry('device.added', device(id, { kind })),
      hub.entry('device.state', deviceState(id, 'down', now)),
      hub.entry('alert.raised', { ...deviceDown(id, now), ...change }),
    );
  }

  const get = (path: string) => desk.app.fetch(new Request(`http://127.0.0.1:7080${path}`, { headers: { host: '127.0.0.1:7080' } }));
  const alerts = async (): Promise<Answer['alerts']> =>
    ((await (await get(`/api/v1/sites/${world.site}`)).json()) as { firing: Answer['alerts'] }).firing;
  const page = async (path = `/sites/${world.site}`): Promise<string> =>
    (await (await get(path)).text()).replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');

  it('says of an alert whose clock runs out when, and follows it through warning, breach and answer', async () => {
    const now = world.clock.now().wallMs;
    await fault(NAS, 'nas', { actionableAt: now });
    withPolicy(policyFor(world.site, 'plan: basic'));
    const state = async (): Promise<string | undefined> =>
      (await alerts()).find(({ key }) => key.startsWith('device-down'))?.service?.firstAnswer?.state;
    expect((await alerts())[0]?.service).toMatchObject({
      plan: 'basic',
      covered: true,
      firstAnswer: { openedAt: now, warnAt: now + 20 * MINUTE, dueAt: now + 30 * MINUTE, state: 'running' },
    });
    expect(await page()).toMatch(/Basic · first answer due \d\d:\d\d UTC, in 30 min/);
    await world.clock.advance(20 * MINUTE);
    expect(await state()).toBe('warned');
    expect(await page()).toMatch(/Answer soon: first answer due \d\d:\d\d UTC, in (10 min|9 min)/);
    await world.clock.advance(10 * MINUTE - 1000);
    expect(await state()).toBe('warned');
    await world.clock.advance(2000);
    expect(await state()).toBe('breached');
    expect(await page('/')).toMatch(/Too late: first answer was due \d\d:\d\d UTC, 1 s ago/);
    await world.clock.advance(4 * MINUTE);
    const acknowledged = { at: world.clock.now().wallMs, by: 'Kim', where: 'desk' as const };
    await world.send(hub, hub.entry('alert.updated', { ...deviceDown(NAS, now), actionableAt: now, acknowledged }));
    expect(await state()).toBe('answered-late');
    expect(await page()).toContain('first answer 4 min too late');
  });

  it('starts no clock while nobody is to act yet', async () => {
    const now = world.clock.now().wallMs;
    await fault(NAS, 'nas', { actionableAt: now + MINUTE, held: true });
    withPolicy(policyFor(world.site, 'plan: basic'));
    expect((await alerts())[0]?.service).not.toHaveProperty('firstAnswer');
    expect(await page()).toContain('the clock for the first answer starts when it is to be acted on');
  });

  it('says what the plan does not cover, and why', async () => {
    await fault(LAMP, 'lamp');
    withPolicy(policyFor(world.site, 'plan: basic'));
    expect((await alerts())[0]?.service).toMatchObject({ covered: false, because: 'Basic does not cover devices of the kind lamp.' });
    expect(await page()).toContain('not covered by the plan: Basic does not cover devices of the kind lamp.');
    withPolicy(policyFor(world.site, 'dealer: X'));
    expect(await page()).toContain('not covered by a plan');
  });

  it('lets what is due next come first among equals', async () => {
    await fault(LAMP, 'lamp');
    await world.clock.advance(MINUTE);
    await fault(NAS, 'nas');
    await world.clock.advance(MINUTE);
    await fault(SWITCH, 'switch');
    const order = async (): Promise<string[]> => (await alerts()).map(({ key }) => key.split(':')[1] as string);
    withPolicy(policyFor(world.site, 'plan: none'));
    expect(await order()).toEqual([LAMP, NAS, SWITCH]);
    // The lamp is the oldest, and nothing is promised about it.
    withPolicy(policyFor(world.site, 'plan: basic'));
    expect(await order()).toEqual([NAS, SWITCH, LAMP]);
  });

  it('answers a house that is down whatever its plan: no internet, and devices that are most of it', async () => {
    const now = world.clock.now().wallMs;
    const internet: AlertMessage = { ...deviceDown(NAS, now), key: 'internet-down', code: 'internet-down', severity: 'critical' };
    const { device: _, ...together } = { ...deviceDown(NAS, now), key: 'devices-down:x', code: 'devices-down' as const };
    withPolicy(policyFor(world.site, 'plan: none'));
    await world.send(hub, hub.entry('alert.raised', internet), hub.entry('alert.raised', together));
    for (const [id, state] of [
      [NAS, 'down'],
      [LAMP, 'up'],
      [SWITCH, 'up'],
    ] as const)
      await world.send(hub, hub.entry('device.added', device(id)), hub.entry('device.state', deviceState(id, state, now)));
    const down = async (): Promise<Record<string, unknown>> =>
      Object.fromEntries((await alerts()).map(({ key, service }) => [key, (service as unknown as { premisesDown: boolean }).premisesDown]));
    expect(await down()).toEqual({ 'internet-down': true, 'devices-down:x': false });
    await world.send(hub, hub.entry('device.state', deviceState(LAMP, 'down', now)));
    expect(await down()).toEqual({ 'internet-down': true, 'devices-down:x': true });
    expect(await page()).toContain('the house is down: answered at any hour');
  });

  it('names by when somebody comes and from when the home may be called, by its own clock', async () => {
    const now = world.clock.now().wallMs;
    const hour = (zone: string): number =>
      Number(new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }).format(now));
    const zones = Intl.supportedValuesOf('timeZone');
    const zone = zones.find((each) => hour(each) === 8) as string;
    await fault(NAS, 'nas', { actionableAt: now });
    withPolicy(policyFor(world.site, `plan: priority, timeZone: ${zone}, noCalls: [{from: "07:00", to: "11:30"}]`));
    const words = await page();
    expect(words).toContain(`visit today by 18:00 (${zone})`);
    expect(words).toContain(`do not call the home before today 11:30 (${zone})`);
    const late = zones.find((each) => hour(each) === 15) as string;
    withPolicy(policyFor(world.site, `plan: priority, timeZone: ${late}`));
    expect(await page()).toContain(`visit tomorrow by 18:00 (${late}) (reported after the cut-off, or on no work day)`);
  });

  it('tells the plan of a home, its dealer and the recorded consent, by the time zone of its hub where the policy names none', async () => {
    const consent = 'consent: {by: J. Smith, on: 2026-10-14, rate: 120 USD per hour, recordedBy: A. Meier}';
    withPolicy(policyFor(world.site, `plan: basic, dealer: "Hansa <b>AV</b>", ${consent}`));
    const { service } = (await (await get(`/api/v1/sites/${world.site}/service`)).json()) as { service: unknown };
    expect(service).toMatchObject({
      plan: 'basic',
      policy: { version: '7', since: '2026-01-01' },
      dealer: 'Hansa <b>AV</b>',
      consent: { by: 'J. Smith' },
      mayCall: true,
    });
    const html = await (await get(`/sites/${world.site}`)).text();
    expect(html).toContain('Hansa &lt;b&gt;AV&lt;/b&gt;');
    expect(await page()).toContain('AgreedJ. Smith on 2026-10-14 to 120 USD per hour, recorded by A. Meier');
    expect((await get('/api/v1/sites/7kkt28c5v7ab6wwc9st0kfne47/service')).status).toBe(404);
  });

  it('promises nothing about what is to be planned for, and nothing at all without a policy', async () => {
    const inDays = (days: number): string => new Date(world.clock.now().wallMs + days * 86_400_000).toISOString().slice(0, 10);
    await fault(NAS, 'nas', {
      key: `support-ending:${NAS}:support`,
      code: 'support-ending',
      severity: 'info',
      stage: 90,
      ends: inDays(60),
    });
    withPolicy(policyFor(world.site, 'plan: basic'));
    expect(await alerts()).toMatchObject([{ code: 'support-ending' }]);
    expect((await alerts())[0]).not.toHaveProperty('service');
    desk = world.desk;
    expect(await (await get(`/api/v1/sites/${world.site}/service`)).json()).toEqual({ service: null });
    expect(await page()).not.toContain('Dealer of record');
  });

  it('warns of a policy that holds from a later day on, and follows it', async () => {
    const warned: unknown[] = [];
    const log = { ...silentLog, warn: (message: string, facts?: object) => void warned.push([message, facts]) };
    const early = { ...policyFor(world.site, 'plan: basic'), since: '2999-01-01' };
    const { clock, database } = world;
    const another = createDesk({ clock, log, database, link: new MemoryLink(), assets: {}, service: early });
    await another.start();
    await another.stop();
    expect(warned).toEqual([[expect.stringContaining('from a later day on'), { version: '7', since: '2999-01-01' }]]);
  });
});
