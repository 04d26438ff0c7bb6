import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../../src/agent/discovery/sighting.ts';
import { deviceAt, reduceInventory, restoreInventory } from '../../../../src/agent/inventory/inventory.ts';
import { summarise } from '../../../../src/agent/inventory/summary.ts';
import { context, from, HUB, home, instant } from './hearing.ts';

const SONOS = '78:28:ca:1a:2b:3c';
const ROKU = 'b0:a7:37:5d:10:7e';
const PHONE = '62:1e:9a:4f:12:ad';

const zonePlayer = {
  deviceType: 'urn:schemas-upnp-org:device:ZonePlayer:1',
  manufacturer: 'Sonos, Inc.',
  modelName: 'Sonos One',
  extra: { roomname: 'Kitchen' },
};
const airplay = { type: '_airplay._tcp', instance: 'Kitchen', port: 7000, txt: { manufacturer: 'Sonos', model: 'One' } };

describe('a device', () => {
  it('exists only once the neighbour table shows a MAC, and then gets what was said before', () => {
    const { hear } = home();
    expect(hear(0, from('192.168.1.30').says(0, 'Sonos-1', airplay))).toEqual([]);
    const [added] = hear(3, from('192.168.1.30').is(SONOS, 3));
    expect(added).toMatchObject({ kind: 'added' });
    expect(added?.kind === 'added' && summarise(added.device)).toMatchObject({
      name: 'Kitchen',
      vendor: 'Sonos',
      model: 'One',
      kind: 'speaker',
      ips: ['192.168.1.30'],
      macs: [SONOS],
    });
  });

  it('does not wait forever for its MAC', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').says(0, 'Sonos-1', airplay));
    lan.hear(121);
    expect(lan.inventory.waiting).toEqual([]);
    expect(lan.inventory.dropped).toBe(1);
    lan.hear(122, from('192.168.1.30').is(SONOS, 122));
    expect(summarise(lan.byMac(SONOS)).name).toBeUndefined();
  });

  it('is one, by whatever and however many methods it is heard', () => {
    const lan = home();
    lan.hear(
      1,
      from('192.168.1.30').is(SONOS, 1),
      from('192.168.1.30').says(1, 'Sonos-1', airplay),
      from('192.168.1.30').describes(1, zonePlayer),
    );
    expect(lan.devices).toHaveLength(1);
    expect(summarise(lan.byMac(SONOS)).seenBy).toEqual(['neighbour', 'upnp', 'mdns']);
    expect(lan.byMac(SONOS).ports).toEqual([7000, 1400]);
  });

  it('stays the same when its address changes, and the old address is not primary any more', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is(SONOS, 0));
    const { id } = lan.byMac(SONOS);
    lan.hear(90, from('192.168.1.99').is(SONOS, 90));
    expect(lan.devices).toHaveLength(1);
    expect(lan.byMac(SONOS).id).toBe(id);
    expect(summarise(lan.byMac(SONOS)).ips).toEqual(['192.168.1.99', '192.168.1.30']);
  });

  it('keeps its facts to itself when another device takes its address', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is(SONOS, 0), from('192.168.1.30').describes(0, zonePlayer));
    lan.hear(
      60,
      from('192.168.1.30').is(ROKU, 60),
      from('192.168.1.30').says(60, 'roku-den', { type: '_airplay._tcp', instance: 'Den', txt: { manufacturer: 'Roku' } }),
    );
    expect(summarise(lan.byMac(ROKU))).toMatchObject({ name: 'Den', vendor: 'Roku', ips: ['192.168.1.30'] });
    expect(summarise(lan.byMac(ROKU)).model).toBeUndefined();
    expect(summarise(lan.byMac(SONOS))).toMatchObject({ name: 'Kitchen', ips: [] });
  });

  it('does not get an address back by an older proof', () => {
    const lan = home();
    lan.hear(100, from('192.168.1.30').is(ROKU, 100));
    const stale = from('192.168.1.30').is(SONOS, 101, 60_000);
    lan.hear(101, stale);
    expect(summarise(lan.byMac(ROKU)).ips).toEqual(['192.168.1.30']);
    expect(lan.devices).toHaveLength(1);
  });

  it('is not credited with what comes from an address it was last proved at long ago', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is(SONOS, 0));
    const late = from('192.168.1.30').says(400, 'roku-ultra', { type: '_airplay._tcp', instance: 'Den' });
    lan.hear(400, late);
    expect(deviceAt(lan.inventory, late)).toBeUndefined();
    lan.hear(402, from('192.168.1.30').is(ROKU, 402));
    expect(summarise(lan.byMac(ROKU)).name).toBe('Den');
    expect(summarise(lan.byMac(SONOS)).name).toBeUndefined();
  });

  it('is still found, and gives way to others, after the wall clock was set back', () => {
    const lan = home();
    lan.hear(7200, from('192.168.1.30').is(SONOS, 7200), from('192.168.1.31').is('00:11:32:00:00:01', 7200));
    const spoken = from('192.168.1.30').says(3600, 'Sonos-1', airplay);
    lan.hear(3600, from('192.168.1.30').is(SONOS, 3600), from('192.168.1.31').is(ROKU, 3600), spoken);
    expect(deviceAt(lan.inventory, spoken)).toBe(lan.byMac(SONOS).id);
    expect(summarise(lan.byMac(SONOS)).name).toBe('Kitchen');
    expect(summarise(lan.byMac(ROKU)).ips).toEqual(['192.168.1.31']);
  });

  it('has all addresses of its MAC, IPv4 first', () => {
    const lan = home();
    lan.hear(0, from('fe80::7a28:caff:fe1a:2b3c').is(SONOS, 0));
    lan.hear(1, from('192.168.1.30').is(SONOS, 1), from('192.168.1.31').is(SONOS, 1));
    expect(summarise(lan.byMac(SONOS)).ips).toEqual(['192.168.1.30', 'fe80::7a28:caff:fe1a:2b3c', '192.168.1.31']);
  });

  it('is never the hub itself, and never behind a group or multicast address', () => {
    const lan = home();
    lan.hear(
      0,
      from(HUB.address).is('00:0f:ff:00:00:01', 0),
      from('192.168.1.77').is(HUB.mac, 0),
      from('192.168.1.255').is('ff:ff:ff:ff:ff:ff', 0),
    );
    lan.hear(0, from('224.0.0.251').is('00:0f:ff:00:00:01', 0), from('fe80::2').is('00:0f:ff:00:00:01', 0));
    expect(lan.devices).toEqual([]);
  });

  it('is the gateway while it has the gateway address', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.1').is('54:a7:03:00:00:01', 0));
    expect(summarise(lan.byMac('54:a7:03:00:00:01'))).toMatchObject({ isGateway: true, kind: 'router', personal: false });
    lan.hear(10, from('192.168.1.1').is(ROKU, 10));
    expect(summarise(lan.byMac(ROKU)).isGateway).toBe(true);
    expect(summarise(lan.byMac('54:a7:03:00:00:01'))).toMatchObject({ isGateway: false });
    expect(summarise(lan.byMac('54:a7:03:00:00:01')).kind).toBeUndefined();
  });

  it('with a private MAC belongs to a person, unless it says what it is', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.40').is(PHONE, 0), from('192.168.1.41').is('52:54:00:00:00:07', 0));
    lan.hear(
      1,
      from('192.168.1.41').says(1, 'homeassistant', { type: '_home-assistant._tcp', instance: 'Home', txt: { location_name: 'Home' } }),
    );
    expect(summarise(lan.byMac(PHONE))).toMatchObject({ personal: true });
    expect(summarise(lan.byMac(PHONE)).vendor).toBeUndefined();
    expect(summarise(lan.byMac('52:54:00:00:00:07'))).toMatchObject({ personal: false, kind: 'hub', name: 'Home' });
  });

  it('with a private MAC is forgotten after three days without a sight of it, any other is not', () => {
    const lan = home();
    const days = (n: number): number => n * 86_400;
    lan.hear(0, from('192.168.1.40').is(PHONE, 0), from('192.168.1.30').is(SONOS, 0));
    expect(lan.hear(days(2.9), from('192.168.1.41').is(ROKU, days(2.9))).map(({ kind }) => kind)).toEqual(['added']);
    const changes = lan.hear(days(3.1), from('192.168.1.41').is(ROKU, days(3.1)));
    expect(changes).toMatchObject([{ kind: 'removed', because: expect.stringContaining('three days') }]);
    expect(lan.byMac(SONOS)).toBeTruthy();
  });

  it('is told of once, and again only for what a person would see', () => {
    const lan = home();
    expect(lan.hear(0, from('192.168.1.30').is(SONOS, 0)).map(({ kind }) => kind)).toEqual(['added']);
    expect(lan.hear(10, from('192.168.1.30').is(SONOS, 10))).toEqual([]);
    const [changed] = lan.hear(20, from('192.168.1.30').describes(20, zonePlayer));
    expect(changed).toMatchObject({ kind: 'changed', what: ['name', 'model', 'seenBy'] });
    expect(lan.hear(30, from('192.168.1.30').describes(30, zonePlayer))).toEqual([]);
    expect(lan.byMac(SONOS).lastSeenAt).toBe(instant(30).wallMs);
  });

  it('is not seen by records that ran out', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is(SONOS, 0));
    lan.hear(200, from('192.168.1.30').says(200, 'Sonos-1', { ...airplay, gone: true }));
    expect(lan.byMac(SONOS).lastSeenAt).toBe(instant(0).wallMs);
  });
});

