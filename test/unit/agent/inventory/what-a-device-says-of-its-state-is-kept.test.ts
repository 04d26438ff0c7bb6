import { describe, expect, it } from 'vitest';
import type { EvidenceSighting } from '../../../../src/agent/discovery/sighting.ts';
import { type Reports, unitedReports, withReport } from '../../../../src/agent/inventory/reports.ts';

const T0 = Date.parse('2026-11-22T12:00:00Z');
const HOUR_MS = 3_600_000;

const told = (reader: string, fields: Record<string, string>, atMs = 0, port = 443): EvidenceSighting => ({
  method: 'api',
  reader,
  interface: 'eth0',
  ip: '192.168.77.41',
  at: { wallMs: T0 + atMs, monoMs: atMs },
  port,
  fields,
  identifiers: [],
});
const kept = (...sightings: EvidenceSighting[]): Reports | undefined =>
  sightings.reduce<{ reports?: Reports }>((device, sighting) => withReport(device, sighting), {}).reports;

describe('what a device says of its state', () => {
  it('is kept typed, by who told it', () => {
    expect(
      kept(
        told('snmp', { sysDescr: 'APC', batteryStatus: 'normal', batteryReplacedOn: '2022-05-03', batteryMinutes: '42', pageCount: '12' }),
        told('pjlink', { lampHours: '3821', faults: 'lamp' }),
        told('tls', {
          validFrom: '1700000000000',
          validTo: '1800000000000',
          selfSigned: 'no',
          subject: 'CN=nas',
          issuer: "CN=R11,O=Let's Encrypt",
        }),
      ),
    ).toEqual({
      snmp: { at: T0, says: { batteryReplace: false, batterySince: '2022-05-03', batteryMinutes: 42, pages: 12 } },
      pjlink: { at: T0, wornSince: T0, says: { lampHours: 3821, faults: 'lamp' } },
      'tls:443': {
        at: T0,
        says: {
          certificate: {
            from: 1_700_000_000_000,
            until: 1_800_000_000_000,
            isSelfSigned: false,
            subject: 'CN=nas',
            issuer: "CN=R11,O=Let's Encrypt",
          },
        },
      },
    });
  });

  it.each([
    ['snmp', { sysDescr: 'Linux Vault 4.4.302+ #69057 SMP Fri Jan 12 17:02:28 CST 2024 x86_64' }, '2024-01-12'],
    ['snmp', { sysDescr: 'Linux rt 2.6.36 #1 Tue Mar  5 12:00:00 2019 mips' }, '2019-03-05'],
    ['snmp', { sysDescr: 'Linux rt #1 Tue Foo 45 12:00:00 UTC 2019' }, undefined],
    ['snmp', { sysDescr: 'Linux rt #1 Thu Jan 1 00:00:00 UTC 1970' }, undefined],
    ['soundtouch', { type: 'SoundTouch 20', softwareVersion: '27.0.6 epdbuild.trunk.hepdswbld04.2022-08-04T11:20:29' }, '2022-08-04'],
    ['shelly', { type: 'SHSW-25', fw: '20230913-112003/v1.14.0-gcb84623' }, '2023-09-13'],
    ['shelly', { model: 'SNSW-001X16EU', ver: '1.4.4' }, undefined],
  ] as [string, Record<string, string>, string | undefined][])(
    'has the day its firmware was built, by %s of %j: %s',
    (reader, fields, day) => {
      expect(kept(told(reader, fields))?.[reader]?.says.firmwareOn).toBe(day);
    },
  );

  it('is not taken from evidence of who it is', () => {
    expect(kept(told('http', { title: 'x', batteryStatus: 'replace' }), told('snmp', { sysDescr: 'Linux' }))).toBeUndefined();
  });

  it('is the same object until something new is said or half a day has passed', () => {
    const device = withReport({}, told('nut', { upsModel: 'Back-UPS', batteryStatus: 'normal' }));
    const again = (atMs: number): object => withReport(device, told('nut', { upsModel: 'Back-UPS', batteryStatus: 'normal' }, atMs));
    expect(again(11 * HOUR_MS)).toBe(device);
    expect(again(12 * HOUR_MS)).not.toBe(device);
  });

  it('that its battery must be replaced is dated by the first time in a row', () => {
    const wants = (atMs: number): EvidenceSighting => told('nut', { batteryStatus: 'replace' }, atMs);
    expect(kept(wants(0), wants(24 * HOUR_MS))?.nut).toMatchObject({ at: T0 + 24 * HOUR_MS, wornSince: T0 });
    expect(kept(wants(0), told('nut', { batteryStatus: 'normal' }, HOUR_MS), wants(24 * HOUR_MS))?.nut?.wornSince).toBe(T0 + 24 * HOUR_MS);
  });

  it('never is a day that only the factory can have meant', () => {
    const days = (batteryReplacedOn: string, batteryMadeOn: string) =>
      kept(told('nut', { batteryReplacedOn, batteryMadeOn, upsMadeOn: '2024-04-23' }))?.nut?.says;
    expect(days('2001-09-25', '2001-01-01')).toEqual({ madeOn: '2024-04-23' });
    expect(days('2019-02-01', '2018-01-01')).toEqual({ madeOn: '2024-04-23' });
    expect(days('2025-02-01', '2024-04-23')).toEqual({ madeOn: '2024-04-23', batterySince: '2025-02-01', batteryMadeOn: '2024-04-23' });
  });

  it('has at most six sources, the newest, also of two devices that were one', () => {
    const many = Array.from({ length: 9 }, (_, i) =>
      told('tls', { validFrom: '1', validTo: `${i + 2}`, selfSigned: 'yes', subject: '', issuer: '' }, i, 440 + i),
    );
    expect(Object.keys(kept(...many) ?? {})).toHaveLength(6);
    const one = kept(told('snmp', { pageCount: '1' }, 5), ...many.slice(0, 5));
    const other = kept(told('snmp', { pageCount: '2' }, 9));
    expect(unitedReports(one, other).reports).toMatchObject({ snmp: { says: { pages: 2 } } });
    expect(unitedReports(undefined, undefined)).toEqual({});
  });
});
