import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../../src/agent/discovery/sighting.ts';
import { contestedDevices, isConflict } from '../../../../src/agent/inventory/contested.ts';
import { summarise } from '../../../../src/agent/inventory/summary.ts';
import { from, home } from './hearing.ts';

const OWNER = '00:11:32:00:00:01';
const OTHER = 'b0:a7:37:5d:10:7e';
const IP = '192.168.1.30';

type Home = ReturnType<typeof home>;
const conflicts = (lan: Home): number => [...lan.inventory.contests.values()].filter(isConflict).length;

/** The address answers with one MAC and then the other, `times` times, half a minute apart. */
function takeTurns(lan: Home, from0: number, times: number, macs: readonly string[] = [OTHER, OWNER], ip = IP): number {
  let second = from0;
  for (let i = 0; i < times; i++) {
    second += 30;
    lan.hear(second, from(ip).is(macs[i % macs.length]!, second));
  }
  return second;
}

function ownedHome(): Home {
  const lan = home();
  lan.hear(0, from(IP).is(OWNER, 0), from('192.168.1.66').is(OTHER, 0));
  return lan;
}

describe('two MACs that claim one address in turns', () => {
  it('are a conflict, told once in the log, and the address stays with its owner', () => {
    const lan = ownedHome();
    const rows = [1, 2, 3, 4, 5].flatMap((i) => {
      const mac = i % 2 ? OTHER : OWNER;
      lan.hear(i * 30, from(IP).is(mac, i * 30));
      return conflicts(lan);
    });
    expect(rows).toEqual([0, 0, 1, 1, 1]);
    expect(lan.rows.filter(({ what }) => what === 'conflict').map(({ why }) => why)).toEqual([
      '192.168.1.30 is claimed by 00:11:32:00:00:01 (Synology) and b0:a7:37:5d:10:7e (Roku): they claim it in turns.',
    ]);
    expect([...contestedDevices(lan.inventory).keys()]).toEqual([lan.byMac(OWNER).id]);
    lan.hear(200, from(IP).is(OTHER, 200));
    expect(summarise(lan.byMac(OWNER)).ips).toContain(IP);
  });

  it('are no conflict any more when only one has claimed it for ten minutes, and then it has the address', () => {
    const lan = ownedHome();
    const last = takeTurns(lan, 0, 3);
    expect(conflicts(lan)).toBe(1);
    for (let second = last + 60; second <= last + 660; second += 60) lan.hear(second, from(IP).is(OTHER, second));
    expect(conflicts(lan)).toBe(0);
    lan.hear(last + 700, from(IP).is(OTHER, last + 700));
    expect(summarise(lan.byMac(OTHER)).ips).toContain(IP);
  });

  it('make what is told there nobody’s identifier', () => {
    const lan = ownedHome();
    const last = takeTurns(lan, 0, 4);
    lan.hear(last + 1, from(IP).describes(last + 1, { serialNumber: '20A0PDN123456', udn: 'uuid:12345678' }));
    expect(lan.devices.flatMap(({ identifiers }) => identifiers.filter(({ kind }) => kind === 'serial'))).toEqual([]);
  });
});

describe('an address that was taken from a device in use', () => {
  it('is a conflict when the owner goes on living at its IPv6 address and has no other', () => {
    const lan = ownedHome();
    lan.hear(30, from('fe80::1').is(OWNER, 30), from(IP).is(OTHER, 31));
    lan.hear(120, from('fe80::1').is(OWNER, 120));
    expect(conflicts(lan)).toBe(0);
    lan.hear(260, from('fe80::1').is(OWNER, 260));
    expect(conflicts(lan)).toBe(1);
  });

  it('is a conflict when the owner goes on speaking from it', () => {
    const lan = ownedHome();
    const speak = (second: number) => from(IP).says(second, 'vault', { type: '_hap._tcp', txt: { id: 'AA:00' } });
    lan.hear(10, speak(10));
    lan.hear(30, from(IP).is(OTHER, 30));
    lan.hear(100, speak(100));
    expect(conflicts(lan)).toBe(1);
    expect(lan.byMac(OTHER).identifiers.some(({ kind }) => kind === 'homekit-id')).toBe(false);
  });
});

