import { expect, test } from 'vitest';
import { CoverageBook } from '../../../../src/agent/discovery/coverage.ts';
import { FetchPlan } from '../../../../src/agent/discovery/fetch-plan.ts';
import { FreshNeighbours } from '../../../../src/agent/discovery/fresh-neighbours.ts';
import { originOf } from '../../../../src/agent/discovery/on-link.ts';
import { SenderBudget } from '../../../../src/agent/discovery/sender-budget.ts';
import type { LanInterface } from '../../../../src/agent/discovery/sighting.ts';
import type { Neighbour } from '../../../../src/agent/ports.ts';

const each = { burst: 3, perSecond: 1 };
const all = { burst: 100, perSecond: 100 };

test('one sender may send its burst, then its rate, and costs others nothing', () => {
  const budget = new SenderBudget({ senders: 10, each, all });
  expect([0, 0, 0, 0, 500, 1000, 1000].map((at) => budget.admit('flooder', at))).toEqual([true, true, true, false, false, true, false]);
  expect(budget.admit('tv', 1000)).toBe(true);
  expect(budget.refused).toBe(3);
});

test('all senders together have a burst as well', () => {
  const budget = new SenderBudget({ senders: 1000, each, all: { burst: 5, perSecond: 1 } });
  expect(Array.from({ length: 20 }, (_, i) => budget.admit(`s${i}`, 0)).filter(Boolean)).toHaveLength(5);
});

test('ten thousand senders take no more than the table, and quiet ones make room', () => {
  const budget = new SenderBudget({ senders: 100, each, all: { burst: 1e6, perSecond: 1e6 } });
  for (let i = 0; i < 10_000; i++) budget.admit(`s${i}`, 0);
  expect(budget.senders).toBe(100);
  expect(budget.admit('late', 60_000)).toBe(true);
  expect(budget.senders).toBe(100);
});

test('says multicast seems blocked when many answer ARP and none is heard for five seconds', () => {
  const book = new CoverageBook();
  book.asked('eth0', 'mdns', 0);
  for (let i = 0; i < 40; i++) book.answered('eth0', 'neighbour', `192.168.1.${i}`, 100);
  const mdns = (at: number) => book.rows(at).find((row) => row.method === 'mdns');
  expect(mdns(4_999)?.status).toBe('ok');
  expect(mdns(5_000)).toMatchObject({
    status: 'degraded',
    asked: 1,
    answered: 0,
    problem: expect.stringContaining('40 devices answer ARP: multicast seems blocked'),
  });
  book.answered('eth0', 'mdns', '192.168.1.7', 6_000);
  expect(mdns(7_000)).toMatchObject({ status: 'ok', answered: 1 });
});

test('notices within two rounds that multicast stopped', () => {
  const book = new CoverageBook();
  for (let i = 0; i < 9; i++) book.answered('eth0', 'neighbour', `192.168.1.${i}`, 0);
  book.asked('eth0', 'ssdp', 0);
  book.answered('eth0', 'ssdp', '192.168.1.7', 100);
  const status = (at: number) => book.rows(at).find((row) => row.method === 'ssdp')?.status;
  book.asked('eth0', 'ssdp', 300_000);
  expect(status(310_000)).toBe('ok');
  book.asked('eth0', 'ssdp', 600_000);
  expect(status(610_000)).toBe('degraded');
});

test('what a person can mend is told before what is only suspected, and taken back when mended', () => {
  const book = new CoverageBook();
  book.asked('eth0', 'mdns', 0);
  book.trouble('eth0', 'mdns', { status: 'degraded', problem: 'port 5353 is held', fix: 'end it' });
  expect(book.rows(0)).toMatchObject([{ problem: 'port 5353 is held', fix: 'end it' }]);
  book.trouble('eth0', 'mdns', undefined);
  expect(book.rows(0)[0]).not.toHaveProperty('problem');
});

