/**
 * `hearthbeat doctor` in set-ups that are broken for real, several at a time, each hub in a namespace of its own: it names the fault with what
 * mends it, and blames nothing else. The agent is told apart: none runs in the broken hubs but where one is needed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addHub, announceHubs, type BrokenHub, type HubSettings, joinHome, makeNamespace } from './broken-hub.ts';
import { BROKEN_SETUPS, CONTAINERS, type Expected, futureCertificate, NAME_SERVERS, PORTS } from './broken-setups.ts';
import { eventually, HEARTHBEAT, type Lab, startLab } from './harness.ts';

type Status = 'ok' | 'warning' | 'problem' | 'skipped';
type Report = { ok: boolean; checks: { name: string; status: Status; summary: string; fix: string | null }[] };

const LIMIT_MS = 15_000;
const HOUR_MS = 3_600_000;
/** As many as Vitest runs at once. */
const SLOTS = 5;
const OUTSIDE = { uplink: { brokers: ['mqtt://broker.example:1883'] } };

const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-broken-'));
const free = Array.from({ length: SLOTS }, (_, slot) => slot);
let lab: Lab;
let desk: ChildProcess;
/** What is wrong with the machine that runs this test itself, such as too little memory. */
let ownFaults: ReadonlySet<string>;
/** A data folder in which an agent has run. */
let used: string;

