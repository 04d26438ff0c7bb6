/** What every command is given: where to write, the environment, and the flags that all commands share. Results go to stdout, all else to stderr. */
import type { Command } from 'commander';

export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

export type CliContext = {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  /** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
};

/** Exit codes: 0 fine, 1 problems found, 2 the command line or the configuration is wrong, 70 a mistake in this program (EX_SOFTWARE of sysexits.h). */
export const EXIT = { fine: 0, problems: 1, usage: 2, internal: 70 } as const;

/** Flags that the program takes before or after the verb. */
export type GlobalFlags = { readonly config?: string; readonly data?: string; readonly json?: boolean };

export function globalFlags(command: Command): GlobalFlags {
  return command.optsWithGlobals<GlobalFlags>();
}

/** One JSON document on stdout, for programs. */
export function printJson(context: CliContext, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
