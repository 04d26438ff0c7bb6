/**
 * What real devices answer on their open local interfaces, one for each reader at least: the shape and wording of captures in public
 * repositories and vendors' documents, with the numbers of single devices changed.
 */
import { parseAxis } from '../../src/agent/evidence/local-api/axis.ts';
import { parseBluesound } from '../../src/agent/evidence/local-api/bluesound.ts';
import { parseCast } from '../../src/agent/evidence/local-api/cast.ts';
import { parseDenon } from '../../src/agent/evidence/local-api/denon.ts';
import { parseElgato } from '../../src/agent/evidence/local-api/elgato.ts';
import { parseEnphase } from '../../src/agent/evidence/local-api/enphase.ts';
import { parseFritz } from '../../src/agent/evidence/local-api/fritz.ts';
import { parseFronius } from '../../src/agent/evidence/local-api/fronius.ts';
import { parseHeos } from '../../src/agent/evidence/local-api/heos.ts';
import { parseHomewizard } from '../../src/agent/evidence/local-api/homewizard.ts';
import { parseHue } from '../../src/agent/evidence/local-api/hue.ts';
import { parseJellyfin } from '../../src/agent/evidence/local-api/jellyfin.ts';
import { parseLinkplay } from '../../src/agent/evidence/local-api/linkplay.ts';
import { parseLoxone } from '../../src/agent/evidence/local-api/loxone.ts';
import { parseMusiccast } from '../../src/agent/evidence/local-api/musiccast.ts';
import { parseNetgear } from '../../src/agent/evidence/local-api/netgear.ts';
import { parsePlex } from '../../src/agent/evidence/local-api/plex.ts';
import { parseQnap } from '../../src/agent/evidence/local-api/qnap.ts';
import { parseRoku } from '../../src/agent/evidence/local-api/roku.ts';
import { parseSamsung } from '../../src/agent/evidence/local-api/samsung.ts';
import { parseShelly } from '../../src/agent/evidence/local-api/shelly.ts';
import { parseSonos } from '../../src/agent/evidence/local-api/sonos.ts';
import { parseSony } from '../../src/agent/evidence/local-api/sony.ts';
import { parseSoundtouch } from '../../src/agent/evidence/local-api/soundtouch.ts';
import { parseTesla } from '../../src/agent/evidence/local-api/tesla.ts';
import { parseTwoN } from '../../src/agent/evidence/local-api/two-n.ts';
import { parseUnifi } from '../../src/agent/evidence/local-api/unifi.ts';
import { parseWled } from '../../src/agent/evidence/local-api/wled.ts';
import type { Finding, Target } from '../../src/agent/evidence/reader.ts';

export const PLAYER_IP = '192.168.1.40';

export type LocalApiAnswer = {
  readonly reader: string;
  readonly parse: (body: Uint8Array) => Finding | undefined;
  /** What is known of the device before it is asked. */
  readonly of: Partial<Target>;
  /** Its place, as in the fakes' scripts: `8060 /query/device-info`. */
  readonly at: string;
  readonly body: string;
  readonly fields: Readonly<Record<string, string>>;
  /** `kind value` */
  readonly identifiers: readonly string[];
};

const services = (...types: string[]) => ({ services: new Set(types) });
const web = (vendor: string, ...openPorts: number[]) => ({ vendor, openPorts });
const json = (value: unknown): string => JSON.stringify(value);