describe('two MACs', () => {
  const serialised = (second: number, ip: string, serialNumber: string, udn: string) =>
    from(ip).describes(second, { serialNumber, udn, manufacturer: 'Acme' });

  const [CARD, CABLE, COPIER] = ['00:11:32:00:00:01', '00:11:32:00:00:02', '00:11:32:00:00:99'];
  const [HERE, THERE] = ['192.168.1.30', '192.168.1.31'];
  const told = (second: number, ip: string) => serialised(second, ip, '20A0PDN123456', 'uuid:1');
  const live = (lan: ReturnType<typeof home>, from0: number, to: number, mac: string): void => {
    for (let second = from0; second <= to; second += 60)
      lan.hear(second, from(HERE).is(CARD, second), told(second, HERE), from(THERE).is(mac, second), told(second, THERE));
  };
  const decisions = (lan: ReturnType<typeof home>): string[] => lan.rows.map(({ what }) => what);

  it('of one maker that were found together are one box when serial number and UDN are equal for an hour, under the id known longer', () => {
    const lan = home();
    lan.hear(0, from(HERE).is(CARD, 0));
    const { id } = lan.byMac(CARD);
    live(lan, 60, 3600, CABLE);
    expect([decisions(lan), lan.devices.length]).toEqual([['suggested'], 2]);
    live(lan, 3660, 3720, CABLE);
    expect(lan.rows.at(-1)).toMatchObject({ what: 'merged', why: 'Both showed the same udn and serial.' });
    expect(summarise(lan.byMac(CABLE))).toMatchObject({ id, macs: [CARD, CABLE], ips: [HERE, THERE] });
  });

  it('stay two, which is told once, when one came later: what a box tells of itself can be copied with the maker’s prefix', () => {
    const lan = home();
    lan.hear(0, from(HERE).is(CARD, 0), told(0, HERE));
    live(lan, 900, 90_000, COPIER);
    for (let second = 90_060; second < 97_000; second += 60) lan.hear(second, from(THERE).is(COPIER, second), told(second, THERE));
    expect([decisions(lan), lan.devices.length]).toEqual([['suggested'], 2]);
    expect(lan.rows[0]?.why).toContain(`hearthbeat device merge ${lan.byMac(CARD).id} ${lan.byMac(COPIER).id}`);
  });

  it('stay two when one told the words of the other from a stolen address, before the hub knew the owner, and then no more', () => {
    const lan = home();
    lan.hear(80, from(HERE).is(COPIER, 80), told(80, HERE));
    lan.hear(197, from(THERE).is(CARD, 197), told(197, THERE));
    lan.hear(4000, from(HERE).is(COPIER, 4000), from(THERE).is(CARD, 4000));
    lan.hear(4001, from(THERE).says(4001, 'vault'), from(THERE).describes(4001, { udn: 'uuid:1' }));
    expect(lan.devices).toHaveLength(2);
  });

  it('stay two when the makers differ, however long both were there', () => {
    const lan = home();
    live(lan, 0, 90_000, ROKU);
    expect([decisions(lan), lan.devices.length]).toEqual([['suggested'], 2]);
  });

  it('are one box at once when each tells the MAC of the other, when asked', () => {
    const lan = home();
    const tells = (ip: string, method: 'snmp' | 'netbios'): Sighting => ({
      method,
      reader: method,
      at: instant(901),
      interface: 'eth0',
      ip,
      fields: {},
      identifiers: [CARD, ROKU].map((value) => ({ kind: 'mac', value })),
    });
    lan.hear(900, from(HERE).is(CARD, 900), from(THERE).is(ROKU, 900));
    lan.hear(901, tells(HERE, 'netbios'), tells(THERE, 'snmp'));
    expect(lan.devices).toHaveLength(2);
    lan.hear(902, tells(HERE, 'snmp'));
    expect(lan.devices).toHaveLength(1);
  });

  it('stay two when only the serial number is equal: Samsung TVs share one', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is('8c:ea:48:00:00:01', 0), serialised(0, '192.168.1.30', '20090804RCR', 'uuid:1'));
    lan.hear(1, from('192.168.1.31').is('8c:ea:48:00:00:02', 1), serialised(1, '192.168.1.31', '20090804RCR', 'uuid:2'));
    expect(lan.devices).toHaveLength(2);
  });

  it('stay two when a firmware gives all boxes one UDN', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is('00:11:32:00:00:01', 0), serialised(0, '192.168.1.30', '00000000', 'uuid:1'));
    lan.hear(1, from('192.168.1.31').is('00:11:32:00:00:02', 1), serialised(1, '192.168.1.31', '00000000', 'uuid:1'));
    expect(lan.devices).toHaveLength(2);
  });
});

