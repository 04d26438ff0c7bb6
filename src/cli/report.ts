/**
 * What a person, or with --json a program, is told when a command cannot go on: one error, with what to do next, and the exit code. Mistakes in
 * this program are told apart from what a person can mend.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { HearthbeatError } from '../base/errors.ts';
import { writtenAt } from '../platform/source-place.ts';
import { type CliContext, EXIT, printJson } from './context.ts';

/** How the command was called, known also when its line could not be understood. */
export type Manner = { readonly asJson: boolean; readonly isDebugging: boolean };
type Told = { readonly code: string; readonly message: string; readonly fix: string };

/** Writes the error to stderr, and to stdout as JSON where that was asked for; answers the exit code. */
export function report(error: unknown, context: CliContext, manner: Manner): number {
  if (error instanceof CommanderError) return reportUsage(error, context, manner);
  if (error instanceof HearthbeatError) {
    tell(error, context, manner);
    return error.code === 'HB_CONFIG_INVALID' || error.code === 'HB_USAGE' ? EXIT.usage : EXIT.problems;
  }
  tell(internal(error), context, manner);
  if (manner.isDebugging) context.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.internal;
}

/** `--help` and `--version` come as errors too. Help that nobody asked for was printed in place of words about a missing verb. */
function reportUsage(error: CommanderError, context: CliContext, manner: Manner): number {
  if (error.exitCode === 0) return EXIT.fine;
  const isHelp = error.code === 'commander.help';
  const message = isHelp ? 'What to do is missing.' : capitalised(error.message.replace(/^error: /, ''));
  const told = { code: 'HB_USAGE', message, fix: 'See what there is with: hearthbeat --help' };
  if (isHelp) context.stderr.write('\n');
  tell(told, context, manner);
  return EXIT.usage;
}

function tell({ code, message, fix }: Told, context: CliContext, { asJson }: Manner): void {
  if (asJson) printJson(context, { error: { code, message, fix } });
  context.stderr.write(`hearthbeat: ${message}\n  ${fix}\n`);
}

function internal(error: unknown): Told {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  return {
    code: 'HB_INTERNAL',
    message: `A mistake in the program${placeOf(error)}: ${message}`,
    fix: 'Run it again with HEARTHBEAT_DEBUG=1 for the details, and report them.',
  };
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** ` at src/cli/commands/up.ts:40`: the innermost line of our own, also where the package's bundled files ran. */
function placeOf(error: unknown): string {
  const frames = (error instanceof Error ? (error.stack ?? '') : '').matchAll(/(?:file:\/\/)?(\/[^\s()]+?):(\d+):(\d+)/g);
  for (const [, file = '', line, column] of frames) {
    const written = writtenAt({ file, line: Number(line), column: Number(column) });
    const place = relative(ROOT, written.file);
    if (!place.startsWith('..') && !place.includes('node_modules')) return ` at ${place}:${written.line}`;
  }
  return '';
}

function capitalised(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(sentence) ? sentence : `${sentence}.`;
}
