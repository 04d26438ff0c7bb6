/** People are told of tickets in their browsers: whose, what of it, and what becomes of it where a push service does not take it. A real push service over TLS, which reads what it is sent as a browser would. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { noticesTest } from '../../src/cli/commands/notices-test.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { Browsers } from '../../src/desk/push/browsers.ts';
import { Push } from '../../src/desk/push/push.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { listBrowsersOf } from '../../src/desk/store/push.ts';
import { saveShift } from '../../src/desk/store/shifts.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { createPushPost } from '../../src/platform/push-post.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { AccessWorld, DAY_MS } from '../fakes/access-world.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { deviceDown } from '../fakes/hub.ts';
import { type PushAnswer, type PushedBrowser, PushService } from '../fakes/push-service.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { CAMERA, LAMP, NAS, noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

const MINUTE_MS = 60_000;

class TalkingDesk {
  readonly service: PushService;
  readonly people: AccessWorld;
  readonly browsers: Browsers;
  readonly push: Push;
  readonly told: ToldDesk;
  readonly database: DeskDatabase;

  private constructor(service: PushService, people: AccessWorld, push: Push, browsers: Browsers, told: ToldDesk) {
    [this.service, this.people, this.push, this.browsers, this.told] = [service, people, push, browsers, told];
    this.database = people.database;
  }

  static async start(database: DeskDatabase, receiver: string): Promise<TalkingDesk> {
    const service = await PushService.open();
    const policy = noticePolicy(`linkTo: https://desk.example.com
mail: {host: localhost, from: Desk <desk@example.com>}
pushServices: ["${service.name}"]
receivers: {browsers: {kind: web-push${receiver}}}
routes: [{receivers: [browsers]}]`);
    const clock = new VirtualClock();
    const people = new AccessWorld(database, clock);
    const { post } = service;
    const told = await ToldDesk.start(database, policy, undefined, clock, { access: people.access, pushPost: post });
    const { random } = told.world;
    const push = new Push({ clock, log: silentLog, random, database, policy, post, onShift: async () => [] });
    const browsers = new Browsers({ clock, random, database, policy, push, signIns: people.access.signIns });
    return new TalkingDesk(service, people, push, browsers, told);
  }

  /** Who has that many browsers in which notices are turned on. */
  async person(
    name: string,
    count = 1,
    ...whose: Parameters<AccessWorld['person']> extends [string, ...infer R] ? R : never
  ): Promise<PushedBrowser[]> {
    await this.people.person(name, ...whose);
    const known = await this.people.known(await this.people.signIn(name));
    return Promise.all(
      Array.from({ length: count }, async () => {
        const browser = await this.service.subscribe();
        expect(await this.browsers.add(known, { subscription: browser.subscription, title: 'Firefox' })).toBeUndefined();
        return browser;
      }),
    );
  }

  async shift(name: string, isOn = true): Promise<void> {
    const { now } = this.told;
    await saveShift(this.database, { name: `${name} Quist`, isOn, since: now, until: now + 8 * 3_600_000 });
  }

  receiver() {
    return this.told.world.desk.status().receivers?.[0];
  }
}

const sqlite = () => openDeskDatabase(join(temporaryFolder(), 'desk.db'));

