/**
 * `hearthbeat scan`: one look at the LAN, without agent, database, account, root or internet. The table goes to stdout, progress to stderr.
 * With --deep, devices are then asked what they are, as far as the settings let it.
 */
import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import type { Coverage } from '../../agent/discovery/sighting.ts';
import { IDENTIFY_DEFAULTS, type IdentifySettings } from '../../agent/evidence/identify-settings.ts';
import type { Discovery } from '../../agent/ports.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { newRandomId } from '../../base/ids.ts';
import { formatSubnet } from '../../base/ip-address.ts';
import type { Log } from '../../base/log.ts';
import { READER_NAMES } from '../../config/reader-names.ts';
import { readFingerprints } from '../../platform/fingerprint-files.ts';
import { createLanDiscovery } from '../../platform/lan-discovery.ts';
import { createNetwork, type LinuxNetwork } from '../../platform/network.ts';
import { createProber } from '../../platform/prober.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { createSweep } from '../../platform/udp-sweep.ts';
import { openVendorRegistry } from '../../platform/vendor-registry.ts';
import type { Asking } from '../ask-everyone.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { type Look, lookAtLan } from '../look.ts';
import { deviceTable } from '../render/device-table.ts';
import { LiveArea } from '../render/live-area.ts';
import { scanDocument } from '../render/scan-document.ts';
import { cut } from '../render/table.ts';
import { paint } from '../render/words.ts';

type ScanFlags = { readonly deep?: boolean; readonly seconds?: string; readonly interface?: readonly string[]; readonly large?: boolean };

export async function scan(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<ScanFlags>();
  const limitMs = secondsOf(flags.seconds ?? (flags.deep ? '60' : '7')) * 1000;
  const { json, config } = globalFlags(command);
  const deep = flags.deep ? await import('../deep-look.ts') : undefined;
  const identify = deep?.identifyFrom(config, context.env) ?? NOTHING_ASKED;
  const { discovery, close } = openDiscovery(flags, identify);
  const area = new LiveArea(context.stderr);
  const asJson = json === true;
  const inventory = { fingerprints: readFingerprints(), vendorOf: openVendorRegistry(), newDeviceId: stableId };
  try {
    const onProgress = (look: Look): void => area.draw(progressLines(look, context, asJson));
    const tools = { clock: systemClock, discovery, identify: inventory, signal: context.signal, limitMs, onProgress };
    const look = await lookAtLan(deep ? { ...tools, asking: deep.askingOn(discovery, identify) } : tools);
    area.clear();
    if (asJson) printJson(context, scanDocument(look));
    else report(look, context);
    return look.devices.length > 0 ? EXIT.fine : EXIT.problems;
  } finally {
    area.clear();
    close();
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 600) return seconds;
  throw new HearthbeatError('HB_USAGE', `--seconds ${text} is no time to look.`, 'Give a number from 1 to 600, for example --seconds 7.');
}

/** A quick look sends what discovery sends and no more. */
const NOTHING_ASKED: IdentifySettings = { ...IDENTIFY_DEFAULTS, off: READER_NAMES };

