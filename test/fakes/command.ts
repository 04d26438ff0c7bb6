/** The real `hearthbeat` command as a child process, away from this user's own settings and data. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const COMMAND = join(ROOT, 'bin/hearthbeat.mjs');
const NOBODY = 65_534;

/** Whether another user's view can be tried: that takes root, and a checkout that others may read. */
export const CAN_BE_NOBODY = process.getuid?.() === 0 && mayNobodyRead(COMMAND);

export type Outcome = {
  /** Exit code; undefined when it was ended by a signal. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
  /** What it complained about: the lines that begin with the program's name. */
  readonly complaints: readonly string[];
};

export type RunOptions = {
  readonly asNobody?: boolean;
  readonly env?: Record<string, string>;
  readonly limitMs?: number /** At most, of files it may have open. */;
  readonly openFiles?: number;
};
export type RunningCommand = {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Outcome>;
  /** Resolves when `text` was written to stdout or stderr; rejects when the command ends before. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
};

export type Workplace = {
  readonly folder: string;
  /** Writes a file and gives its path. */
  file(name: string, content: string | Buffer): string;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  start(args: readonly string[], options?: RunOptions): RunningCommand;
};

/** A folder of its own in which commands are run; it goes away, and its commands end, when the test is over. */
export function workplace(onTestFinished: (clean: () => Promise<void>) => void): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-test-'));
  chmodSync(folder, 0o755);
  const running = new Set<RunningCommand>();
  onTestFinished(async () => {
    for (const command of running) command.kill('SIGKILL');
    await Promise.all([...running].map(({ ended }) => ended));
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (args: readonly string[], options?: RunOptions): RunningCommand => {
    const command = startCommand(folder, args, options);
    running.add(command);
    return command;
  };
  return {
    folder,
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      // A desk that a test started in this very process has set another mask.
      chmodSync(path, 0o644);
      return path;
    },
    run: (args, options) => start(args, options).ended,
    start,
  };
}

function startCommand(
  folder: string,
  args: readonly string[],
  { asNobody = false, env = {}, limitMs = 30_000, openFiles }: RunOptions = {},
): RunningCommand {
  const startedMs = performance.now();
  const limited = openFiles === undefined ? [] : ['prlimit', `--nofile=${openFiles}`];
  const [program = '', ...words] = [...limited, process.execPath, COMMAND, ...args];
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...ownEnvironment(folder, asNobody), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const ended = once(child, 'close').then(([code]): Outcome => {
    clearTimeout(timer);
    const complaints = stderr.split('\n').filter((line) => line.startsWith('hearthbeat: '));
    return { code: (code as number | null) ?? undefined, stdout, stderr, elapsedMs: performance.now() - startedMs, complaints };
  });
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async said(text) {
      while (!`${stdout}${stderr}`.includes(text)) {
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended.then(() => failedToSay(text, stdout, stderr))]);
      }
    },
    kill: (signal) => child.kill(signal),
  };
}

function failedToSay(text: string, stdout: string, stderr: string): never {
  throw new Error(`it ended without saying "${text}":\n${stdout}\n${stderr}`);
}

/** Nothing of the person who runs the tests; what Node compiled is kept between runs, which halves their time. */
function ownEnvironment(folder: string, asNobody: boolean): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    XDG_CONFIG_HOME: join(folder, 'settings'),
    XDG_STATE_HOME: join(folder, 'state'),
    ...(asNobody ? {} : { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/compiled-commands') }),
  };
}

function mayNobodyRead(file: string): boolean {
  try {
    execFileSync(process.execPath, ['-e', `require('fs').readFileSync(${JSON.stringify(file)})`], {
      uid: NOBODY,
      gid: NOBODY,
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
