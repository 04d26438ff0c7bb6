import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../../src/agent/lifecycle/fact.ts';
import type { Found } from '../../../../src/agent/lifecycle/match.ts';
import { ageOf, livesByKind } from '../../../../src/agent/lifecycle/service-life.ts';
import { certainlyPast, STATES, type Verdict, verdictOn } from '../../../../src/agent/lifecycle/verdict.ts';
import { firstMomentOf, isPartialDate, lastMomentOf } from '../../../../src/base/partial-date.ts';
import { readServiceLives } from '../../../../src/platform/lifecycle-files.ts';
import { acmeBox } from '../../../builders/acme-box.ts';

const TODAY = Date.parse('2026-11-22T12:00:00Z');
const NOW = { at: TODAY, isSure: true };
const lives = livesByKind(readServiceLives());

const about = (changes: Partial<Fact>): Found => ({ is: 'about', fact: acmeBox(changes), by: 'model Box' });
const on = (changes: Partial<Fact>, now = NOW): Verdict | undefined => verdictOn({ found: [about(changes)] }, now);

describe('a verdict', () => {
  it.for([
    [{ ends: { security: '2028' } }, 'fine', undefined],
    [{ ends: { security: '2027-11-23' } }, 'fine', 366],
    [{ ends: { security: '2027-11-22' } }, 'plan', 365],
    [{ ends: { security: '2027-02-21' } }, 'plan', 91],
    [{ ends: { security: '2027-02-20' } }, 'due', 90],
    [{ ends: { security: '2026-11-22' } }, 'due', 0],
    [{ ends: { security: '2026-11-21' } }, 'overdue', -1],
    [{ ends: { security: '2026-11' } }, 'due', 8],
    [{ ends: { security: '2026' } }, 'due', 39],
    [{ ends: { cloud: '2025', security: '2028' } }, 'overdue', undefined],
    [{ ends: { sale: '2018' } }, 'plan', undefined],
    [{ ends: { sale: '2030' } }, 'fine', undefined],
    [{ ends: { sale: '2018' }, supportedOn: '2026-08-22' }, 'fine', undefined],
    [{ ends: { pastBy: '2025-05' } }, 'overdue', undefined],
    [{ ends: { security: '2026-07', paidSecurity: '2028-06' } }, 'due', undefined],
    [{ ends: { security: '2025' }, exploited: true }, 'at-risk', undefined],
    [{ ends: { security: '2028' }, exploited: true }, 'fine', undefined],
    [{ ends: { support: '2026-11-21' }, kind: 'smoke-alarm' }, 'at-risk', -1],
    [{ ends: { support: '2026-11-21' }, kind: 'alarm-panel' }, 'at-risk', -1],
    [{ ends: { support: '2026-11-21' }, kind: 'lock' }, 'at-risk', -1],
  ] as [Partial<Fact>, string, number | undefined][])('of %j is %s', ([changes, state, daysLeft], { expect }) => {
    const verdict = on(changes);
    expect(verdict).toMatchObject({
      state,
      critical: state === 'at-risk',
      tell: 'client',
      ...(daysLeft === undefined ? {} : { daysLeft }),
    });
  });

  it('says in one sentence what ended and when, and names its source and what stays', () => {
    expect(on({ ends: { security: '2026-05-06', cloud: '2026-05-06' }, stays: 'AirPlay.', replacement: 'Box 2' })).toEqual({
      state: 'overdue',
      critical: false,
      tell: 'client',
      why: "Box: no more security updates since 2026-05-06; the maker's cloud is off.",
      grade: 'announced date',
      ends: { what: 'security updates', on: '2026-05-06' },
      daysLeft: -200,
      toDo: 'Replace it: Box 2.',
      stays: 'AirPlay.',
      source: { title: 'ACME: end of life', url: 'https://acme.example/eol', readOn: '2026-08-22' },
      facts: ['acme-box'],
    });
    expect(on({ ends: { security: '2027-03' }, promised: true })).toMatchObject({
      why: 'Box: security updates are promised until 2027-03.',
      grade: "maker's promise",
    });
    expect(on({ ends: { security: '2025' }, observed: true })).toMatchObject({ grade: 'observed' });
    expect(on({ match: { system: { name: 'BoxOS' } }, ends: { security: '2025' } })).toMatchObject({
      toDo: expect.stringMatching(/^Update it/),
    });
  });

  it('never reaches a client where nothing was read, or the source itself doubts', () => {
    for (const changes of [
      { confidence: 'low' as const },
      { doubt: 'The date was softened.' },
      { confidence: 'low' as const, kind: 'lock' as const, exploited: true as const },
    ])
      expect(on({ ends: { security: '2020' }, ...changes })).toMatchObject({ state: 'check', tell: 'desk', critical: false });
  });

  it('is none for a device that no fact is about', () => {
    expect(verdictOn({ found: [], kind: 'router' }, NOW)).toBeUndefined();
  });

  it('counts nothing down by a clock that is not sure, and holds for ended only what certainly is', () => {
    const unsure = { at: certainlyPast([acmeBox({}), acmeBox({ readOn: '2025' })]), isSure: false };
    expect(unsure.at).toBe(Date.parse('2026-08-22'));
    const verdicts = [on({ ends: { security: '2026-08-20' } }, unsure), on({ ends: { security: '2026-09-01' } }, unsure)];
    expect(verdicts.map((verdict) => verdict?.state)).toEqual(['overdue', 'due']);
    for (const verdict of verdicts) expect(verdict).not.toHaveProperty('daysLeft');
  });

  it('is the most urgent one where several facts are about a device', () => {
    const found = [
      about({ ends: { security: '2027-01' } }),
      about({ ends: { security: '2020' }, id: 'old' }),
      about({ supportedOn: '2026-08' }),
    ];
    expect(verdictOn({ found }, NOW)).toMatchObject({ state: 'overdue', facts: ['old'] });
  });

  it('asks for the revision only where an answer would matter', () => {
    const asking = (changes: Partial<Fact>) =>
      verdictOn({ found: [{ is: 'ask', facts: [acmeBox(changes)], by: 'model Box', lookFor: 'the label' }] }, NOW);
    expect(asking({ ends: { security: '2020' } })).toMatchObject({
      state: 'ask-revision',
      tell: 'desk',
      critical: false,
      toDo: expect.stringContaining('Look for the label'),
    });
    expect(asking({ ends: { security: '2035' } })).toBeUndefined();
  });

  it('only becomes more urgent as time goes by', () => {
    const dates = fc.constantFrom('2026', '2026-11', '2026-12-24', '2027-03-01', '2028', '2020-02');
    const ends = fc.record({ security: dates, cloud: dates, sale: dates }, { requiredKeys: [] });
    const rank = (changes: Partial<Fact>, at: number) => STATES.indexOf(on(changes, { at, isSure: true })?.state ?? 'fine');
    fc.assert(
      fc.property(ends, fc.nat(3000), fc.nat(3000), (dated, days, more) => {
        const at = TODAY + days * 86_400_000;
        expect(rank({ ends: dated }, at + more * 86_400_000)).toBeLessThanOrEqual(rank({ ends: dated }, at));
      }),
    );
  });
});