beforeAll(async () => {
  execFileSync('chmod', ['777', folder]);
  lab = await startLab({ hosts: 2, real: true });
  announceHubs(lab, [...free.map((slot) => `b${slot}`), CONTAINERS.netns, 'names']);
  startNameServers();
  startContainerBox();
  startBrokers();
  desk = spawn('ip', ['netns', 'exec', `${lab.prefix}-wan`, ...HEARTHBEAT, 'desk', ...deskOptions()], { stdio: 'ignore' });
});
afterAll(async () => {
  desk?.kill('SIGKILL');
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

test('a healthy hub with its agent and its desk has nothing to be mended', async () => {
  await withHub('healthy', async (hub) => {
    joinHome(lab, hub);
    await runAgent(hub, { settings: OUTSIDE });
    const { report, code, durationMs } = await examinedUntil('uplink', 'ok', hub, { settings: OUTSIDE });
    const faulty = report.checks.filter(({ status }) => status === 'warning' || status === 'problem').map(({ name }) => name);
    expect(faulty.filter((name) => !OF_THE_MACHINE.includes(name))).toEqual([]);
    expect(code).toBe(report.ok ? 0 : 1);
    expect(durationMs).toBeLessThan(LIMIT_MS);
    ownFaults = new Set(faulty);
    used = hub.data;
  });
});

test('a clock that is an hour ahead of the desk is the fault, and nothing else', async () => {
  const ahead: HubSettings = { settings: OUTSIDE, clockOffsetMs: HOUR_MS };
  await withHub('ahead', async (hub) => {
    joinHome(lab, hub);
    await runAgent(hub, ahead);
    const { report } = await examinedUntil('clock', 'problem', hub, ahead);
    expectFaults(report, { clock: { status: 'problem', summary: /(3599|360\d) s off the desk's/, fix: /timedatectl set-ntp true/ } });
  });
});

describe.concurrent('doctor names the fault and its fix, and blames nothing else, for', () => {
  test.each(BROKEN_SETUPS.map((setup) => [setup.what, setup] as const))('%s', async (what, { wire, run = {}, faults }) => {
    await withHub(what, async (hub) => {
      await (wire ?? joinInto)(hub, lab);
      const { report, code, durationMs, stderr } = await examine(hub, typeof run === 'function' ? run(lab) : run);
      expect(stderr).toBe('');
      expectFaults(report, faults);
      expect(durationMs).toBeLessThan(LIMIT_MS);
      expect(code).toBe(report.ok ? 0 : 1);
    });
  });

  test('a broker that refuses the password', async () => {
    await withHub('refused', async (hub) => {
      joinHome(lab, hub);
      cpSync(used, hub.data, { recursive: true, filter: (name) => !name.endsWith('.sock') });
      const account = { brokers: [`mqtt://broker.example:${PORTS.password}`], username: 'hub', password: 'wrong' };
      const { report } = await examine(hub, { settings: { uplink: account } });
      expectFaults(report, {
        broker: { status: 'problem', summary: /refused to sign this hub in/, fix: /uplink\.username and uplink\.password/ },
      });
    });
  });
});

/** What the machine that runs this test may lack itself. */
const OF_THE_MACHINE = ['machine', 'clock', 'data'];

const joinInto = (hub: BrokenHub): void => joinHome(lab, hub);

function expectFaults({ ok, checks }: Report, faults: Readonly<Record<string, Expected>>): void {
  const blamed = checks.filter(({ status }) => status === 'warning' || status === 'problem');
  const others = blamed.filter(({ name }) => name !== 'agent' && (name in faults || !ownFaults.has(name)));
  const words = others.map(({ name, status, summary }) => `${name} ${status}: ${summary}`).join('\n');
  expect(
    others.map(({ name }) => name),
    words,
  ).toEqual(Object.keys(faults));
  for (const [name, { status, summary, fix }] of Object.entries(faults)) {
    const check = checks.find((one) => one.name === name);
    expect(check).toMatchObject({ status, summary: expect.stringMatching(summary), fix: expect.stringMatching(fix) });
  }
  expect(ok).toBe(blamed.every(({ status }) => status === 'warning'));
}

/** A hub in the first place that is free; the test waits for one. */
async function withHub(what: string, use: (hub: BrokenHub) => Promise<void>): Promise<void> {
  const { slot } = await eventually('a place for a hub', 120_000, () => takeSlot());
  const own = path.join(folder, `${slot}-${what.replaceAll(/\W+/g, '-').slice(0, 40)}`);
  mkdirSync(own, { recursive: true });
  execFileSync('chmod', ['777', own]);
  makeNamespace(`${lab.prefix}-b${slot}`);
  const hub = addHub(lab, slot, own);
  try {
    await use(hub);
  } finally {
    await hub.down();
    free.push(slot);
  }
}

const takeSlot = (): { readonly slot: number } | undefined => {
  const slot = free.shift();
  return slot === undefined ? undefined : { slot };
};

async function examine(hub: BrokenHub, settings: HubSettings) {
  const finished = await hub.hearthbeat(['doctor', '--json'], settings);
  return { ...finished, report: JSON.parse(finished.stdout) as Report };
}

/** Asks again until a check says what only comes with the first words between agent and desk. */
function examinedUntil(name: string, status: Status, hub: BrokenHub, settings: HubSettings) {
  return eventually(`${name} is ${status}`, 20_000, async () => {
    const examined = await examine(hub, settings);
    return examined.report.checks.some((check) => check.name === name && check.status === status) ? examined : undefined;
  });
}

async function runAgent(hub: BrokenHub, settings: HubSettings): Promise<void> {
  void hub.hearthbeat(['agent', '--offline'], settings);
  await eventually('the agent runs', 20_000, () => existsSync(path.join(hub.data, 'agent.sock')));
}

function deskOptions(): string[] {
  const config = path.join(folder, 'desk.yaml');
  writeFileSync(config, JSON.stringify({ log: 'warn', desk: { broker: { urls: ['mqtt://198.51.100.88:1883'] } } }));
  return ['--config', config, '--data', path.join(folder, 'desk')];
}

/** One machine with four name servers, three of them dnsmasq as homes have it; nobody answers at the silent one. */
function startNameServers(): void {
  const netns = `${lab.prefix}-names`;
  makeNamespace(netns);
  const ip = (on: string, command: string) => execFileSync('ip', ['-n', on, ...command.split(' ')]);
  ip(`${lab.prefix}-lan`, `link add p-names type veth peer name eth0 netns ${netns}`);
  ip(`${lab.prefix}-lan`, 'link set p-names master br0 up');
  for (const address of Object.values(NAME_SERVERS)) ip(netns, `addr add ${address}/24 dev eth0`);
  ip(netns, 'link set eth0 up');
  ip(netns, 'route add default via 192.168.77.1');
  execFileSync('ip', [
    'netns',
    'exec',
    netns,
    'nft',
    `table inet f { chain i { type filter hook input priority 0; ip daddr ${NAME_SERVERS.silent} udp dport 53 drop; }; }`,
  ]);
  const answers: Record<string, string[]> = {
    [NAME_SERVERS.liar]: [`--address=/#/${NAME_SERVERS.liar}`],
    [NAME_SERVERS.filter]: ['--address=/broker.example/0.0.0.0', '--server=198.51.100.53'],
    [NAME_SERVERS.ignorant]: ['--local=/#/'],
  };
  for (const [address, options] of Object.entries(answers)) {
    inLab(
      'names',
      'dnsmasq',
      '-u',
      'root',
      '-C',
      '/dev/null',
      '--bind-interfaces',
      `--listen-address=${address}`,
      '--no-resolv',
      '--no-hosts',
      '--pid-file=',
      ...options,
    );
  }
}

/** A machine of the home that runs containers: its bridge, and the way out through it. */
function startContainerBox(): void {
  const netns = `${lab.prefix}-${CONTAINERS.netns}`;
  makeNamespace(netns);
  const ip = (on: string, command: string) => execFileSync('ip', ['-n', on, ...command.split(' ')]);
  ip(`${lab.prefix}-lan`, `link add p-box type veth peer name eth0 netns ${netns}`);
  ip(`${lab.prefix}-lan`, 'link set p-box master br0 up');
  ip(netns, 'addr add 192.168.77.7/24 dev eth0');
  ip(netns, 'link set eth0 up');
  ip(netns, 'route add default via 192.168.77.1');
  ip(netns, `link add ${CONTAINERS.bridge} type bridge mcast_snooping 0`);
  ip(netns, `addr add ${CONTAINERS.gateway}/16 dev ${CONTAINERS.bridge}`);
  ip(netns, `link set ${CONTAINERS.bridge} up`);
  const masquerade = 'table ip n { chain p { type nat hook postrouting priority 100; oifname "eth0" masquerade; }; }';
  inLab(CONTAINERS.netns, 'sh', '-c', `echo 1 >/proc/sys/net/ipv4/ip_forward; nft '${masquerade}'`);
}

/** Beside the lab's open broker: one that wants a password, and one whose certificate begins in 2040. */
function startBrokers(): void {
  const pki = path.dirname(futureCertificate(lab));
  const script = `cd '${pki}' && : >index.txt && echo 01 >serial && cat >ca.cnf <<'END'
[ca]
default_ca = d
[d]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = p
x509_extensions = e
[p]
commonName = supplied
[e]
basicConstraints = CA:TRUE
subjectAltName = DNS:broker.example
END
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=broker.example -keyout future.key -out future.csr
openssl ca -batch -notext -selfsign -keyfile future.key -in future.csr -out future.crt -config ca.cnf \\
  -startdate 20400101000000Z -enddate 20410101000000Z
mosquitto_passwd -c -b passwords hub right
cat >broken.conf <<END
user root
per_listener_settings true
listener ${PORTS.password} 198.51.100.88
password_file ${pki}/passwords
listener ${PORTS.future} 198.51.100.88
allow_anonymous true
certfile ${pki}/future.crt
keyfile ${pki}/future.key
END
exec mosquitto -d -c broken.conf`;
  inLab('wan', 'sh', '-ec', script);
}

/** The mark lets the lab's own tools end what was left running. */
function inLab(netns: string, ...argv: string[]): void {
  const env = { ...process.env, HEARTHBEAT_LAB: `/run/hearthbeat-lab/${lab.prefix}` };
  execFileSync('ip', ['netns', 'exec', `${lab.prefix}-${netns}`, ...argv], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}
