import { describe, expect, it } from 'vitest';
import { compileCatalogue } from '../../../../src/agent/lifecycle/catalogue.ts';
import type { Fact, WrittenFact } from '../../../../src/agent/lifecycle/fact.ts';
import { lookSchema } from '../../../../src/agent/lifecycle/look.ts';
import type { Looked } from '../../../../src/agent/lifecycle/looked.ts';
import { lookAtAll, standingOf } from '../../../../src/agent/lifecycle/standing.ts';
import { readGrounds, readLifecycleTexts } from '../../../../src/platform/lifecycle-files.ts';
import { idOf } from '../../../builders/entries.ts';
import { factOf } from '../../../builders/simulated-looker.ts';

const AT = Date.parse('2026-11-22T08:00:00Z');
const grounds = readGrounds();
const deviceOf = (more: Partial<Looked> = {}): Looked => ({
  id: idOf(1),
  vendor: 'Acme',
  model: 'X1',
  kind: 'camera',
  personal: false,
  firstSeenAt: AT - 1_000,
  ips: ['192.0.2.1'],
  because: [],
  macs: [],
  ...more,
});
const standing = (facts: readonly Fact[], device = deviceOf(), isSure = true) =>
  standingOf(device, { catalogue: compileCatalogue(facts), ...grounds, now: { at: AT, isSure } })[0];
const tracks = (facts: readonly Fact[], device = deviceOf()) =>
  (standing(facts, device)?.tracks ?? []).map(({ cause, name, ends, stage }) => [
    cause,
    name,
    ends,
    ...(stage === undefined ? [] : [stage]),
  ]);
const acme = (ends: Fact['ends'], more: Partial<Fact> = {}) => factOf('acme-x1', 'Acme', 'X1', '2027-06', { ends, ...more });

describe('the tracks of a device', () => {
  it.each<[string, Fact['ends'], unknown[]]>([
    ['support: the earliest end that hurts', { security: '2027-06', support: '2027-01' }, [['support', 'acme-x1', '2027-01']]],
    [
      'a service that ends later, apart',
      { security: '2027-01', cloud: '2028-01' },
      [
        ['support', 'acme-x1', '2027-01'],
        ['cloud', 'acme-x1', '2028-01'],
      ],
    ],
    ['one where both end on one day', { security: '2027-01', cloud: '2027-01' }, [['cloud', 'acme-x1', '2027-01']]],
    ['a service alone', { cloud: '2027-01' }, [['cloud', 'acme-x1', '2027-01']]],
    ['apps of others as a service', { apps: '2027-01' }, [['cloud', 'acme-x1', '2027-01']]],
    ['past where nobody told the day', { pastBy: '2025-06' }, [['support', 'acme-x1', undefined, 0]]],
    ['none for what is only no longer sold', { sale: '2020-01' }, []],
  ])('are %s', (_, ends, expected) => {
    expect(tracks([acme(ends)])).toEqual(expected);
  });

  it('are support where the holes of what ends with its service are attacked', () => {
    expect(standing([acme({ security: '2027-01', cloud: '2027-01' }, { exploited: true })])?.tracks).toMatchObject([
      { cause: 'support', exploited: true },
    ]);
  });

  it.each([
    ['nobody read', { confidence: 'low' as const }],
    ['its source doubts', { doubt: 'The maker says otherwise.' }],
  ])('leave out what %s', (_, more) => {
    expect(tracks([acme({ security: '2027-01' }, more)])).toEqual([]);
  });

  it('are one where two facts say one end on one day, and two where they say two days', () => {
    const policy = (security: string) => factOf('acme-policy', 'Acme', 'X1', security, { match: { everyKind: ['camera'] } });
    expect(tracks([acme({ security: '2027-01' }), policy('2027-01')])).toHaveLength(1);
    expect(tracks([acme({ security: '2027-01' }), policy('2027-02')])).toHaveLength(2);
  });

  it('say what guards lives', () => {
    const alarm = deviceOf({ kind: 'alarm-panel' });
    expect(standing([acme({ security: '2025-01' })], alarm)?.tracks).toMatchObject([{ guards: true }]);
  });

  it('have names that fit a key, and tell long ids apart', () => {
    const long = 'a-'.repeat(40);
    const names = ['one', 'two'].map((end) => tracks([acme({ security: '2027-01' }, { id: `${long}${end}` })])[0]?.[1]);
    expect(names.every((name) => String(name).length <= 40)).toBe(true);
    expect(new Set(names).size).toBe(2);
  });

  it('know a warranty that people typed, and an age past the usual life of its kind', () => {
    expect(tracks([], deviceOf({ warrantyUntil: '2027-03' }))).toEqual([['warranty', 'warranty', '2027-03']]);
    expect(tracks([], deviceOf({ installed: '2005' }))).toEqual([['replace', 'age', undefined, 0]]);
    expect(tracks([acme({ security: '2030-01' })], deviceOf({ installed: '2005' }))).toEqual([['support', 'acme-x1', '2030-01']]);
  });

  it('are none for a person’s device', () => {
    expect(tracks([acme({ security: '2025-01' })], deviceOf({ personal: true, warrantyUntil: '2027-03' }))).toEqual([]);
  });
});

