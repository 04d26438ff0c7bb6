/** The word of a hub that is back, in the history of the incident that its silence was, and on the page of its home. */
import { beforeEach, expect, it } from 'vitest';
import type { AbsenceMessage, SiteStateMessage } from '../../src/protocol/messages.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import type { FakeHub } from '../fakes/hub.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SITE: SiteStateMessage = { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 };

describeOnEachEngine('the desk', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
    for (let i = 0; i < 6; i++) await beat();
  });

  async function beat(): Promise<void> {
    await world.clock.advance(30_000);
    await world.send(hub, hub.heartbeat());
  }

  async function quietFor(ms: number): Promise<void> {
    await world.clock.advance(ms);
    await world.desk.drain();
  }

  const over = async (): Promise<(string | undefined)[]> =>
    (await world.desk.reader.alerts({ limit: 9 })).map(({ clearedBecause }) => clearedBecause);
  const powerCut = (from: number, to: number, over: Partial<AbsenceMessage> = {}): AbsenceMessage => ({
    why: 'hub-lost-power',
    house: 'lost-power',
    from,
    to,
    text: '9 of 12 devices restarted with it: the power of the house was cut.',
    ...over,
  });

  it('knows by itself that a hub ran on which was started before it fell silent, and nothing of one that was started since', async () => {
    await quietFor(HOUR);
    await beat();
    await quietFor(HOUR);
    hub = world.hub();
    await quietFor(MINUTE);
    await world.send(hub, hub.birth());
    expect(await over()).toEqual(['the hub was heard again', 'the hub was heard again. It had run all along']);
  });

  it('puts the reason into the history of that silence and no other, by its own clock', async () => {
    await quietFor(10 * MINUTE);
    await beat();
    await quietFor(10 * MINUTE);
    const darkAt = world.clock.now().wallMs;
    await quietFor(HOUR);
    hub = world.hub({ wallErrorMs: -3 * HOUR });
    await world.send(hub, hub.birth());
    const backAt = world.clock.now().wallMs;
    const absence = powerCut(darkAt - 3 * HOUR, backAt - 3 * HOUR);
    await world.send(hub, hub.entry('site.state', { ...SITE, absence }));
    const [newest, before] = await over();
    expect(newest).toBe(`the hub was heard again. ${absence.text}`);
    expect(before).not.toContain('power');
    const told = (await world.desk.reader.site(world.site))?.absence;
    expect(told?.from).toBeCloseTo(darkAt, -3);
    expect(told?.to).toBeCloseTo(backAt, -3);
  });

  it('learns more of it later, and lets an old reason explain no new silence', async () => {
    const darkAt = world.clock.now().wallMs;
    await quietFor(HOUR);
    hub = world.hub();
    await world.send(hub, hub.birth());
    const backAt = world.clock.now().wallMs;
    const early = powerCut(darkAt, backAt, { house: 'unknown', text: 'The hub lost its power.' });
    await world.send(hub, hub.entry('site.state', { ...SITE, absence: early }));
    const absence = powerCut(darkAt, backAt);
    await world.send(hub, hub.entry('site.state', { ...SITE, absence }));
    expect(await over()).toEqual([expect.stringContaining('9 of 12')]);
    for (let i = 0; i < 20; i++) await beat();
    await quietFor(HOUR);
    await beat();
    await world.send(hub, hub.entry('site.state', { ...SITE, internet: 'down', absence }));
    expect(await over()).toEqual(['the hub was heard again. It had run all along', expect.stringContaining('9 of 12')]);
  });
});
