import { expect, test } from 'vitest';
import { readSsdp, searchMessage } from '../../../../src/agent/discovery/ssdp-message.ts';

const read = (...lines: string[]) => readSsdp(Buffer.from([...lines, '', ''].join('\r\n')));
const message = (...lines: string[]) => {
  const reading = read(...lines);
  if (reading.outcome !== 'message') throw new Error(`${reading.outcome} instead of a message`);
  return reading.message;
};

test('reads a search response', () => {
  expect(
    message(
      'HTTP/1.1 200 OK',
      'CACHE-CONTROL: max-age = 1800',
      'EXT:',
      'LOCATION: http://192.168.1.50:1400/xml/device_description.xml',
      'SERVER: Linux UPnP/1.0 Sonos/70.3 (ZPS18)',
      'ST: upnp:rootdevice',
      'USN: uuid:RINCON_7828CA1A2B3C01400::upnp:rootdevice',
      'X-RINCON-HOUSEHOLD: Sonos_abc',
    ),
  ).toEqual({
    kind: 'response',
    usn: 'uuid:RINCON_7828CA1A2B3C01400::upnp:rootdevice',
    udn: 'uuid:rincon_7828ca1a2b3c01400',
    target: 'upnp:rootdevice',
    location: 'http://192.168.1.50:1400/xml/device_description.xml',
    server: 'Linux UPnP/1.0 Sonos/70.3 (ZPS18)',
    maxAgeS: 1800,
    headers: { 'x-rincon-household': 'Sonos_abc' },
  });
});

test('reads announcements and goodbyes, whatever the case of their headers', () => {
  expect(message('NOTIFY * HTTP/1.1', 'nts: ssdp:alive', 'Nt: upnp:rootdevice', 'uSn: uuid:1::upnp:rootdevice')).toMatchObject({
    kind: 'alive',
    udn: 'uuid:1',
  });
  expect(message('NOTIFY * HTTP/1.1', 'NTS:ssdp:byebye', 'NT:roku:ecp', 'USN:uuid:roku:ecp:X004')).toMatchObject({
    kind: 'byebye',
    target: 'roku:ecp',
  });
});

test('reads lines that end with a bare line feed', () => {
  expect(readSsdp(Buffer.from('HTTP/1.1 200 OK\nST: a\nUSN: uuid:b::a\n\n'))).toMatchObject({
    outcome: 'message',
    message: { target: 'a' },
  });
});

test.each([
  ['HTTP/1.1 404 Not Found', 'ST: a', 'USN: b'],
  ['HTTP/1.1 200 OK', 'SERVER: x'],
  ['NOTIFY * HTTP/1.1', 'NT: a', 'USN: b'],
  ['GET / HTTP/1.1', 'ST: a'],
  [''],
])('calls %j malformed', (...lines) => {
  expect(read(...lines).outcome).toBe('malformed');
});

test.each([
  ['M-SEARCH * HTTP/1.1', 'ST: ssdp:all'],
  ['NOTIFY * HTTP/1.1', 'NTS: ssdp:update', 'NT: a', 'USN: b'],
])('passes over %j without complaint', (...lines) => {
  expect(read(...lines)).toEqual({ outcome: 'other' });
});

test('keeps at most 32 headers, each cleaned and cut', () => {
  const many = Array.from({ length: 60 }, (_, i) => `X-${i}: \u001b[31m${'v'.repeat(i === 0 ? 400 : 40)}`);
  const { headers } = message('HTTP/1.1 200 OK', 'ST: a', 'USN: b', ...many);
  expect(Object.keys(headers)).toHaveLength(30);
  expect(Object.values(headers).every((value) => value.length <= 256 && value.startsWith('[31mv'))).toBe(true);
});

test('believes no max-age above a day, and 30 minutes where none is told', () => {
  expect(message('HTTP/1.1 200 OK', 'ST: a', 'USN: b', 'CACHE-CONTROL: max-age=999999999').maxAgeS).toBe(86_400);
  expect(message('HTTP/1.1 200 OK', 'ST: a', 'USN: b', 'CACHE-CONTROL: no-cache').maxAgeS).toBe(1800);
});

test('takes time linear in the datagram where the pattern of node-ssdp takes its square', () => {
  const trap = Buffer.from(`NOTIFY * HTTP/1.1\r\nNT:${' '.repeat(8000)}x\u2028\r\n`);
  const startedAt = performance.now();
  for (let i = 0; i < 100; i++) readSsdp(trap);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test('asks as UPnP says', () => {
  expect(searchMessage('roku:ecp', 2)).toBe(
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: roku:ecp\r\n\r\n',
  );
});
