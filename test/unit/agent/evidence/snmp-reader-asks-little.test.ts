import { expect, test } from 'vitest';
import type { Target } from '../../../../src/agent/evidence/reader.ts';
import { snmpReader } from '../../../../src/agent/evidence/snmp.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { type AgentHabits, type Asked, agentBehindAsker, encoded, response } from '../../../fakes/snmp-agent.ts';

const reader = snmpReader({ communities: ['public'], users: [] }, seededRandom('snmp'));
const target = (over: Partial<Target> = {}): Target => ({
  interface: 'eth0',
  ip: '192.168.1.9',
  mac: '00:11:32:aa:bb:cc',
  openPorts: [],
  services: new Set(),
  ...over,
});

const system = (sysDescr: string, sysObjectID: string, sysServices = 72) => ({
  '1.3.6.1.2.1.1.1.0': sysDescr,
  '1.3.6.1.2.1.1.2.0': { oid: sysObjectID },
  '1.3.6.1.2.1.1.3.0': { ticks: 8_640_000 },
  '1.3.6.1.2.1.1.5.0': 'name',
  '1.3.6.1.2.1.1.7.0': sysServices,
});

async function read(habits: AgentHabits, to: Target = target()) {
  const agent = agentBehindAsker(habits);
  const findings = await reader.read(to, agent.ask);
  return { finding: findings[0], fields: findings[0]?.fields ?? {}, packets: agent.packets(), asked: agent.asked };
}

test('costs a silent device one packet, and one that mostly answers three', async () => {
  expect(await read({ versions: [] })).toMatchObject({ finding: undefined, packets: 1 });
  expect(await read({ versions: [] }, target({ kind: 'ups' }))).toMatchObject({ finding: undefined, packets: 3 });
});

test('costs a plain host four packets, and takes the addresses of its hardware only', async () => {
  const { finding, packets } = await read({
    objects: {
      ...system('Linux nas 5.10', '1.3.6.1.4.1.8072.3.2.10'),
      '1.3.6.1.2.1.2.2.1.2.1': 'lo',
      '1.3.6.1.2.1.2.2.1.2.2': 'eth0',
      '1.3.6.1.2.1.2.2.1.2.3': 'docker0',
      '1.3.6.1.2.1.2.2.1.2.4': 'wlan0',
      '1.3.6.1.2.1.2.2.1.3.1': 24,
      '1.3.6.1.2.1.2.2.1.3.2': 6,
      '1.3.6.1.2.1.2.2.1.3.3': 6,
      '1.3.6.1.2.1.2.2.1.3.4': 71,
      '1.3.6.1.2.1.2.2.1.6.1': '',
      '1.3.6.1.2.1.2.2.1.6.2': Buffer.from('001132aabbcc', 'hex'),
      '1.3.6.1.2.1.2.2.1.6.3': Buffer.from('024211223344', 'hex'),
      '1.3.6.1.2.1.2.2.1.6.4': Buffer.from('001132aabbcd', 'hex'),
    },
  });
  expect(packets).toBe(4);
  expect(finding).toMatchObject({
    port: 161,
    fields: { sysName: 'name', upTimeS: '86400', enterprise: '8072', interfaces: 'eth0, docker0, wlan0', snmpVersion: '2c' },
    identifiers: [
      { kind: 'mac', value: '00:11:32:aa:bb:cc' },
      { kind: 'mac', value: '00:11:32:aa:bb:cd' },
    ],
  });
  expect(finding).not.toHaveProperty('topology');
});

test('asks a printer twice more, for model, serial number and pages, and for its supplies', async () => {
  const { fields, packets, finding } = await read({
    objects: {
      ...system('Brother NC-8900w, Firmware Ver.Z', '1.3.6.1.4.1.2435.2.3.9.1'),
      '1.3.6.1.2.1.25.3.2.1.3.1': 'Brother DCP-L3550CDW series',
      '1.3.6.1.2.1.43.10.2.1.4.1.1': 4711,
      '1.3.6.1.4.1.2435.2.3.9.1.1.7.0': 'MFG:Brother;CMD:PJL;MDL:DCP-L3550CDW series;SN:E78098A0N123456;',
    },
  });
  expect(packets).toBe(3);
  expect(fields).toMatchObject({
    printerVendor: 'Brother',
    printerModel: 'Brother DCP-L3550CDW series',
    printerSerial: 'E78098A0N123456',
    pageCount: '4711',
  });
  expect(finding?.identifiers).toEqual([{ kind: 'serial', value: 'E78098A0N123456' }]);
});