describeOnEachEngine('browsers', (open) => {
  it('that fail hold up no other: one is gone, one is given time, one cannot take it, and each has what is so in the end', async () => {
    const desk = await TalkingDesk.start(await open(), ', onShift: false');
    const [fine, gone, slow, full] = (await desk.person('ann', 4)) as [PushedBrowser, PushedBrowser, PushedBrowser, PushedBrowser];
    const answers = new Map<PushedBrowser, number>();
    const answering = (browser: PushedBrowser, answer: PushAnswer): void => {
      browser.answer = () => {
        answers.set(browser, (answers.get(browser) ?? 0) + 1);
        return answer;
      };
    };
    answering(gone, { status: 410 });
    answering(slow, { status: 429, headers: { 'retry-after': '600' } });
    answering(full, { status: 413 });
    await desk.told.fire();
    const over = await desk.told.fire(CAMERA, { title: 'Camera does not answer' });
    await desk.told.wait(2 * MINUTE_MS);
    expect(fine.titles).toEqual(['New: NAS does not answer', 'New: Camera does not answer']);
    expect([gone, slow, full].map((browser) => answers.get(browser))).toEqual([1, 1, 2]);
    const person = (await desk.people.access.people.list())[0]!.id;
    const held = await listBrowsersOf(desk.database, person);
    expect(held.map(({ endpoint, failures, last_answer }) => [endpoint, failures, last_answer]).sort()).toEqual([
      [fine.endpoint, 0, null],
      [slow.endpoint, 1, 'HTTP 429'],
      [full.endpoint, 0, 'HTTP 413'],
    ]);
    slow.answer = () => ({ status: 201 });
    await desk.told.clear(over);
    await desk.told.wait(7 * MINUTE_MS);
    expect([fine.titles.at(-1), slow.titles]).toEqual(['Over by itself: Camera does not answer', []]);
    await desk.told.wait(3 * MINUTE_MS);
    // What it was not told of that is over, it is not told of.
    expect(slow.titles).toEqual(['New: NAS does not answer']);
    expect(desk.receiver()?.failingSince).toBeUndefined();
    expect(await desk.database.selectFrom('push_owed').selectAll().execute()).toEqual([]);
  });
});

