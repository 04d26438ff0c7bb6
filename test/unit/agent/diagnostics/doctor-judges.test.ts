import { describe, expect, it } from 'vitest';
import { type BackupFacts, judgeBackups } from '../../../../src/agent/diagnostics/doctor-backup.ts';
import { type BrokerFacts, judgeBroker } from '../../../../src/agent/diagnostics/doctor-broker.ts';
import { judgeCatalogue } from '../../../../src/agent/diagnostics/doctor-catalogue.ts';
import { type Finding, ok, problem, withCauses } from '../../../../src/agent/diagnostics/doctor-check.ts';
import { judgeInterfaces, judgeSourceChecks } from '../../../../src/agent/diagnostics/doctor-interfaces.ts';
import { judgeGateway, judgeNeighbours, judgePing, judgeRevalidation } from '../../../../src/agent/diagnostics/doctor-lan.ts';
import { judgeClock, judgeDataFolder, judgeMachine, judgeNode } from '../../../../src/agent/diagnostics/doctor-machine.ts';
import { judgeMulticast, judgePorts } from '../../../../src/agent/diagnostics/doctor-multicast.ts';
import { judgeNameServers } from '../../../../src/agent/diagnostics/doctor-names.ts';
import { type ConsoleFacts, judgeConsole } from '../../../../src/agent/diagnostics/doctor-unifi.ts';
import { type AgentFacts, judgeAgent, judgeInternet, judgeUplink } from '../../../../src/agent/diagnostics/doctor-world.ts';
import type { InterfaceFault } from '../../../../src/agent/discovery/sighting.ts';

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
const backups = (facts: Partial<BackupFacts>) =>
  judgeBackups({ isAutomatic: true, folder: '/mnt/usb', isChosen: true, isOnSameDisk: false, newestAt: 0, ...facts }, 3 * 86_400_000);
