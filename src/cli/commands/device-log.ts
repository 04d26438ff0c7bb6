/** `hearthbeat device log [<device>]`: who was found to be who, by whom, and why. */
import type { Command } from 'commander';
import type { LogRow } from '../../agent/inventory/identity-log.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { clockTime } from '../render/words.ts';

export async function deviceLog(context: CliContext, command: Command): Promise<number> {
  const known = await readAgentView(context, command);
  const { view } = known;
  const words = command.args[0];
  const device = words === undefined ? undefined : findDevice(view.devices, words);
  const rows = view.log.filter((row) => device === undefined || row.devices.includes(device.id));
  if (globalFlags(command).json) {
    printJson(context, { log: rows, running: known.running });
    return EXIT.fine;
  }
  noteStopped(context, known);
  context.stdout.write(rows.length === 0 ? 'Nothing was decided yet.\n' : rows.map((row) => `${line(row, view.at)}\n`).join(''));
  return EXIT.fine;
}

function line(row: LogRow, now: number): string {
  const undone = row.undoneBy === undefined ? '' : ` (undone by ${row.undoneBy})`;
  return `${String(row.n).padStart(4)}  ${clockTime(row.at, now)}  ${row.what} by ${row.by === 'agent' ? 'the agent' : 'a person'}${undone}. ${row.why}`;
}