describe('equal HomeKit id and host name', () => {
  const accessory = (second: number, ip: string) =>
    from(ip).says(second, 'den', { type: '_hap._tcp', instance: 'Den', txt: { id: 'A1:0C:3B:77:E2:19' } });

  it('do not make one box of two registered MACs: a bridge may speak for another', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is('00:11:32:00:00:01', 0), accessory(0, '192.168.1.30'));
    lan.hear(1, from('192.168.1.31').is('00:11:32:00:00:02', 1), accessory(1, '192.168.1.31'));
    expect(lan.devices).toHaveLength(2);
  });

  it('recognise a device whose private MAC is new today', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is('62:1e:9a:00:00:01', 0), accessory(0, '192.168.1.30'));
    lan.hear(90_000, from('192.168.1.31').is('62:1e:9a:00:00:02', 90_000), accessory(90_000, '192.168.1.31'));
    expect(lan.devices).toHaveLength(1);
    expect(summarise(lan.byMac('62:1e:9a:00:00:01')).macs).toEqual(['62:1e:9a:00:00:02', '62:1e:9a:00:00:01']);
  });
});

describe('saved devices', () => {
  it('are recognised after a restart', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is(SONOS, 0));
    const restored = restoreInventory({ devices: lan.devices });
    const { inventory, changes } = reduceInventory(restored, [from('192.168.1.30').is(SONOS, 5)], instant(5), context());
    expect(changes).toEqual([]);
    expect([...inventory.devices.keys()]).toEqual([lan.byMac(SONOS).id]);
  });
});

