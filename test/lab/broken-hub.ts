/**
 * One more hub in a running lab, in a namespace of its own, so that many set-ups can be broken side by side without touching each other or the
 * home. A hub sees the part of the home below 192.168.77.31 (the real daemons and the router), which keeps the sweeps of several hubs
 * within what the kernel's one neighbour table holds. Everything goes with the hub; what a crash leaves goes with the lab.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Finished, HEARTHBEAT, type Lab } from './harness.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLOCK_OFFSET = path.join(import.meta.dirname, 'clock-offset.mjs');
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
/** What a service manager grants the agent's user: it may revalidate neighbours, as root may. */
const NET_ADMIN = ['--inh-caps=+net_admin', '--ambient-caps=+net_admin'];

export type HubSettings = {
  /** How the program is set up; the anchors are those of the lab. */
  readonly settings?: object;
  /** Name servers that the hub was given; default the router. */
  readonly nameServers?: readonly string[];
  /** Shell commands in the mount namespace of the program, before it starts; `$DATA` is its data folder. */
  readonly mounts?: string;
  /** `service`: an ordinary user with CAP_NET_ADMIN; `confined`: the same without what file capabilities grant (NoNewPrivileges). */
  readonly user?: 'root' | 'service' | 'confined';
  /** How wrong the clock is. */
  readonly clockOffsetMs?: number;
};

export type BrokenHub = {
  /** Name of its namespace, of its port on the lab's switch, and its address. */
  readonly netns: string;
  readonly port: string;
  readonly address: string;
  readonly data: string;
  /** `ip` in the hub, by default; `on` names another namespace of the lab. */
  ip(command: string, on?: string): void;
  /** A shell command in a namespace. */
  sh(command: string, on?: string): void;
  /** Starts a program in the hub that lives as long as it; resolves at its first words. */
  start(argv: readonly string[], settings?: HubSettings): Promise<ChildProcess>;
  hearthbeat(args: readonly string[], settings?: HubSettings): Promise<Finished>;
  /** Ends what runs in the hub and removes it. */
  down(): Promise<void>;
};

/** `slot` from 0 to 6 is its place: one hub at a time has it. */
export function addHub(lab: Lab, slot: number, folder: string): BrokenHub {
  const netns = `${lab.prefix}-b${slot}`;
  const [port, address] = [`p-b${slot}`, `192.168.77.${23 + slot}`];
  const [data, config] = [path.join(folder, 'data'), path.join(folder, 'hearthbeat.yaml')];
  const children: ChildProcess[] = [];
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o777);
  const inside = (on: string, ...argv: string[]): void =>
    void execFileSync('ip', ['netns', 'exec', on, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ip = (command: string, on = netns): void =>
    void execFileSync('ip', ['-n', on, ...command.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const launch = (argv: readonly string[], { mounts = ':', user = 'root', nameServers, clockOffsetMs, settings }: HubSettings) => {
    writeFileSync(config, JSON.stringify({ log: 'warn', internet: ANCHORS, ...settings }));
    const resolv = path.join(folder, 'resolv.conf');
    writeFileSync(resolv, (nameServers ?? ['192.168.77.1']).map((server) => `nameserver ${server}\n`).join(''));
    const privileges = { root: [], service: [...NOBODY, ...NET_ADMIN], confined: [...NOBODY, ...NET_ADMIN, '--no-new-privs'] }[user];
    const clock =
      clockOffsetMs === undefined ? {} : { NODE_OPTIONS: `--import=${CLOCK_OFFSET}`, LAB_CLOCK_OFFSET_MS: String(clockOffsetMs) };
    // `ip netns exec` has a mount namespace of its own, so what is mounted here ends with the program.
    const prepared = `mount --bind '${resolv}' /etc/resolv.conf && { ${mounts}; } && exec "$@"`;
    const child = spawn('ip', ['netns', 'exec', netns, 'sh', '-c', prepared, 'sh', ...privileges, ...argv], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...clock, DATA: data, NO_COLOR: '1' },
    });
    children.push(child);
    return child;
  };
  return {
    netns,
    port,
    address,
    data,
    ip,
    sh: (command, on = netns) => inside(on, 'sh', '-c', command),
    async start(argv, settings = {}) {
      const child = launch(argv, settings);
      await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data')]);
      for (const output of [child.stdout!, child.stderr!]) output.resume();
      return child;
    },
    hearthbeat: (args, settings = {}) => finished(launch([...HEARTHBEAT, ...args, '--config', config, '--data', data], settings)),
    async down() {
      for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      // Its cables and the rules about it end here, not some time after the namespace: another hub gets the place.
      for (const link of ['eth0', 'eth1']) spawnSync('ip', ['-n', netns, 'link', 'del', link]);
      spawnSync('ip', ['netns', 'exec', `${lab.prefix}-lan`, 'nft', `delete table bridge ${port}`]);
      spawnSync('ip', ['netns', 'exec', `${lab.prefix}-gw`, 'nft', `delete table inet ${port}`]);
      execFileSync('ip', ['netns', 'del', netns]);
    },
  };
}

const ANCHORS = { anchors: ['tcp://198.51.100.80:80', 'dns://198.51.100.53'] };

/** Makes the namespace of a hub; the lab removes it with its own, whatever happens to the test. */
export function announceHubs(lab: Lab, names: readonly string[]): void {
  appendFileSync(`/run/hearthbeat-lab/${lab.prefix}/netns`, names.map((name) => `${lab.prefix}-${name}\n`).join(''));
}

/** An empty namespace with a loopback. */
export function makeNamespace(name: string): void {
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
}

/** Plugs `eth0` of the hub into the home's switch, with an address and the router as every home gives them. */
export function joinHome(lab: Lab, hub: BrokenHub, { address = `${hub.address}/27`, gateway = '192.168.77.1' } = {}): void {
  hub.ip(`link add ${hub.port} type veth peer name eth0 netns ${hub.netns}`, `${lab.prefix}-lan`);
  hub.ip(`link set ${hub.port} master br0 up`, `${lab.prefix}-lan`);
  hub.ip('link set eth0 up');
  if (address !== '') hub.ip(`addr add ${address} dev eth0`);
  if (address !== '' && gateway !== '') hub.ip(`route add default via ${gateway}`);
}

async function finished(child: ChildProcess): Promise<Finished> {
  const startedAt = performance.now();
  const output = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  const [code] = await once(child, 'close');
  return { code, ...output, durationMs: performance.now() - startedAt };
}
