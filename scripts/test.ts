// `npm test`: installs the Debian packages that the tests need where it may, runs every kind of test that can run here, names each
// kind that cannot with the one command that makes it run, and ends with a line `N passed, N failed`. With CI=true nothing may be left
// out. What fails there beside other tests is asked once more alone, and named as unsteady if it holds then. Arguments go to vitest: `npm test -- --project unit`, `npm test -- test/unit/base`. The fuzz, a million inputs for each parser or what two seconds allow,
// and the simulated months take what processor time the others leave.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { handOver } from '../bin/runtime.mjs';
import type { Failure, Tally } from './tally-reporter.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const INSTALL = path.join(ROOT, 'test/lab/install');
const VITEST = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
/** Kinds that are programs of their own. Every parser, and every promise of the simulator, counts as one test. */
const PROGRAMS = {
  fuzz: [path.join(ROOT, 'scripts/fuzz.ts'), '--seconds', '2', '--seed', process.env.HEARTHBEAT_SEED ?? 'ci'],
  months: [path.join(ROOT, 'scripts/simulate-check.ts')],
} as const;
const KINDS = ['unit', 'scenario', 'check', 'web', 'lab', 'fuzz', 'months', 'long'] as const;
/** Too long for every run: only where it is named. */
const ON_DEMAND: Kind = 'long';
/** More than these fail for a reason of their own. */
const MOST_ASKED_AGAIN = 5;
const MENDING_COMMAND = 'sudo npm test';

type Kind = (typeof KINDS)[number];
interface NotRun {
  kind: Kind;
  because: string;
}

