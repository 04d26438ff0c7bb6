/** Every address of the desk, asked by everybody for an own and for a foreign home: who is let in is as it is written here, and of foreign homes nobody hears a word. */
import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { EVERY_CALL } from '../../src/desk/api/every-call.ts';
import { Routes } from '../../src/desk/api/routes.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { FOREIGN_WORDS, GuardedDesk, type GuardedHome } from '../fakes/guarded-desk.ts';
import { deviceState } from '../fakes/hub.ts';
import { bodyFor, pathFor } from '../fakes/what-is-asked.ts';

/** Who is let in: lead, agent, dealer, technician, homeowner; `*` also who is not signed in. `id`: names a home or something in it. */
const ADDRESSES: Readonly<Record<string, readonly [who: string, id?: 'id']>> = {
  'delete /api/v1/sites/:id': ['l', 'id'],
  'get /': ['ladth'],
  'get /account': ['ladth'],
  'get /api/v1/account': ['ladth'],
  'get /api/v1/alerts': ['ladth'],
  'get /api/v1/alerts/:site/:raised/:key/playbook': ['ladt', 'id'],
  'get /api/v1/contracts': ['lad'],
  'get /api/v1/events': ['lad'],
  'get /api/v1/fleet': ['ladt'],
  'get /api/v1/fleet/dealers': ['ladt'],
  'get /api/v1/fleet/heat': ['ladt'],
  'get /api/v1/incidents': ['ladth'],
  'get /api/v1/incidents/:number': ['ladth', 'id'],
  'get /api/v1/me': ['ladth'],
  'get /api/v1/openapi.json': ['ladth'],
  'get /api/v1/people': ['l'],
  'get /api/v1/people/log': ['l'],
  'get /api/v1/people/tokens': ['l'],
  'get /api/v1/playbooks': ['ladt'],
  'get /api/v1/playbooks/:name': ['ladt'],
  'get /api/v1/reports': ['lad'],
  'get /api/v1/search': ['ladth'],
  'get /api/v1/shifts': ['la'],
  'get /api/v1/settings': ['l'],
  'get /api/v1/sites': ['ladth'],
  'get /api/v1/sites/:id': ['ladth', 'id'],
  'get /api/v1/sites/:id/audit': ['lad', 'id'],
  'get /api/v1/sites/:id/looks': ['lad', 'id'],
  'get /api/v1/sites/:id/contacts': ['ladth', 'id'],
  'get /api/v1/sites/:id/contracts': ['lad', 'id'],
  'get /api/v1/sites/:id/notes': ['ladt', 'id'],
  'get /api/v1/sites/:id/links': ['ladt', 'id'],
  'get /api/v1/sites/:id/visits': ['ladth', 'id'],
  'get /api/v1/sites/:id/pictures': ['ladth', 'id'],
  'get /api/v1/sites/:id/pictures/:no': ['ladth', 'id'],
  'get /api/v1/sites/:id/devices': ['ladth', 'id'],
  'get /api/v1/sites/:id/devices/:device': ['ladth', 'id'],
  'get /api/v1/sites/:id/service': ['ladth', 'id'],
  'get /api/v1/sites/:id/usage': ['lad', 'id'],
  'get /api/v1/statement': ['lad'],
  'get /api/v1/status': ['ladth'],
  'get /api/v1/stream': ['ladth'],
  'get /api/v1/tickets': ['ladt'],
  'get /api/v1/tickets/:number': ['ladt', 'id'],
  'get /api/v1/tickets/:number/pack': ['ladt', 'id'],
  'get /api/v1/time': ['lad'],
  'get /api/v1/tokens': ['l'],
  'get /assets/:name': ['*'],
  'get /contracts': ['lad'],
  'get /fleet': ['ladt'],
  'get /fleet/dealers': ['ladt'],
  'get /fleet/heat': ['ladt'],
  'get /incidents/:number': ['ladth', 'id'],
  'get /links/:secret': ['*'],
  'get /people': ['l'],
  'get /people/log': ['l'],
  'get /playbooks': ['ladt'],
  'get /playbooks/:name': ['ladt'],
  'get /reports': ['lad'],
  'get /settings': ['l'],
  'get /sign-in': ['*'],
  'get /sign-in/provider/back': ['*'],
  'get /sites/:id': ['ladth', 'id'],
  'get /sites/:id/forget': ['l', 'id'],
  'get /sites/:id/devices/:device': ['ladth', 'id'],
  'get /sites/:site/alerts/:raised/:key/playbook': ['ladt', 'id'],
  'get /sites/:id/pictures/:no': ['ladth', 'id'],
  'get /tickets': ['ladt'],
  'get /tickets/:number': ['ladt', 'id'],
  'get /tickets/:number/pack': ['ladt', 'id'],
  'post /account/again': ['ladth'],
  'post /account/browsers': ['ladt'],
  'post /account/browsers/:id/remove': ['ladth'],
  'post /account/browsers/:id/test': ['ladt'],
  'post /account/passkeys': ['ladth'],
  'post /account/passkeys/:id/name': ['ladth'],
  'post /account/passkeys/:id/remove': ['ladth'],
  'post /account/passkeys/begin': ['ladth'],
  'post /account/password': ['ladth'],
  'post /account/provider': ['ladth'],
  'post /account/provider/remove': ['ladth'],
  'post /account/sign-ins': ['ladth'],
  'post /account/tokens': ['ladth'],
  'post /account/tokens/:id/revoke': ['ladth'],
  'post /api/v1/account/browsers/:id/remove': ['ladth'],
  'post /api/v1/account/browsers/:id/test': ['ladt'],
  'post /api/v1/account/passkeys/:id/name': ['ladth'],
  'post /api/v1/account/passkeys/:id/remove': ['ladth'],
  'post /api/v1/account/password': ['ladth'],
  'post /api/v1/account/provider/remove': ['ladth'],
  'post /api/v1/account/sign-ins/end': ['ladth'],
  'post /api/v1/account/tokens': ['ladth'],
  'post /api/v1/account/tokens/:id/revoke': ['ladth'],
  'post /api/v1/alerts/acknowledge': ['lad', 'id'],
  'post /api/v1/incidents/:number/steps': ['lad', 'id'],
  'post /api/v1/people': ['l'],
  'post /api/v1/people/:id/link': ['l'],
  'post /api/v1/people/:id/steps': ['l'],
  'post /api/v1/people/tokens/:id/revoke': ['l'],
  'post /api/v1/shifts': ['la'],
  'post /api/v1/sites/:id/contacts': ['lad', 'id'],
  'post /api/v1/sites/:id/contracts': ['lad', 'id'],
  'post /api/v1/sites/:id/notes': ['ladt', 'id'],
  'post /api/v1/sites/:id/links': ['ladt', 'id'],
  'post /api/v1/sites/:id/visits': ['ladt', 'id'],
  'post /api/v1/sites/:id/pictures': ['ladt', 'id'],
  'post /api/v1/tickets': ['lad', 'id'],
  'post /api/v1/tickets/:number/steps': ['ladt', 'id'],
  'post /incidents/:number': ['lad', 'id'],
  'post /links/:secret': ['*'],
  'post /people': ['l'],
  'post /people/:id/change': ['l'],
  'post /people/:id/disable': ['l'],
  'post /people/:id/enable': ['l'],
  'post /people/:id/keys': ['l'],
  'post /people/:id/link': ['l'],
  'post /people/:id/sign-ins': ['l'],
  'post /people/tokens/:id/revoke': ['l'],
  'post /shifts': ['la'],
  'post /sign-in': ['*'],
  'post /sign-in/passkey': ['*'],
  'post /sign-in/passkey/begin': ['*'],
  'post /sign-in/provider': ['*'],
  'post /sign-out': ['ladth'],
  'post /sites/:id/acknowledge': ['lad', 'id'],
  'post /sites/:id/contacts': ['lad', 'id'],
  'post /sites/:id/contracts': ['lad', 'id'],
  'post /sites/:id/forget': ['l', 'id'],
  'post /sites/:id/notes': ['ladt', 'id'],
  'post /sites/:id/links': ['ladt', 'id'],
  'post /sites/:id/visits': ['ladt', 'id'],
  'post /sites/:id/pictures': ['ladt', 'id'],
  'post /tickets': ['lad', 'id'],
  'post /tickets/:number': ['ladt', 'id'],
};

