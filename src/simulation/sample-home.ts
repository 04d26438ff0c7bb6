/**
 * A plausible custom-installed home of 40 devices for the demo and for tests: data only. Names, ports and announcements follow what such
 * devices do; MAC prefixes belong to the vendors named (IEEE registry), the private ones are locally administered.
 */
import type { Answers, Home, Loss, MdnsFacts, SimulatedDevice, Sleep, SsdpFacts } from './home.ts';

const MINUTE_MS = 60_000;

/** A wire loses next to nothing, good Wi-Fi a little and in short bursts, bad Wi-Fi for seconds at a time. */
const WIRE: Loss = { fraction: 0.0002 };
const GOOD_WIFI: Loss = { fraction: 0.004, bursts: { everyMs: 20 * MINUTE_MS, lastMs: 400, badFraction: 0.8 } };
const POOR_WIFI: Loss = { fraction: 0.02, bursts: { everyMs: 6 * MINUTE_MS, lastMs: 1_500, badFraction: 0.8 } };

const PHONE: Sleep = { awakeMs: 1.5 * MINUTE_MS, asleepMs: 2 * MINUTE_MS };
const TABLET: Sleep = { awakeMs: 25 * MINUTE_MS, asleepMs: 110 * MINUTE_MS };
const LAPTOP: Sleep = { awakeMs: 100 * MINUTE_MS, asleepMs: 150 * MINUTE_MS };

const open = (...openTcpPorts: number[]): Answers => ({ ping: true, closedPorts: 'refused', openTcpPorts });
const noPing = (...openTcpPorts: number[]): Answers => ({ ping: false, closedPorts: 'refused', openTcpPorts });
const firewalled = (...openTcpPorts: number[]): Answers => ({ ping: true, closedPorts: 'silent', openTcpPorts });
const ARP_ONLY: Answers = { ping: false, closedPorts: 'silent', openTcpPorts: [] };

const wired = (behind: string) => ({ link: 'wired', behind, loss: WIRE }) as const;
const wifi = (behind: string, loss: Loss = GOOD_WIFI) => ({ link: 'wifi', behind, loss }) as const;

const is = (name: string, kind: string, vendor: string, model: string, mac: string, ip: string) => ({ name, kind, vendor, model, mac, ip });

const service = (type: string, instance: string, port: number, txt: Record<string, string> = {}) => ({ type, instance, port, txt });
const says = (host: string, ...services: MdnsFacts['services'][number][]): { mdns: MdnsFacts } => ({ mdns: { host, services } });

/** A UPnP basic device: what most boxes with a web page say. */
function upnp(
  mac: string,
  at: Pick<SsdpFacts, 'server' | 'port' | 'path'>,
  description: Omit<SsdpFacts['description'], 'extra'>,
): { ssdp: SsdpFacts } {
  const { deviceType = 'urn:schemas-upnp-org:device:Basic:1' } = description;
  const udn = `uuid:5566aa00-bb11-cc22-dd33-${mac.replaceAll(':', '')}`;
  return {
    ssdp: { udn, targets: ['upnp:rootdevice', deviceType], maxAgeS: 1800, ...at, description: { deviceType, ...description, extra: {} } },
  };
}

const RACK = 'Rack switch';
const ATTIC = 'Access point attic';
const GROUND = 'Access point ground floor';
const GARDEN = 'Access point garden';

function sonos(room: string, model: string, number: string, mac: string, ip: string): SimulatedDevice {
  const serial = mac.replaceAll(':', '').toUpperCase();
  const udn = `uuid:rincon_${serial.toLowerCase()}01400`;
  const ssdp: SsdpFacts = {
    udn,
    targets: ['upnp:rootdevice', 'urn:schemas-upnp-org:device:ZonePlayer:1'],
    server: `Linux UPnP/1.0 Sonos/85.0-64200 (${number})`,
    port: 1400,
    path: '/xml/device_description.xml',
    maxAgeS: 1800,
    description: {
      deviceType: 'urn:schemas-upnp-org:device:ZonePlayer:1',
      friendlyName: `${ip} - ${model} - RINCON_${serial}01400`,
      manufacturer: 'Sonos, Inc.',
      modelName: model,
      modelNumber: number,
      serialNumber: `${mac.toUpperCase().replaceAll(':', '-')}:A`,
      firmware: '85.0-64200',
      extra: { roomname: room, displayname: model.replace('Sonos ', ''), macaddress: mac.toUpperCase() },
    },
  };
  return {
    ...is(`Sonos ${room}`, 'speaker', 'Sonos', model, mac, ip),
    ...wifi(GROUND),
    answers: open(1400, 1443),
    ssdp,
    ...says(`Sonos-${serial}`, service('_sonos._tcp', `Sonos-${serial}@${room}`, 1443, { info: '/api/v1/players/RINCON', vers: '3' })),
  };
}

