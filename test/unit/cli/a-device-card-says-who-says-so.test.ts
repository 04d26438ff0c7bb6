import { expect, test } from 'vitest';
import type { DeviceView } from '../../../src/agent/diagnostics/view.ts';
import { reasonsOf } from '../../../src/agent/inventory/account.ts';
import type { LogRow } from '../../../src/agent/inventory/identity-log.ts';
import { deviceCard } from '../../../src/cli/render/device-card.ts';

const NOW = 1_800_000_000_000;
const fact = (value: string, confidence: number, source: string) => ({ value, confidence, source, at: NOW });
const facts: DeviceView['facts'] = {
  kind: [fact('av-receiver', 0.9, 'heos 1255'), fact('speaker', 0.85, 'ssdp ACT-Denon:1')],
  vendor: [fact('Denon', 0.95, 'upnp MediaRenderer:1')],
  model: [fact('AVR-X6500H', 0.95, 'upnp MediaRenderer:1')],
};
const device: DeviceView = {
  id: '01m80hmn9xp5b0as45scf1x63e',
  vendor: 'Denon',
  model: 'AVR-X6500H',
  kind: 'av-receiver',
  facts,
  because: reasonsOf({ facts }),
  ips: ['192.168.1.44'],
  macs: ['00:05:cd:c4:c8:9c'],
  seenBy: ['neighbour', 'mdns'],
  services: ['_airplay._tcp', 'ssdp urn:schemas-upnp-org:device:mediarenderer:1'],
  ports: [{ port: 80, by: 'ports' }],
  identifiers: [{ kind: 'mac', value: '00:05:cd:c4:c8:9c', strength: 'strong', source: 'neighbour', firstAt: 0, lastAt: NOW }],
  addresses: [{ ip: '192.168.1.44', interface: 'eth0', mac: '00:05:cd:c4:c8:9c', firstAt: 0, lastAt: NOW - 5_000 }],
  corrected: { room: { value: 'Rack', at: NOW - 60_000 } },
  conflicts: [],
  personal: false,
  isGateway: false,
  firstSeenAt: NOW - 86_400_000,
  lastSeenAt: NOW,
  state: 'up',
  since: NOW - 120_000,
  reason: 'It answered by ARP.',
  profile: 'wired',
  detectWithinMs: 20_000,
  detectBecause: 'because its link often loses several packets in a row',
  reportAfterMs: 120_000,
  serving: ['AirPlay at port 7000: open'],
} as unknown as DeviceView;
const log: LogRow[] = [{ n: 7, at: NOW, what: 'corrected', by: 'person', devices: [device.id], why: 'A person said: room is "Rack".' }];

test('a device card says what it is and who says so, what is doubtful, what it talks, what people set and what was decided', () => {
  expect(
    deviceCard(device, log, NOW, { isTTY: false }, {})
      .map((line) => line.replace(/ +$/, ''))
      .slice(0, -4),
  ).toEqual([
    'Denon AVR-X6500H',
    'up for 2 min. It answered by ARP.',
    '',
    'What it is',
    '  Kind          av-receiver  heos 1255, certain',
    '                or speaker: its SSDP announcement ACT-Denon:1, very likely',
    '  Vendor        Denon  its UPnP description MediaRenderer:1, certain',
    '  Model         AVR-X6500H  its UPnP description MediaRenderer:1, certain',
    '',
    'Uncertain',
    '  kind: av-receiver, or speaker: two sources disagree.',
    '',
    'What it talks',
    '  Announces     airplay, mediarenderer:1',
    '  Open ports    80 (ports)',
    '  Heard by      arp, mdns',
    '',
    'How it is watched',
    '  What it is there for: AirPlay at port 7000: open.',
    '  It is watched as "wired": silence is noticed within 20 s, because its link often loses several packets in a row, and the desk is asked to act 2 min later.',
    '',
    'Where it is',
    '  Address       192.168.1.44 on eth0 (00:05:cd:c4:c8:9c), proved 5 s ago',
    '',
    'Known by',
    '  mac           00:05:cd:c4:c8:9c  strong, by arp',
    '',
    'Set by people',
    '  room          Rack, 60 s ago',
    '',
  ]);
});

