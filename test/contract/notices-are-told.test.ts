/** What becomes of a ticket is told outside the page: once, in order, not what is over meanwhile; signed, over real sockets, from a queue that outlives the desk. */
import { createHmac } from 'node:crypto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { createDesk } from '../../src/desk/desk.ts';
import type { Post } from '../../src/desk/notices/receivers/receiver.ts';
import { mailNotice } from '../../src/platform/notice-mail.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { MemoryLink, silentLog } from '../fakes/desk-world.ts';
import { HttpReceiver, type Received } from '../fakes/http-receiver.ts';
import { CAMERA, LAMP, NAS, noticePolicy, SIGNING_KEY, ToldDesk } from '../fakes/told-desk.ts';

const GATE = newRandomId(seededRandom('gate'));
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const one = ({ url }: HttpReceiver, more = ''): string => `linkTo: https://desk.example.com/
receivers:
  people: {kind: webhook, url: ${url}/people, secretEnv: KEY${more}}
routes:
  - receivers: [people]
`;
const types = (receiver: HttpReceiver) => receiver.bodies.map(({ type }) => type);
const headlines = (receiver: HttpReceiver) => receiver.bodies.map(({ data }) => (data as { headline: string }).headline);

describeOnEachEngine('a notice', (open) => {
  it('of a new ticket comes once, signed, with its evidence and a link; and again when it is over', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver)));
    const alert = await desk.fire();
    await desk.wait(10_000);
    expect(receiver.received).toEqual([]);
    await desk.wait(30_000);
    expect(receiver.bodies).toMatchObject([
      {
        type: 'ticket.opened',
        data: {
          headline: 'New: NAS does not answer (Lindgren, ticket 1)',
          link: 'https://desk.example.com/tickets/1',
          ticket: { number: 1, site: desk.world.site, severity: 'error', evidence: [{ title: 'NAS does not answer' }] },
        },
      },
    ]);
    expect(isSigned(receiver.received[0]!)).toBe(true);
    await desk.wait(5 * MINUTE_MS);
    await desk.clear(alert);
    await desk.wait(6 * MINUTE_MS);
    expect(types(receiver)).toEqual(['ticket.opened', 'ticket.over']);
    expect(headlines(receiver)[1]).toBe('Over by itself: NAS does not answer (Lindgren, ticket 1)');
    expect((await desk.world.desk.reader.ticket(1))?.notices).toMatchObject([
      { receiver: 'people', changes: ['over'], fate: 'sent', tries: 1 },
      { receiver: 'people', changes: ['opened'], fate: 'sent', tries: 1 },
    ]);
    const page = await desk.world.desk.app.fetch(new Request('http://127.0.0.1:7080/tickets/1', { headers: { host: '127.0.0.1:7080' } }));
    expect((await page.text()).replace(/<[^>]+>/g, '')).toMatch(/Who was told.*people was told: over.*people was told: new/s);
    await desk.fire();
    await desk.wait(MINUTE_MS);
    expect(types(receiver)[2]).toBe('ticket.opened_again');
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  it('is not sent of what is over before, of what somebody sees to already, or of what was there before its receiver', async () => {
    const receiver = await HttpReceiver.open();
    const database = await open();
    const desk = await ToldDesk.start(database, noticePolicy('receivers: {}'));
    await desk.fire(LAMP);
    await desk.fire(GATE);
    await desk.wait(MINUTE_MS);
    desk.world.notices = { ...desk.world.notices!, policy: noticePolicy(one(receiver)) };
    await desk.world.restart();
    desk.hub = desk.world.hub();
    await desk.world.send(desk.hub, desk.hub.birth());
    await desk.wait(6_000);
    await desk.fire(NAS);
    await desk.fire(CAMERA);
    await desk.act(3, { do: 'take' });
    await desk.act(4, { do: 'resolve', outcome: 'no-fault', text: 'It is to be off.' });
    await desk.act(2, { do: 'resolve', outcome: 'no-fault', text: 'It is to be off too.' });
    await desk.wait(2 * MINUTE_MS);
    expect(receiver.received).toEqual([]);
    // What is new of it is told all the same.
    await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
    await desk.wait(MINUTE_MS);
    expect(types(receiver)).toEqual(['ticket.handed_over']);
  });

  it('that it is over goes to nobody who does not want that; that it is there again does', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver, ', over: false')));
    const alert = await desk.fire();
    await desk.wait(MINUTE_MS);
    await desk.clear(alert);
    await desk.wait(6 * MINUTE_MS);
    const thread = () => desk.world.database.selectFrom('notice_thread').select(['sent', 'is_over']).executeTakeFirst();
    expect([types(receiver), await thread()]).toEqual([['ticket.opened'], { sent: 1, is_over: 1 }]);
    await desk.fire();
    await desk.wait(MINUTE_MS);
    expect([types(receiver), await thread()]).toEqual([['ticket.opened', 'ticket.opened_again'], { sent: 2, is_over: 0 }]);
  });

  it('of changes within moments is one, and a receiver that was away is told what is so then, under one name at each try', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver)));
    await desk.fire();
    await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
    receiver.reply = () => ({ status: 503 });
    await desk.wait(2 * MINUTE_MS);
    const tries = receiver.received.length;
    expect(tries).toBeGreaterThan(2);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    receiver.reply = () => ({ status: 200 });
    await desk.wait(11 * MINUTE_MS);
    expect(headlines(receiver).slice(tries)).toEqual(['New, handed over to the dealer: NAS does not answer (Lindgren, ticket 1)']);
  });

  it('waits as long as its receiver asks, and is given up at once where it will never be taken', async () => {
    const receiver = await HttpReceiver.open();
    receiver.reply = () => ({ status: 429, headers: { 'retry-after': '300' } });
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver)));
    await desk.fire();
    await desk.wait(5 * MINUTE_MS);
    expect(receiver.received).toHaveLength(1);
    receiver.reply = () => ({ status: 400, body: 'no such field' });
    await desk.wait(2 * MINUTE_MS);
    expect(receiver.received).toHaveLength(2);
    await desk.wait(20 * MINUTE_MS);
    expect(receiver.received).toHaveLength(2);
    expect(desk.world.desk.status().receivers).toMatchObject([
      { name: 'people', refused: 1, waiting: 0, lastAnswer: 'HTTP 400: no such field' },
    ]);
  });

  it('that may have arrived when the desk died is sent again under the same name, and before what follows', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver)));
    await desk.fire();
    receiver.reply = () => 'broken';
    await desk.wait(25_000);
    await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
    receiver.reply = () => ({ status: 200 });
    await desk.world.restart();
    desk.hub = desk.world.hub();
    await desk.world.send(desk.hub, desk.hub.birth());
    await desk.wait(2 * MINUTE_MS);
    const names = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(types(receiver).slice(-2)).toEqual(['ticket.opened', 'ticket.handed_over']);
    expect(new Set(names).size).toBe(2);
    expect(names.slice(0, -1).every((name) => name === names[0])).toBe(true);
  });

  it('that may have arrived counts as told: that it is over follows, whatever happened in between', async () => {
    const receiver = await HttpReceiver.open();
    receiver.reply = () => 'broken';
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver)));
    await desk.fire();
    await desk.wait(25_000);
    receiver.reply = () => ({ status: 503 });
    for (const step of ['resolve', 'reopen', 'resolve']) {
      await desk.act(1, { do: step, outcome: 'no-fault', text: 'It is to be off.' });
      await desk.wait(6_000);
    }
    receiver.reply = () => ({ status: 200 });
    await desk.wait(2 * MINUTE_MS);
    expect([types(receiver)[0], types(receiver).at(-1)]).toEqual(['ticket.opened', 'ticket.over']);
  });

  it('is sent by one of two desks on the same database', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await ToldDesk.start(await open(), noticePolicy(one(receiver)));
    const { clock, database, notices } = desk.world;
    const other = createDesk({ clock, log: silentLog, database, link: new MemoryLink(), assets: {}, notices });
    await other.start();
    onTestFinished(() => other.stop());
    for (const [i, device] of [NAS, CAMERA, LAMP].entries()) await desk.fire(device, { title: `Device ${i}` });
    for (let i = 0; i < 10; i++) {
      await clock.advance(5_000);
      await Promise.all([desk.world.desk.drain(), other.drain()]);
    }
    expect(headlines(receiver).sort()).toEqual([1, 2, 3].map((n) => `New: Device ${n - 1} (Lindgren, ticket ${n})`));
  });

  it('waits behind what another desk is sending about the same', async () => {
    const desk = await ToldDesk.start(await open(), noticePolicy(one({ url: 'http://127.0.0.1:1' } as HttpReceiver)));
    const { database, random } = desk.world;
    const posted: string[] = [];
    const answers: (() => void)[] = [];
    const sends = (by: string, policy = desk.world.notices!.policy) => {
      const post: Post = ({ body }) => {
        posted.push(`${by} ${(JSON.parse(body) as { type: string }).type}`);
        return new Promise((resolve) => answers.push(() => resolve({ status: 200, text: '' })));
      };
      return { policy, random, senders: { post, mail: mailNotice } };
    };
    desk.world.notices = sends('first');
    await desk.world.restart();
    await desk.fire();
    await vi.waitFor(async () => {
      await desk.world.clock.advance(5_000);
      expect(posted).toEqual(['first ticket.opened']);
    });
    const other = createDesk({
      clock: desk.world.clock,
      log: silentLog,
      database,
      link: new MemoryLink(),
      assets: {},
      notices: sends('other'),
    });
    await other.start();
    onTestFinished(() => other.stop());
    await desk.act(1, { do: 'resolve', outcome: 'no-fault', text: 'It is to be off.' });
    for (let i = 0; i < 6; i++) {
      await desk.world.clock.advance(5_000);
      await other.drain();
    }
    expect(posted).toEqual(['first ticket.opened']);
    answers[0]?.();
    await vi.waitFor(async () => {
      await desk.world.clock.advance(5_000);
      answers[1]?.();
      expect(posted.slice(1)).toEqual([expect.stringMatching(/ticket\.over$/)]);
    });
  });

  it('is kept for a month, and forgotten then', async () => {
    const receiver = await HttpReceiver.open();
    const database = await open();
    const desk = await ToldDesk.start(database, noticePolicy(one(receiver)));
    const alert = await desk.fire();
    await desk.wait(MINUTE_MS);
    await desk.clear(alert);
    await desk.wait(10 * MINUTE_MS);
    const kept = async () => [
      (await database.selectFrom('notice').select('fate').execute()).length,
      (await database.selectFrom('notice_thread').select('about').execute()).length,
      (await database.selectFrom('notice_seen').select('ticket').execute()).length,
    ];
    expect(await kept()).toEqual([2, 1, 0]);
    desk.world.clock.standStill(31 * DAY_MS);
    await desk.world.restart();
    desk.hub = desk.world.hub();
    await desk.wait(6_000);
    expect(await kept()).toEqual([0, 0, 0]);
  });
});

/** As Standard Webhooks has a receiver check it, by its words alone. */
function isSigned({ headers, body }: Received): boolean {
  const key = Buffer.from(SIGNING_KEY.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
