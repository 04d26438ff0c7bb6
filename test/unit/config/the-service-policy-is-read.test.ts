import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readServicePolicy } from '../../../src/config/service.ts';
import { serviceJsonSchema } from '../../../src/config/service-schema.ts';

const EXAMPLE = readFileSync(new URL('../../../config/service.example.yaml', import.meta.url), 'utf8');
const SITE = '7kkt28c5v7ab6wwc9st0kfne47';
const problems = (text: string): unknown => {
  const read = readServicePolicy(text);
  return read.ok ? [] : read.error.map(({ path, line, message }) => `${line ?? ''} ${path}: ${message}`.trim());
};

it('reads the example, with everything that it promises', () => {
  const read = readServicePolicy(EXAMPLE);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { version, since, standardPlan, plans, homes, holidays } = read.value;
  expect({ version, since, standardPlan }).toEqual({ version: '2026-12', since: '2026-12-01', standardPlan: 'none' });
  expect(holidays.get('us')?.get('2026-12-25')).toBe('Christmas Day');
  expect(plans.get('basic')).toEqual({
    id: 'basic',
    title: 'Basic',
    covers: { severities: new Set(['critical', 'error']) },
    firstAnswer: {
      withinMs: 1_800_000,
      warnShare: 2 / 3,
      hours: {
        spans: [
          { days: new Set(['mon', 'tue', 'wed', 'thu', 'fri']), from: 420, to: 1320 },
          { days: new Set(['sat', 'sun']), from: 540, to: 1020 },
        ],
        holidays: new Set(['2026-12-25', '2027-01-01', '2027-05-31', '2027-07-05', '2027-09-06', '2027-11-25']),
        calendar: 'us',
        timeZone: 'America/New_York',
      },
    },
    premisesDown: { withinMs: 1_800_000, warnShare: 2 / 3 },
    unanswered: [
      { afterMs: 600_000, to: 'second desk', atAnyHour: false, bills: false },
      { afterMs: 1_200_000, to: 'desk lead', atAnyHour: false, bills: false },
      { afterMs: 2_700_000, to: 'dealer on call', severities: new Set(['critical']), atAnyHour: true, bills: true },
    ],
    interactions: { free: 5, per: 'month', beyond: '25 USD' },
    fee: { minor: 4900, currency: 'USD', per: 'month' },
    dealerShare: 0.3,
    dealerIncluded: false,
  });
  expect(plans.get('priority')?.visit).toMatchObject({
    reportBy: 840,
    until: 1080,
    days: new Set(['mon', 'tue', 'wed', 'thu', 'fri', 'sat']),
  });
  expect(homes.get(SITE)).toMatchObject({
    plan: 'basic',
    dealer: 'Harbor Audio Video',
    consent: { by: 'J. Smith', on: '2026-10-14', rate: '120 USD per hour', recordedBy: 'A. Meier' },
    noCalls: [{ from: 1260, to: 480 }],
  });
});

it('needs no more than its version and since when it holds', () => {
  expect(readServicePolicy('version: "1"\nsince: 2026-12-01\n')).toMatchObject({
    ok: true,
    value: { standardPlan: 'none', plans: new Map() },
  });
  expect(problems('')).toEqual(['version: must be text', 'since: must be text']);
});

it('tells every problem at once, each at its line with what would be right', () => {
  const text = `version: "1"
since: 2026-02-30
standardPlan: bassic
holidays: {us: {2026-13-01: X}}
plans:
  basic:
    covers: {severities: [bad], kinds: [phone], codes: [device-dwon]}
    firstAnswer: {within: 3 weeks, warnShare: 2, hours: {spans: [{from: "07:00", to: "07:00"}], holidays: uk}}
    visit: {reportBy: "18:00", until: "14:00", hollidays: us}
    interactions: {freePerMonth: -1, beyond: a lot}
homes:
  nobody: {plan: basic}
  ${SITE}:
    plan: premium
    timeZone: America/New_Yrok
    consent: {by: J, on: 2026-10-14, rate: 120, recordedBy: A}
    noCalls: [{from: "08:00", to: "20:00"}, {from: "20:00", to: "08:00"}]
`;
  const told = problems(text) as string[];
  const expected = [
    /^2 since: must be a day such as 2026-12-25$/,
    /^3 standardPlan: must be one of the plans of this file; did you mean "basic"\?$/,
    /^4 holidays\.us\.2026-13-01: must be a day such as 2026-12-25$/,
    /^7 plans\.basic\.covers\.severities\.0: must be one of critical, error, warning, info$/,
    /^7 plans\.basic\.covers\.kinds\.0: must be one of router, /,
    /^7 plans\.basic\.covers\.codes\.0: must be one of device-down, /,
    /^8 plans\.basic\.firstAnswer\.within: must be a time such as 30min or 4h, from 1min to 48h$/,
    /^8 plans\.basic\.firstAnswer\.warnShare: must be /,
    /^8 plans\.basic\.firstAnswer\.hours\.spans\.0\.to: must be another time than the beginning$/,
    /^8 plans\.basic\.firstAnswer\.hours\.holidays: must be one of the holidays of this file; did you mean "us"\?$/,
    /^9 plans\.basic\.visit\.until: must be later than reportBy$/,
    /^9 plans\.basic\.visit\.hollidays: unknown setting; did you mean "holidays"\?$/,
    /^10 plans\.basic\.interactions\.freePerMonth: must be at least 0$/,
    /^10 plans\.basic\.interactions\.beyond: must be a price such as 25 USD$/,
    /^12 homes\.nobody: must be the id of a site$/,
    /^14 homes\.\w+\.plan: must be one of the plans of this file; there are: none, basic$/,
    /^15 homes\.\w+\.timeZone: must be a time zone such as America\/New_York$/,
    /^16 homes\.\w+\.consent: needs a dealer beside it: to whom the client agreed$/,
    /^16 homes\.\w+\.consent\.rate: must be /,
    /^17 homes\.\w+\.noCalls: must leave some time of the week in which people may call$/,
  ];
  for (const each of expected)
    expect(
      told.filter((line) => each.test(line)),
      String(each),
    ).toHaveLength(1);
  expect(told).toHaveLength(expected.length);
});

