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

test('costs a plain host two packets, and takes the addresses of its hardware only', async () => {
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
  expect(packets).toBe(2);
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

test('asks a printer once more, for model, serial number and pages', async () => {
  const { fields, packets, finding } = await read({
    objects: {
      ...system('Brother NC-8900w, Firmware Ver.Z', '1.3.6.1.4.1.2435.2.3.9.1'),
      '1.3.6.1.2.1.25.3.2.1.3.1': 'Brother DCP-L3550CDW series',
      '1.3.6.1.2.1.43.10.2.1.4.1.1': 4711,
      '1.3.6.1.4.1.2435.2.3.9.1.1.7.0': 'MFG:Brother;CMD:PJL;MDL:DCP-L3550CDW series;SN:E78098A0N123456;',
    },
  });
  expect(packets).toBe(2);
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
  expect(bad.fields).toMatchObject({ disks: '5', disksFailing: 'Disk 2, Disk 3, SSD 1', volumesDegraded: 'Volume 1' });
  expect(bad.packets).toBeLessThanOrEqual(8);
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
  expect(packets).toBeLessThanOrEqual(18);
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
  expect(packets).toBeLessThanOrEqual(10);
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

/** Most packets: a switch costs six when it is honest and empty. */
test.each<[string, number, AgentHabits['answers']]>([
  [
    'repeats the name it was asked for',
    6,
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
