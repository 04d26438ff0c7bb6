import { describe, expect, it } from 'vitest';
import type { DeviceKind } from '../../../../src/agent/inventory/kinds.ts';
import type { Report, Reported, ReportedCertificate } from '../../../../src/agent/inventory/reports.ts';
import { compileCatalogue } from '../../../../src/agent/lifecycle/catalogue.ts';
import { livesOfParts } from '../../../../src/agent/lifecycle/service-life.ts';
import { evidenceOn, verdictFor } from '../../../../src/agent/lifecycle/standing.ts';
import { timelineOf } from '../../../../src/agent/lifecycle/timeline.ts';
import { toldBy } from '../../../../src/agent/lifecycle/told-verdicts.ts';
import { tracksOf } from '../../../../src/agent/lifecycle/tracks.ts';
import { readGrounds, readServiceLives } from '../../../../src/platform/lifecycle-files.ts';

const TODAY = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;
const NOW = { at: TODAY, isSure: true };
const parts = livesOfParts(readServiceLives());

/** Told an hour ago; `wornDays`: since so many days it says that something is worn. */
const report = (says: Reported, wornDays?: number): Report => ({
  at: TODAY - 3_600_000,
  ...(wornDays === undefined ? {} : { wornSince: TODAY - 3_600_000 - wornDays * DAY_MS }),
  says,
});
const told = (source: string, one: Report, now = NOW, device: { kind?: DeviceKind; name?: string } = {}) =>
  toldBy({ ...device, reports: { [source]: one } }, parts, now);
const verdictOf = (...args: Parameters<typeof told>) => told(...args).ends[0]?.verdict;

describe('a battery', () => {
  it('that says twice, a day apart, that it must be replaced is due; after the first time the desk is told to wait', () => {
    expect(verdictOf('nut', report({ of: 'Back-UPS RS 1200G', batteryReplace: true }, 1))).toEqual({
      state: 'due',
      critical: false,
      tell: 'client',
      why: 'The battery of the UPS "Back-UPS RS 1200G" on it must be replaced: it says so itself since 2026-11-21.',
      grade: 'told by the device',
      toDo: 'Replace the battery.',
      source: { title: 'its answer by Network UPS Tools', readOn: '2026-11-22' },
      facts: [],
    });
    expect(verdictOf('nut', report({ batteryReplace: true }, 0))).toMatchObject({ state: 'check', tell: 'desk' });
  });

  it('that failed its self-test is due at once', () => {
    expect(verdictOf('snmp', report({ selfTest: 'failed', selfTestOn: '2026-11-20' }, 0))).toMatchObject({
      state: 'due',
      tell: 'client',
      why: 'Its battery failed its self-test on 2026-11-20: in a power cut it may not hold.',
    });
  });

  it.each([
    [{ batterySince: '2024-01-10' }, undefined, undefined],
    [{ batterySince: '2023-11-10' }, 'plan', 365],
    [{ batterySince: '2022-11-10' }, 'due', 0],
    [{ batterySince: '2022-11-10', batteryKind: 'lithium' }, undefined, undefined],
    [{ batteryMadeOn: '2018-03-23' }, 'due', 0],
    [{ batterySince: '2025-11-10', batteryMadeOn: '2018-03-23' }, undefined, undefined],
    [{ batteryReplace: false, selfTest: 'passed' }, undefined, undefined],
  ] as [Reported, string | undefined, number | undefined][])('of %j is %s', (says, state, stage) => {
    const [end] = told('snmp', report(says)).ends;
    expect([end?.verdict.state, end?.stage]).toEqual([state, stage]);
  });

  it('has no age where the clock is not sure, and no flag that was told a month ago', () => {
    expect(verdictOf('snmp', report({ batterySince: '2018-01-01' }), { at: TODAY, isSure: false })).toBeUndefined();
    expect(verdictOf('snmp', { ...report({ batteryReplace: true }, 9), at: TODAY - 31 * DAY_MS })).toBeUndefined();
  });
});