describe('a device that says much', () => {
  it('keeps eight statements of each fact, the most trusted ones', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.30').is(SONOS, 0), from('192.168.1.30').describes(0, zonePlayer));
    for (let i = 0; i < 20; i++)
      lan.hear(1, from('192.168.1.30').describes(1, { deviceType: `urn:x:device:Part${i}:1`, friendlyName: `Part ${i}` }));
    expect(lan.byMac(SONOS).facts.name).toHaveLength(8);
    expect(summarise(lan.byMac(SONOS)).name).toBe('Kitchen');
  });
});

describe('a responder that answers for another host', () => {
  it('keeps its own name and kind: the sleep proxy is not the sleeping Mac', () => {
    const lan = home();
    const tv = from('192.168.1.12');
    lan.hear(
      0,
      tv.is('1c:b3:c9:db:2c:c5', 0),
      tv.says(0, 'Living-Room', { type: '_airplay._tcp', instance: 'Living Room', txt: { model: 'AppleTV11,1' } }),
    );
    lan.hear(1, tv.says(1, 'Annas-iMac', { type: '_airplay._tcp', instance: "Anna's iMac", txt: { model: 'iMac21,1' } }));
    expect(summarise(lan.byMac('1c:b3:c9:db:2c:c5'))).toMatchObject({
      name: 'Living Room',
      kind: 'media-player',
      model: 'Apple TV 4K (2nd generation)',
    });
  });
});
