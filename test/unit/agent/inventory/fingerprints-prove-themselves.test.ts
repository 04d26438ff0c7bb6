import { describe, expect, it } from 'vitest';
import { problemsIn, problemsInExamples, type Rule, ruleSchema, withoutTables } from '../../../../scripts/fingerprint-rules.ts';
import { compileFingerprints, conclude, evidenceIn, type Fingerprint } from '../../../../src/agent/inventory/fingerprints.ts';
import { readFingerprintRules, readFingerprintTables } from '../../../../src/platform/fingerprint-files.ts';

const written = readFingerprintRules();
const tables = readFingerprintTables();
const rules = written.flatMap((rule): Rule[] => {
  const parsed = ruleSchema.safeParse(rule);
  return parsed.success ? [parsed.data] : [];
});

/** 4 KB that make a backtracking pattern sweat: one letter, one blank, one digit, and its own beginning over and over. */
function adversarialTexts(pattern: string): string[] {
  const letters = pattern.replace(/\\.|[^\w ]/g, '').slice(0, 24) || 'a';
  return ['a', ' ', '1', 'a1 ', letters, `${letters} `].map((part) => `${part.repeat(Math.ceil(4096 / part.length)).slice(0, 4095)}\u0000`);
}

/** The best of three: other work on the machine must not fail a pattern. */
function millisecondsFor(expression: RegExp, text: string): number {
  const once = (): number => {
    const startedAt = performance.now();
    expression.exec(text);
    return performance.now() - startedAt;
  };
  return Math.min(once(), once(), once());
}

describe('fingerprint rules', () => {
  it('are many, well formed, with ids of their own, and name only kinds and tables that exist', () => {
    expect(problemsIn(written, tables)).toEqual([]);
    expect(rules.length).toBeGreaterThan(100);
  });

  // Millions of comparisons: a second alone, twenty on a busy machine.
  it('match their own examples, and all rules together conclude what the examples say', { timeout: 120_000 }, () => {
    expect(problemsInExamples(rules, tables)).toEqual([]);
  });

  it('read four kilobytes of anything in under five milliseconds', { timeout: 60_000 }, () => {
    const patterns = new Set(rules.flatMap((rule) => Object.values(rule.match)).filter((pattern) => !pattern.startsWith('@')));
    const slow = [...patterns].filter((pattern) => {
      const expression = new RegExp(withoutTables(pattern), 'i');
      return adversarialTexts(pattern).some((text) => millisecondsFor(expression, text) >= 5);
    });
    expect(slow).toEqual([]);
  });

  it.each([
    ['an unknown kind', { say: { kind: 'toaster' } }, 'no kind toaster'],
    ['an unknown table', { match: { model: '@nowhere' } }, 'no table nowhere'],
    ['an unknown table in a text', { say: { model: '{model|nowhere}' } }, 'no table nowhere'],
    ['a nested quantifier', { match: { model: '^(a+)+$' } }, 'for ever'],
    ['a broken pattern', { match: { model: '(' } }, 'Invalid regular expression'],
    ['a field that is none', { sey: {} }, 'sey'],
  ])('with %s are refused', (_, fault, problem) => {
    const rule = { id: 'x', on: 'upnp', say: { vendor: 'X' }, confidence: 0.5, examples: [{ fields: {}, says: {} }], ...fault };
    expect(problemsIn([rule], tables).join()).toContain(problem);
  });
});

