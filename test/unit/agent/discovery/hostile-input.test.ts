/**
 * Mutated datagrams and documents against the whole path that reads them. HEARTHBEAT_FUZZ sets how many (default 20,000 of each kind),
 * HEARTHBEAT_SEED repeats a run.
 */

import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import multicastDns from 'multicast-dns';
import { expect, test } from 'vitest';
import { type DnsRecord, DnsSdCache } from '../../../../src/agent/discovery/dns-sd-cache.ts';
import { encodeQueries, plausibleDns } from '../../../../src/agent/discovery/dns-sd-names.ts';
import { SsdpCache } from '../../../../src/agent/discovery/ssdp-cache.ts';
import { readSsdp } from '../../../../src/agent/discovery/ssdp-message.ts';
import { readDescription } from '../../../../src/agent/discovery/upnp-description.ts';

const ROUNDS = Number(process.env.HEARTHBEAT_FUZZ ?? 20_000);
const SEED = Number(process.env.HEARTHBEAT_SEED ?? 1);

/** mulberry32: small, seeded, good enough to spread mutations. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const INTERESTING = [0, 1, 0x0c, 0x10, 0x21, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff, 10, 13, 32, 58, 60, 62, 38];

function mutate(seeds: readonly Buffer[], below: (n: number) => number): Buffer {
  let bytes = Buffer.from(seeds[below(seeds.length)]!);
  for (let i = 1 + below(6); i > 0; i--) {
    const at = below(Math.max(1, bytes.length));
    const kind = below(6);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] = INTERESTING[below(INTERESTING.length)]!;
    else if (kind === 2) bytes = bytes.subarray(0, at);
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(below(bytes.length + 1)), bytes.subarray(at)]).subarray(0, 9000);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), seeds[below(seeds.length)]!.subarray(below(40))]).subarray(0, 9000);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(below(64), INTERESTING[below(INTERESTING.length)]!),
        bytes.subarray(at),
      ]).subarray(0, 9000);
  }
  return bytes;
}

const text = (...lines: string[]): Buffer => Buffer.from([...lines, '', ''].join('\r\n'));

const SSDP_SEEDS = [
  text(
    'HTTP/1.1 200 OK',
    'CACHE-CONTROL: max-age=1800',
    'LOCATION: http://192.168.1.50:1400/d.xml',
    'SERVER: Linux',
    'ST: upnp:rootdevice',
    'USN: uuid:a::upnp:rootdevice',
  ),
  text(
    'NOTIFY * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'NT: roku:ecp',
    'NTS: ssdp:alive',
    'USN: uuid:roku:ecp:1',
    'CACHE-CONTROL: max-age=3600',
  ),
  text('NOTIFY * HTTP/1.1', 'NT: a', 'NTS: ssdp:byebye', 'USN: uuid:b::a'),
  text('M-SEARCH * HTTP/1.1', 'MAN: "ssdp:discover"', 'MX: 3', 'ST: ssdp:all'),
];

test('no SSDP datagram throws, and what is kept stays within its caps', () => {
  const below = seeded(SEED);
  const cache = new SsdpCache({ entries: 500, perSender: 64 });
  let messages = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const reading = readSsdp(mutate(SSDP_SEEDS, below));
    if (reading.outcome !== 'message') continue;
    messages++;
    cache.hear(`192.168.1.${below(254)}`, reading.message, i);
    expect(JSON.stringify(reading.message).length).toBeLessThan(32 * 700);
  }
  expect(messages).toBeGreaterThan(ROUNDS / 20);
  expect(cache.size).toBeLessThanOrEqual(500);
});

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

test('no mDNS datagram throws, and what is kept stays within its caps', () => {
  const below = seeded(SEED + 1);
  const seeds = mdnsSeeds();
  const { socket, library } = libraryOverNothing();
  const cache = new DnsSdCache({ types: 32, services: 300, servicesPerSender: 64, responders: 100 });
  let [heard, malformed, now] = [0, 0, 0];
  library.on('warning', () => malformed++);
  library.on('packet', (packet: { answers: DnsRecord[]; additionals: DnsRecord[] }) => {
    heard++;
    cache.hear({ interface: 'eth0', ip: `192.168.1.${below(254)}` }, [...packet.answers, ...packet.additionals], now);
  });
  for (let i = 0; i < ROUNDS; i++, now += 7) {
    const datagram = mutate(seeds, below);
    if (plausibleDns(datagram)) socket.emit('message', datagram, { address: '192.168.1.9', port: 5353 });
    if (i % 50 === 0) for (const facts of cache.dueSightings(now)) expect(JSON.stringify(facts).length).toBeLessThan(64 * 64 * 512);
    if (i % 50 === 0) encodeQueries(cache.dueQuestions('eth0', now));
    if (i % 5000 === 0) expect(cache.services).toBeLessThanOrEqual(300);
  }
  expect(heard).toBeGreaterThan(ROUNDS / 20);
  expect(malformed).toBeGreaterThan(0);
});

const XML_SEEDS = [
  '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major></specVersion><device><deviceType>urn:a</deviceType><friendlyName>TV &amp; co</friendlyName><UDN>uuid:1</UDN><deviceList><device><modelName>x</modelName></device></deviceList></device></root>',
  '<root><device><friendlyName><![CDATA[a]]></friendlyName><!-- c --><roomName a="b">Kitchen</roomName><serviceList><service/></serviceList></device></root>',
  '<root><device><modelName>&#x41;&#65;&lt;</modelName><?php x?><a:b xmlns:a="c">d</a:b><__proto__>1</__proto__><constructor>2</constructor></device></root>',
].map((xml) => Buffer.from(xml));

test('no description throws, and every text of it is clean', () => {
  const below = seeded(SEED + 2);
  let read = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const result = readDescription(mutate(XML_SEEDS, below).toString('utf8'));
    if (!result.ok) continue;
    read++;
    expect(JSON.stringify(result.value)).not.toMatch(/\\u00[01]|\u202e/);
  }
  expect(read).toBeGreaterThan(ROUNDS / 20);
});
