/** How people come in at a desk that runs: its first link, the door, what the browser is given, and from where it may be reached at all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { settingsSchema } from '../../src/config/settings.ts';
import { ownPath } from '../../src/desk/api/sign-in.ts';
import { type PublicPage, type RunDeskOptions, type RunningDesk, runDesk } from '../../src/desk/main.ts';
import { pageTls } from '../../src/platform/settings-file.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { serveApp } from '../../src/platform/web-server.ts';
import { CHEAP, PASSWORD } from '../fakes/access-world.ts';
import { authorityIn } from '../fakes/certificates.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

type Answer = { readonly status: number; readonly headers: Record<string, string | string[] | undefined>; readonly text: string };
type Asked = { readonly method?: string; readonly headers?: Record<string, string>; readonly form?: Record<string, string> };

function start(options: Partial<RunDeskOptions> = {}, clean = onTestFinished): Promise<RunningDesk> {
  const folder = options.folder ?? temporaryFolder();
  const own = { folder, port: 0, broker: { port: 0 }, clock: systemClock, random: systemRandom, log: silentLog, access: { cost: CHEAP } };
  return runDesk({ ...own, ...options }).then((desk) => {
    clean(() => desk.stop());
    return desk;
  });
}

/** As a browser shows the desk's own page; follows nothing. */
function ask(url: string, { method = 'GET', headers = {}, form }: Asked = {}, tls: object = {}): Promise<Answer> {
  const body = form && String(new URLSearchParams(form));
  const all = {
    'sec-fetch-site': 'same-origin',
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...headers,
  };
  const make = url.startsWith('https:') ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = make(url, { method: body === undefined ? method : 'POST', headers: all, agent: false, ...tls }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const cookieOf = ({ headers }: Answer): string => (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
const FIRST = { fullName: 'Maria Lopez', signInName: 'maria', password: PASSWORD, again: PASSWORD };

describe('the door', () => {
  let desk: RunningDesk;
  const stops: (() => unknown)[] = [];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-test-'));
    stops.push(() => rmSync(folder, { recursive: true }));
    desk = await start({ folder }, (stop) => void stops.unshift(stop as () => unknown));
    const made = await ask(desk.firstLink!.url, { form: FIRST });
    expect([made.status, made.headers.location]).toEqual([303, '/']);
  });

  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  const door = (form: Record<string, string>, headers: Record<string, string> = {}) => ask(`${desk.url}sign-in`, { form, headers });
  const signIn = async () => cookieOf(await door({ name: 'maria', password: PASSWORD }));

  it('prints a link for the first account as long as nobody can sign in, and none afterwards', async () => {
    const folder = temporaryFolder();
    const first = await runDesk({
      folder,
      port: 0,
      broker: { port: 0 },
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      access: { cost: CHEAP },
    });
    const { url } = first.firstLink!;
    expect(url).toMatch(new RegExp(`^${first.url}links/[\\w-]{43}$`));
    await first.stop();
    const second = await start({ folder });
    const form = await ask(second.firstLink!.url);
    expect([form.status, form.text]).toEqual([200, expect.stringContaining('The first account of this desk')]);
    expect((await ask(url.replace(first.url, second.url))).status).toBe(404);
    expect((await ask(second.firstLink!.url, { form: { ...FIRST, again: 'another one' } })).text).toContain('two passwords differ');
    const weak = await ask(second.firstLink!.url, { form: { ...FIRST, password: 'maria lopez 2026', again: 'maria lopez 2026' } });
    expect([weak.status, weak.text]).toEqual([400, expect.stringContaining('value="Maria Lopez"')]);
    expect((await ask(second.firstLink!.url, { form: FIRST })).status).toBe(303);
    expect((await ask(second.firstLink!.url, { form: FIRST })).status).toBe(404);
    await second.stop();
    expect((await start({ folder })).firstLink).toBeUndefined();
  });

  it('gives the browser a secret that no script reads and no other site sends, and takes it back', async () => {
    const answer = await door({ name: ' Maria ', password: PASSWORD, next: '/tickets' });
    expect([answer.status, answer.headers.location]).toEqual([303, '/tickets']);
    expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/^hearthbeat=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)]);
    const cookie = cookieOf(answer);
    expect((await ask(`${desk.url}tickets`, { headers: { cookie } })).status).toBe(200);
    expect((await ask(`${desk.url}sign-in?next=/playbooks`, { headers: { cookie } })).headers.location).toBe('/playbooks');
    const out = await ask(`${desk.url}sign-out`, { form: {}, headers: { cookie } });
    expect([out.headers.location, out.headers['set-cookie']]).toEqual(['/sign-in?out', [expect.stringMatching(/^hearthbeat=; Max-Age=0/)]]);
    expect((await ask(`${desk.url}tickets`, { headers: { cookie } })).headers.location).toBe('/sign-in?next=%2Ftickets');
  });

  it('says the same to a wrong name and to a wrong password, and keeps nothing of the password on the page', async () => {
    const answers = await Promise.all([
      door({ name: 'maria', password: 'a wrong guess' }),
      door({ name: 'nobody', password: 'a wrong guess' }),
    ]);
    const [first, second] = answers.map(({ status, text }) => [status, text.replace(/value="(maria|nobody)"/, '')]);
    expect(first).toEqual(second);
    expect(first).toEqual([401, expect.not.stringContaining('a wrong guess')]);
    const hostile = await door({ name: '"><script>alert(1)</script>', password: 'x', next: '"><script>' });
    expect(hostile.text).not.toContain('<script>alert');
  });

  it('has whoever fails too often wait, says how long, and lets in after that', async () => {
    const from = await start();
    await ask(from.firstLink!.url, { form: FIRST });
    let last: Answer | undefined;
    for (let i = 0; i < 7; i++) last = await ask(`${from.url}sign-in`, { form: { name: 'someone', password: 'a wrong guess' } });
    expect([last?.status, last?.headers['retry-after']]).toEqual([429, '1']);
    expect(last?.text).toMatch(/Wait 1 second, then/);
  });

  it('is no way for another site to sign somebody in, out, or do anything in his name', async () => {
    const cookie = await signIn();
    const origin = desk.url.replace(/\/$/, '');
    for (const [headers, status] of [
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'sec-fetch-site': 'same-site' }, 403],
      [{ 'sec-fetch-site': 'none' }, 403],
    ] as const) {
      expect((await door({ name: 'maria', password: PASSWORD }, headers)).status).toBe(status);
      expect((await ask(`${desk.url}sign-out`, { form: {}, headers: { cookie, ...headers } })).status).toBe(status);
    }
    const old = async (headers: Record<string, string>): Promise<number> => {
      const response = await fetch(`${desk.url}account/sign-ins`, {
        method: 'POST',
        headers: { cookie, ...headers },
        body: new URLSearchParams({ end: 'x' }),
        redirect: 'manual',
      });
      return response.status;
    };
    // Node's fetch says `sec-fetch-mode: cors` and nothing of the site, as an old browser does.
    expect([await old({}), await old({ origin: 'http://evil.example' }), await old({ origin: 'null' }), await old({ origin })]).toEqual([
      403, 403, 403, 303,
    ]);
    expect((await ask(`${desk.url}tickets`, { headers: { cookie } })).status).toBe(200);
  });

  it.each([
    ['/tickets/7?x=1', '/tickets/7?x=1'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['https://evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['/./\\/evil.example', '/'],
    ['/..//evil.example', '/'],
    ['/a\r\nset-cookie: x=1', '/'],
    ['/sign-out', '/'],
    ['/sign-in?next=/sign-in', '/'],
    ['/api/v1/sites', '/'],
    ['/links/abc', '/'],
    [`/${'x'.repeat(600)}`, '/'],
    [undefined, '/'],
    [['/a'], '/'],
  ])('leads from %j to %j and to no other site', (asked, path) => expect(ownPath(asked)).toBe(path));

  it('tells who is not signed in nothing of the desk, whatever address is asked for', async () => {
    for (const path of ['nothing', 'sites', 'links/none', 'sign-in', 'api/v2', 'people/none/none']) {
      const { text, headers } = await ask(desk.url + path);
      expect([path, /broker|just started|Tickets|page\.js/.test(text), headers['cache-control']]).toEqual([path, false, 'no-store']);
    }
  });

  it('says nothing of what went wrong inside', async () => {
    const cookie = await signIn();
    const answer = await ask(`${desk.url}api/v1/search?q=%00&page=1000000`, { headers: { cookie } });
    expect(answer.text).not.toMatch(/sqlite|select|\/src\//i);
  });
});

describe('a desk without accounts', () => {
  it('has no door, and nobody in from elsewhere', async () => {
    const desk = await start({ access: 'local' });
    expect(desk.firstLink).toBeUndefined();
    expect((await ask(`${desk.url}api/v1/me`)).text).toContain('"kind":"local"');
    for (const path of ['sign-in', 'people', 'account']) expect((await ask(desk.url + path)).status).toBe(404);
  });

  const files = { cert: '', key: '' };
  it.each<[string, PublicPage, RunDeskOptions['access']]>([
    ['listening for others without accounts', { host: '0.0.0.0' }, 'local'],
    ['listening for others without TLS', { host: '0.0.0.0' }, { cost: CHEAP }],
    ['a public name without TLS', { origin: 'https://desk.example' }, { cost: CHEAP }],
    ['a public name without accounts', { origin: 'https://desk.example', tls: () => files }, 'local'],
    ['an IPv6 address of all', { host: '::' }, { cost: CHEAP }],
  ])('does not start: %s', async (_, page, access) => {
    await expect(start({ page, access })).rejects.toMatchObject({ code: 'HB_CONFIG_INVALID' });
  });
});

describe('a desk that others reach', () => {
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

  it('speaks TLS, gives a cookie that goes nowhere else, and answers to its public name only', async () => {
    const authority = authorityIn(temporaryFolder(), 'desk');
    const dates = { from: Date.now() - 86_400_000, to: Date.now() + 86_400_000 };
    const { cert, key } = authority.issue({ ...dates, name: 'DNS:desk.example' });
    const desk = await start({ page: { origin: 'https://desk.example', host: '127.0.0.1', tls: () => ({ cert, key }) } });
    expect(desk.firstLink?.url).toMatch(/^https:\/\/desk\.example\/links\//);
    expect(desk.url).toBe('https://desk.example/');
    const port = new URL(desk.localUrl).port;
    const by = (path: string, asked: Asked = {}, host = 'desk.example') =>
      ask(
        `https://127.0.0.1:${port}${path}`,
        { ...asked, headers: { host, ...asked.headers } },
        { ca: authority.pem, servername: 'desk.example' },
      );
    const made = await by(new URL(desk.firstLink!.url).pathname, { form: FIRST });
    expect(made.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-hearthbeat=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(made.headers['strict-transport-security']).toBe('max-age=31536000');
    const cookie = cookieOf(made);
    expect((await by('/tickets', { headers: { cookie } })).status).toBe(200);
    expect((await by('/tickets', { headers: { cookie: cookie.replace('__Host-', '') } })).status).toBe(303);
    for (const host of [`127.0.0.1:${port}`, 'localhost', 'evil.example', 'desk.example:8443', 'desk.example.evil.example'])
      expect([host, (await by('/tickets', { headers: { cookie } }, host)).status]).toEqual([host, 421]);
    expect(
      (
        await by('/sign-in', {
          form: { name: 'maria', password: 'x' },
          headers: { origin: 'https://desk.example', 'sec-fetch-site': 'same-origin' },
        })
      ).status,
    ).toBe(401);
    await expect(ask(`http://127.0.0.1:${port}/`, { headers: { host: 'desk.example' } })).rejects.toThrow();
  });

  it.skipIf(address === undefined)('believes its proxy what it says of who asks, and lets nobody past it', async () => {
    const page = { origin: 'https://desk.example', host: '0.0.0.0', proxies: ['127.0.0.1'] };
    const desk = await start({ page });
    const { port } = new URL(desk.localUrl);
    const by = (from: string, headers: Record<string, string>, form?: Record<string, string>) =>
      ask(`http://${from}:${port}/sign-in`, {
        headers: { host: 'desk.example', 'x-forwarded-proto': 'https', ...headers },
        ...(form && { form }),
      });
    expect((await by('127.0.0.1', {})).status).toBe(200);
    expect((await by('127.0.0.1', { 'x-forwarded-proto': 'http' })).status).toBe(403);
    expect((await by(address as string, { 'x-forwarded-for': '127.0.0.1' })).status).toBe(403);
    const guess = (way: string) => by('127.0.0.1', { 'x-forwarded-for': way }, { name: 'maria', password: 'a wrong guess' });
    // Whatever the visitor writes before it, what counts is the address that the proxy adds.
    for (let i = 0; i < 6; i++) await guess(`198.51.100.${i}, 203.0.113.7`);
    expect((await guess('198.51.100.77, 203.0.113.7')).status).toBe(429);
    expect((await guess('203.0.113.8')).status).toBe(401);
    expect((await guess('203.0.113.7, 203.0.113.9, 127.0.0.1')).status).toBe(401);
  });

  it('takes a certificate and the key that was made for it, and says what is wrong with anything else', () => {
    const folder = temporaryFolder();
    const authority = authorityIn(folder, 'pair');
    const dates = { from: Date.now() - 86_400_000, to: Date.now() + 86_400_000 };
    const [one, other] = [authority.issue(dates), authority.issue(dates)];
    const read = (certFile: string, keyFile: string) => {
      const { page } = settingsSchema.parse({ desk: { page: { origin: 'https://desk.example', certFile, keyFile } } }).desk;
      return pageTls(page)?.();
    };
    expect(read(one.certFile, one.keyFile)).toEqual({ cert: one.cert, key: one.key });
    for (const [cert, key, why] of [
      [one.certFile, other.keyFile, 'belongs to another certificate'],
      [one.keyFile, one.keyFile, 'holds no certificate'],
      [one.certFile, one.certFile, 'holds no key'],
      [join(folder, 'none.pem'), one.keyFile, 'does not exist'],
    ] as const)
      expect(() => read(cert, key)).toThrow(why);
  });

  it('uses a certificate that was renewed while it runs, and goes on with the old one where the new is none', async () => {
    const authority = authorityIn(temporaryFolder(), 'renewed');
    const dates = { from: Date.now() - 86_400_000, to: Date.now() + 86_400_000 };
    let files = authority.issue(dates);
    const app = { fetch: () => new Response('here') };
    const server = await serveApp(app, { port: 0, tls: () => files, log: silentLog, readAgainMs: 30 });
    onTestFinished(() => server.stop());
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const asked = tlsRequest(server.url, { ca: authority.pem, agent: false }, (response) => {
          resolve((response.socket as import('node:tls').TLSSocket).getPeerCertificate().serialNumber);
          response.resume();
        });
        asked.on('error', reject).end();
      });
    const first = await serial();
    files = { ...files, key: 'no key', cert: 'no certificate' };
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(await serial()).toBe(first);
    files = authority.issue(dates);
    await expect.poll(serial).not.toBe(first);
  });
});

describe('the settings of the door', () => {
  const problems = (page: object, access?: string): string[] => {
    const read = settingsSchema.safeParse({ desk: { page, ...(access && { access }) } });
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  const tls = { certFile: 'c', keyFile: 'k' };

  it.each<[object, string | undefined, RegExp | undefined]>([
    [{}, undefined, undefined],
    [{}, 'local', undefined],
    [{ host: '127.0.0.2', port: 80 }, 'local', undefined],
    [{ host: '0.0.0.0', origin: 'https://desk.example', ...tls }, undefined, undefined],
    [{ host: '::', origin: 'https://desk.example:8443', trustedProxies: ['10.0.0.0/24', '2001:db8::1'] }, 'accounts', undefined],
    [{ host: '0.0.0.0' }, undefined, /^desk\.page\.origin: needed where host/],
    [{ ...tls }, undefined, /^desk\.page\.origin: needed/],
    [{ trustedProxies: ['127.0.0.1'] }, undefined, /^desk\.page\.origin: needed/],
    [{ host: '0.0.0.0', origin: 'https://desk.example' }, undefined, /^desk\.page\.origin: passwords need TLS/],
    [{ origin: 'https://desk.example', certFile: 'c' }, undefined, /^desk\.page\.keyFile: certFile and keyFile go together/],
    [{ origin: 'https://desk.example', ...tls }, 'local', /^desk\.access: accounts, where/],
    [{ origin: 'http://desk.example', ...tls }, undefined, /^desk\.page\.origin: https:\/\/NAME/],
    [{ origin: 'https://desk.example/path', ...tls }, undefined, /^desk\.page\.origin: https:\/\/NAME/],
    [{ host: 'desk.example' }, undefined, /^desk\.page\.host: an IP address/],
    [{ origin: 'https://desk.example', trustedProxies: ['proxy'] }, undefined, /^desk\.page\.trustedProxies\.0: an IP address/],
    [{ origin: 'https://desk.example', trustedProxies: ['0.0.0.0/0'] }, undefined, /^desk\.page\.trustedProxies\.0: an IP address/],
  ])('%j with access %s', (page, access, problem) => {
    const found = problems(page, access);
    if (problem === undefined) expect(found).toEqual([]);
    else expect(found).toContainEqual(expect.stringMatching(problem));
  });
});