test('learns from a UPS when its battery was replaced, and that it must be', async () => {
  const { fields, packets } = await read({
    objects: {
      ...system('APC Web/SNMP Management Card', '1.3.6.1.4.1.318.1.3.27'),
      '1.3.6.1.2.1.33.1.2.1.0': 2,
      '1.3.6.1.4.1.318.1.1.1.1.1.1.0': 'Smart-UPS 1500',
      '1.3.6.1.4.1.318.1.1.1.1.2.1.0': 'UPS 08.8',
      '1.3.6.1.4.1.318.1.1.1.2.1.1.0': 2,
      '1.3.6.1.4.1.318.1.1.1.2.1.3.0': '08/15/14',
      '1.3.6.1.4.1.318.1.1.1.2.2.1.0': 97,
      '1.3.6.1.4.1.318.1.1.1.2.2.4.0': 2,
    },
  });
  expect(packets).toBe(2);
  expect(fields).toMatchObject({
    upsModel: 'Smart-UPS 1500',
    upsFirmware: 'UPS 08.8',
    batteryReplacedOn: '2014-08-15',
    batteryStatus: 'replace',
    batteryChargePercent: '97',
  });
});

test.each(['15/08/14', '02/30/2020', '8/15/14', 'unknown'])('takes %s for no date', async (date) => {
  const { fields } = await read({
    objects: { ...system('APC', '1.3.6.1.4.1.318.1.3.27'), '1.3.6.1.4.1.318.1.1.1.2.1.3.0': date },
  });
  expect(fields).not.toHaveProperty('batteryReplacedOn');
});

test('asks a NAS that counts its disks which of them fail', async () => {
  // A disk that does not wear by writing says -1, which the fake agent cannot; it leaves it out.
  const disk = (i: number, name: string, status: number, life: number | undefined, health: number) => ({
    [`1.3.6.1.4.1.6574.2.1.1.2.${i}`]: name,
    [`1.3.6.1.4.1.6574.2.1.1.5.${i}`]: status,
    ...(life === undefined ? {} : { [`1.3.6.1.4.1.6574.2.1.1.11.${i}`]: life }),
    [`1.3.6.1.4.1.6574.2.1.1.13.${i}`]: health,
  });
  const nas = (...disks: object[]) => ({ objects: Object.assign(system('Linux Vault', '1.3.6.1.4.1.8072.3.2.10'), ...disks) });
  const volume = (status: number) => ({ '1.3.6.1.4.1.6574.3.1.1.2.0': 'Volume 1', '1.3.6.1.4.1.6574.3.1.1.3.0': status });
  const fine = disk(0, 'Disk 1', 1, undefined, 1);
  const broken = [
    fine,
    disk(1, 'Disk 2', 1, undefined, 4),
    disk(2, 'Disk 3', 5, undefined, 1),
    disk(3, 'SSD 1', 1, 5, 1),
    disk(4, 'SSD 2', 1, 6, 2),
  ];
  const bad = await read(nas(...broken, volume(11)), target({ vendor: 'Synology' }));
  expect(bad.fields).toMatchObject({
    disks: '5',
    disksFailing: 'Disk 2, Disk 3, SSD 1',
    disksWarned: 'SSD 2',
    volumesDegraded: 'Volume 1',
  });
  expect(bad.packets).toBeLessThanOrEqual(9);
  const { fields } = await read(nas(fine, volume(7)), target({ vendor: 'Synology' }));
  expect(fields).toMatchObject({ disks: '1' });
  expect(fields).not.toHaveProperty('disksFailing');
  expect(fields).not.toHaveProperty('volumesDegraded');
});

