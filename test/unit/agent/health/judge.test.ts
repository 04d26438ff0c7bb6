import { describe, expect, it } from 'vitest';
import { restoreRecord } from '../../../../src/agent/health/check-record.ts';
import { detectWithinMs, PROFILES } from '../../../../src/agent/health/profiles.ts';
import type { Device } from '../../../../src/agent/inventory/device.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';
import { answersAll, at, type Behaviour, device, GOOD_HUB, House, silent } from './book.ts';

const onlyArp: Behaviour = (method) => (method === 'arp' ? 0.3 : 'silent');

function house(...ids: string[]): House {
  return new House(ids.map((id) => device(id, id === 'gateway' ? { isGateway: true } : {})));
}

function stateAfter(log: readonly string[], id: string, state: string): number {
  const line = log.find((entry) => entry.includes(` ${id} `) && entry.endsWith(`>${state}`));
  return line === undefined ? Number.NaN : Number(line.split(' ')[0]);
}

describe('judging devices', () => {
  it('calls a device up at its first answer', () => {
    const home = house('nas', 'tv').run(4);
    expect(home.state('nas')).toBe('up');
  });

  it('calls a wired device down within its advertised bound, at any phase of its polling', () => {
    const bound = detectWithinMs(PROFILES.wired, true) / 1000;
    for (let phase = 0; phase < 5; phase += 0.25) {
      const home = house('nas', 'tv', 'gateway').run(60 + phase);
      const failedAt = home.now;
      home.behaviour.set('nas', silent);
      home.run(20);
      const latency = stateAfter(home.log, 'nas', 'down') - failedAt;
      expect(latency).toBeLessThanOrEqual(bound + 1);
      expect(latency).toBeGreaterThan(5);
    }
  });

  it('finds a device dead within its bound that dies while it is still being learned', () => {
    const bound = detectWithinMs(PROFILES.wired, true) / 1000;
    for (let age = 3; age < 40; age += 0.75) {
      const home = house('nas', 'tv', 'gateway').run(age);
      home.behaviour.set('nas', silent);
      home.run(25);
      expect(stateAfter(home.log, 'nas', 'down') - age, `age ${age} s`).toBeLessThanOrEqual(bound + 2);
    }
  });

  it('never calls a device down while it answers one question in three', () => {
    const home = house('nas', 'tv').run(30);
    let count = 0;
    home.behaviour.set('nas', () => (++count % 3 === 0 ? 0.5 : 'silent'));
    home.run(600);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
    expect(home.log.some((line) => line.endsWith('>suspect'))).toBe(true);
  });

  describe('that people switch off', () => {
    const is = (kind: string) => ({ facts: { kind: [{ value: kind, confidence: 0.9, source: 'test', at: 0 }] } });
    const said = { value: 'yes', at: 0 };

    it('calls them asleep, asks them seldom while they are, and up at their first answer', () => {
      const home = new House([device('tv', is('tv')), device('nas'), device('gateway', { isGateway: true })]).run(60);
      home.behaviour.set('tv', silent);
      home.run(60);
      expect(home.state('tv')).toBe('asleep');
      const before = home.asked.length;
      home.run(600);
      expect(home.asked.slice(before).filter(({ deviceId }) => deviceId === 'tv').length).toBeLessThan(50);
      home.behaviour.set('tv', answersAll);
      home.run(20);
      expect(home.log.filter((line) => line.includes(' tv ')).map((line) => line.split('>').at(-1))).toEqual([
        'up',
        'suspect',
        'asleep',
        'up',
      ]);
    });

    it('calls them down where people say that they are critical', () => {
      const home = new House([device('tv', { ...is('tv'), corrected: { critical: said } }), device('nas')]).run(60);
      home.behaviour.set('tv', silent);
      expect(home.run(30).state('tv')).toBe('down');
    });

    it('takes a verdict back that was given before it was known what they are', () => {
      const home = new House([device('tv'), device('nas')]).run(60);
      home.behaviour.set('tv', silent);
      expect(home.run(30).state('tv')).toBe('down');
      home.devices.set('tv', device('tv', is('tv')));
      expect(home.run(30).state('tv')).toBe('asleep');
    });

    it('says nothing of them while the hub hears nobody', () => {
      const home = new House([device('tv', is('tv')), device('nas'), device('camera')]).run(60);
      for (const id of ['tv', 'nas', 'camera']) home.behaviour.set(id, silent);
      home.run(120);
      expect(home.state('tv')).toBe('unknown');
    });
  });

  it('asks in at least two independent ways before it says down', () => {
    const home = house('nas', 'tv').run(60);
    home.behaviour.set('nas', silent);
    const before = home.asked.length;
    home.run(15);
    const methods = new Set(
      home.asked
        .slice(before)
        .filter((request) => request.deviceId === 'nas')
        .map((request) => request.method),
    );
    expect(methods.size).toBeGreaterThanOrEqual(2);
    expect(methods).toContain('icmp');
  });

  it('does not count the silence of a way that never worked', () => {
    const home = house('camera', 'tv');
    home.behaviour.set('camera', onlyArp);
    home.run(300);
    expect(home.state('camera')).toBe('up');
    expect(home.log.filter((line) => line.includes('camera') && line.endsWith('>down'))).toEqual([]);
  });

  it('finds a device dead that only ever answered ARP', () => {
    const home = house('camera', 'tv');
    home.behaviour.set('camera', onlyArp);
    home.run(120);
    const failedAt = home.now;
    home.behaviour.set('camera', (method) => (method === 'arp' ? 'ARP failed' : 'silent'));
    home.run(30);
    expect(stateAfter(home.log, 'camera', 'down') - failedAt).toBeLessThanOrEqual(15);
  });

  it('spares the process of a ping where the kernel asks by ARP, once it knows the link', () => {
    const pingsAndArp: Behaviour = (method) => (method === 'icmp' || method === 'arp' ? 0.3 : 'silent');
    const lastWays = (canRevalidate: boolean): Set<string> => {
      const home = house('plug', 'tv');
      home.canRevalidate = canRevalidate;
      home.behaviour.set('plug', pingsAndArp);
      home.run(300);
      const asked = home.asked.filter(({ deviceId }) => deviceId === 'plug');
      return new Set(asked.slice(-5).map(({ method }) => method));
    };
    expect([...lastWays(true)]).toEqual(['arp']);
    expect([...lastWays(false)]).toEqual(['icmp']);
  });

  it('says unknown, not down, when the hub hears nobody', () => {
    const home = house('nas', 'tv', 'gateway').run(60);
    for (const id of ['nas', 'tv', 'gateway']) home.behaviour.set(id, silent);
    home.run(60);
    expect(home.log.filter((line) => line.endsWith('>down')).length).toBeLessThanOrEqual(0);
    expect(home.state('nas')).toBe('unknown');
  });

  it("says unknown at once when the hub's own link is down, and gives the house time to come back", () => {
    const home = house('nas', 'tv').run(60);
    home.hub = { ...GOOD_HUB, links: { eth0: false } };
    home.run(1);
    expect(home.state('nas')).toBe('unknown');
    home.hub = GOOD_HUB;
    home.behaviour.set('nas', silent);
    home.run(90);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
    home.behaviour.set('nas', answersAll);
    home.run(20);
    expect(home.state('nas')).toBe('up');
  });

  it.each([8, 13, 18, 90])('gives a house that was dark when this process started time to come back, the router after %i s', (routerS) => {
    const names = ['gateway', 'nas', 'tv', 'nvr'];
    const home = house(...names);
    const saved = { state: 'up' as const, sinceAt: 0, reason: 'It answered.' };
    home.book = new Map(
      names.map((id) => [id, restoreRecord(home.devices.get(id) as Device, saved, at(0), home.devices.size, STANDARD_POLICY)]),
    );
    for (const id of names) home.behaviour.set(id, () => 'ARP failed');
    home.run(routerS);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
    home.behaviour.set('gateway', answersAll);
    home.run(100);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
    home.run(60);
    expect(home.state('nvr')).toBe('down');
  });

  it('finds a device dead that died around a restart of the process', () => {
    const home = house('gateway', 'nas', 'tv');
    const saved = { state: 'unknown' as const, sinceAt: 0, reason: "The hub's own link (eth0) is down." };
    home.book = new Map(
      ['nas'].map((id) => [id, restoreRecord(home.devices.get(id) as Device, saved, at(0), home.devices.size, STANDARD_POLICY)]),
    );
    home.behaviour.set('nas', () => 'ARP failed');
    home.run(30);
    expect(home.state('nas')).toBe('down');
  });

  it('asks the others at once when a silence could be its own, so that the verdict comes in time over Wi-Fi too', () => {
    for (let phase = 0; phase < 15; phase += 1) {
      const home = house('gateway', 'tv', 'lamp');
      home.behaviour.set('tv', () => 12);
      home.behaviour.set('lamp', () => 12);
      home.run(200 + phase);
      home.behaviour.set('gateway', silent);
      const failedAt = home.now;
      home.run(20);
      expect(stateAfter(home.log, 'gateway', 'down') - failedAt, `phase ${phase}`).toBeLessThanOrEqual(14);
      expect(home.log.filter((line) => line.endsWith('>unknown'))).toEqual([]);
    }
  });

  it('lets one interface neither vouch for another nor hold it back', () => {
    const onEth1 = { addresses: [{ ip: '10.0.0.9', interface: 'eth1', mac: '00:11:22:33:44:66', firstAt: 0, lastAt: 1 }] };
    const home = new House([device('nas'), device('tv'), device('cam', onEth1), device('nvr', onEth1)]).run(60);
    for (const id of ['nas', 'tv']) home.behaviour.set(id, silent);
    home.run(60);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
    home.behaviour.set('nvr', silent);
    home.run(15);
    expect(home.state('nvr')).toBe('down');
  });

  it('does not call a device down that only answers ARP for one lost round of it', () => {
    const home = house('camera', 'tv');
    home.behaviour.set('camera', onlyArp);
    home.run(600);
    home.behaviour.set('camera', (method, seconds) => (method !== 'arp' ? 'silent' : seconds < 603 ? 'ARP failed' : 0.3));
    home.run(60);
    expect(home.log.filter((line) => line.includes('camera') && line.endsWith('>down'))).toEqual([]);
    expect(home.book.get('camera')?.profile.name).toBe('quiet');
  });

  it('does not count silence while the event loop is late', () => {
    const home = house('nas', 'tv').run(60);
    home.hub = { ...GOOD_HUB, eventLoopLagMs: 900 };
    home.behaviour.set('nas', silent);
    home.run(120);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
  });

  it('does not count questions that could not be asked', () => {
    const home = house('nas', 'tv').run(60);
    home.behaviour.set('nas', (method) => (method === 'icmp' ? 'unable' : 'unable'));
    home.run(120);
    expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
  });

  it('needs two good answers two seconds apart to end down, within 15 s', () => {
    const home = house('nas', 'tv').run(60);
    home.behaviour.set('nas', silent);
    home.run(30);
    expect(home.state('nas')).toBe('down');
    const backAt = home.now;
    home.behaviour.set('nas', answersAll);
    home.run(15);
    const upAt = Number(home.log.findLast((line) => line.includes(' nas ') && line.endsWith('>up'))?.split(' ')[0]);
    expect(upAt - backAt).toBeGreaterThanOrEqual(2);
    expect(upAt - backAt).toBeLessThanOrEqual(10);
  });

  it('lets an announcement of the device itself count as life', () => {
    const home = house('nas', 'tv').run(60);
    home.behaviour.set('nas', silent);
    home.run(8);
    expect(home.state('nas')).toBe('suspect');
    home.run(0.5, [{ deviceId: 'nas', at: at(home.now), by: 'mdns' }]);
    expect(home.state('nas')).toBe('up');
  });

  it('does not let proof from before the silence end it', () => {
    const home = house('nas', 'tv').run(60);
    home.behaviour.set('nas', silent);
    home.run(8, [{ deviceId: 'nas', at: at(home.now - 20), by: 'arp' }]);
    home.run(10, [{ deviceId: 'nas', at: at(home.now - 20), by: 'arp' }]);
    expect(home.state('nas')).toBe('down');
  });

  it('never calls a device down that never showed life', () => {
    const home = house('ghost', 'tv');
    home.behaviour.set('ghost', () => 'ARP failed');
    home.run(120);
    expect(home.state('ghost')).toBe('unknown');
  });

  it('says unknown of a device whose only address another one took', () => {
    const home = house('nas', 'tv').run(60);
    home.devices.set('nas', device('nas', { addresses: [] }));
    home.run(30);
    expect(home.state('nas')).toBe('up');
    home.run(60);
    expect(home.state('nas')).toBe('unknown');
    home.devices.set('nas', device('nas'));
    home.run(10);
    expect(home.state('nas')).toBe('up');
  });

  it('asks a device that has only an IPv6 address there', () => {
    const ip = 'fe80::1';
    const home = new House([
      device('hub', { addresses: [{ ip, interface: 'eth0', mac: '00:11:22:33:44:55', firstAt: 0, lastAt: 1 }] }),
    ]).run(10);
    expect(home.asked[0]?.ip).toBe(ip);
    expect(home.state('hub')).toBe('up');
  });

  it("lets a person's device fall asleep instead of failing", () => {
    const home = new House([device('phone', { personal: true }), device('tv')]).run(60);
    home.behaviour.set('phone', silent);
    home.run(600);
    expect(home.state('phone')).toBe('asleep');
  });

  it('polls slowly and confirms patiently over Wi-Fi', () => {
    const home = house('tv', 'nas');
    home.behaviour.set('tv', () => 12);
    home.run(120);
    expect(home.book.get('tv')?.profile.name).toBe('other');
    expect(home.book.get('nas')?.profile.name).toBe('wired');
  });

  it('takes no wire for Wi-Fi because the hub is busy and reads most answers late', () => {
    const home = house('tv', 'nas').run(120);
    let asked = 0;
    home.behaviour.set('nas', () => (++asked % 5 < 2 ? 0.4 : 4));
    for (let seconds = 0; seconds < 300; seconds += 5) expect(home.run(5).book.get('nas')?.profile.name).toBe('wired');
    home.behaviour.set('nas', () => 4);
    expect(home.run(60).book.get('nas')?.profile.name).toBe('other');
    home.behaviour.set('nas', () => 0.4);
    expect(home.run(120).book.get('nas')?.profile.name).toBe('wired');
  });

  it('tells in the reason how often, how and how long it asked', () => {
    const home = house('nas', 'tv').run(60);
    home.behaviour.set('nas', silent);
    home.run(20);
    expect(home.book.get('nas')?.reason).toMatch(
      /^No answer to 7 questions in \d+ s \(.*ping.*\)\. It last showed life .* The hub hears 1 other/,
    );
  });
});

describe('a device that was dead since the hub started', () => {
  it.each(['udp', 'tcp', 'icmp', 'arp'] as const)('is found alive again also where it answers %s alone', (way) => {
    const home = house('camera', 'nas', 'tv');
    const saved = { state: 'down' as const, sinceAt: 0, reason: 'No answer.' };
    home.book = new Map([
      ['camera', restoreRecord(home.devices.get('camera') as Device, saved, at(0), home.devices.size, STANDARD_POLICY)],
    ]);
    home.behaviour.set('camera', silent);
    home.run(300);
    expect(home.state('camera')).toBe('down');
    home.behaviour.set('camera', (method) => (method === way ? 1 : 'silent'));
    home.run(60);
    expect(home.state('camera')).toBe('up');
  });
});
