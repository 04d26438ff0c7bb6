/** `hearthbeat desk pack TICKET`: what is known of a ticket, as one file for a vendor. Only reads; also while the desk runs. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { readPack } from '../../desk/main.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';
import { deskPlace } from '../desk-options.ts';

/** As JSON, which is what is handed on. */
export async function deskPack(context: CliContext, command: Command): Promise<number> {
  const [ticket = ''] = command.args;
  const { addresses = false } = command.opts<{ addresses?: boolean }>();
  if (!/^[1-9]\d{0,14}$/.test(ticket))
    throw new HearthbeatError(
      'HB_USAGE',
      `"${ticket}" is no number of a ticket.`,
      'Give one as the page has it, for example: hearthbeat desk pack 12',
    );
  const { place } = deskPlace(context, command);
  const pack = await readPack({ ...place, version: context.version }, { number: Number(ticket), hasAddresses: addresses });
  if (pack === undefined)
    throw new HearthbeatError('HB_NOT_FOUND', `There is no ticket ${ticket}.`, 'See those that are open on the page of the desk: /tickets');
  printJson(context, pack);
  return EXIT.fine;
}
