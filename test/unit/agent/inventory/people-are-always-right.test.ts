import { describe, expect, it } from 'vitest';
import { macClaim } from '../../../../src/agent/inventory/identifiers.ts';
import type { LogRow } from '../../../../src/agent/inventory/identity-log.ts';
import { type Inventory, reduceInventory, restoreInventory } from '../../../../src/agent/inventory/inventory.ts';
import type { Answer, Order } from '../../../../src/agent/inventory/order.ts';
import { obey } from '../../../../src/agent/inventory/orders.ts';
import { summarise } from '../../../../src/agent/inventory/summary.ts';
import { context, from, instant } from './hearing.ts';

const [ONE, OTHER] = ['00:11:32:00:00:01', '00:11:32:00:00:02'];
const rules = context();

/** An inventory that takes sightings and orders, with its log. */
function house() {
  let inventory: Inventory = restoreInventory({ devices: [] });
  const log: LogRow[] = [];
  const device = (mac: string) => inventory.devices.get(inventory.holders.get(`${macClaim(mac).kind} ${mac}`) ?? '');
  return {
    log,
    device,
    summary: (mac: string) => summarise(device(mac)!),
    hear(second: number, ...sightings: Parameters<typeof reduceInventory>[1]) {
      const result = reduceInventory(inventory, sightings, instant(second), rules);
      inventory = result.inventory;
      log.push(...result.rows);
    },
    order(second: number, order: Order): Answer {
      const past = {
        row: order.do === 'undo' ? log.find(({ n }) => n === order.row) : undefined,
        later: order.do === 'undo' ? log.filter(({ n }) => n > order.row) : [],
        of: log.toReversed(),
      };
      const result = obey(inventory, order, past, instant(second), rules);
      inventory = result.inventory;
      for (const row of result.rows) {
        log.push(row);
        const index = log.findIndex(({ n }) => n === row.undoes);
        if (index >= 0) log[index] = { ...log[index]!, undoneBy: row.n };
      }
      return result.answer;
    },
    /** All devices are lost, as from a damaged table; what people said is kept. */
    forgetDevices: () => {
      inventory = restoreInventory({ devices: [], people: inventory.people, nextRow: inventory.nextRow });
    },
    get inventory() {
      return inventory;
    },
  };
}

const described = (second: number, ip: string, serialNumber: string) =>
  from(ip).describes(second, { serialNumber, udn: 'uuid:12345678', friendlyName: 'Heard name' });

function two() {
  const home = house();
  home.hear(0, from('192.168.1.30').is(ONE, 0), from('192.168.1.31').is(OTHER, 0));
  return home;
}

