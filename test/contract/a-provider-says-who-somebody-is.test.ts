/** Whom the word of a provider lets in, whom it does not, and what of its word is refused. The rules on every engine, what is refused over real HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Claims, Provider, type ProviderLink } from '../../src/desk/access/provider.ts';
import { Seals } from '../../src/desk/access/sealed.ts';
import { newSecret } from '../../src/desk/access/secrets.ts';
import type { Known } from '../../src/desk/access/sign-ins.ts';
import { createIdentityProvider } from '../../src/platform/identity-provider.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { AccessWorld, HOME } from '../fakes/access-world.ts';
import { CrookedProvider } from '../fakes/crooked-provider.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';

const random = seededRandom('browsers');
const [browser, otherBrowser] = [newSecret(random), newSecret(random)];
const BACK = 'https://desk.example/sign-in/provider/back';

describeOnEachEngine('the word of a provider', (open) => {
  let world: AccessWorld;
  let provider: Provider;
  let claims: { subject: string; email?: string };
  let asked: { state: string } | undefined;

  const link: ProviderLink = {
    title: 'Example ID',
    issuer: 'https://login.example/',
    async begin(checks) {
      asked = checks;
      return new URL('https://login.example/authorize');
    },
    finish: async (): Promise<Claims> => ({ subject: claims.subject, email: async () => claims.email }),
  };

  beforeEach(async () => {
    world = new AccessWorld(await open());
    const { database, clock, access } = world;
    provider = new Provider({ database, clock, random, seals: new Seals({ clock, random }), signIns: access.signIns, link });
  });

  async function comeIn(who: typeof claims, { known, from = browser }: { known?: Known; from?: string } = {}) {
    await provider.begin({ browser, next: '/tickets', redirectUri: BACK, ...(known && { known }) });
    return comeBack(who, { known, from });
  }

  async function comeBack(who: typeof claims, { known, from = browser }: { known?: Known | undefined; from?: string } = {}) {
    claims = who;
    return provider.finish({ answer: new URL(`${BACK}?state=${asked?.state}`), browser: from, known }, HOME);
  }

  const ANNA = { subject: '1', email: 'anna@desk.example' };
  const invited = { signInName: 'anna@desk.example', fullName: 'Anna Berg', role: 'agent' as const, reach: 'all' as const };

  it('lets in who was invited by a verified address, and from then on by what never changes', async () => {
    const { secret, id } = await world.invite(invited);
    expect(await comeIn({ subject: '1' })).toBe('unknown');
    // What only looks like her address, or becomes it when it is cleaned or folded.
    for (const email of ['ann\u200ba@desk.example', 'anna@des\u212a.example', ' anna@desk.example', 'anna@desk.example\u0000'])
      expect([email, await comeIn({ subject: '9', email })]).toEqual([email, 'unknown']);
    expect(await comeIn({ ...ANNA, email: 'Anna@Desk.example' })).toMatchObject({ signIn: { fullName: 'Anna Berg' }, next: '/tickets' });
    expect(await world.access.people.linkFor(secret)).toBeUndefined();
    expect(await comeIn({ subject: '1' })).toHaveProperty('signIn');
    expect(await comeIn({ subject: '1', email: 'other@desk.example' })).toHaveProperty('signIn');
    // Somebody else who is given her address later is not her.
    expect(await comeIn({ ...ANNA, subject: '2' })).toBe('unlinked');
    expect((await world.access.signIns.list(id))[0]?.way).toBe('provider');
    expect((await world.access.people.list())[0]).toMatchObject({ state: 'active', isLinked: true });
    expect((await world.deeds()).slice(-2)).toEqual(['Anna Berg: provider.connected', 'Test: person.invited']);
  });

  it('lets in nobody who was not invited, who is disabled, or whose account another way opens', async () => {
    expect(await comeIn(ANNA)).toBe('unknown');
    const { id } = await world.invite(invited);
    await world.access.people.disable('Lead', id);
    expect(await comeIn(ANNA)).toBe('unknown');
    await world.access.people.enable('Lead', id);
    expect(await comeIn(ANNA)).toHaveProperty('signIn');
    await world.access.people.disable('Lead', id);
    expect(await comeIn(ANNA)).toBe('unknown');
    await world.person('ben@desk.example');
    expect(await comeIn({ subject: '3', email: 'ben@desk.example' })).toBe('unlinked');
    expect(await world.database.selectFrom('identity').select('subject').execute()).toEqual([{ subject: '1' }]);
  });

  it('is connected by who is signed in, not long ago, where he began it; and never taken from another', async () => {
    const ben = await world.person('ben');
    const known = await world.known(await world.signIn('ben'));
    expect(await comeIn({ subject: '3' }, { known })).toEqual({ connected: true });
    expect(await comeIn({ subject: '3' })).toHaveProperty('signIn');
    expect(await comeIn({ subject: '4' }, { known })).toEqual({ trouble: expect.stringContaining('Disconnect it first') });
    await world.person('eve');
    const eve = await world.known(await world.signIn('eve'));
    expect(await comeIn({ subject: '3' }, { known: eve })).toEqual({ trouble: expect.stringContaining('belongs to an account') });
    // Begun by Ben, brought back by Eve.
    await provider.begin({ browser, next: '/', redirectUri: BACK, known });
    expect(await comeBack({ subject: '5' }, { known: eve })).toBe('stale');
    expect(await comeBack({ subject: '5' })).toBe('stale');
    await world.clock.advance(31 * 60_000);
    expect(await comeIn({ subject: '5' }, { known: eve })).toEqual({ trouble: expect.stringContaining('Sign in again') });
    await world.database.updateTable('person').set({ password_hash: null }).execute();
    expect(await provider.disconnect(known)).toEqual({ trouble: expect.stringContaining('only way in') });
    await world.database.updateTable('person').set({ password_hash: 'x' }).where('id', '=', ben).execute();
    expect(await provider.disconnect(known)).toBeUndefined();
    expect(await comeIn({ subject: '3' })).toBe('unknown');
  });

  it('counts once, in the browser that asked, and soon', async () => {
    await world.invite(invited);
    expect(await comeIn(ANNA, { from: otherBrowser })).toBe('stale');
    expect(await comeBack(ANNA)).toHaveProperty('signIn');
    expect(await comeBack(ANNA)).toBe('stale');
    await provider.begin({ browser, next: '/', redirectUri: BACK });
    await world.clock.advance(15 * 60_000);
    expect(await comeBack(ANNA)).toBe('stale');
    asked = { state: 'x' };
    expect(await comeBack(ANNA)).toBe('stale');
  });
});

describe('what a provider says', () => {
  const crooked = new CrookedProvider();
  let link: ProviderLink;
  const checks = { state: 'S'.repeat(40), nonce: 'N'.repeat(43), verifier: 'V'.repeat(43) };
  const answer = (query: string): URL => new URL(`${BACK}?${query}`);
  const finish = () => link.finish(answer(`code=c&state=${checks.state}`), checks);

  beforeAll(async () => {
    await crooked.start();
    link = createIdentityProvider({ issuer: crooked.issuer, title: 'Example ID', clientId: 'desk', clientSecret: 's', scopes: ['openid'] });
  });
  afterAll(() => crooked.stop());
  beforeEach(() => {
    Object.assign(crooked, { claims: {}, header: {}, isForged: false, refusal: undefined, userInfo: undefined, nonce: checks.nonce });
  });

  it('is asked for with a code, PKCE, a state and a nonce, and for no more than the settings say', async () => {
    const url = await link.begin({ ...checks, redirectUri: BACK });
    expect(`${url.origin}${url.pathname}`).toBe(`${crooked.issuer}authorize`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'desk',
      redirect_uri: BACK,
      scope: 'openid',
      state: checks.state,
      nonce: checks.nonce,
      code_challenge_method: 'S256',
      code_challenge: expect.not.stringContaining('VVV'),
    });
  });

  it('is believed where it is signed, for this desk, and answers what was asked', async () => {
    expect((await finish()).subject).toBe('anna-1');
  });

  it.each<[string, object]>([
    ['another nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['for another client', { claims: { aud: 'other' } }],
    ['by another issuer', { claims: { iss: 'https://evil.example' } }],
    ['about nobody', { claims: { sub: undefined } }],
    ['a forged signature', { isForged: true }],
    ['no signature', { header: { alg: 'none' } }],
  ])('is refused: %s', async (_, how) => {
    Object.assign(crooked, how);
    await expect(finish()).rejects.toMatchObject({ fault: 'odd' });
  });

  it('is told apart: clocks that differ, a code that was used, a provider that has trouble, somebody who turned back', async () => {
    const past = Math.floor(Date.now() / 1000) - 3600;
    crooked.claims = { iat: past - 300, exp: past };
    await expect(finish()).rejects.toMatchObject({ fault: 'clock' });
    crooked.refusal = { status: 400, body: { error: 'invalid_grant' } };
    await expect(finish()).rejects.toMatchObject({ fault: 'old' });
    crooked.refusal = { status: 401, body: { error: 'invalid_client' } };
    await expect(finish()).rejects.toMatchObject({ fault: 'odd' });
    crooked.refusal = { status: 503, body: {} };
    await expect(finish()).rejects.toMatchObject({ fault: 'down' });
    await expect(link.finish(answer(`error=access_denied&state=${checks.state}`), checks)).rejects.toMatchObject({ fault: 'denied' });
    await expect(link.finish(answer('code=c&state=another'), checks)).rejects.toMatchObject({ fault: 'odd' });
    const gone = createIdentityProvider({ issuer: 'http://127.0.0.1:1/', title: 'Gone', clientId: 'desk', scopes: ['openid'] });
    await expect(gone.begin({ ...checks, redirectUri: BACK })).rejects.toMatchObject({ fault: 'down' });
  });

  it('is an address only where it says that it has seen it to be his, at once or when asked once more', async () => {
    for (const [claims, userInfo, email] of [
      [{ email: 'Anna@desk.example', email_verified: true }, undefined, 'Anna@desk.example'],
      [{ email: 'anna@desk.example', email_verified: false }, undefined, undefined],
      [{ email: 'anna@desk.example', email_verified: 'true' }, undefined, undefined],
      [{ email: 'anna@desk.example' }, undefined, undefined],
      [{}, { sub: 'anna-1', email: 'anna@desk.example', email_verified: true }, 'anna@desk.example'],
    ] as const) {
      Object.assign(crooked, { claims, userInfo });
      expect(await (await finish()).email()).toBe(email);
    }
    Object.assign(crooked, { claims: {}, userInfo: { sub: 'somebody else', email: 'anna@desk.example', email_verified: true } });
    await expect((await finish()).email()).rejects.toMatchObject({ fault: 'odd' });
  });
});
