import ouiData from 'oui-data' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { inSubnet } from '../../../src/base/ip-address.ts';
import { isLocallyAdministered, parseMac } from '../../../src/base/mac-address.ts';
import { homeProblems } from '../../../src/simulation/home.ts';
import { NEW_PLUG, SAMPLE_HOME } from '../../../src/simulation/sample-home.ts';

const registry = ouiData as Record<string, string>;
const everything = [...SAMPLE_HOME.devices, NEW_PLUG];

describe('the sample home', () => {
  it('can live, with about forty devices', () => {
    expect(homeProblems({ ...SAMPLE_HOME, devices: everything })).toEqual([]);
    expect(SAMPLE_HOME.devices).toHaveLength(40);
  });

  it('gives each device a proper MAC and an address on the LAN of the hub', () => {
    for (const device of everything) {
      expect(parseMac(device.mac)).toBe(device.mac);
      expect(inSubnet(device.ip, SAMPLE_HOME.interface)).toBe(true);
      expect(device.ip).not.toBe(SAMPLE_HOME.interface.address);
    }
  });

  it('takes MAC prefixes from the vendors named, or a private one for what belongs to a person', () => {
    const known: Record<string, string> = {
      'Bird Home': 'Bird Home Automation',

      Denon: 'D&M Holdings',
      Axis: 'Axis',
      Brother: 'Brother industries',
    };
    for (const { name, kind, mac, vendor } of everything) {
      if (isLocallyAdministered(mac)) expect(['phone', 'tablet', 'laptop'], name).toContain(kind);
      else expect(registry[mac.replaceAll(':', '').slice(0, 6).toUpperCase()], name).toMatch(new RegExp(known[vendor] ?? vendor, 'i'));
    }
  });

  it('has at least one device of each way to answer', () => {
    const has = (what: (device: (typeof everything)[number]) => boolean) => expect(everything.some(what)).toBe(true);
    has(({ answers }) => !answers.ping && answers.closedPorts === 'silent' && answers.openTcpPorts.length === 0);
    has(({ answers }) => !answers.ping && answers.closedPorts === 'refused');
    has(({ answers }) => answers.ping && answers.closedPorts === 'silent' && answers.openTcpPorts.length > 0);
    has(({ answers }) => answers.ping && answers.closedPorts === 'refused' && answers.openTcpPorts.length > 0);
  });
});