test('asks a NAS whose agent is somebody else’s for what its maker knows', async () => {
  const objects = {
    ...system('Linux Vault 4.4.302+', '1.3.6.1.4.1.8072.3.2.10'),
    '1.3.6.1.4.1.6574.1.5.1.0': 'DS418play',
    '1.3.6.1.4.1.6574.1.5.2.0': '17C0PEN012345',
    '1.3.6.1.4.1.6574.1.5.3.0': 'DSM 7.2-64570',
  };
  const { fields } = await read({ objects }, target({ vendor: 'Synology' }));
  expect(fields).toMatchObject({ vendorModel: 'DS418play', vendorSerial: '17C0PEN012345', vendorFirmware: 'DSM 7.2-64570' });
  expect((await read({ objects })).fields).not.toHaveProperty('vendorModel');
});

const forwarding = (count: number, root = '1.3.6.1.2.1.17.4.3.1.2') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${root}.0.17.50.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1 + (i % 24)]));

test('reads of a switch what hangs on which port, 512 addresses at most', async () => {
  const { finding, packets } = await read({ objects: { ...system('Switch', '1.3.6.1.4.1.9.1', 2), ...forwarding(900) } });
  expect(finding?.topology?.ports).toHaveLength(512);
  expect(finding?.topology?.ports.slice(0, 2)).toEqual([
    { mac: '00:11:32:00:00:00', port: 1 },
    { mac: '00:11:32:00:00:01', port: 2 },
  ]);
  expect(packets).toBeLessThanOrEqual(20);
});

test('reads the table by VLAN of a switch that fills no other', async () => {
  const { finding } = await read({
    objects: { ...system('Switch', '1.3.6.1.4.1.4526.1', 2), ...forwarding(3, '1.3.6.1.2.1.17.7.1.2.2.1.2.1') },
  });
  expect(finding?.topology?.ports).toHaveLength(3);
});

test('reads what a switch hears from its neighbours', async () => {
  const { finding } = await read({
    objects: {
      ...system('Switch', '1.3.6.1.4.1.9.1', 2),
      '1.0.8802.1.1.2.1.4.1.1.4.0.7.1': 4,
      '1.0.8802.1.1.2.1.4.1.1.5.0.7.1': Buffer.from('001132aabbcc', 'hex'),
      '1.0.8802.1.1.2.1.4.1.1.6.0.7.1': 7,
      '1.0.8802.1.1.2.1.4.1.1.7.0.7.1': 'eth0',
      '1.0.8802.1.1.2.1.4.1.1.9.0.7.1': 'n\u0007as',
    },
  });
  expect(finding?.topology?.neighbours).toEqual([{ localPort: 7, chassisId: '00:11:32:aa:bb:cc', portId: 'eth0', sysName: 'nas' }]);
});

test('reads an agent of version 1 without tripping over what it does not know', async () => {
  const { fields, packets } = await read(
    {
      versions: [0],
      objects: { ...system('HP ETHERNET MULTI-ENVIRONMENT', '1.3.6.1.4.1.11.2.3.9.1'), '1.3.6.1.2.1.43.5.1.1.17.1': 'CNB1234567' },
    },
    target({ kind: 'printer' }),
  );
  expect(fields).toMatchObject({ sysName: 'name', printerSerial: 'CNB1234567', snmpVersion: '1' });
  expect(packets).toBeLessThanOrEqual(13);
});

test('asks in smaller parts when the answer is too big for the agent', async () => {
  const { fields } = await read({ mostObjects: 2, objects: system('Tiny', '1.3.6.1.4.1.99999.1') });
  expect(fields).toMatchObject({ sysDescr: 'Tiny', sysName: 'name', sysServices: '72' });
});

test('tries only the communities it was told', async () => {
  const agent = agentBehindAsker({ community: 'house', objects: system('x', '1.3.6.1.4.1.9.1') });
  const told = snmpReader({ communities: ['wrong', 'house'], users: [] }, seededRandom('c'));
  expect((await told.read(target(), agent.ask))[0]?.fields).toMatchObject({ sysDescr: 'x' });
  expect((await read({ community: 'house', objects: system('x', '1.3.6.1.4.1.9.1') })).finding).toBeUndefined();
});

