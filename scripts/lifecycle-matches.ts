// `npm run lifecycle:matches [-- FILE]`: every fact of the lifecycle catalogue over all identification samples, one line a hit. A hit is reviewed by
// hand before it goes into test/data/lifecycle-matches.txt, which a test compares; `--write` writes that file. Each sample is looked at twice: as
// the device that it is known to be, and as the device that the fingerprints take it for.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readSamples } from './identify-samples.ts';
import { lifecycleMatches } from './lifecycle-matches-of.ts';
import { readOptions } from './options.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const { values, positionals } = readOptions({ allowPositionals: true, options: { write: { type: 'boolean', default: false } } });
const samples = readSamples(readFileSync(positionals[0] ?? path.join(ROOT, 'test/data/identify/samples.jsonl'), 'utf8'));
const lines = lifecycleMatches(samples).map((line) => `${line}\n`);
process.stdout.write(lines.join(''));
process.stderr.write(`${lines.length} hits on ${samples.length} samples\n`);
if (values.write) writeFileSync(path.join(ROOT, 'test/data/lifecycle-matches.txt'), lines.join(''));
