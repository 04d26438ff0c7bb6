/** What becomes of a ticket is told outside the page: once, in order, not what is over meanwhile; signed, over real sockets, from a queue that outlives the desk. */
import { createHmac } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { createDesk } from '../../src/desk/desk.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { MemoryLink, silentLog } from '../fakes/desk-world.ts';
import { HttpReceiver, type Received } from '../fakes/http-receiver.ts';
import { CAMERA, LAMP, NAS, noticePolicy, SIGNING_KEY, ToldDesk } from '../fakes/told-desk.ts';

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
    await desk.wait(MINUTE_MS);
    desk.world.notices = { ...desk.world.notices!, policy: noticePolicy(one(receiver)) };
    await desk.world.restart();
    desk.hub = desk.world.hub();
    await desk.world.send(desk.hub, desk.hub.birth());
    await desk.wait(6_000);
    await desk.fire(NAS);
    await desk.fire(CAMERA);
    await desk.act(2, { do: 'take' });
    await desk.act(3, { do: 'resolve', outcome: 'no-fault', text: 'It is to be off.' });
    await desk.wait(2 * MINUTE_MS);
    expect(receiver.received).toEqual([]);
    // What is new of it is told all the same.
    await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
    await desk.wait(MINUTE_MS);
    expect(types(receiver)).toEqual(['ticket.handed_over']);
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
    // It takes the message and never answers: nobody knows.
    receiver.reply = () => undefined;
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

  it('goes by its routes: tier, plan, dealer, severity and change', async () => {
    const receiver = await HttpReceiver.open();
    const { url } = receiver;
    const yaml = `receivers:
  shift: {kind: webhook, url: ${url}/shift, secretEnv: KEY}
  dealer: {kind: webhook, url: ${url}/dealer, secretEnv: KEY}
  boss: {kind: webhook, url: ${url}/boss, secretEnv: KEY}
routes:
  - {receivers: [shift], severities: [error], changes: [opened]}
  - {receivers: [dealer], tiers: [advanced], dealers: [Holm], plans: [basic]}
  - {receivers: [boss], changes: [answer-due, answer-late]}
`;
    const service = `version: "1"
since: 2026-01-01
plans: {basic: {covers: {severities: [critical, error]}, firstAnswer: {within: 30min}}}
homes: {SITE: {plan: basic, dealer: Holm, timeZone: Europe/Stockholm}}
`;
    const desk = await ToldDesk.start(await open(), noticePolicy(yaml), service);
    await desk.fire();
    await desk.wait(MINUTE_MS);
    await desk.fire(CAMERA, { severity: 'critical' });
    await desk.wait(25 * MINUTE_MS);
    await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
    await desk.wait(MINUTE_MS);
    const told = () => receiver.received.map(({ path, body }) => `${path} ${(JSON.parse(body) as { type: string }).type}`);
    expect(told()).toEqual(['/shift ticket.opened', '/boss ticket.answer_due', '/boss ticket.answer_due', '/dealer ticket.opened']);
    expect(headlines(receiver)[1]).toMatch(/^First answer due by \d\d:\d\d Europe\/Stockholm: NAS/);
    await desk.act(2, { do: 'answer', channel: 'phone', text: 'We look at it.' });
    await desk.wait(10 * MINUTE_MS);
    expect(told().slice(4).sort()).toEqual(['/boss ticket.answer_late', '/dealer ticket.answer_late']);
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
