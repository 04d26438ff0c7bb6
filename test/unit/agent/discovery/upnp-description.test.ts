import { expect, test } from 'vitest';
import { MAX_DESCRIPTION_BYTES, readDescription } from '../../../../src/agent/discovery/upnp-description.ts';

const describe = (device: string) =>
  readDescription(`<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>${device}</device></root>`);
const facts = (device: string) => {
  const result = describe(device);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

test('reads what a device says of itself, numbers as text', () => {
  const device = facts(
    '<deviceType>urn:schemas-upnp-org:device:ZonePlayer:1</deviceType><friendlyName>Kitchen</friendlyName><manufacturer>Sonos, Inc.</manufacturer>' +
      '<modelNumber>00123</modelNumber><serialNumber>1e5</serialNumber><softwareVersion>70.3</softwareVersion><UDN>uuid:RINCON_1</UDN>' +
      '<roomName>Kitchen</roomName><MACAddress>78:28:CA:1A:2B:3C</MACAddress><modelURL>http://example.com</modelURL>',
  );
  expect(device).toEqual({
    deviceType: 'urn:schemas-upnp-org:device:ZonePlayer:1',
    friendlyName: 'Kitchen',
    manufacturer: 'Sonos, Inc.',
    modelNumber: '00123',
    serialNumber: '1e5',
    firmware: '70.3',
    udn: 'uuid:rincon_1',
    extra: { roomname: 'Kitchen', macaddress: '78:28:CA:1A:2B:3C' },
  });
});

test('embedded devices only fill what the root leaves out', () => {
  const inner =
    '<device><friendlyName>WANDevice</friendlyName><modelName>inner model</modelName><UDN>uuid:2</UDN><serialNumber>42</serialNumber></device>';
  const device = facts(
    `<friendlyName>Router</friendlyName><modelName>R7000</modelName><UDN>uuid:1</UDN><deviceList>${inner}${inner.replace('42', '43')}</deviceList>`,
  );
  expect(device).toMatchObject({ friendlyName: 'Router', modelName: 'R7000', udn: 'uuid:1', serialNumber: '42' });
});

test('decodes entities once, and only those that cannot expand', () => {
  expect(facts('<friendlyName>A &amp;lt; B &#38; C &#x2615; &custom; &#1114112;</friendlyName>').friendlyName).toBe(
    'A &lt; B & C ☕ &custom;',
  );
});

test('reads names with a namespace prefix and text in CDATA', () => {
  const result = readDescription(
    '<u:root xmlns:u="x"><u:device><u:friendlyName><![CDATA[<TV> & co]]></u:friendlyName></u:device></u:root>',
  );
  expect(result).toMatchObject({ ok: true, value: { friendlyName: '<TV> & co' } });
});

test('cleans and cuts every text', () => {
  expect(facts(`<friendlyName>\u202eevil\u001b[2J${'x'.repeat(4000)}</friendlyName>`).friendlyName).toMatch(/^evil\[2Jx{121}$/);
});

test('keeps at most 16 vendor fields', () => {
  const { extra } = facts(Array.from({ length: 50 }, (_, i) => `<name${i}>v</name${i}>`).join(''));
  expect(Object.keys(extra)).toHaveLength(16);
});

test.each([
  [
    'a DOCTYPE',
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><root><device><friendlyName>&lol2;</friendlyName></device></root>',
    'has a DOCTYPE',
  ],
  ['an external entity', '<!doctype x SYSTEM "file:///etc/passwd"><root><device/></root>', 'has a DOCTYPE'],
  ['a field named like a part of every object', '<root><device><__proto__><x>1</x></__proto__></device></root>', 'no UPnP description'],
  ['20,000 open tags', '<a>'.repeat(20_000), 'no UPnP description'],
  [
    'deep nesting inside the device',
    `<root><device><friendlyName>TV</friendlyName>${'<a>'.repeat(40)}${'</a>'.repeat(40)}</device></root>`,
    'no UPnP description',
  ],
  ['a web page', '<html><body>Hello</body></html>', 'no UPnP description'],
  ['nothing', '', 'no UPnP description'],
  ['too much', ' '.repeat(MAX_DESCRIPTION_BYTES + 1), 'too long'],
])('refuses %s', (_, xml, error) => {
  expect(readDescription(xml)).toEqual({ ok: false, error });
});
