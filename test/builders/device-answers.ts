/**
 * What devices really answer, byte for byte, for the readers that are no HTTP and no SNMP. From the real daemons of the lab (nmbd, wsdd,
 * ippeveprinter, dnsmasq, udhcpc), or in the shape of public captures where there is no daemon.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { hideKasa } from '../../src/agent/evidence/kasa.ts';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const lines = (...text: string[]): Uint8Array => Buffer.from([...text, '', ''].join('\r\n'));

/** nmbd on DESKTOP-7K2QF: five names, and a unit id of zeros as Samba has it. */
export const NODE_STATUS = hex(
  '68628400000000010000000020434b414141414141414141414141414141414141414141414141414141414141000021000100000000008905444553' +
    '4b544f502d374b32514620200004004445534b544f502d374b32514620200304004445534b544f502d374b3251462020200400574f524b47524f5550' +
    '202020202020008400574f524b47524f55502020202020201e8400000000000000000000000000000000000000000000000000000000000000000000' +
    '00000000000000000000000000',
);
/** The same as Windows has it, with its MAC for a unit id. */
export const NODE_STATUS_WITH_MAC = hex(
  Buffer.from(NODE_STATUS)
    .toString('hex')
    .replace(/0{92}$/, `f46b8cc67038${'0'.repeat(80)}`),
);

/** wsdd: a computer. */
export const WSD_COMPUTER = Buffer.from(
  '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="htt' +
    'p://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:wsx="ht' +
    'tp://schemas.xmlsoap.org/ws/2004/09/mex" xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof" xmlns:pnpx="http://s' +
    'chemas.microsoft.com/windows/pnpx/2005/10" xmlns:pub="http://schemas.microsoft.com/windows/pub/2005/07"><soap:Header><ws' +
    'a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To><wsa:Action>http://schemas.xmlsoap.org/ws/2' +
    '005/04/discovery/ProbeMatches</wsa:Action><wsa:MessageID>urn:uuid:e7f10edc-e611-11f1-b8b4-f46b8cc67038</wsa:MessageID><w' +
    'sa:RelatesTo>urn:uuid:07070707-0707-4707-8707-070707070707</wsa:RelatesTo><wsd:AppSequence InstanceId="1795309267" Seque' +
    'nceId="urn:uuid:e7f111d4-e611-11f1-b8b4-f46b8cc67038" MessageNumber="4" /></soap:Header><soap:Body><wsd:ProbeMatches><ws' +
    'd:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:89ab9562-0605-5015-9a40-2c4d1ba81dbe</wsa:Address></wsa:Endpoi' +
    'ntReference><wsd:Types>wsdp:Device pub:Computer</wsd:Types><wsd:MetadataVersion>1</wsd:MetadataVersion></wsd:ProbeMatch>' +
    '</wsd:ProbeMatches></soap:Body></soap:Envelope>',
);

