/** `hearthbeat silence [device]`, `silence list`, `silence end`, `maintenance`: spans in which nothing new is raised, because people work. */
import type { Command } from 'commander';
import { type AlertOrder, MOST_OF_A_REASON } from '../../agent/alerts/alert-order.ts';
import { LONGEST_SILENCE_MS } from '../../agent/alerts/silences.ts';
import type { AgentView } from '../../agent/diagnostics/view.ts';
import { duration, parseDuration } from '../../base/duration.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import type { SilenceMessage } from '../../protocol/messages.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { giveAlertOrder, orderedBy } from '../give-alert-order.ts';
import { silencedWhat, silenceWords } from '../render/silence-words.ts';

type Flags = { readonly for: string; readonly because?: string; readonly by?: string };

const SHORTEST_MS = 60_000;

export async function silence(context: CliContext, command: Command): Promise<number> {
  const { all, ...flags } = command.opts<Flags & { all?: boolean }>();
  const device = command.args[0];
  if (device === undefined && !all)
    throw new HearthbeatError('HB_USAGE', 'What to silence is missing.', 'Name a device, or the whole house with --all.');
  if (device !== undefined && all)
    throw new HearthbeatError('HB_USAGE', 'That is one device and the whole house.', 'Leave out the device or --all.');
  const order = silenceOrder(context, flags);
  return giveAlertOrder(context, command, ({ devices }) =>
    device === undefined ? order : { ...order, device: findDevice(devices, device).id },
  );
}

export async function maintenance(context: CliContext, command: Command): Promise<number> {
  const order = silenceOrder(context, command.opts<Flags>());
  return giveAlertOrder(context, command, () => order);
}

export async function silenceList(context: CliContext, command: Command): Promise<number> {
  const known = await readAgentView(context, command);
  const { silences, devices, at } = known.view;
  if (globalFlags(command).json) printJson(context, { running: known.running, silences });
  else {
    noteStopped(context, known);
    const lines = silences.map((each) => `${each.n}  ${silencedWhat(each, devices)}: ${silenceWords(each, at)}`);
    context.stdout.write(silences.length === 0 ? 'Nothing is silenced.\n' : `${lines.join('\n')}\n`);
  }
  return EXIT.fine;
}

export async function silenceEnd(context: CliContext, command: Command): Promise<number> {
  const { all } = command.optsWithGlobals<{ all?: boolean }>();
  return giveAlertOrder(context, command, (view) => ({ do: 'end-silence', n: meant(view, command.args[0], all === true).n }));
}

/** Nothing need be named where there is one. */
function meant({ silences, devices }: AgentView, words: string | undefined, all: boolean): SilenceMessage {
  const byNumber = silences.find(({ n }) => String(n) === words);
  if (byNumber) return byNumber;
  const [only, ...others] = silences;
  if (!only)
    throw new HearthbeatError('HB_NOT_FOUND', 'Nothing is silenced.', 'Silence a device with: hearthbeat silence <device> --for 2h');
  if (words === undefined && !all) {
    if (others.length === 0) return only;
    throw new HearthbeatError('HB_USAGE', 'There are several silences.', 'Name one by its number in: hearthbeat silence list');
  }
  const device = words === undefined ? undefined : findDevice(devices, words).id;
  const found = silences.find((each) => each.device === device);
  if (found) return found;
  throw new HearthbeatError('HB_NOT_FOUND', 'That is not silenced.', 'List what is with: hearthbeat silence list');
}

function silenceOrder(context: CliContext, flags: Flags): Extract<AlertOrder, { do: 'silence' }> {
  const because = cleanText(flags.because, MOST_OF_A_REASON);
  return {
    do: 'silence',
    forMs: spanOf(flags.for),
    by: orderedBy(context, flags.by),
    ...(because === undefined ? {} : { because }),
  };
}

function spanOf(text: string): number {
  const ms = parseDuration(text);
  const fix = `Write for example --for 30m, --for 2h or --for 1h30m; at most ${duration(LONGEST_SILENCE_MS)}.`;
  if (ms === undefined) throw new HearthbeatError('HB_USAGE', `"${text}" is no duration.`, fix);
  if (ms > LONGEST_SILENCE_MS)
    throw new HearthbeatError('HB_USAGE', `${duration(ms)} is too long: a forgotten silence hides what is wrong.`, fix);
  if (ms < SHORTEST_MS) throw new HearthbeatError('HB_USAGE', `${duration(ms)} is too short.`, fix);
  return Math.round(ms);
}
