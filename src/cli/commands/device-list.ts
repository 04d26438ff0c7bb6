/** `hearthbeat device list`: every device that the agent knows, with its state. */

import type { Command } from 'commander';
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { duration } from '../../base/duration.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { healthStateSchema } from '../../protocol/messages.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deviceTable } from '../render/device-table.ts';
import { namedEntry } from '../render/scan-document.ts';

export async function deviceList(context: CliContext, command: Command): Promise<number> {
  const wanted = statesOf(command.opts<{ state?: string[] }>().state);
  const known = await readAgentView(context, command);
  const { at, coverage } = known.view;
  const devices = known.view.devices.filter((device) => wanted === undefined || wanted.includes(device.state));
  if (globalFlags(command).json) {
    printJson(context, { devices: devices.map(entryOf), coverage, running: known.running, at });
    return EXIT.fine;
  }
  noteStopped(context, known);
  const since = new Map(devices.map((device) => [device.id, duration(at - device.since)]));
  const table = deviceTable(devices, context.stdout, context.env, (device) => since.get((device as DeviceView).id) ?? '');
  context.stdout.write(devices.length === 0 ? `${emptyWords(known.view.devices.length)}\n` : `${table.join('\n')}\n`);
  return EXIT.fine;
}

function emptyWords(all: number): string {
  return all === 0
    ? 'The agent has found no device yet. Look yourself with: hearthbeat scan'
    : `None of the ${all} devices is in such a state.`;
}

/** The same names as in `scan --json`, with the health beside them. */
function entryOf({
  evidence: _e,
  facts: _f,
  identifiers: _i,
  addresses: _a,
  ports: _p,
  corrected: _c,
  conflicts: _o,
  ...device
}: DeviceView) {
  return namedEntry(device);
}

function statesOf(words: readonly string[] | undefined): readonly string[] | undefined {
  const known: readonly string[] = healthStateSchema.options;
  const wrong = words?.find((word) => !known.includes(word));
  if (wrong !== undefined) throw new HearthbeatError('HB_USAGE', `There is no state "${wrong}".`, `States are: ${known.join(', ')}.`);
  return words;
}
