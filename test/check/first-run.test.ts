import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallCopy } from './small-copy.ts';

/** Says its process id, then each signal; ends at the second one, at SIGTERM after saying goodbye, or with its starter. */
const PROGRAM = `
let interrupts = 0;
process.on('SIGINT', () => { console.log('SIGINT'); if (++interrupts === 2) process.exit(130); });
process.on('SIGTERM', () => setTimeout(() => { console.log('goodbye'); process.exit(5); }, 100));
setTimeout(() => process.exit(99), 10_000);
process.on('disconnect', () => process.exit());
console.log('pid ' + process.pid);
`;

/** An npm that notes how it was called, takes a moment, and leaves a package behind. */
const NPM = '#!/bin/bash\necho "$*" >>npm-calls\nsleep 0.5\nmkdir -p node_modules/a\n';

let copy: SmallCopy;
beforeEach(() => {
  copy = SmallCopy.withBootstrap({
    'program.mjs': PROGRAM,
    'hello.mjs': "console.log('hello', process.argv[2]);",
    'seven.mjs': 'process.exit(7);',
  });
  fakeNpm(NPM);
});
afterEach(() => copy.remove());

describe('the set-up', () => {
  test('installs what is missing once, and nothing the second time', async () => {
    const first = await run('hello.mjs', 'you');
    expect(first).toMatchObject({ code: 0, stdout: 'hello you\n' });
    expect(first.output).toContain('hearthbeat: installing the packages of package-lock.json');
    expect(await run('hello.mjs', 'again')).toEqual({ code: 0, stdout: 'hello again\n', output: 'hello again\n' });
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci .*--include=dev .*--ignore-scripts/)]);
  });

  test('installs again when the lock file changed', async () => {
    await run('hello.mjs');
    copy.write('package-lock.json', '{}');
    await run('hello.mjs');
    expect(npmCalls()).toHaveLength(2);
  });

  test('runs once for two commands at the same time, and both go on', async () => {
    const both = await Promise.all([run('hello.mjs', 'one'), run('hello.mjs', 'two')]);
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'hello one\n'],
      [0, 'hello two\n'],
    ]);
    expect(npmCalls()).toHaveLength(1);
  });

  test('says what to do when npm fails, does not run the program, and tries again the next time', async () => {
    fakeNpm('#!/bin/bash\necho "ENOTFOUND" >&2\nexit 1\n');
    const { code, stdout, output } = await run('hello.mjs');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(output).toMatch(
      /ENOTFOUND\nhearthbeat: npm ci failed in .*Check that this folder is writable and that npm reaches its registry/,
    );
    fakeNpm(NPM);
    expect(await run('hello.mjs', 'now')).toMatchObject({ code: 0, stdout: 'hello now\n' });
  });

  test('says what to install when there is no npm', async () => {
    const { code, output } = await copy.run(process.execPath, ['scripts/run.mjs', 'hello.mjs'], { PATH: '/nowhere' });
    expect(code).toBe(1);
    expect(output).toContain('npm was not found. Install it (Debian: apt-get install npm)');
  });
});

test('a script tells with --help what the head of its file says, before anything is installed', async () => {
  copy.write('scripts/sum.ts', '/**\n * `npm run sum -- [--twice]`: adds up.\n *\n * Of whole numbers.\n */\nprocess.exit(9);\n');
  expect(await run('scripts/sum.ts', '--twice', '--help')).toEqual({
    code: 0,
    stdout: '`npm run sum -- [--twice]`: adds up.\n\nOf whole numbers.\n',
    output: '`npm run sum -- [--twice]`: adds up.\n\nOf whole numbers.\n',
  });
});

describe('the command', () => {
  beforeEach(() => run('hello.mjs'));

  test('hands on its exit code', async () => {
    expect(await run('seven.mjs')).toMatchObject({ code: 7 });
  });

  test('is waited for when it takes its time to stop, and leaves no process', async () => {
    const started = await start([process.execPath, 'scripts/run.mjs', 'program.mjs']);
    started.child.kill('SIGTERM');
    expect(await started.ended).toMatchObject({ code: 5, output: expect.stringContaining('goodbye') });
    expect(isAlive(started.pid)).toBe(false);
  });

  test('gets every SIGINT that is sent to the starter', async () => {
    const started = await start([process.execPath, 'scripts/run.mjs', 'program.mjs']);
    started.child.kill('SIGINT');
    await until(() => started.output().includes('SIGINT'));
    started.child.kill('SIGINT');
    expect(await started.ended).toMatchObject({ code: 130, output: expect.stringMatching(/SIGINT\nSIGINT\n$/) });
  });

  test('does not outlive a starter that was killed', async () => {
    const started = await start([process.execPath, 'scripts/run.mjs', 'program.mjs']);
    started.child.kill('SIGKILL');
    await until(() => !isAlive(started.pid));
  });

  test('gets one Ctrl-C of a terminal once', async () => {
    const started = await start(['script', '-qec', `${process.execPath} scripts/run.mjs program.mjs`, '/dev/null']);
    started.child.stdin.write('\x03');
    await until(() => started.output().includes('SIGINT'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(started.output().match(/SIGINT/g)).toHaveLength(1);
    started.child.stdin.write('\x03');
    expect(await started.ended).toMatchObject({ code: 130 });
  });
});

function fakeNpm(script: string): void {
  copy.write('fake/npm', script);
  chmodSync(path.join(copy.folder, 'fake/npm'), 0o755);
}

function npmCalls(): string[] {
  return readFileSync(path.join(copy.folder, 'npm-calls'), 'utf8').trim().split('\n');
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: `${copy.folder}/fake:${process.env.PATH}` };
}

function run(...args: string[]) {
  return copy.run(process.execPath, ['scripts/run.mjs', ...args], environment());
}

/** Resolves once the program has said its process id. */
async function start([program = '', ...args]: string[]) {
  const child: ChildProcessWithoutNullStreams = spawn(program, args, { cwd: copy.folder, env: { ...process.env, ...environment() } });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => child.once('close', (code) => resolve({ code, output })));
  await until(() => output.includes('pid '));
  return { child, ended, output: () => output, pid: Number(/pid (\d+)/.exec(output)?.[1]) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 5000;
  while (!isTrue()) {
    if (performance.now() > giveUpAt) throw new Error('it did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
