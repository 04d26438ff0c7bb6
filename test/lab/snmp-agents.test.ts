import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { IDENTIFY_DEFAULTS, type SnmpUser } from '../../src/agent/evidence/identify-settings.ts';
import type { Asker, Target } from '../../src/agent/evidence/reader.ts';
import { snmpReader } from '../../src/agent/evidence/snmp.ts';
import { communitySession, discoverEngine, readObjects, readTable, userSession } from '../../src/agent/evidence/snmp-session.ts';
import { FORWARDING, portsOf, SYSTEM_OBJECTS, systemFields } from '../../src/agent/evidence/snmp-tables.ts';
import { keyOfPassword, userAtEngine } from '../../src/agent/evidence/snmp-v3.ts';
import { Spending } from '../../src/agent/evidence/spending.ts';
import { createAsker } from '../../src/platform/asker.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { systemRandom as random } from '../../src/platform/system-random.ts';
import { startChild } from '../fakes/child.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

/** Real agents (Net-SNMP) on loopback, each on an address of its own. */
const SIGN = 'sign-me-please';
const HIDE = 'hide-me-please';
const USERS = {
  plain: { name: 'plain' },
  sha256: { name: 'sha256', auth: { protocol: 'sha256', password: SIGN } },
  'sha-aes': { name: 'sha-aes', auth: { protocol: 'sha', password: SIGN }, priv: { protocol: 'aes', password: HIDE } },
  'md5-des': { name: 'md5-des', auth: { protocol: 'md5', password: SIGN }, priv: { protocol: 'des', password: HIDE } },
  'sha512-aes': { name: 'sha512-aes', auth: { protocol: 'sha512', password: SIGN }, priv: { protocol: 'aes', password: HIDE } },
  'sha224-aes': { name: 'sha224-aes', auth: { protocol: 'sha224', password: SIGN }, priv: { protocol: 'aes', password: HIDE } },
  'sha384-des': { name: 'sha384-des', auth: { protocol: 'sha384', password: SIGN }, priv: { protocol: 'des', password: HIDE } },
} as const satisfies Record<string, SnmpUser>;

const SWITCH = `
rocommunity house
createUser plain
createUser sha256 SHA-256 ${SIGN}
createUser sha-aes SHA ${SIGN} AES ${HIDE}
createUser md5-des MD5 ${SIGN} DES ${HIDE}
createUser sha512-aes SHA-512 ${SIGN} AES ${HIDE}
createUser sha224-aes SHA-224 ${SIGN} AES ${HIDE}
createUser sha384-des SHA-384 ${SIGN} DES ${HIDE}
rouser plain noauth
rouser sha256 auth
${['sha-aes', 'md5-des', 'sha512-aes', 'sha224-aes', 'sha384-des'].map((name) => `rouser ${name} priv`).join('\n')}
engineIDType 3
engineIDNic lo
sysDescr SG300-28P 28-Port Gigabit PoE Managed Switch
sysObjectID .1.3.6.1.4.1.9.6.1.83.28.2
sysName rack-switch
sysServices 2
override .1.3.6.1.2.1.47.1.1.1.1.5.1 integer 3
override .1.3.6.1.2.1.47.1.1.1.1.11.1 octet_str "DNI1234ABCD"
override .1.3.6.1.2.1.47.1.1.1.1.13.1 octet_str "SG300-28P"
override .1.0.8802.1.1.2.1.4.1.1.4.0.7.1 integer 4
override .1.0.8802.1.1.2.1.4.1.1.5.0.7.1 octet_str 0x001132aabbcc
override .1.0.8802.1.1.2.1.4.1.1.9.0.7.1 octet_str "Vault"
${Array.from({ length: 100 }, (_, i) => `override .1.3.6.1.2.1.17.4.3.1.2.0.17.50.1.2.${i} integer ${1 + (i % 24)}`).join('\n')}
`;

let agents = 0;

/** Its address, once it answers. */
async function agentWith(config: string): Promise<string> {
  const ip = `127.77.161.${++agents}`;
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'snmpd.conf'), `agentaddress udp:${ip}:161\n[snmp] persistentDir ${folder}\n[snmpd]\n${config}`);
  startChild('/usr/sbin/snmpd', ['-f', '-Lo', '-C', '-c', join(folder, 'snmpd.conf'), '-I', '-smux']);
  for (let i = 0; i < 100; i++) {
    if (await discoverEngine(asking(ip).ask, random)) return ip;
    await sleep(50);
  }
  throw new Error('the agent never answered');
}

function asking(ip: string): { ask: Asker; packets: () => number } {
  const reader = snmpReader(IDENTIFY_DEFAULTS.snmp, random);
  const means = { clock, spending: new Spending(), localAddress: '127.0.0.1', signal: new AbortController().signal };
  const ask = createAsker({ interface: 'lo', ip }, reader, means);
  let packets = 0;
  const datagram: Asker['datagram'] = (...question) => {
    packets++;
    return ask.datagram(...question);
  };
  return { ask: { ...ask, datagram }, packets: () => packets };
}

async function read(ip: string, settings: Parameters<typeof snmpReader>[0]) {
  const { ask, packets } = asking(ip);
  const target: Target = { interface: 'lo', ip, kind: 'switch', openPorts: [], services: new Set() };
  const findings = await snmpReader(settings, random).read(target, ask);
  return { ...findings[0], packets: packets() };
}

