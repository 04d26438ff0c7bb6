/** `hearthbeat device show <device>`: all that is known of one device, and who said so. */

import type { Command } from 'commander';
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { titleOf } from '../../agent/inventory/describe.ts';
import { duration } from '../../base/duration.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { clockTime, paint, stateColour } from '../render/words.ts';

export async function deviceShow(context: CliContext, command: Command): Promise<number> {
  const known = await readAgentView(context, command);
  const device = findDevice(known.view.devices, String(command.args[0]));
  if (globalFlags(command).json) {
    const log = known.view.log.filter((row) => row.devices.includes(device.id));
    printJson(context, { ...device, log, running: known.running });
    return EXIT.fine;
  }
  noteStopped(context, known);
  const { at } = known.view;
  const state = paint(stateColour(device.state), device.state, context.stdout, context.env);
  const lines = [
    titleOf(device),
    `  state       ${state} for ${duration(at - device.since)}. ${device.reason}`,
    ...factLines(device),
    ...placeLines(device, at),
  ];
  context.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.fine;
}

function factLines(device: DeviceView): string[] {
  return Object.entries(device.facts).flatMap(([name, facts]) =>
    (facts ?? []).map(
      (fact, i) => `  ${(i === 0 ? name : '').padEnd(11)} ${fact.value}  (${fact.source}, ${Math.round(fact.confidence * 100)} %)`,
    ),
  );
}

function placeLines(device: DeviceView, now: number): string[] {
  const named = (label: string, lines: readonly string[]): string[] =>
    lines.map((line, i) => `  ${(i === 0 ? label : '').padEnd(11)} ${line}`);
  return [
    ...named(
      'address',
      device.addresses.map(
        (address) => `${address.ip} on ${address.interface} (${address.mac}), proved ${duration(now - address.lastAt)} ago`,
      ),
    ),
    ...named(
      'known by',
      device.identifiers.map((identifier) => `${identifier.kind} ${identifier.value} (${identifier.strength}, from ${identifier.source})`),
    ),
    ...named('seen by', [device.seenBy.join(', ')]),
    ...named('first seen', [clockTime(device.firstSeenAt, now)]),
    ...named('id', [device.id]),
  ];
}
