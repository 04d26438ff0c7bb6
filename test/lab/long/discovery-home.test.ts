/** Discovery against a home of 98 hosts with real avahi, minidlna, miniupnpd, ippeveprinter and 24 scripted devices, as an ordinary user. */
import { type ChildProcess, execFile } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Coverage, DiscoveryMethod, Sighting } from '../../../src/agent/discovery/sighting.ts';
import { eventually, type Lab, startLab, type TrueHost } from '../harness.ts';

const run = promisify(execFile);
const DRIVER = path.join(import.meta.dirname, '../discovery-driver.ts');

let lab: Lab;
let hosts: TrueHost[];
beforeAll(async () => {
  lab = await startLab({ hosts: 60, real: true, devices: true });
  hosts = (await lab.truth()).hosts;
}, 60_000);
afterAll(() => lab?.down());

const running: ChildProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(ended));
});

type Listening = {
  readonly sightings: { readonly afterMs: number; readonly sighting: Sighting }[];
  readonly coverage: readonly Coverage[];
  readonly refreshedAfterMs: number | undefined;
  addresses(method: DiscoveryMethod): Set<string>;
  row(method: DiscoveryMethod): Coverage | undefined;
};

function listen(): Listening {
  const child = lab.hubExec([process.execPath, DRIVER], { user: 'nobody', stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const heard = {
    sightings: [] as Listening['sightings'],
    coverage: [] as readonly Coverage[],
    refreshedAfterMs: undefined as number | undefined,
  };
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const message = JSON.parse(line);
    if (message.sighting) heard.sightings.push(message);
    else Object.assign(heard, message);
  });
  return Object.assign(heard, {
    addresses: (method: DiscoveryMethod) =>
      new Set(heard.sightings.filter(({ sighting }) => sighting.method === method).map(({ sighting }) => sighting.ip)),
    row: (method: DiscoveryMethod) => heard.coverage.find((row) => row.method === method && row.interface === 'eth0'),
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('close', () => resolve());
    child.stdin ? child.stdin.end() : child.kill();
  });
}

const seconds = (n: number) => new Promise((resolve) => setTimeout(resolve, n * 1000));
const inHost = (name: string, argv: readonly string[]) => run('ip', ['netns', 'exec', `${lab.prefix}-${name}`, ...argv]);
const missing = (wanted: readonly TrueHost[], heard: ReadonlySet<string>) =>
  wanted.filter((host) => !heard.has(host.ip!)).map((host) => host.name);
const speakers = (protocol: string) => hosts.filter((host) => host.reachable && host.discovery.includes(protocol));

test('within 8 seconds every host is resolved and every SSDP and mDNS speaker heard, the first within one second', async () => {
  const listening = listen();
  await eventually('the refresh ends', 9000, () => listening.refreshedAfterMs);

  expect(listening.refreshedAfterMs).toBeLessThan(8000);
  expect(listening.sightings[0]!.afterMs).toBeLessThan(1000);
  expect(
    missing(
      hosts.filter((host) => host.reachable),
      listening.addresses('neighbour'),
    ),
  ).toEqual([]);
  expect(missing(speakers('ssdp'), listening.addresses('ssdp'))).toEqual([]);
  expect(missing(speakers('mdns'), listening.addresses('mdns'))).toEqual([]);
  expect(macsThatAreNotTrue(listening)).toEqual([]);
  expect(namesIn(listening)).toEqual(expect.arrayContaining(['Kitchen', 'Brother DCP-L3550CDW series', 'raspberrypi [d8:3a:dd:4e:4b:f2]']));
});

function macsThatAreNotTrue(listening: Listening): string[] {
  const macs = new Map(hosts.map((host) => [host.ip, host.mac]));
  const neighbours = listening.sightings
    .map(({ sighting }) => sighting)
    .filter((sighting) => sighting.method === 'neighbour' && !sighting.ip.includes(':'));
  return neighbours.filter((sighting) => sighting.method === 'neighbour' && macs.get(sighting.ip) !== sighting.mac).map(({ ip }) => ip);
}

function namesIn(listening: Listening): string[] {
  return listening.sightings.flatMap(({ sighting }) =>
    sighting.method === 'mdns' ? sighting.services.map((service) => service.instance) : [],
  );
}

test('reads the description of everyone who says where it is', async () => {
  const listening = listen();
  await eventually('the refresh ends', 9000, () => listening.refreshedAfterMs);
  const described = listening.sightings.flatMap(({ sighting }) =>
    sighting.method === 'ssdp' && sighting.location !== undefined ? sighting.ip : [],
  );
  expect(new Set(described).size).toBeGreaterThan(10);
  expect([...new Set(described)].filter((ip) => !listening.addresses('upnp').has(ip))).toEqual([]);
});

