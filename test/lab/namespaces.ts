/**
 * The smallest LAN that a network test needs: hosts in network namespaces on one bridge, without daemons (harness.ts has the big lab).
 * Host `i` has the address 10.9.0.(i + 1). Needs root. Everything it makes carries its prefix and goes with `down`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

const DRIVER = path.join(import.meta.dirname, 'network-driver.ts');
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

export type SmallLan = {
  /** The address of a host; the first of `hosts` is where the product runs. */
  address(host: string): string;
  run(host: string, ...command: string[]): string;
  /** Takes the link of a host away, as pulling its cable does; the hub's own link stays. */
  unplug(host: string): void;
  plug(host: string): void;
  /** Makes the first host's kernel call these REACHABLE, anew. */
  know(...known: string[]): void;
  /** Makes a host drop everything but ARP. */
  silence(host: string): void;
  /** Runs test/lab/network-driver.ts on the first host, also as an ordinary user; its answer is JSON. */
  drive<Answer>(task: object, options?: { asNobody?: boolean }): Answer;
  down(): void;
};

export const canMakeNamespaces = (): boolean => process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list']).status === 0;

export function makeSmallLan(prefix: string, hosts: readonly string[]): SmallLan {
  const namespaces = [...hosts, 'switch'].map((host) => `${prefix}-${host}`);
  const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const address = (host: string): string => `10.9.0.${hosts.indexOf(host) + 1}`;
  const run = (host: string, ...command: string[]): string => ip('netns', 'exec', `${prefix}-${host}`, ...command);
  const down = (): void => {
    for (const name of namespaces) spawnSync('ip', ['netns', 'del', name]);
  };
  down();
  for (const name of namespaces) {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  ip('-n', `${prefix}-switch`, 'link', 'add', 'br0', 'up', 'type', 'bridge');
  for (const host of hosts) attach(ip, prefix, host, address(host));
  return {
    address,
    run,
    unplug: (host) => void ip('-n', `${prefix}-switch`, 'link', 'set', `p-${host}`, 'down'),
    plug: (host) => void ip('-n', `${prefix}-switch`, 'link', 'set', `p-${host}`, 'up'),
    know(...known) {
      const [hub] = hosts as [string];
      for (const host of known) {
        run(hub, 'sh', '-c', `ip neigh del ${address(host)} dev eth0 2>/dev/null; ping -c 1 -W 0.1 ${address(host)} || true`);
      }
    },
    silence: (host) =>
      void run(host, 'nft', 'table inet quiet { chain in { type filter hook input priority 0; policy drop; iif lo accept; }; }'),
    drive: (task, { asNobody = false } = {}) =>
      JSON.parse(run(hosts[0] as string, ...(asNobody ? NOBODY : []), process.execPath, DRIVER, JSON.stringify(task))),
    down,
  };
}

function attach(ip: (...args: string[]) => string, prefix: string, host: string, address: string): void {
  const [lan, own] = [`${prefix}-switch`, `${prefix}-${host}`];
  ip('-n', lan, 'link', 'add', `p-${host}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own);
  ip('-n', lan, 'link', 'set', `p-${host}`, 'master', 'br0', 'up');
  ip('-n', own, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', own, 'link', 'set', 'eth0', 'up');
}
