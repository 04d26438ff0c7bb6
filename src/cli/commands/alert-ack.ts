/** `hearthbeat alert ack <alert>`: somebody sees to it. It fires on until it is over; the desk is told who and why. */
import type { Command } from 'commander';
import { MOST_OF_A_NOTE } from '../../agent/alerts/alert-order.ts';
import { cleanText } from '../../base/text.ts';
import type { CliContext } from '../context.ts';
import { findAlert } from '../find-alert.ts';
import { giveAlertOrder, orderedBy } from '../give-alert-order.ts';

export async function alertAck(context: CliContext, command: Command): Promise<number> {
  const { note, by } = command.opts<{ note?: string; by?: string }>();
  const words = cleanText(note, MOST_OF_A_NOTE);
  return giveAlertOrder(context, command, (view) => {
    const { key, raisedAt } = findAlert(view.alerts, String(command.args[0]));
    const noted = words === undefined ? {} : { note: words };
    return { do: 'acknowledge', key, raisedAt, acknowledged: { by: orderedBy(context, by), at: view.at, where: 'hub', ...noted } };
  });
}
