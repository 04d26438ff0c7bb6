/**
 * What is heard and asked beside SSDP and mDNS, against real nmbd, wsdd, ippeveprinter, sshd, dropbear, dnsmasq and udhcpc, and scripted
 * cameras, controllers and plugs.
 */
import { type ChildProcess, execFile } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Coverage, DhcpSighting, EvidenceSighting, Sighting } from '../../src/agent/discovery/sighting.ts';
import { eventually, type Lab, startLab, type TrueHost } from './harness.ts';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const GROUP_PORTS = '{ 67, 1902, 1982, 3702, 5678, 6666, 6667, 10001, 37020 }';

let lab: Lab;
let hosts: TrueHost[];
beforeAll(async () => {
  lab = await startLab({ hosts: 12, real: true, devices: true });
  hosts = (await lab.truth()).hosts;
}, 60_000);
afterAll(() => lab?.down());

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin?.end();
    await ended;
  }
});

const ipOf = (name: string): string => hosts.find((host) => host.name === name)!.ip!;

function listen(user: 'root' | 'nobody' = 'root') {
  const child = lab.hubExec([process.execPath, path.join(HERE, 'discovery-driver.ts')], { user, stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const heard = { sightings: [] as Sighting[], coverage: [] as Coverage[] };
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const message = JSON.parse(line);
    if (message.sighting) heard.sightings.push(message.sighting);
    else Object.assign(heard, message);
  });
  return {
    by: (reader: string, name: string) =>
      heard.sightings.find(
        (sighting): sighting is EvidenceSighting => 'reader' in sighting && sighting.reader === reader && sighting.ip === ipOf(name),
      ),
    requests: () => heard.sightings.filter((sighting): sighting is DhcpSighting => sighting.method === 'dhcp'),
    names: () => heard.sightings.filter((sighting) => sighting.method === 'dns'),
    row: (method: Coverage['method']) => heard.coverage.find((row) => row.method === method && row.interface === 'eth0'),
  };
}

test('cameras, controllers, plugs, access points and computers tell what they are when everyone is asked at once', async () => {
  const heard = listen();
  const wanted = [
    ['wsd', 'hikvision', { hardware: 'DS-2CD2143G2-I', name: 'Driveway' }],
    ['wsd', 'hp-printer', { types: 'wsdp:Device wprt:PrintDeviceType wscn:ScanDeviceType' }],
    ['wsd', 'winpc', { types: 'wsdp:Device pub:Computer' }],
    ['wsd', 'nas', { types: 'wsdp:Device pub:Computer' }],
    ['hikvision', 'hikvision', { model: 'DS-2CD2143G2-I', firmware: 'V5.7.10build 220411' }],
    ['sddp', 'control4', { manufacturer: 'Control4', model: 'C4-EA3' }],
    ['kasa', 'kasa-plug', { model: 'HS110(US)', name: 'Fish tank' }],
    ['ubiquiti', 'unifi-ap', { model: 'UAP-AC-Pro', name: 'Upstairs AP' }],
  ] as const;
  await eventually('all have answered', 9_000, () => wanted.every(([reader, name]) => heard.by(reader, name)));
  for (const [reader, name, fields] of wanted) expect(heard.by(reader, name)?.fields, name).toMatchObject(fields);
});

test('the router tells the names of its leases, at one question a device, and no one else is asked', async () => {
  const leased = hosts.filter((host) => host.reachable && host.dhcpHostname);
  const heard = listen();
  await eventually('every lease has a name', 9_000, () => heard.names().length >= leased.length - 2);
  expect(heard.by('dns-name', 'kasa-plug')?.fields).toEqual({ hostname: 'hs110', domain: 'lan' });
  await eventually('coverage', 2_000, () => heard.row('dns'));
  expect(heard.row('dns')!.asked).toBeLessThanOrEqual(hosts.length + 4);
  expect(heard.row('dns')!.answered).toBe(1);
});