function camera(place: string, mac: string, ip: string, link: Pick<SimulatedDevice, 'link' | 'behind' | 'loss'>): SimulatedDevice {
  const name = `Camera ${place}`;
  const model = 'P3265-LVE';
  const serial = mac.replaceAll(':', '').toUpperCase();
  return {
    ...is(name, 'camera', 'Axis', model, mac, ip),
    ...link,
    answers: open(80, 443, 554),
    ...says(`axis-${serial.toLowerCase()}`, service('_axis-video._tcp', name, 80, { macaddress: serial })),
    ...upnp(
      mac,
      { server: 'Linux/5.10 UPnP/1.0 Portable SDK for UPnP devices/1.14.13', port: 49152, path: '/rootdesc1.xml' },
      { friendlyName: name, manufacturer: 'AXIS', modelName: `AXIS ${model}`, modelNumber: model, serialNumber: serial },
    ),
  };
}

function appleTv(room: string, mac: string, ip: string): SimulatedDevice {
  return {
    ...is(`Apple TV ${room}`, 'media-player', 'Apple', 'Apple TV 4K', mac, ip),
    ...wired(RACK),
    answers: firewalled(7000, 49153),
    ...says(
      `Apple-TV-${room.replaceAll(' ', '-')}`,
      service('_airplay._tcp', `Apple TV ${room}`, 7000, { deviceid: mac.toUpperCase(), model: 'AppleTV14,1', osvers: '26.1' }),
      service('_companion-link._tcp', `Apple TV ${room}`, 49153, { rpmd: 'AppleTV14,1' }),
    ),
  };
}

function accessPoint(name: string, mac: string, ip: string): SimulatedDevice {
  return {
    ...is(name, 'access-point', 'Ruckus', 'R650', mac, ip),
    ...wired(RACK),
    answers: open(22, 443),
    ...upnp(
      mac,
      { server: 'Linux/4.4 UPnP/1.0 MiniUPnPd/2.1', port: 9998, path: '/rootDesc.xml' },
      { friendlyName: name, manufacturer: 'Ruckus Wireless', modelName: 'R650' },
    ),
  };
}

function phone(owner: string, mac: string, ip: string, behind: string): SimulatedDevice {
  return { ...is(`Phone of ${owner}`, 'phone', 'Apple', 'iPhone', mac, ip), ...wifi(behind), answers: firewalled(62078), sleep: PHONE };
}

function keypad(room: string, mac: string, ip: string): SimulatedDevice {
  return { ...is(`Touch panel ${room}`, 'touch-panel', 'Control4', 'C4-T4IW8', mac, ip), ...wired(RACK), answers: open(5020) };
}

const NETWORK: SimulatedDevice[] = [
  {
    ...is('Router', 'router', 'Ubiquiti', 'UDM Pro', '78:45:58:10:20:01', '192.168.50.1'),
    ...wired(RACK),
    answers: open(53, 80, 443),
    ...upnp(
      '78:45:58:10:20:01',
      { server: 'Debian/11 UPnP/1.1 MiniUPnPd/2.3.1', port: 5000, path: '/rootDesc.xml' },
      {
        deviceType: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
        friendlyName: 'Router',
        manufacturer: 'Ubiquiti',
        modelName: 'UDM Pro',
      },
    ),
  },
  {
    ...is(RACK, 'switch', 'SnapAV', 'AN-310-SW-24-POE', 'd4:6a:91:3c:01:02', '192.168.50.2'),
    link: 'wired',
    loss: WIRE,
    answers: open(80, 443),
  },
  {
    ...is('Cinema switch', 'switch', 'SnapAV', 'AN-110-SW-8', 'd4:6a:91:3c:01:77', '192.168.50.3'),
    ...wired(RACK),
    answers: open(80),
    pages: [{ port: 80, path: '/', headers: {}, body: '<html><head><title>Araknis AN-110-SW-8</title></head></html>' }],
  },
  accessPoint(ATTIC, '34:15:93:0a:11:20', '192.168.50.5'),
  accessPoint(GROUND, '34:15:93:0a:11:60', '192.168.50.6'),
  accessPoint(GARDEN, '34:15:93:0a:12:a0', '192.168.50.7'),
  { ...is('UPS rack', 'ups', 'APC', 'SMT1500RMI2UC', '28:29:86:55:31:0c', '192.168.50.9'), ...wired(RACK), answers: open(22, 443) },
];

