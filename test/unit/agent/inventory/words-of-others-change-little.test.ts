import { describe, expect, it } from 'vitest';
import type { DhcpSighting, EvidenceSighting, Sighting } from '../../../../src/agent/discovery/sighting.ts';
import { isPersonal } from '../../../../src/agent/inventory/personal.ts';
import { withKindsWeighed } from '../../../../src/agent/inventory/shouted-kinds.ts';
import { summarise } from '../../../../src/agent/inventory/summary.ts';
import { from, home, instant } from './hearing.ts';

const PHONE = '62:1e:9a:4f:12:ad';
const PLUG = '24:6f:28:00:00:01';
const IP = '192.168.1.32';

const leased = (mac: string, vendorClass: string): DhcpSighting => ({
  method: 'dhcp',
  at: instant(5),
  interface: 'eth0',
  ip: '0.0.0.0',
  mac,
  fields: { vendorClass },
});
const routerNames = (hostname: string): EvidenceSighting => ({
  method: 'dns',
  reader: 'dns-name',
  at: instant(5),
  interface: 'eth0',
  ip: IP,
  fields: { hostname },
  identifiers: [],
});

describe('a device with a private MAC stays a person’s', () => {
  it.each([
    ['the router knows its address by the name of an earlier tenant', routerNames('shellyplug-s-1A2B3C')],
    ['somebody asks for a lease in its name', leased(PHONE, 'HP Printer')],
  ])('when %s', (_, sighting) => {
    const lan = home();
    lan.hear(0, from(IP).is(PHONE, 0));
    lan.hear(5, sighting);
    expect(summarise(lan.byMac(PHONE)).kind).toBeDefined();
    expect(lan.byMac(PHONE).personal).toBe(true);
  });

  it('until it says itself what it is', () => {
    const lan = home();
    lan.hear(0, from(IP).is(PHONE, 0));
    lan.hear(5, routerNames('shellyplug-s-1A2B3C'));
    lan.hear(6, from(IP).says(6, 'shellyplug-s-1A2B3C', { type: '_hap._tcp', txt: { ci: '7', id: 'AA:01' } }));
    expect(lan.byMac(PHONE).personal).toBe(false);
  });
});

it('the name by which the router knows a registered MAC tells what it is', () => {
  const lan = home();
  lan.hear(0, from(IP).is(PLUG, 0));
  lan.hear(5, routerNames('shellyplug-s-1A2B3C'));
  expect(summarise(lan.byMac(PLUG))).toMatchObject({ kind: 'plug', personal: false });
});

it('one MAC that speaks in ever new names makes no more devices than new MACs would, and is told of', () => {
  const lan = home();
  const [own, other] = [from('192.168.1.66'), from('192.168.1.67')];
  lan.hear(0, own.is(PLUG, 0), other.is(PLUG, 0));
  lan.hear(1, own.says(1, 'own-name'));
  for (let second = 2; second < 100; second++) {
    const names = Array.from({ length: 16 }, (_, i) => `${second}:${i}`);
    lan.hear(second, ...names.map((id) => other.says(second, `host-${id}`, { type: '_hap._tcp', txt: { id, ci: '5' } })));
  }
  // What a house may have when the hub is new to it (newcomers.ts).
  expect(lan.devices.length).toBeLessThanOrEqual(512);
  expect(lan.rows.map(({ what }) => what)).toEqual(['storm']);
});

