/** `hearthbeat desk time MONTH`: the time that was worked in a month, for invoices. Only reads; also while the desk runs. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { readTimeSheet } from '../../desk/main.ts';
import { csvOf } from '../../desk/time-sheet.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deskPlace } from '../desk-options.ts';

/** As CSV, unless `--json` asks for the whole with its sums. */
export async function deskTime(context: CliContext, command: Command): Promise<number> {
  const [month = ''] = command.args;
  const { dealer } = command.opts<{ dealer?: string }>();
  if (!/^20\d\d-(0[1-9]|1[0-2])$/.test(month))
    throw new HearthbeatError('HB_USAGE', `"${month}" is no month.`, 'Give year and month, for example: hearthbeat desk time 2026-11');
  const { settings, place } = deskPlace(context, command);
  const service = settings.desk.service === undefined ? undefined : loadServicePolicy(settings.desk.service);
  const sheet = await readTimeSheet({ ...place, service }, month, dealer);
  if (globalFlags(command).json) printJson(context, sheet);
  else context.stdout.write(csvOf(sheet));
  return EXIT.fine;
}
