/**
 * Every parser that reads what comes from the LAN, each with real packets to start from and what must hold of its result. A parser that is not
 * in this list is not proven: whoever adds one adds a line here.
 */
import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import multicastDns from 'multicast-dns';
import { type DnsRecord, DnsSdCache } from '../../src/agent/discovery/dns-sd-cache.ts';
import { encodeQueries, plausibleDns } from '../../src/agent/discovery/dns-sd-names.ts';
import { judgeLocation } from '../../src/agent/discovery/fetch-guard.ts';
import type { LanInterface } from '../../src/agent/discovery/sighting.ts';
import { readSsdp } from '../../src/agent/discovery/ssdp-message.ts';
import { readDescription } from '../../src/agent/discovery/upnp-description.ts';
import { EVIDENCE_TARGETS } from './evidence-targets.ts';
import { SNMP_TARGETS } from './snmp-targets.ts';
import { WEB_TARGETS } from './web-targets.ts';

export type FuzzTarget = {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Anything thrown is a failure; undefined means that the input was refused. What is returned must be clean text within bounds (clean.ts). */
  readonly parse: (bytes: Uint8Array) => unknown;
};

const lines = (...text: string[]): Buffer => Buffer.from([...text, '', ''].join('\r\n'));
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const LAN: LanInterface = {
  name: 'eth0',
  mac: 'd8:3a:dd:00:00:01',
  address: '192.168.1.2',
  prefixLength: 24,
  ipv6: ['fe80::2'],
  dnsServers: [],
};

/** multicast-dns over a socket that is not there: what it would receive is emitted, what it sends is kept. */
function libraryOverNothing() {
  const sent: Buffer[] = [];
  const nothing = () => {};
  const methods = {
    bind: nothing,
    close: nothing,
    addMembership: nothing,
    setMulticastTTL: nothing,
    setMulticastLoopback: nothing,
    send: (bytes: Buffer) => sent.push(Buffer.from(bytes)),
  };
  const socket = Object.assign(new EventEmitter(), methods) as unknown as Socket;
  const library = multicastDns({ socket, ip: '224.0.0.251', bind: false, multicast: false });
  return { socket, library: library as typeof library & { respond(message: object): void }, sent };
}

function mdnsSeeds(): Buffer[] {
  const { library, sent } = libraryOverNothing();
  const type = '_http._tcp.local';
  const instance = `NAS v1.2.${type}`;
  library.respond({ answers: [{ name: type, type: 'PTR', ttl: 4500, data: instance }] });
  library.respond({
    answers: [{ name: instance, type: 'SRV', ttl: 120, data: { port: 80, target: 'nas.local' } }],
    additionals: [{ name: 'nas.local', type: 'A', ttl: 120, data: '192.168.1.9' }],
  });
  library.respond({ answers: [{ name: instance, type: 'TXT', ttl: 4500, data: ['a=b', 'c', '=d'].map((pair) => Buffer.from(pair)) }] });
  library.respond({
    answers: [
      { name: '_services._dns-sd._udp.local', type: 'PTR', ttl: 4500, data: type },
      { name: 'nas.local', type: 'AAAA', ttl: 120, data: 'fe80::9' },
    ],
  });
  return [...sent, ...encodeQueries([{ labels: ['_http', '_tcp', 'local'], type: 'PTR' }]).map((packet) => Buffer.from(packet))];
}

/** The whole path of an mDNS datagram: the gate, the library's decoder, the cache and what it tells. */
function mdnsPath(): FuzzTarget['parse'] {
  const { socket, library } = libraryOverNothing();
  const limits = { types: 32, services: 300, servicesPerSender: 64, responders: 100 };
  const cache = new DnsSdCache(limits);
  let [now, heard] = [0, false];
  library.on('warning', () => {});
  library.on('packet', (packet: { answers: DnsRecord[]; additionals: DnsRecord[] }) => {
    heard = true;
    cache.hear({ interface: 'eth0', ip: `192.168.1.${now % 254}` }, [...packet.answers, ...packet.additionals], now);
  });
  return (datagram) => {
    now += 7;
    heard = false;
    if (plausibleDns(datagram)) socket.emit('message', Buffer.from(datagram), { address: '192.168.1.9', port: 5353 });
    if (cache.services > limits.services) throw new Error('the cache is over its cap');
    if (!heard) return undefined;
    return now % 350 === 0 ? [...cache.dueSightings(now), encodeQueries(cache.dueQuestions('eth0', now)).length] : true;
  };
}

const UPNP_SEEDS = [
  '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major></specVersion><device><deviceType>urn:a</deviceType><friendlyName>TV &amp; co</friendlyName><UDN>uuid:1</UDN><deviceList><device><modelName>x</modelName></device></deviceList></device></root>',
  '<root><device><friendlyName><![CDATA[a]]></friendlyName><!-- c --><roomName a="b">Kitchen</roomName><serviceList><service/></serviceList></device></root>',
  '<root><device><modelName>&#x41;&#65;&lt;</modelName><?php x?><a:b xmlns:a="c">d</a:b><__proto__>1</__proto__><constructor>2</constructor></device></root>',
].map((xml) => Buffer.from(xml));

const SSDP_SEEDS = [
  lines(
    'HTTP/1.1 200 OK',
    'CACHE-CONTROL: max-age=1800',
    'LOCATION: http://192.168.1.50:1400/d.xml',
    'SERVER: Linux',
    'ST: upnp:rootdevice',
    'USN: uuid:a::upnp:rootdevice',
  ),
  lines(
    'NOTIFY * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'NT: roku:ecp',
    'NTS: ssdp:alive',
    'USN: uuid:roku:ecp:1',
    'CACHE-CONTROL: max-age=3600',
  ),
  lines('NOTIFY * HTTP/1.1', 'NT: a', 'NTS: ssdp:byebye', 'USN: uuid:b::a'),
  lines('M-SEARCH * HTTP/1.1', 'MAN: "ssdp:discover"', 'MX: 3', 'ST: ssdp:all'),
];

const LOCATION_SEEDS = ['http://192.168.1.50:1400/d.xml', 'http://[fe80::9]:80/', 'http://192.168.1.50/a?b=c'].map((url) =>
  Buffer.from(url),
);

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'ssdp',
    seeds: SSDP_SEEDS,
    parse: (bytes) => {
      const reading = readSsdp(bytes);
      return reading.outcome === 'message' ? reading.message : undefined;
    },
  },
  { name: 'mdns', seeds: mdnsSeeds(), parse: mdnsPath() },
  {
    name: 'upnp-description',
    seeds: UPNP_SEEDS,
    parse: (bytes) => {
      const read = readDescription(utf8(bytes));
      return read.ok ? read.value : undefined;
    },
  },
  {
    name: 'location',
    seeds: LOCATION_SEEDS,
    parse: (bytes) => {
      const verdict = judgeLocation(utf8(bytes), { sender: '192.168.1.50', interface: LAN });
      if (verdict.ok && verdict.target.ip !== '192.168.1.50') throw new Error(`would fetch from ${verdict.target.ip}`);
      return verdict.ok ? verdict.target.port : undefined;
    },
  },
  ...SNMP_TARGETS,
  ...EVIDENCE_TARGETS,
  ...WEB_TARGETS,
];
