/** What somebody at the desk acknowledges is kept, told to the hub until the hub shows it, and shown with the name of who sees to it. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { downTopic } from '../../src/protocol/topics.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, type FakeHub, snapshot } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
const OWN = { 'sec-fetch-site': 'same-origin' };

describeOnEachEngine('an alert that somebody at the desk acknowledges', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let alert: AlertMessage;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    alert = deviceDown(NAS, world.clock.now().wallMs);
    await world.send(hub, hub.birth(), hub.entry('alert.raised', alert));
  });

  const post = (path: string, body: string | object, headers: Record<string, string> = {}) => {
    const [text, type] =
      typeof body === 'string' ? [body, 'application/x-www-form-urlencoded'] : [JSON.stringify(body), 'application/json'];
    const all = { host: '127.0.0.1:7080', 'content-type': type, ...headers };
    return world.desk.app.fetch(new Request(`http://127.0.0.1:7080${path}`, { method: 'POST', headers: all, body: text }));
  };
  const acknowledge = (over: object = {}, headers = {}) => {
    const { key, raisedAt } = alert;
    return post(
      '/api/v1/alerts/acknowledge',
      { site: world.site, key, raisedHubAt: raisedAt, by: 'Ben', note: 'I call them', ...over },
      headers,
    );
  };
  const shown = async () => (await world.desk.reader.alerts({ site: world.site, limit: 9 })).find(({ key }) => key === alert.key);
  const told = (): unknown[] =>
    world.link.published.filter(({ topic }) => topic === downTopic(world.site, 'cmd')).map(({ payload }) => JSON.parse(payload));
  const run = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) {
      await world.send(hub, hub.heartbeat());
      await world.clock.advance(5_000);
      await world.desk.drain();
    }
  };
  const updated = (by: string) => ({ ...alert, acknowledged: { by, at: world.clock.now().wallMs, where: 'desk' as const } });

  it('shows at once who sees to it, and is told to the hub until the hub shows it too', async () => {
    expect((await acknowledge()).status).toBe(200);
    expect(await shown()).toMatchObject({ acknowledged: { by: 'Ben', note: 'I call them', where: 'desk', untold: true } });
    await run(120);
    const times = told().length;
    expect(times).toBeGreaterThan(3);
    expect(times).toBeLessThan(8);
    expect(told()[0]).toMatchObject({
      k: 'alert.acknowledge',
      d: { key: alert.key, raisedAt: alert.raisedAt, by: 'Ben', note: 'I call them' },
    });
    await world.send(hub, hub.entry('alert.updated', updated('Ben')));
    expect(await shown()).toMatchObject({ acknowledged: { by: 'Ben', untold: false } });
    await run(120);
    expect(told()).toHaveLength(times);
  });

  it('is kept over a restart of the desk, and told then', async () => {
    await acknowledge();
    await world.restart();
    await run(30);
    expect(told().length).toBeGreaterThan(0);
    expect(await shown()).toMatchObject({ acknowledged: { by: 'Ben', untold: true } });
  });

  it('is told to a hub that was away when it is back, whatever that tells of the alert meanwhile', async () => {
    await world.send(hub, hub.offline('update'));
    await acknowledge();
    await world.clock.advance(60_000);
    expect(told()).toEqual([]);
    await world.send(hub, hub.birth(), hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [alert] })));
    await run(10);
    expect(told().length).toBeGreaterThan(0);
    expect(await shown()).toMatchObject({ acknowledged: { by: 'Ben', untold: true } });
  });

  it('is told to nobody any more when it is over, and says nothing of the next time', async () => {
    await world.send(hub, hub.offline('update'));
    await acknowledge();
    const clearedAt = world.clock.now().wallMs;
    await world.send(hub, hub.entry('alert.cleared', { ...alert, clearedAt }));
    expect(await shown()).toMatchObject({ acknowledged: { by: 'Ben' }, clearedAt });
    alert = deviceDown(NAS, clearedAt + 1000);
    await world.clock.advance(1000);
    await world.send(hub, hub.birth(), hub.entry('alert.raised', alert));
    await run(30);
    expect(told()).toEqual([]);
    expect((await world.desk.reader.firing(world.site))[0]?.acknowledged).toBeUndefined();
  });

  it('is taken by who was first at the hub, when both sides acknowledge it at once', async () => {
    await acknowledge();
    await world.send(hub, hub.entry('alert.updated', updated('Anna')));
    expect(await shown()).toMatchObject({ acknowledged: { by: 'Anna', untold: false } });
    const answer = await acknowledge();
    expect([answer.status, await answer.json()]).toEqual([409, { error: 'taken', message: 'Anna has acknowledged it before.' }]);
  });

  it('shows when it was acknowledged at a hub with a wrong clock by the desk`s own, also when it is told again later', async () => {
    const wrong = world.hub({ wallErrorMs: -86_400_000 });
    const raisedAt = world.clock.now().wallMs - 86_400_000;
    const acknowledged = { by: 'Anna', at: raisedAt, where: 'hub' as const };
    alert = deviceDown(NAS, raisedAt, { acknowledged });
    await world.send(wrong, wrong.birth(), wrong.heartbeat());
    await world.send(wrong, wrong.entry('alert.raised', alert));
    const at = (await shown())?.acknowledged?.at;
    expect(Math.abs(at! - world.clock.now().wallMs)).toBeLessThan(1000);
    await world.clock.advance(600_000);
    const right = world.hub();
    await world.send(right, right.birth(), right.heartbeat());
    await world.send(right, right.entry('alert.updated', { ...alert, title: 'NAS is gone' }));
    expect(await shown()).toMatchObject({ title: 'NAS is gone', acknowledged: { at } });
  });

  it('may be the desk`s own, of which no hub is told', async () => {
    await world.clock.advance(400_000);
    await world.desk.drain();
    const [silent] = await world.desk.reader.firing(world.site);
    expect(silent).toMatchObject({ code: 'hub-silent' });
    expect((await acknowledge({ key: silent!.key, raisedHubAt: silent!.raisedHubAt })).status).toBe(200);
    await run(30);
    expect((await world.desk.reader.firing(world.site)).concat(await world.desk.reader.alerts({ firing: false, limit: 9 }))).toContainEqual(
      expect.objectContaining({ code: 'hub-silent', acknowledged: expect.objectContaining({ untold: false }) }),
    );
    expect(told()).toEqual([]);
  });

  it('stands behind those that nobody sees to', async () => {
    const tv = newRandomId(world.random);
    await world.send(hub, hub.entry('alert.raised', deviceDown(tv, alert.raisedAt + 1, { severity: 'warning' })));
    await acknowledge();
    expect((await world.desk.reader.firing(world.site)).map(({ device }) => device)).toEqual([tv, NAS]);
  });

  it('is refused for what does not exist, is over or makes no sense', async () => {
    const statusOf = async (over: object): Promise<number> => (await acknowledge(over)).status;
    expect(await statusOf({ raisedHubAt: alert.raisedAt + 1 })).toBe(404);
    expect(await statusOf({ site: NAS })).toBe(404);
    expect(await statusOf({ by: ' \u200b' })).toBe(400);
    expect(await statusOf({ by: undefined })).toBe(400);
    expect(await statusOf({ site: '../x' })).toBe(400);
    expect((await post('/api/v1/alerts/acknowledge', 'no json')).status).toBe(400);
    expect((await acknowledge({ note: 'x'.repeat(20_000) })).status).toBe(413);
    await world.send(hub, hub.entry('alert.cleared', { ...alert, clearedAt: world.clock.now().wallMs }));
    expect(await statusOf({})).toBe(409);
  });

  it('cleans and cuts what people write', async () => {
    await acknowledge({ by: `B\u202een\u0007${'x'.repeat(100)}`, note: 'x'.repeat(300) });
    const { by, note } = (await shown())!.acknowledged!;
    expect([by, note?.length]).toEqual([`Ben${'x'.repeat(61)}`, 256]);
  });

  it('cannot be acknowledged by another web site in the same browser', async () => {
    for (const foreign of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
    ])
      expect([foreign, (await acknowledge({}, foreign)).status]).toEqual([foreign, 403]);
    expect((await shown())?.acknowledged).toBeUndefined();
    expect((await acknowledge({}, OWN)).status).toBe(200);
  });

  it('can be acknowledged by the form of the page, without its script', async () => {
    const form = new URLSearchParams({ key: alert.key, raisedHubAt: String(alert.raisedAt), by: 'Ben', note: '' });
    const answer = await post(`/sites/${world.site}/acknowledge`, String(form), OWN);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/sites/${world.site}`]);
    expect((await shown())?.acknowledged).toMatchObject({ by: 'Ben' });
    expect((await post(`/sites/${world.site}/acknowledge`, 'by=Ben', OWN)).status).toBe(400);
  });

  it('about a hub that falls silent in a silenced home is to be acted on when that is over', async () => {
    const setAt = world.clock.now().wallMs;
    const silences = [{ n: 1, by: 'Anna', setAt, endsAt: setAt + 3_600_000 }];
    const site = { gateway: 'up' as const, internet: 'up' as const, hubLink: true, personalDevices: 0 };
    await world.send(hub, hub.entry('site.state', { ...site, silences }));
    await world.clock.advance(400_000);
    await world.desk.drain();
    const silent = (await world.desk.reader.firing(world.site)).find(({ code }) => code === 'hub-silent')!;
    expect(silent).toMatchObject({ actionableAt: setAt + 3_600_000, text: expect.stringContaining('Anna silenced this home') });
    await world.send(hub, hub.heartbeat(), hub.entry('site.state', site));
    await world.clock.advance(400_000);
    await world.desk.drain();
    const again = (await world.desk.reader.firing(world.site)).find(({ code }) => code === 'hub-silent')!;
    expect(again.actionableAt - again.raisedAt).toBe(120_000);
  });

  it('shows a silence for no longer than a day, whatever end the hub tells', async () => {
    const setAt = world.clock.now().wallMs;
    const site = { gateway: 'up' as const, internet: 'up' as const, hubLink: true, personalDevices: 0 };
    await world.send(hub, hub.entry('site.state', { ...site, silences: [{ n: 1, by: 'Anna', setAt, endsAt: setAt * 2 }] }));
    const [silence] = (await world.desk.reader.site(world.site))!.silences;
    expect(silence!.endsAt - setAt).toBeLessThanOrEqual(86_400_000 + 1000);
  });

  it('shows a silence of the home by the clock of the desk', async () => {
    const wrong = world.hub({ wallErrorMs: 3_600_000 });
    const setAt = world.clock.now().wallMs + 3_600_000;
    const silences = [{ n: 1, by: 'Anna', because: 'new rack', setAt, endsAt: setAt + 60_000 }];
    const site = { gateway: 'up' as const, internet: 'up' as const, hubLink: true, personalDevices: 0, silences };
    await world.send(wrong, wrong.birth(), wrong.heartbeat(), wrong.entry('site.state', site));
    const view = (await world.desk.reader.site(world.site))!;
    expect(view.silences).toMatchObject([{ by: 'Anna', because: 'new rack' }]);
    expect(Math.abs(view.silences[0]!.endsAt - world.clock.now().wallMs - 60_000)).toBeLessThan(1000);
    await world.send(wrong, wrong.entry('site.state', { ...site, silences: undefined }));
    expect((await world.desk.reader.site(world.site))?.silences).toEqual([]);
  });
});
