import { describe, expect, it } from 'vitest';
import type { Reported } from '../../../../src/agent/inventory/reports.ts';
import { compileCatalogue } from '../../../../src/agent/lifecycle/catalogue.ts';
import { madeBySerial, madeOf, oldestTrace, serialSchemeSchema } from '../../../../src/agent/lifecycle/made.ts';
import { ageOf } from '../../../../src/agent/lifecycle/service-life.ts';
import { evidenceOn, verdictFor } from '../../../../src/agent/lifecycle/standing.ts';
import { firstMomentOf } from '../../../../src/base/partial-date.ts';
import { readGrounds, readSerialSchemes } from '../../../../src/platform/lifecycle-files.ts';

const TODAY = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;
const schemes = readSerialSchemes();
const said = (says: Reported) => ({ snmp: { at: TODAY, says } });

describe('a serial number', () => {
  it.each(schemes.flatMap((scheme) => scheme.examples.map((example) => [scheme.id, example.serial, example.made, scheme] as const)))(
    'of %s: %s was made on %s',
    (_, serial, made, scheme) => {
      expect(serialSchemeSchema.safeParse(scheme).error).toBeUndefined();
      // Where only the last digit of the year is told, as it would have been read five years later.
      const now = scheme.decade ? firstMomentOf(made) + 5 * 366 * DAY_MS : TODAY;
      const { from, to } = madeBySerial(serial, scheme, now)!;
      expect([
        from <= firstMomentOf(made),
        firstMomentOf(made) <= to,
        to - from <= (31 + 366 * (scheme.spreadYears ?? 0)) * DAY_MS,
      ]).toEqual([true, true, true]);
    },
  );

  it.each(schemes.flatMap((scheme) => scheme.counterExamples.map((serial) => [scheme.id, serial, scheme] as const)))(
    'of %s: %s says nothing',
    (_, serial, scheme) => expect(madeBySerial(serial, scheme, TODAY)).toBeUndefined(),
  );

  it('of another maker, or of one that explains nothing, says nothing', () => {
    expect(madeOf({ vendor: 'Netgear', serial: 'SAD08300D4W' }, schemes, TODAY)).toBeUndefined();
    expect(madeOf({ vendor: 'Cisco', serial: 'SAD08300D4W' }, schemes, TODAY)?.by).toBe('made 2004 or 2005 by its serial number');
  });

  it('that tells only the last digit of the year makes nothing older than it is', () => {
    const made = (serial: string) => madeOf({ vendor: 'Brother', serial }, schemes, TODAY);
    expect(made('E78098L0N123456')?.by).toBe('made 2020, or ten years before, by its serial number');
    expect(made('E78098L6N123456')).toMatchObject({
      from: Date.parse('2026-11-01'),
      by: 'made 2026, or ten years before, by its serial number',
    });
    expect(made('E78098M6N123456')).toMatchObject({
      from: Date.parse('2016-12-01'),
      by: 'made 2016, or ten years before, by its serial number',
    });
  });

  it('says less than what the device knows itself, and the UPS beside it says nothing of it', () => {
    const device = { vendor: 'APC', serial: '9B2416A22014' };
    expect(madeOf({ ...device, reports: said({ madeOn: '2019-05-03' }) }, schemes, TODAY)?.by).toBe('made 2019-05-03, as it says itself');
    expect(madeOf({ ...device, reports: said({ madeOn: '2019-05-03', of: 'Back-UPS' }) }, schemes, TODAY)?.by).toBe(
      'made 2024 by its serial number',
    );
  });
});

describe('a certificate that a device made itself', () => {
  const trace = (from: string, more: object = { isOwn: true }) =>
    oldestTrace(said({ certificate: { from: Date.parse(from), until: TODAY, isSelfSigned: true, subject: '', issuer: '', ...more } }));

  it('is a trace of it', () =>
    expect(trace('2019-05-03T08:15:11Z')).toEqual({ at: Date.parse('2019-05-03T08:15:11Z'), by: 'its own certificate is of 2019-05-03' }));

  it.each([
    ['2017-01-01T00:00:00Z', { isOwn: true }],
    ['2018-01-01T00:03:12Z', { isOwn: true }],
    ['2019-05-03T00:00:00Z', { isOwn: true }],
    ['2000-02-03T08:15:11Z', { isOwn: true }],
    ['2019-05-03T08:15:11Z', {}],
    ['2019-05-03T08:15:11Z', { isOwn: true, isSelfSigned: false }],
  ])('of %s with %j is none: a clock that was not set, or not of this one device', (from, more) =>
    expect(trace(from, more)).toBeUndefined(),
  );
});

describe('an age', () => {
  const firstSeenAt = Date.parse('2026-01-10');
  const made = { from: Date.parse('2017-03-01'), to: Date.parse('2017-03-22'), by: 'made 2017 by its serial number' };

  it('is bounded by what people said, and by nothing else then', () => {
    expect(ageOf({ firstSeenAt, installed: '2020', made }, TODAY)).not.toHaveProperty('made');
  });

  it('has the day it was made beside the day it was first seen, and a trace only where it is older', () => {
    const age = ageOf({ firstSeenAt, made, trace: { at: Date.parse('2019-05-03'), by: 'x' } }, TODAY);
    expect(age).toMatchObject({ from: 'first seen by the hub 2026-01-10', made: { from: made.by }, trace: { from: 'x' } });
    expect(age?.made?.atMost).toBeCloseTo(9.73, 1);
    expect(ageOf({ firstSeenAt, trace: { at: firstSeenAt + 1, by: 'x' } }, TODAY)).not.toHaveProperty('trace');
  });

  it('that only the day of making gives is for the desk to find out, never for a client', () => {
    const grounds = { catalogue: compileCatalogue([]), ...readGrounds(), now: { at: TODAY, isSure: true } };
    const device = {
      id: 'd',
      vendor: 'Cisco',
      kind: 'router' as const,
      serial: 'FOC15300D4W',
      because: [],
      macs: [],
      ips: ['192.168.1.1'],
      personal: false,
      firstSeenAt,
    };
    const verdict = (more: object) => verdictFor({ ...device, ...more }, evidenceOn({ ...device, ...more }, grounds), grounds.now);
    expect(verdict({})).toMatchObject({
      state: 'check',
      tell: 'desk',
      why: 'Home Wi-Fi router, made 2011 or 2012 by its serial number: it may be 15 years old, and they usually last 3 to 6.',
      toDo: 'Find out when it was put in. Then say it: hearthbeat device set 192.168.1.1 installed=...',
    });
    expect(verdict({ installed: '2024' })).toBeUndefined();
    expect(verdict({ serial: undefined })).toBeUndefined();
  });

  it('of what counts from its making is that of its making', () => {
    const grounds = { catalogue: compileCatalogue([]), ...readGrounds(), now: { at: TODAY, isSure: true } };
    const device = {
      id: 'd',
      kind: 'smoke-alarm' as const,
      because: [],
      macs: [],
      ips: [],
      personal: false,
      firstSeenAt,
      reports: said({ madeOn: '2016-01-05' }),
    };
    expect(verdictFor(device, evidenceOn(device, grounds), grounds.now)).toMatchObject({ state: 'at-risk', critical: true });
  });
});