const catalogue = { serial: 2026112201, facts: 1456, own: 0, troubles: [] };
const lan = { name: 'eth0', mac: '02:00:00:00:00:01', address: '192.168.1.2', prefixLength: 24, ipv6: [], dnsServers: [] };
const silent = (detail: string) => ({ method: 'arp', outcome: 'silent', detail }) as const;
const home = { isContainer: false, others: new Map([['eth0', 7]]) };
const left = (fault: InterfaceFault) => judgeInterfaces({ interfaces: [], skipped: [{ name: 'eth0', reason: 'is so', fault }] }, home);
const inside = { ...lan, address: '172.17.0.2', prefixLength: 16, gateway: '172.17.0.1' };
const alone = new Map([['eth0', 0]]);
const gateway = { ip: '192.168.1.1', interface: 'eth0', internetAnswers: false, otherWays: [] };
const second = { interface: 'wlan0', gateway: '10.0.0.1', metric: 600 };
const heard = { interface: 'eth0', isTaken: true, mdns: 7, services: 21, ssdp: 3, echoed: ['mDNS', 'SSDP'], neighbours: 26 } as const;
const deaf = { ...heard, mdns: 0, services: 0, ssdp: 0 };
const broker = (failed: BrokerFacts['failed']) => judgeBroker([{ url: 'mqtts://b', failed }] as BrokerFacts[]);
const mistrust = (code: string, more = {}) => broker({ step: 'tls', why: code, mistrust: { code, ...more } });
const anchor = (outcome: 'answered' | 'silent', name = 'dns://192.168.1.1') => ({ anchor: name, outcome, detail: 'no reply' });
const proof = (outcome: 'proven' | 'impostor' | 'silent', instead?: string) => ({
  place: 'tls://192.0.2.1:443',
  outcome,
  detail: 'ECONNRESET',
  ...(instead === undefined ? {} : { instead }),
});

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
  [
    'a fresh catalogue',
    judgeCatalogue(catalogue, Date.UTC(2027, 10, 22)),
    'ok',
    /is of 2026-11-22, as it came with this version: 1456 facts\.$/,
  ],
  ['a newer one', judgeCatalogue({ ...catalogue, signedBy: 'ACME', own: 2 }, 0), 'ok', /signed by ACME: 1456 facts, 2 of them your own/],
  ['a backup of this week', backups({}), 'ok', /newest backup is 3 days old, in \/mnt\/usb\.$/],
  [
    'one that dies with its disk',
    backups({ isChosen: false, isOnSameDisk: true }),
    'ok',
    /on the disk that it is to outlive \(backup\.folder\)/,
  ],
  ['none yet', judgeBackups({ isAutomatic: true, folder: '/b', isChosen: false, isOnSameDisk: true }, 0), 'ok', /makes the first one/],
  ['backups that are turned off', backups({ isAutomatic: false }), 'ok', /backup\.automatic/],
  ['backups that stopped', backups({ newestAt: -13 * 86_400_000 }), 'warning', /is 16 days old/, /its log says/],
  ['a stick that is not mounted', backups({ isOnSameDisk: true }), 'warning', /on the disk of the hub itself/, /Mount/],
  ['a stick that was pulled out', backups({ unwritable: '/mnt does not exist' }), 'problem', /\/mnt does not exist/, /Mount/],
  ['an old one', judgeCatalogue(catalogue, Date.UTC(2027, 10, 24)), 'warning', /is 367 days old \(2026-11-22\)/, /lifecycle update/],
  [
    'a damaged one',
    judgeCatalogue({ ...catalogue, troubles: [{ what: 'It is damaged.', fix: 'Again.' }] }, 0),
    'problem',
    /damaged/,
    /Again/,
  ],
  ['a good folder', judgeDataFolder(folder), 'ok', /9\.0 GiB free on an SD card or eMMC \(ext4\)/],
  ['a folder to be made', judgeDataFolder({ ...folder, exists: false }), 'ok', /made at the first start/],
  ['a full disk', judgeDataFolder({ ...folder, freeBytes: 50 * 1024 ** 2 }), 'problem', /50 MiB free.*too little/, /Free some space/],
  ['a disk that fills', judgeDataFolder({ ...folder, freeBytes: 400 * 1024 ** 2 }), 'warning', /little/, /du -xh/],
  [
    'a memory disk',
    judgeDataFolder({ ...folder, disk: { device: 'tmpfs', type: 'tmpfs', isReadOnly: false } }),
    'warning',
    /lost/,
    /--data/,
  ],
  ['no space', judgeDataFolder({ ...folder, error: 'ENOSPC', freeBytes: 0, freeFiles: 9 }), 'problem', /No space is left/, /apt-get clean/],
  ['a disk of small files', judgeDataFolder({ ...folder, error: 'ENOSPC', freeFiles: 0 }), 'problem', /no inode left/, /du --inodes/],
  [
    "a named user's folder",
    judgeDataFolder({ ...folder, error: 'EACCES', owner: 'hearthbeat' }),
    'problem',
    /belongs to hearthbeat \(EACCES/,
  ],
  ["another user's folder", judgeDataFolder({ ...folder, error: 'EACCES' }), 'problem', /cannot write.*EACCES/, /chown/],
  [
    'a card in good health',
    judgeDataFolder({ ...folder, wear: { lifeTenths: 2, reserve: 'normal', bytesADay: 3 * 1024 ** 3 } }),
    'ok',
    /eMMC \(ext4\), 10 to 20 % of its life used, 3\.0 GiB written a day/,
  ],
  [
    'a worn card',
    judgeDataFolder({ ...folder, wear: { lifeTenths: 9 } }),
    'warning',
    /80 to 90 % of its life used.*nears its end/,
    /new one/,
  ],
  [
    'a card without spare blocks',
    judgeDataFolder({ ...folder, wear: { reserve: 'nearly gone' } }),
    'problem',
    /nearly gone.*any day/,
    /new one/,
  ],
  [
    'a card beyond its life',
    judgeDataFolder({ ...folder, wear: { lifeTenths: 11 } }),
    'problem',
    /more than its estimated life/,
    /new one/,
  ],
  ['a dying card', judgeDataFolder({ ...folder, error: 'EROFS' }), 'problem', /read-only/, /dmesg/],
];

