import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpNeigh, parseProcArp } from '../../../../src/agent/discovery/neighbour-parse.ts';

// What iproute2 6.1.0 printed on a lab network.
const IP_NEIGH = `[{"dst":"10.9.0.3","dev":"eth0","lladdr":"26:6A:da:ad:17:76","refcnt":1,"used":1,"confirmed":7,"updated":1,"probes":4,"state":["REACHABLE"]},\
{"dst":"10.9.0.77","dev":"eth0","refcnt":1,"used":1,"confirmed":61,"updated":1,"probes":4,"state":["INCOMPLETE"]},\
{"dst":"fe80::1","dev":"eth0","lladdr":"02:00:00:00:00:01","router":null,"used":0,"confirmed":60,"updated":0,"probes":0,"state":["STALE"]}]`;

const PROC_ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.9.0.3         0x1         0x2         26:6a:da:ad:17:76     *        eth0
10.9.0.4         0x1         0x6         26:6a:da:ad:17:77     *        eth0
10.9.0.77        0x1         0x0         00:00:00:00:00:00     *        eth0
`;

describe('ip -s -j neigh', () => {
  test('gives address, hardware address, state, age and whether it is a router', () => {
    expect(parseIpNeigh(IP_NEIGH)).toEqual({
      refused: 0,
      neighbours: [
        { ip: '10.9.0.3', interface: 'eth0', mac: '26:6a:da:ad:17:76', state: 'REACHABLE', confirmedAgoMs: 7000, isRouter: false },
        { ip: '10.9.0.77', interface: 'eth0', state: 'INCOMPLETE', confirmedAgoMs: 61_000, isRouter: false },
        { ip: 'fe80::1', interface: 'eth0', mac: '02:00:00:00:00:01', state: 'STALE', confirmedAgoMs: 60_000, isRouter: true },
      ],
    });
  });

  test('leaves out and counts rows that are not neighbours', () => {
    const rows = [null, 7, {}, { dst: 'example.org', dev: 'eth0' }, { dst: '10.0.0.1' }, { dst: '10.0.0.1', dev: 'eth0', state: ['NEW'] }];
    expect(parseIpNeigh(JSON.stringify(rows))).toEqual({
      refused: 5,
      neighbours: [{ ip: '10.0.0.1', interface: 'eth0', state: 'UNKNOWN', isRouter: false }],
    });
  });

  test('keeps at most 4096 entries and counts the rest', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({ dst: `10.0.${i >> 8}.${i & 255}`, dev: 'eth0', state: ['STALE'] }));
    const { neighbours, refused } = parseIpNeigh(JSON.stringify(rows));
    expect([neighbours.length, refused]).toEqual([4096, 904]);
  });

  test('refuses what is no table', () => {
    for (const text of ['', '{}', 'Usage: ip [ OPTIONS ]', '[{']) expect(parseIpNeigh(text)).toEqual({ neighbours: [], refused: 1 });
  });
});

describe('/proc/net/arp', () => {
  test('tells resolved from unresolved, and claims no freshness', () => {
    expect(parseProcArp(PROC_ARP)).toEqual({
      refused: 0,
      neighbours: [
        { ip: '10.9.0.3', interface: 'eth0', mac: '26:6a:da:ad:17:76', state: 'UNKNOWN', isRouter: false },
        { ip: '10.9.0.4', interface: 'eth0', mac: '26:6a:da:ad:17:77', state: 'PERMANENT', isRouter: false },
        { ip: '10.9.0.77', interface: 'eth0', state: 'INCOMPLETE', isRouter: false },
      ],
    });
  });
});

test('no text makes a parser throw or give an entry that is no address', () => {
  const neighbourish = fc.record({
    dst: fc.anything(),
    dev: fc.anything(),
    lladdr: fc.anything(),
    state: fc.anything(),
    confirmed: fc.anything(),
  });
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(neighbourish).map((rows) => JSON.stringify(rows) ?? ''),
    fc.string().map((line) => `head\n${line}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const found = [...parseIpNeigh(text).neighbours, ...parseProcArp(text).neighbours];
      expect(found.every(({ ip }) => /^[0-9a-f.:%\w]+$/i.test(ip))).toBe(true);
    }),
  );
});
