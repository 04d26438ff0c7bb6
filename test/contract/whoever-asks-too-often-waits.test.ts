/** How often who may ask, over HTTP: programs by their token, people in all their windows, and who is not signed in by the network; the desk's own files cost nobody anything. */
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { serveApp, type WebServer } from '../../src/platform/web-server.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const LIMITS = { token: 10, account: 14, address: 12 };
const STRANGER = '203.0.113.9';

type Answer = { readonly status: number; readonly headers: Record<string, string | string[] | undefined>; readonly text: string };

let desk: GuardedDesk;
let server: WebServer;

beforeEach(async () => {
  const database = await openDeskDatabase(join(temporaryFolder(), 'desk.db'));
  desk = new GuardedDesk(database);
  desk.world.door = { origin: 'https://desk.example', proxies: ['127.0.0.1'] };
  desk.world.limits = LIMITS;
  await desk.start();
  server = await serveApp(desk.world.desk.app, { port: 0, log: silentLog });
  onTestFinished(() => server.stop());
});

/** As a proxy that speaks TLS hands it on. */
function ask(path: string, headers: Record<string, string> = {}, from = STRANGER): Promise<Answer> {
  const all = { host: 'desk.example', 'x-forwarded-for': from, 'x-forwarded-proto': 'https', ...headers };
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, server.url), { headers: all, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject).end();
  });
}

async function statuses(n: number, one: () => Promise<Answer>): Promise<number[]> {
  const said: number[] = [];
  for (let i = 0; i < n; i++) said.push((await one()).status);
  return said;
}

const all = (n: number, status: number): number[] => Array.from({ length: n }, () => status);

it('a stranger is told when to come back, whatever he guesses and whichever address of his network he takes, and then let in', async () => {
  const guess = () => ask('/api/v1/me', { authorization: `Bearer hbt_${'x'.repeat(43)}` });
  expect(await statuses(12, guess)).toEqual(all(12, 401));
  const { status, headers, text } = await guess();
  expect([status, JSON.parse(text).error, headers['retry-after']]).toEqual([429, 'too-often', '5']);
  expect([headers['ratelimit-policy'], headers.ratelimit]).toEqual(['"address";q=12;w=60', '"address";r=0;t=60']);
  expect(await statuses(12, () => ask('/sign-in'))).toEqual(all(12, 200));
  const door = await ask('/sign-in');
  expect([door.status, door.headers['retry-after'], door.text]).toEqual([429, '5', expect.stringContaining('It answers again in 5 s')]);
  expect((await ask('/sign-in', {}, '203.0.113.10')).status).toBe(200);
  expect(await statuses(12, () => ask('/sign-in', {}, '2001:db8::1'))).toEqual(all(12, 200));
  expect((await ask('/sign-in', {}, '2001:db8::2:2')).status).toBe(429);
  expect(await statuses(13, () => ask('/assets/page.css'))).toEqual(all(13, 404));
  await desk.world.clock.advance(5_000);
  expect([(await ask('/sign-in')).status, (await ask('/sign-in')).status]).toEqual([200, 429]);
});

it('people and programs have their own beside a stranger at the same address, each for itself', async () => {
  await statuses(13, () => ask('/api/v1/me'));
  const made = await desk.people.access.tokens.create('Test', { title: 'report', role: 'agent', reach: 'all', days: 1 });
  const authorization = `Bearer ${(made as { token: string }).token}`;
  const first = await ask('/api/v1/me', { authorization });
  expect([first.status, first.headers['ratelimit-policy'], first.headers.ratelimit]).toEqual([200, '"token";q=10;w=60', '"token";r=9;t=6']);
  expect(await statuses(10, () => ask('/api/v1/status', { authorization }))).toEqual([...all(9, 200), 429]);

  const cookieOf = async (name: string) => ({ cookie: `__Host-${(await desk.headersOf(name)).cookie}` });
  const [window, other] = [await cookieOf('dealer'), await cookieOf('dealer')];
  expect(await statuses(14, () => ask('/tickets', window))).toEqual(all(14, 200));
  const refused = await ask('/api/v1/me', other);
  expect([refused.status, refused.headers['ratelimit-policy']]).toEqual([429, '"account";q=14;w=60']);
  expect((await ask('/tickets', await cookieOf('lead'))).status).toBe(200);
});

it('a page of another site keeps nobody of an office from the door, whatever it makes their browsers send', async () => {
  const { cookie } = await desk.headersOf('dealer');
  const from = (site: string, mode: string, dest: string) => ({ 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest });
  for (const path of ['/sign-in', '/tickets', '/api/v1/sites'])
    for (const sent of [
      from('cross-site', 'no-cors', 'image'),
      from('same-site', 'cors', 'empty'),
      from('cross-site', 'navigate', 'iframe'),
    ])
      expect(await statuses(2, () => ask(path, { ...sent, cookie: `__Host-${cookie}` }))).toEqual(all(2, 403));
  // A browser sends no cookie for pictures of another site, but one for a link that somebody follows there; those are counted for themselves.
  expect(await statuses(13, () => ask('/sign-in', from('cross-site', 'navigate', 'document')))).toEqual([...all(12, 200), 429]);
  const own = from('none', 'navigate', 'document');
  expect([
    (await ask('/sign-in', own)).headers.ratelimit,
    (await ask('/tickets', { ...own, cookie: `__Host-${cookie}` })).headers.ratelimit,
  ]).toEqual(['"address";r=11;t=5', '"account";r=13;t=5']);
});
