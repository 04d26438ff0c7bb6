import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../src/agent/evidence/reader.ts';
import { snmpReader } from '../../../../src/agent/evidence/snmp.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { type AgentHabits, agentBehindAsker } from '../../../fakes/snmp-agent.ts';

const reader = snmpReader({ communities: ['public'], users: [] }, seededRandom('parts'));
type Objects = NonNullable<AgentHabits['objects']>;

async function read(objects: Objects, of: Partial<Target>, enterprise = '1.3.6.1.4.1.8072.3.2.10', deafTo?: string) {
  const system = { '1.3.6.1.2.1.1.1.0': 'Linux Vault', '1.3.6.1.2.1.1.2.0': { oid: enterprise }, '1.3.6.1.2.1.1.7.0': 72 };
  const isDeaf = (names: readonly string[]): boolean => deafTo !== undefined && names.some((name) => name.startsWith(deafTo));
  const agent = agentBehindAsker({
    objects: { ...system, ...objects },
    answers: ({ names }, right) => (isDeaf(names) ? undefined : right),
  });
  const target: Target = { interface: 'eth0', ip: '192.168.1.9', openPorts: [], services: new Set(), ...of };
  const [finding] = await reader.read(target, agent.ask);
  return { fields: finding?.fields ?? {}, packets: agent.packets(), asked: agent.asked };
}

/** A table as an agent has it: one object for each column of each row. */
const table = (root: string, rows: readonly (readonly (number | string | undefined)[])[], columns: readonly number[], first = 1): Objects =>
  Object.fromEntries(
    rows.flatMap((row, i) =>
      row.flatMap((value, at) => (value === undefined ? [] : [[`${root}.${columns[at]}.${first + i}`, value] as const])),
    ),
  );

describe('a Synology', () => {
  /** Twenty-two attributes a disk, as a drive of Western Digital has them. */
  const NUMBERS = [1, 3, 4, 5, 7, 9, 10, 11, 12, 192, 193, 194, 196, 197, 198, 199, 200, 240, 241, 242, 183, 184];
  const smart = (disks: readonly { name: string; hours: number; replaced: number; pending: number }[]): Objects =>
    table(
      '1.3.6.1.4.1.6574.5.1.1',
      disks.flatMap(({ name, hours, replaced, pending }) =>
        NUMBERS.map((number) => [name, `Attribute_${number}`, number, 100, { 9: hours, 5: replaced, 197: pending }[number] ?? 7, 'OK']),
      ),
      [2, 3, 4, 5, 8, 9],
      0,
    );
  const bays = (count: number): Objects => ({
    ...table(
      '1.3.6.1.4.1.6574.2.1.1',
      Array.from({ length: count }, (_, i) => [`Disk ${i + 1}`, 1, 34, 1]),
      [2, 5, 6, 13],
      0,
    ),
    '1.3.6.1.4.1.6574.3.1.1.2.0': 'Volume 1',
    '1.3.6.1.4.1.6574.3.1.1.3.0': 1,
  });

  it('tells the hours and bad sectors of each disk', async () => {
    const disks = [
      { name: '/dev/sata1', hours: 43_210, replaced: 8, pending: 0 },
      { name: '/dev/sata2', hours: 43_209, replaced: 0, pending: 2 },
    ];
    const { fields, packets } = await read({ ...bays(2), ...smart(disks) }, { vendor: 'Synology' });
    expect(fields).toMatchObject({ disks: '2', diskWear: 'sata1 43210/8/0, sata2 43209/0/2' });
    expect(packets).toBeLessThanOrEqual(10);
  });

  it('of eight disks is asked for 176 attributes by their numbers first, within the budget', async () => {
    const disks = Array.from({ length: 8 }, (_, i) => ({ name: `/dev/sata${i + 1}`, hours: 1_000 + i, replaced: 0, pending: 0 }));
    const { fields, packets } = await read({ ...bays(8), ...smart(disks) }, { vendor: 'Synology' });
    expect(fields.diskWear?.split(', ')).toHaveLength(8);
    expect(packets).toBeLessThanOrEqual(20);
  });

  it('whose raw values cannot be hours or sectors has told none; a name with blanks stays one word', async () => {
    const disks = [{ name: 'USB, 1 / a', hours: 168_000_000, replaced: 2_000_000, pending: 3 }];
    const { fields } = await read({ ...bays(1), ...smart(disks) }, { vendor: 'Synology' });
    expect(fields.diskWear).toBe('USB-1-a -/-/3');
  });

  it.each([
    ['its disks', '1.3.6.1.4.1.6574.3', { disks: '1', disksUnheard: 'yes' }],
    ['their attributes', '1.3.6.1.4.1.6574.5.1.1.8', { disks: '1', wearUnheard: 'yes' }],
  ])('that does not answer about %s is known not to have been heard', async (_, deafTo, told) => {
    const disks = [{ name: '/dev/sata1', hours: 1_000, replaced: 0, pending: 0 }];
    const { fields } = await read({ ...bays(1), ...smart(disks) }, { vendor: 'Synology' }, undefined, deafTo);
    expect(fields).toMatchObject(told);
    expect('wearUnheard' in fields).toBe(fields.diskWear === undefined);
  });

  it('without that table has told nothing of it', async () => {
    const { fields } = await read(bays(1), { vendor: 'Synology' });
    for (const field of ['diskWear', 'wearUnheard', 'disksUnheard']) expect(fields).not.toHaveProperty(field);
  });
});

