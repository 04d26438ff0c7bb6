import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../../src/agent/discovery/sighting.ts';
import { identifierKey, isExclusive } from '../../../../src/agent/inventory/identifiers.ts';
import {
  EMPTY_INVENTORY,
  type Inventory,
  MOST_DEVICES,
  reduceInventory,
  restoreInventory,
} from '../../../../src/agent/inventory/inventory.ts';
import { context, from, instant } from './hearing.ts';

const macs = fc.constantFrom(
  '00:11:32:00:00:01',
  '00:11:32:00:00:02',
  '78:28:ca:00:00:03',
  'b0:a7:37:00:00:04',
  '62:1e:9a:00:00:05',
  'be:40:c1:00:00:06',
);
const ips = fc.constantFrom('192.168.1.1', '192.168.1.20', '192.168.1.21', '192.168.1.22', 'fe80::20', '192.168.1.2');
const serials = fc.constantFrom('20A0PDN123456', 'X00400AB1234', '00000000', '20090804RCR');
const udns = fc.constantFrom('uuid:1', 'uuid:2', 'uuid:3');
const hosts = fc.constantFrom('vault', 'kitchen', 'den');

type Step = { readonly waitS: number; readonly make: (second: number) => Sighting };

/** Any machine at any address at any time, saying anything: leases that move, twins, spoofers. */
const steps: fc.Arbitrary<Step> = fc.record({
  waitS: fc.integer({ min: 0, max: 200 }),
  make: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ ip: ips, mac: macs, ago: fc.constantFrom(0, 500, 20_000, 400_000, Number.POSITIVE_INFINITY) }).map(
        ({ ip, mac, ago }) =>
          (second: number) =>
            from(ip).is(mac, second, ago),
      ),
    },
    fc.record({ ip: ips, serial: serials, udn: udns }).map(
      ({ ip, serial, udn }) =>
        (second: number) =>
          from(ip).describes(second, { serialNumber: serial, udn, friendlyName: serial }),
    ),
    fc.record({ ip: ips, host: hosts, id: serials, gone: fc.boolean() }).map(
      ({ ip, host, id, gone }) =>
        (second: number) =>
          from(ip).says(second, host, { type: '_hap._tcp', instance: host, txt: { id, serialnumber: id }, gone, port: 80 }),
    ),
  ),
});

function play(history: readonly Step[], batch: number): Inventory[] {
  const rules = context();
  const states: Inventory[] = [EMPTY_INVENTORY];
  let second = 0;
  let heard: Sighting[] = [];
  for (const { waitS, make } of history) {
    second += waitS;
    heard.push(make(second));
    if (heard.length < batch) continue;
    states.push(reduceInventory(states.at(-1) ?? EMPTY_INVENTORY, heard, instant(second), rules).inventory);
    heard = [];
  }
  return states;
}

const twice = (values: readonly string[]): string[] => values.filter((value, index) => values.indexOf(value) !== index);

describe('any history of sightings', () => {
  it('leaves every identifier and every address with one device, and the indexes true', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (history, batch) => {
        for (const inventory of play(history, batch)) {
          const devices = [...inventory.devices.values()];
          expect(twice(devices.flatMap((device) => device.identifiers.filter(isExclusive).map(identifierKey)))).toEqual([]);
          expect(twice(devices.flatMap((device) => device.addresses.map((address) => address.ip)))).toEqual([]);
          const rebuilt = restoreInventory({ devices });
          expect(new Map([...inventory.holders].sort())).toEqual(new Map([...rebuilt.holders].sort()));
          expect(new Map([...inventory.residents].sort())).toEqual(new Map([...rebuilt.residents].sort()));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every cap, and every device has a MAC or is behind one', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (history) => {
        for (const { devices, waiting } of play(history, 4)) {
          expect(waiting.length).toBeLessThanOrEqual(1024);
          for (const device of devices.values()) {
            expect(device.identifiers.some(isExclusive)).toBe(true);
            expect(device.identifiers.length).toBeLessThanOrEqual(24);
            expect(device.addresses.length).toBeLessThanOrEqual(16);
            expect(device.ports.length).toBeLessThanOrEqual(16);
            for (const facts of Object.values(device.facts)) expect(facts.length).toBeLessThanOrEqual(8);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same devices when it is played again', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (history) => {
        expect(play(history, 3).at(-1)).toEqual(play(history, 3).at(-1));
      }),
      { numRuns: 100 },
    );
  });
});

