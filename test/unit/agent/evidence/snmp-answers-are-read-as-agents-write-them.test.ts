import { expect, test } from 'vitest';
import { octets } from '../../../../src/agent/evidence/ber.ts';
import { readCommunityMessage, type VarBind, writeCommunityMessage } from '../../../../src/agent/evidence/snmp-message.ts';
import { entityFields, systemFields } from '../../../../src/agent/evidence/snmp-tables.ts';
import { PACKETS, REQUEST_ID } from '../../../builders/snmp-packets.ts';
import { response } from '../../../fakes/snmp-agent.ts';

const V1 = 0;
const V2C = 1;
const objectsOf = (varBinds: readonly VarBind[] = []) => new Map(varBinds.map(({ oid, value }) => [oid, value]));

test.each([
  ['1', V1, PACKETS.SYSTEM_V1],
  ['2c', V2C, PACKETS.SYSTEM_V2C],
] as const)('reads who a device is in version %s', (_, version, packet) => {
  const answer = readCommunityMessage(packet, version, 'public');
  expect(answer).toMatchObject({ type: 'response', requestId: REQUEST_ID, errorStatus: 0 });
  expect(systemFields(objectsOf(answer?.varBinds))).toEqual({
    sysDescr: 'Test switch',
    sysObjectID: '1.3.6.1.4.1.9.6.1.83.28.2',
    upTimeS: '163',
    sysName: 'sw1',
    sysLocation: 'Rack',
    sysServices: '2',
  });
});

test('reads which object an agent of version 1 does not know', () => {
  expect(readCommunityMessage(PACKETS.NO_SUCH_NAME_V1, V1, 'public')).toMatchObject({ errorStatus: 2, errorIndex: 2 });
});

test('takes no answer in another version, with another community, or with a word more', () => {
  expect(readCommunityMessage(PACKETS.SYSTEM_V2C, V1, 'public')).toBeUndefined();
  expect(readCommunityMessage(PACKETS.SYSTEM_V2C, V2C, 'private')).toBeUndefined();
  const answer = response({ version: V2C, requestId: 1 }, []);
  answer[1] = answer[1]! + 2;
  expect(readCommunityMessage(Buffer.concat([answer, Buffer.from('0500', 'hex')]), V2C, 'public')).toBeUndefined();
});

test('takes no question for an answer', () => {
  const question = writeCommunityMessage(V2C, 'public', { type: 'get', requestId: 1, oids: ['1.3.6.1.2.1.1.1.0'] });
  expect(readCommunityMessage(question, V2C, 'public')).toBeUndefined();
});

test('refuses an answer that is cut anywhere', () => {
  for (let length = 0; length < PACKETS.ENTITY_BULK.length; length++)
    expect(readCommunityMessage(PACKETS.ENTITY_BULK.subarray(0, length), V2C, 'public')).toBeUndefined();
});

test('refuses a datagram of 64 KB and one with thousands of objects', () => {
  const huge = response({ version: V2C, requestId: 1 }, [['1.3.6', octets(Buffer.alloc(60_000))]]);
  expect(readCommunityMessage(huge, V2C, 'public')).toBeUndefined();
  const many = response({ version: V2C, requestId: 1 }, Array(800).fill(['1.3.6', Buffer.from('0500', 'hex')]));
  expect(many.length).toBeLessThan(16_384);
  expect(readCommunityMessage(many, V2C, 'public')).toBeUndefined();
});

test('keeps the other values when one is broken', () => {
  const answer = response({ version: V2C, requestId: 1 }, [
    ['1.3.6.1', Buffer.from('0206010203040506', 'hex')],
    ['1.3.6.2', Buffer.from('020107', 'hex')],
  ]);
  expect(readCommunityMessage(answer, V2C, 'public')?.varBinds).toEqual([
    { oid: '1.3.6.1', value: undefined },
    { oid: '1.3.6.2', value: 7 },
  ]);
});

test('tells the hardware of the chassis, and of nothing else', () => {
  const row = (kind: number) => ({
    index: '1',
    cells: new Map<string, number | Uint8Array>([
      ['1.3.6.1.2.1.47.1.1.1.1.5', kind],
      ['1.3.6.1.2.1.47.1.1.1.1.13', Buffer.from('SG300-28P')],
    ]),
  });
  expect(entityFields([row(11), row(3)])).toEqual({ entityModel: 'SG300-28P' });
  expect(entityFields([row(9)])).toEqual({});
});