test('a hostile LOCATION makes the hub contact nobody but the sender', async () => {
  const { ip: sender } = hosts.find((host) => host.name === 'nas')!;
  const locations = [
    'http://169.254.169.254/latest/',
    'http://198.51.100.80/x',
    'http://connectivity.example/x',
    'http://127.0.0.1:80/',
    `http://${sender}@198.51.100.80/`,
  ].concat([
    'http://198.51.100.80:1883/',
    'http://3325256784/',
    'http://[::ffff:198.51.100.80]/',
    `http://${sender}:22/`,
    'http://192.168.77.2:8080/',
    'http://192.168.77.1/x',
  ]);
  await countPacketsToElsewhere();
  const listening = listen();
  await eventually('it listens', 5000, () => listening.addresses('ssdp').size > 5);
  await inHost('nas', [process.execPath, '-e', ANNOUNCE, JSON.stringify(locations)]);
  await eventually('the announcements are heard', 5000, () =>
    listening.sightings.some(({ sighting }) => sighting.method === 'ssdp' && sighting.usn.startsWith('uuid:hostile-10')),
  );
  await seconds(3);
  expect(listening.row('upnp')?.refused).toBeGreaterThanOrEqual(locations.length);
  expect(await packetsToElsewhere()).toBe(0);
  await lab.hubRun(['ping', '-c', '1', '-W', '1', '198.51.100.80']);
  expect(await packetsToElsewhere(), 'the counter sees a packet that does leave').toBeGreaterThan(0);
});

const ANNOUNCE = `
const socket = require('node:dgram').createSocket('udp4');
const send = (location, i) => socket.send(['NOTIFY * HTTP/1.1', 'NT: upnp:rootdevice', 'NTS: ssdp:alive', 'USN: uuid:hostile-' + i, 'LOCATION: ' + location, '', ''].join('\\r\\n'), 1900, '239.255.255.250');
JSON.parse(process.argv[1]).forEach(send);
setTimeout(() => socket.close(), 200);`;

async function countPacketsToElsewhere(): Promise<void> {
  const rule = 'ip daddr != 192.168.77.0/24 ip daddr != 224.0.0.0/4 ip daddr != 127.0.0.0/8 counter';
  await lab.hubRun([
    'nft',
    `add table inet watch; add chain inet watch out { type filter hook output priority 0; }; add rule inet watch out ${rule}`,
  ]);
}

async function packetsToElsewhere(): Promise<number> {
  const { stdout } = await lab.hubRun(['nft', 'list', 'table', 'inet', 'watch']);
  return Number(/packets (\d+)/.exec(stdout)?.[1] ?? Number.NaN);
}

test('says so when multicast is blocked, and still resolves everyone', async () => {
  await lab.fault('no-multicast', 'on');
  const listening = listen();
  try {
    await eventually(
      'mDNS and SSDP are called blocked',
      9000,
      () => listening.row('mdns')?.status === 'degraded' && listening.row('ssdp')?.status === 'degraded',
    );
    expect(listening.row('mdns')?.problem).toMatch(/^mDNS: nothing heard although \d+ devices answer ARP: multicast seems blocked$/);
    expect(
      missing(
        hosts.filter((host) => host.reachable),
        listening.addresses('neighbour'),
      ),
    ).toEqual([]);
  } finally {
    await lab.fault('no-multicast', 'off');
  }
});

test('hears a goodbye within three seconds, and the return', async () => {
  const listening = listen();
  const pi = hosts.find((host) => host.name === 'ha')!;
  const states = () =>
    listening.sightings.flatMap(({ sighting }) =>
      sighting.method === 'mdns' && sighting.ip === pi.ip ? [sighting.services.map(({ gone }) => gone)] : [],
    );
  await eventually('it is heard', 10_000, () => states().length > 0);
  await seconds(5);
  await inHost('ha', [
    'sh',
    '-c',
    'for p in $(pgrep -x avahi-daemon); do [ "$(readlink /proc/$p/ns/net)" = "$(readlink /proc/self/ns/net)" ] && kill -TERM $p; done; true',
  ]);
  await eventually('its services are gone', 3000, () =>
    states()
      .at(-1)
      ?.some((gone) => gone),
  );
  await lab.fault('restart', 'ha');
  await eventually(
    'its services are back',
    10_000,
    () =>
      states().at(-1)?.length &&
      states()
        .at(-1)
        ?.every((gone) => !gone),
  );
});

test('uses unicast answers where a program keeps port 5353 to itself', async () => {
  const holder = lab.hubExec([process.execPath, '-e', "require('node:dgram').createSocket('udp4').bind(5353, () => console.log('held'))"], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(holder);
  await new Promise((resolve) => holder.stdout!.once('data', resolve));
  const listening = listen();
  await eventually('the refresh ends', 9000, () => listening.refreshedAfterMs);
  await eventually('the coverage says so', 2000, () => listening.row('mdns')?.problem?.includes('port 5353 is held'));
  expect(missing(speakers('mdns'), listening.addresses('mdns'))).toEqual([]);
});

test('goes on after the interface went and came back, with another address', async () => {
  const listening = listen();
  await eventually('it listens', 5000, () => listening.addresses('mdns').size > 5);
  const ip = (...args: string[]) => run('ip', ['-n', `${lab.prefix}-hub`, ...args]);
  await ip('address', 'del', '192.168.77.2/24', 'dev', 'eth0');
  await eventually('nothing is left to listen on', 12_000, () => listening.coverage.length > 0 && listening.row('mdns') === undefined);
  await ip('address', 'add', '192.168.77.200/24', 'dev', 'eth0');
  const before = listening.sightings.length;
  const heardAgain = () => new Set(listening.sightings.slice(before).map(({ sighting }) => `${sighting.method}`));
  await eventually('all is heard again', 15_000, () => ['neighbour', 'ssdp', 'mdns'].every((method) => heardAgain().has(method)));
});
