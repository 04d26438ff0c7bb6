// What must hold of the playbooks that come with hearthbeat, beyond what the desk asks of any: nothing is without one, none is never shown, and
// somebody with little training can read them. Pure: files in, problems out.
import { DEVICE_KINDS, isDeviceKind } from '../src/agent/inventory/kinds.ts';
import { plainWords, unfilledPlaybook } from '../src/desk/playbooks/fill.ts';
import { createLibrary, type Library, type PlaybookFile, shadowed } from '../src/desk/playbooks/library.ts';
import type { Playbook } from '../src/desk/playbooks/playbook.ts';
import { ALERT_CODES } from '../src/protocol/alert-catalogue.ts';

const LONGEST_STEP = 140;
const LONGEST_MEANING = 160;
/** What is about one device; the kind of that must have been thought of. */
const OF_A_KIND = ['device-down', 'service-down'] as const;

/** Words of the trade: they stand in the part for the advanced tier, or nowhere. */
const JARGON =
  /\b(ARP|ICMP|TCP|UDP|DHCP|DNS|SNMP|mDNS|SSDP|UPnP|NAT|MAC|SSID|PoE|RAID|VLANs?|subnets?|multicast|broadcast|unicast|gateways?|ports?|packets?|ping(ed|s)?|latency|jitter|LAN|WAN|QoS|STP|spanning tree|Zigbee|Z-Wave|daemons?|hosts?|endpoints?|failover|S\.?M\.?A\.?R\.?T|MTU|RSSI|DFS|bandwidth|throughput|IP|HTTPS?|TLS|SSL|SIP|firmware update)\b/;

export function playbookProblems(files: readonly PlaybookFile[]): string[] {
  const library = createLibrary(files, []);
  return [
    ...library.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ...(library.playbooks.length > 0 ? missing(library) : []),
    ...shadowed(library.playbooks).map(({ name }) => `${name}.md: it is never shown, others are nearer to all that it is for`),
    ...library.playbooks.flatMap((playbook) => [...unknownKinds(playbook), ...unreadable(playbook)]),
  ];
}

function missing({ pick }: Library): string[] {
  const codes = ALERT_CODES.filter((code) => pick(code, undefined) === undefined).map((code) => `the alert ${code} has no playbook`);
  const kinds = Object.keys(DEVICE_KINDS).flatMap((kind) =>
    OF_A_KIND.filter((code) => !pick(code, kind)?.kinds.includes(kind)).map(
      (code) => `the kind ${kind} has no playbook of its own for ${code}`,
    ),
  );
  return [...codes, ...kinds];
}

function unknownKinds({ name, kinds }: Playbook): string[] {
  return kinds.filter((kind) => !isDeviceKind(kind)).map((kind) => `${name}.md: there is no kind "${kind}" (src/agent/inventory/kinds.ts)`);
}

function unreadable(playbook: Playbook): string[] {
  const { name, means, parts } = unfilledPlaybook(playbook);
  const meaning = plainWords(means);
  const lines = parts.flatMap((part) =>
    part.steps.flatMap(({ words, under }) => [words, ...under].map((line) => ({ part: part.name, text: plainWords(line) }))),
  );
  return [
    ...(meaning.length > LONGEST_MEANING ? [`${name}.md: what it means takes more than ${LONGEST_MEANING} characters`] : []),
    ...lines
      .filter(({ text }) => text.length > LONGEST_STEP)
      .map(({ text }) => `${name}.md: longer than ${LONGEST_STEP} characters: ${text}`),
    ...[{ part: '', text: meaning }, ...lines].flatMap(({ part, text }) => {
      const word = part === 'Technical' ? undefined : JARGON.exec(text)?.[0];
      return word === undefined ? [] : [`${name}.md: "${word}" is a word of the trade, put it below "Technical": ${text}`];
    }),
  ];
}