const SEEN = {
  fields: { sysName: 'rack-switch', entityModel: 'SG300-28P', entitySerial: 'DNI1234ABCD', enterprise: '9' },
  topology: { neighbours: [{ localPort: 7, chassisId: '00:11:32:aa:bb:cc', sysName: 'Vault' }] },
};

test('a real agent tells a user at every level of security what it tells a community', async () => {
  const ip = await agentWith(SWITCH);
  const byCommunity = await read(ip, { communities: ['house'], users: [] });
  expect(byCommunity).toMatchObject({ ...SEEN, fields: { ...SEEN.fields, snmpVersion: '2c' } });
  expect(byCommunity.topology?.ports).toHaveLength(100);
  expect(byCommunity.packets).toBeLessThanOrEqual(12);
  for (const user of Object.values(USERS)) {
    const byUser = await read(ip, { communities: [], users: [user] });
    expect(byUser).toMatchObject({ ...SEEN, fields: { ...SEEN.fields, snmpVersion: '3' } });
    expect(byUser.topology).toEqual(byCommunity.topology);
  }
});

test('a real agent that knows neither community nor password tells who made it, and no more', async () => {
  const ip = await agentWith(SWITCH);
  const stranger = await read(ip, IDENTIFY_DEFAULTS.snmp);
  expect(stranger.fields).toEqual({ enterprise: '8072', engineId: expect.stringMatching(/^80001f88/), snmpVersion: '3' });
  const wrong = await read(ip, { communities: [], users: [{ ...USERS.sha256, auth: { protocol: 'sha256', password: 'not-the-one' } }] });
  expect(wrong.fields).toEqual(stranger.fields);
});

/** Its first interface becomes a port of a switch with a bad cable; the kernel's own stand beside it. */
const DAMAGED = `
${Object.entries({
  '2.2.1.3': 'integer 6',
  '2.2.1.11': 'counter 3000000',
  '2.2.1.17': 'counter 1000000',
  '2.2.1.14': 'counter 400',
  '2.2.1.20': 'counter 0',
  '2.2.1.13': 'counter 12',
})
  .map(([column, value]) => `override .1.3.6.1.2.1.${column}.1 ${value}`)
  .join('\n')}
override .1.3.6.1.2.1.31.1.1.1.1.1 octet_str "gi1"
override .1.3.6.1.2.1.10.7.2.1.3.1 counter 367
override .1.3.6.1.2.1.17.1.4.1.2.7 integer 1
${[8, 9, 1, 415, 1].map((value, i) => `override .1.3.6.1.2.1.99.1.1.1.${i + 1}.1004 integer ${value}`).join('\n')}
`;

test('a real agent tells what it counted on its wired ports, as its kernel does, and how warm it is', async () => {
  const ip = await agentWith(SWITCH + DAMAGED);
  const { ports = [], fields } = await read(ip, { communities: ['house'], users: [] });
  expect(fields?.temperatureC).toBe('41.5');
  expect(ports.find(({ port }) => port === 'gi1')).toMatchObject({
    bridgePort: 7,
    counts: { inFrames: 3_000_000, outFrames: 1_000_000, inErrors: 400, outErrors: 0, inDiscards: 12, fcsErrors: 367 },
  });
  const net = '/sys/class/net';
  const statistic = (name: string, what: string): number => Number(readFileSync(`${net}/${name}/statistics/${what}`, 'utf8'));
  const wired = ports.filter(({ port }) => existsSync(`${net}/${port}/statistics`));
  const isWired = (name: string): boolean =>
    readFileSync(`${net}/${name}/type`, 'utf8').trim() === '1' && !existsSync(`${net}/${name}/wireless`);
  if (readdirSync(net).some(isWired)) expect(wired.length).toBeGreaterThan(0);
  for (const { port, counts } of wired) {
    expect(counts.inErrors).toBe(statistic(port, 'rx_errors') % 2 ** 32);
    expect(counts.outErrors).toBe(statistic(port, 'tx_errors') % 2 ** 32);
    expect(counts.inFrames).toBeLessThanOrEqual(statistic(port, 'rx_packets') % 2 ** 32);
  }
});

test('a real agent of version 1 is read object by object', async () => {
  const ip = await agentWith(SWITCH);
  const session = communitySession(asking(ip).ask, random, 0, 'house');
  expect(systemFields((await readObjects(session, [...SYSTEM_OBJECTS, '1.3.6.1.4.1.99999.1.0'])) ?? new Map())).toMatchObject({
    sysName: 'rack-switch',
    sysServices: '2',
  });
  expect(portsOf(await readTable(session, FORWARDING.columns, 5), [])).toHaveLength(5);
});

test('a real agent whose clock we have wrong is asked again with the right one', async () => {
  const ip = await agentWith(SWITCH);
  const { ask, packets } = asking(ip);
  const engine = (await discoverEngine(ask, random))!;
  const session = userSession(
    ask,
    random,
    { ...engine, timeS: engine.timeS + 9_000 },
    userAtEngine(USERS['sha-aes'], engine.id, keyOfPassword),
  );
  expect((await readObjects(session, ['1.3.6.1.2.1.1.5.0']))?.size).toBe(1);
  expect(packets()).toBe(3);
  await readObjects(session, ['1.3.6.1.2.1.1.5.0']);
  expect(packets()).toBe(4);
});
