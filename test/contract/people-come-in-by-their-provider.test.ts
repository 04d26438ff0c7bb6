/** People come in by a real provider, over real HTTP from the door to the page they wanted, and whoever bends the way finds no door at its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type RunningDesk, runDesk } from '../../src/desk/main.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { CHEAP, PASSWORD } from '../fakes/access-world.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { RealProvider } from '../fakes/identity-provider.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { type Seen, Visitor } from '../fakes/visitor.ts';

const TITLE = 'Example ID';

describe('a desk with a provider', () => {
  const provider = new RealProvider();
  const stops: (() => unknown)[] = [() => provider.stop()];
  let desk: RunningDesk;
  let origin: string;

  beforeAll(async () => {
    // It says at its start what of it is not for production.
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    await provider.start();
    const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-test-'));
    stops.push(() => rmSync(folder, { recursive: true }));
    const own = { folder, clock: systemClock, random: systemRandom, log: silentLog };
    const place = {
      issuer: provider.issuer,
      title: TITLE,
      clientId: 'desk',
      clientSecret: 'a secret of the desk',
      scopes: ['openid', 'email'],
    };
    desk = await runDesk({ ...own, port: 0, broker: { port: 0 }, access: { cost: CHEAP }, provider: place });
    stops.unshift(() => desk.stop());
    origin = `http://localhost:${new URL(desk.url).port}`;
    provider.serve(`${origin}/sign-in/provider/back`);
    Object.assign(provider.residents, {
      'a-1': { email: 'Anna@desk.example', email_verified: true },
      'b-2': { email: 'ben@desk.example', email_verified: true },
      'c-3': { email: 'cleo@desk.example', email_verified: false },
      'd-4': { email: 'nobody@desk.example', email_verified: true },
    });
    await invite('anna@desk.example', 'Anna Berg');
    await invite('cleo@desk.example', 'Cleo Dahl');
    const { secret } = await invite('ben@desk.example', 'Ben Oduya');
    await desk.access!.people.choose(secret, { password: PASSWORD }, { address: '127.0.0.1', browser: '' });
  });

  afterAll(async () => {
    vi.restoreAllMocks();
    for (const stop of stops) await stop();
  });

  async function invite(signInName: string, fullName: string) {
    const made = await desk.access!.people.invite('Test', { signInName, fullName, role: 'agent', reach: 'all' });
    if ('trouble' in made) throw new Error(made.trouble);
    return { secret: made.secret, id: made.person.id };
  }

  /** From the button at the door to the provider and as far as it leads: the address at which the browser is to come back. */
  async function goThere(visitor: Visitor, who: string, next = '/', from = '/sign-in/provider'): Promise<string> {
    const asked = await visitor.post(origin + from, { next });
    const there = /url=([^"]+)"/.exec(asked.text)?.[1]?.replaceAll('&amp;', '&');
    expect([asked.status, there?.startsWith(`${provider.issuer}/`)]).toEqual([200, true]);
    let seen: Seen = await visitor.get(there!);
    while (seen.location !== undefined && !seen.location.startsWith(origin))
      seen = await visitor.get(new URL(seen.location, seen.url).href);
    if (seen.location === undefined) {
      const action = /action="([^"]+)"/.exec(seen.text)?.[1] ?? '';
      seen = await visitor.post(new URL(action, seen.url).href, { prompt: 'login', login: who, password: 'x' });
      while (!seen.location?.startsWith(origin)) seen = await visitor.get(new URL(seen.location ?? '', seen.url).href);
    }
    return seen.location;
  }

  it('lets in who was invited, leads to the page that was wanted, and has a button for it at the door', async () => {
    const anna = new Visitor();
    const door = await anna.follow(await anna.get(`${origin}/tickets`));
    expect(door.text).toContain(`Sign in with <bdi>${TITLE}</bdi>`);
    const back = await anna.get(await goThere(anna, 'a-1', '/tickets?state=open'));
    expect([back.status, back.location]).toEqual([303, '/tickets?state=open']);
    expect((await anna.get(`${origin}/account`)).text).toMatch(
      /Anna Berg[\s\S]*by single sign-on[\s\S]*Connected[\s\S]*anna@desk\.example/,
    );
    const again = new Visitor();
    for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/sign-out'])
      expect([next, (await again.get(await goThere(again, 'a-1', next))).location]).toEqual([next, '/']);
  });

  it('keeps out whom nobody invited, whose address nobody has seen to be his, and who is disabled, each in words and without a cookie', async () => {
    const refused = async (who: string, words: string) => {
      const visitor = new Visitor();
      const back = await visitor.get(await goThere(visitor, who));
      expect([who, back.status, back.text]).toEqual([who, 403, expect.stringContaining(words)]);
      expect((await visitor.get(`${origin}/account`)).status).toBe(303);
    };
    await refused('d-4', 'Nobody invited you here yet');
    await refused('c-3', 'Nobody invited you here yet');
    await refused('b-2', 'not connected yet');
    const { id } = (await desk.access!.people.list()).find(({ fullName }) => fullName === 'Anna Berg')!;
    await desk.access!.people.disable('Test', id);
    await refused('a-1', 'Nobody invited you here yet');
    await desk.access!.people.enable('Test', id);
  });

  it('lets whoever has a password connect the two, and come in by either from then on', async () => {
    const ben = new Visitor();
    await ben.post(`${origin}/sign-in`, { name: 'ben@desk.example', password: PASSWORD });
    const back = await ben.get(await goThere(ben, 'b-2', '/', '/account/provider'));
    expect([back.status, back.location]).toEqual([303, '/account']);
    const elsewhere = new Visitor();
    expect((await elsewhere.get(await goThere(elsewhere, 'b-2'))).location).toBe('/');
    expect((await ben.post(`${origin}/account/provider/remove`)).location).toBe('/account');
    const third = new Visitor();
    expect((await third.get(await goThere(third, 'b-2'))).text).toContain('not connected yet');
  });

  it('takes each answer once, from the browser that asked, and no code of another', async () => {
    const [anna, eve] = [new Visitor(), new Visitor()];
    const url = await goThere(anna, 'a-1');
    expect((await eve.get(url)).status).toBe(400);
    await eve.get(`${origin}/sign-in`);
    expect((await eve.get(url)).text).toContain('begun elsewhere');
    // Eve has Anna's code and begins herself: the code belongs to another question.
    const mixed = new URL(await goThere(eve, 'd-4'));
    mixed.searchParams.set('code', new URL(url).searchParams.get('code')!);
    expect((await eve.get(mixed.href)).status).toBe(400);
    expect((await eve.get(`${origin}/account`)).status).toBe(303);
    expect([(await anna.get(url)).status, (await anna.get(url)).status]).toEqual([303, 400]);
    for (const query of ['', '?code=x', '?state=x&code=y', '?error=access_denied'])
      expect([query, (await anna.get(`${origin}/sign-in/provider/back${query}`)).status]).toEqual([query, 400]);
  });

  it('begins for no other site, and gives who comes in another cookie than any before', async () => {
    const visitor = new Visitor();
    const foreign = await fetch(`${origin}/sign-in/provider`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site', cookie: 'a=b' },
    });
    expect(foreign.status).toBe(403);
    const first = await visitor.get(await goThere(visitor, 'a-1'));
    expect(first.status).toBe(303);
    const list = () => desk.access!.signIns.list();
    const before = (await list()).length;
    expect((await visitor.get(await goThere(visitor, 'a-1'))).status).toBe(303);
    expect((await list()).length).toBe(before);
  });

  it('says so when the provider does not answer, and lets people in by their password', async () => {
    const folder = temporaryFolder();
    const place = { issuer: 'http://127.0.0.1:1', title: TITLE, clientId: 'desk', scopes: ['openid'] };
    const own = { folder, clock: systemClock, random: systemRandom, log: silentLog, access: { cost: CHEAP } };
    const alone = await runDesk({ ...own, port: 0, broker: { port: 0 }, provider: place });
    onTestFinished(() => alone.stop());
    const answer = await new Visitor().post(`http://localhost:${new URL(alone.url).port}/sign-in/provider`);
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining(`${TITLE} does not answer`)]);
  });
});