describe('a receiver of browsers', () => {
  it('tells those on shift in words that nobody else reads, and what is over takes the place of what began', async () => {
    const desk = await TalkingDesk.start(await sqlite(), '');
    const [[anns], [bobs]] = [await desk.person('ann'), await desk.person('bob')];
    await desk.shift('ann');
    const alert = await desk.told.fire(NAS, { severity: 'critical' });
    await desk.told.wait(MINUTE_MS);
    await desk.shift('bob');
    await desk.told.clear(alert);
    await desk.told.wait(11 * MINUTE_MS);
    expect(anns?.taken.map(({ said: { at: _, ...said } }) => said)).toEqual([
      { title: 'New: NAS does not answer', body: 'Lindgren, ticket 1', tag: 'ticket 1', path: '/tickets/1', stays: true, quiet: false },
      {
        title: 'Over by itself: NAS does not answer',
        body: 'Lindgren, ticket 1',
        tag: 'ticket 1',
        path: '/tickets/1',
        stays: false,
        quiet: true,
      },
    ]);
    expect(bobs?.taken).toEqual([]);
    const [began, ended] = anns!.taken;
    const { publicKey } = await desk.browsers.view(await desk.people.known(await desk.people.signIn('ann')));
    expect([began?.signer, ended?.signer]).toEqual([publicKey, publicKey]);
    expect(began?.claims).toMatchObject({ aud: `https://${desk.service.name}`, sub: 'mailto:desk@example.com' });
    expect(began?.headers).toMatchObject({
      ttl: '28800',
      urgency: 'high',
      'content-encoding': 'aes128gcm',
      topic: expect.stringMatching(/^[\w-]{32}$/),
    });
    expect(ended?.headers).toMatchObject({ ttl: '3600', urgency: 'low', topic: began?.headers.topic });
    // Their length tells them apart no more than their address does.
    expect(began?.bytes).toBe(ended?.bytes);
    expect(desk.receiver()).toMatchObject({ name: 'browsers', kind: 'web-push', waiting: 0, sent: 2 });
  });

  it('says nothing to somebody of a home that he does not see, also not among others, and nothing any more when he is let in no more', async () => {
    const desk = await TalkingDesk.start(await sqlite(), ', onShift: false, most: 2');
    const { world } = desk.told;
    const [anns] = await desk.person('ann');
    const [deals] = await desk.person('dan', 1, 'dealer', { dealers: [], sites: [world.site] });
    const third = newRandomId(world.random);
    await saveSite(world.database, { id: third, name: 'Third' }, desk.told.now);
    const [other] = await desk.person('eve', 1, 'dealer', { dealers: [], sites: [third] });
    const hub = world.hub({ site: newRandomId(world.random) });
    await saveSite(world.database, { id: hub.site, name: 'Foreign' }, desk.told.now);
    await world.send(hub, hub.birth());
    for (const [device, title] of [
      [NAS, 'One'],
      [CAMERA, 'Two'],
      [LAMP, 'Three'],
    ] as const)
      await world.send(hub, hub.entry('alert.raised', deviceDown(device, desk.told.now, { actionableAt: desk.told.now, title })));
    await desk.told.fire(NAS);
    await desk.told.fire(CAMERA, { title: 'Camera does not answer' });
    await desk.told.wait(2 * MINUTE_MS);
    expect(anns?.taken).toMatchObject([
      { said: { title: '5 notices at once', path: '/tickets', body: expect.stringContaining('New: Three (Foreign, ticket 3)') } },
    ]);
    expect(deals?.taken).toMatchObject([{ said: { title: '2 notices at once' } }]);
    expect(deals?.taken[0]?.said.body.split('\n')).toEqual([
      expect.stringMatching(/^- New: .* \(Lindgren, ticket 4\)$/),
      expect.stringMatching(/^- New: .* \(Lindgren, ticket 5\)$/),
    ]);
    expect(other?.taken).toEqual([]);
    // What he is owed when his homes are others: that is not told either.
    deals!.answer = () => ({ status: 429, headers: { 'retry-after': '60' } });
    const { people } = desk.people.access;
    const ids = new Map((await people.list()).map(({ signInName, id }) => [signInName, id]));
    await desk.told.fire(LAMP);
    await desk.told.wait(2 * MINUTE_MS);
    expect(await desk.database.selectFrom('push_owed').select('about').execute()).toEqual([{ about: 'ticket 6' }]);
    await people.change('Lead', ids.get('dan')!, { role: 'dealer', reach: { dealers: [], sites: [third] } });
    deals!.answer = () => ({ status: 201 });
    await desk.told.wait(2 * MINUTE_MS);
    const before = anns?.taken.length;
    await people.disable('Lead', ids.get('ann')!);
    await people.change('Lead', ids.get('dan')!, { role: 'homeowner', reach: { dealers: [], sites: [world.site] } });
    await people.removeKeys('Lead', ids.get('eve')!);
    await desk.told.fire(newRandomId(world.random));
    await desk.told.wait(11 * MINUTE_MS);
    expect([anns?.taken.length, deals?.taken.length, other?.taken.length]).toEqual([before, 1, 0]);
    expect((await desk.database.selectFrom('push_browser').select('person_id').execute()).map(({ person_id }) => person_id)).toEqual([
      ids.get('dan'),
    ]);
  });

  it('fails while nobody is there whom it is for, and is mended by the first who is', async () => {
    const desk = await TalkingDesk.start(await sqlite(), ', people: [Ann]');
    await desk.person('bob');
    await desk.told.fire();
    await desk.told.wait(3 * MINUTE_MS);
    expect(desk.receiver()).toMatchObject({
      waiting: 1,
      failingSince: expect.any(Number),
      lastAnswer: expect.stringContaining('nobody whom it is for'),
    });
    const [anns] = await desk.person('ann');
    await desk.told.wait(12 * MINUTE_MS);
    expect(anns?.titles).toEqual(['New: NAS does not answer']);
    expect(desk.receiver()).toMatchObject({ waiting: 0, sent: 1 });
    expect(desk.receiver()?.failingSince).toBeUndefined();
    // All of them away: the notice goes back to its queue, and comes when they are there again.
    anns!.answer = () => ({ status: 503 });
    await desk.told.fire(CAMERA, { title: 'Camera does not answer' });
    await desk.told.wait(3 * MINUTE_MS);
    expect(desk.receiver()).toMatchObject({ waiting: 1, failingSince: expect.any(Number), lastAnswer: 'later: 1 (HTTP 503)' });
    anns!.answer = () => ({ status: 201 });
    await desk.told.wait(15 * MINUTE_MS);
    expect([anns?.titles.at(-1), desk.receiver()?.failingSince]).toEqual(['New: Camera does not answer', undefined]);
  });
});

