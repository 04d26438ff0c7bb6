// Floods the hub from a host of the lab, as fast as one core can: node flood.mjs KIND SECONDS. Prints what it sent and what came back as JSON.
//   announcements   SSDP, mDNS, WS-Discovery, SDDP and vendor beacons with new names each time, from 32 addresses
//   questions       M-SEARCH, mDNS queries, SNMP, NetBIOS and a port scan at the hub: nothing may answer

import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';

const [kind, seconds] = [process.argv[2], Number(process.argv[3] ?? 10)];
const HUB = '192.168.77.2';
const own = JSON.parse(execFileSync('ip', ['-j', '-4', 'addr', 'show', 'eth0'], { encoding: 'utf8' }))[0].addr_info[0].local;
let [sent, answers, n] = [0, 0, 0];
const random = () => Math.random().toString(36).slice(2);

/** Addresses of its own, so that a budget for each sender is not enough. */
function addresses() {
  const added = [];
  for (let i = 0; i < 31; i++) {
    const ip = `192.168.77.${180 + i}`;
    execFileSync('ip', ['addr', 'add', `${ip}/24`, 'dev', 'eth0']);
    added.push(ip);
  }
  return [own, ...added];
}

async function socketAt(address) {
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
  await new Promise((resolve) => socket.bind(0, address, resolve));
  socket.setBroadcast(true);
  socket.setMulticastInterface(address);
  socket.on('error', () => {});
  socket.on('message', (_, from) => {
    if (from.address === HUB) answers++;
  });
  return socket;
}

const label = (text) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
const name = (...labels) => Buffer.concat([...labels.map(label), Buffer.of(0)]);
const u16 = (value) => Buffer.of(value >> 8, value & 255);

function mdnsAnswer() {
  const type = name('_http', '_tcp', 'local');
  const instance = name(`fake ${random()}`, '_http', '_tcp', 'local');
  return Buffer.concat([
    Buffer.from('000084000000000100000000', 'hex'),
    type,
    u16(12),
    u16(1),
    Buffer.from('00001194', 'hex'),
    u16(instance.length),
    instance,
  ]);
}

const ANNOUNCEMENTS = [
  () => [
    Buffer.from(
      `NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nLOCATION: http://${own}:${1024 + (n % 60000)}/${random()}\r\nUSN: uuid:${random()}-${n}::upnp:rootdevice\r\nSERVER: ${random()}\r\nCACHE-CONTROL: max-age=1800\r\n\r\n`,
    ),
    1900,
    '239.255.255.250',
  ],
  () => [mdnsAnswer(), 5353, '224.0.0.251'],
  () => [
    Buffer.from(
      `<Envelope><Body><Hello><EndpointReference><Address>urn:uuid:${random()}</Address></EndpointReference><Types>${random()}</Types></Hello></Body></Envelope>`,
    ),
    3702,
    '239.255.255.250',
  ],
  () => [
    Buffer.from(`NOTIFY ALIVE SDDP/1.0\r\nFrom: "${own}:1902"\r\nHost: "${random()}"\r\nMax-Age: 1800\r\nType: "${random()}"\r\n\r\n`),
    1902,
    '239.255.255.250',
  ],
  () => [Buffer.from(random().repeat(20)), [9999, 10001, 5678, 6666, 6667, 67, 56700][n % 7], '255.255.255.255'],
];
const QUESTIONS = [
  () => [
    Buffer.from('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n'),
    1900,
    n % 2 ? HUB : '239.255.255.250',
  ],
  () => [
    Buffer.concat([Buffer.from('000000000001000000000000', 'hex'), name('_services', '_dns-sd', '_udp', 'local'), u16(255), u16(0x8001)]),
    5353,
    n % 2 ? HUB : '224.0.0.251',
  ],
  () => [Buffer.from('3026020101040670756263a019020400000001020100020100300b300906052b060102010500', 'hex'), 161, HUB],
  () => [
    Buffer.from('80f00010000100000000000020434b4141414141414141414141414141414141414141414141414141414141410000210001', 'hex'),
    137,
    HUB,
  ],
];

const sockets = await Promise.all((kind === 'announcements' ? addresses() : [own]).map(socketAt));
const makers = kind === 'announcements' ? ANNOUNCEMENTS : QUESTIONS;
const endAt = performance.now() + seconds * 1000;
function burst() {
  for (let i = 0; i < 200; i++, n++) {
    const [bytes, port, to] = makers[n % makers.length]();
    sockets[n % sockets.length].send(bytes, port, to, (error) => {
      if (!error) sent++;
    });
  }
  if (performance.now() < endAt) setImmediate(burst);
  else setTimeout(finish, 1000);
}

async function openPorts() {
  const open = [];
  for (let from = 1; from < 65536; from += 2000)
    await Promise.all(
      Array.from({ length: Math.min(2000, 65536 - from) }, (_, i) => from + i).map(
        (port) =>
          new Promise((resolve) => {
            const socket = net.connect({ host: HUB, port });
            socket
              .on('connect', () => open.push(port))
              .on('error', () => {})
              .on('close', resolve);
            socket.on('connect', () => socket.destroy()).setTimeout(2000, () => socket.destroy());
          }),
      ),
    );
  return open;
}

async function finish() {
  const open = kind === 'questions' ? await openPorts() : [];
  console.log(JSON.stringify({ sent, answers, open, perSecond: Math.round(sent / seconds) }));
  process.exit(0);
}
burst();