const CONTROL: SimulatedDevice[] = [
  {
    ...{
      name: 'Control4 controller',
      kind: 'controller',
      vendor: 'Control4',
      model: 'CORE 5',
      mac: '00:0f:ff:a4:19:3e',
      ip: '192.168.50.10',
    },
    ...wired(RACK),
    answers: open(80, 443, 5020),
    ...upnp(
      '00:0f:ff:a4:19:3e',
      { server: 'Linux/5.4 UPnP/1.0 Control4/3.4.3', port: 80, path: '/description.xml' },
      { friendlyName: 'control4_core5_000FFFA4193E', manufacturer: 'Control4', modelName: 'CORE5', firmware: '3.4.3' },
    ),
  },
  keypad('hall', '00:0f:ff:1c:70:21', '192.168.50.11'),
  keypad('kitchen', '00:0f:ff:1c:70:5e', '192.168.50.12'),
  {
    ...{
      name: 'Lutron processor',
      kind: 'lighting-controller',
      vendor: 'Lutron',
      model: 'HQP7-2',
      mac: '00:0f:e7:2b:90:14',
      ip: '192.168.50.14',
    },
    ...wired(RACK),
    answers: noPing(22, 8081, 8083),
    ...says(
      'Lutron-0482c1f7',
      service('_lutron._tcp', 'Lutron Status', 22, { macaddr: '00:0f:e7:2b:90:14', codever: '26.01.13f000', systype: 'HWQSProcessor' }),
    ),
  },
  {
    ...is('Hue bridge', 'lighting-bridge', 'Philips', 'BSB002', 'ec:b5:fa:1d:44:90', '192.168.50.15'),
    ...wired(RACK),
    answers: open(80, 443),
    ...says('ecb5fa1d4490', service('_hue._tcp', 'Hue Bridge - 1D4490', 443, { bridgeid: 'ecb5fafffe1d4490', modelid: 'BSB002' })),
    ssdp: {
      udn: 'uuid:2f402f80-da50-11e1-9b23-ecb5fa1d4490',
      targets: ['upnp:rootdevice', 'urn:schemas-upnp-org:device:basic:1'],
      server: 'Hue/1.0 UPnP/1.0 IpBridge/1.70.0',
      port: 80,
      path: '/description.xml',
      maxAgeS: 100,
      description: {
        deviceType: 'urn:schemas-upnp-org:device:Basic:1',
        friendlyName: 'Hue Bridge (192.168.50.15)',
        manufacturer: 'Signify',
        modelName: 'Philips hue bridge 2015',
        modelNumber: 'BSB002',
        serialNumber: 'ecb5fa1d4490',
        extra: {},
      },
    },
  },
  {
    ...is('Thermostat hall', 'thermostat', 'ecobee', 'Premium', '44:61:32:c8:0b:55', '192.168.50.16'),
    ...wifi(GROUND),
    answers: ARP_ONLY,
    ...says('ecobee-hall', service('_hap._tcp', 'Hall', 1200, { md: 'ECB701', id: 'A1:5C:0E:77:21:9B', ci: '9', pv: '1.1' })),
  },
  {
    ...{
      name: 'Shade hub',
      kind: 'shade-controller',
      vendor: 'Hunter Douglas',
      model: 'PowerView Gen 3',
      mac: '00:26:74:38:1f:d2',
      ip: '192.168.50.17',
    },
    ...wifi(ATTIC),
    answers: open(80),
    ...says('powerview-g3', service('_powerview-g3._tcp', 'Shade hub', 80, { model: 'G3' })),
  },
  {
    ...is('Garage door', 'garage-door', 'Chamberlain', 'myQ', '64:52:99:70:aa:1e', '192.168.50.18'),
    ...wifi(GARDEN, POOR_WIFI),
    answers: noPing(),
  },
  {
    ...is('Washing machine', 'appliance', 'Miele', 'WCR 890', '00:1d:63:22:91:4a', '192.168.50.19'),
    ...wifi(ATTIC),
    answers: open(80),
    ...says('Miele-001D6322914A', service('_mieleathome._tcp', 'Miele-001D6322914A', 80, { devicetype: '1', path: '/' })),
  },
];

