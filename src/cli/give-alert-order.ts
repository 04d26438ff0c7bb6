/** Tells the agent what a person decided about alerts: the running one by its socket, a stopped one by its database, under the same lock. */
import type { Command } from 'commander';
import { type AlertAnswer, type AlertOrder, MOST_OF_A_NAME, readAlertOrder } from '../agent/alerts/alert-order.ts';
import type { AgentView } from '../agent/diagnostics/view.ts';
import { duration } from '../base/duration.ts';
import { HearthbeatError } from '../base/errors.ts';
import { cleanText } from '../base/text.ts';
import { readAgentView } from './agent-view.ts';
import { askAgent } from './ask-agent.ts';
import { type CliContext, EXIT, globalFlags, printJson } from './context.ts';
import { obeyStoppedAboutAlerts } from './obey-stopped.ts';
import { clockTime } from './render/words.ts';

/** `orderFor` makes the order from what is known now. */
export async function giveAlertOrder(context: CliContext, command: Command, orderFor: (view: AgentView) => AlertOrder): Promise<number> {
  const { view, dataFolder, policy } = await readAgentView(context, command);
  const order = readAlertOrder(orderFor(view));
  if ('problem' in order) throw new HearthbeatError('HB_USAGE', order.problem, order.fix);
  const live = await askAgent<AlertAnswer>(dataFolder, '/alert-order', order);
  const answer = live ?? obeyStoppedAboutAlerts(dataFolder, order, policy);
  if ('problem' in answer) throw new HearthbeatError('HB_NOT_FOUND', answer.problem, answer.fix);
  if (globalFlags(command).json) printJson(context, { ...answer, running: live !== undefined });
  else {
    const end =
      answer.until === undefined
        ? ''
        : ` It ends by itself at ${clockTime(answer.until, view.at)}, in ${duration(answer.until - view.at)}.`;
    context.stdout.write(`${answer.done}${end}\n`);
    if (!live) context.stderr.write('The agent does not run here: it is written down for when it starts.\n');
  }
  return EXIT.fine;
}

/** Who gives the order: as said, or else who is logged in, also behind sudo. */
export function orderedBy({ env }: CliContext, said: string | undefined): string {
  return cleanText(said ?? env.SUDO_USER ?? env.USER ?? env.LOGNAME, MOST_OF_A_NAME) ?? 'somebody at the hub';
}
