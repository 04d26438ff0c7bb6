/** People are told no more than they can read: quiet hours end with one message, a flood is one too, and a receiver that fails is told once to another. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { HttpReceiver } from '../fakes/http-receiver.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { CAMERA, LAMP, NAS, noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

const MINUTE_MS = 60_000;
/** 06:20 in Stockholm, in winter. */
const EARLY = Date.UTC(2026, 0, 9, 5, 20);

const SERVICE = `version: "1"
since: 2026-01-01
plans: {}
homes: {SITE: {timeZone: Europe/Stockholm}}
`;

async function start(yaml: string, { service, at }: { service?: string; at?: number } = {}): Promise<ToldDesk> {
  const database = await openDeskDatabase(join(temporaryFolder(), 'desk.db'));
  return ToldDesk.start(database, noticePolicy(yaml), service, at === undefined ? undefined : new VirtualClock(at));
}

const headlines = (receiver: HttpReceiver, path: string) =>
  receiver.received.flatMap((message) =>
    message.path === path ? [(JSON.parse(message.body) as { data: { headline: string } }).data.headline] : [],
  );

describe('quiet hours', () => {
  const yaml = ({ url }: HttpReceiver, zone = '') => `receivers:
  people:
    kind: webhook
    url: ${url}/people
    secretEnv: KEY
    quietHours: {spans: [{from: "02:00", to: "07:00"}]${zone}}
routes: [{receivers: [people]}]
`;

  it('hold back what can wait, let through what cannot, and end with one message of what is still so', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await start(yaml(receiver), { service: SERVICE, at: EARLY });
    const over = await desk.fire(NAS);
    await desk.fire(CAMERA, { title: 'Camera does not answer' });
    await desk.fire(LAMP, { title: 'Lamp does not answer' });
    await desk.wait(10 * MINUTE_MS);
    await desk.clear(over);
    await desk.fire(newRandomId(seededRandom('alarm')), { title: 'Alarm panel does not answer', severity: 'critical' });
    await desk.wait(10 * MINUTE_MS);
    expect(headlines(receiver, '/people')).toEqual(['New: Alarm panel does not answer (Lindgren, ticket 4)']);
    // Until just before 07:00 by the clock of the home.
    await desk.wait(EARLY + 39 * MINUTE_MS - desk.now);
    expect(receiver.received).toHaveLength(1);
    await desk.wait(2 * MINUTE_MS);
    expect(headlines(receiver, '/people').slice(1)).toEqual(['2 notices from quiet hours']);
    expect(receiver.bodies[1]).toMatchObject({
      type: 'digest',
      data: {
        lines: ['- New: Camera does not answer (Lindgren, ticket 2)', '- New: Lamp does not answer (Lindgren, ticket 3)'],
        notices: [{ type: 'ticket.opened', ticket: { number: 2 } }, { ticket: { number: 3 } }],
      },
    });
    await desk.wait(5 * MINUTE_MS);
    expect(receiver.received).toHaveLength(2);
  });

  it('go by the clock that the file names, else by that of the home', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await start(yaml(receiver, ', timeZone: America/New_York'), { service: SERVICE, at: EARLY });
    await desk.fire(NAS);
    await desk.wait(MINUTE_MS);
    expect(headlines(receiver, '/people')).toHaveLength(1);
  });
});

it('a notice goes by its routes: tier, plan, dealer, severity and change', async () => {
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
  const desk = await start(yaml, { service });
  await desk.fire();
  await desk.wait(MINUTE_MS);
  await desk.fire(CAMERA, { severity: 'critical' });
  await desk.wait(25 * MINUTE_MS);
  await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
  await desk.wait(MINUTE_MS);
  const told = () => receiver.received.map(({ path, body }) => `${path} ${(JSON.parse(body) as { type: string }).type}`);
  expect(told()).toEqual(['/shift ticket.opened', '/boss ticket.answer_due', '/boss ticket.answer_due', '/dealer ticket.opened']);
  expect(headlines(receiver, '/boss')[0]).toMatch(/^First answer due by \d\d:\d\d Europe\/Stockholm: NAS/);
  await desk.act(2, { do: 'answer', channel: 'phone', text: 'We look at it.' });
  await desk.wait(10 * MINUTE_MS);
  expect(told().slice(4).sort()).toEqual(['/boss ticket.answer_late', '/dealer ticket.answer_late']);
});

it('more than people can read comes as one message, the worst of it without a long wait, and each ticket once', async () => {
  const receiver = await HttpReceiver.open();
  const desk = await start(
    `receivers: {people: {kind: webhook, url: ${receiver.url}/people, secretEnv: KEY, most: 3}}\nroutes: [{receivers: [people]}]\n`,
  );
  const random = seededRandom('flood');
  for (let i = 0; i < 12; i++) await desk.fire(newRandomId(random), { title: `Thing ${i}` });
  await desk.wait(MINUTE_MS);
  expect(headlines(receiver, '/people')).toEqual(['12 notices at once']);
  await desk.fire(newRandomId(random), { title: 'Alarm panel', severity: 'critical' });
  for (let i = 13; i < 18; i++) await desk.fire(newRandomId(random), { title: `Thing ${i}` });
  await desk.wait(MINUTE_MS);
  expect(headlines(receiver, '/people').slice(1)).toEqual(['New: Alarm panel (Lindgren, ticket 13)', '5 notices at once']);
  for (let i = 18; i < 20; i++) await desk.fire(newRandomId(random), { title: `Thing ${i}` });
  await desk.fire(newRandomId(random), { title: 'Gate', severity: 'critical' });
  await desk.wait(2 * MINUTE_MS);
  expect(headlines(receiver, '/people').slice(3)).toEqual(['New: Gate (Lindgren, ticket 21)']);
  await desk.wait(8 * MINUTE_MS);
  // There is room for both again.
  expect(headlines(receiver, '/people').slice(4)).toEqual(['New: Thing 18 (Lindgren, ticket 19)', 'New: Thing 19 (Lindgren, ticket 20)']);
  const told = receiver.bodies.flatMap(({ data }) => {
    const { ticket, notices = [] } = data as { ticket?: { number: number }; notices?: { ticket: { number: number } }[] };
    return [...(ticket ? [ticket.number] : []), ...notices.map((one) => one.ticket.number)];
  });
  expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
});

