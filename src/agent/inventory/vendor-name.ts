/**
 * One short spelling for each maker, so that the MAC registry's `Sonos, Inc.`, UPnP's `SONOS` and a TXT record's `Sonos` are one vendor.
 * Legal forms and trade words are cut from the end; the table names the makers whose legal name is not what people call them.
 */

/** First words of the registered name (lower case, punctuation as blanks) to what people call the maker. First match wins. */
const KNOWN_AS: readonly (readonly [firstWords: string, name: string])[] = [
  ['american power conversion', 'APC'],
  ['amazon', 'Amazon'],
  ['ampak', 'AMPAK'],
  ['apple', 'Apple'],
  ['arlo', 'Arlo'],
  ['asustek', 'ASUS'],
  ['avm', 'AVM'],
  ['axis communications', 'Axis'],
  ['azurewave', 'AzureWave'],
  ['beijing roborock', 'Roborock'],
  ['beijing xiaomi', 'Xiaomi'],
  ['xiaomi', 'Xiaomi'],
  ['belkin', 'Belkin'],
  ['bose', 'Bose'],
  ['bosch', 'Bosch'],
  ['brother', 'Brother'],
  ['canon', 'Canon'],
  ['cisco meraki', 'Cisco Meraki'],
  ['cisco', 'Cisco'],
  ['cyberpower', 'CyberPower'],
  ['cyber power', 'CyberPower'],
  ['d link', 'D-Link'],
  ['d m holdings', 'Denon/Marantz'],
  ['dahua', 'Dahua'],
  ['daikin', 'Daikin'],
  ['dell', 'Dell'],
  ['denon', 'Denon'],
  ['ecobee', 'ecobee'],
  ['eero', 'eero'],
  ['enphase', 'Enphase'],
  ['epson', 'Epson'],
  ['seiko epson', 'Epson'],
  ['espressif', 'Espressif'],
  ['hangzhou ezviz', 'EZVIZ'],
  ['google', 'Google'],
  ['hangzhou hikvision', 'Hikvision'],
  ['hikvision', 'Hikvision'],
  ['harman', 'Harman'],
  ['hewlett packard enterprise', 'HPE'],
  ['hewlett packard', 'HP'],
  ['hp', 'HP'],
  ['hon hai', 'Foxconn'],
  ['huawei', 'Huawei'],
  ['ikea', 'IKEA'],
  ['intel', 'Intel'],
  ['irobot', 'iRobot'],
  ['kohler', 'Kohler'],
  ['konica minolta', 'Konica Minolta'],
  ['kyocera', 'Kyocera'],
  ['legrand', 'Legrand'],
  ['lenovo', 'Lenovo'],
  ['leviton', 'Leviton'],
  ['lexmark', 'Lexmark'],
  ['lg innotek', 'LG Innotek'],
  ['lg', 'LG'],
  ['lge', 'LG'],
  ['lifi labs', 'LIFX'],
  ['lite on', 'Liteon'],
  ['liteon', 'Liteon'],
  ['logitech', 'Logitech'],
  ['lutron', 'Lutron'],
  ['marantz', 'Marantz'],
  ['micro star', 'MSI'],
  ['microsoft', 'Microsoft'],
  ['miele', 'Miele'],
  ['murata', 'Murata'],
  ['nanoleaf', 'Nanoleaf'],
  ['nest labs', 'Nest'],
  ['netatmo', 'Netatmo'],
  ['netgear', 'Netgear'],
  ['nintendo', 'Nintendo'],
  ['onkyo', 'Onkyo'],
  ['panasonic', 'Panasonic'],
  ['peloton', 'Peloton'],
  ['philips', 'Philips'],
  ['philips hue', 'Philips'],
  ['royal philips', 'Philips'],
  ['signify', 'Philips'],
  ['pioneer', 'Pioneer'],
  ['qnap', 'QNAP'],
  ['rachio', 'Rachio'],
  ['rain bird', 'Rain Bird'],
  ['raspberry pi', 'Raspberry Pi'],
  ['realtek', 'Realtek'],
  ['reolink', 'Reolink'],
  ['ring', 'Ring'],
  ['roku', 'Roku'],
  ['routerboard com', 'MikroTik'],
  ['mikrotikls', 'MikroTik'],
  ['mikrotik', 'MikroTik'],
  ['ruckus', 'Ruckus'],
  ['samsung techwin', 'Hanwha'],
  ['samsung', 'Samsung'],
  ['savant', 'Savant'],
  ['schneider electric', 'Schneider Electric'],
  ['sense labs', 'Sense'],
  ['shelly', 'Shelly'],
  ['allterco', 'Shelly'],
  ['sonos', 'Sonos'],
  ['sony', 'Sony'],
  ['synology', 'Synology'],
  ['texas instruments', 'Texas Instruments'],
  ['the chamberlain', 'Chamberlain'],
  ['tivo', 'TiVo'],
  ['tp link', 'TP-Link'],
  ['tplink', 'TP-Link'],
  ['tuya', 'Tuya'],
  ['ubiquiti', 'Ubiquiti'],
  ['universal global scientific', 'USI'],
  ['vivint', 'Vivint'],
  ['vizio', 'Vizio'],
  ['wd', 'Western Digital'],
  ['western digital', 'Western Digital'],
  ['withings', 'Withings'],
  ['wyze', 'Wyze'],
  ['yamaha', 'Yamaha'],
  ['zhejiang dahua', 'Dahua'],
  ['zyxel', 'Zyxel'],
];