describe('a disk', () => {
  it('that fails, or a volume without its spare, is due, with the copy first', () => {
    expect(verdictOf('snmp', report({ disksFailing: 'Disk 2', volumesDegraded: 'Volume 1' }, 1))).toMatchObject({
      state: 'due',
      tell: 'client',
      why: 'Disk 2 failed or is about to, and Volume 1 would not survive one more failed disk: so it says itself since 2026-11-21.',
      toDo: 'See that there is a copy of what is on it, then replace the disk.',
    });
    expect(told('snmp', report({ volumesDegraded: 'Volume 1' }, 1)).ends).toMatchObject([
      { cause: 'replace', name: 'disk-2026-11-21', stage: 0 },
    ]);
  });
});

describe('a disk that does not fail yet', () => {
  const from = { at: TODAY - 40 * DAY_MS, bad: 2 };
  const grown = (bad: number, more: Reported = {}) =>
    verdictOf(
      'snmp',
      report(
        {
          disks: [
            { name: 'sata1', hours: 43_210, bad: 3, from: { ...from, bad: 3 } },
            { name: 'sata2', bad, from },
          ],
          ...more,
        },
        3,
      ),
    );

  it('whose bad sectors grow needs a plan, and is due once there are many more', () => {
    expect(grown(4)).toMatchObject({ state: 'plan', why: 'Bad sectors of sata2 grew from 2 to 4 since 2026-10-13.' });
    expect(grown(11)).toMatchObject({ state: 'plan' });
    expect(grown(12)).toMatchObject({ state: 'due', toDo: 'See that there is a copy of what is on it, then replace the disk.' });
  });

  it('whose bad sectors are as many as they were is no news', () => {
    expect(grown(2)).toBeUndefined();
  });

  it('of which its firmware warns needs a plan', () => {
    expect(grown(2, { disksWarned: 'HDD4' })).toMatchObject({ state: 'plan', tell: 'client', why: 'Its firmware warns of HDD4.' });
    expect(grown(4, { disksWarned: 'HDD4' })?.why).toBe(
      'Bad sectors of sata2 grew from 2 to 4 since 2026-10-13, and its firmware warns of HDD4.',
    );
    expect(grown(4, { disksFailing: 'HDD2' })?.why).toMatch(/^HDD2 failed or is about to/);
  });
});

describe('a part of a printer', () => {
  const part = (percent: number, days = 3, isFalling = true) =>
    told(
      'snmp',
      report(
        {
          parts: [
            { name: 'Fuser', percent: 60 },
            { name: 'Drum Unit', percent, ...(isFalling ? { isFalling } : {}) },
          ],
        },
        days,
      ),
    ).ends[0];

  it('that nears its end is to be planned for, and due when it is used up and was so a day before', () => {
    expect(part(6)).toBeUndefined();
    expect(part(5)).toMatchObject({
      cause: 'replace',
      stage: 365,
      verdict: { state: 'plan', tell: 'client', why: 'It says that this part nears its end: Drum Unit (5 % left), since 2026-11-19.' },
    });
    expect(part(0, 0)).toMatchObject({ stage: 365, verdict: { state: 'plan' } });
    expect(part(0)).toMatchObject({ name: 'part-2026-11-19', stage: 0, verdict: { state: 'due', toDo: 'Replace the part.' } });
  });

  it('that has never been seen with more is for the desk to look at: some count the other way round', () => {
    expect(part(0, 3, false)).toMatchObject({ verdict: { state: 'check', tell: 'desk' } });
  });

  it('is not toner', () => {
    expect(verdictOf('snmp', report({ supplies: [{ name: 'Black', percent: 0, isFalling: true }] }))).toBeUndefined();
  });
});

describe('a projector', () => {
  it('that says that its lamp failed needs one; one that only warns of it needs a plan', () => {
    expect(verdictOf('pjlink', report({ lampHours: 3821, faults: 'lamp' }, 2))).toMatchObject({
      state: 'due',
      why: 'It says that its lamp has failed after 3821 hours, since 2026-11-20.',
    });
    expect(verdictOf('pjlink', report({ warnings: 'lamp, filter' }, 2))).toMatchObject({
      state: 'plan',
      why: 'It warns of its lamp, since 2026-11-20.',
    });
    expect(verdictOf('pjlink', report({ warnings: 'filter', faults: 'temperature' }))).toBeUndefined();
  });

  it('whose light has burnt for long is for the desk to look at: hours do not tell a lamp from a laser', () => {
    expect(verdictOf('pjlink', report({ lampHours: 3500 }))).toMatchObject({ state: 'check', tell: 'desk' });
    expect(verdictOf('pjlink', report({ lampHours: 3499 }))).toBeUndefined();
  });
});