const inHex = (i: number): string => `${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`;
const invented = (i: number, second: number, agoMs = 0): Sighting =>
  from(`10.1.${i >> 8}.${i & 255}`).is(`00:11:33:01:${inHex(i)}`, second, agoMs);

describe('a flood of invented devices', () => {
  const house = Array.from({ length: 200 }, (_, i) => from(`10.0.1.${i}`).is(`${i % 2 ? '00' : '62'}:11:32:00:${inHex(i)}`, 1));

  it('gets in twenty a minute, is told of once, and costs no known device its place', () => {
    const rules = context();
    let { inventory } = reduceInventory(restoreInventory({ devices: [] }), house, instant(1), rules);
    const known = [...inventory.devices.keys()];
    inventory = restoreInventory({ devices: [...inventory.devices.values()] });
    const said: string[] = [];
    let added = 0;
    for (let minute = 1; minute <= 10; minute++) {
      const flood = Array.from({ length: 1000 }, (_, i) => invented(minute * 1000 + i, minute * 60));
      const result = reduceInventory(inventory, flood, instant(minute * 60), rules);
      inventory = result.inventory;
      added += result.changes.filter(({ kind }) => kind === 'added').length;
      said.push(...result.rows.map(({ what }) => what));
    }
    expect(said).toEqual(['storm']);
    expect(added).toBeLessThanOrEqual(20);
    expect(known.every((id) => inventory.devices.has(id))).toBe(true);
    expect(reduceInventory(inventory, [], instant(3600), rules).rows.map(({ what }) => what)).toEqual(['storm over']);
  });

  it('does not keep out what stays', () => {
    const rules = context();
    let inventory = restoreInventory({
      devices: [...reduceInventory(EMPTY_INVENTORY, house, instant(1), rules).inventory.devices.values()],
    });
    const visitor = (second: number): Sighting => from('10.0.2.1').is('78:28:ca:00:00:77', second);
    for (let minute = 1; minute <= 7; minute++) {
      const flood = Array.from({ length: 100 }, (_, i) => invented(minute * 100 + i, minute * 60));
      inventory = reduceInventory(inventory, [...flood, visitor(minute * 60)], instant(minute * 60), rules).inventory;
    }
    expect(inventory.holders.has('mac 78:28:ca:00:00:77')).toBe(true);
  });

  it('is held at the cap: those never proved go first, and nobody who was here for a day', () => {
    const rules = context();
    let inventory = reduceInventory(EMPTY_INVENTORY, house, instant(1), rules).inventory;
    const settled = house.map((sighting) => ({ ...sighting, at: instant(90_000) }));
    inventory = reduceInventory(inventory, settled, instant(90_000), rules).inventory;
    for (let minute = 0; minute < 60; minute++) {
      const batch = Array.from({ length: 20 }, (_, i) => invented(minute * 20 + i, 90_060 + minute * 60, Number.POSITIVE_INFINITY));
      inventory = reduceInventory(inventory, batch, instant(90_060 + minute * 60), rules).inventory;
    }
    expect(inventory.devices.size).toBe(MOST_DEVICES);
    const macs = new Set([...inventory.holders.keys()].map((key) => key.split(' ')[1]));
    for (const sighting of house) expect(sighting.method === 'neighbour' && macs.has(sighting.mac)).toBe(true);
  });
});
