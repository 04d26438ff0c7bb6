/**
 * `npm run score:identify [-- FILE] [--json] [--misses] [--protocol NAME] [--all]`: how well the fingerprints recognise observations
 * whose device is known. Each row of FILE (JSON lines; test/data/identify/samples.jsonl when left out) becomes the sighting that the
 * agent would have made, and goes through the same rules and the same choice of the best fact as in the inventory.
 *
 * A rule that names no source could have been written from the very row it is scored on. So the rows are split into five folds, and when
 * a fold is scored, every rule without a source that matches rows of that fold alone is switched off. That is the headline figure.
 * A source is only a claim; the strictest reading switches off every rule that meets rows of that fold alone, and is told last: what
 * rows of a new home will get lies between the two.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Sighting } from '../src/agent/discovery/sighting.ts';
import type { FactName, Facts } from '../src/agent/inventory/device.ts';
import { bestFact, withStatements } from '../src/agent/inventory/facts.ts';
import {
  compileFingerprints,
  conclude,
  evidenceIn,
  type Fingerprint,
  type Fingerprints,
  matchingRules,
} from '../src/agent/inventory/fingerprints.ts';
import { isComponentMaker } from '../src/agent/inventory/vendor-name.ts';
import { readFingerprintRules, readFingerprintTables } from '../src/platform/fingerprint-files.ts';
import { openVendorRegistry } from '../src/platform/vendor-registry.ts';
import { isModel, kindMeans, sameModel, sameVendor } from './identify-compare.ts';
import { foldOf, readSamples, type Sample, SamplesError, sightingsOf } from './identify-samples.ts';
import { readOptions } from './options.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const FIELDS = ['vendor', 'category', 'model'] as const;

type Rule = Fingerprint & { readonly source?: string };
type Field = (typeof FIELDS)[number];
type Verdict = 'right' | 'wrong' | 'silent';
type Judged = {
  readonly sample: Sample;
  readonly field: Field;
  readonly expected: string;
  readonly said?: string;
  readonly verdict: Verdict;
};
type Count = Record<Verdict, number>;

const { values, positionals } = readOptions({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    protocol: { type: 'string' },
  },
});

const vendorOf = openVendorRegistry();
const tables = readFingerprintTables();
const rules = readFingerprintRules() as Rule[];

function main(): void {
  const file = positionals[0] ?? path.join(ROOT, 'test/data/identify/samples.jsonl');
  const samples = samplesOf(file).filter(
    (sample) => (values.all || sample.kind === 'observed') && (values.protocol === undefined || sample.protocol === values.protocol),
  );
  if (samples.length === 0) giveUp(`${file} has no row ${values.protocol === undefined ? 'that was observed' : `of ${values.protocol}`}.`);
  const all = compileFingerprints(rules, tables);
  const sourced = compileFingerprints(
    rules.filter((rule) => rule.source !== undefined),
    tables,
  );
  const folds = foldsMatched(samples, all);
  const withoutOwnFold = fingerprintsByFold((rule, fold) => rule.source !== undefined || !metOnly(folds, rule, fold));
  const strictest = fingerprintsByFold((rule, fold) => !metOnly(folds, rule, fold));
  const headline = samples.flatMap((sample) => judge(sample, withoutOwnFold[foldOf(sample)] ?? all));
  const figures = {
    headline: countsOf(headline),
    byProtocol: Object.fromEntries(
      [...new Set(samples.map((sample) => sample.protocol))]
        .sort()
        .map((protocol) => [protocol, countsOf(headline.filter(({ sample }) => sample.protocol === protocol))]),
    ),
    everyRule: countsOf(samples.flatMap((sample) => judge(sample, all))),
    sourcedRulesOnly: countsOf(samples.flatMap((sample) => judge(sample, sourced))),
    strictest: countsOf(samples.flatMap((sample) => judge(sample, strictest[foldOf(sample)] ?? all))),
    rows: samples.length,
    rules: rules.length,
    microsecondsPerSighting: timing(samples, all),
  };
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : table(figures));
  if (values.misses) for (const judged of headline) if (judged.verdict !== 'right') process.stdout.write(`${missLine(judged)}\n`);
}

function samplesOf(file: string): Sample[] {
  try {
    return readSamples(readFileSync(file, 'utf8'));
  } catch (error) {
    return giveUp(
      error instanceof SamplesError
        ? `${file}: ${error.message}`
        : `There are no samples at ${file}: name a file of JSON lines, npm run score:identify -- FILE`,
    );
  }
}

function giveUp(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

/** The folds that have rows which a rule matches, by its id. */
function foldsMatched(samples: readonly Sample[], all: Fingerprints): ReadonlyMap<string, ReadonlySet<number>> {
  const folds = new Map<string, Set<number>>();
  for (const sample of samples)
    for (const evidence of sightingsOf(sample).flatMap((sighting) => evidenceIn(sighting, registeredTo(sighting))))
      for (const id of matchingRules(all, evidence)) folds.set(id, (folds.get(id) ?? new Set()).add(foldOf(sample)));
  return folds;
}

function metOnly(folds: ReadonlyMap<string, ReadonlySet<number>>, { id }: Rule, fold: number): boolean {
  return folds.get(id)?.size === 1 && folds.get(id)?.has(fold) === true;
}