describe('an age', () => {
  const aged = (kind: Parameters<typeof lives.get>[0], installed?: string, firstSeen = '2026-01-01', found: Found[] = []) => {
    const age = ageOf({ firstSeenAt: Date.parse(firstSeen), installed }, TODAY);
    return verdictOn({ kind, found, age, life: lives.get(kind) }, NOW);
  };

  it('of what people said is as exact as they knew it', () => {
    expect(ageOf({ firstSeenAt: 1, installed: '2019' }, TODAY)).toEqual({
      atLeast: expect.closeTo(6.89, 1),
      atMost: expect.closeTo(7.89, 1),
      from: 'installed 2019, as people said',
    });
    expect(ageOf({ firstSeenAt: 0 }, TODAY)).toBeUndefined();
    expect(ageOf({ firstSeenAt: TODAY + 1 }, TODAY)).toBeUndefined();
  });

  it('by what the hub first saw is only a lower bound: it says something when that alone is enough', () => {
    expect(aged('router')).toBeUndefined();
    expect(aged('router', undefined, '2021-01-01')).toMatchObject({
      state: 'due',
      grade: 'usual life',
      why: expect.stringContaining('at least 5.8 years'),
    });
  });

  it('asks to plan, then is due, but is never overdue', () => {
    expect(aged('router', '2023-05')).toBeUndefined();
    expect(aged('router', '2022-05')).toMatchObject({
      state: 'plan',
      why: expect.stringMatching(/router of 4\.4 to 4\.5 years.*usually last 3 to 6 years/),
    });
    expect(aged('router', '2010')).toMatchObject({ state: 'due', tell: 'client', critical: false });
  });

  it('of a smoke alarm is critical once it is over, and the printed date decides', () => {
    expect(aged('smoke-alarm', '2016-01')).toMatchObject({
      state: 'at-risk',
      critical: true,
      why: expect.stringContaining('printed on it'),
    });
    expect(aged('smoke-alarm', '2018')).toBeUndefined();
  });

  it('is for the desk only where the usual life is a guess, and yields to a word of the maker', () => {
    expect(aged('printer', '2010')).toMatchObject({ state: 'check', tell: 'desk' });
    expect(aged('router', '2010', undefined, [about({ ends: { security: '2030' } })])).toMatchObject({ state: 'fine' });
    expect(aged('router', '2010', undefined, [about({ ends: { sale: '2015' } })])).toMatchObject({ state: 'due', grade: 'usual life' });
  });
});

describe('a date of low precision', () => {
  it('means the last moment of its period', () => {
    expect(['2025', '2024-02', '2025-03-31'].map((date) => new Date(lastMomentOf(date)).toISOString())).toEqual([
      '2025-12-31T23:59:59.999Z',
      '2024-02-29T23:59:59.999Z',
      '2025-03-31T23:59:59.999Z',
    ]);
    expect(['2025', '2025-03', '2025-03-31'].map((date) => new Date(firstMomentOf(date)).toISOString().slice(0, 10))).toEqual([
      '2025-01-01',
      '2025-03-01',
      '2025-03-31',
    ]);
  });

  it('is refused where the calendar has no such day', () => {
    expect(['2025', '2025-12', '2024-02-29'].map(isPartialDate)).toEqual([true, true, true]);
    expect(['25', '2025-00', '2025-13', '2025-02-29', '2025-2', '1066', 'soon', ''].map(isPartialDate)).toEqual(Array(8).fill(false));
  });
});
