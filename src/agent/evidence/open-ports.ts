/**
 * The reader `ports`: tries a short list of TCP ports, one after another, so that the other readers know where something speaks. It looks
 * for the ports that home devices identify themselves on, not for all there are: a host is asked at most 14 times and never in a burst.
 */
import { kindTraits } from '../inventory/kinds.ts';
import type { Asker, Finding, Reader, Target } from './reader.ts';

/** Web pages, management, cameras, printers: what answers on these tells what it is. */
const FOR_ALL = [80, 443, 22, 23, 554, 8080, 631, 9100] as const;
/** Of a host that announces nothing: file transfer, NAS and controllers (5000, 8443), Cast (8008), Roku ECP (8060), Sonos (1400). */
const FOR_THE_QUIET = [21, 5000, 8443, 8008, 8060, 1400] as const;
/** A host that drops what it does not like costs 900 ms a port: after so many silent ones without an answer it has a firewall. */
const SILENT_BEFORE_LEAVING = 3;
/** One that answers here and drops there is worth a little more patience. */
const SILENT_AT_MOST = 5;

export const openPortsReader: Reader = {
  name: 'ports',
  method: 'ports',
  about: 'Tries up to 14 TCP ports one by one, to learn which of the other questions are worth asking.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 64, bytes: 4_096 },
  applies: (target) => target.kind === undefined || !kindTraits(target.kind).personal,
  read: async (target, ask) => {
    const openPorts = await openAmong(portsToTry(target), ask);
    return openPorts === undefined ? [] : [{ fields: {}, openPorts } satisfies Finding];
  },
};

/** What is known to be open already is not tried again. */
export function portsToTry(target: Pick<Target, 'openPorts' | 'services'>): number[] {
  const list = target.services.size === 0 ? [...FOR_ALL, ...FOR_THE_QUIET] : [...FOR_ALL];
  return list.filter((port) => !target.openPorts.includes(port));
}

/** Undefined when the host said nothing at all. */
async function openAmong(ports: readonly number[], ask: Asker): Promise<number[] | undefined> {
  const open: number[] = [];
  let silent = 0;
  let refused = 0;
  for (const port of ports) {
    const answer = await ask.connects(port);
    if (answer === 'open') open.push(port);
    if (answer === 'closed') refused++;
    if (answer === 'silent') silent++;
    if (silent >= (open.length + refused === 0 ? SILENT_BEFORE_LEAVING : SILENT_AT_MOST)) break;
  }
  return open.length + refused === 0 ? undefined : open;
}