export const LOCAL_API_ANSWERS: readonly LocalApiAnswer[] = [
  {
    reader: 'roku',
    parse: parseRoku,
    of: services('ssdp roku:ecp'),
    at: '8060 /query/device-info',
    body: `<?xml version="1.0" encoding="UTF-8" ?>
<device-info>
	<udn>29600009-5406-1005-8080-b0a7375d107e</udn>
	<serial-number>X00400ABCDEF</serial-number>
	<device-id>S0A1B2C3D4E5</device-id>
	<vendor-name>Roku</vendor-name>
	<model-name>Roku Ultra</model-name>
	<model-number>4800X</model-number>
	<is-tv>false</is-tv>
	<wifi-mac>b0:a7:37:5d:10:7f</wifi-mac>
	<ethernet-mac>b0:a7:37:5d:10:7e</ethernet-mac>
	<network-name>HomeWiFi</network-name>
	<friendly-device-name>Basement &amp; Bar</friendly-device-name>
	<software-version>12.5.0</software-version>
</device-info>`,
    fields: {
      'vendor-name': 'Roku',
      'model-name': 'Roku Ultra',
      'model-number': '4800X',
      'friendly-device-name': 'Basement & Bar',
      'serial-number': 'X00400ABCDEF',
      'software-version': '12.5.0',
      'is-tv': 'false',
    },
    identifiers: ['serial X00400ABCDEF', 'udn uuid:29600009-5406-1005-8080-b0a7375d107e', 'mac b0:a7:37:5d:10:7e', 'mac b0:a7:37:5d:10:7f'],
  },
  {
    reader: 'cast',
    parse: parseCast,
    of: services('_googlecast._tcp'),
    at: '8008 /setup/eureka_info?params=name,device_info,build_info,version',
    body: json({
      build_info: { build_type: 2, cast_build_revision: '1.56.281627', system_build_number: '281627' },
      device_info: {
        manufacturer: 'Google Inc.',
        model_name: 'Chromecast Ultra',
        mac_address: 'F4:F5:D8:6B:20:91',
        ssdp_udn: '7c6f1b0d-2a9e-48f3-b15d-6a7e8c9f0b12',
      },
      name: 'Bedroom TV',
      version: 12,
    }),
    fields: {
      name: 'Bedroom TV',
      manufacturer: 'Google Inc.',
      model_name: 'Chromecast Ultra',
      cast_build_revision: '1.56.281627',
      build_version: '281627',
    },
    identifiers: ['cast-id 7c6f1b0d2a9e48f3b15d6a7e8c9f0b12', 'udn uuid:7c6f1b0d-2a9e-48f3-b15d-6a7e8c9f0b12', 'mac f4:f5:d8:6b:20:91'],
  },
  {
    reader: 'cast',
    parse: parseCast,
    of: services('_googlecast._tcp'),
    at: '8008 /setup/eureka_info?params=name,device_info,build_info,version',
    body: json({
      build_version: '281627',
      cast_build_revision: '1.56.281627',
      mac_address: 'F4:F5:D8:6B:20:91',
      name: 'Bedroom TV',
      ssdp_udn: '7c6f1b0d-2a9e-48f3-b15d-6a7e8c9f0b12',
      ssid: 'HomeWiFi',
    }),
    fields: { name: 'Bedroom TV', cast_build_revision: '1.56.281627', build_version: '281627' },
    identifiers: ['cast-id 7c6f1b0d2a9e48f3b15d6a7e8c9f0b12', 'udn uuid:7c6f1b0d-2a9e-48f3-b15d-6a7e8c9f0b12', 'mac f4:f5:d8:6b:20:91'],
  },
  {
    reader: 'sonos',
    parse: parseSonos,
    of: { openPorts: [1400] },
    at: '1400 /info',
    body: json({
      device: {
        id: 'RINCON_7828CA1A2B3C01400',
        serialNumber: '78-28-CA-1A-2B-3C:9',
        model: 'S18',
        modelDisplayName: 'One',
        color: 'black',
        capabilities: ['PLAYBACK', 'CLOUD'],
        name: 'Kitchen',
        softwareVersion: '70.3-35220',
        hwVersion: '1.26.1.7-2',
        swGen: 2,
      },
      householdId: 'Sonos_secret',
    }),
    fields: {
      id: 'RINCON_7828CA1A2B3C01400',
      serialNumber: '78-28-CA-1A-2B-3C:9',
      model: 'S18',
      modelDisplayName: 'One',
      name: 'Kitchen',
      softwareVersion: '70.3-35220',
      hwVersion: '1.26.1.7-2',
    },
    identifiers: ['vendor-id RINCON_7828CA1A2B3C01400', 'serial 78-28-CA-1A-2B-3C:9', 'mac 78:28:ca:1a:2b:3c'],
  },
  {
    reader: 'sonos',
    parse: parseSonos,
    of: { vendor: 'Sonos' },
    at: '1400 /status/zp',
    body: `<?xml version="1.0" ?><?xml-stylesheet type="text/xsl" href="/xml/review.xsl"?><ZPSupportInfo><ZPInfo><ZoneName>Den</ZoneName><LocalUID>RINCON_000E58A0B1C201400</LocalUID><SerialNumber>00-0E-58-A0-B1-C2:3</SerialNumber><SoftwareVersion>57.16-41110</SoftwareVersion><HardwareVersion>1.16.4.1-2</HardwareVersion></ZPInfo></ZPSupportInfo>`,
    fields: {
      id: 'RINCON_000E58A0B1C201400',
      serialNumber: '00-0E-58-A0-B1-C2:3',
      name: 'Den',
      softwareVersion: '57.16-41110',
      hwVersion: '1.16.4.1-2',
    },
    identifiers: ['vendor-id RINCON_000E58A0B1C201400', 'serial 00-0E-58-A0-B1-C2:3', 'mac 00:0e:58:a0:b1:c2'],
  },
  {
    reader: 'hue',
    parse: parseHue,
    of: web('Philips Hue', 80, 443),
    at: '80 /api/config',
    body: json({
      name: 'Hue Bridge',
      datastoreversion: '131',
      swversion: '1962097030',
      apiversion: '1.62.0',
      mac: '00:17:88:4a:21:0f',
      bridgeid: '001788FFFE4A210F',
      factorynew: false,
      replacesbridgeid: null,
      modelid: 'BSB002',
      starterkitid: '',
    }),
    fields: { name: 'Hue Bridge', modelid: 'BSB002', swversion: '1962097030', apiversion: '1.62.0', bridgeid: '001788FFFE4A210F' },
    identifiers: ['mac 00:17:88:4a:21:0f', 'vendor-id 001788FFFE4A210F'],
  },
  {
    reader: 'samsung',
    parse: parseSamsung,
    of: { openPorts: [8001] },
    at: '8001 /api/v2/',
    body: json({
      device: {
        FrameTVSupport: 'true',
        OS: 'Tizen',
        TokenAuthSupport: 'true',
        countryCode: 'FR',
        firmwareVersion: 'Unknown',
        model: '17_KANTM_UHD',
        modelName: 'UE43LS003',
        name: '[TV] Samsung Frame (43)',
        resolution: '3840x2160',
        type: 'Samsung SmartTV',
        udn: 'uuid:f5e2f1a4-1b2c-4d3e-8f90-8cea4833105c',
        wifiMac: '8C:EA:48:33:10:5C',
      },
      id: 'uuid:f5e2f1a4-1b2c-4d3e-8f90-8cea4833105c',
      version: '2.0.25',
    }),
    fields: {
      name: '[TV] Samsung Frame (43)',
      modelName: 'UE43LS003',
      model: '17_KANTM_UHD',
      type: 'Samsung SmartTV',
      OS: 'Tizen',
      FrameTVSupport: 'true',
      resolution: '3840x2160',
    },
    identifiers: ['udn uuid:f5e2f1a4-1b2c-4d3e-8f90-8cea4833105c', 'mac 8c:ea:48:33:10:5c'],
  },
  {
    reader: 'shelly',
    parse: parseShelly,
    of: services('_shelly._tcp'),
    at: '80 /shelly',
    body: json({
      name: 'Coffee machine',
      id: 'shellyplusplugs-240ac45bd3fc',
      mac: '240AC45BD3FC',
      slot: 0,
      model: 'SNPL-00112EU',
      gen: 2,
      ver: '1.0.7',
      app: 'PlusPlugS',
      auth_en: false,
    }),
    fields: { name: 'Coffee machine', id: 'shellyplusplugs-240ac45bd3fc', model: 'SNPL-00112EU', app: 'PlusPlugS', gen: '2', ver: '1.0.7' },
    identifiers: ['mac 24:0a:c4:5b:d3:fc', 'vendor-id shellyplusplugs-240ac45bd3fc'],
  },
  {
    reader: 'shelly',
    parse: parseShelly,
    of: web('Shelly', 80),
    at: '80 /shelly',
    body: json({
      type: 'SHSW-1',
      mac: 'C45BBE78A8A4',
      auth: false,
      fw: '20191217-140757/1047-long-id@a0661583',
      longid: 1,
      num_outputs: 1,
    }),
    fields: { type: 'SHSW-1', fw: '20191217-140757/1047-long-id@a0661583' },
    identifiers: ['mac c4:5b:be:78:a8:a4'],
  },
  {
    reader: 'denon',
    parse: parseDenon,
    of: web('Denon', 80, 8080),
    at: '8080 /goform/Deviceinfo.xml',
    body: `<?xml version="1.0" encoding="utf-8" ?>
<Device_Info><DeviceInfoVers>0001</DeviceInfoVers><CommApiVers>0301</CommApiVers><BrandCode>1</BrandCode><CategoryName>AV RECEIVER</CategoryName><ManualModelName>SR6012</ManualModelName><ModelName>SR6012</ModelName><MacAddress>0006781A2B3C</MacAddress><DeviceZones>3</DeviceZones></Device_Info>`,
    fields: {
      BrandCode: '1',
      CategoryName: 'AV RECEIVER',
      ManualModelName: 'SR6012',
      ModelName: 'SR6012',
      DeviceInfoVers: '0001',
      CommApiVers: '0301',
      DeviceZones: '3',
    },
    identifiers: ['mac 00:06:78:1a:2b:3c'],
  },
  {
    reader: 'heos',
    parse: (body) => parseHeos(body, PLAYER_IP),
    of: services('_heos-audio._tcp'),
    at: '1255 heos://player/get_players',
    body: `${json({
      heos: { command: 'player/get_players', result: 'success', message: '' },
      payload: [
        { name: 'Kitchen', pid: 1, model: 'HEOS 1', version: '3.67.460', ip: '192.168.1.41', network: 'wifi', serial: 'ACNG9180000001' },
        {
          name: 'Great Room',
          pid: 2,
          model: 'Denon AVR-X6500H',
          version: '3.67.460',
          ip: PLAYER_IP,
          network: 'wired',
          serial: 'BBY15181001682',
        },
      ],
    })}\r\n`,
    fields: { name: 'Great Room', model: 'Denon AVR-X6500H', version: '3.67.460', serial: 'BBY15181001682', network: 'wired' },
    identifiers: ['serial BBY15181001682'],
  },
  {
    reader: 'sony',
    parse: parseSony,
    of: web('Sony', 80),
    at: '80 /sony/system',
    body: json({
      result: [{ modelName: 'FW-55BZ35F', serverName: '', interfaceVersion: '5.0.1', productName: 'BRAVIA', productCategory: 'tv' }],
      id: 1,
    }),
    fields: { productCategory: 'tv', productName: 'BRAVIA', modelName: 'FW-55BZ35F', interfaceVersion: '5.0.1' },
    identifiers: [],
  },
  {
    reader: 'musiccast',
    parse: parseMusiccast,
    of: web('Yamaha', 80),
    at: '80 /YamahaExtendedControl/v1/system/getDeviceInfo',
    body: json({
      response_code: 0,
      model_name: 'RX-V583',
      destination: 'BG',
      device_id: '00A0DEF01234',
      system_id: '0B1C2D3E',
      system_version: 1.98,
      api_version: 2.08,
      netmodule_version: '2100    ',
      category_code: 1,
    }),
    fields: {
      model_name: 'RX-V583',
      destination: 'BG',
      category_code: '1',
      system_id: '0B1C2D3E',
      system_version: '1.98',
      api_version: '2.08',
      netmodule_version: '2100',
    },
    identifiers: ['mac 00:a0:de:f0:12:34'],
  },
  {
    reader: 'soundtouch',
    parse: parseSoundtouch,
    of: services('_soundtouch._tcp'),
    at: '8090 /info',
    body: `<?xml version="1.0" encoding="UTF-8" ?><info deviceID="C8DF84AE0B6E"><name>Office</name><type>SoundTouch 20</type><margeAccountUUID>1234567</margeAccountUUID><components><component><componentCategory>SCM</componentCategory><softwareVersion>27.0.6.46330.5043500</softwareVersion><serialNumber>F6137704501234</serialNumber></component><component><componentCategory>PackagedProduct</componentCategory><serialNumber>066862952801234AE</serialNumber></component></components><networkInfo type="SCM"><macAddress>C8DF84AE0B6E</macAddress><ipAddress>192.168.1.7</ipAddress></networkInfo><networkInfo type="SMSC"><macAddress>C8DF84600000</macAddress></networkInfo><moduleType>sm2</moduleType><variant>spotty</variant></info>`,
    fields: { name: 'Office', type: 'SoundTouch 20', variant: 'spotty', moduleType: 'sm2', softwareVersion: '27.0.6.46330.5043500' },
    identifiers: ['mac c8:df:84:ae:0b:6e'],
  },
  {
    reader: 'bluesound',
    parse: parseBluesound,
    of: { openPorts: [11_000] },
    at: '11000 /SyncStatus',
    body: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<SyncStatus icon="/images/players/N225_nt.png" db="-45.4" modelName="POWERNODE 2i" model="N225v2" brand="Bluesound" initialized="true" id="192.168.4.152:11000" mac="90:56:82:80:0F:D8" volume="13" name="family room Blu" etag="1800" schemaVersion="35" syncStat="1800" class="streamer-amplifier"><pairWithSub/></SyncStatus>`,
    fields: { brand: 'Bluesound', model: 'N225v2', modelName: 'POWERNODE 2i', name: 'family room Blu', class: 'streamer-amplifier' },
    identifiers: ['mac 90:56:82:80:0f:d8'],
  },
  {
    reader: 'linkplay',
    parse: parseLinkplay,
    of: services('_linkplay._tcp'),
    at: '80 /httpapi.asp?command=getStatusEx',
    body: json({
      language: 'en_us',
      ssid: 'WiiM Pro-EB44',
      essid: '57696E6B656C6761737365',
      firmware: 'Linkplay.4.8.618780',
      project: 'WiiM_Pro_with_gc4a',
      priv_prj: 'WiiM_Pro_with_gc4a',
      Release: '20230629',
      uuid: 'FF98F09C2A1B3C4D5E6F7081',
      MAC: '00:22:6C:ED:EB:44',
      STA_MAC: '00:00:00:00:00:00',
      ETH_MAC: '00:22:6C:ED:EB:45',
      hardware: 'ALLWINNER-R328',
      DeviceName: 'Living Room',
      upnp_uuid: 'uuid:FF98F09C-2A1B-3C4D-5E6F-7081FF98F09C',
    }),
    fields: {
      DeviceName: 'Living Room',
      project: 'WiiM_Pro_with_gc4a',
      priv_prj: 'WiiM_Pro_with_gc4a',
      hardware: 'ALLWINNER-R328',
      firmware: 'Linkplay.4.8.618780',
      Release: '20230629',
      uuid: 'FF98F09C2A1B3C4D5E6F7081',
    },
    identifiers: [
      'vendor-id FF98F09C2A1B3C4D5E6F7081',
      'udn uuid:ff98f09c-2a1b-3c4d-5e6f-7081ff98f09c',
      'mac 00:22:6c:ed:eb:44',
      'mac 00:22:6c:ed:eb:45',
    ],
  },
  {
    reader: 'unifi',
    parse: parseUnifi,
    of: web('Ubiquiti', 80, 443),
    at: '443 tls /api/system',
    body: json({
      hardware: { shortname: 'UDMPRO' },
      name: 'Home',
      mac: '7483C25E0D31',
      isSingleUser: false,
      isSsoEnabled: true,
      directConnectDomain: 'x.id.ui.direct',
      deviceState: 'setup',
    }),
    fields: { shortname: 'UDMPRO', name: 'Home' },
    identifiers: ['mac 74:83:c2:5e:0d:31'],
  },
  {
    reader: 'netgear',
    parse: parseNetgear,
    of: web('Netgear', 80),
    at: '80 /currentsetting.htm',
    body: 'Firmware=V1.0.11.116_10.2.100\r\nRegionTag=R7000_NA\r\nRegion=us\r\nModel=R7000\r\nInternetConnectionStatus=Up\r\nSOAPVersion=3.43\r\nDeviceMode=1\r\n',
    fields: { Firmware: 'V1.0.11.116_10.2.100', RegionTag: 'R7000_NA', Model: 'R7000', DeviceMode: '1' },
    identifiers: [],
  },
  {
    reader: 'fritz',
    parse: parseFritz,
    of: web('AVM', 80, 443),
    at: '80 /jason_boxinfo.xml',
    body: `<?xml version="1.0" ?><j:BoxInfo xmlns:j="http://jason.avm.de/updatecheck/"><j:Name>FRITZ!Box 7590</j:Name><j:HW>226</j:HW><j:Version>154.07.57</j:Version><j:Revision>107191</j:Revision><j:Serial>3810D5AABBCC</j:Serial><j:OEM>avm</j:OEM><j:Lang>de</j:Lang><j:Annex>B</j:Annex><j:Country>049</j:Country></j:BoxInfo>`,
    fields: { Name: 'FRITZ!Box 7590', HW: '226', Version: '154.07.57', Revision: '107191', OEM: 'avm', Lang: 'de', Country: '049' },
    identifiers: ['mac 38:10:d5:aa:bb:cc'],
  },
  {
    reader: 'qnap',
    parse: parseQnap,
    of: web('QNAP', 8080, 443),
    at: '8080 /cgi-bin/authLogin.cgi',
    body: `<?xml version="1.0" encoding="UTF-8" ?><QDocRoot version="1.0"><doQuick><![CDATA[]]></doQuick><model><modelName><![CDATA[TS-X53D]]></modelName><internalModelName><![CDATA[TS-X53D]]></internalModelName><platform><![CDATA[TS-NASX86]]></platform><displayModelName><![CDATA[TS-453D]]></displayModelName></model><firmware><version><![CDATA[5.2.4]]></version><number><![CDATA[3079]]></number><build><![CDATA[20250426]]></build></firmware><hostname><![CDATA[NAS-Home]]></hostname></QDocRoot>`,
    fields: {
      modelName: 'TS-X53D',
      internalModelName: 'TS-X53D',
      displayModelName: 'TS-453D',
      platform: 'TS-NASX86',
      version: '5.2.4',
      number: '3079',
      build: '20250426',
      hostname: 'NAS-Home',
    },
    identifiers: [],
  },
  {
    reader: 'plex',
    parse: parsePlex,
    of: { openPorts: [32_400] },
    at: '32400 /identity',
    body: '<?xml version="1.0" encoding="UTF-8"?>\n<MediaContainer size="0" claimed="1" machineIdentifier="0123456789abcdef" version="1.40.2.8395-c67dce28e">\n</MediaContainer>\n',
    fields: { product: 'Plex', version: '1.40.2.8395-c67dce28e' },
    identifiers: [],
  },
  {
    reader: 'jellyfin',
    parse: parseJellyfin,
    of: { openPorts: [8096] },
    at: '8096 /System/Info/Public',
    body: json({
      LocalAddress: 'http://192.168.1.9:8096',
      ServerName: 'media',
      Version: '10.9.6',
      ProductName: 'Jellyfin Server',
      OperatingSystem: '',
      Id: '0f',
      StartupWizardCompleted: true,
    }),
    fields: { ServerName: 'media', Version: '10.9.6', ProductName: 'Jellyfin Server' },
    identifiers: [],
  },
  {
    reader: 'wled',
    parse: parseWled,
    of: services('_wled._tcp'),
    at: '80 /json/info',
    body: json({
      ver: '0.14.0',
      vid: 2310130,
      leds: { count: 30 },
      name: 'Shelf',
      arch: 'esp32',
      brand: 'WLED',
      product: 'FOSS',
      mac: '240ac4112233',
    }),
    fields: { brand: 'WLED', product: 'FOSS', name: 'Shelf', ver: '0.14.0', arch: 'esp32' },
    identifiers: ['mac 24:0a:c4:11:22:33'],
  },
  {
    reader: 'elgato',
    parse: parseElgato,
    of: services('_elg._tcp'),
    at: '9123 /elgato/accessory-info',
    body: json({
      productName: 'Elgato Key Light',
      hardwareBoardType: 53,
      firmwareBuildNumber: 192,
      firmwareVersion: '1.0.3',
      serialNumber: 'CN11A1A00001',
      displayName: 'Desk',
      features: ['lights'],
    }),
    fields: {
      productName: 'Elgato Key Light',
      displayName: 'Desk',
      hardwareBoardType: '53',
      firmwareVersion: '1.0.3',
      firmwareBuildNumber: '192',
      serialNumber: 'CN11A1A00001',
    },
    identifiers: ['serial CN11A1A00001'],
  },
  {
    reader: 'homewizard',
    parse: parseHomewizard,
    of: services('_hwenergy._tcp'),
    at: '80 /api',
    body: json({ product_type: 'HWE-P1', product_name: 'P1 Meter', serial: '3c39e7aabbcc', firmware_version: '5.18', api_version: 'v1' }),
    fields: { product_type: 'HWE-P1', product_name: 'P1 Meter', serial: '3c39e7aabbcc', firmware_version: '5.18', api_version: 'v1' },
    identifiers: ['mac 3c:39:e7:aa:bb:cc'],
  },
  {
    reader: 'enphase',
    parse: parseEnphase,
    of: services('_enphase-envoy._tcp'),
    at: '80 /info',
    body: `<?xml version='1.0' encoding='UTF-8'?>\n<envoy_info>\n  <time>1555161655</time>\n  <device>\n    <sn>121703001234</sn>\n    <pn>800-00554-r03</pn>\n    <software>D4.5.79</software>\n    <imeter>true</imeter>\n  </device>\n  <package name='rootfs'>\n    <pn>500-00001-r01</pn>\n  </package>\n</envoy_info>`,
    fields: { sn: '121703001234', pn: '800-00554-r03', software: 'D4.5.79' },
    identifiers: ['serial 121703001234'],
  },
  {
    reader: 'tesla',
    parse: parseTesla,
    of: web('Tesla', 80),
    at: '80 /api/1/version',
    body: json({ firmware_version: '24.36.3+g8b0c4e1a', part_number: '1529455-02-D', serial_number: 'PGT23123012345' }),
    fields: { firmware_version: '24.36.3+g8b0c4e1a', part_number: '1529455-02-D', serial_number: 'PGT23123012345' },
    identifiers: ['serial PGT23123012345'],
  },
  {
    reader: 'fronius',
    parse: parseFronius,
    of: web('Fronius', 80),
    at: '80 /solar_api/v1/GetLoggerInfo.cgi',
    body: json({
      Body: {
        LoggerInfo: {
          CashCurrency: 'EUR',
          HWVersion: '2.4D',
          PlatformID: 'wilma',
          ProductID: 'fronius-datamanager-card',
          SWVersion: '3.18.7-1',
          TimezoneLocation: 'Vienna',
          UniqueID: '240.162630',
        },
      },
      Head: { Status: { Code: 0 } },
    }),
    fields: {
      ProductID: 'fronius-datamanager-card',
      PlatformID: 'wilma',
      UniqueID: '240.162630',
      HWVersion: '2.4D',
      SWVersion: '3.18.7-1',
    },
    identifiers: ['serial 240.162630'],
  },
  {
    reader: 'loxone',
    parse: parseLoxone,
    of: web('Loxone', 80),
    at: '80 /jdev/cfg/api',
    body: json({ LL: { control: 'dev/cfg/api', value: "{'snr': '50:4F:94:10:B8:4A', 'version':'12.0.2.24'}", Code: '200' } }),
    fields: { snr: '50:4F:94:10:B8:4A', version: '12.0.2.24' },
    identifiers: ['mac 50:4f:94:10:b8:4a'],
  },
  {
    reader: 'axis',
    parse: parseAxis,
    of: services('_axis-video._tcp'),
    at: '80 /axis-cgi/basicdeviceinfo.cgi',
    body: json({
      apiVersion: '1.0',
      data: {
        propertyList: {
          Brand: 'AXIS',
          BuildDate: 'Nov 15 2023 19:02',
          HardwareID: '797',
          ProdFullName: 'AXIS P3719-PLE Network Camera',
          ProdNbr: 'P3719-PLE',
          ProdShortName: 'AXIS P3719-PLE',
          ProdType: 'Network Camera',
          ProdVariant: '',
          SerialNumber: 'B8A44FB197BB',
          Version: '11.7.61',
          WebURL: 'http://www.axis.com',
        },
      },
    }),
    fields: {
      Brand: 'AXIS',
      ProdFullName: 'AXIS P3719-PLE Network Camera',
      ProdNbr: 'P3719-PLE',
      ProdShortName: 'AXIS P3719-PLE',
      ProdType: 'Network Camera',
      SerialNumber: 'B8A44FB197BB',
      Version: '11.7.61',
      HardwareID: '797',
    },
    identifiers: ['serial B8A44FB197BB', 'mac b8:a4:4f:b1:97:bb'],
  },
  {
    reader: '2n',
    parse: parseTwoN,
    of: web('2N', 80),
    at: '80 /api/system/info',
    body: json({
      success: true,
      result: {
        devType: '2-14-0-0',
        variant: '2N IP Verso',
        variantId: 14,
        serialNumber: '52-1234-0005',
        macAddr: 'FC-1E-B3-00-00-05',
        hwVersion: '570v1',
        swVersion: '2.35.0.45.2',
        deviceName: 'Front gate',
      },
    }),
    fields: {
      variant: '2N IP Verso',
      deviceName: 'Front gate',
      serialNumber: '52-1234-0005',
      hwVersion: '570v1',
      swVersion: '2.35.0.45.2',
      devType: '2-14-0-0',
    },
    identifiers: ['serial 52-1234-0005', 'mac fc:1e:b3:00:00:05'],
  },
];
