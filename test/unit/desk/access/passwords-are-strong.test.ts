/** Which passwords are taken, and what is kept of them. */
import { describe, expect, it } from 'vitest';
import { passwordTrouble } from '../../../../src/desk/access/password-rules.ts';
import { createPasswords, STANDARD_COST, TooBusy } from '../../../../src/desk/access/passwords.ts';
import { may, PERMISSIONS, ROLES, reachTrouble } from '../../../../src/desk/access/roles.ts';
import { charged, networkOf, PATIENCE, waitOf } from '../../../../src/desk/access/throttle.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';

const CHEAP = { memoryKib: 8, passes: 1 };

describe('a password', () => {
  it.each([
    'seven grey herons wade slowly',
    'ÆØÅ fjord 山田 lys natt',
    'zTq7!kW2#pL9@vX4',
    '        spaces count too',
    'correct horse battery staple with gravy',
  ])('is taken: %s', (password) => expect(passwordTrouble(password, ['maria', 'Maria Lopez'])).toBeUndefined());

  it.each([
    '',
    'fourteen chars',
    'passwordpassword',
    'Password1234567!',
    'aaaaaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    '123456789012345678',
    'qwertyuiopasdfghjkl',
    'correcthorsebatterystaple',
    'hearthbeat desk 2026',
    'Maria Lopez Maria 1984',
    'maria.lopez.maria.lopez',
    'x'.repeat(257),
  ])('is not taken, and it is said why: %s', (password) =>
    expect(passwordTrouble(password, ['maria', 'Maria Lopez'])).toMatch(/^.{10,}\.|^It /),
  );

  it('counts what people see as characters, not what they are stored in', () => {
    expect(passwordTrouble('🦜🐙🦔🦩🐡🦦🦡', [])).toContain('This has 7');
  });
});

describe('what is kept of a password', () => {
  const passwords = createPasswords({ random: seededRandom('salt'), cost: CHEAP });

  it('is argon2id as RFC 9106 has it, with its cost and a salt of its own', async () => {
    const [first, second] = [await passwords.hash('the same words here'), await passwords.hash('the same words here')];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(first).not.toBe(second);
    expect([await passwords.verify('the same words here', second), await passwords.verify('other words', second)]).toEqual([
      'right',
      'wrong',
    ]);
    expect(await passwords.verify('the same words here', '$scrypt$nonsense')).toBe('wrong');
    expect(await passwords.verify('', undefined)).toBe('wrong');
  });

  it('is the same however the keyboard writes an accent', async () => {
    expect(await passwords.verify('cafe\u0301 under the trees', await passwords.hash('caf\u00e9 under the trees'))).toBe('right');
  });

  it('costs what OWASP asks for at least, and is old at any other cost', async () => {
    expect(STANDARD_COST.memoryKib * STANDARD_COST.passes).toBeGreaterThanOrEqual(19_456 * 2);
    const dearer = createPasswords({ random: seededRandom('x'), cost: { memoryKib: 16, passes: 1 } });
    expect(await dearer.verify('the same words here', await passwords.hash('the same words here'))).toBe('old');
  });

  it('takes as long for nobody as for somebody', async () => {
    const real = createPasswords({ random: seededRandom('y'), cost: { memoryKib: 4096, passes: 1 } });
    const stored = await real.hash('the same words here');
    const timed = async (hash: string | undefined) => {
      const startedMs = performance.now();
      for (let i = 0; i < 5; i++) await real.verify('a guess of somebody', hash);
      return performance.now() - startedMs;
    };
    await timed(stored);
    const [somebody, nobody] = [await timed(stored), await timed(undefined)];
    expect(nobody).toBeGreaterThan(somebody / 3);
  });

  it('is worked out two at a time: a flood waits, and what is beyond that is turned away', async () => {
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash('the same words here')));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(52);
    expect(all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))[0]).toBeInstanceOf(TooBusy);
    expect(await passwords.hash('and it goes on after that')).toContain('$argon2id$');
  });
});

describe('the table of roles', () => {
  it('gives each role no more than the one before it', () => {
    for (const [i, role] of ROLES.entries())
      for (const permission of PERMISSIONS) if (i > 0 && may(role, permission)) expect(may(ROLES[i - 1]!, permission)).toBe(true);
    expect(PERMISSIONS.filter((permission) => may('homeowner', permission))).toEqual(['see', 'contacts']);
    expect(ROLES.filter((role) => may(role, 'people'))).toEqual(['lead']);
  });

  it('lets only who works for the desk into all homes', () => {
    expect(ROLES.filter((role) => reachTrouble(role, 'all') === undefined)).toEqual(['lead', 'agent']);
  });
});

describe('patience', () => {
  it('is never longer than its longest, also for a clock that was set back', () => {
    let tally = charged(undefined, PATIENCE.pair, 1_000_000);
    for (let i = 0; i < 2000; i++) tally = charged(tally, PATIENCE.pair, 1_000_000);
    expect(waitOf(tally, PATIENCE.pair, 1_000_000)).toBe(PATIENCE.pair.longestMs);
    expect(waitOf(tally, PATIENCE.pair, 0)).toBe(PATIENCE.pair.longestMs);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:0:0:1::', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('knows the network of %s', (address, network) => expect(networkOf(address)).toBe(network));
});
