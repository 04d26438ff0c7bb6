import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kindTraits } from '../../../../src/agent/inventory/kinds.ts';
import { factJsonSchema, UNCONFIRMED, type WrittenFact } from '../../../../src/agent/lifecycle/fact.ts';
import { readFactFile } from '../../../../src/agent/lifecycle/fact-file.ts';
import { serviceLifeSchema } from '../../../../src/agent/lifecycle/service-life.ts';
import { readLifecycleTexts, readServiceLives } from '../../../../src/platform/lifecycle-files.ts';

const texts = readLifecycleTexts();
const everything = [...texts.values()].join('');
const factsIn = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as WrittenFact);

describe('the catalogue', () => {
  it('holds facts that are well-formed, meet their own examples and contradict no other', () => {
    expect(readFactFile(everything).problems).toEqual([]);
    expect(readFactFile(everything).facts.length).toBeGreaterThan(1_400);
  });

  it('keeps what belongs to persons in files of their own', () => {
    for (const [name, text] of texts)
      for (const { id, kind } of factsIn(text)) expect(`${id} ${kindTraits(kind).personal}`).toBe(`${id} ${name.startsWith('personal-')}`);
  });

  it('trusts no fact that no source was read for', () => {
    const unread = factsIn(everything).filter(({ sources }) => sources.some(({ title }) => title === UNCONFIRMED));
    expect(unread.length).toBeGreaterThan(50);
    expect(new Set(unread.map(({ confidence }) => confidence))).toEqual(new Set(['low']));
  });

  it('has its JSON schema written down', () => {
    expect(JSON.parse(readFileSync('config/schemas/lifecycle-fact.schema.json', 'utf8'))).toEqual(factJsonSchema());
  });

  it('has one usual life for a kind, with numbers in order', () => {
    const lives = readServiceLives();
    for (const life of lives) {
      expect(serviceLifeSchema.safeParse(life).error, life.id).toBeUndefined();
      expect(
        [life.low <= life.typical, life.typical <= life.high, life.warnAt <= life.dueAt, life.dueAt <= life.high],
        life.id,
      ).not.toContain(false);
    }
    const kinds = lives.flatMap((life) => life.kinds);
    expect(kinds).toEqual([...new Set(kinds)]);
  });
});

describe('a fact that does not hold', () => {
  const good = {
    id: 'acme-box',
    vendor: 'ACME',
    product: 'Box',
    kind: 'router',
    match: { models: ['Box 1'] },
    ends: { security: '2025-03' },
    sources: [{ title: 'ACME: end of life', url: 'https://acme.example/eol' }],
    readOn: '2026-01-02',
    confidence: 'high',
    examples: [{ model: 'ACME Box 1' }],
  };
  const problemsOf = (...changes: object[]) =>
    readFactFile(changes.map((change, i) => JSON.stringify({ ...good, id: `acme-${i}`, ...change })).join('\n')).problems.map(
      ({ path, message }) => `${path} ${message}`,
    );

  it.for([
    [{}, []],
    [{ ends: { security: '2025-13' } }, [/^line 1\.ends\.security is no date/]],
    [{ ends: { security: '2025-02-30' } }, [/is no date/]],
    [{ ends: {} }, [/says nothing/]],
    [{ released: '2026', ends: { security: '2025' } }, [/is before the release/]],
    [{ ends: { features: '2026', security: '2025' } }, [/security is before the end of features/]],
    [{ sources: [{ title: UNCONFIRMED }] }, [/confidence must be low/]],
    [{ sources: [{ title: 'A page' }] }, [/sources\.0\.url is missing/]],
    [{ readOn: undefined }, [/readOn is missing/]],
    [{ match: {} }, [/matches nothing/]],
    [{ examples: [{ model: 'Box 2' }] }, [/^line 1\.examples\.0 is not met/]],
    [{ counterExamples: [{ model: 'Box 1' }] }, [/counterExamples\.0 is met/]],
    [{ colour: 'red', kind: 'toaster' }, [/line 1\.kind /, /line 1\.colour is unknown here/]],
  ] as [object, RegExp[]][])('is told with its place: %j', ([change, wanted], { expect }) => {
    const told = problemsOf(change);
    expect(told).toHaveLength(wanted.length);
    for (const pattern of wanted) expect(told.join('\n')).toMatch(pattern);
  });

  it('is told when another one says other dates of the same model, unless revisions or versions separate them', () => {
    const other = { ends: { security: '2027' } };
    const of = (...revisions: string[]) => ({
      match: { models: [{ name: 'Box 1', revisions }] },
      examples: [{ model: `Box 1 ${revisions[0]}` }],
    });
    const from = (start: string, below: string) => ({
      match: { system: { name: 'BoxOS', from: start, below } },
      examples: [{ firmware: `BoxOS ${start}` }],
    });
    expect(problemsOf({}, other)).toEqual([
      expect.stringMatching(/line 2 says other dates than "acme-0" of model "box1"/),
      expect.anything(),
      expect.anything(),
    ]);
    expect(problemsOf(of('V1', 'V2'), { ...of('V3'), ...other })).toEqual([]);
    expect(problemsOf(of('V1', 'V2'), { ...of('V2'), ...other })).toContainEqual(expect.stringMatching(/other dates/));
    expect(problemsOf(from('7.1', '7.2'), { ...from('7.10', '7.11'), ...other })).toEqual([]);
    expect(problemsOf(from('7.1', '7.3'), { ...from('7.2', '7.11'), ...other })).toContainEqual(expect.stringMatching(/other dates/));
  });

  it('does not hide the others: every problem is told at once', () => {
    expect(readFactFile(`{"id": 1}\nnonsense\n${JSON.stringify({ ...good, readOn: undefined })}`).problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['line 1.id', 'line 1.vendor', 'line 2', 'line 3.readOn']),
    );
  });
});
