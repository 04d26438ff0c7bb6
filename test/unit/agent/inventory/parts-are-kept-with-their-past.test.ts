import { describe, expect, it } from 'vitest';
import type { EvidenceSighting } from '../../../../src/agent/discovery/sighting.ts';
import { type Reported, type Reports, withReport } from '../../../../src/agent/inventory/reports.ts';

const T0 = Date.parse('2026-09-01T12:00:00Z');
const DAY_MS = 86_400_000;

/** What is kept after each day's answer of the agent. */
function afterDays(...answers: readonly (readonly [day: number, fields: Record<string, string>])[]): {
  says: Reported;
  wornSince?: number;
} {
  let device: { reports?: Reports } = {};
  for (const [day, fields] of answers) {
    const at = { wallMs: T0 + day * DAY_MS, monoMs: day * DAY_MS };
    const sighting: EvidenceSighting = {
      method: 'snmp',
      reader: 'snmp',
      interface: 'eth0',
      ip: '192.168.1.9',
      at,
      fields,
      identifiers: [],
    };
    device = withReport(device, sighting);
  }
  return device.reports?.snmp as { says: Reported; wornSince?: number };
}

const wear = (diskWear: string) => ({ diskWear });
const parts = (printerParts: string) => ({ printerParts });

describe('bad sectors', () => {
  it('are kept with the number from which they grew, however long they grow', () => {
    const { says, wornSince } = afterDays([0, wear('sata1 100/2/0')], [30, wear('sata1 820/2/1')], [200, wear('sata1 4900/9/3')]);
    expect(says.disks).toEqual([{ name: 'sata1', hours: 4900, bad: 12, from: { at: T0, bad: 2 } }]);
    expect(wornSince).toBe(T0 + 30 * DAY_MS);
  });

  it('that stay the same are no growth, and what they grow from moves on with the months', () => {
    const { says, wornSince } = afterDays([0, wear('sata1 100/8/0')], [50, wear('sata1 1300/8/0')], [100, wear('sata1 2500/8/0')]);
    expect(says.disks).toEqual([{ name: 'sata1', hours: 2500, bad: 8, from: { at: T0 + 100 * DAY_MS, bad: 8 } }]);
    expect(wornSince).toBeUndefined();
  });

  it.each([
    ['another disk is in the bay', 'sata1 12/5/0'],
    ['those that waited could be written again', 'sata1 900/0/0'],
  ])('begin anew where %s', (_, now) => {
    const { says, wornSince } = afterDays([0, wear('sata1 100/2/0')], [10, wear('sata1 340/4/0')], [11, wear(now)]);
    expect(says.disks?.[0]?.from?.at).toBe(T0 + 11 * DAY_MS);
    expect(wornSince).toBeUndefined();
  });

  it('are not compared with those of an answer that told only a part of them', () => {
    const { says, wornSince } = afterDays([0, wear('sata1 100/8/-')], [1, wear('sata1 124/8/40')], [2, wear('sata1 148/8/40')]);
    expect(says.disks).toEqual([{ name: 'sata1', hours: 148, bad: 48, from: { at: T0 + DAY_MS, bad: 48 } }]);
    expect(wornSince).toBeUndefined();
  });

  it('stay what they were on a day on which the agent broke off', () => {
    const { says, wornSince } = afterDays(
      [0, wear('sata1 100/2/0')],
      [9, wear('sata1 316/30/0')],
      [10, { wearUnheard: 'yes', pageCount: '1' }],
    );
    expect(says.disks).toEqual([{ name: 'sata1', hours: 316, bad: 30, from: { at: T0, bad: 2 } }]);
    expect(wornSince).toBe(T0 + 9 * DAY_MS);
  });

  it.each(['', 'sata1', 'sata1 1/2', 'sata1 -1/0/0', 'a b 1/2/3', 'sata1 9999999/0/0'])('are not in "%s"', (text) => {
    expect(afterDays([0, { ...wear(text), pageCount: '1' }]).says).toEqual({ pages: 1 });
  });
});

describe('a disk that fails', () => {
  const failing = { disks: '2', disksFailing: 'Disk 2' };

  it('fails on while the agent breaks off, and no more once it says that all are well', () => {
    const brokenOff = afterDays([0, failing], [1, { disksUnheard: 'yes', pageCount: '1' }]);
    expect(brokenOff).toMatchObject({ wornSince: T0, says: { disksFailing: 'Disk 2' } });
    const well = afterDays([0, failing], [1, { disks: '2', pageCount: '1' }]);
    expect(well.says).not.toHaveProperty('disksFailing');
    expect(well.wornSince).toBeUndefined();
  });
});

describe('the parts of a printer', () => {
  it('are believed to wear once less is left of them than before', () => {
    const first = afterDays([0, parts('Drum=4; Fuser=80')]);
    expect(first.says.parts).toEqual([
      { name: 'Drum', percent: 4 },
      { name: 'Fuser', percent: 80 },
    ]);
    const { says, wornSince } = afterDays([0, parts('Drum=6')], [1, parts('Drum=5')], [2, parts('Drum=5')]);
    expect(says.parts).toEqual([{ name: 'Drum', percent: 5, isFalling: true }]);
    expect(wornSince).toBe(T0 + DAY_MS);
  });

  it('are those of the day before where the agent broke off', () => {
    const { says } = afterDays(
      [0, parts('Drum=6; Fuser=80')],
      [1, parts('Drum=5; Fuser=79')],
      [2, { ...parts('Drum=4'), suppliesUnheard: 'yes' }],
    );
    expect(says.parts).toEqual([
      { name: 'Drum', percent: 4, isFalling: true },
      { name: 'Fuser', percent: 79, isFalling: true },
    ]);
  });

  it('that are new again have not fallen', () => {
    const { says, wornSince } = afterDays([0, parts('Drum=6')], [1, parts('Drum=0')], [2, parts('Drum=100')]);
    expect(says.parts).toEqual([{ name: 'Drum', percent: 100 }]);
    expect(wornSince).toBeUndefined();
  });

  it.each(['Drum', 'Drum=', 'Drum=101', '=5'])('are not in "%s"', (text) => {
    expect(afterDays([0, { ...parts(text), pageCount: '1' }]).says).toEqual({ pages: 1 });
  });
});
