// `npm run lifecycle:sign -- --key PRIVATE --out FILE`: this version's catalogue (config/lifecycle) as one signed file, for hubs of this and other
// versions: `hearthbeat lifecycle update FILE`. Give edition.json a new serial before each one. `--new-key FILE [--name WHOSE]` makes a pair of keys:
// the private one goes to FILE, for nobody else to read, and the line for config/lifecycle/trusted-keys to the terminal.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  dateOf,
  editionName,
  keyLine,
  LARGEST_EDITION,
  openEdition,
  readKey,
  sealEdition,
  type TrustedKey,
} from '../src/agent/lifecycle/edition.ts';
import { readFactFile } from '../src/agent/lifecycle/fact-file.ts';
import { certainlyPast } from '../src/agent/lifecycle/verdict.ts';
import { dayOf } from '../src/base/partial-date.ts';
import { builtInEdition, factsIn } from '../src/platform/lifecycle-files.ts';
import { readOptions } from './options.ts';

const { values } = readOptions({
  options: { key: { type: 'string' }, out: { type: 'string' }, 'new-key': { type: 'string' }, name: { type: 'string', default: '' } },
});

process.exitCode = run();

function run(): number {
  if (values['new-key'] !== undefined) return makeKey(values['new-key'], values.name);
  if (values.key !== undefined && values.out !== undefined) return signCatalogue(values.key, values.out);
  return fail('Say what: --key PRIVATE --out FILE, or --new-key FILE [--name WHOSE]');
}

function makeKey(file: string, name: string): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
  process.stdout.write(`${keyLine(publicKey, name).trim()}\n`);
  return 0;
}

/** Only what every hub would take. */
function signCatalogue(keyFile: string, out: string): number {
  const { serial, rows } = builtInEdition();
  const { problems } = readFactFile(rows);
  const [first] = problems;
  if (first) return fail(`The catalogue does not hold: ${first.path} ${first.message} (${problems.length} in all)`);
  const newest = dayOf(certainlyPast(factsIn(rows)));
  if (dateOf(serial) < newest) return fail(`edition.json is older than what was read on ${newest}: give it a new serial`);
  const key = createPrivateKey(readFileSync(keyFile));
  const text = sealEdition(rows, serial, key);
  const opened = openEdition(Buffer.from(text), [readKey(keyLine(createPublicKey(key), '')) as TrustedKey]);
  if (!opened.ok) return fail(`No hub would take it: it ${opened.error.why}`);
  writeFileSync(out, text);
  const bytes = `${Buffer.byteLength(text)} of ${LARGEST_EDITION} bytes`;
  process.stdout.write(`${out}: ${editionName(serial)}, ${opened.value.header.facts} facts, ${bytes}\n`);
  return 0;
}

function fail(why: string): number {
  process.stderr.write(`${why}\n`);
  return 1;
}