/** Who sees which homes; the letter is the role. */
const VISITORS = {
  lead: ['l', 'all'],
  agent: ['a', 'all'],
  'some-agent': ['a', 'own'],
  dealer: ['d', 'own'],
  technician: ['t', 'own'],
  homeowner: ['h', 'own'],
} as const;

async function textOf(response: Response, path: string): Promise<string> {
  if (!path.endsWith('/stream')) return response.text();
  await response.body?.cancel();
  return '';
}

describeOnEachEngine('the addresses of the desk', (open) => {
  let desk: GuardedDesk;

  beforeEach(async () => {
    desk = new GuardedDesk(await open());
    await desk.start();
  });

  it('are those that are written here, each with its rule', () => {
    expect(desk.world.desk.app.rules.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(ADDRESSES).sort());
    expect(new Set(desk.world.desk.app.calls)).toEqual(new Set(EVERY_CALL));
  });

  it('lead whoever is not signed in to the door, and a program to an error', async () => {
    for (const [address, [who]] of Object.entries(ADDRESSES)) {
      const [method = '', path = ''] = address.split(' ');
      const nobody: Record<string, string>[] = [
        {},
        { cookie: `hearthbeat=${'x'.repeat(43)}`, origin: 'http://127.0.0.1:7380' },
        { authorization: 'Bearer hbt_none' },
      ];
      for (const headers of nobody) {
        const response = await desk.ask(method, pathFor(desk.own, path), headers, await bodyFor(desk, desk.own, address));
        const [text, isOpen] = [await response.text(), who === '*'];
        if (isOpen) expect([address, response.status === 303 || response.status === 403]).toEqual([address, false]);
        else if (path.startsWith('/api/')) expect([address, response.status]).toEqual([address, 401]);
        else expect([address, response.status, response.headers.get('location')?.startsWith('/sign-in')]).toEqual([address, 303, true]);
        expect(text).not.toMatch(/Ownhome|Ownbox|Owntrouble/);
      }
    }
  });

  it('let in whom their rule lets in, and tell nobody anything of a home that is not his', async () => {
    const before = JSON.stringify(await foreignState(desk));
    const wrong: string[] = [];
    for (const [name, [letter, sees]] of Object.entries(VISITORS)) {
      const signedIn = await desk.headersOf(name);
      for (const [address, [who, names]] of Object.entries(ADDRESSES)) {
        const [method = '', path = ''] = address.split(' ');
        // These end the sign-in that asks.
        const headers = /^\/(sign-out|account\/)/.test(path) && method === 'post' ? await desk.headersOf(name) : signedIn;
        for (const home of sees === 'all' ? [desk.own] : [desk.own, desk.foreign]) {
          const response = await desk.ask(method, pathFor(home, path), headers, await bodyFor(desk, home, address));
          const text = await textOf(response, path);
          const mayAsk = who === '*' || who.includes(letter);
          // An incident is of many homes: who sees some of them only looks on.
          const isOnlyLooking = sees === 'own' && /^post .*incidents/.test(address);
          const isForeign = (home === desk.foreign && names === 'id') || isOnlyLooking;
          const said = `${name} ${address} ${home === desk.own ? 'own' : 'foreign'}: ${response.status}`;
          if (!mayAsk && response.status !== 403) wrong.push(`${said}, not 403`);
          if (mayAsk && isForeign && response.status !== 404) wrong.push(`${said}, not 404`);
          if (mayAsk && !isForeign && who !== '*' && !isFine(address, response.status)) wrong.push(`${said} ${text.slice(0, 200)}`);
          if (
            sees === 'own' &&
            FOREIGN_WORDS.some((word) => text.replace('?q=Foreignbox', '').replaceAll('value="Foreignbox"', '').includes(word))
          )
            wrong.push(`${said} tells of it`);
          if (response.headers.get('cache-control') !== 'no-store' && !path.startsWith('/assets')) wrong.push(`${said} may be kept`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(JSON.stringify(await foreignState(desk))).toBe(before);
  });

  it('open for a token what its role and homes say, and no page', async () => {
    const { tokens } = desk.people.access;
    const reach = { dealers: ['Own AV'], sites: [] };
    const made = (await tokens.create('Lead', { title: 'report', role: 'dealer', reach, days: 1 })) as { token: string; id: string };
    const headers = { authorization: `Bearer ${made.token}` };
    const { own, foreign } = desk;
    const status = async (path: string) => (await desk.ask('get', path, headers)).status;
    expect([await status(`/api/v1/sites/${own.id}`), await status(`/api/v1/sites/${foreign.id}`)]).toEqual([200, 404]);
    expect([await status('/api/v1/people'), await status(`/sites/${own.id}`), await status('/account')]).toEqual([403, 303, 303]);
    const note = { do: 'note', version: 1, text: 'from a program', by: 'somebody else' };
    expect((await desk.ask('post', `/api/v1/tickets/${foreign.ticket}/steps`, headers, note)).status).toBe(404);
    expect((await desk.ask('post', `/api/v1/tickets/${own.ticket}/steps`, headers, note)).status).toBe(200);
    expect((await desk.world.desk.reader.ticket(own.ticket))?.deeds.at(-1)).toMatchObject({ actor: 'token: report', what: 'ticket.note' });
    await tokens.revoke('Lead', made.id);
    expect(await status('/api/v1/sites')).toBe(401);
    const all = (await tokens.create('Lead', { title: 'rota', role: 'agent', reach: 'all', days: 1 })) as { token: string };
    const program = { authorization: `Bearer ${all.token}` };
    expect((await desk.ask('post', '/api/v1/shifts', program, { on: true, hours: 8 })).status).toBe(403);
    expect(await (await desk.ask('get', '/api/v1/shifts', program)).json()).toEqual({ on: [] });
  });

  it('say of a name that cannot be that there is no such thing', async () => {
    const headers = await desk.headersOf('dealer');
    for (const path of ['/sites/%00', '/api/v1/sites/%00/usage', `/sites/${desk.own.id}/devices/%00`])
      expect([path, (await desk.ask('get', path, headers)).status]).toEqual([path, 404]);
  });

  it('write down who it was that signed in, whatever name is sent', async () => {
    const { own } = desk;
    const headers = await desk.headersOf('dealer');
    const key = { site: own.id, key: own.alert.key, raisedHubAt: own.alert.raisedHubAt };
    expect((await desk.ask('post', '/api/v1/alerts/acknowledge', headers, { ...key, by: 'agent Quist' })).status).toBe(200);
    expect((await desk.world.desk.reader.firing(own.id))[0]?.acknowledged?.by).toBe('dealer Quist');
    const opened = await desk.ask('post', '/tickets', headers, { site: own.id, title: 'By hand', by: 'agent Quist' });
    const number = Number(opened.headers.get('location')?.split('/').at(-1));
    expect((await desk.world.desk.reader.ticket(number))?.deeds[0]?.actor).toBe('dealer Quist');
    const page = await (await desk.ask('get', `/sites/${own.id}`, headers)).text();
    expect(page).not.toContain('name="by"');
    expect(page).toContain('dealer Quist');
  });

  it('let a technician note and do nothing else, and merge nobody into a foreign ticket', async () => {
    const step = async (name: string, body: object) => {
      const version = (await desk.world.desk.reader.ticket(desk.own.ticket))!.version;
      return desk.ask('post', `/api/v1/tickets/${desk.own.ticket}/steps`, await desk.headersOf(name), { version, ...body });
    };
    expect((await step('technician', { do: 'take' })).status).toBe(403);
    expect((await step('technician', { do: 'resolve', outcome: 'no-fault', text: 'x' })).status).toBe(403);
    expect((await step('technician', { do: 'note', text: 'replaced the cable' })).status).toBe(200);
    const merged = await step('dealer', { do: 'merge', into: desk.foreign.ticket });
    expect([merged.status, await merged.text()]).toEqual([409, expect.stringContaining(`no ticket ${desk.foreign.ticket}`)]);
    const nowhere = await step('dealer', { do: 'merge', into: 987_654 });
    expect([nowhere.status, await nowhere.text()]).toEqual([409, expect.stringContaining('no ticket 987654')]);
    const { reader } = desk.world.desk;
    const [note] = await reader.notes(desk.own.id);
    const change = { do: 'change', no: note!.no, version: note!.version, text: 'mine' };
    const said = async (name: string, kind: string, body: object) =>
      (await desk.ask('post', `/api/v1/sites/${desk.own.id}/${kind}`, await desk.headersOf(name), body)).status;
    expect(await said('technician', 'notes', change)).toBe(403);
    expect(await said('technician', 'notes', { do: 'add', text: 'the rack is in the cellar' })).toBe(200);
    // By the number of what is in another home.
    const { no, version } = (await reader.contacts(desk.foreign.id, 0))!.contacts[0]!;
    for (const step of [{ do: 'remove' }, { do: 'change', name: 'Mine', role: 'owner', mobile: '555 0100' }])
      expect(await said('dealer', 'contacts', { ...step, no, version })).toBe(409);
    expect((await reader.contacts(desk.foreign.id, 0))!.contacts).toMatchObject([{ no, version, name: 'Foreignnote' }]);
  });

  it('show a client no end that is to be checked first, no ticket, no playbook and nothing of the desk itself', async () => {
    const headers = await desk.headersOf('homeowner');
    const page = await (await desk.ask('get', `/sites/${desk.own.id}`, headers)).text();
    for (const word of ['/tickets', '/playbooks', 'What to do first', 'I see to it', 'Open a ticket'])
      expect([word, page.includes(word)]).toEqual([word, false]);
    expect(page).toContain('Owntrouble');
    // His own people, without what was said of them to who works here.
    const contacts = await (await desk.ask('get', `/api/v1/sites/${desk.own.id}/contacts`, headers)).text();
    for (const text of [page, contacts]) expect([text.includes('+1 555 0100'), text.includes('Ownremark')]).toEqual([true, false]);
    const alerts = await (await desk.ask('get', '/api/v1/alerts?firing=true', headers)).json();
    expect(JSON.stringify(alerts)).not.toContain('"ticket"');
    expect(await (await desk.ask('get', '/api/v1/status', headers)).json()).toEqual({
      link: { connected: true },
      settled: expect.any(Boolean),
    });
    expect(await (await desk.ask('get', '/api/v1/me', headers)).json()).toMatchObject({
      role: 'homeowner',
      may: ['see', 'contacts'],
      sees: 'some',
    });
  });

  it('tell on an open stream of the own homes only, and end it at once when its visitor is let in no more', async () => {
    const { world, own, foreign } = desk;
    await world.clock.advance(2000);
    const response = await desk.ask('get', '/api/v1/stream', await desk.headersOf('dealer'));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: hello');
    const say = (home: GuardedHome) => world.send(home.hub, home.hub.entry('device.state', deviceState(home.device, 'up', 1)));
    await world.clock.advance(2000);
    await say(foreign);
    await world.clock.advance(2000);
    await say(foreign);
    await say(own);
    await world.clock.advance(2000);
    const { value } = await reader.read();
    expect(value).toContain(own.id);
    expect(value).not.toContain(foreign.id);
    const dealer = (await desk.people.access.people.list()).find(({ signInName }) => signInName === 'dealer');
    await desk.people.access.people.disable('Lead', dealer!.id);
    expect((await reader.read()).done).toBe(true);
  });
});

/** Everything of the foreign home that somebody could have changed. */
async function foreignState({ world, foreign }: GuardedDesk): Promise<unknown> {
  const { reader } = world.desk;
  const { version, deeds } = (await reader.ticket(foreign.ticket))!;
  return [
    version,
    deeds,
    await reader.firing(foreign.id),
    await reader.incidents.one(foreign.incident),
    await reader.tickets({ site: foreign.id, limit: 100 }),
    await reader.audit({ site: foreign.id, limit: 100 }),
    await reader.contacts(foreign.id, 0),
    await reader.notes(foreign.id),
    await reader.contracts.ofHome(foreign.id, 0),
  ];
}

/** What is answered where everything is in order: somebody has acknowledged it before, or nobody has that account. */
function isFine(address: string, status: number): boolean {
  if (/acknowledge/.test(address)) return status === 200 || status === 303 || status === 409;
  // What is sent names another home than the address.
  if (/^(post|delete) .*(forget|sites\/:id)$/.test(address)) return status === 400 || status === 409;
  // Nobody has that account, that token, that passkey.
  if (/^post \/api\/v1\/(people\/(:id|tokens)|account\/(browsers|passkeys|tokens))/.test(address)) return [400, 404, 409].includes(status);
  if (/^post .*people\/(:id|tokens)/.test(address)) return status === 409;
  if (/^post \/api\/v1\/(people|account\/(password|provider))/.test(address)) return [200, 400, 409].includes(status);
  if (address === 'post /people' || address === 'post /account/password') return status === 400 || status === 201;
  // What is sent fits none of them: nobody gets further than the first look at it.
  if (/^post \/account\/(browsers|passkeys|tokens|provider)/.test(address)) return status === 303 || status === 400 || status === 409;
  return status === 200 || status === 201 || status === 303;
}

describe('an address without a rule', () => {
  const deps = { door: {}, visit: () => undefined as never, frame: () => undefined as never };

  it.each([
    ['a page', (app: Hono) => app.get('/new', (c) => c.text('x'))],
    ['a form', (app: Hono) => app.post('/old', (c) => c.text('x'))],
    ['another method', (app: Hono) => app.delete('/old', (c) => c.text('x'))],
    ['all methods', (app: Hono) => app.all('/new', (c) => c.text('x'))],
  ])('keeps the desk from starting: %s', (_, add) => {
    const app = new Hono();
    const routes = new Routes(app, deps);
    routes.get('/old', 'see', (c) => c.text('x'));
    routes.seal();
    add(app);
    expect(() => routes.seal()).toThrow('no rule says who may ask for');
  });

  it('and one of the API without a description, too', () => {
    const routes = new Routes(new Hono(), deps);
    routes.get('/api/v1/new', 'see', (c) => c.text('x'));
    expect(() => routes.seal()).toThrow('nothing says what get /api/v1/new takes and answers');
  });
});
