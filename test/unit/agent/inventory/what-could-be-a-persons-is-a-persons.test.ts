import { describe, expect, test } from 'vitest';
import type { Device, Facts } from '../../../../src/agent/inventory/device.ts';
import { withStatements } from '../../../../src/agent/inventory/facts.ts';
import { macClaim } from '../../../../src/agent/inventory/identifiers.ts';
import { NO_OFFERS } from '../../../../src/agent/inventory/offers.ts';
import { isPersonal } from '../../../../src/agent/inventory/personal.ts';
import { openVendorRegistry } from '../../../../src/platform/vendor-registry.ts';

const vendorOf = openVendorRegistry();

function deviceOf(mac: string, said: { kind?: string; vendor?: string; isGateway?: boolean } = {}): Device {
  const { isGateway = false, ...facts } = said;
  const maker = vendorOf(mac);
  const registered = maker === undefined ? [] : [{ fact: 'vendor' as const, value: maker, confidence: 0.15, source: 'mac registry' }];
  const told = Object.entries(facts).map(([fact, value]) => ({ fact: fact as keyof Facts, value, confidence: 0.9, source: 'mdns' }));
  return {
    id: '1',
    identifiers: [{ ...macClaim(mac), strength: 'strong', source: 'neighbour', firstAt: 0, lastAt: 0 }],
    addresses: [],
    facts: withStatements({}, [...registered, ...told], 0, [mac]),
    seenBy: {},
    ...NO_OFFERS,
    firstSeenAt: 0,
    lastSeenAt: 0,
    isGateway,
    personal: false,
  } as Device;
}

describe('a device that has not said what it is', () => {
  test.each([
    ['Apple', '88:b2:91:00:00:01'],
    ['Dell', '98:e7:43:00:00:01'],
    ['Lenovo', '10:c5:95:00:00:01'],
    ['MSI', '00:d8:61:00:00:01'],
    ['ASUS', '04:92:26:00:00:01'],
    ['Intel, in many a laptop', '34:f6:4b:00:00:01'],
    ['Sony', '2c:9e:00:00:00:01'],
    ['Nintendo', '98:e8:fa:00:00:01'],
    ['Microsoft', '70:bc:10:00:00:01'],
    ['Amazon', '44:00:49:00:00:01'],
    ['Samsung', '8c:79:f5:00:00:01'],
    ['nobody: the MAC is private', '62:1e:9a:00:00:01'],
  ])('and was made by %s is a person’s', (_maker, mac) => {
    expect(isPersonal(deviceOf(mac))).toBe(true);
  });

  test.each([
    ['Sonos', '78:28:ca:00:00:01'],
    ['Espressif', '24:6f:28:00:00:01'],
    ['Ubiquiti', 'f0:9f:c2:00:00:01'],
    ['Hikvision', '44:47:cc:00:00:01'],
    ['Lutron', '00:0f:e7:00:00:01'],
    ['Tuya', 'd4:a6:51:00:00:01'],
  ])('and was made by %s is not', (_maker, mac) => {
    expect(isPersonal(deviceOf(mac))).toBe(false);
  });

  test('stays a person’s when another source names another maker', () => {
    expect(isPersonal(deviceOf('88:b2:91:00:00:01', { vendor: 'Netatalk' }))).toBe(true);
  });
});

test('a kind decides over any maker and any MAC', () => {
  expect(isPersonal(deviceOf('88:b2:91:00:00:01', { kind: 'speaker' }))).toBe(false);
  expect(isPersonal(deviceOf('62:1e:9a:00:00:01', { kind: 'printer' }))).toBe(false);
  expect(isPersonal(deviceOf('78:28:ca:00:00:01', { kind: 'tablet' }))).toBe(true);
});

test('the router is nobody’s own', () => {
  expect(isPersonal(deviceOf('88:b2:91:00:00:01', { isGateway: true }))).toBe(false);
});
