import { expect, test } from 'vitest';
import { judgeLocation } from '../../../../src/agent/discovery/fetch-guard.ts';
import type { LanInterface } from '../../../../src/agent/discovery/sighting.ts';

const lan: LanInterface = {
  name: 'eth0',
  mac: '02:00:00:00:00:01',
  address: '192.168.1.2',
  prefixLength: 24,
  ipv6: ['fe80::2'],
  gateway: '192.168.1.1',
  dnsServers: [],
};
const sender = '192.168.1.50';
const judge = (location: string, from = sender) => judgeLocation(location, { sender: from, interface: lan });

const ALLOWED: readonly [location: string, port: number, path: string][] = [
  ['http://192.168.1.50', 80, '/'],
  ['http://192.168.1.50/', 80, '/'],
  ['HTTP://192.168.1.50/desc.xml', 80, '/desc.xml'],
  ['http://192.168.1.50:80/desc.xml', 80, '/desc.xml'],
  ['http://192.168.1.50:1400/xml/device_description.xml', 1400, '/xml/device_description.xml'],
  ['http://192.168.1.50:8060/dial/dd.xml', 8060, '/dial/dd.xml'],
  [
    'http://192.168.1.50:2869/upnphost/udhisapi.dll?content=uuid:b0a22e22-1541-424f-bd84-cfda678aaa4d',
    2869,
    '/upnphost/udhisapi.dll?content=uuid:b0a22e22-1541-424f-bd84-cfda678aaa4d',
  ],
  ['http://192.168.1.50:49152/camera.xml?uuid=7B788B31-EC1E-445A', 49152, '/camera.xml?uuid=7B788B31-EC1E-445A'],
  ['http://192.168.1.50:65535/x', 65535, '/x'],
  ['http://192.168.1.50:5000/ssdp/desc-DSM-eth0.xml', 5000, '/ssdp/desc-DSM-eth0.xml'],
  ['http://192.168.1.50/..//../etc', 80, '/..//../etc'],
  ['http://192.168.1.50/http://10.0.0.1/', 80, '/http://10.0.0.1/'],
  ['http://192.168.1.50/@10.0.0.1/', 80, '/@10.0.0.1/'],
];

test.each(ALLOWED)('lets %s through as it is', (location, port, path) => {
  expect(judge(location)).toEqual({ ok: true, target: { ip: sender, port, path } });
});

const OTHER_SCHEMES = 'https ftp file gopher ws wss data javascript unix ldap dict tftp telnet jar http+unix httpx'.split(' ');
const FORBIDDEN_PORTS = [
  0, 1, 7, 19, 21, 22, 23, 25, 53, 110, 135, 139, 143, 161, 389, 443, 445, 548, 554, 587, 853, 993, 1433, 1883, 2049, 2375, 3306,
]
  .concat([3389, 5060, 5353, 5432, 5555, 5900, 6379, 6667, 8883, 9100, 11211, 27017, 65536, 70000, 99999])
  .map(String);