test('a device that asks for its address tells its name, also before it has one; an ordinary user is told how to hear that', async () => {
  const heard = listen();
  await eventually('the ear is open', 5_000, () => heard.row('dhcp'));
  await lab.fault('reboot', 'iphone-anna', '1');
  await eventually('the request is heard', 5_000, () => heard.requests().length > 0);
  expect(heard.requests()[0]).toMatchObject({
    interface: 'eth0',
    mac: hosts.find(({ name }) => name === 'iphone-anna')!.mac,
    fields: { hostname: 'Annas-iPhone' },
  });

  const deaf = listen('nobody');
  await eventually('coverage', 5_000, () => deaf.row('dhcp'));
  expect(deaf.row('dhcp')).toMatchObject({ status: 'skipped', fix: expect.stringContaining('CAP_NET_BIND_SERVICE') });
});

test('the hub answers nobody who asks, announces or begs on the ports where it listens', async () => {
  const ruleset = `add table ip t; add counter ip t replies; add chain ip t out { type filter hook output priority 0; };
    add rule ip t out udp sport ${GROUP_PORTS} counter name replies;`;
  await lab.hubRun(['nft', ruleset]);
  const heard = listen();
  await eventually('the ears are open', 5_000, () => heard.row('wsd'));
  const asker = `const s = require('dgram').createSocket('udp4');
    s.bind(0, () => { s.setBroadcast(true);
      for (const port of [67, 1902, 1982, 3702, 5678, 6666, 6667, 10001, 37020]) for (const to of ['192.168.77.2', '192.168.77.255'])
        for (let i = 0; i < 50; i++) s.send(i % 2 ? Buffer.from([1, 0, 0, 0]) : 'SEARCH * SDDP/1.0\\r\\n\\r\\n', port, to);
      setTimeout(() => process.exit(), 500); });`;
  await run('ip', ['netns', 'exec', `${lab.prefix}-pi`, process.execPath, '-e', asker]);
  const replies = async () => (await lab.hubRun(['nft', 'list', 'counter', 'ip', 't', 'replies'])).stdout;
  expect(await replies()).toMatch(/packets 0 bytes 0/);

  const culprit = `const s = require('dgram').createSocket({ type: 'udp4', reuseAddr: true }); s.bind(3702, () => s.send('x', 9, '${ipOf('pi')}', () => process.exit()));`;
  await lab.hubRun([process.execPath, '-e', culprit]);
  expect(await replies(), 'the counter sees a reply').toMatch(/packets 1 /);
  await lab.hubRun(['nft', 'delete', 'table', 'ip', 't']);
});

test('single devices answer NetBIOS, IPP, RTSP and SSH as their readers ask them', async () => {
  const questions = [
    `netbios=${ipOf('winpc')}`,
    `netbios=${ipOf('nas')}`,
    `ipp=${ipOf('printer')}:631`,
    `rtsp=${ipOf('hikvision')}:554`,
    `ssh=${ipOf('nas')}:22`,
    `ssh=${ipOf('ap')}:22`,
    `ftp=${ipOf('pi')}:21`,
  ];
  const { stdout } = await lab.hubRun([process.execPath, path.join(HERE, 'reader-driver.ts'), ...questions]);
  const said = stdout
    .trim()
    .split('\n')
    .map((line): EvidenceSighting => JSON.parse(line));
  expect(said.map(({ reader, ip, fields }) => [reader, ip, fields])).toMatchObject([
    ['netbios', ipOf('winpc'), { name: 'DESKTOP-7K2QF', workgroup: 'WORKGROUP' }],
    ['netbios', ipOf('nas'), { name: 'VAULT' }],
    ['ipp', ipOf('printer'), { makeAndModel: 'HP Color LaserJet Pro M252dw', location: 'Study' }],
    ['rtsp', ipOf('hikvision'), { realm: 'DS-2CD2143G2-I', status: '401' }],
    ['ssh', ipOf('nas'), { banner: expect.stringMatching(/^SSH-2\.0-OpenSSH_/) }],
    ['ssh', ipOf('ap'), { banner: expect.stringMatching(/^SSH-2\.0-dropbear_/) }],
  ]);
});