const fetchOf = (ip: string, location: string) => ({
  interface: 'eth0',
  localAddress: '192.168.1.2',
  ip,
  location,
  target: { ip, port: 80, path: '/' },
});

test('fetches one location of a device once in ten minutes, four locations of one device, four at a time', () => {
  const plan = new FetchPlan();
  const wanted = (location: string, at: number) => plan.want(fetchOf('192.168.1.9', location), at);
  expect(['a', 'a', 'b', 'c', 'd', 'e'].map((location) => wanted(location, 0))).toEqual([true, false, true, true, true, false]);
  for (let i = 10; i < 20; i++) plan.want(fetchOf(`192.168.1.${i}`, 'x'), 0);
  expect(Array.from({ length: 6 }, () => plan.next()?.location)).toEqual(['a', 'b', 'c', 'd', undefined, undefined]);
  plan.done();
  expect(plan.next()?.ip).toBe('192.168.1.10');
  expect(wanted('a', 599_999)).toBe(false);
  expect(wanted('a', 600_000)).toBe(true);
});

test('holds a bounded number of waiting fetches', () => {
  const plan = new FetchPlan();
  const taken = Array.from({ length: 2000 }, (_, i) => plan.want(fetchOf(`10.0.${i >> 8}.${i & 255}`, 'x'), 0));
  expect(taken.filter(Boolean)).toHaveLength(256);
});

const neighbour = (more: Partial<Neighbour>): Neighbour => ({
  ip: '192.168.1.9',
  interface: 'eth0',
  mac: 'aa:bb:cc:00:00:01',
  state: 'REACHABLE',
  confirmedAgoMs: 0,
  isRouter: false,
  ...more,
});

test('tells a confirmation once, and the next one again', () => {
  const fresh = new FreshNeighbours();
  const told = (confirmedAgoMs: number, at: number) => fresh.pick([neighbour({ confirmedAgoMs })], at).length;
  expect([told(2000, 10_000), told(12_000, 20_000), told(13_000, 20_900), told(1000, 30_000)]).toEqual([1, 0, 0, 1]);
});

test('says nothing of old, failed, unresolved or hand-made entries', () => {
  const silent = [
    { confirmedAgoMs: 31_000 },
    { state: 'FAILED' as const },
    { state: 'INCOMPLETE' as const },
    { state: 'PERMANENT' as const },
    { confirmedAgoMs: Number.POSITIVE_INFINITY },
  ];
  expect(new FreshNeighbours().pick(silent.map(neighbour), 100_000)).toEqual([]);
});

test('an entry without an age is told once a minute as up to a minute old', () => {
  const fresh = new FreshNeighbours();
  const { confirmedAgoMs: _, ...ageless } = neighbour({ state: 'UNKNOWN' });
  expect([0, 10_000, 59_999, 60_000].map((at) => fresh.pick([ageless], at)[0]?.confirmedAgoMs)).toEqual([
    60_000,
    undefined,
    undefined,
    60_000,
  ]);
});

const lan = (name: string, address: string): LanInterface => ({
  name,
  address,
  mac: '',
  prefixLength: 24,
  ipv6: ['fe80::2'],
  dnsServers: [],
});

test('the interface of a sender follows from its address, not from the socket that heard it', () => {
  const lans = [lan('eth0', '192.168.1.2'), lan('wlan0', '10.0.0.2')];
  expect(originOf('10.0.0.7', lans, 'eth0')).toMatchObject({ from: 'lan', interface: { name: 'wlan0' } });
  expect(originOf('fe80::7', lans, 'wlan0')).toMatchObject({ from: 'lan', interface: { name: 'wlan0' } });
  expect(originOf('192.168.1.2', lans)).toEqual({ from: 'own' });
  for (const ip of ['8.8.8.8', '192.168.1.255', '192.168.1.0', '2001:db8::1', '::1', 'fd00::1'])
    expect(originOf(ip, lans, 'eth0')).toEqual({ from: 'off-link' });
});
