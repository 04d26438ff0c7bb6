/** A push message is what the standards have it, byte for byte, and goes nowhere but to a push service. */
import type { webcrypto } from 'node:crypto';
import { expect, it } from 'vitest';
import { isPublicAddress } from '../../../../src/base/public-address.ts';
import { encrypted, isBrowserKeys, MOST_BYTES } from '../../../../src/desk/push/encrypt.ts';
import { endpointOf, SERVICE_PATTERN } from '../../../../src/desk/push/endpoint.ts';
import { newSenderKeys, Vapid } from '../../../../src/desk/push/vapid.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { decrypted } from '../../../fakes/push-service.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));

/** RFC 8291, Appendix A. */
const RFC = {
  plaintext: 'When I grow up, I want to be a watermelon',
  senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  browserPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  body: 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
};

it('is encrypted as in the example of RFC 8291, and read by the keys of its browser', async () => {
  const given = [bytes(RFC.senderPrivate), bytes(RFC.salt)];
  const random = { bytes: () => given.shift()!, fraction: () => 0 };
  const body = encrypted(Buffer.from(RFC.plaintext), RFC, random);
  expect(body.toString('base64url')).toBe(RFC.body);
  const point = bytes(RFC.p256dh);
  const [x, y] = [point.slice(1, 33), point.slice(33)].map((part) => Buffer.from(part).toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x, y, d: RFC.browserPrivate } as webcrypto.JsonWebKey;
  const privateKey = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  const publicKey = await crypto.subtle.importKey('raw', point, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  expect(await decrypted(body, { pair: { privateKey, publicKey }, point, auth: bytes(RFC.auth) })).toBe(RFC.plaintext);
});

it('is no longer than every push service takes, and another one each time', () => {
  const random = seededRandom('push');
  const longest = Buffer.alloc(MOST_BYTES, 'x');
  expect(encrypted(longest, RFC, random).length).toBe(4096);
  expect(() => encrypted(Buffer.alloc(MOST_BYTES + 1), RFC, random)).toThrow(RangeError);
  expect(encrypted(longest, RFC, random).equals(encrypted(longest, RFC, random))).toBe(false);
});

it('is made for keys alone that are some', () => {
  const { p256dh, auth } = RFC;
  const offTheCurve = Buffer.from(bytes(p256dh));
  offTheCurve[64]! ^= 1;
  expect(isBrowserKeys({ p256dh, auth })).toBe(true);
  for (const keys of [
    { p256dh: offTheCurve.toString('base64url'), auth },
    { p256dh: p256dh.slice(0, -2), auth },
    { p256dh, auth: auth.slice(0, -2) },
    { p256dh: '', auth: '' },
  ])
    expect([keys, isBrowserKeys(keys)]).toEqual([keys, false]);
});

it('says who sent it, with a token that is kept for hours and made anew well before its end', () => {
  const vapid = new Vapid(newSenderKeys(seededRandom('desk')), 'mailto:desk@example.com');
  const at = Date.UTC(2026, 10, 23);
  const first = vapid.authorization('https://a.example', at);
  expect(vapid.authorization('https://a.example', at + 3_600_000)).toBe(first);
  expect(vapid.authorization('https://b.example', at)).not.toBe(first);
  const later = vapid.authorization('https://a.example', at + 7 * 3_600_000);
  expect(later).not.toBe(first);
  const claims = JSON.parse(Buffer.from(later.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toEqual({ aud: 'https://a.example', sub: 'mailto:desk@example.com', exp: at / 1000 + 19 * 3600 });
  // A clock that was set back makes no token of the future.
  expect(vapid.authorization('https://a.example', at)).not.toBe(later);
});

it('goes to the push services of browsers, and to those that the settings name', () => {
  const own = ['push.example.com:8443', '*.up.example.com'];
  const wanted = [
    'https://fcm.googleapis.com/fcm/send/x',
    'https://updates.push.services.mozilla.com/wpush/v2/x',
    'https://wns2-par02p.notify.windows.com/w/?token=x',
    'https://web.push.apple.com/x',
    'https://push.example.com:8443/x',
    'https://a.b.up.example.com/x',
  ];
  for (const url of wanted) expect([url, endpointOf(url, own)?.href]).toEqual([url, url]);
  const unwanted = [
    'http://fcm.googleapis.com/x',
    'https://fcm.googleapis.com:8443/x',
    'https://push.example.com/x',
    'https://fcm.googleapis.com.evil.example/x',
    'https://evilfcm.googleapis.com/x',
    'https://notify.windows.com/x',
    'https://user@fcm.googleapis.com/x',
    'https://fcm.googleapis.com/x#y',
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://localhost/x',
    'https://up.example.com/x',
    `https://fcm.googleapis.com/${'x'.repeat(2048)}`,
    'javascript:alert(1)',
    '',
    undefined,
  ];
  for (const url of unwanted) expect([url, endpointOf(url, own)]).toEqual([url, undefined]);
  for (const name of ['push.example.com', '*.a.example', 'push:8443']) expect([name, SERVICE_PATTERN.test(name)]).toEqual([name, true]);
  for (const name of ['https://a.example', '10.0.0.1', '*', '*.', '*.*.a', 'a.example/x', 'a.example:', '[::1]'])
    expect([name, SERVICE_PATTERN.test(name)]).toEqual([name, false]);
});

it('goes to no address of this machine, of a network around it, or of none', () => {
  const inside =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255';
  const inside6 =
    ':: ::1 fe80::1 fc00::1 fd12:3456::1 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1 2001:db8::1 2002:7f00:1:: 2001::1';
  for (const ip of [...inside.split(' '), ...inside6.split(' '), '', 'localhost', '1.2.3'])
    expect([ip, isPublicAddress(ip)]).toEqual([ip, false]);
  for (const ip of ['8.8.8.8', '172.32.0.1', '192.169.0.1', '142.250.1.2', '2a00:1450:4001::1', '2607:f8b0::5'])
    expect([ip, isPublicAddress(ip)]).toEqual([ip, true]);
});