describe('a certificate', () => {
  const shown = (spanDays: number, leftDays: number, more: Partial<ReportedCertificate> = {}): Report => {
    const until = TODAY + leftDays * DAY_MS;
    const [subject, issuer] = ['CN=nas.example', "CN=R11,O=Let's Encrypt,C=US"];
    return report({ certificate: { from: until - spanDays * DAY_MS, until, isSelfSigned: false, subject, issuer, ...more } });
  };
  const self = { isSelfSigned: true, issuer: 'CN=nas.example' };

  it.each([
    ['of a year, 31 days before its end', shown(365, 31), 'nas', undefined],
    ['of a year, 30 days before its end', shown(365, 30), 'nas', 'plan'],
    ['of a year, a week before its end', shown(365, 7), 'nas', 'due'],
    ['of a year that is over', shown(365, -1), 'nas', 'overdue'],
    ['that nobody missed for three months', shown(365, -91), 'nas', undefined],
    ['of 90 days, which a program renews in its last third', shown(90, 29), 'nas', undefined],
    ['of 90 days that no program renewed', shown(90, 6), 'nas', 'due'],
    ['of two days, as Cast devices make them', shown(2, 1), undefined, undefined],
    ['of ten years that an appliance made itself', shown(3650, 3, self), 'router', undefined],
    ['of a year that a router made itself', shown(365, 3, self), 'router', undefined],
    ['of a year that a NAS made itself', shown(365, 3, self), 'nas', 'due'],
    ['of twenty years that a maker signed', shown(7300, 3), 'hub', undefined],
    ['of a year on a television', shown(365, 3), 'tv', undefined],
    ['of a year on what is not known', shown(365, 3), undefined, 'due'],
  ] as [string, Report, DeviceKind | undefined, string | undefined][])('%s: on a %3$s it is %4$s', (_, one, kind, state) => {
    expect(verdictOf('tls:443', one, NOW, { ...(kind ? { kind } : {}), name: 'vault' })?.state).toBe(state);
  });

  it('says who signed it, on which port, and what will happen', () => {
    expect(verdictOf('tls:5001', shown(365, 6), NOW, { kind: 'nas' })).toMatchObject({
      why: "Its certificate on port 5001, signed by Let's Encrypt, ends 2026-11-28: then browsers and apps that look refuse it.",
      ends: { what: 'certificate', on: '2026-11-28' },
      daysLeft: 6,
    });
  });

  it('signed by the device itself is news only where people reach it by a name', () => {
    expect(verdictOf('tls:443', shown(365, 3, self), NOW, { kind: 'nas' })).toBeUndefined();
  });

  it('that was not looked at for a week may have been renewed', () => {
    expect(verdictOf('tls:443', { ...shown(365, -1), at: TODAY - 8 * DAY_MS }, NOW, { kind: 'nas' })).toBeUndefined();
  });
});

