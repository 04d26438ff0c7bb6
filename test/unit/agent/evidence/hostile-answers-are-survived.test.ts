import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHttpPage } from '../../../../src/agent/evidence/http-page.ts';
import { LOCAL_API_ANSWERS } from '../../../builders/local-api-answers.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Every place in a JSON value, by its keys. */
function placesIn(value: unknown, at: readonly string[] = []): string[][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [[...at], ...inner.flatMap(([key, part]) => placesIn(part, [...at, key]))];
}

function withValueAt(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = withValueAt(copy[key], rest, other);
  return copy;
}

describe('An answer with anything in the place of anything breaks nothing', () => {
  const answers = LOCAL_API_ANSWERS.filter(({ body }) => body.startsWith('{')).map(
    (answer) => [`${answer.reader} at ${answer.at}`, answer] as const,
  );
  test.each(answers)('%s', (_, { body, parse }) => {
    const real: unknown = JSON.parse(body);
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('\u001b[2J', '\u202e', 'x'.repeat(2_000), { __proto__: null, length: 3 }, 1e308),
    );
    fc.assert(
      fc.property(fc.constantFrom(...placesIn(real)), anything, (place, other) => {
        const finding = parse(encode(JSON.stringify(withValueAt(real, place, other))));
        for (const text of Object.values(finding?.fields ?? {}))
          expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e]{1,512}$/u);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('the longest answers that are taken keep no parser busy', () => {
  const parsers = [
    ...LOCAL_API_ANSWERS.map(({ reader, body, parse }) => [reader, body, parse] as const),
    ['http', '<title>x', (body: Uint8Array) => parseHttpPage({ status: 200, headers: {}, body }, '/', 80)] as const,
  ];
  const filler = ['<', '{"a":', '[', '<a>', '&amp;', '"', '=', '<name ', '<j:Name', '<sn', '\\', '{"device":'];
  for (const [name, answer, parse] of parsers) {
    for (const piece of filler) {
      const body = encode((answer.slice(0, 200) + piece.repeat(65_536 / piece.length)).slice(0, 65_536));
      const startedAt = performance.now();
      parse(body);
      expect(performance.now() - startedAt, `${name} ${piece}`).toBeLessThan(60);
    }
  }
});
