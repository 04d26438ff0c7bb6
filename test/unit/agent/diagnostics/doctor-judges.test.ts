import { describe, expect, it } from 'vitest';
import { type Finding, ok, problem, withCauses } from '../../../../src/agent/diagnostics/doctor-check.ts';
import {
  judgeGateway,
  judgeInterfaces,
  judgeMulticast,
  judgeNeighbours,
  judgePing,
  judgePorts,
  judgeRevalidation,
  judgeSourceChecks,
} from '../../../../src/agent/diagnostics/doctor-lan.ts';
import { judgeClock, judgeDataFolder, judgeMachine, judgeNode } from '../../../../src/agent/diagnostics/doctor-machine.ts';
import {
  type AgentFacts,
  judgeAgent,
  judgeBroker,
  judgeInternet,
  judgeNameServers,
  judgeUplink,
} from '../../../../src/agent/diagnostics/doctor-world.ts';

type Row = readonly [what: string, finding: Finding, status: Finding['status'], summary: RegExp, fix?: RegExp];

const GIB = 1024 ** 3;
const machine = { system: 'Debian 12', kernel: '6.1', memory: { totalBytes: 4 * GIB, availableBytes: 3 * GIB }, temperatureC: 51 };
const clock = { wallMs: Date.UTC(2026, 10, 21), installedAtMs: Date.UTC(2026, 10, 20) };
const folder = {
  path: '/var/lib/hb',
  exists: true,
  freeBytes: 9 * GIB,
  disk: { device: '/dev/mmcblk0p2', type: 'ext4', isReadOnly: false },
};
const lan = { name: 'eth0', mac: '02:00:00:00:00:01', address: '192.168.1.2', prefixLength: 24, ipv6: [], dnsServers: [] };
const silent = (detail: string) => ({ method: 'arp', outcome: 'silent', detail }) as const;
const gateway = { ip: '192.168.1.1', interface: 'eth0', internetAnswers: false };
const heard = { interface: 'eth0', mdns: 7, services: 21, ssdp: 3, neighbours: 26 };
const anchor = (outcome: 'answered' | 'silent', name = 'dns://192.168.1.1') => ({ anchor: name, outcome, detail: 'no reply' });

const MACHINE: readonly Row[] = [
  ['Node 24', judgeNode('24.21.0'), 'ok', /24\.21\.0/],
  ['Node 20', judgeNode('20.9.0'), 'problem', /too old/, /Install Node 24/],
  ['a machine at ease', judgeMachine({ ...machine, model: 'Raspberry Pi 4' }), 'ok', /^Raspberry Pi 4, .*3\.0 GiB of 4\.0 GiB.*51 °C\.$/],
  ['a hot one', judgeMachine({ ...machine, temperatureC: 80 }), 'warning', /so hot/, /air/],
  [
    'a full one',
    judgeMachine({ ...machine, memory: { totalBytes: GIB, availableBytes: 100 * 1024 ** 2 } }),
    'warning',
    /100 MiB.*little/,
    /ps aux/,
  ],
  [
    'a synchronised clock',
    judgeClock({ ...clock, isSynchronised: true }),
    'ok',
    /^The clock says 2026-11-21 00:00 UTC and is synchronised/,
  ],
  ['a clock nobody vouches for', judgeClock(clock), 'ok', /nothing here tells/],
  ['a free-running clock', judgeClock({ ...clock, isSynchronised: false }), 'warning', /not synchronised/, /timedatectl/],
  ['a clock at 1970', judgeClock({ ...clock, wallMs: 9_000 }), 'problem', /1970-01-01.*before this program was written/, /timedatectl/],
  [
    'a clock before the installation',
    judgeClock({ ...clock, wallMs: Date.UTC(2026, 10, 19) }),
    'problem',
    /before this program was installed/,
  ],
  ['a clock off the desk', judgeClock({ ...clock, isSynchronised: true, deskOffsetMs: -90_000 }), 'problem', /90 s off/],
  ['a good folder', judgeDataFolder(folder), 'ok', /9\.0 GiB free on an SD card or eMMC \(ext4\)/],
  ['a folder to be made', judgeDataFolder({ ...folder, exists: false }), 'ok', /made at the first start/],
  ['a full disk', judgeDataFolder({ ...folder, freeBytes: 50 * 1024 ** 2 }), 'problem', /50 MiB free/, /Free some space/],
  ['a disk that fills', judgeDataFolder({ ...folder, freeBytes: 400 * 1024 ** 2 }), 'warning', /little/, /du -xh/],
  [
    'a memory disk',
    judgeDataFolder({ ...folder, disk: { device: 'tmpfs', type: 'tmpfs', isReadOnly: false } }),
    'warning',
    /lost/,
    /--data/,
  ],
  ["another user's folder", judgeDataFolder({ ...folder, error: 'EACCES' }), 'problem', /cannot write.*EACCES/, /chown/],
  ['a dying card', judgeDataFolder({ ...folder, error: 'EROFS' }), 'problem', /read-only/, /dmesg/],
];

