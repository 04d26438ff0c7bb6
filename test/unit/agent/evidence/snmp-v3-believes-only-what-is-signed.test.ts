import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type EngineUser,
  engineFacts,
  keyAtEngine,
  keyOfPassword,
  readSecured,
  tellsTheTime,
  userAtEngine,
  writeSecured,
} from '../../../../src/agent/evidence/snmp-v3.ts';
import { PACKETS, REQUEST_ID, USERS } from '../../../builders/snmp-packets.ts';

const NOBODY: EngineUser = { name: '' };
const SYS_NAME = { oid: '1.3.6.1.2.1.1.5.0', value: Buffer.from('sw1') };
const ENGINE = readSecured(PACKETS.DISCOVERY, REQUEST_ID, NOBODY)!.engine;
const signed = userAtEngine(USERS.signed, ENGINE.id, keyOfPassword);
const secret = userAtEngine(USERS.secret, ENGINE.id, keyOfPassword);
const oldsecret = userAtEngine(USERS.oldsecret, ENGINE.id, keyOfPassword);

test('learns of an engine from the report that an agent gives to nobody', () => {
  expect({ ...ENGINE, id: Buffer.from(ENGINE.id).toString('hex') }).toEqual({
    id: '80001f888058f4461c6a3d026b00000000',
    boots: 1,
    timeS: 163,
  });
});

// The password and engine of RFC 3414, A.3.1 and A.3.2.
test.each([
  ['md5', '9faf3283884e92834ebc9847d8edd963', '526f5eed9fcce26f8964c2930787d82b'],
  ['sha', '9fb5cc0381497b3793528939ff788d5d79145211', '6695febc9288e36282235fc7151f128497b38f3f'],
] as const)('makes the keys of RFC 3414 with %s', (protocol, ofPassword, atEngine) => {
  const key = keyOfPassword(protocol, 'maplesyrup');
  expect(Buffer.from(key).toString('hex')).toBe(ofPassword);
  expect(Buffer.from(keyAtEngine(protocol, key, Buffer.from('000000000000000000000002', 'hex'))).toString('hex')).toBe(atEngine);
});

test.each([
  ['signed with SHA-256', PACKETS.SIGNED, signed],
  ['encrypted with AES', PACKETS.ENCRYPTED_AES, secret],
  ['encrypted with DES', PACKETS.ENCRYPTED_DES, oldsecret],
])('reads what a real agent has %s', (_, packet, user) => {
  expect(readSecured(packet, REQUEST_ID, user)).toMatchObject({ signed: true, answer: { type: 'response', varBinds: [SYS_NAME] } });
});

test.each([
  ['SHA-256', PACKETS.SIGNED, signed],
  ['AES', PACKETS.ENCRYPTED_AES, secret],
  ['DES', PACKETS.ENCRYPTED_DES, oldsecret],
])('believes no answer under %s of which one bit was changed', (_, packet, user) => {
  fc.assert(
    fc.property(fc.nat(packet.length * 8 - 1), (bit) => {
      const forged = Buffer.from(packet);
      forged[bit >> 3] = forged[bit >> 3]! ^ (1 << (bit & 7));
      const answer = readSecured(forged, REQUEST_ID, user);
      // A message that no longer claims to be signed may at most be a report, and says no value.
      expect(answer === undefined || (!answer.signed && answer.answer.type === 'report')).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('believes no answer that comes with less security than was asked for', () => {
  const open = writeSecured({ type: 'get', requestId: REQUEST_ID, oids: [SYS_NAME.oid] }, ENGINE, { name: 'signed' }, new Uint8Array(0));
  open[open.indexOf(0xa0, -40)] = 0xa2;
  expect(readSecured(open, REQUEST_ID, { name: 'signed' })?.answer.type).toBe('response');
  expect(readSecured(open, REQUEST_ID, signed)).toBeUndefined();
  expect(readSecured(PACKETS.SIGNED, REQUEST_ID, { ...secret, auth: signed.auth! })).toBeUndefined();
  expect(readSecured(PACKETS.SIGNED, REQUEST_ID, { name: 'signed' })).toBeUndefined();
});

test('takes no answer to another message, and none by the key of another engine', () => {
  expect(readSecured(PACKETS.SIGNED, REQUEST_ID + 1, signed)).toBeUndefined();
  const elsewhere = userAtEngine(USERS.signed, Buffer.from('800000090300001122334455', 'hex'), keyOfPassword);
  expect(readSecured(PACKETS.SIGNED, REQUEST_ID, elsewhere)).toBeUndefined();
});

test('lets only a signed report tell the time', () => {
  const late = readSecured(PACKETS.NOT_IN_TIME_WINDOW, REQUEST_ID, signed);
  expect(late && tellsTheTime(late)).toBe(true);
  expect(tellsTheTime({ ...late!, signed: false })).toBe(false);
  const unknown = readSecured(PACKETS.UNKNOWN_USER, REQUEST_ID, NOBODY);
  expect(unknown && tellsTheTime(unknown)).toBe(false);
});

test.each([
  ['8000000903001122334455', { hex: '8000000903001122334455', enterprise: 9, mac: '00:11:22:33:44:55' }],
  ['80001f888058f4461c6a3d026b00000000', { hex: '80001f888058f4461c6a3d026b00000000', enterprise: 8072 }],
  ['8000000903000000000000', { hex: '8000000903000000000000', enterprise: 9 }],
  ['00000009', undefined],
  ['00'.repeat(33), undefined],
])('reads the engine id %s', (hex, facts) => {
  expect(engineFacts(Buffer.from(hex, 'hex'))).toEqual(facts);
});
