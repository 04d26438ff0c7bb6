/** Passkeys: who comes in by one, whom it keeps out however an answer is bent, and what the desk keeps of them. The same on every engine. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newSecret } from '../../src/desk/access/secrets.ts';
import type { Known } from '../../src/desk/access/sign-ins.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { AccessWorld, ELSEWHERE, HOME } from '../fakes/access-world.ts';
import { Authenticator, type Wish } from '../fakes/authenticator.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';

const PARTY = { rpId: 'desk.example', origin: 'https://desk.example' };
const MINUTE_MS = 60_000;
const browser = newSecret(seededRandom('browser'));

describeOnEachEngine('passkeys', (open) => {
  let world: AccessWorld;
  let ann: string;
  let known: Known;
  let device: Authenticator;
  const passkeys = () => world.access.passkeys;

  beforeEach(async () => {
    world = new AccessWorld(await open());
    ann = await world.person('ann');
    known = await world.known(await world.signIn('ann'));
    device = new Authenticator(PARTY.origin);
  });

  async function add(wish: Wish = {}, who = known, with_ = device) {
    const asked = await passkeys().beginAdding(who, PARTY);
    if ('trouble' in asked) throw new Error(asked.trouble);
    return passkeys().add(who, PARTY, { sealed: asked.sealed, answer: with_.create(asked.options, wish), title: ' my  telephone ' });
  }

  async function enter(wish: Wish = {}, with_ = device) {
    const { options, sealed } = await passkeys().beginEntering(browser, PARTY);
    return passkeys().enter({ sealed, answer: with_.get(options, wish), browser }, PARTY, HOME);
  }

  it('let their person in without a name, are listed with their last use, and leave the last way in', async () => {
    expect(await add()).toBeUndefined();
    await world.clock.advance(MINUTE_MS);
    device.counter = 5;
    const entered = await enter();
    if (typeof entered === 'string' || !('secret' in entered)) throw new Error(JSON.stringify(entered));
    expect((await world.known(entered.secret)).who).toMatchObject({ id: ann, name: 'ann Quist' });
    expect((await world.access.signIns.list(ann))[0]).toMatchObject({ way: 'passkey', address: HOME.address });
    const [row, ...more] = await passkeys().list(ann);
    expect([row, more]).toMatchObject([{ title: 'my telephone', counter: 5, used_at: world.clock.now().wallMs, is_synced: 0 }, []]);
    expect(await passkeys().rename(known, row!.id, 'the small one')).toBeUndefined();
    expect(await passkeys().rename(known, 'none', 'x')).toHaveProperty('trouble');
    await world.database.updateTable('person').set({ password_hash: null }).execute();
    expect(await passkeys().remove(known, row!.id)).toEqual({ trouble: expect.stringContaining('only way in') });
    expect((await world.access.people.list())[0]).toMatchObject({ state: 'active', passkeys: 1 });
    const second = new Authenticator(PARTY.origin);
    await add({}, known, second);
    expect(await passkeys().remove(known, row!.id)).toBeUndefined();
    expect(await enter()).toBe('wrong');
    expect(await enter({}, second)).toHaveProperty('secret');
    expect((await world.deeds()).slice(0, 3)).toEqual(['ann Quist: sign-in', 'ann Quist: passkey.removed', 'ann Quist: passkey.added']);
  });

  it('are taken only from where they were asked for, by a device that looked who it is, once, and soon', async () => {
    const wrong: Wish[] = [
      { origin: 'https://desk.example.evil.example' },
      { origin: 'http://desk.example' },
      { rpId: 'evil.example' },
      { isVerified: false },
      { challenge: newSecret(seededRandom('another')) },
      { type: 'webauthn.get' },
    ];
    for (const wish of wrong) expect([wish, await add(wish)]).toEqual([wish, { trouble: expect.stringContaining('could not be taken') }]);
    const asked = await passkeys().beginAdding(known, PARTY);
    if ('trouble' in asked) throw new Error(asked.trouble);
    const given = { sealed: asked.sealed, answer: device.create(asked.options), title: 'x' };
    const otherSignIn = await world.known(await world.signIn('ann'));
    expect(await passkeys().add(otherSignIn, PARTY, given)).toEqual({ trouble: expect.stringContaining('begun elsewhere') });
    for (const sealed of [undefined, '', 'x', `${given.sealed}A`, `B${given.sealed.slice(1)}`])
      expect(await passkeys().add(known, PARTY, { ...given, sealed })).toHaveProperty('trouble');
    const both = await Promise.all([passkeys().add(known, PARTY, given), passkeys().add(known, PARTY, given)]);
    expect(both.filter((one) => one === undefined)).toHaveLength(1);
    // What is somebody's is nobody else's too, whoever signs with it.
    await world.person('bob');
    expect(await add({}, await world.known(await world.signIn('bob')))).toEqual({ trouble: 'That passkey is in use already.' });
    const late = await passkeys().beginAdding(known, PARTY);
    await world.clock.advance(5 * MINUTE_MS);
    if ('trouble' in late) throw new Error(late.trouble);
    const another = new Authenticator(PARTY.origin);
    expect(await passkeys().add(known, PARTY, { ...given, sealed: late.sealed, answer: another.create(late.options) })).toHaveProperty(
      'trouble',
    );
    await world.clock.advance(30 * MINUTE_MS);
    expect(await add({}, known, another)).toEqual({ trouble: expect.stringContaining('Sign in again') });
    expect(await passkeys().list(ann)).toHaveLength(1);
  });

  it('let nobody in by an answer from elsewhere, for another, unverified, counted backwards, or given before', async () => {
    device.counter = 7;
    await add();
    const bob = await world.person('bob');
    device.counter = 8;
    const wrong: Wish[] = [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { isVerified: false },
      { challenge: newSecret(seededRandom('another')) },
      { type: 'webauthn.create' },
      { counter: 7 },
      { counter: 0 },
      { userHandle: Buffer.from(bob).toString('base64url') },
      { userHandle: '' },
    ];
    for (const wish of wrong) expect([wish, await enter(wish)]).toEqual([wish, 'wrong']);
    const stranger = new Authenticator(PARTY.origin);
    stranger.create({ challenge: '', user: { id: Buffer.from(ann).toString('base64url') } });
    expect(await enter({}, stranger)).toBe('wrong');
    const { options, sealed } = await passkeys().beginEntering(browser, PARTY);
    const answer = device.get(options);
    const given = { sealed, answer, browser };
    for (const bad of [
      {},
      null,
      'x',
      { id: 7 },
      { ...answer, response: {} },
      { ...answer, response: { userHandle: 'x', clientDataJSON: 'y' } },
    ])
      expect(await passkeys().enter({ ...given, answer: bad }, PARTY, ELSEWHERE)).toBe('wrong');
    expect(await passkeys().enter({ ...given, browser: newSecret(seededRandom('other browser')) }, PARTY, HOME)).toBe('stale');
    const both = await Promise.all([1, 2].map(() => passkeys().enter(given, PARTY, HOME)));
    expect(both.map((one) => typeof one).sort()).toEqual(['object', 'string']);
    expect(await passkeys().enter(given, PARTY, HOME)).toBe('wrong');
    const late = await passkeys().beginEntering(browser, PARTY);
    await world.clock.advance(5 * MINUTE_MS);
    expect(await passkeys().enter({ sealed: late.sealed, answer: device.get(late.options), browser }, PARTY, HOME)).toBe('stale');
  });

  it('let nobody in whose account is disabled or over, or whose keys a lead removed', async () => {
    await add();
    await world.access.people.disable('Lead', ann);
    expect(await enter()).toBe('wrong');
    await world.access.people.enable('Lead', ann);
    expect(await enter()).toHaveProperty('secret');
    await world.access.people.change('Lead', ann, { role: 'agent', reach: 'all', endsAt: world.clock.now().wallMs + 1 });
    await world.clock.advance(1);
    expect(await enter()).toBe('wrong');
    await world.access.people.change('Lead', ann, { role: 'agent', reach: 'all' });
    const { secret } = (await enter()) as { secret: string };
    await world.access.people.removeKeys('Lead', ann);
    expect([await enter(), await world.access.signIns.who(secret), await passkeys().list(ann)]).toEqual(['wrong', undefined, []]);
  });

  it('have whoever fails too often wait, and fill nothing by being asked for', async () => {
    await add();
    const answers = [];
    for (let i = 0; i < 32; i++) answers.push(await enter({ isVerified: false }));
    expect([answers.slice(0, 30), answers.at(-1)]).toEqual([Array(30).fill('wrong'), { waitMs: expect.any(Number) }]);
    expect(await world.database.selectFrom('spent_challenge').selectAll().execute()).toHaveLength(1);
    await world.clock.advance(15 * MINUTE_MS);
    expect(await enter()).toHaveProperty('secret');
    await world.access.signIns.tidy();
    expect(await world.database.selectFrom('spent_challenge').selectAll().execute()).toHaveLength(1);
    await world.clock.advance(5 * MINUTE_MS);
    await world.access.signIns.tidy();
    expect(await world.database.selectFrom('spent_challenge').selectAll().execute()).toEqual([]);
  });

  describe('a lead who has nothing else', () => {
    it('can let others in, so that no first link is printed', async () => {
      const boss = await world.person('boss', 'lead');
      const his = await world.known(await world.signIn('boss'));
      await add({}, his);
      await world.database.updateTable('person').set({ password_hash: null }).where('id', '=', boss).execute();
      expect(await world.access.people.firstLink()).toBeUndefined();
      await world.access.people.removeKeys('Lead', boss);
      expect(await world.access.people.firstLink()).toBeDefined();
    });
  });
});