const LAN: readonly Row[] = [
  [
    'an interface',
    judgeInterfaces({ interfaces: [lan], skipped: [{ name: 'lo', reason: 'x' }] }, home),
    'ok',
    /^eth0 192\.168\.1\.2\/24\.$/,
  ],
  [
    'no interface',
    judgeInterfaces({ interfaces: [], skipped: [{ name: 'tun0', reason: 'has no link' }] }, home),
    'problem',
    /Left out: tun0 has no link/,
    /Plug in/,
  ],
  ['a pulled cable', left('no-link'), 'problem', /eth0 is so/, /Plug the cable of eth0 in at both ends/],
  ['an interface that is off', left('down'), 'problem', /eth0 is so/, /sudo ip link set eth0 up/],
  ['DHCP that failed', left('self-assigned'), 'problem', /eth0 is so/, /^Switch the router off and on/],
  ['a network of IPv6 only', left('ipv6-only'), 'problem', /eth0 is so/, /Turn on IPv4/],
  ['no address', left('no-address'), 'problem', /eth0 is so/, /nmcli device reapply eth0/],
  ['an interface that was excluded', left('excluded'), 'problem', /eth0 is so/, /lan\.exclude/],
  [
    "a container's network by its emptiness",
    judgeInterfaces({ interfaces: [inside], skipped: [] }, { isContainer: false, others: alone }),
    'problem',
    /eth0 172\.17\.0\.2\/16 looks like a container's own network behind 172\.17\.0\.1/,
    /--network host.*network_mode: host/,
  ],
  [
    "a container's network by its MAC",
    judgeInterfaces({ interfaces: [{ ...inside, mac: '02:42:ac:11:00:02' }], skipped: [] }, home),
    'problem',
    /container's own/,
  ],
  [
    "a container's network by its engine",
    judgeInterfaces({ interfaces: [inside], skipped: [] }, { ...home, isContainer: true }),
    'problem',
    /own/,
  ],
  ['a home of that range', judgeInterfaces({ interfaces: [inside], skipped: [] }, home), 'ok', /172\.17/],
  [
    "a container in the host's network",
    judgeInterfaces({ interfaces: [lan], skipped: [] }, { isContainer: true, others: alone }),
    'ok',
    /1\.2/,
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
  [
    'a second way out',
    judgeGateway({ ...gateway, otherWays: [second], answers: [{ method: 'udp', outcome: 'answered', detail: 'x' }] }),
    'warning',
    /second default route, to 10\.0\.0\.1 on wlan0/,
    /ip route del default via 10\.0\.0\.1 dev wlan0/,
  ],
  [
    'a dead router before a second way',
    judgeGateway({ ...gateway, otherWays: [second], answers: [silent('ARP failed')] }),
    'problem',
    /not even ARP/,
    /^If 10\.0\.0\.1 is the router to use.*del default via 192\.168\.1\.1 dev eth0/,
  ],
  ['no router', judgeGateway(undefined), 'problem', /no default route/, /lease/],
  ['iproute2', judgeNeighbours({ source: 'ip', devices: 3, asked: 254 }), 'ok', /devices in it: 3/],
  ['no iproute2', judgeNeighbours({ source: 'proc', devices: 3, asked: 254 }), 'warning', /no ages/, /apt-get install iproute2/],
  ['no table', judgeNeighbours({ source: 'none', devices: 0, asked: 254 }), 'problem', /cannot be read/, /iproute2/],
  ['room for all neighbours', judgeNeighbours({ source: 'ip', devices: 200, asked: 256, capacity: 1024 }), 'ok', /200/],
  [
    'a kernel that keeps few neighbours',
    judgeNeighbours({ source: 'ip', devices: 30, asked: 254, capacity: 128 }),
    'warning',
    /at most 128 neighbours.*takes 284/,
    /gc_thresh3=4096/,
  ],
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
    'problem',
    /kept by a program.*EADDRINUSE/,
    /sport = :1900/,
  ],
  ['multicast', judgeMulticast([heard]), 'ok', /7 of 26 devices answer mDNS \(21 services\), 3 SSDP/],
  ['a network that eats multicast', judgeMulticast([deaf]), 'problem', /does not come through the network/, /isolation/],
  ['a firewall here', judgeMulticast([{ ...deaf, echoed: [] }]), 'problem', /own mDNS and SSDP question.*firewall/, /nft list ruleset/],
  ['a firewall here against one of both', judgeMulticast([{ ...heard, ssdp: 0, echoed: ['mDNS'] }]), 'problem', /own SSDP question/],
  ['a lost echo where others are heard', judgeMulticast([{ ...heard, echoed: [] }]), 'ok', /7 of 26/],
  [
    'an interface without multicast',
    judgeMulticast([{ ...deaf, isTaken: false, echoed: [] }]),
    'problem',
    /set to take no multicast/,
    /^sudo ip link set dev eth0 multicast on$/,
  ],
  ['a quiet small home', judgeMulticast([{ ...deaf, neighbours: 4 }]), 'ok', /0 of 4/],
  ['one deaf interface of two', judgeMulticast([heard, { ...deaf, interface: 'wlan0' }]), 'problem', /wlan0/],
];

