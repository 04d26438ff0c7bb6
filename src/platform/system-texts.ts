/** What the system says of itself, as text: the output of a small tool, or a file. Missing, forbidden and late are values. */
import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';

export const TOOL_TIMEOUT_MS = 2000;

/** Standard output, or undefined where the program is missing, failed, or took too long. */
export function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TOOL_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

export const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