const LAN: readonly Row[] = [
  ['an interface', judgeInterfaces({ interfaces: [lan], skipped: [{ name: 'lo', reason: 'x' }] }), 'ok', /^eth0 192\.168\.1\.2\/24\.$/],
  [
    'no interface',
    judgeInterfaces({ interfaces: [], skipped: [{ name: 'eth0', reason: 'has no link' }] }),
    'problem',
    /Left out: eth0 has no link/,
    /Plug in/,
  ],
  ['one network', judgeSourceChecks([{ interface: 'eth0', isStrict: false }]), 'skipped', /one network/],
  [
    'two networks that may speak for each other',
    judgeSourceChecks([
      { interface: 'eth0', isStrict: true },
      { interface: 'eth1', isStrict: false },
    ]),
    'warning',
    /^A device on eth1 can answer in the name/,
    /rp_filter=1/,
  ],
  [
    'two networks kept apart',
    judgeSourceChecks([
      { interface: 'eth0', isStrict: true },
      { interface: 'eth1', isStrict: true },
    ]),
    'ok',
    /only speak for itself/,
  ],
  [
    'a router that answers',
    judgeGateway({ ...gateway, answers: [{ method: 'udp', outcome: 'answered', detail: 'x', rttMs: 1.26 }, silent('no reply')] }),
    'ok',
    /answers UDP in 1\.3 ms/,
  ],
  ['a shy router', judgeGateway({ ...gateway, internetAnswers: true, answers: [silent('no reply')] }), 'ok', /passes on/],
  ['a dead router', judgeGateway({ ...gateway, answers: [silent('ARP failed')] }), 'problem', /not even ARP/, /power, lights/],
  [
    'a hub that may not ask',
    judgeGateway({ ...gateway, answers: [{ method: 'udp', outcome: 'unable', detail: 'EPERM' }] }),
    'problem',
    /could not be asked: EPERM/,
    /nft/,
  ],
  ['no router', judgeGateway(undefined), 'problem', /no default route/, /lease/],
  ['iproute2', judgeNeighbours({ source: 'ip', devices: 3 }), 'ok', /devices in it: 3/],
  ['no iproute2', judgeNeighbours({ source: 'proc', devices: 3 }), 'warning', /no ages/, /apt-get install iproute2/],
  ['no table', judgeNeighbours({ source: 'none', devices: 0 }), 'problem', /cannot be read/, /iproute2/],
  ['root', judgeRevalidation({ isAllowed: true, isAsked: true }), 'ok', /asks by ARP again/],
  ['an ordinary user', judgeRevalidation({ isAllowed: false }), 'warning', /may not/, /sudo hearthbeat agent/],
  ['nothing to revalidate', judgeRevalidation({ isAllowed: true }), 'skipped', /no router/],
  ['ping', judgePing({ isMissing: false, loopback: { outcome: 'answered', detail: 'echo reply' } }), 'ok', /works/],
  ['no ping', judgePing({ isMissing: true }), 'warning', /not installed/, /iputils-ping/],
  [
    'forbidden ping',
    judgePing({ isMissing: false, loopback: { outcome: 'unable', detail: 'EPERM' } }),
    'warning',
    /EPERM/,
    /ping_group_range/,
  ],
  [
    'free ports',
    judgePorts([
      { port: 5353, holders: ['avahi-daemon'] },
      { port: 1900, holders: [] },
    ]),
    'ok',
    /shared with avahi-daemon\. .* is free\./,
  ],
  [
    'a kept port',
    judgePorts([{ port: 1900, holders: [], error: 'EADDRINUSE' }]),
    'warning',
    /kept by a program.*EADDRINUSE/,
    /sport = :1900/,
  ],
  ['multicast', judgeMulticast([heard]), 'ok', /7 of 26 devices answer mDNS \(21 services\), 3 SSDP/],
  ['blocked multicast', judgeMulticast([{ ...heard, mdns: 0, services: 0, ssdp: 0 }]), 'problem', /does not come through/, /isolation/],
  ['a quiet small home', judgeMulticast([{ ...heard, mdns: 0, ssdp: 0, neighbours: 4 }]), 'ok', /0 of 4/],
  ['one deaf interface of two', judgeMulticast([heard, { ...heard, interface: 'wlan0', mdns: 0, ssdp: 0 }]), 'problem', /wlan0/],
];

const view = { version: '1.0.0', devices: [], uplink: { granted: true, waiting: { count: 0 } } } as unknown as AgentFacts['view'];
const running = (more: object = {}): AgentFacts => ({ view: { ...view, ...more }, answeredInMs: 12 });
const uplink = (more: object) => running({ uplink: { granted: false, waiting: { count: 5 }, ...more } });

