/** `hearthbeat desk time MONTH`: the time that was worked in a month, for invoices. Only reads; also while the desk runs. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { readTimeSheet } from '../../desk/main.ts';
import { csvOf } from '../../desk/time-sheet.ts';
import { createLogger } from '../../platform/logger.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { dataFolderPath, loadSettings, postgresPlace } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';

/** As CSV, unless `--json` asks for the whole with its sums. */
export async function deskTime(context: CliContext, command: Command): Promise<number> {
  const [month = ''] = command.args;
  const { dealer } = command.opts<{ dealer?: string }>();
  if (!/^20\d\d-(0[1-9]|1[0-2])$/.test(month))
    throw new HearthbeatError('HB_USAGE', `"${month}" is no month.`, 'Give year and month, for example: hearthbeat desk time 2026-11');
  const flags = globalFlags(command);
  const { settings } = loadSettings(flags.config, context.env);
  const log = createLogger(settings.log, { isTty: context.stderr.isTTY === true, write: (text) => context.stderr.write(text) });
  const folder = dataFolderPath(flags.data, settings, context.env);
  const service = settings.desk.service === undefined ? undefined : loadServicePolicy(settings.desk.service);
  const place = { folder, database: postgresPlace(settings.desk.database), clock: systemClock, random: systemRandom, log };
  const sheet = await readTimeSheet({ ...place, service }, month, dealer);
  if (flags.json) printJson(context, sheet);
  else context.stdout.write(csvOf(sheet));
  return EXIT.fine;
}