const view = { version: '1.0.0', devices: [], uplink: { granted: true, waiting: { count: 0 } } } as unknown as AgentFacts['view'];
const running = (more: object = {}): AgentFacts => ({ view: { ...view, ...more }, answeredInMs: 12 });
const uplink = (more: object) => running({ uplink: { granted: false, waiting: { count: 5 }, ...more } });

const elsewhere = { server: '192.0.2.53', addresses: ['192.0.2.9'] };

const console = (facts: ConsoleFacts): Finding => judgeConsole('192.168.1.1', facts);
const ended = { macs: ['24:a4:3c:00:00:01'], fields: { endOfLife: 'yes' } };

const WORLD: readonly Row[] = [
  ['one anchor of two', judgeInternet([anchor('answered', 'tcp://192.0.2.1:443'), anchor('silent')]), 'ok', /1 of 2 .*192\.0\.2\.1/],
  ['no anchor', judgeInternet([anchor('silent')]), 'problem', /192\.168\.1\.1 \(no reply\)/, /modem/],
  [
    'a sign-in page for every place',
    judgeInternet([anchor('answered')], [proof('impostor', 'http://login.example/'), proof('silent')]),
    'problem',
    /not the internet: http:\/\/login\.example\/\./,
    /Open any http:/,
  ],
  [
    'one place that is itself',
    judgeInternet([anchor('answered')], [proof('impostor', 'http://login.example/'), proof('proven')]),
    'ok',
    /1 of 1/,
  ],
  ['places that a filter refuses', judgeInternet([anchor('answered')], [proof('silent'), proof('silent')]), 'ok', /1 of 1/],
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
  [
    'a name server that invents',
    judgeNameServers([{ ...anchor('answered'), invented: '10.0.0.1' }]),
    'problem',
    /^192\.168\.1\.1 answers 10\.0\.0\.1 for a name that does not exist/,
    /browser/,
  ],
  [
    'a filter',
    judgeNameServers([{ ...anchor('answered'), names: [{ name: 'b.example', here: ['0.0.0.0'], elsewhere }] }]),
    'problem',
    /says 0\.0\.0\.0 for b\.example, where 192\.0\.2\.53 says 192\.0\.2\.9/,
    /Pi-hole/,
  ],
  [
    'a name that only others know',
    judgeNameServers([{ ...anchor('answered'), names: [{ name: 'b.example', here: [], elsewhere }] }]),
    'problem',
    /knows no b\.example, where/,
  ],
  [
    'a desk with another address inside the house',
    judgeNameServers([{ ...anchor('answered'), names: [{ name: 'b.example', here: ['192.168.1.9'], elsewhere }] }]),
    'ok',
    /looked up/,
  ],
  ['a name that nobody knows', judgeNameServers([{ ...anchor('answered'), names: [{ name: 'b.example', here: [] }] }]), 'ok', /looked up/],
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
  [
    'a broker that is down',
    broker({ step: 'connect', why: 'connect ECONNREFUSED 192.0.2.1:1883' }),
    'problem',
    /nothing listens/,
    /1883 for mqtt/,
  ],
  ['a broker behind silence', broker({ step: 'connect', why: 'no answer' }), 'problem', /cannot be reached: no answer/, /lets MQTT out/],
  ["a stranger's certificate", mistrust('SELF_SIGNED_CERT_IN_CHAIN'), 'problem', /no authority known/, /uplink\.caFile/],
  [
    'a certificate of the future',
    mistrust('CERT_NOT_YET_VALID', { validFrom: Date.UTC(2027, 0, 1) }),
    'problem',
    /valid from 2027-01-01 00:00 UTC on/,
    /date -u/,
  ],
  [
    'a certificate of the past',
    mistrust('CERT_HAS_EXPIRED', { validTo: Date.UTC(2026, 0, 1) }),
    'problem',
    /ran out at 2026-01-01/,
    /renew/,
  ],
  ["another's certificate", mistrust('ERR_TLS_CERT_ALTNAME_INVALID'), 'problem', /another name/, /by the name that is in/],
  ['a broker that hangs', broker({ step: 'hang', why: 'no answer' }), 'problem', /accepts the connection and says nothing/, /hangs/],
  ['no TLS', broker({ step: 'tls', why: 'wrong version number' }), 'problem', /does not speak TLS.*wrong version/, /mqtt with 1883/],
  ['no broker', judgeBroker([]), 'skipped', /uplink\.brokers/],
  [
    'a console',
    console({ outcome: 'told', devices: [ended, { ...ended, fields: {} }], leftOut: 0 }),
    'ok',
    /takes the key and tells of 2 devices, 1 at/,
  ],
  ['a console too large', console({ outcome: 'told', devices: [], leftOut: 3 }), 'warning', /3 more could not be read/, /report/],
  [
    'a console that refuses',
    console({ outcome: 'refused', why: 'it answers HTTP 401' }),
    'problem',
    /refuses the key: it answers HTTP 401/,
    /new key/,
  ],
  [
    'another console',
    console({ outcome: 'other-certificate', fingerprint: 'ab12' }),
    'problem',
    /key was not sent/,
    /unifi\.fingerprint to ab12/,
  ],
  ['a console elsewhere', console({ outcome: 'off-link' }), 'problem', /in no network of this hub/, /unifi\.url/],
  ['what is no console', console({ outcome: 'unlike', why: 'its answer is no list' }), 'problem', /does not answer as one/, /unifi\.site/],
  ['a silent console', console({ outcome: 'silent', why: 'ECONNREFUSED' }), 'problem', /does not answer: ECONNREFUSED/, /runs/],
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

  it('are the name server for a broker that was looked up, and not for one by its address', () => {
    const down = (url: string) => judgeBroker([{ url, failed: { step: 'connect', why: 'connect ECONNREFUSED' } }]);
    const dns = problem('It lies.', 'Mend it.');
    expect(names(['dns', dns], ['broker', down('mqtt://broker.example:1883')])).toEqual(['dns problem', 'broker skipped']);
    expect(names(['dns', dns], ['broker', down('mqtt://[2001:db8::1]:1883')])).toEqual(['dns problem', 'broker problem']);
  });

  it('explain nothing while they are well themselves', () => {
    expect(names(['gateway', ok('Fine.')], ['internet', dead])).toEqual(['gateway ok', 'internet problem']);
  });

  it('leave what is well alone', () => {
    expect(names(['gateway', problem('Gone.', 'Mend it.')], ['internet', ok('Fine.')])).toEqual(['gateway problem', 'internet ok']);
  });
});