describe('an address in use that something takes which just joined, while its owner is gone', () => {
  const THIEF = 'd4:a6:51:66:66:66';
  const thief = from('192.168.1.67');
  /** The owner lives for an hour; then the thief joins, says what it says and is alone at the address until `to`. */
  function robbed(mac: string, to: number, ...says: Sighting[]): Home {
    const lan = home();
    for (let second = 0; second < 3600; second += 60) lan.hear(second, from(IP).is(OWNER, second));
    lan.hear(3600, thief.is(mac, 3600), ...says);
    holdTo(lan, mac, 3610, to);
    return lan;
  }
  function holdTo(lan: Home, mac: string, from0: number, to: number): void {
    for (let second = from0; second <= to; second += 30) lan.hear(second, from(IP).is(mac, second), thief.is(mac, second));
  }
  const gateway = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';

  it.each([
    ['says nothing', THIEF, []],
    ['says that it is a router', THIEF, [thief.describes(3600, { deviceType: gateway, manufacturer: 'AVM', modelName: 'FRITZ!Box 7590' })]],
    ['says that it is a sleep proxy', THIEF, [thief.says(3600, 'tv', { type: '_sleep-proxy._udp' })]],
    ['has the MAC of a virtual router', '00:00:5e:00:01:42', []],
  ])('is a conflict after ten minutes when it %s', (_, mac, says) => {
    expect(conflicts(robbed(mac, 4180, ...says))).toBe(0);
    const lan = robbed(mac, 4270, ...says);
    expect(conflicts(lan)).toBe(1);
    expect([...contestedDevices(lan.inventory).keys()]).toEqual([lan.byMac(OWNER).id]);
    expect(lan.rows).toMatchObject([{ what: 'conflict', why: expect.stringMatching(/00:11:32:00:00:01 \(Synology\) and .*just joined/) }]);
  });

  it('stays one while only the thief claims it, until the owner is found elsewhere', () => {
    const lan = robbed(THIEF, 40_000);
    expect(conflicts(lan)).toBe(1);
    lan.hear(40_020, from('192.168.1.99').is(OWNER, 40_020));
    expect(conflicts(lan)).toBe(0);
  });

  it('is over ten minutes after the owner is back and the thief gone, and the owner has it again', () => {
    const lan = robbed(THIEF, 5000);
    for (let second = 5010; second <= 5900; second += 30) lan.hear(second, from(IP).is(OWNER, second));
    expect([conflicts(lan), summarise(lan.byMac(OWNER)).ips]).toEqual([0, [IP]]);
    expect(lan.rows.map(({ what }) => what)).toEqual(['conflict', 'conflict over']);
  });

  it('lends no word of the thief to anybody', () => {
    const lan = robbed(THIEF, 3700);
    for (let second = 3710; second < 5000; second += 10) {
      lan.hear(second, from(IP).is(THIEF, second), thief.is(THIEF, second), thief.says(second, 'own-name'));
      lan.hear(second, from(IP).says(second, 'vault', { type: '_hap._tcp', txt: { id: 'AA:00' } }));
    }
    expect(lan.devices).toHaveLength(2);
    expect(lan.devices.flatMap(({ identifiers }) => identifiers.filter(({ kind }) => kind === 'homekit-id'))).toEqual([]);
  });

  it('is none when what took it has been here for a day and is a sleep proxy, or has the MAC of a virtual router at the router’s address', () => {
    const day = 86_400;
    const lan = home();
    lan.hear(0, from(IP).is(OWNER, 0), from('192.168.1.1').is('54:a7:03:00:00:01', 0));
    lan.hear(1000, thief.is(THIEF, 1000));
    for (let second = day + 2000; second < day + 2300; second += 60)
      lan.hear(second, from(IP).is(OWNER, second), from('192.168.1.1').is('54:a7:03:00:00:01', second), thief.is(THIEF, second));
    lan.hear(day + 2300, thief.says(day + 2300, 'tv', { type: '_sleep-proxy._udp' }));
    for (let second = day + 2310; second < day + 4000; second += 30)
      lan.hear(second, from(IP).is(THIEF, second), from('192.168.1.1').is('00:00:5e:00:01:42', second));
    expect(conflicts(lan)).toBe(0);
  });

  it('is none when the owner had a private MAC: phones change theirs', () => {
    const lan = home();
    const [before, after] = ['62:1e:9a:00:00:01', '62:1e:9a:00:00:02'];
    for (let second = 0; second < 3600; second += 60) lan.hear(second, from(IP).is(before, second));
    for (let second = 3600; second < 5000; second += 30) lan.hear(second, from(IP).is(after, second));
    expect(conflicts(lan)).toBe(0);
  });
});

