/** A small project with this repository's checks and its packages, but with source files that a test chooses. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CHECKS = [
  ...[
    '.dependency-cruiser.cjs',
    '.gitignore',
    'biome.json',
    'knip.json',
    'package.json',
    'package-lock.json',
    'THIRD-PARTY-NOTICES.md',
    'tsconfig.json',
  ],
  ...['bin/runtime.mjs', 'scripts/check.ts', 'scripts/lock-file.ts', 'scripts/source-rules.ts'],
];
const TESTS = [
  '.ci/run',
  'package.json',
  'vitest.config.ts',
  'bin/runtime.mjs',
  'scripts/test.ts',
  'scripts/tally-reporter.ts',
  'test/lab/install',
];

const BOOTSTRAP = ['package-lock.json', 'bin/runtime.mjs', 'scripts/run.mjs', 'scripts/setup.mjs'];
const PROGRAM = ['package.json', 'tsconfig.json', 'LICENSE', 'bin', 'config', 'scripts', 'src', 'THIRD-PARTY-NOTICES.md'];

export interface Ran {
  code: number;
  stdout: string;
  /** Standard output, then standard error. */
  output: string;
}

export class SmallCopy {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-check-'));

  /** With `npm run check` and these files. */
  static withChecks(files: Record<string, string>): SmallCopy {
    return new SmallCopy(CHECKS, files);
  }

  /** With `npm test` and these files. */
  static withTests(files: Record<string, string>): SmallCopy {
    return new SmallCopy(TESTS, files);
  }

  /** The whole program, as `npm run build` and `npm pack` need it. */
  static ofTheProgram(): SmallCopy {
    return new SmallCopy(PROGRAM, {});
  }

  /** `node scripts/run.mjs FILE` and these files, as a clone that was never set up. */
  static withBootstrap(files: Record<string, string>): SmallCopy {
    return new SmallCopy(BOOTSTRAP, files, { linked: false });
  }

  private constructor(parts: readonly string[], files: Record<string, string>, { linked } = { linked: true }) {
    for (const part of parts) cpSync(path.join(ROOT, part), path.join(this.folder, part), { recursive: true });
    for (const [file, text] of Object.entries(files)) this.write(file, text);
    if (linked) this.linkPackages();
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
    writeFileSync(path.join(this.folder, file), text);
  }

  /** Takes one package away from `itsUser`, which is copied, as a linked package would find it beside its real place. */
  linkPackagesWithout(missing: string, itsUser: string): void {
    const packages = path.join(this.folder, 'node_modules');
    for (const name of [missing, itsUser]) rmSync(path.join(packages, name));
    cpSync(path.join(ROOT, 'node_modules', itsUser), path.join(packages, itsUser), { recursive: true });
  }

  check(...names: string[]): Promise<Ran> {
    return this.run(process.execPath, ['scripts/check.ts', ...names]);
  }

  run(program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const { CI, NODE_OPTIONS, VITEST, ...outer } = process.env;
    const options = { cwd: this.folder, env: { ...outer, NO_COLOR: '1', ...env }, timeout: 60_000, maxBuffer: 8 * 1024 * 1024 };
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, output: stdout + stderr });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private linkPackages(): void {
    const packages = path.join(this.folder, 'node_modules');
    mkdirSync(packages);
    for (const name of readdirSync(path.join(ROOT, 'node_modules')))
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(packages, name));
  }
}
