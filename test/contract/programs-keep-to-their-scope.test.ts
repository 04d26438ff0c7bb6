/** What programs can do with accounts by the API, and what they try in vain: whoever steals a token makes no lead, no other token, and locks out nobody who could end it. */
import { beforeEach, expect, it } from 'vitest';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';

const MINUTE_MS = 60_000;
type Headers = Record<string, string>;

describeOnEachEngine('accounts by the API', (open) => {
  let desk: GuardedDesk;
  let lead: Headers;
  let ids: ReadonlyMap<string, string>;

  beforeEach(async () => {
    desk = new GuardedDesk(await open());
    await desk.start();
    lead = await desk.headersOf('lead');
    ids = new Map((await desk.people.access.people.list()).map(({ signInName, id }) => [signInName, id]));
  });

  const idOf = (name: string): string => ids.get(name) as string;
  const post = async (headers: Headers, path: string, body: object = {}) => {
    const response = await desk.ask('post', `/api/v1/${path}`, headers, body);
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };
  const act = async (headers: Headers, name: string, body: object) => (await post(headers, `people/${idOf(name)}/steps`, body)).status;
  const status = async (headers: Headers, path: string) => (await desk.ask('get', `/api/v1/${path}`, headers)).status;
  const invited = (over: object = {}) => ({ signInName: 'new', fullName: 'New Quist', role: 'agent', reach: 'all', ...over });
  const someHomes = { reach: { dealers: [], sites: [] as string[] } };

  /** Made by somebody who has just signed in. */
  async function tokenOf(name: string, scopes: string[]): Promise<Headers> {
    const made = await post(await desk.headersOf(name), 'account/tokens', { title: 'staff', scopes, days: 9 });
    return { authorization: `Bearer ${made.answer.token}` };
  }

  it('are what a lead does on the page, with the same words and the same link', async () => {
    const made = await post(lead, 'people', invited());
    const { link, person } = made.answer as { link: string; person: { id: string } };
    expect([made.status, (await post(lead, 'people', invited())).answer]).toMatchObject([
      201,
      { error: 'refused', field: 'signInName', message: 'Somebody signs in as new already.' },
    ]);
    const password = 'nine quiet owls sit in a row';
    const chosen = await desk.ask('post', new URL(link).pathname, {}, { password, again: password });
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/']);
    const cookie = chosen.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await status({ cookie }, 'sites')).toBe(200);
    const change = { do: 'change', role: 'dealer', reach: { dealers: ['Own AV'], sites: [] } };
    expect((await post(lead, `people/${person.id}/steps`, change)).answer).toMatchObject({ person: { role: 'dealer', signIns: 1 } });
    expect((await post(lead, `people/${person.id}/steps`, { do: 'disable' })).answer).toMatchObject({ person: { state: 'disabled' } });
    expect([await status({ cookie }, 'sites'), (await post(lead, `people/${person.id}/link`)).status]).toEqual([401, 409]);
    expect((await post(lead, `people/${idOf('lead')}/steps`, { do: 'disable' })).answer).toMatchObject({
      message: 'You cannot disable yourself. Another lead has to do that.',
    });
    expect((await post(lead, 'people/nobody/steps', { do: 'enable' })).status).toBe(404);
    expect(await desk.people.deeds()).toEqual(expect.arrayContaining(['lead Quist: person.invited', 'lead Quist: person.disabled']));
  });

  it('of one’s own are for the browser in which one is signed in, and a new way in takes a fresh proof', async () => {
    const agent = await desk.headersOf('agent');
    const another = await desk.headersOf('agent');
    const own = async (headers: Headers) =>
      ((await (await desk.ask('get', '/api/v1/account', headers)).json()) as { account: object }).account;
    expect(await own(agent)).toMatchObject({
      fullName: 'agent Quist',
      role: 'agent',
      isFresh: true,
      hasPassword: true,
      scopes: ['homes', 'tickets', 'notes', 'work'],
    });
    expect((await post(agent, 'account/sign-ins/end')).answer).toEqual({ ended: 1 });
    expect([await status(agent, 'account'), await status(another, 'account')]).toEqual([200, 401]);
    // Cross-site pages and other windows act for nobody.
    expect((await post({ ...agent, 'sec-fetch-site': 'cross-site' }, 'account/sign-ins/end')).status).toBe(403);
    const made = await post(agent, 'account/tokens', { title: 'report', scopes: ['tickets', 'people'], days: 1 });
    expect([made.status, await own(agent)]).toMatchObject([201, { tokens: [{ scopes: ['homes', 'tickets'] }] }]);
    const wrong = { current: 'none of mine at all', next: 'ten slow geese walk over there' };
    expect((await post(agent, 'account/password', wrong)).answer).toMatchObject({ error: 'wrong-password', field: 'current' });
    await desk.world.clock.advance(31 * MINUTE_MS);
    const stale = await post(agent, 'account/tokens', { title: 'later', scopes: [], days: 1 });
    expect([stale.status, stale.answer]).toMatchObject([409, { error: 'prove-again', message: expect.stringContaining('Sign in again') }]);
    expect((await post(agent, `account/tokens/${made.answer.id}/revoke`)).answer).toEqual({ done: true });
    expect((await post(agent, `account/tokens/${made.answer.id}/revoke`)).status).toBe(404);
  });

  it('let a program in no further than its scope: it makes no lead and no token, and never touches who it belongs to', async () => {
    const program = await tokenOf('lead', ['people']);
    await desk.people.person('boss', 'lead');
    ids = new Map((await desk.people.access.people.list()).map(({ signInName, id }) => [signInName, id]));
    expect([await status(program, 'people'), await status(program, 'people/log'), await status(program, 'tickets')]).toEqual([
      200, 200, 403,
    ]);
    expect((await post(program, 'people', invited())).answer).toMatchObject({ person: { signInName: 'new' } });
    const narrower = { do: 'change', role: 'agent', reach: { dealers: [], sites: [desk.own.id] } };
    expect([await act(program, 'agent', narrower), await act(program, 'agent', { do: 'end-sign-ins' })]).toEqual([200, 200]);
    expect(await act(program, 'agent', { do: 'disable' })).toBe(200);

    const raise = { do: 'change', role: 'lead', reach: 'all' };
    const before = await desk.people.access.people.list();
    const tried = [
      (await post(program, 'people', invited({ signInName: 'root', fullName: 'Root', role: 'lead' }))).status,
      await act(program, 'dealer', raise),
      await act(program, 'lead', { do: 'change', role: 'agent', reach: 'all' }),
      await act(program, 'lead', { do: 'end-sign-ins' }),
      await act(program, 'lead', { do: 'disable' }),
      await act(program, 'boss', { do: 'disable' }),
      await act(program, 'boss', { do: 'change', role: 'homeowner', ...someHomes }),
      await act(program, 'agent', { do: 'enable' }),
      await act(program, 'agent', { do: 'change', role: 'agent', reach: 'all' }),
      await act(program, 'dealer', { do: 'remove-keys' }),
      (await post(program, `people/${idOf('boss')}/link`)).status,
      (await post(program, `people/${idOf('dealer')}/link`)).status,
      (await post(program, 'account/tokens', { title: 'more', scopes: ['people'], days: 366 })).status,
      (await post(program, 'account/password', { current: 'x', next: 'y' })).status,
      (await post(program, 'people/tokens/none/revoke')).status,
      await status(program, 'account'),
    ];
    expect(tried).toEqual(tried.map(() => 403));
    const own = await post(program, `people/${idOf('lead')}/steps`, { do: 'end-sign-ins' });
    expect(own.answer.message).toBe('A program does nothing with the account that its token belongs to.');
    expect(await desk.people.access.people.list()).toEqual(before);
    expect((await desk.people.access.tokens.list()).length).toBe(1);
    const refused = (await desk.people.access.people.deeds()).filter(({ what }) => what === 'program.refused');
    expect(new Set(refused.map(({ actor, detail }) => `${actor} ${JSON.parse(detail).tried}`))).toEqual(
      new Set(
        ['invite', 'actOnAccount', 'newLink', 'makeOwnToken', 'changePassword', 'revokeToken', 'ownAccount'].map(
          (call) => `token: lead Quist / staff ${call}`,
        ),
      ),
    );

    // What it went on trying is counted, and written down once an hour: nobody fills the log with it.
    await desk.world.clock.advance(61 * MINUTE_MS);
    const times = async () =>
      (await desk.people.access.people.deeds())
        .map(({ detail }) => JSON.parse(detail) as { tried?: string; times: number })
        .filter(({ tried: call }) => call === 'actOnAccount')
        .map((deed) => deed.times);
    await desk.people.access.refusals.tidy();
    await expect.poll(times).toEqual([9, 1]);

    // Closed to every other token, and to one whose person is disabled or no lead any more.
    const { people, tokens } = desk.people.access;
    const boss = idOf('boss');
    const made = (await tokens.create('command line', { title: 'old', role: 'lead', reach: 'all', days: 1 })) as { token: string };
    const refusals = async () => (await people.deeds()).filter(({ what }) => what === 'program.refused').length;
    const refusedBefore = await refusals();
    const shell = { authorization: `Bearer ${made.token}` };
    for (const headers of [shell, await tokenOf('lead', ['homes', 'tickets', 'notes', 'work']), await tokenOf('some-agent', ['people'])]) {
      expect((await post(headers, 'people', invited())).status).toBe(403);
      expect(await act(headers, 'dealer', { do: 'disable' })).toBe(403);
    }
    expect(await refusals()).toBe(refusedBefore + 6);
    const hers = await tokenOf('boss', ['people']);
    expect(await status(hers, 'people')).toBe(200);
    await people.change('lead Quist', boss, { role: 'agent', reach: 'all' });
    expect([await status(hers, 'people'), (await post(hers, 'people', invited())).status]).toEqual([403, 403]);
    await people.disable('lead Quist', boss);
    expect([await status(hers, 'people'), await act(hers, 'boss', { do: 'enable' })]).toEqual([401, 401]);
  });
});
