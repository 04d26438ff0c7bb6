import { expect, it } from 'vitest';
import { conclude } from '../../../src/agent/inventory/fingerprints.ts';
import { readFingerprintRules, readFingerprints } from '../../../src/platform/fingerprint-files.ts';

type Written = {
  on: string | string[];
  same?: unknown;
  examples: { on?: string; fields: Record<string, string>; says: Record<string, string> }[];
};

it('the agent reads every part of a rule that decides: its rules conclude what their examples say', () => {
  const fingerprints = readFingerprints();
  const examples = (readFingerprintRules() as Written[]).flatMap(({ on, examples, same }) =>
    examples.map((example) => ({ on: example.on ?? String([on].flat()[0]), same, ...example })),
  );
  const decidedByMakers = examples.filter(({ same }) => same !== undefined);
  expect(decidedByMakers.length).toBeGreaterThan(10);
  for (const { on, fields, says } of [...decidedByMakers, ...examples.slice(0, 200)]) {
    const said = Object.fromEntries(conclude(fingerprints, { on, source: 'test', fields }).map(({ fact, value }) => [fact, value]));
    expect(said, JSON.stringify(fields)).toEqual(says);
  }
  // VS-88 could be a recorder, but the maker in front makes none.
  const kramer = conclude(fingerprints, { on: 'upnp', source: 'test', fields: { manufacturer: 'Kramer', modelName: 'VS-88' } });
  expect(kramer.find(({ fact }) => fact === 'kind')?.value).toBe('controller');
});
