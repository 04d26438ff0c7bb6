import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requiredTexts } from '../../../../src/agent/inventory/required-texts.ts';
import { readFingerprintRules } from '../../../../src/platform/fingerprint-files.ts';

type Written = { readonly match?: Record<string, string>; readonly examples: readonly { readonly fields: Record<string, string> }[] };

describe('the texts that a pattern requires', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['^ACME (?<model>\\d+)', ['acme ']],
    ['^ACME|Zeta-\\w+', ['acme', 'zeta-']],
    ['^(?:HP|Hewlett-Packard) (?:Color )?LaserJet', ['laserjet']],
    ['^(?:Foo|Barn)\\d', ['foo', 'barn']],
    ['FRITZ!Box (?!Fon)\\S+', ['fritz!box ']],
    ['^\\d+$', undefined],
    ['^$', undefined],
    ['^(?:Foo|\\d+)$', undefined],
    ['x*', undefined],
    ['\\p{L}oo', undefined],
  ])('of %s are %j', (pattern, texts) => {
    expect(requiredTexts(pattern)).toEqual(texts);
  });

  it('are in every example that the pattern matches', () => {
    for (const { match = {}, examples } of readFingerprintRules() as Written[])
      for (const [names, pattern] of Object.entries(match))
        for (const text of examples.flatMap(({ fields }) => names.split('|').map((name) => fields[name] ?? ''))) {
          const required = requiredTexts(pattern);
          if (!required || pattern.startsWith('@') || pattern.includes('@{') || !new RegExp(pattern, 'i').test(text)) continue;
          expect(
            required.some((part) => text.toLowerCase().includes(part)),
            `${pattern} on ${text}`,
          ).toBe(true);
        }
  });

  it('are in everything that a pattern of any shape matches', () => {
    const letter = fc.constantFrom('a', 'b', 'C', '.', '\\d', '\\.', '[ab]', '^', '\\b');
    const quantifier = fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,1}', '+?');
    const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
      piece: fc.oneof(
        { maxDepth: 3 },
        letter,
        tie('pattern').map((inner) => `(?:${inner})`),
        tie('pattern').map((inner) => `(?<g>${inner})`.replaceAll('?<g>', '')),
        tie('pattern').map((inner) => `(?!${inner})`),
      ),
      pattern: fc
        .array(
          fc
            .array(fc.tuple(tie('piece'), quantifier), { maxLength: 4 })
            .map((parts) => parts.map(([piece, times]) => piece + times).join('')),
          { minLength: 1, maxLength: 2 },
        )
        .map((branches) => branches.join('|')),
    }));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'C', '.', '1'), maxLength: 12 }), (source, text) => {
        const expression = asExpression(source);
        fc.pre(expression !== undefined);
        const required = requiredTexts(source);
        if (required && expression?.test(text)) expect(required.some((part) => text.toLowerCase().includes(part))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Some generated patterns quantify nothing (`^*`), which is no pattern. */
function asExpression(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'i');
  } catch {
    return undefined;
  }
}
