/** `hearthbeat alert ack <alert>`: somebody sees to it, or plans until when. It fires on until it is over; the desk is told who and why. */
import type { Command } from 'commander';
import { MOST_OF_A_NOTE } from '../../agent/alerts/alert-order.ts';
import type { Alert } from '../../agent/alerts/alerts.ts';
import { causeOf } from '../../agent/alerts/stage-table.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import { planTrouble } from '../../protocol/plan-date.ts';
import type { CliContext } from '../context.ts';
import { findAlert } from '../find-alert.ts';
import { giveAlertOrder, orderedBy } from '../give-alert-order.ts';

export async function alertAck(context: CliContext, command: Command): Promise<number> {
  const { note, by, plannedFor } = command.opts<{ note?: string; by?: string; plannedFor?: string }>();
  const words = cleanText(note, MOST_OF_A_NOTE);
  return giveAlertOrder(context, command, (view) => {
    const alert = findAlert(view.alerts, String(command.args[0]));
    const { key, raisedAt } = alert;
    const said = { ...(words === undefined ? {} : { note: words }), ...planOf(alert, plannedFor, view.at) };
    return { do: 'acknowledge', key, raisedAt, acknowledged: { by: orderedBy(context, by), at: view.at, where: 'hub', ...said } };
  });
}

function planOf(alert: Alert, plannedFor: string | undefined, now: number): { readonly plannedFor?: string } {
  if (plannedFor === undefined) return {};
  const trouble = causeOf(alert.code)
    ? planTrouble(plannedFor, now)
    : { problem: `That alert is not about something that nears its end: ${alert.title}.`, fix: 'Acknowledge it without --planned-for.' };
  if (trouble) throw new HearthbeatError('HB_USAGE', trouble.problem, trouble.fix);
  return { plannedFor };
}
