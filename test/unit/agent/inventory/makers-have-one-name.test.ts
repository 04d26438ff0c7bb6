import { describe, expect, it } from 'vitest';
import { cleanName } from '../../../../src/agent/inventory/names.ts';
import { vendorName } from '../../../../src/agent/inventory/vendor-name.ts';
import { openVendorRegistry } from '../../../../src/platform/vendor-registry.ts';

describe('a maker', () => {
  it.each([
    ['Sonos, Inc.', 'Sonos'],
    ['SONOS', 'Sonos'],
    ['Signify B.V.', 'Philips'],
    ['Philips Lighting BV', 'Philips'],
    ['Royal Philips Electronics', 'Philips'],
    ['Google, Inc.', 'Google'],
    ['Amazon Technologies Inc.', 'Amazon'],
    ['Hangzhou Hikvision Digital Technology Co.,Ltd.', 'Hikvision'],
    ['TP-LINK TECHNOLOGIES CO.,LTD.', 'TP-Link'],
    ['LG Electronics.', 'LG'],
    ['NETGEAR, Inc.', 'Netgear'],
    ['Raspberry Pi (Trading) Ltd', 'Raspberry Pi'],
    ['Fritz Kübler GmbH', 'Fritz Kübler'],
    ['OnePlus Technology (Shenzhen) Co., Ltd', 'OnePlus'],
    ['Alibaba (Beijing)', 'Alibaba'],
    ['Super Micro Computer, Inc.', 'Supermicro'],
    ['Supermicro', 'Supermicro'],
    ['Co., Ltd', 'Co'],
  ])('registered as %s is %s', (registered, name) => {
    expect(vendorName(registered)).toBe(name);
  });

  it('without letters is none', () => {
    expect(vendorName(' -- ')).toBeUndefined();
  });

  it('is found by the longest registered prefix', () => {
    const vendorOf = openVendorRegistry();
    expect(vendorOf('78:28:ca:1a:2b:3c')).toBe('Sonos');
    // 00:1b:c5 is a block that the IEEE sold in pieces of 36 bits; 00:1b:c5:00:0 is Converging Systems, 00:1b:c5:00:1 OpenRB.
    expect(vendorOf('00:1b:c5:00:0a:bc')).toMatch(/^Converging/);
    expect(vendorOf('00:1b:c5:00:1a:bc')).toMatch(/^OpenRB/);
    // 10:06:48 likewise in pieces of 28 bits.
    expect(vendorOf('10:06:48:01:00:00')).not.toBe(vendorOf('10:06:48:11:00:00'));
  });

  it('of a private or unregistered MAC is unknown', () => {
    const vendorOf = openVendorRegistry();
    // 02:60:8c is registered, to 3Com, from before locally administered addresses were set apart.
    expect(vendorOf('02:60:8c:00:00:01')).toBeUndefined();
    expect(vendorOf('fc:ff:ff:ff:ff:ff')).toBeUndefined();
  });
});

describe('a name', () => {
  const MACS = ['00:17:88:4a:21:0f'];
  it.each([
    ['0017884A210F@Living Room', 'Living Room'],
    ['RINCON_7828CA1A2B3C01400@Kitchen', 'Kitchen'],
    ['192.168.77.54 - Sonos One - RINCON_7828CA1A2B3C01400', 'Sonos One'],
    ['Philips hue (192.168.77.49)', 'Philips hue'],
    ['Hue Bridge - 4A210F', 'Hue Bridge'],
    ['shellyplug-0017884a210f', 'shellyplug'],
    ['raspberrypi [d8:3a:dd:4e:4b:f2]', 'raspberrypi'],
    ['HP OfficeJet [4A210F]', 'HP OfficeJet'],
    ['anna@home', 'anna@home'],
    ['TV4A210F', 'TV4A210F'],
    ['Homebridge 5C1B', 'Homebridge 5C1B'],
  ])('heard as %s is %s', (heard, name) => {
    expect(cleanName(heard, MACS)).toBe(name);
  });

  it.each(['7c6f1b0d-2a9e-48f3-b15d-6a7e8c9f0b12', '0017884a210f', '192.168.1.4', '1234'])('is not %s', (id) => {
    expect(cleanName(id, MACS)).toBeUndefined();
  });
});