test('tells its communities and users to nobody but those that the house names', async () => {
  const settings = { communities: ['public', 'house'], users: [{ name: 'support' }], only: ['00:11:32:aa:bb:cc', '192.168.1.3'] };
  const told = snmpReader(settings, seededRandom('only'));
  const said = async (over: Partial<Target>): Promise<string> => {
    const sent: Uint8Array[] = [];
    const { ask } = agentBehindAsker({ versions: [] });
    const overhears: typeof ask = {
      ...ask,
      datagram(port, payload, options) {
        sent.push(payload);
        return ask.datagram(port, payload, options);
      },
    };
    await told.read(target(over), overhears);
    return sent.map((payload) => Buffer.from(payload).toString('latin1')).join('\n');
  };
  expect(await said({})).toContain('house');
  expect(await said({ ip: '192.168.1.3', mac: '00:11:32:00:00:01' })).toContain('house');
  const stranger = await said({ mac: '00:11:32:00:00:01', kind: 'switch' });
  expect(stranger).toContain('public');
  expect(stranger).not.toMatch(/house|support/);
});

const circle = (name: string) =>
  name.endsWith('.9') ? name.replace(/9$/, '1') : name.endsWith('.1.1') ? `${name.slice(0, -1)}9` : `${name}.1.1`;
const bulkOf = (names: readonly string[], binds: number) => Array.from({ length: binds }, (_, i) => names[i % names.length]!);

/** A row of the interfaces: name, type, then frames in and out, errors in and out, discards, wrong checksums, and when it lost count. */
const wired = (index: number, name: string, type: number, counts: readonly (number | undefined)[], discontinuity = 0) => {
  const columns = ['2.2.1.11', '2.2.1.17', '2.2.1.14', '2.2.1.20', '2.2.1.13', '10.7.2.1.3'];
  return {
    [`1.3.6.1.2.1.2.2.1.3.${index}`]: type,
    [`1.3.6.1.2.1.31.1.1.1.1.${index}`]: name,
    [`1.3.6.1.2.1.31.1.1.1.19.${index}`]: { ticks: discontinuity },
    ...Object.fromEntries(columns.flatMap((column, i) => (counts[i] === undefined ? [] : [[`1.3.6.1.2.1.${column}.${index}`, counts[i]]]))),
  };
};

test('reads of each wired port what it counted, and which port of the wiring it is', async () => {
  const objects = {
    ...system('Switch', '1.3.6.1.4.1.9.1', 2),
    ...wired(49, 'gi1', 6, [1_000, 2_000, 7, 1, 5, 6], 4_200),
    ...wired(50, 'gi2', 117, [10, 20, 0]),
    ...wired(51, 'radio', 71, [10, 20, 900]),
    ...wired(52, 'gi3', 6, [10, undefined, 3]),
    '1.3.6.1.2.1.17.1.4.1.2.1': 49,
  };
  const { finding } = await read({ objects });
  expect(finding?.ports).toEqual([
    {
      port: 'gi1',
      bridgePort: 1,
      discontinuity: 4_200,
      counts: { inFrames: 1_000, outFrames: 2_000, inErrors: 7, outErrors: 1, inDiscards: 5, fcsErrors: 6 },
    },
    { port: 'gi2', discontinuity: 0, counts: { inFrames: 10, outFrames: 20, inErrors: 0 } },
  ]);
});

test('tells ports of one name apart by their numbers', async () => {
  const objects = {
    ...system('Switch', '1.3.6.1.4.1.9.1', 2),
    ...wired(1, 'Port', 6, [9_000, 9_000, 900]),
    ...wired(2, 'Port', 6, [10, 20, 0]),
  };
  const { finding } = await read({ objects });
  expect(finding?.ports?.map(({ port }) => port)).toEqual(['#1', '#2']);
});

