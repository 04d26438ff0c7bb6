/**
 * `hearthbeat trace <device>`: asks a device now, hop by hop, and says where the path to it breaks and what to do. Works without an agent: an
 * address alone is enough. Exit code 0 wherever the path breaks; 1 when there is no such device.
 */
import type { Command } from 'commander';
import { conclude, type Verdict, verdictWords } from '../../agent/diagnostics/trace.ts';
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { titleOf } from '../../agent/inventory/describe.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { ipFamily } from '../../base/ip-address.ts';
import { loadSettings } from '../../platform/settings-file.ts';
import { type KnownView, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { hopLines } from '../render/hop-lines.ts';
import { paint } from '../render/words.ts';
import { wrapped } from '../render/wrapped.ts';
import { type TimedHop, tracePath } from '../trace-path.ts';

const WIDEST = 120;

export async function trace(context: CliContext, command: Command): Promise<number> {
  const { device, ip, known, whyUnknown } = await subjectOf(context, command);
  const { settings } = loadSettings(globalFlags(command).config, context.env);
  const asJson = globalFlags(command).json === true;
  const width = Math.min(WIDEST, context.stdout.columns || WIDEST);
  const print = (lines: readonly string[]): void => void (asJson || context.stdout.write(lines.map((line) => `${line}\n`).join('')));

  print([`${device ? titleOf(device) : 'An address that the agent does not know'} at ${ip}`, '']);
  const tell = (hop: TimedHop): void => print(hopLines(hop, width, (colour, text) => paint(colour, text, context.stdout, context.env)));
  const { lan, internet } = settings;
  const hops = await tracePath(
    { ip, ...(device ? { device } : {}), devices: known?.view.devices ?? [], ...lanOverrides(lan), anchors: internet.anchors },
    tell,
  );
  const conclusion = conclude(hops);
  const verdict = device && known ? verdictOf(device, known) : undefined;
  const now = known?.view.at ?? 0;
  const said = verdict ? verdictWords(verdict, conclusion, now) : `The agent says nothing of it: ${whyUnknown}`;
  const bold = (text: string): string => paint('bold', text, context.stdout, context.env);
  print(['', ...wrapped(conclusion.sentence, width).map(bold)]);
  print(conclusion.advice === undefined ? [] : wrapped(`-> ${conclusion.advice}`, width));
  print(wrapped(said, width));
  if (asJson) {
    printJson(context, {
      device: { id: device?.id ?? null, name: device?.name ?? null, ip, macs: device?.macs ?? [] },
      hops: hops.map(({ name, outcome, summary, tookMs = null }) => ({
        name,
        outcome,
        summary,
        tookMs: tookMs && Math.round(tookMs * 10) / 10,
      })),
      breaksAt: conclusion.breaksAt,
      conclusion: conclusion.sentence,
      advice: conclusion.advice ?? null,
      running: known?.running ?? false,
      verdict: verdict ? { state: verdict.state, since: verdict.since, reason: verdict.reason } : null,
    });
  }
  return EXIT.fine;
}

const lanOverrides = ({ include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] }) => ({
  include,
  exclude,
});

type Subject = { readonly ip: string; readonly device?: DeviceView; readonly known?: KnownView; readonly whyUnknown?: string };

/** What the agent knows by these words; for an address also where it knows nothing, or cannot be read. Throws HB_NOT_FOUND and what reading throws. */
async function subjectOf(context: CliContext, command: Command): Promise<Subject> {
  const words = String(command.args[0]);
  const isAddress = ipFamily(words) === 4;
  try {
    const known = await readAgentView(context, command);
    if (!isAddress) {
      const device = findDevice(known.view.devices, words);
      return { ip: addressOf(device), device, known };
    }
    const device = deviceAt(known.view.devices, words);
    return { ip: words, known, ...(device ? { device } : { whyUnknown: 'it has not found a device there.' }) };
  } catch (error) {
    if (isAddress && error instanceof HearthbeatError && error.code !== 'HB_CONFIG_INVALID')
      return { ip: words, whyUnknown: error.message };
    throw error;
  }
}

/** Where two claim the address, the one that has it as its main one. */
function deviceAt(devices: readonly DeviceView[], ip: string): DeviceView | undefined {
  return devices.find(({ ips }) => ips[0] === ip) ?? devices.find(({ ips }) => ips.includes(ip));
}

function addressOf(device: DeviceView): string {
  const ip = device.ips.find((one) => ipFamily(one) === 4);
  if (ip !== undefined) return ip;
  throw new HearthbeatError(
    'HB_NOT_FOUND',
    `${titleOf(device)} has no IPv4 address, and only such a path can be traced.`,
    `See what is known of it: hearthbeat device show ${device.id}`,
  );
}

function verdictOf({ state, since, reason, detectWithinMs }: DeviceView, { running }: KnownView): Verdict {
  return { state, since, reason, detectWithinMs, isLive: running };
}
