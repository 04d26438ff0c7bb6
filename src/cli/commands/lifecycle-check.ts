/** `hearthbeat lifecycle check FILE`: whether a file of own facts holds, beside the catalogue that is there; every problem at once. */
import type { Command } from 'commander';
import { readBeside } from '../../agent/lifecycle/own-facts.ts';
import { factsIn, textOfFactFile } from '../../platform/lifecycle-files.ts';
import { readEditionInUse } from '../../platform/lifecycle-store.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';

const MOST_PROBLEMS = 50;

export async function lifecycleCheck(context: CliContext, command: Command): Promise<number> {
  const file = String(command.args[0]);
  const { rows } = readEditionInUse(lifecyclePlace(context, command));
  const { facts, problems } = readBeside(textOfFactFile(file), factsIn(rows));
  const ok = problems.length === 0;
  if (globalFlags(command).json) printJson(context, { ok, file, facts: facts.length, problems });
  else if (ok) context.stdout.write(`${file} is fine: ${facts.length} ${facts.length === 1 ? 'fact' : 'facts'}.\n`);
  else {
    const lines = problems.slice(0, MOST_PROBLEMS).map(({ path, message }) => `  ${path ? `${path} ` : 'It '}${message}\n`);
    const more = problems.length > MOST_PROBLEMS ? `  and ${problems.length - MOST_PROBLEMS} more\n` : '';
    context.stdout.write(`${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${lines.join('')}${more}`);
  }
  return ok ? EXIT.fine : EXIT.problems;
}
