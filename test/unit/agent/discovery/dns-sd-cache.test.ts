import { expect, test } from 'vitest';
import { type DnsRecord, DnsSdCache } from '../../../../src/agent/discovery/dns-sd-cache.ts';
import { encodeQueries, instanceNameOf, questionKey, serviceTypeOf } from '../../../../src/agent/discovery/dns-sd-names.ts';

const nas = { interface: 'eth0', ip: '192.168.1.10' };
const ptr = (type: string, instance: string, ttl = 4500): DnsRecord => ({
  name: `${type}.local`,
  type: 'PTR',
  ttl,
  data: `${instance}.${type}.local`,
});
const srv = (type: string, instance: string, host = 'nas', port = 80, ttl = 120): DnsRecord => ({
  name: `${instance}.${type}.local`,
  type: 'SRV',
  ttl,
  data: { port, target: `${host}.local` },
});
const txt = (type: string, instance: string, ...pairs: string[]): DnsRecord => ({
  name: `${instance}.${type}.local`,
  type: 'TXT',
  ttl: 4500,
  data: pairs.map((pair) => Buffer.from(pair)),
});
const a = (host: string, address: string): DnsRecord => ({ name: `${host}.local`, type: 'A', ttl: 120, data: address });

const asked = (cache: DnsSdCache, nowMs: number): string[] =>
  cache.dueQuestions('eth0', nowMs).map((question) => questionKey(question).replaceAll('\0', '.'));

test('tells a service with host, port and text shortly after it was heard', () => {
  const cache = new DnsSdCache();
  cache.hear(
    nas,
    [ptr('_http._tcp', 'NAS'), srv('_http._tcp', 'NAS'), txt('_http._tcp', 'NAS', 'Model=DS920', 'flag', 'model=second'), a('nas', nas.ip)],
    0,
  );
  expect(cache.dueSightings(100)).toEqual([]);
  expect(cache.dueSightings(200)).toEqual([
    {
      ...nas,
      host: 'nas',
      heardAgoMs: 200,
      services: [{ instance: 'NAS', type: '_http._tcp', port: 80, txt: { model: 'DS920', flag: '' }, gone: false }],
    },
  ]);
});

test('tells with records that run out how long the responder itself has been silent', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_http._tcp', 'NAS'), srv('_http._tcp', 'NAS')], 0);
  cache.dueSightings(300);
  const [expiry] = Array.from({ length: 300 }, (_, minute) => cache.dueSightings(minute * 60_000)).flat();
  expect(expiry?.heardAgoMs).toBeGreaterThan(60_000);
});

test('keeps the dots of an instance name, and asks for it as one label', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_http._tcp', 'NAS v1.2 on nas01')], 0);
  const [query] = encodeQueries(cache.dueQuestions('eth0', 300).filter((question) => question.type === 'SRV'));
  expect(Buffer.from(query!).toString('latin1')).toContain('\x11NAS v1.2 on nas01\x05_http\x04_tcp\x05local\x00');
  expect(cache.dueSightings(300)[0]?.services[0]?.instance).toBe('NAS v1.2 on nas01');
});

test('asks a responder that sends only a PTR for the rest, three times at most', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_ipp._tcp', 'Printer')], 0);
  expect(asked(cache, 0)).toEqual(['PTR _ipp._tcp.local']);
  const wanted = ['SRV printer._ipp._tcp.local', 'TXT printer._ipp._tcp.local'];
  expect([300, 1000, 1500, 6000, 60_000].map((at) => asked(cache, at))).toEqual([wanted, [], wanted, wanted, []]);
});

test('asks for the address of a host that a service names', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_ipp._tcp', 'Printer'), srv('_ipp._tcp', 'Printer', 'hp'), txt('_ipp._tcp', 'Printer')], 0);
  expect(asked(cache, 300)).toEqual(['PTR _ipp._tcp.local', 'A hp.local', 'AAAA hp.local']);
});

test('browses every type that an enumeration or a service names, once', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [{ name: '_services._dns-sd._udp.local', type: 'PTR', ttl: 4500, data: '_odd._tcp.local' }], 0);
  expect(asked(cache, 0)).toEqual(['PTR _odd._tcp.local']);
  expect(asked(cache, 1)).toEqual([]);
  expect(cache.types('eth0')).toEqual(['_odd._tcp']);
});

test('asks again at 80, 85, 90 and 95 % of the lifetime, and a renewal starts it anew', () => {
  const cache = new DnsSdCache();
  const all = [ptr('_hap._tcp', 'Lamp', 100), srv('_hap._tcp', 'Lamp'), txt('_hap._tcp', 'Lamp'), a('nas', nas.ip)].map((record) => ({
    ...record,
    ttl: 100,
  }));
  cache.hear(nas, all, 0);
  asked(cache, 1000);
  const refreshes = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i).filter((s) => asked(cache, s * 1000).length > 0);
  expect(refreshes(2, 100)).toEqual([80, 85, 90, 95]);
  cache.hear(nas, all, 99_000);
  expect(refreshes(99, 199)).toEqual([179, 184, 189, 194]);
});