test.each<[string, string[], string[]]>([
  [
    'as their makers do',
    ['ether2', 'sfp-sfpplus1', 'GigabitEthernet1/0/7', 'enp3s0', '1:14'],
    ['ether2', 'sfp-sfpplus1', 'GigabitEthernet1/0/7', 'enp3s0', '1:14'],
  ],
  ['without what people added', ['ether2-Anna', 'ether3 Annas Laptop'], ['ether2', 'ether3']],
  ['by their numbers where a name is all of people', ['ether1', 'Anna 7', '2. Stock', '2'], ['ether1', '#2', '#3', '#4']],
])('calls ports %s', async (_, names, told) => {
  const ports = names.map((name, i) => wired(i + 1, name, 6, [10, 20, 0]));
  const { finding } = await read({ objects: { ...system('Switch', '1.3.6.1.4.1.9.1', 2), ...Object.assign({}, ...ports) } });
  expect(finding?.ports?.map(({ port }) => port)).toEqual(told);
});

test('reads 56 ports and 500 addresses of a large switch within what may be asked in a day', async () => {
  const ports = Array.from({ length: 60 }, (_, i) => wired(i + 1, `gi${i + 1}`, 6, [1_000, 2_000, 0, 0, 5, 0]));
  const many = { ...system('Switch', '1.3.6.1.4.1.9.1', 2), ...forwarding(500), ...Object.assign({}, ...ports) };
  const { finding, packets } = await read({ objects: many });
  expect(finding?.ports).toHaveLength(56);
  expect(finding?.topology?.ports).toHaveLength(500);
  expect(packets).toBeLessThanOrEqual(50);
});

const sensor = (index: number, type: number, scale: number, precision: number, value: number, status = 1) =>
  Object.fromEntries([type, scale, precision, value, status].map((cell, i) => [`1.3.6.1.2.1.99.1.1.1.${i + 1}.${index}`, cell]));

test.each<[string, Parameters<typeof target>[0], Record<string, number | string>, string | undefined]>([
  [
    'a switch by its sensors, the warmest that works',
    {},
    { ...sensor(1, 8, 9, 0, 41), ...sensor(2, 8, 8, 0, 52_300), ...sensor(3, 10, 9, 0, 99) },
    '52.3',
  ],
  [
    'a switch whose sensors are broken or not there',
    {},
    { ...sensor(1, 8, 9, 0, 90, 2), ...sensor(2, 8, 9, 0, 127), ...sensor(3, 8, 9, 1, 0) },
    undefined,
  ],
  ['an older switch of Cisco', { vendor: 'Cisco' }, { '1.3.6.1.4.1.9.9.13.1.3.1.3.1': 38 }, '38'],
  ['a NAS of Synology by its system', { vendor: 'Synology' }, { '1.3.6.1.4.1.6574.1.2.0': 44 }, '44'],
  [
    'a NAS of Synology by a disk that is warmer',
    { vendor: 'Synology' },
    { '1.3.6.1.4.1.6574.1.2.0': 44, '1.3.6.1.4.1.6574.2.1.1.6.0': 51 },
    '51',
  ],
  ['a NAS of QNAP, which tells it in words', { vendor: 'QNAP' }, { '1.3.6.1.4.1.24681.1.2.6.0': '46 C/114 F' }, '46'],
  ['a router of MikroTik, in tenths', { vendor: 'MikroTik' }, { '1.3.6.1.4.1.14988.1.1.3.10.0': 335 }, '33.5'],
  ['a UPS by its battery', { kind: 'ups' }, { '1.3.6.1.2.1.33.1.2.7.0': 29 }, '29'],
  ['a UPS without a sensor', { kind: 'ups' }, { '1.3.6.1.2.1.33.1.2.7.0': 255 }, undefined],
  ['a UPS that makes it up', { kind: 'ups' }, { '1.3.6.1.2.1.33.1.2.7.0': 2_000_000_000 }, undefined],
])('reads how warm it is from %s', async (_, to, objects, degrees) => {
  const { fields } = await read({ objects: { ...system('Box', '1.3.6.1.4.1.9.1', 2), ...objects } }, target(to));
  expect(fields.temperatureC).toBe(degrees);
});

test('reads how warm a computer is from what Net-SNMP knows', async () => {
  const { fields } = await read({
    objects: {
      ...system('Linux', '1.3.6.1.4.1.8072.3.2.10'),
      '1.3.6.1.4.1.2021.13.16.2.1.3.1': 47_500,
      '1.3.6.1.4.1.2021.13.16.2.1.3.2': 51_000,
    },
  });
  expect(fields.temperatureC).toBe('51');
});

