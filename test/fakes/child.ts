/** A process of our own for one test: started, listened to, and gone when the test is over. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

export type Child = {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** Whole lines it has written so far. */
  lines(): string[];
  errors(): string;
  /** Resolves at its first line. */
  ready(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
};

export function startChild(
  command: string,
  args: readonly string[],
  options: { uid?: number; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Child {
  const process = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  process.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  process.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = once(process, 'close');
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    process.kill(signal);
    await ended;
  };
  onTestFinished(() => kill('SIGKILL'));
  return {
    process,
    lines: () => out.split('\n').slice(0, -1),
    errors: () => err,
    ready: async () => {
      while (!out.includes('\n'))
        await Promise.race([once(process.stdout, 'data'), ended.then(() => Promise.reject(new Error(`it ended: ${err}`)))]);
    },
    kill,
  };
}
