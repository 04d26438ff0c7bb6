/** Who is let in at the desk and for how long, what it keeps of that, and what somebody meets who guesses: the same on every engine. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { keepDealers } from '../../src/desk/access/access.ts';
import { mayHe, PERMISSIONS, type Who } from '../../src/desk/access/roles.ts';
import { IDLE_MS, LONGEST_MS } from '../../src/desk/access/sign-ins.ts';
import { FORGOTTEN_AFTER_MS } from '../../src/desk/access/throttle.ts';
import type { ServicePolicy } from '../../src/desk/service/policy.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { firstBroken } from '../../src/desk/tickets/audit.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { AccessWorld, CHEAP, DAY_MS, ELSEWHERE, HOME, PASSWORD } from '../fakes/access-world.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';

const SITE = newRandomId(seededRandom('site of a dealer'));
const MINUTE_MS = 60_000;
const NOBODY: Who = { kind: 'token', id: '', role: 'lead', scope: 'all', limits: new Set() };
const otherwise = (who: Who | undefined): Who => who ?? NOBODY;

describeOnEachEngine('accounts of the desk', (open) => {
  let world: AccessWorld;
  const signIns = () => world.access.signIns;
  const people = () => world.access.people;
  const tried = (name: string, password: string, place = ELSEWHERE) => signIns().signIn({ name, password }, place);

  beforeEach(async () => {
    world = new AccessWorld(await open());
  });

  describe('the first account', () => {
    it('is made by a link that works once, for a day, and only while nobody could make another', async () => {
      const first = await people().firstLink();
      const stale = first!.secret;
      const { secret } = (await people().firstLink())!;
      expect(await people().linkFor(stale)).toBeUndefined();
      const chosen = { password: PASSWORD, signInName: 'Maria@desk.example', fullName: 'Maria Lopez' };
      expect(await people().choose(secret, { ...chosen, fullName: ' desk ' }, HOME)).toMatchObject({ field: 'fullName' });
      const both = await Promise.all([
        people().choose(secret, chosen, HOME),
        people().choose(secret, { ...chosen, signInName: 'other' }, HOME),
      ]);
      expect(both.filter((one) => one && 'secret' in one)).toHaveLength(1);
      expect(await people().choose(secret, chosen, HOME)).toBeUndefined();
      expect(await people().firstLink()).toBeUndefined();
      expect(await people().list()).toMatchObject([{ fullName: 'Maria Lopez', role: 'lead', reach: 'all', state: 'active', signIns: 1 }]);
    });

    it('cannot be made any more when the day is over', async () => {
      const first = await people().firstLink();
      await world.clock.advance(DAY_MS);
      expect(await people().linkFor(first!.secret)).toBeUndefined();
      expect(await people().choose(first!.secret, { password: PASSWORD, signInName: 'me', fullName: 'Me' }, HOME)).toBeUndefined();
    });
  });

  describe('signing in', () => {
    it('knows a person by what only the browser has: the database holds no secret and no password', async () => {
      await world.person('ann');
      const secret = await world.signIn('ANN ');
      expect((await world.known(secret)).who).toMatchObject({ kind: 'person', name: 'ann Quist', role: 'agent', scope: 'all' });
      const link = (await people().newLink('Test', (await people().list())[0]!.id)) as { secret: string };
      const tables = ['person', 'sign_in', 'one_time_link', 'throttle', 'token', 'audit'] as const;
      const stored = JSON.stringify(await Promise.all(tables.map((table) => world.database.selectFrom(table).selectAll().execute())));
      for (const word of [secret, link.secret, PASSWORD]) expect(stored).not.toContain(word);
      expect(stored).toMatch(/\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    });

    it('answers a wrong name, a wrong password, one who is disabled, one whose time is over and one who has no password yet alike', async () => {
      const [disabled] = [
        await world.person('ann'),
        await world.invite({ signInName: 'new', fullName: 'New', role: 'agent', reach: 'all' }),
      ];
      await people().invite('Test', {
        signInName: 'over',
        fullName: 'Over',
        role: 'agent',
        reach: 'all',
        endsAt: world.clock.now().wallMs + 1,
      });
      await world.clock.advance(2);
      await people().disable('Test', disabled);
      for (const name of ['ann', 'new', 'over', 'nobody', '', '\u0000', 'x'.repeat(9000)])
        expect(await tried(name, PASSWORD)).toBe('wrong');
    });

    it('gives every sign-in another secret and ends the one that the browser had', async () => {
      await world.person('ann');
      const first = await world.signIn('ann');
      const second = (await signIns().signIn({ name: 'ann', password: PASSWORD, before: first }, HOME)) as { secret: string };
      expect(second.secret).not.toBe(first);
      expect(await signIns().who(first)).toBeUndefined();
      expect(await signIns().who(second.secret)).toBeDefined();
      for (const none of [undefined, '', 'x', `${second.secret}x`, second.secret.slice(1), 'ä'.repeat(43)])
        expect(await signIns().who(none)).toBeUndefined();
    });

    it('lasts while the browser is used, and never longer than a shift', async () => {
      await world.person('ann');
      const [idle, used] = [await world.signIn('ann'), await world.signIn('ann')];
      for (let passed = 0; passed < LONGEST_MS - IDLE_MS; passed += IDLE_MS / 2) {
        await world.clock.advance(IDLE_MS / 2);
        expect(await signIns().who(used)).toBeDefined();
      }
      expect(await signIns().who(idle)).toBeUndefined();
      await world.clock.advance(IDLE_MS - 1);
      expect(await signIns().who(used)).toBeDefined();
      await world.clock.advance(1);
      expect(await signIns().who(used)).toBeUndefined();
      await signIns().tidy();
      expect(await world.database.selectFrom('sign_in').selectAll().execute()).toEqual([]);
    });

    it('ends at once by signing out, by ending the others, by a lead, by being disabled, and when the time of the account is over', async () => {
      const id = await world.person('ann');
      const secrets = [await world.signIn('ann'), await world.signIn('ann'), await world.signIn('ann'), await world.signIn('ann')] as const;
      const areKnown = async () => (await Promise.all(secrets.map((secret) => signIns().who(secret)))).map((known) => known !== undefined);
      let told = 0;
      const stop = world.access.onChange(() => told++);
      await signIns().signOut(secrets[0]);
      expect(await areKnown()).toEqual([false, true, true, true]);
      await signIns().end(await world.known(secrets[1]), { only: (await world.known(secrets[2])).signIn });
      expect(await areKnown()).toEqual([false, true, false, true]);
      const other = await world.person('bob');
      expect(await signIns().end(await world.known(await world.signIn('bob')), { only: (await world.known(secrets[3])).signIn })).toBe(0);
      await signIns().end(await world.known(secrets[1]), { but: (await world.known(secrets[1])).signIn });
      expect(await areKnown()).toEqual([false, true, false, false]);
      await people().endSignIns('Test', id);
      expect(await areKnown()).toEqual([false, false, false, false]);
      const again = await world.signIn('ann');
      await people().disable('Test', id);
      expect(await signIns().who(again)).toBeUndefined();
      await people().enable('Test', id);
      expect(await signIns().who(again)).toBeUndefined();
      const last = await world.signIn('ann');
      await people().change('Test', id, { role: 'agent', reach: 'all', endsAt: world.clock.now().wallMs + 5 });
      await world.clock.advance(5);
      expect(await signIns().who(last)).toBeUndefined();
      expect([told, other === id]).toEqual([told, false]);
      expect(told).toBeGreaterThanOrEqual(6);
      stop();
    });

    it('ends everywhere else when the password changes, and takes the old one no more', async () => {
      await world.person('ann');
      const [here, there] = [await world.signIn('ann'), await world.signIn('ann')];
      const next = 'eight brown otters float gently';
      expect(await signIns().changePassword(await world.known(here), { current: 'not that one at all', next }, HOME)).toBe('wrong');
      expect(await signIns().changePassword(await world.known(here), { current: PASSWORD, next: 'short' }, HOME)).toHaveProperty('trouble');
      const changed = (await signIns().changePassword(await world.known(here), { current: PASSWORD, next }, HOME)) as { secret: string };
      expect([await signIns().who(here), await signIns().who(there)]).toEqual([undefined, undefined]);
      expect(await signIns().who(changed.secret)).toBeDefined();
      expect(await tried('ann', PASSWORD, HOME)).toBe('wrong');
      expect(await world.signIn('ann', HOME, next)).toBeTruthy();
    });

    it('hashes anew whose password was hashed at a lower cost, and only then', async () => {
      await world.person('ann');
      const hash = async () => (await world.database.selectFrom('person').select('password_hash').executeTakeFirstOrThrow()).password_hash;
      const before = await hash();
      await world.signIn('ann');
      expect(await hash()).toBe(before);
      const dearer = new AccessWorld(world.database, world.clock, { ...CHEAP, memoryKib: 16 });
      await dearer.signIn('ann');
      expect(await hash()).toMatch(/m=16,t=1/);
      expect(await world.signIn('ann')).toBeTruthy();
    });
  });

  describe('guessing', () => {
    it('is slowed down for whoever guesses, known name or not, also by another process, and never for more than a quarter of an hour', async () => {
      await world.person('ann');
      for (const name of ['ann', 'nobody']) {
        const answers = [];
        for (let i = 0; i < 6; i++) answers.push(await tried(name, 'wrong'));
        expect(answers).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', { waitMs: 1000 }]);
        expect(await new AccessWorld(world.database, world.clock).access.signIns.signIn({ name, password: PASSWORD }, ELSEWHERE)).toEqual({
          waitMs: 1000,
        });
      }
      for (let i = 0; i < 20; i++) {
        const answer = await tried('ann', 'wrong');
        if (typeof answer === 'object' && 'waitMs' in answer) {
          expect(answer.waitMs).toBeLessThanOrEqual(15 * MINUTE_MS);
          await world.clock.advance(answer.waitMs);
        }
      }
      await world.clock.advance(15 * MINUTE_MS);
      expect(await tried('ann', PASSWORD)).toHaveProperty('secret');
    });

    it('counts what comes at once one by one', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => tried('ann', 'wrong')));
      expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(5);
    });

    it('does not keep a person out who signed in from there before, whatever is tried from elsewhere', async () => {
      await world.person('ann');
      await world.signIn('ann', HOME);
      for (let i = 0; i < 60; i++) await tried('ann', 'wrong', { ...ELSEWHERE, address: `203.0.113.${i}` });
      expect(await tried('ann', PASSWORD, { ...ELSEWHERE, address: '198.51.100.1' })).toHaveProperty('waitMs');
      expect(await tried('ann', PASSWORD, HOME)).toHaveProperty('secret');
      await world.clock.advance(MINUTE_MS);
      expect(await tried('ann', PASSWORD, { ...ELSEWHERE, address: '198.51.100.1' })).toHaveProperty('secret');
    });

    it('takes all addresses of one IPv6 network for one, and counts a network that tries many names', async () => {
      const from = (n: number) => ({ ...ELSEWHERE, address: `2001:db8:1:2::${n.toString(16)}` });
      for (let i = 1; i <= 5; i++) await tried('ann', 'wrong', from(i));
      expect(await tried('ann', 'wrong', from(77))).toHaveProperty('waitMs');
      expect(await tried('ann', 'wrong', { ...ELSEWHERE, address: '2001:db8:1:3::1' })).toBe('wrong');
      for (let i = 0; i < 25; i++) await tried(`name${i}`, 'wrong', from(i));
      expect(await tried('another', 'wrong', from(1))).toHaveProperty('waitMs');
    });

    it('is forgotten after a day, and takes no more room than that', async () => {
      for (let i = 0; i < 6; i++) await tried('ann', 'wrong');
      await world.clock.advance(FORGOTTEN_AFTER_MS + 1);
      await signIns().tidy();
      expect(await world.database.selectFrom('throttle').selectAll().execute()).toEqual([]);
      expect(await tried('ann', 'wrong')).toBe('wrong');
    });

    it('stands in the audit in so many lines as nobody can fill it with', async () => {
      await world.person('ann');
      for (let i = 0; i < 60; i++) await tried('ann', 'wrong', { ...ELSEWHERE, address: `203.0.113.${i}` });
      expect((await world.deeds()).filter((deed) => deed.endsWith('sign-in.failed'))).toHaveLength(2);
    });
  });

  describe('making accounts', () => {
    beforeEach(async () => {
      await saveSite(world.database, { id: SITE, name: 'Smith home' }, 0);
      const homes = new Map([[SITE, { plan: 'none', noCalls: [], dealer: 'Smith AV' }]]);
      await keepDealers(world.database, { homes } as unknown as ServicePolicy);
    });

    it('refuses what would give too much, homes and dealers that there are not, and names that others have', async () => {
      await world.person('ann');
      const invite = (over: object) =>
        people().invite('Test', {
          signInName: 'bob',
          fullName: 'Bob Oak',
          role: 'dealer',
          reach: { dealers: ['Smith AV'], sites: [] },
          ...over,
        } as never);
      const none = { dealers: [], sites: [] };
      const one = { dealers: [], sites: [SITE] };
      const refused: [object, string][] = [
        [{ role: 'lead', reach: one }, 'homes'],
        [{ reach: 'all' }, 'homes'],
        [{ role: 'homeowner', reach: 'all' }, 'homes'],
        [{ reach: none }, 'homes'],
        [{ role: 'homeowner', reach: { dealers: ['Smith AV'], sites: [] } }, 'homes'],
        [{ reach: { dealers: ['smith av'], sites: [] } }, 'dealer'],
        [{ reach: { dealers: [], sites: ['nowhere'] } }, 'sites'],
        [{ role: 'technician', reach: one }, 'days'],
        [{ role: 'technician', reach: one, endsAt: world.clock.now().wallMs + 40 * DAY_MS }, 'days'],
        [{ endsAt: world.clock.now().wallMs }, 'days'],
        [{ signInName: 'ANN' }, 'signInName'],
        [{ signInName: 'two words' }, 'signInName'],
        [{ fullName: 'Ann  QUIST' }, 'fullName'],
        [{ fullName: 'command line' }, 'fullName'],
        [{ fullName: 'Tokén: report' }, 'fullName'],
        [{ fullName: '…' }, 'fullName'],
      ];
      for (const [over, field] of refused) expect([over, await invite(over)]).toEqual([over, { trouble: expect.any(String), field }]);
      expect(await invite({})).toHaveProperty('secret');
    });

    it('makes the link before void with each new one, and a disabled account has none', async () => {
      const { secret, id } = await world.invite({
        signInName: 'bob',
        fullName: 'Bob',
        role: 'dealer',
        reach: { dealers: [], sites: [SITE] },
      });
      const next = (await people().newLink('Test', id)) as { secret: string };
      expect([await people().linkFor(secret), (await people().linkFor(next.secret))?.person?.fullName]).toEqual([undefined, 'Bob']);
      await people().disable('Test', id);
      expect(await people().linkFor(next.secret)).toBeUndefined();
      expect(await people().newLink('Test', id)).toHaveProperty('trouble');
      await people().enable('Test', id);
      expect(await people().linkFor(next.secret)).toBeUndefined();
    });

    it('lets who forgot a password choose another by a link, which ends the sign-ins of before', async () => {
      const id = await world.person('ann');
      const before = await world.signIn('ann');
      const link = (await people().newLink('Lead', id)) as { secret: string };
      expect(await signIns().who(before)).toBeDefined();
      expect(await people().choose(link.secret, { password: 'hearthbeat-desk-2026' }, HOME)).toMatchObject({ field: 'password' });
      expect(await people().choose(link.secret, { password: 'eight brown otters float gently' }, HOME)).toHaveProperty('secret');
      expect(await signIns().who(before)).toBeUndefined();
      expect(await people().choose(link.secret, { password: PASSWORD }, HOME)).toBeUndefined();
    });

    it('leaves a chain of who did what, with nothing secret in it', async () => {
      await world.person('ann');
      await world.signIn('ann');
      expect((await world.deeds()).toReversed()).toEqual([
        'Test: person.invited',
        'ann Quist: password.chosen',
        'ann Quist: sign-out',
        'ann Quist: sign-in',
      ]);
      expect(firstBroken((await people().deeds()).toReversed())).toBeUndefined();
    });

    it('keeps a lead from locking himself out', async () => {
      const id = await world.person('boss', 'lead');
      expect(await people().disable('boss Quist', id)).toHaveProperty('trouble');
      expect(await people().change('boss Quist', id, { role: 'agent', reach: 'all' })).toHaveProperty('trouble');
      expect(await people().disable('boss Quist', 'no-such-id')).toHaveProperty('trouble');
    });
  });

  describe('tokens', () => {
    it('let programs in for their homes until they end or are revoked', async () => {
      await saveSite(world.database, { id: SITE, name: 'Smith home' }, 0);
      const { tokens } = world.access;
      const made = await tokens.create('Lead', { title: 'report', role: 'dealer', reach: { dealers: [], sites: [SITE] }, days: 2 });
      if ('trouble' in made) throw new Error(made.trouble);
      expect(await tokens.who(made.token)).toMatchObject({
        kind: 'token',
        name: 'token: report',
        role: 'dealer',
        scope: { holder: made.id },
      });
      expect((await tokens.list())[0]).toMatchObject({
        title: 'report',
        madeBy: 'Lead',
        reach: { sites: [SITE] },
        usedAt: expect.any(Number),
      });
      expect(JSON.stringify(await world.database.selectFrom('token').selectAll().execute())).not.toContain(made.token.slice(4));
      for (const wrong of ['', made.token.slice(4), `${made.token}x`, `hbt_${'A'.repeat(43)}`])
        expect(await tokens.who(wrong)).toBeUndefined();
      expect(await signIns().who(made.token.slice(4))).toBeUndefined();
      await world.clock.advance(2 * DAY_MS);
      expect(await tokens.who(made.token)).toBeUndefined();
      const other = (await tokens.create('Lead', { title: 'x', role: 'agent', reach: 'all', days: 1 })) as { token: string; id: string };
      await tokens.revoke('Lead', other.id);
      expect([await tokens.who(other.token), await tokens.revoke('Lead', other.id)]).toMatchObject([undefined, { isMissing: true }]);
      for (const over of [{ days: 0 }, { days: 400 }, { title: ' ' }, { role: 'lead' as const, reach: { dealers: [], sites: [SITE] } }])
        expect(await tokens.create('Lead', { title: 't', role: 'agent', reach: 'all', days: 1, ...over })).toHaveProperty('trouble');
    });

    it('of a person may do what he chose, in his homes and as he is then, and end with his account', async () => {
      await saveSite(world.database, { id: SITE, name: 'Smith home' }, 0);
      const { tokens } = world.access;
      const id = await world.person('ann');
      const known = await world.known(await world.signIn('ann'));
      const make = (scopes: string[], over: object = {}) => tokens.createOwn(known, { title: 'report', scopes, days: 30, ...over });
      const made = (await make(['tickets', 'people', 'nothing'])) as { token: string };
      const who = async () => tokens.who(made.token);
      expect(await who()).toMatchObject({ kind: 'token', name: 'token: ann Quist / report', role: 'agent', scope: 'all' });
      const allowed = async () => {
        const him = otherwise(await who());
        return PERMISSIONS.filter((permission) => mayHe(him, permission));
      };
      expect(await allowed()).toEqual(['see', 'contacts', 'staff', 'tickets', 'history', 'audit', 'desk']);
      await people().change('Lead', id, { role: 'homeowner', reach: { dealers: [], sites: [SITE] } });
      expect([await allowed(), (await who())?.scope]).toEqual([['see', 'contacts'], { holder: id }]);
      await world.clock.advance(1);
      const narrow = (await make(['work', 'tickets'])) as { token: string };
      expect(await tokens.list(id)).toMatchObject([{ scopes: ['homes', 'tickets'] }, { scopes: ['homes'], madeBy: 'ann Quist' }]);
      await people().change('Lead', id, { role: 'lead', reach: 'all' });
      // It was limited by what she could give away then.
      const later = otherwise(await tokens.who(narrow.token));
      expect(PERMISSIONS.filter((permission) => mayHe(later, permission))).toEqual(['see', 'staff']);
      await people().disable('Lead', id);
      expect(await who()).toBeUndefined();
      await people().enable('Lead', id);
      const bob = await world.person('bob');
      const [first] = await tokens.list(id);
      expect(await tokens.revoke('bob Quist', first!.id, bob)).toEqual({ trouble: 'There is no such token.', isMissing: true });
      expect(await tokens.revoke('ann Quist', first!.id, id)).toBeUndefined();
      expect(await who()).toBeUndefined();
      for (const over of [{ days: 0 }, { days: Number.NaN }, { days: 367 }, { title: ' ' }])
        expect(await make([], over)).toHaveProperty('trouble');
      for (let i = 0; i < 19; i++) expect(await make([])).toHaveProperty('token');
      expect(await make([])).toEqual({ trouble: expect.stringContaining('At most 20') });
      await world.clock.advance(30 * MINUTE_MS);
      expect(await make([])).toEqual({ trouble: expect.stringContaining('Sign in again') });
    });
  });
});