describe('a browser of somebody', () => {
  it('is added by who proved himself not long ago, is his who turned it on last, and is tested and removed by him alone', async () => {
    const desk = await TalkingDesk.start(await sqlite(), '');
    const { browsers, people } = desk;
    const [anns] = await desk.person('ann');
    const ann = await people.known(await people.signIn('ann'));
    const id = (await browsers.view(ann)).browsers[0]!.id;
    expect(await browsers.test(ann, id)).toEqual({ said: expect.stringContaining('On its way') });
    expect(anns?.taken.map(({ said, headers }) => [said.title, headers.ttl])).toEqual([['Test: notices reach this browser', '300']]);
    await people.person('bob');
    const bob = await people.known(await people.signIn('bob'));
    for (const refused of [await browsers.test(bob, id), await browsers.remove(bob, id)])
      expect(refused).toEqual({ trouble: 'There is no such browser.', isMissing: true });
    const { subscription } = anns!;
    expect(await browsers.add(bob, { subscription, title: ' desk  PC ' })).toBeUndefined();
    expect([(await browsers.view(ann)).browsers, (await browsers.view(bob)).browsers]).toMatchObject([[], [{ title: 'desk PC' }]]);
    const wrong = [
      { ...subscription, endpoint: subscription.endpoint.replace('https:', 'http:') },
      { ...subscription, endpoint: 'https://127.0.0.1/push/1' },
      { ...subscription, endpoint: 'https://desk.internal/push/1' },
      { ...subscription, keys: { ...subscription.keys, p256dh: `B${'A'.repeat(86)}` } },
      { ...subscription, keys: { p256dh: subscription.keys.p256dh } },
      { endpoint: subscription.endpoint },
      null,
    ];
    for (const one of wrong)
      expect([one, await browsers.add(bob, { subscription: one, title: 'x' })]).toEqual([one, { trouble: expect.any(String) }]);
    const another = (i: number) => ({ ...subscription, endpoint: subscription.endpoint + i });
    for (let i = 0; i < 9; i++) expect(await browsers.add(bob, { subscription: another(i), title: 'x' })).toBeUndefined();
    const oneMore = another(9);
    expect(await browsers.add(bob, { subscription: oneMore, title: 'x' })).toEqual({ trouble: expect.stringContaining('At most 10') });
    const own = (await browsers.view(bob)).browsers;
    anns!.answer = () => ({ status: 404 });
    const desksPc = own.find(({ title }) => title === 'desk PC')!.id;
    expect(await browsers.test(bob, desksPc)).toEqual({ trouble: expect.stringContaining('has turned it off') });
    expect(await browsers.remove(bob, own.find(({ title }) => title === 'x')!.id)).toBeUndefined();
    expect((await browsers.view(bob)).browsers).toHaveLength(8);
    expect((await people.deeds()).slice(0, 2)).toEqual(['bob Quist: browser.removed', 'desk: browser.gone']);
    await people.clock.advance(31 * MINUTE_MS);
    expect(await browsers.add(bob, { subscription: oneMore, title: 'x' })).toEqual({ trouble: expect.stringContaining('Sign in again') });
  });
});