describe('the timeline of a device', () => {
  const timeline = (facts: readonly Fact[], device?: Looked) =>
    (standing(facts, device)?.verdict?.timeline ?? []).map(({ what, on }) => `${on} ${what}`);

  it('lists what ended and what ends within five years in order, with warranty and usual life', () => {
    const fact = acme({ sale: '2020', security: '2027-01', cloud: '2040' });
    expect(timeline([fact], deviceOf({ warrantyUntil: '2027-03', installed: '2019-01-01' }))).toEqual([
      '2020 sale',
      '2027-01 security updates',
      '2027-03 the warranty',
      expect.stringMatching(/^20(2[789]|3[01]) its usual life$/),
    ]);
  });

  it('holds of what the desk has to check first only what the verdict says', () => {
    const doubted = acme({ sale: '2020', security: '2025-01' }, { doubt: 'Hearsay.' });
    expect(timeline([doubted])).toEqual(['2025-01 security updates']);
  });

  it('keeps the twelve that end last', () => {
    const facts = Array.from({ length: 9 }, (_, n) => acme({ security: `20${10 + n}-01`, support: `20${10 + n}-02` }, { id: `acme-${n}` }));
    expect(timeline(facts)).toHaveLength(12);
    expect(timeline(facts).at(-1)).toBe("2018-02 the maker's support");
  });
});

describe('a look', () => {
  it('is what the agent reads of it, and says no more of a device than there is to say', () => {
    const devices = [deviceOf(), deviceOf({ id: idOf(2), model: 'unknown' })];
    const now = { at: AT, isSure: true };
    const look = lookAtAll(
      devices,
      { catalogue: compileCatalogue([acme({ security: '2027-01', cloud: '2028' })]), ...grounds, now },
      'first',
    );
    expect(look.standings.map(({ device }) => device)).toEqual([idOf(1)]);
    expect(lookSchema.parse(JSON.parse(JSON.stringify(look)))).toEqual(look);
  });

  it('at every device that the catalogue knows by an example is what the agent reads', () => {
    const written = [...readLifecycleTexts().values()]
      .flatMap((text) => text.split('\n').filter(Boolean))
      .map((line) => JSON.parse(line) as WrittenFact);
    const examples = written.flatMap(({ vendor, kind, examples: of }) => of.map((example) => ({ vendor, kind, ...example })));
    const devices = examples.map(({ seen: _, ...example }, n) =>
      deviceOf({ model: undefined, ...example, id: idOf(n), warrantyUntil: '2027-03', installed: '2001' }),
    );
    const look = lookAtAll(
      devices as Looked[],
      { catalogue: compileCatalogue(written), ...grounds, now: { at: AT, isSure: true } },
      'first',
    );
    expect(look.standings.length).toBe(devices.length);
    expect(lookSchema.safeParse(JSON.parse(JSON.stringify(look))).error).toBeUndefined();
  });

  it('of a device about which people wrote too many facts holds the first of them', () => {
    const facts = Array.from({ length: 30 }, (_, n) => acme({ security: `20${30 + n}-01` }, { id: `acme-${n}` }));
    expect(standing(facts)?.tracks).toHaveLength(24);
  });

  it('knows no age by a clock that nobody vouches for', () => {
    expect(standing([], deviceOf({ installed: '2005' }), false)).toBeUndefined();
  });
});