const REFUSED: readonly string[] = [
  // Orders: the sender's address may be forged, so a description must not be able to switch anything.
  'http://192.168.1.50/relay/0?turn=on',
  'http://192.168.1.50/cm?cmnd=Power%20Toggle',
  'http://192.168.1.50/win&T=2',
  'http://192.168.1.50/goform/formiPhoneAppDirect.xml?PWSTANDBY',
  'http://192.168.1.50/desc.xml?uuid=b0a22e22-1541&turn=off',
  'http://192.168.1.50/relay/0?turn=on?uuid=b0a22e22-1541',
  ...OTHER_SCHEMES.map((scheme) => `${scheme}://192.168.1.50/`),
  ...FORBIDDEN_PORTS.map((port) => `http://192.168.1.50:${port}/`),
  // Another host: on this LAN, on the internet, by name.
  'http://192.168.1.51/',
  'http://192.168.1.1/',
  'http://192.168.1.2/',
  'http://192.168.2.50/',
  'http://10.0.0.1/',
  'http://8.8.8.8/',
  'http://169.254.169.254/latest/meta-data/',
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0.0.0.0/',
  'http://255.255.255.255/',
  'http://192.168.1.255/',
  'http://192.168.1.0/',
  'http://239.255.255.250:1900/',
  'http://localhost/',
  'http://example.com/',
  'http://192.168.1.50.nip.io/',
  'http://192.168.1.50.example.com/',
  'http://tv.local/',
  // The sender in a spelling that other programs might read otherwise.
  'http://3232235826/',
  'http://0xc0a80132/',
  'http://0xc0.0xa8.0x01.0x32/',
  'http://0300.0250.01.062/',
  'http://192.168.1.050/',
  'http://192.168.001.50/',
  'http://192.168.306/',
  'http://192.11010354/',
  'http://192.168.1.50./',
  'http://192.168.1.306/',
  'http://192.168.1/',
  'http://192.168.1.50.0/',
  'http://[::ffff:192.168.1.50]/',
  'http://[::ffff:c0a8:132]/',
  'http://[::192.168.1.50]/',
  'http://[64:ff9b::c0a8:132]/',
  'http://[::1]/',
  'http://[::]/',
  'http://[ff02::1]/',
  'http://[fe80::50]/',
  'http://[fe80::50%25eth0]/',
  'http://[fe80::50%eth0]/',
  'http://[192.168.1.50]/',
  'http://１９２.168.1.50/',
  'http://①92.168.1.50/',
  'http://192。168。1。50/',
  'http://192%2e168%2e1%2e50/',
  'http://%31%39%32.168.1.50/',
  // Something before or after the address.
  'http://user@192.168.1.50/',
  'http://user:secret@192.168.1.50/',
  'http://192.168.1.50@10.0.0.1/',
  'http://10.0.0.1@192.168.1.50/',
  'http://192.168.1.50:80@10.0.0.1/',
  'http://192.168.1.50#@10.0.0.1/',
  'http://192.168.1.50?@10.0.0.1/',
  'http://192.168.1.50\\@10.0.0.1/',
  'http:\\\\192.168.1.50\\',
  'http://192.168.1.50:/',
  'http://192.168.1.50:+80/',
  'http://192.168.1.50:-1/',
  'http://192.168.1.50:080/',
  'http://192.168.1.50:0x50/',
  'http://192.168.1.50:80:80/',
  'http://192.168.1.50:80.0/',
  'http://192.168.1.50:٨٠/',
  'http:///192.168.1.50/',
  'http:/192.168.1.50/',
  'http:192.168.1.50/',
  'http:////192.168.1.50/',
  '//192.168.1.50/',
  '192.168.1.50/',
  '/desc.xml',
  'desc.xml',
  ':80/',
  'http://',
  'http://:80/',
  'http://./',
  'http://192.168.1.50,10.0.0.1/',
  'http://192.168.1.50 10.0.0.1/',
  ' http://192.168.1.50/',
  'http://192.168.1.50/ ',
  'http ://192.168.1.50/',
  'h\tttp://192.168.1.50/',
  'http://192.168.1.50\t/',
  'http://192.168.1.50\n/',
  'http://192.168.1.50/a b',
  'http://192.168.1.50/a\r\nHost: 10.0.0.1',
  'http://192.168.1.50/a\r\n\r\nGET / HTTP/1.1',
  'http://192.168.1.50/\u0000',
  'http://192.168.1.50/\u202e',
  'http://192.168.1.50/ä',
  'http://192.168.1.50/a#fragment',
  'http://192.168.1.50/a\\b',
  `http://192.168.1.50/${'a'.repeat(512)}`,
  `http://${'1'.repeat(4000)}/`,
  '',
  'http://undefined/',
  'url:http://192.168.1.50/',
  '<http://192.168.1.50/>',
  '"http://192.168.1.50/"',
];

test('refuses every other spelling, more than 120 of them', () => {
  expect(REFUSED.length).toBeGreaterThanOrEqual(120);
  expect(REFUSED.filter((location) => judge(location).ok)).toEqual([]);
});

test.each([
  ['the hub itself', 'http://192.168.1.2/', '192.168.1.2'],
  ['the hub itself', 'http://[fe80::2]/', 'fe80::2'],
  ['not on the LAN', 'http://192.168.2.50/', '192.168.2.50'],
  ['not on the LAN', 'http://127.0.0.1/', '127.0.0.1'],
  ['not on the LAN', 'http://224.0.0.1/', '224.0.0.1'],
  ['not on the LAN', 'http://192.168.1.255/', '192.168.1.255'],
  ['not on the LAN', 'http://[2001:db8::1]/', '2001:db8::1'],
  ['not on the LAN', 'http://[::1]/', '::1'],
  ['not the address of the sender', 'http://[fe80::51]/', 'fe80::50'],
])('says "%s" of %s, whoever claims to send it', (why, location, from) => {
  expect(judge(location, from)).toEqual({ ok: false, why });
});

test('refuses loopback and multicast even when the hub believes they are its LAN', () => {
  const wide = { ...lan, address: '127.0.0.1', prefixLength: 1 };
  expect(judgeLocation('http://127.0.0.9/', { sender: '127.0.0.9', interface: wide }).ok).toBe(false);
});

test('takes a link-local IPv6 sender by its own literal', () => {
  expect(judge('http://[FE80::50]:8080/d', 'fe80::50')).toEqual({ ok: true, target: { ip: 'fe80::50', port: 8080, path: '/d' } });
});
