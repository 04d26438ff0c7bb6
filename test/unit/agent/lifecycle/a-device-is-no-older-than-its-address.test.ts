import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceKind } from '../../../../src/agent/inventory/kinds.ts';
import type { Reports } from '../../../../src/agent/inventory/reports.ts';
import { type Block, blockOf, withDoubts } from '../../../../src/agent/lifecycle/address-block.ts';
import { wordsOnAge } from '../../../../src/agent/lifecycle/age-words.ts';
import { compileCatalogue } from '../../../../src/agent/lifecycle/catalogue.ts';
import type { Fact } from '../../../../src/agent/lifecycle/fact.ts';
import type { Looked } from '../../../../src/agent/lifecycle/looked.ts';
import { replacementPlan } from '../../../../src/agent/lifecycle/plan.ts';
import { evidenceOn, type Grounds, verdictFor } from '../../../../src/agent/lifecycle/standing.ts';
import { timelineOf } from '../../../../src/agent/lifecycle/timeline.ts';
import { tracksOf } from '../../../../src/agent/lifecycle/tracks.ts';
import { STATES } from '../../../../src/agent/lifecycle/verdict.ts';
import { firstMomentOf } from '../../../../src/base/partial-date.ts';
import { openAddressBlocks, readDatedCopies } from '../../../../src/platform/address-blocks.ts';
import { readGrounds } from '../../../../src/platform/lifecycle-files.ts';
import { deviceSummary } from '../../../builders/device-summary.ts';
import { factOf } from '../../../builders/simulated-looker.ts';

const NOW = { at: Date.parse('2026-11-22T12:00:00Z'), isSure: true };
const DAY_MS = 86_400_000;
const monthOf = openAddressBlocks();
const copies = readDatedCopies();
const macIn = (prefix: string, rest = '1a2b3c4d5e'): string => `${prefix}${rest}`.slice(0, 12).match(/../g)!.join(':');