describe('a QNAP', () => {
  it('tells in words which of its disks fail, or are doubtful, and the warmest; an empty bay is none', async () => {
    const rows = [
      ['HDD1', '38 C/100 F', 0, 'GOOD'],
      ['HDD2', '44 C/111 F', 0, 'Abnormal'],
      ['HDD3', '-- C/-- F', undefined, '--'],
      ['HDD4', '40 C/104 F', 0, 'Warning'],
    ];
    const { fields } = await read(table('1.3.6.1.4.1.24681.1.2.11.1', rows, [2, 3, 4, 7]), { vendor: 'QNAP' });
    expect(fields).toMatchObject({ disks: '4', disksFailing: 'HDD2', disksWarned: 'HDD4', temperatureC: '44' });
  });

  it('of a newer kind tells it in numbers', async () => {
    const rows = [
      ['1', 0, 38],
      ['2', 1, 39],
      ['3', 2, 40],
    ];
    const { fields } = await read(table('1.3.6.1.4.1.24681.1.4.1.1.1.1.5.2.1', rows, [2, 5, 6]), { vendor: 'QNAP' });
    expect(fields).toMatchObject({ disks: '3', disksFailing: '3', disksWarned: '2' });
  });

  it('whose disks are well says no more', async () => {
    const { fields } = await read(table('1.3.6.1.4.1.24681.1.2.11.1', [['HDD1', '38 C/100 F', 0, 'Normal']], [2, 3, 4, 7]), {
      vendor: 'QNAP',
    });
    expect(fields).not.toHaveProperty('disksFailing');
    expect(fields).not.toHaveProperty('disksWarned');
  });
});

describe('a printer', () => {
  /** Class, type, name, unit, capacity, level. */
  const supplies = (...rows: readonly (readonly (number | string)[])[]): Objects =>
    table('1.3.6.1.2.1.43.11.1.1', rows, [4, 5, 6, 7, 8, 9]);
  const BROTHER = '1.3.6.1.4.1.2435.2.3.9.1';
  const HP = '1.3.6.1.4.1.11.2.3.9.1';

  it('tells its parts apart from what every page uses up', async () => {
    const { fields, packets } = await read(
      supplies(
        [3, 3, 'Black Toner Cartridge', 7, 3000, 900],
        [3, 9, 'Drum Unit', 7, 12_000, 1_234],
        [3, 20, 'Belt Unit', 7, 50_000, 48_001],
        [3, 15, 'Fuser Unit', 7, 50_000, 50_000],
        [4, 4, 'Waste Toner Box', 7, 50_000, 20_000],
      ),
      { kind: 'printer' },
      BROTHER,
    );
    expect(fields).toMatchObject({
      printerParts: 'Drum Unit=11; Belt Unit=97; Fuser Unit=100',
      printerSupplies: 'Black Toner Cartridge=30; Waste Toner Box=40',
    });
    expect(packets).toBeLessThanOrEqual(5);
  });

  it('of a maker that calls its kits "other" is known by their names, and four drums of one name are four', async () => {
    const { fields } = await read(
      supplies(
        [3, 1, 'Maintenance Kit HP 110V-F2G76A, 220V-F2G77A', 19, 100, 4],
        [3, 1, 'Document Feeder Kit HP L2725A', 19, 100, 95],
        [3, 1, 'Image Drum Unit', 1, 20_000, 409],
        [3, 1, 'Image Drum Unit', 1, 20_000, 7_969],
        [3, 1, 'Staple Cartridge', 19, 100, 50],
        [4, 1, 'Drum Waste Box', 19, 100, 3],
        [3, 5, 'black ink', 19, 100, 0],
      ),
      { kind: 'printer' },
      HP,
    );
    expect(fields.printerParts).toBe(
      'Maintenance Kit HP 110V-F2G76A=4; Document Feeder Kit HP L2725A=95; Image Drum Unit=3; Image Drum Unit 2=40',
    );
    expect(fields.printerSupplies).toBe('Staple Cartridge=50; Drum Waste Box=3; black ink=0');
  });

  it('that does not know how much is left has told nothing of it', async () => {
    const { fields } = await read(
      supplies([3, 9, 'Drum Unit', 7, 12_000, 12_001], [3, 9, 'Drum 2', 7, 12_000]),
      { kind: 'printer' },
      BROTHER,
    );
    expect(fields).not.toHaveProperty('printerParts');
  });
});