describe('no conflict is', () => {
  it('a lease that another device gets after its owner has left', () => {
    const lan = ownedHome();
    lan.hear(7200, from(IP).is(OTHER, 7200));
    lan.hear(9000, from('192.168.1.99').is(OWNER, 9000));
    expect([conflicts(lan), summarise(lan.byMac(OWNER)).ips]).toEqual([0, ['192.168.1.99']]);
  });

  it('an owner that moved on to another address, while the old one is given away', () => {
    const lan = ownedHome();
    lan.hear(20, from('192.168.1.99').is(OWNER, 20), from('fe80::1').is(OWNER, 20), from(IP).is(OTHER, 21));
    lan.hear(300, from('192.168.1.99').is(OWNER, 300), from('fe80::1').is(OWNER, 300));
    expect(conflicts(lan)).toBe(0);
  });

  it('a network card that was replaced', () => {
    const lan = ownedHome();
    takeTurns(lan, 60, 5, ['00:11:32:00:00:99']);
    expect(conflicts(lan)).toBe(0);
  });

  it('a failover and its return', () => {
    const lan = ownedHome();
    takeTurns(lan, 0, 2);
    expect(conflicts(lan)).toBe(0);
  });

  it.each(['00:00:5e:00:01:0a', '00:00:0c:07:ac:01', '00:00:0c:9f:f0:01', '00:07:b4:00:01:01'])('a virtual router (%s)', (virtual) => {
    const lan = ownedHome();
    takeTurns(lan, 0, 8, [virtual, OWNER]);
    expect(conflicts(lan)).toBe(0);
  });

  it('a sleep proxy that answers for a Mac while it sleeps', () => {
    const lan = ownedHome();
    lan.hear(5, from('192.168.1.66').says(5, 'apple-tv', { type: '_sleep-proxy._udp', instance: '70-35-60-63.1 Living Room' }));
    takeTurns(lan, 5, 8);
    expect(conflicts(lan)).toBe(0);
  });

  it('a machine that answers on both its cards for both its addresses', () => {
    const lan = ownedHome();
    for (let second = 30; second < 300; second += 30) {
      const [here, there] = second % 60 ? [OTHER, OWNER] : [OWNER, OTHER];
      lan.hear(second, from(IP).is(here, second), from('192.168.1.66').is(there, second));
    }
    expect(conflicts(lan)).toBe(0);
  });

  it('a second address of one device', () => {
    const lan = ownedHome();
    for (let second = 10; second < 100; second += 10) lan.hear(second, from(IP).is(OWNER, second), from('192.168.1.31').is(OWNER, second));
    expect([conflicts(lan), lan.devices.length]).toEqual([0, 2]);
  });
});

describe('devices behind an extender', () => {
  const EXTENDER = 'b0:a7:37:5d:10:7e';
  const speak = (ip: string, second: number, host: string, id: string) =>
    from(ip).says(second, host, { type: '_hap._tcp', instance: host, txt: { id } });

  it('are devices of their own, and leave the extender its own identity', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.66').is(EXTENDER, 0), from('192.168.1.40').is(EXTENDER, 0), from('192.168.1.41').is(EXTENDER, 0));
    lan.hear(1, from('192.168.1.66').says(1, 'extender', { type: '_http._tcp' }));
    lan.hear(2, speak('192.168.1.40', 2, 'lamp', 'AA:01'), speak('192.168.1.41', 2, 'lock', 'AA:02'));
    expect(lan.devices).toHaveLength(3);
    expect(lan.byMac(EXTENDER).identifiers.map(({ value }) => value)).toEqual([EXTENDER, 'extender']);
    expect(lan.byMac('aa:01').addresses.map(({ ip }) => ip)).toEqual(['192.168.1.40']);
  });

  it('are still told apart when they were heard before the extender itself', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.66').is(EXTENDER, 0), from('192.168.1.40').is(EXTENDER, 0));
    lan.hear(1, speak('192.168.1.40', 1, 'lamp', 'AA:01'));
    lan.hear(2, from('192.168.1.66').says(2, 'extender', { type: '_http._tcp' }));
    expect(lan.byMac('aa:01').id).not.toBe(lan.byMac('extender').id);
    expect(lan.byMac('extender').id).toBe(lan.byMac(EXTENDER).id);
  });

  it('are the same devices again when they come back to their own MAC', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.66').is(EXTENDER, 0), from('192.168.1.40').is(EXTENDER, 0));
    lan.hear(1, from('192.168.1.66').says(1, 'extender', { type: '_http._tcp' }));
    lan.hear(2, speak('192.168.1.40', 2, 'lamp', 'AA:01'));
    const { id } = lan.byMac('aa:01');
    lan.hear(700, from('192.168.1.40').is('00:11:32:00:00:01', 700));
    lan.hear(701, speak('192.168.1.40', 701, 'lamp', 'AA:01'));
    expect(lan.byMac('00:11:32:00:00:01').id).toBe(id);
  });

  it('are not proved to live by the ARP answers of the extender', () => {
    const lan = home();
    lan.hear(0, from('192.168.1.66').is(EXTENDER, 0), from('192.168.1.40').is(EXTENDER, 0));
    lan.hear(1, from('192.168.1.66').says(1, 'extender', { type: '_http._tcp' }), speak('192.168.1.40', 1, 'lamp', 'AA:01'));
    const { lastSeenAt } = lan.byMac('aa:01');
    lan.hear(60, from('192.168.1.40').is(EXTENDER, 60));
    expect(lan.byMac('aa:01').lastSeenAt).toBe(lastSeenAt);
  });
});