/** For each fold the rules that may speak of its rows. */
function fingerprintsByFold(may: (rule: Rule, fold: number) => boolean): Fingerprints[] {
  return [0, 1, 2, 3, 4].map((fold) =>
    compileFingerprints(
      rules.filter((rule) => may(rule, fold)),
      tables,
    ),
  );
}

function judge(sample: Sample, fingerprints: Fingerprints): Judged[] {
  const facts = factsOf(sightingsOf(sample), fingerprints);
  return FIELDS.flatMap((field) => {
    const expected = sample.expect[field];
    if (expected === undefined || (field === 'model' && !isModel(expected))) return [];
    const said = bestFact(facts, field === 'category' ? 'kind' : (field satisfies FactName));
    return [{ sample, field, expected, ...(said !== undefined && { said }), verdict: verdictOn(sample, field, expected, said) }];
  });
}

function verdictOn(sample: Sample, field: Field, expected: string, said: string | undefined): Verdict {
  if (said === undefined) return 'silent';
  const { vendor = '', family } = sample.expect;
  if (field === 'vendor') return sameVendor(expected, said) ? 'right' : 'wrong';
  if (field === 'category') return kindMeans(expected, said) ? 'right' : 'wrong';
  return sameModel(expected, said, vendor, family) ? 'right' : 'wrong';
}

/** As the inventory does: the MAC registry speaks first, then every sighting. */
function factsOf(sightings: readonly Sighting[], fingerprints: Fingerprints): Facts {
  return sightings.reduce<Facts>((facts, sighting) => {
    const vendor = registeredTo(sighting);
    const fields = vendor === undefined ? {} : { [isComponentMaker(vendor) ? 'component' : 'vendor']: vendor };
    const fromMac = conclude(fingerprints, { on: 'mac', source: 'mac registry', fields });
    const heard = evidenceIn(sighting, vendor).flatMap((evidence) => conclude(fingerprints, evidence));
    return withStatements(facts, [...fromMac, ...heard], 0, []);
  }, {});
}

function registeredTo(sighting: Sighting): string | undefined {
  const hex = sighting.method === 'dhcp' ? sighting.mac.toLowerCase().replace(/[^0-9a-f]/g, '') : '';
  return hex.length >= 6 ? vendorOf(hex.padEnd(12, '0').replace(/(..)(?=.)/g, '$1:')) : undefined;
}

function countsOf(judged: readonly Judged[]): Record<Field, Count> {
  const count = (field: Field, verdict: Verdict): number => judged.filter((one) => one.field === field && one.verdict === verdict).length;
  const ofField = (field: Field): Count => ({ right: count(field, 'right'), wrong: count(field, 'wrong'), silent: count(field, 'silent') });
  return { vendor: ofField('vendor'), category: ofField('category'), model: ofField('model') };
}

/** One pass over all rows after a first that compiles. */
function timing(samples: readonly Sample[], all: Fingerprints): number {
  const evidence = samples.flatMap(sightingsOf).flatMap((sighting) => evidenceIn(sighting));
  const startedAt = performance.now();
  for (const one of evidence) conclude(all, one);
  return Math.round(((performance.now() - startedAt) * 1000) / Math.max(1, evidence.length));
}

function table(figures: {
  headline: Record<Field, Count>;
  byProtocol: Record<string, Record<Field, Count>>;
  everyRule: Record<Field, Count>;
  sourcedRulesOnly: Record<Field, Count>;
  strictest: Record<Field, Count>;
  rows: number;
  rules: number;
  microsecondsPerSighting: number;
}): string {
  const head = `${'rows scored by'.padEnd(44)}field     expected  right          wrong          silent\n`;
  const blocks = [
    block('rules that their fold did not teach', figures.headline),
    ...Object.entries(figures.byProtocol).map(([protocol, counts]) => block(`  of these ${protocol}`, counts)),
    block('every rule', figures.everyRule),
    block('no rule without a source', figures.sourcedRulesOnly),
    block('no rule that only their fold meets', figures.strictest),
  ];
  const { rows, rules: number, microsecondsPerSighting } = figures;
  return `${head}${blocks.join('')}${rows} rows, ${number} rules, ${microsecondsPerSighting} µs a sighting\n`;
}

function block(title: string, counts: Record<Field, Count>): string {
  return FIELDS.map((field, index) => {
    const { right, wrong, silent } = counts[field];
    const expected = right + wrong + silent;
    const share = (part: number): string => `${part} (${((100 * part) / Math.max(1, expected)).toFixed(1)} %)`.padEnd(15);
    return `${(index === 0 ? title : '').padEnd(44)}${field.padEnd(10)}${String(expected).padEnd(9)} ${share(right)}${share(wrong)}${share(silent).trimEnd()}\n`;
  }).join('');
}

function missLine({ sample, field, expected, said, verdict }: Judged): string {
  const { id, protocol, kind, expect, source, ...told } = sample.row;
  return `${verdict} ${field} ${sample.protocol} ${sample.id}: expected ${JSON.stringify(expected)}, said ${JSON.stringify(said)}: ${JSON.stringify(told)}`;
}

main();