describe('what a desk keeps of browsers', () => {
  it('ends with the account, after two weeks in which nothing was taken, and what is left to tell within hours', async () => {
    const desk = await TalkingDesk.start(await sqlite(), ', onShift: false');
    const { database } = desk;
    const [kept, failing] = await desk.person('ann', 2);
    await desk.person('tom', 1, 'technician', { dealers: [], sites: [desk.told.world.site] });
    failing!.answer = () => ({ status: 503 });
    await desk.told.fire();
    await desk.told.wait(MINUTE_MS);
    await desk.told.world.desk.stop();
    const counts = async () => [
      (await database.selectFrom('push_browser').select('endpoint').execute()).map(({ endpoint }) => endpoint),
      (await database.selectFrom('push_owed').select('about').execute()).length,
    ];
    expect((await counts())[1]).toBe(1);
    // A push service that says nothing keeps no desk from its end.
    const { policy, random } = desk.told.world.notices!;
    const { clock } = desk.people;
    let isAsked = false;
    const post = () => {
      isAsked = true;
      return new Promise<never>(() => {});
    };
    const deaf = new Push({ clock, log: silentLog, random, database, policy, post, onShift: async () => [] });
    deaf.start();
    await clock.advance(10 * MINUTE_MS);
    await vi.waitUntil(() => isAsked);
    const ended = deaf.stop();
    await clock.advance(3_000);
    await ended;
    await desk.people.clock.advance(DAY_MS);
    await desk.push.tidy();
    expect(await counts()).toEqual([expect.arrayContaining([kept!.endpoint, failing!.endpoint]), 0]);
    expect((await counts())[0]).toHaveLength(2);
    await desk.people.clock.advance(14 * DAY_MS);
    await desk.push.tidy();
    expect(await counts()).toEqual([[kept!.endpoint], 0]);
  });

  it('is asked for nothing by `hearthbeat notices test`: each tests his own', async () => {
    const file = join(temporaryFolder(), 'notices.yaml');
    writeFileSync(file, 'receivers: {browsers: {kind: web-push}}');
    const command = new Command()
      .argument('<receiver>')
      .option('--file <file>')
      .action(() => {});
    command.parse(['browsers', '--file', file], { from: 'user' });
    const context = { env: {}, stdout: process.stdout } as unknown as CliContext;
    await expect(noticesTest(context, command)).rejects.toMatchObject({ code: 'HB_USAGE', fix: expect.stringContaining('account page') });
  });
});

describe('where a push message goes', () => {
  const request = (url: string) => ({ url, headers: {}, body: Uint8Array.of(1) });

  it('is looked at when its name is asked for, and nobody within the network hears of it', async () => {
    const service = await PushService.open();
    const url = `https://${service.name}/push/1`;
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fd00::1']) {
      const post = createPushPost({
        resolve: async () => [
          { address: '8.8.8.8', family: 4 },
          { address, family: address.includes(':') ? 6 : 4 },
        ],
      });
      expect(await post(request(url))).toEqual({
        failed: `nas.test leads to ${address}, which is no address of the internet`,
        isUnsent: true,
      });
    }
    const { port } = new URL(url);
    for (const [host, address] of [
      ['127.0.0.1', '127.0.0.1'],
      ['[::1]', '::1'],
      ['0x7f.1', '127.0.0.1'],
    ])
      expect(await createPushPost()(request(`https://${host}:${port}/`))).toEqual({
        failed: `${address} is no address of the internet`,
        isUnsent: true,
      });
    expect(service.asked).toBe(0);
  });

  it('is where it was sent: no redirect is followed, and no server believed that cannot prove its name', async () => {
    const service = await PushService.open();
    const browser = await service.subscribe();
    browser.answer = () => ({ status: 307, headers: { location: browser.endpoint } });
    expect(await service.post(request(browser.endpoint))).toEqual({ status: 307, retryAfter: undefined, text: '' });
    expect(service.asked).toBe(1);
    const stranger = createPushPost({ mayReach: () => true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    expect(await stranger(request(browser.endpoint))).toMatchObject({ failed: expect.stringMatching(/CERT|VERIFY|LEAF/), isUnsent: true });
    expect(service.asked).toBe(1);
  });
});
