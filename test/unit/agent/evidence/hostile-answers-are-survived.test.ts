import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHttpPage } from '../../../../src/agent/evidence/http-page.ts';
import type { Finding } from '../../../../src/agent/evidence/reader.ts';
import { LOCAL_API_ANSWERS } from '../../../builders/local-api-answers.ts';

const RUNS = 10_000;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const PAGE =
  '<!doctype html><html><head><title>DS920&nbsp;-&nbsp;Synology</title><meta name="generator" content="x"><meta http-equiv=refresh content="0;url=/a"><script src="/luci-static/a"></script></head></html>';

/** What breaks parsers: ends and beginnings in the wrong place, escapes, other types, names of JavaScript's own. */
const WEDGES = [
  '<',
  '>',
  '"',
  "'",
  '&#x110000;',
  '&#0;',
  '\u0000',
  '\u001b[2J',
  '\u202e',
  '\ud800',
  '<![CDATA[',
  ']]>',
  '{"__proto__":{"x":1}}',
  '[[[[',
  'null',
  '1e999',
  '\r\n',
  '<a '.repeat(64),
  '=',
  'x'.repeat(2_000),
];

/** The real answer with a piece cut out, and something wedged in its place. */
function broken(answer: string): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(answer.length);
  const wedge = fc.oneof(fc.constantFrom(...WEDGES), fc.string({ maxLength: 8 }));
  return fc.tuple(place, fc.nat(24), wedge).map(([at, cut, text]) => encode(answer.slice(0, at) + text + answer.slice(at + cut)));
}

function expectClean(finding: Finding | undefined): void {
  if (!finding) return;
  const texts = [...Object.values(finding.fields), ...(finding.identifiers ?? []).map(({ value }) => value)];
  expect(Object.keys(finding.fields).length).toBeLessThanOrEqual(48);
  for (const text of texts) {
    expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]{1,1024}$/);
    expect([...text].length).toBeLessThanOrEqual(512);
  }
}

const parsers: readonly (readonly [name: string, answer: string, parse: (body: Uint8Array) => Finding | undefined])[] = [
  ...LOCAL_API_ANSWERS.map(({ reader, body, parse }, i) => [`${reader} (${i})`, body, parse] as const),
  ['http', PAGE, (body) => parseHttpPage({ status: 200, headers: {}, body }, '/', 80)],
];

describe('Ten thousand broken answers do not break', () => {
  test.each(parsers)('%s', (_, answer, parse) => {
    const anything = fc.oneof(
      { weight: 8, arbitrary: broken(answer) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 256 }) },
      { weight: 1, arbitrary: fc.json().map(encode) },
    );
    fc.assert(
      fc.property(anything, (body) => expectClean(parse(body))),
      { numRuns: RUNS },
    );
  });
});

test('the longest answers that are taken keep no parser busy', () => {
  const filler = ['<', '{"a":', '[', '<a>', '&amp;', '"', '=', '<name ', '<j:', '\\', '{"device":'];
  for (const [name, answer, parse] of parsers) {
    for (const piece of filler) {
      const body = encode((answer.slice(0, 200) + piece.repeat(65_536 / piece.length)).slice(0, 65_536));
      const startedAt = performance.now();
      parse(body);
      expect(performance.now() - startedAt, `${name} ${piece}`).toBeLessThan(60);
    }
  }
});