function openDiscovery(flags: ScanFlags, identify: IdentifySettings): { discovery: Discovery; close: () => void } {
  const tools = { clock: systemClock, random: systemRandom };
  const network = onlyInterfaces(createNetwork({ ...tools, overrides: { include: flags.interface ?? [] } }), flags.interface);
  const sweep = createSweep({ ...tools, network, prober: createProber({ ...tools, network }) });
  const options = { largeSubnets: flags.large ?? false, identify };
  const discovery = createLanDiscovery({ ...tools, network, sweep, log: SILENT, options });
  return { discovery, close: () => network.close() };
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function onlyInterfaces(network: LinuxNetwork, names: readonly string[] | undefined): LinuxNetwork {
  if (names === undefined) return network;
  return {
    ...network,
    view: async () => {
      const { interfaces, skipped } = await network.view();
      const others = interfaces.filter(({ name }) => !names.includes(name)).map(({ name }) => ({ name, reason: 'was not asked for' }));
      const missing = names
        .filter((name) => ![...interfaces, ...skipped].some((known) => known.name === name))
        .map((name) => ({ name, reason: 'does not exist' }));
      return { interfaces: interfaces.filter(({ name }) => names.includes(name)), skipped: [...skipped, ...others, ...missing] };
    },
  };
}

/** The same device has the same id in every scan, here and on any other machine: it is made of the MAC alone. */
export function stableId(mac: string): string {
  const digest = createHash('sha256').update(`hearthbeat scan ${mac}`).digest();
  return newRandomId({ bytes: (length) => digest.subarray(length === 1 ? 31 : 0, length === 1 ? 32 : length), fraction: () => 0 });
}

/** While it looks: the table so far where results are for a person, and one line about what is going on. */
function progressLines(look: Look, { stdout, stderr, env }: CliContext, asJson: boolean): string[] {
  const found = `${count(look.devices.length, 'device')} so far on ${placesOf(look)}  ${heardWords(look.coverage)}`;
  const status = `${(look.elapsedMs / 1000).toFixed(1)} s  ${look.asking ? askingWords(look.asking) : found}`;
  const line = paint('cyan', cut(status, (stderr.columns || 80) - 1), stderr, env);
  return asJson || !stdout.isTTY || look.devices.length === 0 ? [line] : [...deviceTable(look.devices, stderr, env), line];
}

function placesOf({ interfaces }: Look): string {
  return interfaces.map((lan) => `${lan.name} (${formatSubnet(lan)})`).join(', ');
}

/** `12 of 60 devices asked  192.168.1.9 http, 192.168.1.20 snmp` */
function askingWords({ done, of, now }: Asking): string {
  return `${done} of ${count(of, 'device')} asked  ${now.join(', ')}`;
}

/** `arp 97, mdns 12`: how many answered to what so far. */
function heardWords(coverage: readonly Coverage[]): string {
  const answered = coverage.filter((row) => row.answered > 0);
  return answered.map((row) => `${row.method === 'neighbour' ? 'arp' : row.method} ${row.answered}`).join(', ');
}

function report(look: Look, { stdout, stderr, env }: CliContext): void {
  if (look.devices.length > 0) stdout.write(`${deviceTable(look.devices, stdout, env).join('\n')}\n`);
  const faint = (text: string): string => paint('gray', text, stderr, env);
  stderr.write(`\n${summaryLine(look)}\n`);
  for (const line of troubleLines(look.coverage)) stderr.write(`${faint(line)}\n`);
  if (look.devices.length === 0) stderr.write(`Nothing answered. ${NOTHING_FOUND}\n`);
}

const NOTHING_FOUND =
  'Check that this machine is in the same network as the devices (not a guest Wi-Fi that isolates its clients) and that its firewall lets UDP out, then try again with --seconds 20.';

function summaryLine(look: Look): string {
  const unsure = look.devices.filter((device) => device.state === 'unknown').length;
  const doubt = unsure === 0 ? '' : `, ${unsure} of them not confirmed now`;
  const cutShort = look.complete ? '' : ' (cut short: a longer look may find more)';
  return `${count(look.devices.length, 'device')} on ${placesOf(look)}${doubt}, in ${(look.elapsedMs / 1000).toFixed(1)} s${cutShort}.`;
}

/** What could not be looked at, and what to do about it. */
function troubleLines(coverage: readonly Coverage[]): string[] {
  const isSkipped = (row: Coverage): boolean => row.status === 'skipped' && row.asked === 0 && row.fix === undefined;
  const skipped = coverage.filter((row) => isSkipped(row) && row.interface !== 'lo');
  const troubled = coverage.filter((row) => row.status !== 'ok' && !isSkipped(row));
  return [
    ...troubled.map((row) => `${row.interface} ${row.method}: ${row.problem ?? row.status}.${row.fix ? ` ${row.fix}` : ''}`),
    ...skipped.map((row) => `Not looked at: ${row.interface}, it ${row.problem ?? 'is left out'}.`),
  ];
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}
