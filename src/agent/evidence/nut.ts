/**
 * The reader `nut`: the UPS whose state this device gives to the house by the protocol of Network UPS Tools (RFC 9271; upsd, TCP 3493), as NAS,
 * small computers and home-automation hubs do. LIST UPS and LIST VAR need no login and change nothing.
 */
import { latin1 } from './byte-reader.ts';
import type { Asker, Finding, Reader, Target } from './reader.ts';
import { toldFields } from './told.ts';
import { toldDay } from './told-day.ts';

const PORT = 3493;
/** A list of 60 variables of about 40 octets; some drivers tell three times as much. */
const MAX_BYTES = 16_384;
/** More than two UPSs on one computer stand in server rooms. */
const MOST_UPS = 2;
const MOST_LINES = 400;
/** Kinds on which an upsd runs although they announce nothing of it. */
const KINDS = new Set<Target['kind']>(['nas', 'server', 'ups', 'hub', 'router', 'controller']);
const SSH = 22;

/** The names in an answer to LIST UPS, at most two; a name that would have to be quoted to be asked for is left out. */
export function parseUpsList(reply: Uint8Array): string[] {
  const names = linesOf(reply).flatMap((line) => /^UPS ([\w.-]{1,64})(?: "|$)/.exec(line)?.[1] ?? []);
  return [...new Set(names)].slice(0, MOST_UPS);
}

/** What an answer to LIST VAR tells; undefined where it is an error (no access, data stale, driver gone) or tells nothing of a UPS. */
export function parseUpsVariables(reply: Uint8Array): Finding | undefined {
  const told = new Map(linesOf(reply).flatMap((line) => variableIn(line) ?? []));
  const flags = new Set(told.get('ups.status')?.split(' '));
  const result = told.get('ups.test.result');
  const seconds = Number(told.get('battery.runtime') ?? Number.NaN);
  const fields = toldFields({
    upsVendor: told.get('ups.mfr') ?? told.get('device.mfr'),
    upsModel: told.get('ups.model') ?? told.get('device.model'),
    batteryStatus: flags.size === 0 ? undefined : flags.has('RB') ? 'replace' : flags.has('LB') ? 'low' : 'normal',
    batteryReplacedOn: toldDay(told.get('battery.date')),
    batteryMadeOn: toldDay(told.get('battery.mfr.date')),
    batteryKind: kindOfBattery(told.get('battery.type')),
    batteryMinutes: seconds >= 0 ? Math.floor(seconds / 60) : undefined,
    batteryChargePercent: percentOf(told.get('battery.charge')),
    selfTest: resultOf(result),
    selfTestOn: toldDay(told.get('ups.test.date')),
    upsMadeOn: toldDay(told.get('ups.mfr.date')),
  });
  return Object.keys(fields).length === 0 ? undefined : { fields };
}

/** `VAR ups1 battery.charge "100"`: within the quotes, quotes and backslashes are escaped. */
function variableIn(line: string): [[string, string]] | undefined {
  const [, name, quoted] = /^VAR [\w.-]{1,64} ([\w.]{1,64}) "((?:[^"\\]|\\.){0,200})"$/.exec(line) ?? [];
  return name === undefined || quoted === undefined ? undefined : [[name, quoted.replace(/\\(.)/g, '$1').trim()]];
}

function linesOf(reply: Uint8Array): string[] {
  return latin1(reply.subarray(0, MAX_BYTES)).split(/\r?\n/, MOST_LINES);
}

/**
 * Drivers write it in words of their own: `Done and passed`, `OK - Battery GOOD`, `Battery GOOD`, `Done and error`, `BAD - Battery needs replacing`,
 * `Test failed`, and `No test initiated`, `In progress`, `Done and warning`, which say neither.
 */
function resultOf(words: string | undefined): 'passed' | 'failed' | undefined {
  if (words === undefined) return undefined;
  if (/\b(fail(ed|ure)?|bad|error)\b|needs? replac/i.test(words)) return 'failed';
  return /\b(pass(ed)?|ok|good)\b/i.test(words) ? 'passed' : undefined;
}

function kindOfBattery(words: string | undefined): 'lead' | 'lithium' | undefined {
  if (words === undefined) return undefined;
  return /^li/i.test(words) ? 'lithium' : /^(pb|sla|vrla|lead)/i.test(words) ? 'lead' : undefined;
}

function percentOf(text: string | undefined): number | undefined {
  const percent = Number(text ?? Number.NaN);
  return percent >= 0 && percent <= 100 ? Math.round(percent) : undefined;
}

export const nutReader: Reader = {
  name: 'nut',
  method: 'api',
  about: 'Asks a NAS or a hub by the protocol of Network UPS Tools how the UPS does that it watches; without a login.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 48, bytes: 4_096 },
  applies: ({ kind, openPorts, services }) =>
    openPorts.includes(PORT) || services.has('_nut._tcp') || KINDS.has(kind) || (kind === undefined && openPorts.includes(SSH)),
  read: async (_, ask) => {
    const list = await listOf(ask, 'UPS');
    const found: Finding[] = [];
    for (const name of list === undefined ? [] : parseUpsList(list)) {
      const variables = await listOf(ask, `VAR ${name}`);
      const finding = variables && parseUpsVariables(variables);
      if (finding) found.push({ port: PORT, fields: { upsName: name, ...finding.fields } });
    }
    return found;
  },
};

function listOf(ask: Asker, what: string): Promise<Uint8Array | undefined> {
  const isWhole = (soFar: Uint8Array): boolean => /(^|\n)(END LIST|ERR) /.test(latin1(soFar.subarray(-256)));
  return ask.conversation(PORT, { send: Buffer.from(`LIST ${what}\n`), maxBytes: MAX_BYTES, until: isWhole });
}