describe('a registered device that has said what it is', () => {
  const CAMERA = '44:47:cc:00:00:01';
  const DAY = 86_400;
  const camera = from(IP);
  const phone = (second: number): Sighting => camera.says(second, 'cam', { type: '_device-info._tcp', txt: { model: 'iPhone14,2' } });
  const answers = (second: number): Sighting => camera.describes(second, { manufacturer: 'HIKVISION', modelName: 'DS-2CD2143' });
  const is = (lan: ReturnType<typeof home>, mac = CAMERA) => summarise(lan.byMac(mac));

  it('stays the same, with the doubt, when a phone is shouted from its address after it answered or before', () => {
    for (const batch of [
      [answers(5), phone(6)],
      [phone(5), answers(6)],
    ]) {
      const lan = home();
      lan.hear(0, camera.is(CAMERA, 0));
      lan.hear(6, ...batch);
      expect(is(lan)).toMatchObject({ kind: 'camera', personal: false });
      expect(is(lan).because.find(({ fact }) => fact === 'kind')).toMatchObject({ or: 'phone' });
    }
  });

  it('stays the same when only its maker says so, and somebody asks for a lease in its name', () => {
    const lan = home();
    lan.hear(0, camera.is(CAMERA, 0));
    lan.hear(5, leased(CAMERA, 'XBOX 1.0'));
    expect(is(lan)).toMatchObject({ kind: 'camera', personal: false });
  });

  it('stays the same however many kinds are shouted', () => {
    const lan = home();
    lan.hear(0, camera.is(CAMERA, 0), answers(0));
    for (const n of Array(12).keys())
      lan.hear(5, camera.says(5, `h${n}`, { type: '_device-info._tcp', txt: { model: 'iPhone14,2' } }), camera.says(5, 'iPhone'));
    expect(is(lan)).toMatchObject({ kind: 'camera', personal: false });
  });

  it('is a person’s when a person says so', () => {
    const camera = { value: 'camera', confidence: 0.9, source: 'upnp description', at: 0 };
    const said = { value: 'phone', confidence: 1, source: 'a person', at: 1 };
    const lan = home();
    lan.hear(0, from(IP).is(CAMERA, 0));
    const weighed = withKindsWeighed({ ...lan.byMac(CAMERA), facts: { kind: [said, camera] } });
    expect(isPersonal(weighed)).toBe(true);
  });

  const PLAIN = '24:6f:28:00:00:02';
  const prints = (second: number): Sighting => camera.says(second, 'cam', { type: '_ipp._tcp' });

  it('stays what it shouted for ten minutes, until it has shouted something else for a week and nothing against it', () => {
    const lan = home();
    for (let second = 0; second < 1200; second += 60) lan.hear(second, camera.is(PLAIN, second), prints(second));
    const until = (day: number): void => {
      for (let second = 1200; second < day * DAY; second += DAY / 2) lan.hear(second, camera.is(PLAIN, second), phone(second));
    };
    until(6);
    expect(is(lan, PLAIN)).toMatchObject({ kind: 'printer', personal: false });
    until(9);
    expect(is(lan, PLAIN)).toMatchObject({ kind: 'phone', personal: true });
  });

  it('does not become a phone by two shouts a week apart', () => {
    const lan = home();
    for (let second = 0; second < 1200; second += 60) lan.hear(second, camera.is(PLAIN, second), prints(second));
    for (const second of [1200, 8 * DAY]) lan.hear(second, camera.is(PLAIN, second), phone(second));
    expect(is(lan, PLAIN)).toMatchObject({ kind: 'printer', personal: false });
  });
});

describe('a device that may be a person’s', () => {
  it.each([
    ['by its maker, though it offers something for the house first', '88:b2:91:00:00:01', true],
    ['by its private MAC', PHONE, true],
    ['for want of any other word', '24:6f:28:00:00:03', false],
  ])('is one at once when it announces so: %s', (_, mac, isSpeaker) => {
    const lan = home();
    const it = from(IP);
    lan.hear(0, it.is(mac, 0), ...(isSpeaker ? [it.describes(0, { deviceType: 'urn:schemas-upnp-org:device:MediaServer:1' })] : []));
    lan.hear(700, it.is(mac, 700), it.says(700, 'x', { type: '_device-info._tcp', txt: { model: 'MacBookPro18,3' } }));
    expect(summarise(lan.byMac(mac))).toMatchObject({ kind: 'computer', personal: true });
  });
});

describe('what a console says of a device that it manages', () => {
  const AP = '24:a4:3c:00:00:01';
  const managed = (at: number, ...macs: string[]): Sighting => ({
    method: 'controller',
    reader: 'unifi-console',
    at: instant(at),
    interface: 'eth0',
    ip: '192.168.1.1',
    macs,
    fields: { model: 'BZ2', type: 'uap', name: 'Attic', firmware: '4.3.28', endOfLife: 'yes' },
  });

  it('tells what it is and how long it is looked after, by one of its MACs, and not that it is there', () => {
    const lan = home();
    lan.hear(0, from(IP).is(AP, 0));
    lan.hear(500, managed(500, 'f0:9f:c2:00:00:02', AP));
    expect(summarise(lan.byMac(AP))).toMatchObject({
      vendor: 'Ubiquiti',
      model: 'BZ2',
      kind: 'access-point',
      name: 'Attic',
      lastSeenAt: instant(0).wallMs,
      reports: { 'unifi-console': { says: { support: 'ended' } } },
    });
  });

  it('makes no device of what nobody else has seen, and nothing of the console', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.1').is('78:45:58:00:00:09', 0));
    lan.hear(5, managed(5, AP));
    expect(lan.inventory.devices.size).toBe(1);
    expect(lan.inventory.waiting).toEqual([]);
    expect(lan.byMac('78:45:58:00:00:09').reports).toBeUndefined();
  });
});
