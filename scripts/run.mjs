// Runs a file of this project on the right Node, after installing what is missing: `node scripts/run.mjs FILE [ARGUMENT...]`.
// Every npm script starts here, which is why each works in a fresh clone, and why each tells with `--help` what the head of its file says. Plain JavaScript
// for Node 20 or later.
// @ts-check
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { handOver, tied } from '../bin/runtime.mjs';
import { SetupError, setUp } from './setup.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [file, ...args] = process.argv.slice(2);

if (!file) {
  process.stderr.write('usage: node scripts/run.mjs FILE [ARGUMENT...]\n');
  process.exit(2);
}

// The command itself has its own help.
if (file.startsWith('scripts/') && args.includes('--help')) {
  process.stdout.write(`${headOf(readFileSync(path.join(root, file), 'utf8'))}\n`);
  process.exit(0);
}

try {
  const runtime = await setUp(root, (line) => process.stderr.write(`hearthbeat: ${line}\n`));
  const PATH = [path.dirname(runtime), path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter);
  process.exitCode = await handOver(runtime, [path.join(root, file), ...args], tied({ ...process.env, PATH }));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`hearthbeat: ${error.message}\n`);
  process.exitCode = 1;
}

/**
 * The comment at the head of a file, as text.
 * @param {string} source
 */
function headOf(source) {
  const head = /^(?:\/\*\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(source)?.[0] ?? '';
  return head
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .replace(/^(?: \*|\/\/) ?/gm, '')
    .trim();
}