const WORLD: readonly Row[] = [
  ['one anchor of two', judgeInternet([anchor('answered', 'tcp://192.0.2.1:443'), anchor('silent')]), 'ok', /1 of 2 .*192\.0\.2\.1/],
  ['no anchor', judgeInternet([anchor('silent')]), 'problem', /192\.168\.1\.1 \(no reply\)/, /modem/],
  ['anchors turned off', judgeInternet([]), 'skipped', /internet\.anchors/],
  ['a name server', judgeNameServers([anchor('answered')]), 'ok', /by 192\.168\.1\.1\.$/],
  [
    'a bad one beside it',
    judgeNameServers([anchor('answered'), anchor('silent', 'dns://192.0.2.9')]),
    'warning',
    /not by 192\.0\.2\.9 \(no reply\)/,
    /DHCP/,
  ],
  ['no answer to names', judgeNameServers([anchor('silent')]), 'problem', /No name/, /9\.9\.9\.9/],
  ['no name server', judgeNameServers([]), 'problem', /No name server/, /resolv\.conf/],
  ['no agent', judgeAgent(undefined, '1.0.0'), 'warning', /nothing is watched/, /hearthbeat up/],
  ['an agent', judgeAgent(running(), '1.0.0'), 'ok', /watches 0 devices.*12 ms/],
  ['an old agent', judgeAgent(running(), '1.1.0'), 'warning', /this command is version 1\.1\.0/, /Restart/],
  ['a slow agent', judgeAgent({ ...running(), answeredInMs: 1500 }, '1.0.0'), 'warning', /too busy/, /top/],
  ['an agent that cannot save', judgeAgent(running({ storeProblem: 'disk full' }), '1.0.0'), 'problem', /disk full/],
  ['a desk', judgeUplink(true, running()), 'ok', /nothing waits/],
  [
    'a lost desk',
    judgeUplink(true, uplink({ problem: 'The broker is gone.' })),
    'problem',
    /^The broker is gone\. 5 entries wait/,
    /lasts/,
  ],
  ['no desk', judgeUplink(false, running({ uplink: undefined })), 'skipped', /this house alone/],
  ['no agent to ask', judgeUplink(true, undefined), 'skipped', /No agent/],
  ['a broker', judgeBroker([{ url: 'mqtt://b' }]), 'ok', /takes the user name/],
  ['a broker that may not be signed in to', judgeBroker([{ url: 'mqtt://b', notSignedIn: 'why' }]), 'ok', /not signed in: why/],
  ['the second broker', judgeBroker([{ url: 'mqtt://a', failed: { step: 'connect', why: 'x' } }, { url: 'mqtt://b' }]), 'ok', /mqtt:\/\/b/],
  [
    'an unknown name',
    judgeBroker([{ url: 'mqtt://b', failed: { step: 'name', why: 'x' } }]),
    'problem',
    /cannot be found/,
    /the name in uplink/,
  ],
  ['a refusal', judgeBroker([{ url: 'mqtt://b', failed: { step: 'sign-in', why: 'x' } }]), 'problem', /refused/, /uplink\.username/],
  ['no broker', judgeBroker([]), 'skipped', /uplink\.brokers/],
];

describe.each([
  ['the machine', MACHINE],
  ['the LAN', LAN],
  ['the world beyond', WORLD],
])('the doctor judges of %s', (_, rows) => {
  it.each(rows.map(([what, finding, status, summary, fix]) => ({ what, finding, status, summary, fix })))(
    '$what',
    ({ finding, status, summary, fix }) => {
      expect(finding).toMatchObject({ status, summary: expect.stringMatching(summary) });
      if (fix) expect(finding.fix).toMatch(fix);
      if (status === 'warning' || status === 'problem') expect(finding.fix).toBeTruthy();
      else expect(finding.fix).toBeUndefined();
    },
  );
});

describe('causes', () => {
  const names = (...all: [string, Finding][]) => withCauses(new Map(all)).map(({ name, status }) => `${name} ${status}`);
  const dead = problem('It is dead.', 'Mend it.', ['gateway']);

  it('make a problem that another one explains no problem of its own, without a fix of its own', () => {
    const checks = withCauses(
      new Map([
        ['gateway', problem('Gone.', 'Switch it on.')],
        ['internet', dead],
      ]),
    );
    expect(checks).toEqual([
      { name: 'gateway', status: 'problem', summary: 'Gone.', fix: 'Switch it on.' },
      { name: 'internet', status: 'skipped', summary: 'It is dead. See "gateway".' },
    ]);
  });

  it('explain nothing while they are well themselves', () => {
    expect(names(['gateway', ok('Fine.')], ['internet', dead])).toEqual(['gateway ok', 'internet problem']);
  });

  it('leave what is well alone', () => {
    expect(names(['gateway', problem('Gone.', 'Mend it.')], ['internet', ok('Fine.')])).toEqual(['gateway problem', 'internet ok']);
  });
});
