/**
 * Tells the agent what a person decided about devices: the running one by its socket, a stopped one by its database, under the same lock, so
 * that both ways do the same and never both at once.
 */
import type { Command } from 'commander';
import type { DeviceView } from '../agent/diagnostics/view.ts';
import type { Answer, Order } from '../agent/inventory/order.ts';
import { readOrder } from '../agent/inventory/order-form.ts';
import { HearthbeatError } from '../base/errors.ts';
import { type KnownView, readAgentView } from './agent-view.ts';
import { askAgent } from './ask-agent.ts';
import { type CliContext, EXIT, globalFlags, printJson } from './context.ts';
import { obeyAllStopped, obeyStopped } from './obey-stopped.ts';

/** `orderFor` makes the order from the devices as they are known now. */
export async function giveOrder(
  context: CliContext,
  command: Command,
  orderFor: (devices: readonly DeviceView[]) => Order,
): Promise<number> {
  const { view, dataFolder, policy } = await readAgentView(context, command);
  const order = readOrder(orderFor(view.devices));
  if ('problem' in order) throw new HearthbeatError('HB_USAGE', order.problem, order.fix);
  const live = await askAgent<Answer>(dataFolder, '/order', order);
  const answer = live ?? obeyStopped(dataFolder, order, policy);
  if ('problem' in answer) throw new HearthbeatError('HB_NOT_FOUND', answer.problem, answer.fix);
  if (globalFlags(command).json) printJson(context, { ...answer, running: live !== undefined });
  else {
    context.stdout.write(`${answer.done}\n`);
    const when = live ? '' : ' The agent does not run here: it is written down for when it starts.';
    context.stderr.write(`Take it back with: hearthbeat device undo ${answer.row}.${when}\n`);
  }
  return EXIT.fine;
}

/** The answers in the same order; what is refused does not keep back the rest. */
export async function obeyAll(
  { dataFolder, policy }: Pick<KnownView, 'dataFolder' | 'policy'>,
  orders: readonly Order[],
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const order of orders) {
    const live = await askAgent<Answer>(dataFolder, '/order', order);
    if (!live) return [...answers, ...obeyAllStopped(dataFolder, orders.slice(answers.length), policy)];
    answers.push(live);
  }
  return answers;
}
