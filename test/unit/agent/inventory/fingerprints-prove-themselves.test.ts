import { describe, expect, it } from 'vitest';
import { compileFingerprints, conclude, fingerprintSchema } from '../../../../src/agent/inventory/fingerprints.ts';
import { isDeviceKind } from '../../../../src/agent/inventory/kinds.ts';
import { readFingerprintRules } from '../../../../src/platform/fingerprint-files.ts';

const rules = readFingerprintRules().map((rule) => fingerprintSchema.parse(rule));
const all = compileFingerprints(readFingerprintRules());

describe('fingerprint rules', () => {
  it('have ids of their own and are many', () => {
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
    expect(rules.length).toBeGreaterThan(100);
  });

  it('name only kinds of the taxonomy', () => {
    const kinds = rules.flatMap((rule) => rule.say.kind ?? []);
    expect(kinds.filter((kind) => !isDeviceKind(kind))).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.id, rule] as const))(
    '%s: with all other rules present, its examples conclude what they say',
    (_, rule) => {
      for (const { fields, says } of rule.examples) {
        const statements = conclude(all, { on: rule.on, source: 'example', fields });
        expect(Object.fromEntries(statements.map(({ fact, value }) => [fact, value]))).toEqual(says);
      }
    },
  );

  it.each(rules.map((rule) => [rule.id, rule] as const))('%s: matches its own examples', (_, rule) => {
    const alone = compileFingerprints([rule]);
    const speaks = Object.values(rule.say).some((text) => text !== null);
    for (const { fields } of rule.examples) {
      const statements = conclude(alone, { on: rule.on, source: 'example', fields });
      if (speaks) expect(statements).not.toEqual([]);
      for (const [field, pattern] of Object.entries(rule.match)) expect(fields[field] ?? '').toMatch(new RegExp(pattern, 'iu'));
    }
  });
});
