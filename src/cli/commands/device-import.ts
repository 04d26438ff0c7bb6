/**
 * `hearthbeat device import FILE.csv`: takes over what a dealer's list says of the devices here. All of the file is read before anything is said to the agent;
 * a second run changes nothing, and each device's row of the log can be undone.
 */
import type { Command } from 'commander';
import { titleAndPlace } from '../../agent/inventory/describe.ts';
import type { Order } from '../../agent/inventory/order.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { readGiven } from '../../platform/whole-file.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, type GlobalFlags, printJson } from '../context.ts';
import { obeyAll } from '../give-order.ts';
import { type Import, type ImportedRow, readImport } from '../import-rows.ts';

const LARGEST_FILE = 1024 * 1024;
const MOST_LINES = 50;

export async function deviceImport(context: CliContext, command: Command): Promise<number> {
  const { json = false, dryRun = false } = command.optsWithGlobals<GlobalFlags & { readonly dryRun?: boolean }>();
  const file = String(command.args[0]);
  const bytes = readGiven(file, LARGEST_FILE, 'table (CSV) whose first line names the columns: mac,installed,warranty_until,room');
  if (bytes.length > LARGEST_FILE) throw new HearthbeatError('HB_USAGE', `The file ${file} is larger than 1 MiB.`, 'Import it in parts.');
  const known = await readAgentView(context, command);
  const plan = readImport(bytes.toString('utf8'), known.view.devices);
  if (plan.problems.length > 0) return refuse(plan, file, json, context);
  const fresh = plan.rows.filter(({ set }) => Object.keys(set).length > 0);
  const orders = fresh.map(({ device, set }): Order => ({ do: 'set', device: device.id, set }));
  const answers = dryRun ? [] : await obeyAll(known, orders);
  const refused = answers.filter((answer) => 'problem' in answer);
  if (json) {
    const changed = fresh.map(({ line, device, set }, i) => ({ line, device: device.id, set, ...answers[i] }));
    const { unplaced, ignored } = plan;
    printJson(context, { dryRun, changed, unchanged: plan.rows.length - fresh.length, unplaced, ignored, running: known.running });
  } else {
    noteStopped(context, known);
    context.stdout.write(`${reportLines(plan, fresh, dryRun).join('\n')}\n`);
    for (const { problem, fix } of refused) context.stderr.write(`${problem} ${fix}\n`);
    const rows = answers.flatMap((answer) => ('row' in answer ? [answer.row] : []));
    if (rows.length > 0)
      context.stderr.write(
        `Take one back with: hearthbeat device undo ${rows.length === 1 ? rows[0] : `<${rows[0]} to ${rows.at(-1)}>`}\n`,
      );
  }
  return refused.length > 0 ? EXIT.problems : EXIT.fine;
}

function refuse({ problems }: Import, file: string, json: boolean, context: CliContext): number {
  if (json) printJson(context, { problems });
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const lines = problems.slice(0, MOST_LINES).map(({ line, problem }) => `  line ${line}: ${problem}\n`);
  const more = problems.length > MOST_LINES ? `  and ${problems.length - MOST_LINES} more\n` : '';
  context.stderr.write(`hearthbeat: ${file} has ${count}, so nothing was imported.\n${lines.join('')}${more}`);
  return EXIT.usage;
}

function reportLines({ rows, unplaced, ignored }: Import, fresh: readonly ImportedRow[], dryRun: boolean): string[] {
  const said = rows.length - fresh.length;
  return [
    `${devices(fresh.length)} ${dryRun ? 'would be changed' : 'changed'}${said > 0 ? `, of ${devices(said)} it was known already` : ''}.`,
    ...shortened(
      fresh.map(
        ({ device, set }) =>
          `  ${titleAndPlace(device)}: ${Object.entries(set)
            .map(([field, value]) => `${field} ${value}`)
            .join(', ')}`,
      ),
    ),
    ...(unplaced.length === 0 ? [] : [`${unplaced.length} ${unplaced.length === 1 ? 'row was' : 'rows were'} left out:`]),
    ...shortened(unplaced.map(({ line, says, why }) => `  line ${line} (${says}): ${why}`)),
    ...(ignored.length === 0 ? [] : [`Columns that say nothing here: ${ignored.join(', ')}.`]),
  ];
}

function devices(count: number): string {
  return count === 1 ? '1 device' : `${count} devices`;
}

function shortened(lines: readonly string[]): string[] {
  return lines.length <= MOST_LINES ? [...lines] : [...lines.slice(0, MOST_LINES), `  and ${lines.length - MOST_LINES} more`];
}