const FIRST_SEEN = readFileSync(new URL('../../../data/address-blocks/first-seen.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((row) => row.split(',') as [string, string]);
const OLDEST_COPY = copies[0]!.holds[1];

describe('the table of address blocks', () => {
  it('bounds each block that others saw come by a month before that day, and no further back than the copy before', () => {
    const wrong = FIRST_SEEN.filter(([prefix, day]) => {
      const month = monthOf(macIn(prefix));
      if (day < OLDEST_COPY) return month !== undefined;
      const newestBefore = copies.findLast(({ lacks }) => lacks !== undefined && lacks[1] <= day)!;
      return month === undefined || !(month <= day.slice(0, 7)) || month < newestBefore.holds[1].slice(0, 7);
    });
    expect([FIRST_SEEN.length > 150, wrong]).toEqual([true, []]);
  });

  // Registered with the launch of the products they are in: Raspberry Pi 4 (2019-06) and 5 (2023-09) come with dc:a6:32 and 2c:cf:67, their forerunners with b8:27:eb (2012).
  it.each([
    ['dc:a6:32:01:02:03', '2018-08'],
    ['2c:cf:67:01:02:03', '2023-10'],
    ['b8:27:eb:01:02:03', undefined],
    ['00:00:0c:01:02:03', undefined],
    // Two small blocks of one large one of 2014, first seen on 2023-03-11 and 2021-01-20 (runZeroInc/mac-tracker).
    ['70:b3:d5:f2:01:02', '2022-08'],
    ['70:b3:d5:f1:b1:02', undefined],
    // Small blocks are no older than the large one that they are carved out of: 2021-04-08.
    ['8c:1f:64:ff:f1:02', '2021-03'],
    ['02:42:ac:11:00:02', undefined],
  ])('says of %s %s', (mac, month) => expect(monthOf(mac)).toBe(month));

  it('does not look at what comes after the block', () => {
    const rest = fc.integer({ min: 0, max: 0xffffff }).map((n) => n.toString(16).padStart(6, '0'));
    fc.assert(
      fc.property(fc.constantFrom(...FIRST_SEEN.map(([prefix]) => prefix)), rest, (prefix, end) => {
        expect(monthOf(macIn(prefix, end))).toBe(monthOf(macIn(prefix)));
      }),
    );
  });

  it('is made of copies in their order, each dated on both sides but the newest', () => {
    for (const [n, { holds, lacks }] of copies.entries()) {
      const next = copies[n + 1];
      expect([lacks === undefined, next === undefined || holds[1] < next.holds[1]]).toEqual([next === undefined, true]);
      if (lacks) expect(holds[1] < lacks[1]).toBe(true);
    }
  });
});

describe('the block of a device', () => {
  const [young, younger, old] = [macIn('c8ade7'), macIn('c88541'), macIn('c8afe3')] as const;

  it('is the oldest of its addresses, and none where one of them bounds nothing', () => {
    expect(blockOf([younger, young], 'camera', monthOf)).toMatchObject({ after: '2025-11' });
    expect(blockOf([young, old], 'camera', monthOf)).toBeUndefined();
    expect(blockOf([], 'camera', monthOf)).toBeUndefined();
  });

  it('is not that of an address that software chose', () => {
    expect(blockOf(['ca:ad:e7:00:00:01'], 'camera', () => '2025-11')).toBeUndefined();
    expect(blockOf(['ca:ad:e7:00:00:01', young], 'camera', monthOf)).toMatchObject({ after: '2025-11' });
  });

  it.each(['ups', 'server', 'nas', 'smoke-alarm', 'lock'] as const)('bounds no %s', (kind) => {
    expect(blockOf([young], kind, monthOf)).toBeUndefined();
  });
});

const BLOCK: Block = { after: '2021-03', by: 'its address block c8:9d:18 was not yet in the IEEE list of 2021-03' };
const grounds = (month: string | undefined, facts: readonly Fact[] = []): Grounds => ({
  ...readGrounds(),
  catalogue: compileCatalogue(facts),
  blockMonthOf: () => month,
  now: NOW,
});
const camera: Looked = {
  id: 'd',
  vendor: 'Acme',
  model: 'X1',
  kind: 'camera',
  because: [],
  ips: ['192.0.2.7'],
  macs: ['c8:9d:18:00:00:01'],
  personal: false,
  firstSeenAt: Date.parse('2026-01-10'),
};
const judge = (device: Looked, on: Grounds) => {
  const evidence = evidenceOn(device, on);
  const verdict = verdictFor(device, evidence, NOW);
  return { evidence, verdict, tracks: tracksOf(device, evidence, NOW), timeline: timelineOf(device, evidence, verdict, NOW) };
};
const ownCertificate = (day: string): Reports => ({
  'tls:443': {
    at: NOW.at,
    says: {
      certificate: { from: Date.parse(`${day}T08:15:11Z`), until: NOW.at * 2, isSelfSigned: true, isOwn: true, subject: '', issuer: '' },
    },
  },
});

describe('an age', () => {
  it('has the block as its bound, with what says so and how weak that is', () => {
    const { age } = judge(camera, grounds('2021-03')).evidence;
    expect(age?.block?.atMost).toBeCloseTo(5.73, 2);
    expect(wordsOnAge(age!)).toEqual([
      'at least 0.8 years (first seen by the hub 2026-01-10)',
      'at most 5.7 years (its address block c8:9d:18 was not yet in the IEEE list of 2021-03; weak: network parts are changed, addresses copied)',
    ]);
    const longKnown = judge({ ...camera, firstSeenAt: Date.parse('2020-01-10') }, grounds('2021-03')).evidence.age!;
    expect(wordsOnAge(longKnown).at(-1)).toMatch(/addresses copied\): one of the two is wrong$/);
  });

  it('that people said and the address contradicts is asked, and told to no client', () => {
    const told = { ...camera, installed: '2015' };
    expect(judge(told, grounds(undefined))).toMatchObject({ verdict: { state: 'due', tell: 'client' }, tracks: [{ cause: 'replace' }] });
    expect(judge(told, grounds('2021-03'))).toMatchObject({
      verdict: {
        state: 'check',
        tell: 'desk',
        why: expect.stringMatching(
          /^.+, installed 2015, as people said, but its address block c8:9d:18 was not yet in the IEEE list of 2021-03: one of the two is wrong\.$/,
        ),
        toDo: 'Find out when it was put in. Then say it: hearthbeat device set 192.0.2.7 installed=...',
      },
      tracks: [],
      timeline: [],
    });
    expect(judge({ ...camera, installed: '2021' }, grounds('2021-03')).verdict).toEqual(
      judge({ ...camera, installed: '2021' }, grounds(undefined)).verdict,
    );
  });

  it('that an old certificate hints at is not asked where the factory put it in long before', () => {
    const hinting = { ...camera, reports: ownCertificate('2014-05-03') };
    expect(judge(hinting, grounds(undefined)).verdict).toMatchObject({ state: 'check', why: expect.stringContaining('2014-05-03') });
    expect(judge(hinting, grounds('2021-03')).verdict).toBeUndefined();
    expect(judge(hinting, grounds('2014-05')).verdict).toMatchObject({ state: 'check' });
  });

  it('that a serial number hints at is no greater than the address allows, and none where all of it is', () => {
    const hinting: Looked = { ...camera, vendor: 'Cisco', kind: 'router', serial: 'FOC15300D4W' };
    const why = (month: string | undefined) => judge(hinting, grounds(month)).verdict?.why;
    expect(why(undefined)).toContain('made 2011 or 2012 by its serial number: it may be 15 years old');
    expect(why('2012-03')).toContain('it may be 14 years old');
    expect(why('2021-03')).toBeUndefined();
  });

  it("that is contradicted ends nothing in a client's plan", () => {
    const device = deviceSummary({ ...camera, firstSeenAt: NOW.at - 1, kind: 'tv' });
    const planned = (month: string | undefined) => {
      const on = grounds(month);
      return replacementPlan([device], {
        ...on,
        years: 20,
        evidenceOn: () => evidenceOn({ ...camera, kind: 'tv', installed: '2023' }, on),
      });
    };
    expect([planned(undefined).items.length, planned(undefined).later.length]).toEqual([0, 1]);
    expect([planned('2025-11').items.length, planned('2025-11').later.length]).toEqual([0, 0]);
  });

  it('of what guards lives is what it would be without a block', () => {
    const alarm: Looked = { ...camera, kind: 'smoke-alarm', installed: '2012' };
    expect(judge(alarm, grounds('2021-03'))).toEqual(judge(alarm, grounds(undefined)));
  });

  it('makes nothing more urgent, and nothing told that was not told, by a block', () => {
    const day = fc
      .date({ min: new Date('2008-01-01'), max: new Date('2026-11-20'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const month = day.map((date) => date.slice(0, 7));
    const kind = fc.constantFrom<DeviceKind>('camera', 'router', 'tv', 'smoke-alarm', 'ups', 'printer', 'nas');
    const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          kind,
          month,
          installed: maybe(day),
          certificate: maybe(day),
          serial: maybe(fc.constant('FOC15300D4W')),
          firstSeen: day,
        }),
        (given) => {
          const { installed, certificate, serial } = given;
          const device: Looked = {
            ...camera,
            vendor: 'Cisco',
            kind: given.kind,
            firstSeenAt: firstMomentOf(given.firstSeen) + DAY_MS,
            ...(installed ? { installed } : {}),
            ...(serial ? { serial } : {}),
            ...(certificate ? { reports: ownCertificate(certificate) } : {}),
          };
          const [without, withBlock] = [judge(device, grounds(undefined)), judge(device, grounds(given.month))];
          const urgency = (verdict: typeof without.verdict) => (verdict ? STATES.indexOf(verdict.state) : STATES.length);
          expect(urgency(withBlock.verdict)).toBeGreaterThanOrEqual(urgency(without.verdict));
          expect(without.tracks).toEqual(expect.arrayContaining(withBlock.tracks));
          if (withBlock.verdict?.tell === 'client') expect(withBlock.verdict).toEqual(without.verdict);
        },
      ),
    );
  });
});