describe('what a device says itself', () => {
  const device = {
    id: '01m80hmn9xp5b0as45scf1x63e',
    kind: 'ups' as const,
    because: [],
    macs: [],
    ips: ['192.168.1.9'],
    personal: false,
    firstSeenAt: TODAY - 40 * DAY_MS,
    reports: { snmp: report({ batterySince: '2020-05-03', batteryReplace: true }, 3) },
  };
  const grounds = { catalogue: compileCatalogue([]), ...readGrounds(), now: NOW };

  it('is its verdict, a track of its own, and a line of its timeline', () => {
    const evidence = evidenceOn(device, grounds);
    const verdict = verdictFor(device, evidence, NOW);
    expect(verdict).toMatchObject({ state: 'due', grade: 'told by the device' });
    expect(timelineOf(device, evidence, verdict, NOW)).toEqual([{ what: 'usual life of the battery', on: '2025' }]);
    expect(tracksOf(device, evidence, NOW)).toMatchObject([{ device: device.id, cause: 'battery', name: 'worn-2026-11-19', stage: 0 }]);
  });

  it('makes no track after one flag alone, and nothing of a person’s device', () => {
    const once = { ...device, reports: { snmp: report({ batteryReplace: true }, 0) } };
    expect(verdictFor(once, evidenceOn(once, grounds), NOW)).toMatchObject({ state: 'check' });
    expect(tracksOf(once, evidenceOn(once, grounds), NOW)).toEqual([]);
    const persons = { ...device, personal: true };
    expect(verdictFor(persons, evidenceOn(persons, grounds), NOW)).toBeUndefined();
    expect(tracksOf(persons, evidenceOn(persons, grounds), NOW)).toEqual([]);
  });
});

describe('the console that manages a device', () => {
  const catalogue = compileCatalogue([
    {
      id: 'acme-ap',
      vendor: 'Ubiquiti',
      product: 'UniFi AP (UAP)',
      kind: 'access-point',
      match: { models: ['BZ2'] },
      ends: { security: '2030-03' },
      sources: [{ title: 'a table' }],
      readOn: '2026-11-01',
      confidence: 'high',
    },
  ]);
  const ap = (says: Reported, more = {}) => ({
    id: '01m80hmn9xp5b0as45scf1x63e',
    vendor: 'Ubiquiti',
    model: 'BZ2',
    kind: 'access-point' as const,
    because: [],
    macs: [],
    personal: false,
    firstSeenAt: TODAY - DAY_MS,
    ips: ['192.168.1.20'],
    reports: { 'unifi-console': { ...report(says), ...more } },
  });
  const grounds = { ...readGrounds(), catalogue, now: NOW };

  it('says that its model has ended: that wins over the table, also years later, and is told as the end of its support', () => {
    const device = ap({ support: 'ended' }, { at: TODAY - 800 * DAY_MS });
    const evidence = evidenceOn(device, grounds);
    expect(verdictFor(device, evidence, NOW)).toMatchObject({
      state: 'overdue',
      tell: 'client',
      grade: 'told by the device',
      why: 'Its model has reached its end and gets no more updates, says the UniFi console that manages it.',
      source: { title: 'the UniFi console that manages it', readOn: '2024-09-13' },
    });
    expect(tracksOf(device, evidence, NOW)).toMatchObject([{ cause: 'support', name: 'told-ended', stage: 0 }]);
    expect(timelineOf(device, evidence, undefined, NOW)).toEqual([]);
  });

  it('says that its model is in its last stage, which is to be planned for', () => {
    const device = ap({ support: 'fixes-only' });
    const evidence = evidenceOn(device, grounds);
    expect(verdictFor(device, evidence, NOW)).toMatchObject({ state: 'plan', toDo: 'Plan its replacement.' });
    expect(tracksOf(device, evidence, NOW)).toMatchObject([{ cause: 'support', stage: 365 }]);
  });

  it('does not know it: then the desk looks first, and the table holds', () => {
    const device = ap({ support: 'unsupported' });
    expect(verdictFor(device, evidenceOn(device, grounds), NOW)).toMatchObject({ state: 'check', tell: 'desk' });
    expect(tracksOf(device, evidenceOn(device, grounds), NOW)).toMatchObject([{ cause: 'support', ends: '2030-03' }]);
  });

  it('does not make holes that are attacked any smaller', () => {
    const attacked = compileCatalogue([{ ...catalogue.facts.get('acme-ap')!, ends: { security: '2021-03' }, exploited: true }]);
    const device = ap({ support: 'ended' });
    expect(verdictFor(device, evidenceOn(device, { ...grounds, catalogue: attacked }), NOW)).toMatchObject({ state: 'at-risk' });
  });

  it('that says of a firmware that is offered, and of nothing else, has said nothing of an end', () => {
    const device = ap({ firmwareOffered: '6.7.10' });
    expect(verdictFor(device, evidenceOn(device, grounds), NOW)).toMatchObject({ state: 'fine' });
  });
});