async function main(args: string[]): Promise<number> {
  const wanted = wantedKinds(args);
  const notRun = await unavailable(wanted);
  const kinds = wanted.filter((kind) => !notRun.some((left) => left.kind === kind));
  const filters = withoutProjects(args);
  const vitestKinds = kinds.filter((kind) => !isProgram(kind));
  const [tally, ...others] = await Promise.all([
    vitestKinds.length > 0 ? runVitest(vitestKinds.flatMap(projectsOf), filters) : nothing(),
    ...kinds.filter(isProgram).map((kind) => (filters.length === 0 ? runAside(PROGRAMS[kind]) : nothing())),
  ]);
  for (const other of others) {
    tally.passed += other.passed;
    tally.failed += other.failed;
  }
  if (process.env.CI === 'true') await askAgain(tally);
  for (const failure of tally.failures) process.stdout.write(`failed: ${whatFailed(failure)}\n`);
  for (const { kind, because } of notRun) process.stdout.write(`not run: ${kind} tests (${because}); to run them: ${MENDING_COMMAND}\n`);
  if (process.env.CI === 'true') tally.failed += notRun.length;
  if (tally.passed + tally.failed === 0) tally.failed = 1;
  process.stdout.write(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''}\n`);
  return tally.failed > 0 ? 1 : 0;
}

const nothing = (): Tally => ({ passed: 0, failed: 0, skipped: 0, failures: [] });

/**
 * CI's machines are shared: a browser, a broker and a dozen processes can be slow at once where alone they are not. The files of a few failed tests run again with
 * nothing beside them. What holds then has passed, and is named, so that it can be mended.
 */
async function askAgain(tally: Tally): Promise<void> {
  const first = tally.failures;
  if (first.length === 0 || first.length > MOST_ASKED_AGAIN) return;
  process.stdout.write(`\nAsking ${first.length === 1 ? 'what failed' : `the ${first.length} that failed`} again, alone:\n`);
  const files = [...new Set(first.map(({ file }) => file))];
  const again = await runVitest([...new Set(first.map(({ project }) => project))], [...files, '--no-file-parallelism']);
  const isWhole = again.passed > 0 && again.failed === again.failures.length;
  const stillFails = ({ file, name }: Failure): boolean => again.failures.some((other) => other.file === file && other.name === name);
  const unsteady = isWhole ? first.filter((failure) => !stillFails(failure)) : [];
  for (const failure of unsteady) process.stdout.write(`unsteady: ${whatFailed(failure)}\n`);
  tally.failures = first.filter((failure) => !unsteady.includes(failure));
  tally.passed += unsteady.length;
  tally.failed -= unsteady.length;
}

const whatFailed = ({ file, name }: Failure): string => `${path.relative(ROOT, file)}${name === '' ? '' : `: ${name}`}`;

/** The kinds named with --project, else all. */
function wantedKinds(args: string[]): Kind[] {
  const named = parseArgs({ args, strict: false, options: { project: { type: 'string', multiple: true } } }).values.project as
    | string[]
    | undefined;
  const unknown = named?.filter((name) => !KINDS.some((kind) => kind === name)) ?? [];
  if (unknown.length > 0) throw new Error(`no such kind of test: ${unknown.join(', ')} (there are ${KINDS.join(', ')})`);
  return KINDS.filter((kind) => (named ? named.includes(kind) : kind !== ON_DEMAND));
}

function withoutProjects(args: string[]): string[] {
  return args.filter((arg, i) => !arg.startsWith('--project') && args[i - 1] !== '--project');
}

/** Which of the wanted kinds cannot run here, after installing what may be installed. */
async function unavailable(wanted: readonly Kind[]): Promise<NotRun[]> {
  const needy = wanted.filter((kind) => inLab(kind) || kind === 'web');
  if (needy.length === 0) return [];
  if (process.getuid?.() === 0 && missingPackages(needy).length > 0) await installPackages(needy);
  return needy.flatMap((kind) => {
    const because = obstacle(kind);
    return because ? [{ kind, because }] : [];
  });
}

/** What vitest.config.ts calls them. */
const projectsOf = (kind: Kind): string[] => (kind === 'lab' ? ['lab', 'lab-pairs'] : [kind]);

const inLab = (kind: Kind): boolean => kind === 'lab' || kind === 'long';

function obstacle(kind: Kind): string | undefined {
  const missing = missingPackages([kind]);
  if (missing.length > 0) return `these Debian packages are not installed: ${missing.join(' ')}`;
  if (!inLab(kind)) return undefined;
  if (process.getuid?.() !== 0) return 'they make network namespaces, which needs root';
  return canMakeNamespaces() ? undefined : 'root may not make network namespaces here; a container needs --privileged';
}

/** Debian packages that are not installed; on another system the name of what is looked for. */
function missingPackages(kinds: readonly Kind[]): string[] {
  try {
    const listed = execFileSync(INSTALL, ['--missing', 'chromium'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const missing = listed.split('\n').filter(Boolean);
    return missing.filter((name) => kinds.some((kind) => (name === 'chromium' ? kind === 'web' : inLab(kind))));
  } catch {
    return ['Debian 12 or later itself'];
  }
}

async function installPackages(kinds: readonly Kind[]): Promise<void> {
  process.stderr.write(
    `hearthbeat: installing Debian packages for the ${kinds.join(' and ')} tests: ${missingPackages(kinds).join(' ')} ...\n`,
  );
  await handOver(INSTALL, kinds.includes('web') ? ['chromium'] : [], { stdio: ['ignore', 2, 2] });
}

function canMakeNamespaces(): boolean {
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs vitest as a process of its own, so that even its crash is counted. */
async function runVitest(projectNames: readonly string[], args: string[]): Promise<Tally> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-tally-'));
  const tallyFile = path.join(folder, 'tally.json');
  const reporters = ['--reporter=default', `--reporter=${path.join(ROOT, 'scripts/tally-reporter.ts')}`];
  const projects = projectNames.map((name) => `--project=${name}`);
  try {
    const code = await handOver(
      process.execPath,
      [VITEST, 'run', '--root', ROOT, '--configLoader=native', ...reporters, ...projects, ...args],
      {
        cwd: ROOT,
        env: { ...process.env, TALLY_FILE: tallyFile },
      },
    );
    const tally = readTally(tallyFile);
    if (!tally.isWhole) process.stderr.write(`hearthbeat: vitest ended with ${code} before it could count its tests.\n`);
    if (code !== 0 && tally.failed === 0) tally.failed = 1;
    return tally;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isProgram(kind: Kind): kind is keyof typeof PROGRAMS {
  return kind in PROGRAMS;
}

/** It only runs when nobody else wants the processor, so that no test is late because of it. */
async function runAside(args: readonly string[]): Promise<Tally> {
  const command = [process.execPath, ...args];
  const [program = '', ...rest] = canBeIdle() ? ['chrt', '--idle', '0', ...command] : command;
  const child = spawn(program, rest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  process.stdout.write(output);
  const [, held = '0', failed = '0'] = /^(\d+) (?:parsers )?held, (\d+) failed/m.exec(output) ?? [];
  return { passed: Number(held), failed: code === 0 ? Number(failed) : Math.max(1, Number(failed)), skipped: 0, failures: [] };
}

function canBeIdle(): boolean {
  try {
    execFileSync('chrt', ['--idle', '0', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A run that wrote no tally did not reach its end. */
function readTally(file: string): Tally & { readonly isWhole: boolean } {
  try {
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Tally), isWhole: true };
  } catch {
    return { ...nothing(), failed: 1, isWhole: false };
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`hearthbeat: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
