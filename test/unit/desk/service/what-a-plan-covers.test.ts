import { expect, it } from 'vitest';
import { readServicePolicy } from '../../../../src/config/service.ts';
import { firstResponse, mayContact, sameDayBy } from '../../../../src/desk/service/clocks.ts';
import { changeWords, differenceOf, versionTrouble } from '../../../../src/desk/service/difference.ts';
import { type Claim, entitlement, escalation } from '../../../../src/desk/service/entitlement.ts';
import { homeOf, planOf, type ServicePolicy } from '../../../../src/desk/service/policy.ts';
import { homeServiceOf, serviceOf } from '../../../../src/desk/service/service-view.ts';

const [NONE, BASIC, PRIORITY, UNNAMED] = [
  '7kkt28c5v7ab6wwc9st0kfne41',
  '7kkt28c5v7ab6wwc9st0kfne42',
  '7kkt28c5v7ab6wwc9st0kfne43',
  '7kkt28c5v7ab6wwc9st0kfne44',
];
const TEXT = `version: "1"
since: 2026-12-01
holidays: {de: {2026-12-25: Weihnachten}}
plans:
  none: {premisesDown: {within: 60min}}
  basic:
    covers: {severities: [critical, error], kinds: [nas, switch, router]}
    firstAnswer: {within: 30min, hours: {spans: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}], holidays: de}}
    premisesDown: {within: 20min, warnShare: 0.5}
  priority:
    covers: {}
    firstAnswer: {within: 10min}
    premisesDown: {within: 15min}
    visit: {reportBy: "14:00", until: "18:00", holidays: de}
    dealerIncluded: true
homes:
  ${NONE}: {dealer: Hansa AV}
  ${BASIC}: {plan: basic, dealer: Hansa AV, consent: {by: J. Smith, on: 2026-10-14, rate: 120 EUR per hour, recordedBy: A. Meier}, noCalls: [{from: "21:00", to: "08:00"}]}
  ${PRIORITY}: {plan: priority, dealer: Hansa AV}
`;

