/** `hearthbeat desk time MONTH` and `desk statement`: what was worked in a month, and what it comes to dealer by dealer. Only read; also while the desk runs. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { readBilling } from '../../desk/main.ts';
import { statementCsv } from '../../desk/statements.ts';
import { csvOf } from '../../desk/time-sheet.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deskPlace } from '../desk-options.ts';

/** As CSV, unless `--json` asks for the whole with its sums. */
export async function deskTime(context: CliContext, command: Command): Promise<number> {
  const month = monthIn(command.args[0], 'time 2026-11');
  return tell(context, command, (reader, dealer) => reader.timeSheet(month, dealer), csvOf);
}

export async function deskStatement(context: CliContext, command: Command): Promise<number> {
  const { month: given, csv } = command.opts<{ month?: string; csv?: boolean }>();
  if (csv && globalFlags(command).json) throw new HearthbeatError('HB_USAGE', '--csv goes not with --json.', 'Give one or the other.');
  const month = monthIn(given, 'statement --month 2026-11');
  return tell(context, command, (reader, dealer) => reader.statement(month, dealer), statementCsv);
}

type Reader = Parameters<Parameters<typeof readBilling>[1]>[0];

async function tell<T>(
  context: CliContext,
  command: Command,
  ask: (reader: Reader, dealer: string | undefined) => Promise<T>,
  asCsv: (told: T) => string,
): Promise<number> {
  const { dealer } = command.opts<{ dealer?: string }>();
  const { settings, place } = deskPlace(context, command);
  const service = settings.desk.service === undefined ? undefined : loadServicePolicy(settings.desk.service);
  const told = await readBilling({ ...place, service }, (reader) => ask(reader, dealer));
  if (globalFlags(command).json) printJson(context, told);
  else context.stdout.write(asCsv(told));
  return EXIT.fine;
}

function monthIn(text = '', example: string): string {
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new HearthbeatError('HB_USAGE', `"${text}" is no month.`, `Give year and month, for example: hearthbeat desk ${example}`);
}
