/** What the page says in the cases in which a wrong word would calm or alarm without reason. */
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, deviceState, type FakeHub } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

describe('the page', () => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await openDeskDatabase(join(temporaryFolder(), 'desk.db')));
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
  });

  /** The text of a page, each run of blanks as one. */
  async function text(path = '/'): Promise<string> {
    const page = await world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
    return (await page.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  }
  const sitePage = () => text(`/sites/${world.site}`);

  it('says why the hub was away and for how long, as text, for a week after it is back', async () => {
    const to = world.clock.now().wallMs;
    const absence = { why: 'hub-lost-power', from: to - 1_800_000, to, text: 'It lost <i>power</i>.' } as const;
    await world.send(hub, hub.entry('site.state', { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0, absence }));
    expect(await sitePage()).toMatch(
      /The hub was away between .* UTC and .* UTC , for 30 min at most: It lost &lt;i&gt;power&lt;\/i&gt;\./,
    );
    world.clock.stepWall(8 * 86_400_000);
    await world.send(hub, hub.heartbeat());
    expect(await sitePage()).not.toContain('was away');
  });

  it('is not calm while the desk itself cannot hear', async () => {
    expect(await text()).toContain('Nothing is wrong that we know of');
    world.link.connect(false);
    for (const page of [await text(), await sitePage()]) {
      expect(page).toContain('? Not known');
      expect(page).toContain('not heard now');
      expect(page).not.toMatch(/Nothing is wrong|being watched|hub heard|Nothing that we know of/);
    }
    expect(await text()).toContain('How the homes are is not known now');
    world.link.connect(true);
    expect(await text()).toContain('Nothing is wrong that we know of');
  });

  it('says past trouble as past while the desk cannot hear', async () => {
    await world.send(hub, hub.entry('alert.raised', deviceDown(newRandomId(world.random), world.clock.now().wallMs)));
    world.link.connect(false);
    expect(await text()).toContain('1 thing was wrong when it last heard');
  });

  it.each([
    ['shutdown', 'hub switched off', 'stopped on purpose'],
    ['update', 'hub is updating', 'to install an update'],
    ['moved', 'hub moved away', 'now reports to another desk'],
  ] as const)('tells a planned goodbye (%s) from a failure', async (why, word, sentence) => {
    await world.send(hub, hub.offline(why));
    expect(await text()).toContain(word);
    expect(await sitePage()).toContain(sentence);
  });

  it('says when the evidence was judged', async () => {
    const at = world.clock.now().wallMs;
    const evidence = {
      attempts: [{ at, method: 'icmp', outcome: 'silent', detail: '' } as const],
      lastAnswerAt: {},
      hub: { link: true, gateway: 'up', othersAnswering: 3, eventLoopLagMs: 0 } as const,
    };
    await world.send(hub, hub.entry('alert.raised', deviceDown(newRandomId(world.random), at, { evidence })));
    expect(await text()).toMatch(/It is not the hub.*when it was judged, \d{4}-/);
  });

  it('says of a device how soon its failure shows, and why not sooner', async () => {
    const id = newRandomId(world.random);
    const at = world.clock.now().wallMs;
    const promise = {
      detectWithinMs: 25_000,
      detectBecause: 'because its link often loses several packets in a row',
      reportAfterMs: 120_000,
    };
    await world.send(hub, hub.entry('device.added', { id, ips: [], macs: [], seenBy: [], isGateway: false, firstSeenAt: at }));
    await world.send(hub, hub.entry('device.state', { device: id, state: 'up', since: at, reason: 'It answered.', ...promise }));
    expect(await sitePage()).toContain('25 s, because its link often loses several packets in a row, to be acted on 2 min later');
  });

  it('draws where something stands: what is between it and the internet, what stands beside it, and nothing that nobody told', async () => {
    const [router, rack, nas, tv] = Array.from({ length: 4 }, () => newRandomId(world.random)) as [string, string, string, string];
    const at = world.clock.now().wallMs;
    const told = (id: string, over: object) =>
      hub.entry('device.added', { id, ips: [], macs: [], seenBy: [], isGateway: false, firstSeenAt: at, ...over });
    const state = (id: string, is: 'up' | 'down') => hub.entry('device.state', deviceState(id, is, at));
    await world.send(
      hub,
      told(router, { name: 'Box', isGateway: true }),
      told(rack, { name: 'Rack <b>switch', kind: 'switch' }),
      told(nas, { name: 'NAS', kind: 'nas', behind: { device: rack, by: 'person' } }),
      told(tv, { name: 'TV', kind: 'tv' }),
      ...[router, rack, tv].map((id) => state(id, 'up')),
      state(nas, 'down'),
      hub.entry('site.state', { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 }),
      hub.entry('alert.raised', deviceDown(nas, at, { severity: 'error', actionableAt: at })),
    );
    expect(await sitePage()).toMatch(
      /Map ● works Internet ● up Box router Hub hub heard .* ● up Rack &lt;b&gt;switch switch, carries 1, as people say ■ down NAS Behind the router, somewhere: 1 device ● up 1 × tv Drawn is/,
    );
    const [ticket] = await world.desk.reader.tickets({ limit: 1 });
    expect(await text(`/tickets/${ticket?.number}`)).toMatch(
      /Where it stands Between NAS and the internet, as far as anybody told: Rack &lt;b&gt;switch \(up\), the router \(up\), the line \(works\)\. .* ■ down NAS this ticket Behind/,
    );
    await world.send(hub, told(rack, { name: 'Rack', behind: { device: router, by: 'lldp' } }));
    expect(await text(`/tickets/${ticket?.number}`)).toContain(
      'Between NAS and the internet: Rack (up), the router (up), the line (works).',
    );
    expect(await text(`/sites/${world.site}/devices/${nas}`)).toMatch(/Hangs on Rack /);
    await world.send(hub, told(nas, { name: 'NAS', kind: 'nas' }));
    expect(await text(`/tickets/${ticket?.number}`)).toContain(
      'Between NAS and the internet: what it hangs on, nobody has told; then the router (up), the line (works).',
    );
  });

  it('lists a hub that was never heard among those in doubt, and tells homes of one name apart', async () => {
    const ids = [newRandomId(world.random), newRandomId(world.random)];
    for (const id of ids) await saveSite(world.database, { id, name: 'Villa' }, world.clock.now().wallMs);
    const page = await text();
    for (const id of ids) expect(page).toContain(`Villa (${id.slice(-4)})`);
    expect(page.indexOf('Villa')).toBeLessThan(page.indexOf('Lindgren'));
    expect(page).toContain('Nothing is over yet.');
  });
});