const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';
const envelope = (action: string, body: string): Uint8Array =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="${DISCOVERY}"><SOAP-ENV:Header><wsa:ReplyTo><wsa:Address>urn:uuid:00112233-not-this-one</wsa:Address></wsa:ReplyTo><wsa:Action SOAP-ENV:mustUnderstand="1">${DISCOVERY}/${action}</wsa:Action></SOAP-ENV:Header><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`,
  );
/** A Hikvision camera. */
export const WSD_CAMERA = envelope(
  'ProbeMatches',
  '<d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:2419d68a-2dd2-21b2-a205-BCAD28770021</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/MAC/bc:ad:28:77:00:21 onvif://www.onvif.org/hardware/DS-2CD2143G2-I onvif://www.onvif.org/name/Front%20door%20&amp;%20yard onvif://www.onvif.org/location/city/hangzhou onvif://www.onvif.org/location/country/china</d:Scopes><d:XAddrs>http://192.168.77.46/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches>',
);
export const WSD_BYE = envelope(
  'Bye',
  '<d:Bye><wsa:EndpointReference><wsa:Address>urn:uuid:a</wsa:Address></wsa:EndpointReference></d:Bye>',
);

/** ippeveprinter as a Color LaserJet. */
export const IPP_PRINTER = Buffer.from(
  'AQEAAAAAAAEBRwASYXR0cmlidXRlcy1jaGFyc2V0AAV1dGYtOEgAG2F0dHJpYnV0ZXMtbmF0dXJhbC1sYW5ndWFnZQACZW4EQQARcHJpbnRlci1kZXZpY2Ut' +
    'aWQAOk1GRzpIUDtNREw6Q29sb3IgTGFzZXJKZXQgUHJvIE0yNTJkdztDTUQ6UERGLEpQRUcsUFdHLFVSRjtBABZwcmludGVyLW1ha2UtYW5kLW1vZGVsABxI' +
    'UCBDb2xvciBMYXNlckpldCBQcm8gTTI1MmR3QQAMcHJpbnRlci1pbmZvACVIUCBDb2xvciBMYXNlckpldCBQcm8gTTI1MmR3IChDOTE2N0UpQQAQcHJpbnRl' +
    'ci1sb2NhdGlvbgAFU3R1ZHlCAAxwcmludGVyLW5hbWUAJUhQIENvbG9yIExhc2VySmV0IFBybyBNMjUyZHcgKEM5MTY3RSlFAAxwcmludGVyLXV1aWQALXVy' +
    'bjp1dWlkOmJkYzQ1OTQ4LWZlZmYtMzVmOS03ZjZlLWYyNjUzZjdlNThlNUUAFXByaW50ZXItdXJpLXN1cHBvcnRlZAAhaXBwOi8vMTkyLjE2OC43Ny4xNTo2' +
    'MzEvaXBwL3ByaW50RQAAACJpcHBzOi8vMTkyLjE2OC43Ny4xNTo2MzEvaXBwL3ByaW50Aw==',
  'base64',
);

/** dnsmasq: 192.168.77.41 is brnb42200415baa.lan. The question had the id 0x1234. */
export const PTR_ANSWER = hex(
  '123485800001000100000000023431023737033136380331393207696e2d61646472046172706100000c0001c00c000c00010000000000150f62726e' +
    '623432323030343135626161036c616e00',
);

/** udhcpc with the name and the vendor class of an Xbox. */
export const DHCP_REQUEST = hex(
  '0101060073c0c30c000000000000000000000000000000000000000070bc104da2770000000000000000000000000000000000000000000000000000' +
    '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000' +
    '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000' +
    '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000063825363' +
    '3501013902024037070103060c0f1c2a0c0458424f583c0d4d53465420352e302058424f583d070170bc104da277ff00000000000000000000000000',
);

/** upsd 2.8 with usbhid-ups before an APC Back-UPS RS 1200G (Network UPS Tools, issue 2388), its battery flagged. */
export const NUT_UPS_LIST = Buffer.from('BEGIN LIST UPS\nUPS rack "Office \\"rack\\""\nUPS two words "x"\nEND LIST UPS\n');
export const NUT_VARIABLES = Buffer.from(
  `BEGIN LIST VAR rack\n${[
    'battery.charge "100"',
    'battery.charge.low "10"',
    'battery.date "2001/09/25"',
    'battery.mfr.date "2018/03/23"',
    'battery.runtime "4290"',
    'battery.type "PbAc"',
    'battery.voltage "27.3"',
    'device.mfr "American Power Conversion"',
    'device.model "Back-UPS RS 1200G"',
    'driver.name "usbhid-ups"',
    'input.transfer.reason "said \\"blackout\\""',
    'ups.mfr "American Power Conversion"',
    'ups.mfr.date "2018/03/23"',
    'ups.model "Back-UPS RS 1200G"',
    'ups.status "ALARM OL RB"',
    'ups.test.result "Done and error"',
  ]
    .map((line) => `VAR rack ${line}\n`)
    .join('')}END LIST VAR rack\n`,
);

/** What a projector that lets everybody in says to four questions; Epson answers in capitals, others in small letters. */
export const PJLINK_ANSWERS = Buffer.from(
  'PJLINK 0\r%1INF1=EPSON\r\rPJLINK 0\r%1INF2=EB-2250U\r\rPJLINK 0\r%1lamp=3821 0 120 0\r\rPJLINK 0\r%1ERST=020010\r\r',
);

export const SDDP_CONTROLLER = lines(
  'NOTIFY ALIVE SDDP/1.0',
  'From: "192.168.77.43:1902"',
  'Host: "Living-EA3-000FFF9163CB"',
  'Max-Age: 1800',
  'Type: "c4:control4_ea3"',
  'Primary-Proxy: "control4_ea3"',
  'Proxies: "control4_ea3"',
  'Manufacturer: "Control4"',
  'Model: "C4-EA3"',
  'Driver: "control4_ea3.c4i"',
);
export const SDDP_PROJECTOR = lines(
  'SDDP/1.0 200 OK',
  'From: "192.168.4.237:1902"',
  'Host: "JVC_PROJECTOR-E0DADC152802"',
  'Max-Age: 1800',
  'Type: "JVCKENWOOD:Projector"',
  'Primary-Proxy: "projector"',
  'Manufacturer: "JVCKENWOOD"',
  'Model: "DLA-RS3100_NZ8"',
);
export const SDDP_OFFLINE = lines('NOTIFY OFFLINE SDDP/1.0', 'Host: "Living-EA3-000FFF9163CB"');

export const KASA_PLUG = hideKasa(
  '{"system":{"get_sysinfo":{"err_code":0,"sw_ver":"1.2.6 Build 200727 Rel.121701","hw_ver":"1.0","type":"IOT.SMARTPLUGSWITCH","model":"HS110(US)","mac":"50:C7:BF:6A:01:9E","deviceId":"8006E7E9B1C2D3E4F5061728394A5B6C1B2C3D4E","alias":"Fish tank","dev_name":"Wi-Fi Smart Plug With Energy Monitoring","relay_state":1,"latitude_i":473769,"longitude_i":85417}}}',
);
export const TAPO_PLUG = Buffer.concat([
  hex('020000010000000000000000463cb5d3'),
  Buffer.from(
    '{"result":{"device_id":"b6d2d9a4b2a4c8d9e0f1a2b3c4d5e6f7","owner":"0A1B2C3D","device_type":"SMART.TAPOPLUG","device_model":"P110(EU)","ip":"192.168.77.99","mac":"9C-53-22-1A-2B-3C","is_support_iot_cloud":true,"mgt_encrypt_schm":{"encrypt_type":"KLAP","http_port":80}},"error_code":0}',
  ),
]);

export const UBIQUITI_AP = hex(
  '0100006702000a7483c25e0d31c0a84d3e0100067483c25e0d310a00040012d6870b000b55707374616972732041500c00055537504732030024425a2e' +
    '716361393536782e76362e352e36322e31343738382e3233303731312e3130333014000a5541502d41432d50726f',
);
/** The second version, as UniFi switches call out by themselves. */
export const UBIQUITI_SWITCH = (() => {
  const values: readonly (readonly [type: number, value: Uint8Array])[] = [
    [0x01, hex('7483c2aabbcc')],
    [0x0b, Buffer.from('Rack')],
    [0x15, Buffer.from('US8P60')],
    [0x16, Buffer.from('6.6.65')],
  ];
  const body = Buffer.concat(values.map(([type, value]) => Buffer.concat([Buffer.from([type, 0, value.length]), value])));
  return Buffer.concat([Buffer.from([2, 6, 0, body.length]), body]);
})();

export const MIKROTIK_ROUTER = (() => {
  const values: readonly (readonly [type: number, value: Uint8Array])[] = [
    [1, hex('744d28910d2f')],
    [5, Buffer.from('Attic')],
    [7, Buffer.from('7.15.3 (stable) 2024-07-24 10:39:01')],
    [8, Buffer.from('MikroTik')],
    [11, Buffer.from('H792-MXJ3')],
    [12, Buffer.from('RBD52G-5HacD2HnD')],
  ];
  return Buffer.concat([
    hex('00000000'),
    ...values.map(([type, value]) => Buffer.concat([Buffer.from([0, type, 0, value.length]), value])),
  ]);
})();

export const HIKVISION_CAMERA = Buffer.from(
  '<?xml version="1.0" encoding="UTF-8"?>\n<ProbeMatch><Uuid>13A888A9-F1B1-4020-AE9F-05607682D23B</Uuid><Types>inquiry</Types><DeviceType>94504</DeviceType><DeviceDescription>DS-2CD2143G2-I</DeviceDescription><DeviceSN>DS-2CD2143G2-I20220411AAWRJ12345678</DeviceSN><CommandPort>8000</CommandPort><HttpPort>80</HttpPort><MAC>bc-ad-28-77-00-21</MAC><IPv4Address>192.168.77.46</IPv4Address><SoftwareVersion>V5.7.10build 220411</SoftwareVersion><Activated>true</Activated></ProbeMatch>',
);

function lifx(type: number, payload: Uint8Array): Uint8Array {
  const message = Buffer.alloc(36 + payload.length);
  message.writeUInt16LE(message.length, 0);
  message.writeUInt16LE(0x1400, 2);
  message.set(hex('d073d51a2b3c'), 8);
  message.writeUInt16LE(type, 32);
  message.set(payload, 36);
  return message;
}
export const LIFX_VERSION = lifx(33, hex('010000001b00000000000000'));
export const LIFX_LABEL = lifx(25, Buffer.from('Hall'.padEnd(32, '\0')));

export const YEELIGHT_LAMP = lines(
  'HTTP/1.1 200 OK',
  'Cache-Control: max-age=3600',
  'Location: yeelight://192.168.1.239:55443',
  'Server: POSIX UPnP/1.0 YGLC/1',
  'id: 0x000000000015243f',
  'model: color',
  'fw_ver: 18',
  'name: Desk',
);

export const WIZ_LAMP = Buffer.from(
  '{"method":"getSystemConfig","env":"pro","result":{"mac":"a8bb50d46a1c","homeId":653906,"roomId":989983,"moduleName":"ESP01_SHRGB1C_31","fwVersion":"1.22.0"}}',
);

const tuya = (payload: Uint8Array): Uint8Array =>
  Buffer.concat([hex('000055aa0000000000000013000000bc00000000'), payload, hex('000000000000aa55')]);
const BEACON = Buffer.from(
  '{"ip":"192.168.1.77","gwId":"eb0123456789abcdefghij","active":2,"encrypt":true,"productKey":"keyjup78v54myhan","version":"3.3"}',
);
export const TUYA_IN_THE_CLEAR = tuya(BEACON);
export const TUYA_HIDDEN = (() => {
  const cipher = createCipheriv('aes-128-ecb', createHash('md5').update('yGAdlopoPVldABfn').digest(), null);
  return tuya(Buffer.concat([cipher.update(BEACON), cipher.final()]));
})();

/** Protocol 3.5. */
export const TUYA_SIGNED = (() => {
  const header = hex('00006699000000000000000000230000009f');
  const cipher = createCipheriv('aes-128-gcm', createHash('md5').update('yGAdlopoPVldABfn').digest(), hex('000102030405060708090a0b'));
  cipher.setAAD(header.subarray(4));
  const hidden = Buffer.concat([cipher.update(hex('00000000')), cipher.update(BEACON), cipher.final()]);
  return Buffer.concat([header, hex('000102030405060708090a0b'), hidden, cipher.getAuthTag(), hex('00009966')]);
})();

export const PJL_ID = Buffer.from('@PJL INFO ID\r\n"HP LaserJet 4100 Series"\r\n\f');
export const RTSP_REFUSAL = lines(
  'RTSP/1.0 401 Unauthorized',
  'CSeq: 1',
  'Server: Hipcam RealServer/V1.0',
  'WWW-Authenticate: Digest realm="DS-2CD2143G2-I", nonce="b0c8a1", stale="FALSE"',
);
export const SIP_OK = lines(
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.168.77.2:41234;rport=41234;branch=z9hG4bK1',
  'User-Agent: Yealink SIP-T46G 28.83.0.50',
  'Content-Length: 0',
);
export const SSH_LINE = Buffer.from('SSH-2.0-dropbear_2022.83\r\n\0\0\x01\x9c');
export const FTP_GREETING = Buffer.from('220-Welcome\r\n220 AXIS P1346 Network Camera 5.50beta3 (2014) ready.\r\n');
/** DO, WILL and a subnegotiation, then the banner. */
export const TELNET_BANNER = Buffer.concat([hex('fffd18fffb01fffa1801fff0'), Buffer.from('\r\nOpenWrt login: ')]);
