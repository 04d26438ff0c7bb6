// `npm run check -- fingerprints`: prints what is wrong with the rules and tables in config/fingerprints, and ends with 1 if anything is.
import { readFingerprintRules, readFingerprintTables } from '../src/platform/fingerprint-files.ts';
import { problemsIn } from './fingerprint-rules.ts';

const problems = problemsIn(readFingerprintRules(), readFingerprintTables());
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
