/** What nears its end is asked about once: the desk remembers what people were asked and what they planned, where a hub's memory is old or its clock ahead. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { DAY_MS } from '../../src/base/partial-date.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceState, type FakeHub, snapshot, supportEnding } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
/** Of November 2027 90 days are left, and half a year. */
const HALF_A_YEAR_BEFORE = Date.UTC(2027, 5, 10);

describeOnEachEngine('an end that a hub tells again, or too early', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let raisedAt: number;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    world.clock = new VirtualClock(HALF_A_YEAR_BEFORE);
    await world.start();
    hub = world.hub();
    raisedAt = now();
    await world.send(hub, hub.birth(), hub.entry('device.added', device(NAS)), hub.entry('alert.raised', ending(180)));
  });

  const now = () => world.clock.now().wallMs;
  const ending = (stage: number, over: Partial<AlertMessage> = {}) => supportEnding(NAS, raisedAt, stage, over);
  const ended = (over: Partial<AlertMessage> = {}) => ending(0, { key: `support-ended:${NAS}:maker-nas`, code: 'support-ended', ...over });
  const cloud = (stage: number, over: Partial<AlertMessage> = {}) =>
    ending(stage, { key: `cloud-ending:${NAS}:maker-nas`, code: 'cloud-ending', ends: '2027-08', ...over });
  const withNas = () => ({ device: device(NAS), state: deviceState(NAS, 'up', now()) });
  const firing = () => world.desk.reader.firing(world.site);
  const plan = async (plannedFor: string): Promise<void> => {
    const acknowledged = { by: 'Ben', at: now(), where: 'desk' as const, plannedFor };
    await world.send(hub, hub.entry('alert.updated', ending(180, { acknowledged })));
  };
  /** The hub runs on from an old copy, and the desk hears what of it is left. */
  const restoreWith = async (...alerts: AlertMessage[]): Promise<void> => {
    await world.clock.advance(3_600_000);
    hub = world.hub();
    await world.send(hub, hub.birth(), hub.heartbeat());
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [withNas()], alerts })));
  };
  const run = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) {
      await world.send(hub, hub.heartbeat());
      await world.clock.advance(5_000);
      await world.desk.drain();
    }
  };

  it('as past by a clock that is ahead is not believed: it fires on as it was, under its plan', async () => {
    await plan('2028-03');
    raisedAt += 400 * DAY_MS;
    await world.send(
      hub,
      hub.entry('alert.cleared', supportEnding(NAS, raisedAt - 400 * DAY_MS, 180, { stage: undefined, clearedAt: raisedAt })),
      hub.entry('alert.raised', ended()),
    );
    expect(await firing()).toMatchObject([{ code: 'support-ending', stage: 180, acknowledged: { plannedFor: '2028-03' } }]);
    await world.send(hub, hub.entry('alert.cleared', ended({ stage: undefined, clearedAt: raisedAt })));
    raisedAt = now();
    await world.send(hub, hub.entry('alert.raised', ending(180)));
    expect(await firing()).toMatchObject([{ raisedHubAt: raisedAt, stage: 180, acknowledged: { plannedFor: '2028-03', untold: true } }]);
  });

  it('at a stage that is still to come is believed on its day, and then asked about', async () => {
    await world.send(hub, hub.entry('alert.raised', cloud(90)), hub.entry('alert.updated', cloud(7, { text: 'In a week.' })));
    expect((await firing()).find(({ code }) => code === 'cloud-ending')).toMatchObject({
      stage: 90,
      text: expect.stringContaining('90 days'),
    });
    world.clock = new VirtualClock(Date.UTC(2027, 7, 25));
    await world.restart();
    await world.send(hub, hub.heartbeat(), hub.entry('alert.updated', cloud(7, { text: 'In a week.' })));
    expect((await firing()).find(({ code }) => code === 'cloud-ending')).toMatchObject({ stage: 7, text: 'In a week.' });
  });

  it('is not over because a clock that is ahead says so', async () => {
    const warranty = (over: Partial<AlertMessage> = {}) =>
      ending(90, { key: `warranty-ending:${NAS}:warranty`, code: 'warranty-ending', ends: '2027-08', ...over });
    const over = hub.entry('alert.cleared', warranty({ stage: undefined, clearedAt: raisedAt + 400 * DAY_MS }));
    await world.send(hub, hub.entry('alert.raised', warranty()), over);
    expect(await firing()).toHaveLength(2);
  });

  it('under the name of an occurrence that is over is the one that fires', async () => {
    const first = raisedAt;
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt: now() })));
    raisedAt += 60_000;
    await world.send(hub, hub.entry('alert.raised', ending(365, { ends: '2028-05' })));
    raisedAt = first;
    await world.send(hub, hub.entry('alert.updated', ending(365, { ends: '2028-05' })));
    expect(await world.desk.reader.alerts({ site: world.site, limit: 9 })).toMatchObject([{ raisedHubAt: first, ends: '2028-05' }]);
  });

  it('with a date that was moved since keeps the newer one', async () => {
    await world.send(hub, hub.entry('alert.updated', ending(365, { ends: '2028-05' })));
    await plan('2028-03');
    await restoreWith(ending(180));
    expect(await firing()).toMatchObject([{ stage: 365, ends: '2028-05', acknowledged: { plannedFor: '2028-03' } }]);
  });

  it('with what people said before keeps what they said since, and asks no second time about a plan that is over', async () => {
    await plan('2027-07');
    const older = { by: 'Ben', at: now(), where: 'desk' as const, plannedFor: '2027-07' };
    world.clock = new VirtualClock(Date.UTC(2027, 7, 2));
    await world.restart();
    await world.send(hub, hub.heartbeat(), hub.entry('alert.updated', ending(180, { text: 'Planned for 2027-07, and still in use.' })));
    expect(await firing()).toMatchObject([{ acknowledged: undefined }]);
    await restoreWith(ending(180, { acknowledged: older }));
    expect(await firing()).toMatchObject([{ acknowledged: undefined }]);
    const since = { by: 'Anna', at: now(), where: 'desk' as const, plannedFor: '2028-02' };
    await world.send(hub, hub.entry('alert.updated', ending(180, { acknowledged: since })));
    await restoreWith(ending(180, { acknowledged: { ...older, plannedFor: '2027-12' } }));
    expect(await firing()).toMatchObject([{ acknowledged: { by: 'Anna', plannedFor: '2028-02', untold: true } }]);
  });

  it('fires on where an old memory has lost it, and the hub is told of it until it names it', async () => {
    await plan('2028-03');
    await restoreWith();
    expect(await firing()).toMatchObject([{ stage: 180, acknowledged: { plannedFor: '2028-03' } }]);
    await run(40);
    expect(hub.commands.length).toBeGreaterThan(1);
    const acknowledged = { by: 'Ben', plannedFor: '2028-03' };
    for (const command of hub.commands) expect(command).toMatchObject({ k: 'alert.remember', d: { ...ending(180), acknowledged } });
    await plan('2028-03');
    const told = hub.commands.length;
    await run(120);
    expect(hub.commands).toHaveLength(told);
  });

  it('is over where the hub says so, which does not know its device any more', async () => {
    await restoreWith();
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [] })));
    await run(10);
    expect(hub.commands.map(({ k }) => k)).toContain('alert.remember');
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt: now() })));
    expect(await firing()).toEqual([]);
    const told = hub.commands.length;
    await run(60);
    expect(hub.commands).toHaveLength(told);
  });
});