const SECURITY: SimulatedDevice[] = [
  {
    ...is('NVR', 'nvr', 'Hikvision', 'DS-7616NI-M2', '24:48:45:61:0d:33', '192.168.50.20'),
    ...wired(RACK),
    answers: open(80, 443, 554, 8000),
    ...upnp(
      '24:48:45:61:0d:33',
      { server: 'Linux/4.19 UPnP/1.0 HIKVISION', port: 49152, path: '/upnpdevicedesc.xml' },
      { friendlyName: 'NVR', manufacturer: 'HIKVISION', modelName: 'DS-7616NI-M2', modelNumber: 'DS-7616NI-M2' },
    ),
  },
  camera('driveway', 'b8:a4:4f:10:7e:01', '192.168.50.21', wired(RACK)),
  camera('front door', 'b8:a4:4f:10:7e:24', '192.168.50.22', wired(RACK)),
  camera('pool', 'b8:a4:4f:10:7e:9d', '192.168.50.23', wifi(GARDEN)),
  camera('garden', 'b8:a4:4f:10:7f:40', '192.168.50.24', wifi(GARDEN, POOR_WIFI)),
  {
    ...is('Doorbell', 'doorbell', 'Bird Home', 'DoorBird D2101V', '58:d8:a7:0c:88:6b', '192.168.50.26'),
    ...wired(RACK),
    answers: open(80, 443),
    ...says('bha-58d8a70c886b', service('_axis-video._tcp', 'DoorBird D2101V', 80, { macaddress: '58D8A70C886B' })),
  },
];

const MEDIA: SimulatedDevice[] = [
  {
    ...is('Echo kitchen', 'voice-assistant', 'Amazon', 'Echo Show 8', '10:96:93:4d:c0:a8', '192.168.50.29'),
    ...wifi(GROUND),
    answers: noPing(55442, 55443),
  },
  sonos('Kitchen', 'Sonos Era 100', 'S39', '00:0e:58:4b:a1:02', '192.168.50.30'),
  sonos('Living room', 'Sonos Arc Ultra', 'S45', '00:0e:58:4b:a7:90', '192.168.50.31'),
  sonos('Bathroom', 'Sonos One', 'S18', '00:0e:58:31:0c:5e', '192.168.50.32'),
  sonos('Terrace', 'Sonos Amp', 'S16', '00:0e:58:66:d0:17', '192.168.50.33'),
  appleTv('Living room', '10:29:59:7a:31:c0', '192.168.50.36'),
  appleTv('Cinema', '10:29:59:7a:40:1b', '192.168.50.37'),
  {
    ...is('TV living room', 'tv', 'LG', 'OLED77G5', '20:17:42:8e:56:03', '192.168.50.38'),
    ...wired(RACK),
    answers: open(3000, 3001, 1925),
    ...upnp(
      '20:17:42:8e:56:03',
      { server: 'WebOS/4.1.0 UPnP/1.0', port: 1925, path: '/description.xml' },
      { friendlyName: '[LG] webOS TV OLED77G5', manufacturer: 'LG Electronics', modelName: 'LG Smart TV', modelNumber: 'OLED77G5' },
    ),
  },
  {
    ...is('TV bedroom', 'tv', 'Samsung', 'QE55S95F', '10:30:47:b2:1c:6d', '192.168.50.39'),
    ...wifi(ATTIC),
    answers: firewalled(8001, 8002),
    ...says('Samsung-TV-bedroom', service('_airplay._tcp', 'Samsung S95F 55', 7000, { manufacturer: 'Samsung', model: 'QE55S95F' })),
  },
  {
    ...is('AV receiver', 'av-receiver', 'Denon', 'AVC-X6800H', '00:05:cd:91:4e:70', '192.168.50.40'),
    ...wired('Cinema switch'),
    answers: open(23, 80, 8080, 60006),
    ...says('Denon-AVC-X6800H', service('_airplay._tcp', 'Denon AVC-X6800H', 7000, { manufacturer: 'Denon', model: 'AVC-X6800H' })),
  },
  {
    ...is('Projector', 'projector', 'Sony', 'VPL-XW7000ES', '30:39:26:0f:72:c8', '192.168.50.41'),
    ...wired('Cinema switch'),
    answers: open(80, 53595),
  },
];

