import { describe, expect, it } from 'vitest';
import type { DhcpSighting, EvidenceSighting } from '../../../../src/agent/discovery/sighting.ts';
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