test('a device card says what it hangs on and who says so, or what it falls silent with', () => {
  const linesOf = (more: Partial<DeviceView>): string[] =>
    deviceCard({ ...device, ...more }, log, NOW, { isTTY: false }, {}).filter((line) => /Behind|behind|Falls with/.test(line));
  const behind = { id: 'switch', name: 'Rack switch', by: 'bridge', at: NOW - 3_600_000 } as const;
  expect(linesOf({ behind })).toEqual(['  Behind        Rack switch, it hears it on one of its ports, 60 min ago']);
  const said = { behind: { ...behind, by: 'person' as const }, corrected: { behind: { value: '00:11:32:00:00:01', at: NOW - 60_000 } } };
  expect(linesOf(said)).toEqual(['  Behind        Rack switch, as people said, 60 min ago', '  behind        Rack switch, 60 s ago']);
  expect(linesOf({ fallsWith: [{ name: 'Old switch', times: 4, of: 4 }] })).toEqual([
    '  Falls with    Old switch, 4 times of 4',
    '                If it hangs on one of them: hearthbeat device set 192.168.1.44 behind=...',
  ]);
});

test('a device card says what the device tells of its battery, its lamp and its certificate, and who was asked', () => {
  const reports: DeviceView['reports'] = {
    nut: {
      at: NOW,
      wornSince: NOW - 2 * 86_400_000,
      says: { of: 'Back-UPS RS 1200G', batteryReplace: true, batteryMadeOn: '2018-03-23', selfTest: 'failed' },
    },
    pjlink: { at: NOW, says: { lampHours: 3821, faults: 'lamp' } },
    'tls:443': {
      at: NOW,
      says: { certificate: { from: NOW - 86_400_000, until: NOW, isSelfSigned: true, subject: 'CN=nas', issuer: 'CN=nas' } },
    },
  };
  const lines = deviceCard({ ...device, reports }, [], NOW, { isTTY: false }, {});
  const at = lines.indexOf('What it says of its state');
  expect(lines.slice(at + 1, at + 4)).toEqual([
    '  UPS "Back-UPS RS 1200G": its battery must be replaced (so it says since 2027-01-13), battery made 2018-03-23, self-test failed  (Network UPS Tools on it, 2027-01-15)',
    '  lamp lit for 3821 h, fault: lamp  (its PJLink answer, 2027-01-15)',
    '  certificate of 2027-01-14 until 2027-01-15, signed by itself  (its TLS certificate, port 443, 2027-01-15)',
  ]);
});

test('a card has the disks of a NAS, the parts and toner of a printer, and what a console says of a device, one line a source', () => {
  const disks = [
    { name: 'sata1', hours: 43_210, bad: 8, from: { at: Date.parse('2026-09-01'), bad: 5 } },
    { name: 'sata2', hours: 812, bad: 0, from: { at: NOW, bad: 0 } },
    { name: 'sata3' },
  ];
  const supplies = [{ name: 'Black Toner', percent: 30 }];
  const reports: DeviceView['reports'] = {
    snmp: { at: Date.parse('2026-11-20'), says: { disks, disksWarned: 'HDD4', parts: [{ name: 'Drum Unit', percent: 4 }], supplies } },
    'unifi-console': { at: Date.parse('2026-11-20'), says: { support: 'ended', firmwareOffered: '6.7.10' } },
  };
  const lines = deviceCard({ ...device, reports }, [], NOW, { isTTY: false }, {});
  const at = lines.indexOf('What it says of its state');
  expect(lines.slice(at + 1, at + 3)).toEqual([
    '  warns of HDD4, sata1 run for 43210 h with 8 bad sectors (5 on 2026-09-01), sata2 run for 812 h, Drum Unit 4 % left, Black Toner 30 % left  (its SNMP agent, 2026-11-20)',
    '  its model has reached its end, firmware 6.7.10 is offered  (the UniFi console that manages it, 2026-11-20)',
  ]);
});