it('a message of many that may not have arrived comes again with the same ones under the same name', async () => {
  const receiver = await HttpReceiver.open();
  receiver.reply = () => 'broken';
  const desk = await start(
    `receivers: {people: {kind: webhook, url: ${receiver.url}/people, secretEnv: KEY, most: 2}}\nroutes: [{receivers: [people]}]\n`,
  );
  const random = seededRandom('batch');
  for (let i = 0; i < 3; i++) await desk.fire(newRandomId(random), { title: `Thing ${i}` });
  await desk.wait(30_000);
  expect(receiver.received.length).toBeGreaterThan(0);
  // What comes meanwhile is another message.
  await desk.fire(newRandomId(random), { title: 'Thing 3' });
  receiver.reply = () => ({ status: 200 });
  await desk.wait(3 * MINUTE_MS);
  const bodies = receiver.received.map(
    ({ headers, body }) => [headers['webhook-id'], (JSON.parse(body) as { data: object }).data] as const,
  );
  const tries = bodies.filter(([id]) => id === bodies[0]?.[0]);
  expect(tries.length).toBeGreaterThan(1);
  expect(tries.every(([, data]) => JSON.stringify(data) === JSON.stringify(tries[0]?.[1]))).toBe(true);
  expect(headlines(receiver, '/people').at(-1)).toBe('New: Thing 3 (Lindgren, ticket 4)');
});

describe('a receiver that fails', () => {
  const yaml = ({ url }: HttpReceiver) => `receivers:
  shift: {kind: webhook, url: ${url}/shift, secretEnv: KEY}
  boss: {kind: webhook, url: ${url}/boss, secretEnv: KEY}
routes: [{receivers: [shift]}]
`;
  const page = async (desk: ToldDesk) => {
    const answer = await desk.world.desk.app.fetch(new Request('http://127.0.0.1:7080/', { headers: { host: '127.0.0.1:7080' } }));
    return (await answer.text()).replace(/<[^>]+>/g, '');
  };

  it('is told once to another, shown on the page with what waits, and told again when it works', async () => {
    const receiver = await HttpReceiver.open();
    receiver.reply = ({ path }) => ({ status: path === '/shift' ? 503 : 200, body: 'down for <b>maintenance</b>' });
    const desk = await start(yaml(receiver));
    await desk.fire();
    await desk.wait(40_000);
    expect(headlines(receiver, '/boss')).toEqual([]);
    expect(desk.world.desk.status().receivers).toMatchObject([{ name: 'boss' }, { name: 'shift', kind: 'webhook', waiting: 1 }]);
    await desk.wait(10 * MINUTE_MS);
    expect(headlines(receiver, '/boss')).toEqual(['Notices to shift do not go out']);
    expect(desk.world.desk.status().receivers?.[1]).toMatchObject({
      failingSince: expect.any(Number),
      lastAnswer: 'HTTP 503: down for <b>maintenance</b>',
      waiting: 1,
    });
    expect(await page(desk)).toMatch(
      /Notices to shift \(webhook\) do not go out\. For \d+ min; 1 waits\. Its last answer: HTTP 503: down for &lt;b&gt;/,
    );
    receiver.reply = () => ({ status: 200 });
    await desk.wait(12 * MINUTE_MS);
    expect(headlines(receiver, '/boss')).toEqual(['Notices to shift do not go out', 'Notices to shift go out again']);
    expect(headlines(receiver, '/shift').at(-1)).toBe('New: NAS does not answer (Lindgren, ticket 1)');
    expect(await page(desk)).not.toContain('do not go out');
    // The next time is another one.
    const mendedAt = desk.now;
    receiver.reply = ({ path }) => ({ status: path === '/shift' ? 503 : 200 });
    await desk.fire(CAMERA);
    await desk.wait(5 * MINUTE_MS);
    expect(desk.world.desk.status().receivers?.[1]?.failingSince).toBeGreaterThan(mendedAt);
  });

  it('lets nobody in: that is told at once, nothing is lost, and it is asked ever more seldom', async () => {
    const receiver = await HttpReceiver.open();
    receiver.reply = ({ path }) =>
      path === '/shift' ? { status: 302, headers: { location: `${receiver.url}/elsewhere` } } : { status: 200 };
    const desk = await start(yaml(receiver));
    await desk.fire();
    await desk.wait(MINUTE_MS);
    expect(headlines(receiver, '/boss')).toEqual(['Notices to shift do not go out']);
    await desk.wait(20 * MINUTE_MS);
    expect(receiver.received.filter(({ path }) => path === '/elsewhere')).toEqual([]);
    expect(receiver.received.filter(({ path }) => path === '/shift').length).toBeLessThan(25);
    receiver.reply = () => ({ status: 200 });
    await desk.world.restart();
    desk.hub = desk.world.hub();
    await desk.wait(6_000);
    expect(headlines(receiver, '/shift').at(-1)).toBe('New: NAS does not answer (Lindgren, ticket 1)');
  });
});