const OFFICE: SimulatedDevice[] = [
  {
    ...is('NAS', 'nas', 'Synology', 'DS923+', '90:09:d0:33:7b:f4', '192.168.50.50'),
    ...wired(RACK),
    answers: open(22, 445, 5000, 5001),
    ...says(
      'NAS',
      service('_smb._tcp', 'NAS', 445),
      service('_http._tcp', 'NAS', 5000, {
        vendor: 'Synology',
        model: 'DS923+',
        serial: '2340TQR5P7K1N',
        version_major: '7',
        mac_address: '90:09:d0:33:7b:f4',
      }),
    ),
  },
  {
    ...is('Printer', 'printer', 'Brother', 'MFC-L8690CDW', '00:1b:a9:5e:07:4c', '192.168.50.51'),
    ...wired(RACK),
    answers: open(80, 515, 631, 9100),
    ...says(
      'BRW001BA95E074C',
      service('_ipp._tcp', 'Brother MFC-L8690CDW', 631, { ty: 'Brother MFC-L8690CDW', usb_mfg: 'Brother', usb_mdl: 'MFC-L8690CDW' }),
    ),
  },
  {
    ...is('Laptop study', 'laptop', 'Intel', 'ThinkPad', '9a:51:07:6c:e2:39', '192.168.50.52'),
    ...wifi(ATTIC),
    answers: firewalled(),
    sleep: LAPTOP,
  },
];

const PERSONAL: SimulatedDevice[] = [
  phone('Anna', '5a:1f:c2:77:90:e4', '192.168.50.60', GROUND),
  phone('Ben', 'd2:80:3b:41:0e:9f', '192.168.50.61', GROUND),
  phone('Clara', '86:6e:15:ba:3d:02', '192.168.50.62', ATTIC),
  {
    ...is('Tablet kitchen', 'tablet', 'Apple', 'iPad', 'fa:43:28:d9:61:b7', '192.168.50.63'),
    ...wifi(GROUND),
    answers: firewalled(62078),
    sleep: TABLET,
  },
];

export const SAMPLE_HOME: Home = {
  name: 'Maple House',
  interface: {
    name: 'eth0',
    mac: '2c:cf:67:12:34:56',
    address: '192.168.50.4',
    prefixLength: 24,
    ipv6: [],
    gateway: '192.168.50.1',
    dnsServers: ['192.168.50.1'],
  },
  gateway: 'Router',
  hubBehind: RACK,
  internetRttMs: [8, 25],
  devices: [...NETWORK, ...CONTROL, ...SECURITY, ...MEDIA, ...OFFICE, ...PERSONAL],
};

/** What arrives in the afternoon of the scripted day: a smart plug that nobody announced. */
export const NEW_PLUG: SimulatedDevice = {
  ...{
    name: 'Smart plug',
    kind: 'smart-plug',
    vendor: 'Espressif',
    model: 'Shelly Plus Plug S',
    mac: '14:08:08:9c:2e:71',
    ip: '192.168.50.70',
  },
  ...wifi(GROUND),
  answers: open(80),
  ...says(
    'ShellyPlusPlugS-1408089C2E71',
    service('_shelly._tcp', 'ShellyPlusPlugS-1408089C2E71', 80, { gen: '2', app: 'PlusPlugS', ver: '1.4.4' }),
  ),
};
