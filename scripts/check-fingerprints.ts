// `npm run check -- fingerprints`: prints what is wrong with the rules and tables in config/fingerprints, and ends with 1 if anything is.
// `node scripts/check-fingerprints.ts --write [FILE...]` brings rule files, all of them when none is named, to their one layout.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFingerprintRules, readFingerprintTables } from '../src/platform/fingerprint-files.ts';
import { laidOut, problemsIn } from './fingerprint-rules.ts';

const FOLDER = path.resolve(import.meta.dirname, '../config/fingerprints');

const [option, ...named] = process.argv.slice(2);
if (option === '--write') layOut(named);

const problems = problemsIn(readFingerprintRules(), readFingerprintTables());
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

function layOut(files: readonly string[]): void {
  const all = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.join(FOLDER, name));
  for (const file of files.length > 0 ? files : all) writeFileSync(file, laidOut(JSON.parse(readFileSync(file, 'utf8')) as unknown[]));
}
