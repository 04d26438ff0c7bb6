// `npm run check`: everything that can be known about the code without running it, in parallel; prints one line a check and, where one
// fails, what to do. `npm run check -- NAME...` runs only those.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type LockFile, missingBuilds, thirdPartyNotices } from './lock-file.ts';
import { findingsIn } from './source-rules.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const NOT_OURS = new Set(['node_modules', '.git', 'dist', 'coverage', '.hearthbeat']);
const LARGE_BYTES = 1024 * 1024;
const run = promisify(execFile);

/** Resolves to what is wrong, or to nothing. */
type Check = () => Promise<string>;

const CHECKS: Record<string, Check> = {
  lint: () =>
    tool(
      '@biomejs/biome/bin/biome',
      ['check', '--error-on-warnings', '--max-diagnostics=50', '.'],
      'Most of it is mended by: npm run format',
    ),
  types: () => tool('tsc7/bin/tsc', ['--project', '.']),
  'page-types': () => tool('tsc7/bin/tsc', ['--project', 'src/web/client']),
  unused: () => tool('knip/bin/knip.js', ['--no-progress'], 'Delete what nothing uses; what only a test uses belongs in the test.'),
  imports: checkImports,
  words: checkWords,
  lock: checkLockFile,
  // Of its own, so that this file needs none of the product: test/check copies it alone.
  fingerprints: () => tool('../scripts/check-fingerprints.ts', [], 'What a rule may hold: config/fingerprints/README.md'),
  playbooks: () => tool('../scripts/check-playbooks.ts', [], 'What a playbook is made of: config/playbooks/README.md'),
};

async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name));
  if (unknown.length > 0) {
    process.stderr.write(`no such check: ${unknown.join(', ')} (there are ${Object.keys(CHECKS).join(', ')})\n`);
    return 2;
  }
  const chosen = Object.entries(CHECKS).filter(([name]) => names.length === 0 || names.includes(name));
  const problems = await Promise.all(chosen.map(([name, check]) => report(name, check)));
  return problems.some(Boolean) ? 1 : 0;
}

async function report(name: string, check: Check): Promise<boolean> {
  const startedAt = performance.now();
  const problems = await check().catch((error: Error) => `the check itself failed: ${error.message}`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(problems ? `${problems.trimEnd()}\nFAILED  ${name} (${seconds} s)\n` : `ok      ${name} (${seconds} s)\n`);
  return problems !== '';
}

async function tool(file: string, args: string[], hint = ''): Promise<string> {
  try {
    await run(process.execPath, [path.join(ROOT, 'node_modules', file), ...args], { cwd: ROOT, maxBuffer: LARGE_BYTES * 16 });
    return '';
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string };
    return [stdout, stderr || (stdout ? '' : message), hint].filter(Boolean).join('\n');
  }
}

/** dependency-cruiser reads no file, and finds nothing wrong, when it cannot load TypeScript: so the number of files is checked too. */
async function checkImports(): Promise<string> {
  const args = ['src', 'bin', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const cruiser = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const output = await run(process.execPath, [cruiser, ...args], { cwd: ROOT, maxBuffer: LARGE_BYTES * 64 }).catch((error) => error);
  const { modules, summary } = JSON.parse(output.stdout) as CruiseResult;
  const rules = new Map(summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
  const read = new Set(modules.map((module) => module.source));
  const unread = filesBelow('src').filter((file) => file.endsWith('.ts') && !file.startsWith('src/web/client/') && !read.has(file));
  return [
    ...summary.violations.map(({ from, to, rule }) => `${from} -> ${to}\n  ${rule.name}: ${rules.get(rule.name)}`),
    ...(unread.length > 0
      ? [`dependency-cruiser did not read ${unread.length} files, such as ${unread[0]}: is typescript 6 installed?`]
      : []),
  ].join('\n');
}

interface CruiseResult {
  modules: { source: string }[];
  summary: {
    violations: { from: string; to: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string; comment: string }[] };
  };
}

async function checkWords(): Promise<string> {
  const ofThisMachine = [ROOT, registryHost()].filter((word) => word.length > 3);
  const findings = filesBelow('.').flatMap((file) => findingsIn(file, readFileSync(path.join(ROOT, file), 'utf8'), ofThisMachine));
  return findings.map(({ file, line, rule, instead }) => `${file}:${line}\n  ${rule}: ${instead}`).join('\n');
}

async function checkLockFile(): Promise<string> {
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as LockFile;
  const missing = Object.keys(missingBuilds(lock));
  const notices = readFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES.md'), 'utf8');
  return [
    ...(missing.length > 0 ? [`package-lock.json names but lacks ${missing.join(', ')}: npm ci would refuse it. Run: npm run lock`] : []),
    ...(notices === thirdPartyNotices(lock) ? [] : ['THIRD-PARTY-NOTICES.md does not list what package-lock.json has. Run: npm run lock']),
  ].join('\n');
}

/** The host that npm installs from on this machine, as npm tells its scripts. */
function registryHost(): string {
  const address = process.env.npm_config_registry;
  return address ? new URL(address).hostname : '';
}

/** All our files below a folder, as paths from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}

process.exitCode = await main(process.argv.slice(2));