/** Makers of radio modules and boards whose MACs sit in other people's products: their name says little about the device. */
const COMPONENT_MAKERS: ReadonlySet<string> = new Set([
  'AMPAK',
  'AzureWave',
  'Broadcom',
  'Espressif',
  'Foxconn',
  'Intel',
  'LG Innotek',
  'Liteon',
  'Microchip',
  'Murata',
  'Nordic Semiconductor',
  'Qualcomm',
  'Quectel',
  'Raspberry Pi',
  'Realtek',
  'Silicon Laboratories',
  'Texas Instruments',
  'Tuya',
  'USI',
]);

const LEGAL_FORM =
  /[\s,.(]*\b(inc(orporated)?|corp(orate|oration)?|co|company|l\.?l\.?c|ltd|limited|gmbh|mbh|b\.?v|n\.?v|a\.?g|s\.?a\.?s?|s\.?r\.?l|s\.?p\.?a|a\/s|aps|oy|oyj|ab|kg|k\.?k|pty|pte|plc|se|cie|group|holdings?|international|intl|technolog(y|ies)|electronics?|systems?|communications?|industr(y|ies|ial)|manufacturing|enterprises?|solutions?|labs?|wireless|lighting|networks?|trading|foundation|digital|precision|semiconductors?|innovations?)\b[\s,.)&]*$/i;

/** The maker in short: `Hangzhou Hikvision Digital Technology Co.,Ltd.` is `Hikvision`. Undefined when nothing is left. */
export function vendorName(text: string): string | undefined {
  const words = `${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
  if (words === ' ') return undefined;
  const known = KNOWN_AS.find(([firstWords]) => words.startsWith(`${firstWords} `));
  return known ? known[1] : withoutLegalForm(text.trim());
}

/** True where a MAC names who made the radio or the board rather than the product. */
export function isComponentMaker(vendor: string): boolean {
  return COMPONENT_MAKERS.has(vendor);
}

/** Cuts from the end as long as something remains; shouted names are written as names (`TECO IMAGE` stays, `NETGEAR` is in the table). */
function withoutLegalForm(text: string): string {
  let name = text;
  for (let i = 0; i < 6; i++) {
    const shorter = name.replace(LEGAL_FORM, '').replace(/[\s,.&-]+$/, '');
    if (shorter.length < 2 || shorter === name) break;
    name = shorter;
  }
  return name;
}
