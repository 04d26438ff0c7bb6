// `npm run check:fresh`: proves that a stranger's first minutes work. Clones the committed state into a temporary folder and runs it
// there with a path that has one Node (the oldest supported one, if this machine has it) and no leftovers; then installs the packed package
// as a user would. Needs the network; takes about a minute.
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const STEP_LIMIT_MS = 3 * 60_000;
const UNUSUAL_SETTINGS = 'omit=dev\nbin-links=false\nignore-scripts=false\nengine-strict=true\ninstall-strategy=nested\nloglevel=silly\n';

const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-fresh-'));
const clone = path.join(folder, 'clone');
const home = path.join(folder, 'home');
const user = path.join(folder, 'user');
const unusualSettings = path.join(home, 'unusual-npmrc');

interface Step {
  name: string;
  run: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What its output must contain. */
  says: string;
  /** The exit code it must have; 0 if not given. */
  exits?: number;
}

/** The path that a person without our tools has; a recent Node on it would hide what the set-up does for an older one. */
const plainPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(path.delimiter);
const recentPath = [path.dirname(process.execPath), plainPath].join(path.delimiter);
const hearthbeat = path.join(clone, 'bin/hearthbeat.mjs');

const STEPS: Step[] = [
  { name: 'clone', run: ['git', 'clone', '--quiet', ROOT, clone], cwd: ROOT, says: '' },
  { name: 'the command says what is missing before the set-up', run: [hearthbeat, '--version'], says: 'npm run hearthbeat', exits: 1 },
  {
    name: 'npm test sets up, under unusual npm settings',
    run: ['npm', 'test', '--', '--project', 'unit', 'test/unit'],
    env: { NODE_ENV: 'production', npm_config_userconfig: unusualSettings },
    says: ' passed, 0 failed',
  },
  { name: 'the command runs from another folder', run: [hearthbeat, '--version'], cwd: folder, says: version },
  {
    name: 'npm run works without the network once set up',
    run: ['npm', 'run', '--silent', 'hearthbeat', '--', '--version'],
    env: noNetwork(),
    says: version,
  },
  { name: 'nothing tracked was changed', run: ['git', 'status', '--porcelain'], says: '' },
  { name: 'build', run: ['npm', 'run', '--silent', 'build'], says: '' },
  { name: 'pack', run: ['npm', 'pack', '--silent'], says: `hearthbeat-${version}.tgz` },
  {
    name: 'install the package',
    run: ['npm', 'install', '--silent', path.join(clone, `hearthbeat-${version}.tgz`)],
    cwd: user,
    says: '',
  },
  {
    name: 'the installed command runs',
    run: [path.join(user, 'node_modules/.bin/hearthbeat'), '--version'],
    env: { PATH: recentPath },
    says: version,
  },
];

function noNetwork(): NodeJS.ProcessEnv {
  return { npm_config_registry: 'http://127.0.0.1:1/', npm_config_offline: 'true' };
}

async function main(): Promise<number> {
  mkdirSync(home);
  mkdirSync(user);
  writeFileSync(path.join(user, 'package.json'), '{}');
  writeFileSync(path.join(home, '.npmrc'), ownSettings());
  writeFileSync(unusualSettings, `${ownSettings()}\n${UNUSUAL_SETTINGS}`);
  try {
    for (const step of STEPS) if (!(await passes(step))) return 1;
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The person's own npm settings stay: they may be the only way to a registry. */
function ownSettings(): string {
  const file = process.env.npm_config_userconfig ?? path.join(process.env.HOME ?? '', '.npmrc');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function passes(step: Step): Promise<boolean> {
  const startedAt = performance.now();
  const { code, output } = await run(step);
  const good = code === (step.exits ?? 0) && output.includes(step.says) && (step.says !== '' || output.trim() === '');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(good ? `ok      ${step.name} (${seconds} s)\n` : `${output}\nFAILED  ${step.name} (exit code ${code})\n`);
  return good;
}

function run({ run: [program = '', ...args], cwd = clone, env }: Step): Promise<{ code: number; output: string }> {
  const options = { cwd, env: { PATH: plainPath, HOME: home, TERM: 'dumb', ...env }, timeout: STEP_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error: ExecFileException | null, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

process.exitCode = await main();