function policyIn(text: string): ServicePolicy {
  const read = readServicePolicy(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const POLICY = policyIn(TEXT);
const NAS_DOWN: Claim = { code: 'device-down', severity: 'error', kind: 'nas' };

it.each([
  [NONE, NAS_DOWN, false, 'The home has no plan.'],
  [UNNAMED, NAS_DOWN, false, 'The home has no plan.'],
  [BASIC, NAS_DOWN, true, 'Basic covers it.'],
  [BASIC, { ...NAS_DOWN, kind: 'lamp' }, false, 'Basic does not cover devices of the kind lamp.'],
  [BASIC, { ...NAS_DOWN, kind: undefined }, true, 'Basic covers it.'],
  [BASIC, { ...NAS_DOWN, severity: 'warning' }, false, 'Basic covers what is critical or error; this is warning.'],
  [PRIORITY, { ...NAS_DOWN, severity: 'warning' }, true, 'Priority covers it.'],
  [PRIORITY, { ...NAS_DOWN, severity: 'info' }, false, 'Priority covers what is critical, error or warning; this is info.'],
] as const)('says of %s whether %o is covered, and why', (site, claim, isCovered, because) => {
  expect(entitlement(POLICY, site, claim)).toMatchObject({ isCovered, because, isPremisesDown: false });
});

it('names the code that a plan leaves out', () => {
  const policy = policyIn(TEXT.replace('covers: {}', 'covers: {codes: [device-down]}'));
  expect(entitlement(policy, PRIORITY, { code: 'service-down', severity: 'warning' }).because).toBe(
    'Priority does not cover service-down.',
  );
});

it('answers a house that is down whatever the plan covers, at any hour', () => {
  const silent: Claim = { code: 'hub-silent', severity: 'error' };
  expect(entitlement(POLICY, NONE, silent)).toEqual({
    isCovered: false,
    because: 'The house is down: that is answered at any hour, whatever the plan covers.',
    isPremisesDown: true,
    firstAnswer: { withinMs: 3_600_000, warnShare: 2 / 3 },
  });
  // Not in the office hours of its plan, and sooner.
  expect(entitlement(POLICY, BASIC, { code: 'internet-down', severity: 'critical' }).firstAnswer).toEqual({
    withinMs: 1_200_000,
    warnShare: 0.5,
  });
  // A plan that is always quicker stays so.
  expect(entitlement(POLICY, PRIORITY, { code: 'gateway-unreachable', severity: 'critical' }).firstAnswer?.withinMs).toBe(600_000);
  expect(entitlement(POLICY, UNNAMED, { code: 'dns-down', severity: 'error' }).firstAnswer).toBeUndefined();
});

it('takes devices that fell silent together for a house that is down only where they are most of it', () => {
  const some: Claim = { code: 'devices-down', severity: 'error' };
  expect(entitlement(POLICY, NONE, some)).toMatchObject({ isPremisesDown: false });
  expect(entitlement(POLICY, NONE, { ...some, isMostOfHome: true })).toMatchObject({ isPremisesDown: true });
});

it('hands over to the dealer only with a recorded yes, or with a reason that is written down', () => {
  expect(escalation(POLICY, BASIC, NAS_DOWN)).toEqual({
    isAllowed: true,
    dealer: 'Hansa AV',
    rate: '120 EUR per hour',
    because: 'J. Smith agreed to 120 EUR per hour on 2026-10-14.',
  });
  expect(escalation(POLICY, PRIORITY, NAS_DOWN)).toEqual({ isAllowed: true, dealer: 'Hansa AV', because: 'Priority pays for it.' });
  // What the plan does not cover it does not pay for.
  expect(escalation(POLICY, PRIORITY, { ...NAS_DOWN, severity: 'info' })).toMatchObject({ isAllowed: false });
  expect(escalation(POLICY, NONE, NAS_DOWN)).toMatchObject({ isAllowed: false, because: expect.stringContaining('Nobody has recorded') });
  expect(escalation(POLICY, NONE, NAS_DOWN, { by: 'Kim', reason: ' ' })).toMatchObject({
    isAllowed: false,
    because: expect.stringContaining('a reason'),
  });
  expect(escalation(POLICY, NONE, NAS_DOWN, { by: 'Kim', reason: 'water in the cellar' })).toEqual({
    isAllowed: true,
    dealer: 'Hansa AV',
    because: 'Kim overrode the missing consent: water in the cellar',
    toLog: 'Kim overrode the missing consent: water in the cellar (device-down, to Hansa AV, policy 1)',
  });
  expect(escalation(POLICY, UNNAMED, NAS_DOWN, { by: 'Kim', reason: 'x' })).toEqual({
    isAllowed: false,
    because: 'The home has no dealer of record.',
  });
});

const at = (iso: string): number => Date.parse(iso);

it('counts hours of service over a weekend, a holiday and a change of the clock, without what stood', () => {
  const promise = planOf(POLICY, BASIC).firstAnswer!;
  const due = (opened: string, ...stands: { from: number; to?: number }[]): string | undefined => {
    const { dueAt } = firstResponse(promise, 'Europe/Berlin', at(opened), stands);
    return dueAt === undefined ? undefined : new Date(dueAt).toISOString();
  };
  expect(due('2026-11-23T08:00:00Z')).toBe('2026-11-23T08:30:00.000Z');
  expect(due('2026-11-20T16:50:00Z')).toBe('2026-11-23T07:20:00.000Z');
  // A Friday that is Christmas: until Monday.
  expect(due('2026-12-24T16:40:00Z')).toBe('2026-12-28T07:10:00.000Z');
  // Summer time begins on the Sunday between: 08:00 is an hour earlier by UTC.
  expect(due('2027-03-26T16:40:00Z')).toBe('2027-03-29T06:10:00.000Z');
  expect(due('2026-11-23T08:00:00Z', { from: at('2026-11-23T08:10:00Z'), to: at('2026-11-23T09:00:00Z') })).toBe(
    '2026-11-23T09:20:00.000Z',
  );
  expect(due('2026-11-23T08:00:00Z', { from: at('2026-11-23T08:10:00Z') })).toBeUndefined();
  // Warned of before the clock stood.
  expect(firstResponse(promise, 'Europe/Berlin', at('2026-11-23T08:00:00Z'), [{ from: at('2026-11-23T08:25:00Z') }])).toEqual({
    warnAt: at('2026-11-23T08:20:00Z'),
  });
});

it('promises the same day only before the cut-off of a work day, by the clock of the home', () => {
  const visit = planOf(POLICY, PRIORITY).visit!;
  const by = (zone: string, reported: string) => {
    const due = sameDayBy(visit, zone, at(reported));
    return due && [new Date(due.at).toISOString(), due.isSameDay];
  };
  expect(by('Europe/Berlin', '2026-11-23T12:59:59Z')).toEqual(['2026-11-23T17:00:00.000Z', true]);
  expect(by('Europe/Berlin', '2026-11-23T13:00:00Z')).toEqual(['2026-11-24T17:00:00.000Z', false]);
  expect(by('Europe/Berlin', '2026-12-25T08:00:00Z')).toEqual(['2026-12-28T17:00:00.000Z', false]);
  expect(by('Asia/Kathmandu', '2026-11-23T08:14:00Z')).toEqual(['2026-11-23T12:15:00.000Z', true]);
  expect(by('Australia/Lord_Howe', '2026-11-23T02:59:00Z')).toEqual(['2026-11-23T07:00:00.000Z', true]);
  expect(by('Australia/Lord_Howe', '2026-06-22T02:59:00Z')).toEqual(['2026-06-22T07:30:00.000Z', true]);
  // Samoa had no Friday 30 December 2011: after the cut-off of Thursday comes Monday.
  expect(by('Pacific/Apia', '2011-12-30T01:00:00Z')).toEqual(['2012-01-02T04:00:00.000Z', false]);
  // Morocco in Ramadan goes by UTC, else an hour ahead of it.
  expect(by('Africa/Casablanca', '2026-02-20T12:30:00Z')).toEqual(['2026-02-20T18:00:00.000Z', true]);
  expect(by('Africa/Casablanca', '2026-04-20T12:30:00Z')).toEqual(['2026-04-20T17:00:00.000Z', true]);
  expect(by('Africa/Casablanca', '2026-04-20T13:00:00Z')).toEqual(['2026-04-21T17:00:00.000Z', false]);
});

it('lets nobody call at night, unless the house is down', () => {
  const { noCalls } = homeOf(POLICY, BASIC);
  expect(mayContact(noCalls, 'Europe/Berlin', at('2026-11-23T12:00:00Z'))).toEqual({ may: true });
  expect(mayContact(noCalls, 'Europe/Berlin', at('2026-11-23T02:00:00Z'))).toEqual({ may: false, from: at('2026-11-23T07:00:00Z') });
  expect(mayContact(noCalls, 'Europe/Berlin', at('2026-11-23T02:00:00Z'), true)).toEqual({ may: true });
});

it('has a house called about that is down, at night and under a plan that promises nothing about it', () => {
  const policy = policyIn(TEXT.replace('premisesDown: {within: 20min, warnShare: 0.5}', 'interactions: {freePerMonth: 5}'));
  const [home, now] = [{ site: BASIC, hubTimeZone: 'Europe/Berlin' }, at('2026-11-23T02:00:00Z')];
  const asked = { held: false, actionableAt: now, receivedAt: now };
  const nas = serviceOf(policy, home, { ...NAS_DOWN, ...asked }, now);
  expect(nas).toMatchObject({ noCallsBefore: at('2026-11-23T07:00:00Z'), timeZone: 'Europe/Berlin' });
  const internet = serviceOf(policy, home, { code: 'internet-down', severity: 'critical', ...asked }, now);
  expect(internet).toMatchObject({ premisesDown: false, covered: true });
  expect(internet).not.toHaveProperty('noCallsBefore');
});

it('goes by UTC where nobody knows the zone of a home, and says so', () => {
  const zoneOf = (hubTimeZone?: string) => homeServiceOf(POLICY, { site: BASIC, hubTimeZone }, at('2026-11-23T12:00:00Z'));
  expect(zoneOf('Europe/Berlin')).toMatchObject({ timeZone: 'Europe/Berlin', timeZoneBy: 'hub', mayCall: true });
  for (const unknown of [undefined, '', 'Mars/Olympus', '+02:00'])
    expect(zoneOf(unknown)).toMatchObject({ timeZone: 'UTC', timeZoneBy: 'nobody' });
});

it('says in words what a new version changes, and asks for a new name', () => {
  const change = (from: string, to: string): string[] => differenceOf(POLICY, policyIn(TEXT.replace(from, to))).map(changeWords);
  expect(change('x'.repeat(99), '')).toEqual([]);
  expect(change('within: 30min', 'within: 20min')).toEqual([
    'plan basic: first answer: within 20 min (was within 30 min)',
    'plan basic: first answer, warned: after 13 min 20 s (was after 20 min)',
  ]);
  expect(change('to: "18:00"}], holidays: de', 'to: "18:00"}]')).toEqual([
    'plan basic: first answer, hours: mon to fri 08:00 to 18:00 (was mon to fri 08:00 to 18:00, but not on the holidays "de")',
  ]);
  expect(change('Weihnachten', 'Christmas')).toEqual(['holidays de: 2026-12-25: Christmas (was Weihnachten)']);
  expect(change('2026-12-25: W', '2026-12-26: W')).toEqual([
    'holidays de: 2026-12-25: no longer Weihnachten',
    'holidays de: 2026-12-26: Weihnachten (new)',
  ]);
  expect(change(`${PRIORITY}: {plan: priority`, `${PRIORITY}: {plan: basic`)).toEqual([`home ${PRIORITY}: plan: basic (was priority)`]);
  expect(change(`  ${NONE}: {dealer: Hansa AV}\n`, '')).toEqual([`home ${NONE}: gone`]);
  expect(change('from: "21:00"', 'from: "22:00"')).toEqual([
    `home ${BASIC}: no calls: every day 22:00 to 08:00 (was every day 21:00 to 08:00)`,
  ]);
  expect(change('dealerIncluded: true', 'dealerIncluded: false')).toEqual(["plan priority: the dealer's work: billed (was included)"]);
  expect(change('since: 2026-12-01\n', 'since: 2026-12-01\nvendorCase: {qualifiedWithin: 90min}\n')[0]).toBe(
    'policy: somebody qualified at a vendor: within 1 h 30 min (was within 1 h)',
  );
  expect(change('since: 2026-12-01\n', 'since: 2026-12-01\nstandardPlan: basic\n')[0]).toBe('policy: standard plan: basic (was none)');
  const changed = policyIn(TEXT.replace('within: 30min', 'within: 20min'));
  expect(versionTrouble(POLICY, changed, differenceOf(POLICY, changed))).toContain('give the new one another');
  const renamed = { ...changed, version: '2' };
  expect(versionTrouble(POLICY, renamed, differenceOf(POLICY, renamed))).toBeUndefined();
  expect(versionTrouble(POLICY, { ...renamed, since: '2026-11-30' }, [])).toContain('before the old one');
});