describe('a fact about a product that was no longer sold when the address block was given out', () => {
  const ended = (more: Partial<Fact> = {}) =>
    factOf('acme-x1', 'Acme', 'X1', '2018-05', { ends: { sale: '2016-05', security: '2018-05' }, ...more });

  it('is for the desk to check, with what contradicts it, and makes no track', () => {
    expect(judge(camera, grounds(undefined, [ended()]))).toMatchObject({ verdict: { state: 'overdue', tell: 'client' }, tracks: [{}] });
    expect(judge(camera, grounds('2021-03', [ended()]))).toMatchObject({
      verdict: {
        state: 'check',
        tell: 'desk',
        toDo: expect.stringContaining(
          'It was sold until 2016-05 at the latest, and its address block c8:9d:18 was not yet in the IEEE list of 2021-03: it may be newer hardware under the same name.',
        ),
      },
      tracks: [],
    });
  });

  it('is not asked for either', () => {
    const asked = ended({ match: { models: [{ name: 'X1', revisions: ['V1'] }] } });
    expect(judge(camera, grounds(undefined, [asked])).verdict).toMatchObject({ state: 'ask-revision' });
    expect(judge(camera, grounds('2021-03', [asked])).verdict).toBeUndefined();
    const newer = ended({ id: 'acme-x1-v2', ends: { security: '2024-05' }, match: { models: [{ name: 'X1', revisions: ['V2'] }] } });
    expect(judge(camera, grounds('2021-03', [asked, newer])).verdict).toMatchObject({ state: 'ask-revision', facts: ['acme-x1-v2'] });
  });

  it.each<[string, Partial<Fact>]>([
    ['that is attacked', { exploited: true }],
    ['that guards lives', { kind: 'lock' }],
    ['about a system, which runs on hardware of any year', { match: { models: ['X1'], system: { name: 'AcmeOS' } } }],
    ['of which only the last update was observed', { ends: { support: '2016-05' }, observed: true }],
    ['whose support was only promised so long', { ends: { support: '2016-05' }, promised: true }],
    ['that says nothing of its sale', { ends: { security: '2016-05' } }],
    ['that was sold until the year before', { ends: { sale: '2020-06', security: '2022-05' } }],
  ])('holds where it is one %s', (_, more) => {
    const found = [{ is: 'about' as const, fact: ended(more), by: 'model X1' }];
    expect(withDoubts(found, BLOCK)).toBe(found);
    expect(withDoubts([{ is: 'about', fact: ended(), by: 'model X1' }], BLOCK)).not.toEqual(found);
  });
});