describe('the fingerprint engine', () => {
  const rule = (fields: Partial<Fingerprint>): Fingerprint => ({ id: 'r', on: 'upnp', say: { model: 'M' }, confidence: 0.5, ...fields });
  const concluded = (written: readonly Fingerprint[], fields: Record<string, string>, on = 'upnp'): Record<string, string> => {
    const known = new Map([
      [
        'phones',
        new Map([
          ['d22ap', 'iPhone X'],
          ['phone ', 'a phone with a number'],
        ]),
      ],
    ]);
    const statements = conclude(compileFingerprints(written, known), { on, source: 'test', fields });
    return Object.fromEntries(statements.map(({ fact, value }) => [fact, value]));
  };

  it('looks words up in tables without case, and is silent where the table is', () => {
    const looked = rule({ match: { 'txt.am|txt.model': '@phones' }, say: { kind: 'phone', model: '{value|phones}' } });
    expect(concluded([looked], { 'txt.model': 'D22AP' })).toEqual({ kind: 'phone', model: 'iPhone X' });
    expect(concluded([looked], { 'txt.model': 'D99AP' })).toEqual({});
    expect(concluded([rule({ say: { kind: 'phone', model: '{id|phones}' } })], { id: 'D99AP' })).toEqual({ kind: 'phone' });
  });

  it('looks up keys that end in a blank, where the number of a product stands apart', () => {
    const line = rule({ match: { model: '^(?<line>@{phones})\\d' }, say: { model: '{line|phones}' } });
    expect(concluded([line], { model: 'Phone 7' })).toEqual({ model: 'a phone with a number' });
  });

  it('says a model in full where a less sure rule goes on with its number, and takes no serial number for one', () => {
    const family = rule({ id: 'family', match: { title: '^vigor' }, say: { model: 'Vigor' }, confidence: 0.8 });
    const number = rule({ id: 'number', match: { title: '^(?<name>vigor \\w+)' }, say: { model: '{name}' } });
    const other = rule({ id: 'other', match: { title: '(?<name>AP\\d+)' }, say: { model: '{name}' }, confidence: 0.7 });
    expect(concluded([family, number], { title: 'Vigor 2926' })).toEqual({ model: 'Vigor 2926' });
    expect(concluded([number, family, other], { title: 'Vigor 2926 AP903' })).toEqual({ model: 'Vigor 2926' });
    expect(concluded([family, number], { title: 'Vigor 00507F12' })).toEqual({ model: 'Vigor' });
    expect(concluded([family, number], { title: 'Vigor login' })).toEqual({ model: 'Vigor' });
    expect(concluded([rule({ ...family, say: { model: null } }), number], { title: 'Vigor 2926' })).toEqual({});
  });

  it('puts the keys of a table into a pattern, the longest first, without those of another', () => {
    const written = [
      rule({
        match: { title: '^(?:the )?(?<maker>@{makers!words})\\b[ -]*(?<rest>\\w*)' },
        say: { vendor: '{maker|makers}', model: '{rest}' },
      }),
    ];
    const makers = new Map(Object.entries({ cisco: 'Cisco', 'cisco meraki': 'Cisco Meraki', 'b+b': 'B+B', ring: 'Ring' }));
    const fingerprints = compileFingerprints(
      written,
      new Map([
        ['makers', makers],
        ['words', new Map([['ring', '']])],
      ]),
    );
    const said = (title: string) => conclude(fingerprints, { on: 'upnp', source: 'x', fields: { title } }).map(({ value }) => value);
    expect(said('Cisco Meraki MX68')).toEqual(['Cisco Meraki', 'MX68']);
    expect(said('the Cisco-887 and Cisco Meraki')).toEqual(['Cisco', '887']);
    expect(said('B+B x')).toEqual(['B+B', 'x']);
    expect(said('Ring x')).toEqual([]);
    for (let n = 0; n < 200; n++) expect(said(`Cisco ${n}`)).toEqual(['Cisco', String(n)]);
  });

  it('tries the fields of an alternative in order', () => {
    const either = rule({ match: { 'title|server': '^Acme (?<model>\\d+)' }, say: { model: '{model}' } });
    expect(concluded([either], { title: 'Login', server: 'Acme 7' })).toEqual({ model: '7' });
    expect(concluded([either], { title: 'Acme 8', server: 'Acme 7' })).toEqual({ model: '8' });
  });

  it('holds a rule back where its two makers are known and differ', () => {
    const line = rule({
      match: { title: '^(?:(?<front>\\w+) )?(?<line>d)22ap' },
      same: ['front', 'line'],
      say: { model: 'X' },
    });
    expect(concluded([line], { title: 'D22AP' })).toEqual({ model: 'X' });
    expect(concluded([line], { title: 'D D22AP' })).toEqual({ model: 'X' });
    expect(concluded([line], { title: 'Zultys D22AP' })).toEqual({});
    const looked = rule({ match: { am: '@phones' }, same: ['manufacturer', 'am|phones'] });
    expect(concluded([looked], { am: 'd22ap', manufacturer: 'iPhone X, Inc.' })).toEqual({ model: 'M' });
    expect(concluded([looked], { am: 'd22ap', manufacturer: 'Acme' })).toEqual({});
  });

  it('works one rule on several kinds of evidence', () => {
    const both = rule({ on: ['ftp', 'telnet'] });
    expect(concluded([both], {}, 'telnet')).toEqual({ model: 'M' });
    expect(concluded([both], {}, 'sip')).toEqual({});
  });

  it('reads services of a type that no rule names by the rules for other services', () => {
    const written = [rule({ on: '_other', say: { model: 'other' } }), rule({ id: 's', on: '_acme._tcp', say: { model: 'own' } })];
    expect(concluded(written, {}, '_unheard._tcp')).toEqual({ model: 'other' });
    expect(concluded(written, {}, '_acme._tcp')).toEqual({ model: 'own' });
    expect(concluded(written, {}, 'http')).toEqual({});
  });

  it('lets the surest rule speak, also when it says nothing', () => {
    expect(concluded([rule({}), rule({ id: 's', say: { model: null }, confidence: 0.6 })], {})).toEqual({});
    expect(concluded([rule({}), rule({ id: 's', say: { model: null }, confidence: 0.4 })], {})).toEqual({ model: 'M' });
  });

  it('caps what a device can make it say, and cleans it', () => {
    expect(concluded([rule({ say: { model: '{m}' } })], { m: `A\u202e${'b'.repeat(500)}` }).model).toHaveLength(128);
  });
});

describe('evidence', () => {
  const heard = { at: { wallMs: 0, monoMs: 0 }, interface: 'eth0', ip: '192.168.1.9' } as const;

  it('of a reader is named by the reader and by where it asked, so that two pages are two sources', () => {
    const page = (port: number, path: string) =>
      evidenceIn({ ...heard, method: 'http', reader: 'http', port, identifiers: [], fields: { title: 'Acme', path } }, 'Acme')[0];
    expect(page(80, '/')).toEqual({ on: 'http', source: 'http 80', fields: { title: 'Acme', path: '/', macVendor: 'Acme' } });
    expect(page(8080, '/info')?.source).toBe('http 8080 /info');
  });

  it('of open ports and of a DHCP client are fields too', () => {
    const [ports] = evidenceIn({ ...heard, method: 'ports', reader: 'ports', fields: {}, identifiers: [], openPorts: [22, 80] });
    expect(ports?.fields).toEqual({ openPorts: '22 80' });
    const [client] = evidenceIn({ ...heard, method: 'dhcp', mac: '00:11:22:33:44:55', fields: { vendorClass: 'MSFT 5.0' } });
    expect(client).toEqual({ on: 'dhcp', source: 'dhcp', fields: { vendorClass: 'MSFT 5.0' } });
  });
});
