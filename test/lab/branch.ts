/** A second switch or an access point in a lab: some hosts hang on a bridge of its own, and one link joins that to the others. */
import { execFileSync } from 'node:child_process';
import { slowDown } from './crowd.ts';
import type { Lab } from './harness.ts';

export type Branch = {
  /** Nothing behind it is reached any more; its hosts see their own cables up, as behind a dead switch that is powered from elsewhere. */
  die(): void;
  live(): void;
};

/** `wifi`: over the air, at 4 ms each way and 2 more or less. Up to 13 letters in the name of a host, else its port has another name. */
export async function addBranch(lab: Lab, name: string, hosts: readonly string[], wifi = false): Promise<Branch> {
  const lan = `${lab.prefix}-lan`;
  const ip = (...args: string[]): void => void execFileSync('ip', ['-n', lan, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [bridge, up, down] = [`b-${name}`, `u-${name}`, `d-${name}`];
  ip('link', 'add', bridge, 'up', 'type', 'bridge', 'mcast_snooping', '0');
  ip('link', 'add', up, 'type', 'veth', 'peer', 'name', down);
  ip('link', 'set', down, 'master', bridge, 'up');
  ip('link', 'set', up, ...(wifi ? [] : ['master', 'br0']), 'up');
  if (wifi) await slowDown(lan, up, `t-${name}`);
  for (const host of hosts) ip('link', 'set', `p-${host}`, 'master', bridge);
  return { die: () => ip('link', 'set', down, 'down'), live: () => ip('link', 'set', down, 'up') };
}
