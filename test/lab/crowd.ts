/**
 * Many more devices for a lab than it has namespaces: one kernel plays each crowd, with one macvlan (its own MAC, its own address) for each
 * device. The lab removes the crowd with itself, also after a crash, because the namespaces are on its list.
 */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Lab } from './harness.ts';

/** How many of a crowd's devices keep how quiet, as shares. The others answer everything, with a refusal. */
const ONLY_ARP = 0.1;
const ONLY_PING = 0.2;
/** One way over Wi-Fi, and how far around it (power save makes it vary). */
const WIFI_MS = 4;
const WIFI_JITTER_MS = 2;

export type CrowdOptions = { readonly name: string; readonly addresses: readonly string[]; readonly wifi: boolean };

/** Adds the devices to a lab that is up. Returns when they answer. */
export async function addCrowd(lab: Lab, { name, addresses, wifi }: CrowdOptions): Promise<void> {
  const [own, lan] = [`${lab.prefix}-${name}`, `${lab.prefix}-lan`];
  const port = `p-${name}`;
  appendFileSync(path.join(process.env.LAB_STATE ?? '/run/hearthbeat-lab', lab.prefix, 'netns'), `${own}\n`);
  ip(['netns', 'add', own]);
  inNamespace(own, ['sh', '-c', ANSWER_AS_MANY.map((setting) => `echo ${setting[1]} >/proc/sys/net/${setting[0]}`).join('; ')]);
  ip(['-n', lan, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own]);
  ip(['-n', lan, 'link', 'set', port, ...(wifi ? [] : ['master', 'br0']), 'up']);
  ip(['-n', own, '-batch', '-'], ['link set lo up', 'link set eth0 up', ...addresses.flatMap(deviceCommands)].join('\n'));
  inNamespace(own, ['nft', '-f', '-'], firewall(addresses));
  if (wifi) await slowDown(lan, port, `t-${name}`);
}

/**
 * What makes one kernel answer as that many would: only the card that has the address answers ARP for it, and none is rationed for the
 * answers of the others. IPv6 is off: the kernel would announce hundreds of addresses at once.
 */
const ANSWER_AS_MANY = [
  ['ipv6/conf/all/disable_ipv6', 1],
  ['ipv6/conf/default/disable_ipv6', 1],
  ...['all', 'default'].flatMap((each) => [
    [`ipv4/conf/${each}/arp_ignore`, 1],
    [`ipv4/conf/${each}/arp_announce`, 2],
    [`ipv4/conf/${each}/rp_filter`, 0],
  ]),
  ['ipv4/icmp_ratelimit', 0],
  ['ipv4/icmp_msgs_per_sec', 100_000],
  ['ipv4/icmp_msgs_burst', 10_000],
] as const;

function deviceCommands(address: string, index: number): string[] {
  const name = `d${index}`;
  return [
    `link add link eth0 name ${name} address ${macOf(address, index)} type macvlan mode bridge`,
    `address add ${address}/24 brd + dev ${name}`,
    `link set ${name} up`,
  ];
}

/** A real vendor's prefix, or a phone's random one, in the mix of hosts.tsv; the rest of the MAC is the address, so that none comes twice. */
function macOf(address: string, index: number): string {
  const prefix = PREFIXES[index % PREFIXES.length] as string;
  const [third = 0, fourth = 0] = address.split('.').slice(2).map(Number);
  return [prefix, 'c0', ...[third, fourth].map((octet) => octet.toString(16).padStart(2, '0'))].join(':');
}

const PREFIXES: readonly string[] = readFileSync(path.join(import.meta.dirname, 'hosts.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t')[1] as string);

function firewall(addresses: readonly string[]): string {
  const shareOf = (from: number, share: number): string => {
    const some = addresses.slice(Math.round(addresses.length * from), Math.round(addresses.length * (from + share)));
    return `{ ${some.join(', ')} }`;
  };
  return `table inet quiet {
    chain in {
      type filter hook input priority 0; policy accept;
      ip daddr ${shareOf(0, ONLY_ARP)} drop
      ip daddr ${shareOf(ONLY_ARP, ONLY_PING)} meta l4proto { tcp, udp } drop
    }
  }`;
}

/** slow.py puts itself between the crowd and the switch, and says so when it does. */
export function slowDown(lan: string, port: string, tap: string): Promise<void> {
  const relay = [path.join(import.meta.dirname, 'slow.py'), port, tap, String(WIFI_MS), String(WIFI_JITTER_MS)];
  const child = spawn('ip', ['netns', 'exec', lan, ...relay], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => {
      child.unref();
      (child.stdout as Socket).unref();
      resolve();
    });
    child.once('exit', (code) => reject(new Error(`slow.py ended with ${code}`)));
  });
}

function ip(args: readonly string[], input = ''): void {
  execFileSync('ip', args, { input, stdio: ['pipe', 'ignore', 'inherit'] });
}

function inNamespace(namespace: string, command: readonly string[], input = ''): void {
  ip(['netns', 'exec', namespace, ...command], input);
}