test('says gone once when a service ran out unrefreshed, or said goodbye', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_hap._tcp', 'Lamp', 100), ptr('_http._tcp', 'Web', 1000)], 0);
  cache.dueSightings(200);
  const gone = (at: number) =>
    cache.dueSightings(at).flatMap((facts) => facts.services.filter((service) => service.gone).map((service) => service.instance));
  expect(gone(99_999)).toEqual([]);
  expect(gone(100_000)).toEqual(['Lamp']);
  cache.hear(nas, [ptr('_http._tcp', 'Web', 0)], 110_000);
  expect(gone(110_200)).toEqual(['Web']);
  expect(gone(200_000)).toEqual([]);
  expect(cache.services).toBe(0);
});

test('a service that returns within the moment of its goodbye was never gone', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_http._tcp', 'Web')], 0);
  cache.dueSightings(200);
  cache.hear(nas, [ptr('_http._tcp', 'Web', 0)], 5000);
  cache.hear(nas, [ptr('_http._tcp', 'Web')], 5100);
  expect(cache.dueSightings(5200)[0]?.services).toMatchObject([{ instance: 'Web', gone: false }]);
});

test('a healthy device with a short lifetime that repeats itself is never gone', () => {
  const cache = new DnsSdCache();
  const gone: unknown[] = [];
  for (let s = 0; s < 60; s++) {
    if (s % 3 === 0) cache.hear(nas, [ptr('_http._tcp', 'Web', 4)], s * 1000);
    gone.push(...cache.dueSightings(s * 1000).flatMap((facts) => facts.services.filter((service) => service.gone)));
  }
  expect(gone).toEqual([]);
});

test('tells of one responder at most every two seconds, however much it talks', () => {
  const cache = new DnsSdCache();
  let told = 0;
  for (let ms = 0; ms < 20_000; ms += 50) {
    cache.hear(nas, [ptr('_http._tcp', `Web ${ms % 7}`)], ms);
    told += cache.dueSightings(ms).length;
  }
  expect(told).toBe(10);
});

test('what a sender says of a host at another address is not the sender', () => {
  const cache = new DnsSdCache();
  const reflector = { interface: 'eth0', ip: '192.168.1.1' };
  cache.hear(
    reflector,
    [
      ptr('_googlecast._tcp', 'TV'),
      srv('_googlecast._tcp', 'TV', 'cast'),
      a('cast', '10.9.9.9'),
      ptr('_ssh._tcp', 'router'),
      srv('_ssh._tcp', 'router', 'router'),
      a('router', reflector.ip),
    ],
    0,
  );
  expect(cache.dueSightings(200)).toMatchObject([{ ip: reflector.ip, host: 'router', services: [{ instance: 'router' }] }]);
});

test('unicast answers live longer than the ten seconds they are given', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_http._tcp', 'Web', 10)], 0, 900);
  cache.dueSightings(200);
  expect(cache.dueSightings(899_000)).toEqual([]);
  expect(cache.dueSightings(900_000)).toMatchObject([{ services: [{ gone: true }] }]);
});

test('a flood of instances, types and senders fills its share and is counted', () => {
  const cache = new DnsSdCache({ types: 4, services: 7, servicesPerSender: 6, responders: 3 });
  for (let i = 0; i < 100; i++) cache.hear(nas, [ptr('_http._tcp', `x${i}`), ptr(`_t${i}._tcp`, 'y')], 0);
  for (let i = 0; i < 100; i++) cache.hear({ interface: 'eth0', ip: `192.168.1.${i + 20}` }, [ptr('_http._tcp', 'z')], 0);
  expect(cache.types('eth0')).toHaveLength(4);
  expect(cache.services).toBe(7);
  expect(cache.refused).toBeGreaterThan(200);
});

test('an interface that goes takes what was heard on it along', () => {
  const cache = new DnsSdCache();
  cache.hear(nas, [ptr('_http._tcp', 'Web')], 0);
  cache.forgetInterface('eth0');
  expect([cache.services, cache.types('eth0'), cache.dueSightings(1000)]).toEqual([0, [], []]);
});

test.each([
  ['_http._tcp.local', '_http._tcp'],
  ['_printer._sub._http._tcp.local', '_http._tcp'],
  ['_HAP._udp.local.', '_hap._udp'],
  ['_services._dns-sd._udp.local', undefined],
  ['nas.local', undefined],
  ['_http._tcp.example.com', undefined],
])('the service type of %s is %s', (name, type) => {
  expect(serviceTypeOf(name)).toBe(type);
});

test('an instance may look like a service itself', () => {
  expect(instanceNameOf('a._ssh._tcp.local._http._tcp.local')).toEqual({ instance: 'a._ssh._tcp.local', type: '_http._tcp' });
});

test('questions are spread over as many packets as an Ethernet frame allows', () => {
  const packets = encodeQueries(
    Array.from({ length: 200 }, (_, i) => ({ labels: [`_type-number-${i}`, '_tcp', 'local'], type: 'PTR' as const })),
  );
  expect(packets.length).toBeGreaterThan(2);
  expect(packets.every((packet) => packet.length <= 1440)).toBe(true);
  expect(packets.reduce((sum, packet) => sum + Buffer.from(packet).readUInt16BE(4), 0)).toBe(200);
});

test('a name that DNS cannot carry is not asked for', () => {
  expect(
    encodeQueries([
      { labels: ['x'.repeat(64), 'local'], type: 'A' },
      { labels: ['', 'local'], type: 'A' },
    ]),
  ).toEqual([]);
});