/** Most packets: a switch costs nine when it is honest and empty. */
test.each<[string, number, AgentHabits['answers']]>([
  [
    'repeats the name it was asked for',
    9,
    (asked, right) =>
      asked.type === 'bulk'
        ? response(
            asked,
            bulkOf(asked.names, 24).map((name) => [name, encoded(1)]),
          )
        : right,
  ],
  [
    'goes round in a circle',
    10,
    (asked, right) =>
      asked.type === 'bulk'
        ? response(
            asked,
            bulkOf(asked.names, 24).map((name) => [circle(name), encoded(1)]),
          )
        : right,
  ],
  [
    'has a table without end',
    reader.budget.packets,
    (asked, right) =>
      asked.type === 'bulk'
        ? response(
            asked,
            asked.names.map((name) => [`${name}.1`, encoded('x'.repeat(200))]),
          )
        : right,
  ],
  ['refuses every table', 30, (asked, right) => (asked.type === 'bulk' ? response(asked, [], { status: 2, index: 1 }) : right)],
  ['calls everything too big', 30, (asked) => response(asked, [], { status: 1 })],
  ['falls silent after the first answer', 5, (asked, right) => (asked.names.includes('1.3.6.1.2.1.1.1.0') ? right : undefined)],
  ['answers with 64 KB', 3, () => Buffer.alloc(65_507, 0x30)],
])('is through with an agent that %s in %i packets', async (_, most, answers) => {
  const agent = agentBehindAsker({ objects: { ...system('Liar', '1.3.6.1.4.1.9.1', 2), ...forwarding(100) }, answers: answers! });
  const findings = await reader.read(target({ kind: 'switch' }), agent.ask);
  expect(agent.packets()).toBeLessThanOrEqual(most);
  expect(JSON.stringify(findings).length).toBeLessThan(64_000);
});

test.each<[string, (asked: Asked) => Asked]>([
  ['to another question', (asked) => ({ ...asked, requestId: asked.requestId ^ 1 })],
  ['in another version', (asked) => ({ ...asked, version: 0 })],
])('believes no answer %s', async (_, lie) => {
  const answers: AgentHabits['answers'] = (asked) => response(lie(asked), [['1.3.6.1.2.1.1.1.0', encoded('Liar')]]);
  expect((await read({ answers })).finding).toBeUndefined();
});

test('asks no one’s own things, no gadgets and no guests', () => {
  expect(reader.applies(target())).toBe(true);
  expect(reader.applies(target({ kind: 'printer' }))).toBe(true);
  for (const kind of ['phone', 'computer', 'light', 'plug', 'lock'] as const) expect(reader.applies(target({ kind }))).toBe(false);
  expect(reader.applies(target({ mac: '7a:11:22:33:44:55' }))).toBe(false);
  expect(reader.applies(target({ services: new Set(['_googlecast._tcp']) }))).toBe(false);
});

test('keeps text of LAN devices clean and takes bytes for no text', async () => {
  const { fields } = await read({
    objects: {
      ...system('a\u001b[31mb\r\nc\u0000rest', '1.3.6.1.4.1.9.1'),
      '1.3.6.1.2.1.1.5.0': Buffer.from([0, 1, 2, 3]),
      '1.3.6.1.2.1.1.6.0': Buffer.from('K\xfcche', 'latin1'),
    },
  });
  expect(fields).toMatchObject({ sysDescr: 'a[31mb c', sysLocation: 'Küche' });
  expect(fields).not.toHaveProperty('sysName');
});

test('takes no serial number that nobody wrote', async () => {
  for (const serial of ['N/A', '0000000000', 'To be filled by O.E.M.', '123456789', 'ABC']) {
    const { finding } = await read({
      objects: { ...system('Brother', '1.3.6.1.4.1.2435.2'), '1.3.6.1.2.1.43.5.1.1.17.1': serial },
    });
    expect(finding?.identifiers).toEqual([]);
  }
});