describe('what a person said of a device', () => {
  it('is a change also where it only confirms what was heard: it is surer now', () => {
    const home = two();
    home.hear(1, described(1, '192.168.1.30', '20A0PDN123456'));
    const device = home.device(ONE)!;
    const confirmed: Order = { do: 'set', device: device.id, set: { name: home.summary(ONE).name! } };
    const { changes } = obey(home.inventory, confirmed, { row: undefined, later: [], of: [] }, instant(2), rules);
    expect(changes).toMatchObject([{ kind: 'changed', what: ['corrected'] }]);
  });

  it('wins against anything that is heard before and after', () => {
    const home = two();
    home.hear(1, described(1, '192.168.1.30', '20A0PDN123456'));
    home.order(2, { do: 'set', device: home.device(ONE)!.id, set: { name: 'Vault', kind: 'nas' } });
    home.hear(
      3,
      from('192.168.1.30').says(3, 'x', { type: '_airplay._tcp', instance: 'Kitchen', txt: { manufacturer: 'Sonos', model: 'One' } }),
    );
    expect(home.summary(ONE)).toMatchObject({ name: 'Vault', kind: 'nas' });
    expect(home.device(ONE)?.facts.name?.[0]).toMatchObject({ confidence: 1, source: 'a person' });
  });

  it('is there again when the device is, under whatever id', () => {
    const home = two();
    home.order(2, { do: 'set', device: home.device(ONE)!.id, set: { room: 'Cellar' } });
    home.forgetDevices();
    home.hear(60, from('192.168.1.77').is(ONE, 60));
    expect(home.summary(ONE)).toMatchObject({ room: 'Cellar', ips: ['192.168.1.77'] });
  });

  it('stays on both sides of a merger; of two words for one thing the newer counts, and the log says so', () => {
    const home = two();
    home.order(2, { do: 'set', device: home.device(ONE)!.id, set: { name: 'Old', room: 'Cellar' } });
    home.order(3, { do: 'set', device: home.device(OTHER)!.id, set: { name: 'New' } });
    const merged = home.order(4, { do: 'merge', one: home.device(ONE)!.id, other: home.device(OTHER)!.id });
    expect(home.summary(ONE)).toMatchObject({ name: 'New', room: 'Cellar', macs: [ONE, OTHER] });
    expect(merged).toMatchObject({ row: 3 });
    home.order(5, { do: 'undo', row: 3 });
    expect([home.summary(ONE).name, home.summary(OTHER).name]).toEqual(['Old', 'New']);
  });

  it('may be that it is a person’s, or is not', () => {
    const home = two();
    const { id } = home.device(ONE)!;
    expect(home.summary(ONE).personal).toBe(false);
    home.order(2, { do: 'set', device: id, set: { personal: 'yes' } });
    home.hear(3, described(3, '192.168.1.30', '20A0PDN123456'));
    expect(home.summary(ONE).personal).toBe(true);
    home.order(4, { do: 'set', device: id, set: { personal: null } });
    expect(home.summary(ONE).personal).toBe(false);
  });
});

describe('devices that a person', () => {
  const evidence = (second: number) => [
    described(second, '192.168.1.30', '20A0PDN123456'),
    described(second, '192.168.1.31', '20A0PDN123456'),
  ];

  it('took apart are never merged again by the evidence that merged them', () => {
    const home = two();
    const live = (from0: number, to: number): void => {
      for (let second = from0; second <= to; second += 60)
        home.hear(second, from('192.168.1.30').is(ONE, second), from('192.168.1.31').is(OTHER, second), ...evidence(second));
    };
    live(60, 3720);
    expect(home.device(ONE)).toBe(home.device(OTHER));
    const { n: row } = home.log.find(({ what }) => what === 'merged')!;
    expect(home.order(3721, { do: 'undo', row })).toMatchObject({ row: row + 1 });
    live(3780, 7500);
    expect(home.device(ONE)).not.toBe(home.device(OTHER));
  });

  it('put together are one again when they are found anew', () => {
    const home = two();
    home.order(2, { do: 'merge', one: home.device(ONE)!.id, other: home.device(OTHER)!.id });
    home.forgetDevices();
    home.hear(60, from('192.168.1.30').is(ONE, 60), from('192.168.1.31').is(OTHER, 60));
    expect(home.device(ONE)).toBe(home.device(OTHER));
  });

  it('put together stay so until the person takes it back, step by step from the newest', () => {
    const home = two();
    home.hear(1, from('192.168.1.32').is('00:11:32:00:00:03', 1));
    const before = home.inventory.devices;
    home.order(2, { do: 'merge', one: home.device(ONE)!.id, other: home.device(OTHER)!.id });
    home.order(3, { do: 'merge', one: home.device(ONE)!.id, other: home.device('00:11:32:00:00:03')!.id });
    expect(home.order(4, { do: 'undo', row: 1 })).toMatchObject({
      problem: 'Entry 2 came later and is about the same device.',
      fix: expect.stringContaining('undo 2'),
    });
    home.order(5, { do: 'undo', row: 2 });
    home.order(6, { do: 'undo', row: 1 });
    expect(home.inventory.devices).toEqual(before);
  });
});