it.each(['2.50 JPY', '25 XQZ'])('refuses a price of which nobody could make an invoice: %s', (price) => {
  const plan = `plans: {basic: {interactions: {freePerMonth: 1, beyond: ${price}}}}`;
  expect(problems(`version: "1"\nsince: 2026-12-01\nstandardPlan: basic\n${plan}\n`)).toEqual([
    '4 plans.basic.interactions.beyond: must be a price in a currency that there is, no finer than it goes',
  ]);
});

it('refuses a home that is given twice, and an alias beside it', () => {
  const home = `  ${SITE}: {dealer: X}\n`;
  expect(problems(`version: "1"\nsince: 2026-12-01\nhomes:\n${home}${home}`)).toEqual(['5 : this setting is given twice']);
  expect(problems('version: &v "1"\nsince: 2026-12-01\nsince: 2026-12-02\nstandardPlan: *v\n')).toEqual([
    '3 : this setting is given twice',
    '4 : write the value itself instead of the alias *v',
  ]);
});

it('refuses hours of service that serve almost nobody', () => {
  const hours = (to: string): string =>
    `version: "1"\nsince: 2026-12-01\nplans: {a: {firstAnswer: {within: 30min, hours: {spans: [{days: [mon], from: "07:00", to: "${to}"}]}}}}\n`;
  expect(problems(hours('07:59'))).toEqual(['3 plans.a.firstAnswer.hours.spans: must be at least 60 minutes a week']);
  expect(problems(hours('08:00'))).toEqual([]);
});

it('refuses steps that are no time after the one before, nobody, or of no severity', () => {
  const steps =
    '[{after: 20min, to: a}, {after: 20min, to: b}, {after: soon, to: " "}, {after: 1h, to: c, severities: [bad], hours: x}, {to: d}, {after: 59min, to: e}]';
  expect(problems(`version: "1"\nsince: 2026-12-01\nplans: {a: {unanswered: ${steps}}}\n`)).toEqual([
    'plans.a.unanswered.4.after: must be text',
    '3 plans.a.unanswered.2.after: must be a time such as 30min or 4h, from 1min to 48h',
    '3 plans.a.unanswered.2.to: must be at least 1 character long',
    '3 plans.a.unanswered.3.severities.0: must be one of critical, error, warning, info',
    '3 plans.a.unanswered.3.hours: unknown setting; known here: after, to, severities, atAnyHour, bills',
    '3 plans.a.unanswered.1.after: must be later than the step before it',
    '3 plans.a.unanswered.5.after: must be later than the step before it',
  ]);
});

it('refuses skills of nothing, people who know what nobody named, and parts of minutes', () => {
  const text = `version: "1"
since: 2026-12-01
timeIncrement: 90s
vendorCase: {qualifiedWithin: soon}
plans: {a: {interactions: {freePerMonth: 1, freePerYear: 3}}, b: {interactions: {}}}
skills: {lutron: {}, network: {kinds: [rooter]}}
people:
  Kim: {skills: [lutrom], hours: {spans: [{from: "08:00", to: "09:00", days: [mon]}], holidays: us}}
`;
  expect(problems(text)).toEqual([
    'people.Kim.hours.timeZone: must be text',
    '3 timeIncrement: must be whole minutes such as 15min, from 1min to 4h',
    '4 vendorCase.qualifiedWithin: must be a time such as 30min or 4h, from 1min to 48h',
    '5 plans.a.interactions: must be freePerMonth or freePerYear: one of the two',
    '5 plans.b.interactions: must be freePerMonth or freePerYear: one of the two',
    '6 skills.lutron: must be of some makers or kinds: vendors or kinds',
    expect.stringMatching(/^6 skills\.network\.kinds\.0: must be one of router, /),
    '8 people.Kim.skills.0: must be one of the skills of this file; did you mean "lutron"?',
    '8 people.Kim.hours.holidays: must be one of the holidays of this file; there are: none',
  ]);
});

it('the schema file for editors is what `hearthbeat policy schema` prints (if not: npm run -s hearthbeat -- policy schema > config/schemas/service.schema.json)', () => {
  const file = readFileSync(new URL('../../../config/schemas/service.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(file)).toEqual(serviceJsonSchema());
});

it('reads ten thousand homes', () => {
  const home = 'plan: priority, timeZone: America/Chicago, dealer: Harbor Audio Video, noCalls: [{from: "21:00", to: "08:00"}]';
  const id = (n: number): string => `${SITE.slice(0, 20)}${String(n).padStart(6, '0')}`;
  const homes = Array.from({ length: 10_000 }, (_, n) => `  ${id(n)}: {${home}}`).join('\n');
  const read = readServicePolicy(`version: "1"\nsince: 2026-12-01\nplans: {priority: {}}\nhomes:\n${homes}\n`);
  expect(read.ok && read.value.homes.size).toBe(10_000);
});
