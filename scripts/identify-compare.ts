// When a conclusion of the agent is what an identification sample expects. The samples come from several projects, each with its own
// words; every leniency is written down here and nowhere else.
import type { DeviceKind } from '../src/agent/inventory/kinds.ts';
import { vendorName } from '../src/agent/inventory/vendor-name.ts';

/** Names that are one company or its own brand, each group in lower case without punctuation. */
const ONE_COMPANY: readonly (readonly string[])[] = [
  ['philips', 'signify', 'philips hue', 'signify philips hue'],
  ['samsung', 'smartthings', 'samsung smartthings'],
  ['google', 'nest', 'google nest'],
  ['belkin', 'wemo'],
  ['anker', 'eufy'],
  ['poly', 'polycom'],
  ['att', 'at t'],
  ['oki', 'okidata', 'oki data'],
  // The same maker before and after it was renamed or merged.
  ['allied telesis', 'allied telesyn'],
  ['alcatel', 'alcatel lucent'],
  ['technicolor', 'thomson'],
  ['rainmachine', 'green'],
  ['super micro', 'supermicro'],
  ['sma', 'sma solar technology', 'sma solar'],
  ['nvidia', 'mellanox'],
  ['reecam', 'shenzhen reecam', 'shenzhen reecam tech'],
];

export function sameVendor(expected: string, said: string): boolean {
  const [one, other] = [vendorKey(expected), vendorKey(said)];
  return (
    one === other ||
    one.replaceAll(' ', '') === other.replaceAll(' ', '') ||
    ONE_COMPANY.some((names) => names.includes(one) && names.includes(other))
  );
}

function vendorKey(name: string): string {
  return words(vendorName(name) ?? name).join(' ');
}

/** What a model name may carry besides the model. */
const GENERIC = new Set(
  'the series printer multifunction mfp system network networks switch router wireless radio wlan camera ip phone unified device model gateway access point ap server controller advance appliance'.split(
    ' ',
  ),
);

/**
 * True when what was said is the expected model, or names it as one of the two that the device may be: one of Apple's identifiers can
 * stand for `MacBook Pro (15-inch, Early 2011 or Late 2011)`, and nothing that such a device tells on the network says which.
 */
export function sameModel(expected: string, said: string, vendor: string, family = ''): boolean {
  return eachAlternative(said).some((one) => sameOneModel(expected, one, vendor, family));
}

/** `iMac (20-inch or 24-inch, Mid 2007)` as the models with either word; brackets hold at most a few such choices. */
function eachAlternative(said: string): string[] {
  const [, before, one, other, after] = /^([^(]*\((?:[^()]*, )?)([^(),]+) or ([^(),]+)(.*)$/.exec(said) ?? [];
  if (before === undefined || one === undefined || other === undefined) return [said];
  return [one, other].flatMap((chosen) => eachAlternative(`${before}${chosen}${after}`));
}

/**
 * True when both are the same words without case, punctuation, the maker, generic words and a hardware revision, or when one holds the
 * other's words as a whole: `HP LaserJet 4250` and `LaserJet 4250`. An expected model that is only the letters of a line (`SPA`) is met by
 * a model of that line (`SPA922`).
 */
function sameOneModel(expected: string, said: string, vendor: string, family: string): boolean {
  const [one, other] = [tellingWords(expected, vendor), tellingWords(said, vendor)];
  if (one.join('') === other.join('')) return true;
  if (one.length === 1 && /^\p{L}+$/u.test(one[0] ?? '') && new RegExp(`^${one[0]}\\d`).test(other.join(''))) return true;
  const familyWords = new Set(words(family));
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  // The bare family says less than the model that was expected.
  if (short === other && short.every((word) => familyWords.has(word))) return false;
  const withoutFamily = (list: string[]): string[] => list.filter((word) => !familyWords.has(word));
  return holds(long, short) || (withoutFamily(one).length > 0 && withoutFamily(one).join('') === withoutFamily(other).join(''));
}

/** `Wireless Router` and `IP Camera` are kinds, not models: what is expected there cannot be compared. */
export function isModel(expected: string): boolean {
  return words(expected).some((word) => !GENERIC.has(word));
}

/** `VELUX Gateway` is nothing but maker and generic words, and still a model: then all words tell. */
function tellingWords(model: string, vendor: string): string[] {
  const maker = new Set(words(vendor));
  const telling = words(model).filter((word) => !maker.has(word) && !GENERIC.has(word));
  return (telling.length > 0 ? telling : words(model)).map((word) => word.replace(/(?<=\d)v\d+$/, ''));
}

function holds(long: readonly string[], short: readonly string[]): boolean {
  return short.length > 0 && ` ${long.join(' ')} `.includes(` ${short.join(' ')} `);
}

function words(text: string): string[] {
  return (
    text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/**
 * The kinds of ours that mean a category of the samples. Their authors disagree with each other: the same Wi-Fi router is an
 * access-point in one row and a router in the next, an Apple TV is a media-server or a streaming device, an iPod is streaming, every
 * power unit behind a web card is a pdu, a Wi-Fi bulb and the bridge it hangs on are lighting. Where rows conflict both are right here.
 */
const MEANT: Readonly<Record<string, readonly DeviceKind[]>> = {
  '3d-printer': ['3d-printer'],
  'access-control': ['access-control', 'controller'],
  'access-point': ['access-point', 'router'],
  alarm: ['alarm-panel', 'hub'],
  appliance: ['appliance', 'server', 'heater', 'air-quality', 'scale'],
  av: ['av-receiver', 'amplifier', 'speaker', 'media-player', 'conferencing', 'controller'],
  'av-receiver': ['av-receiver', 'amplifier'],
  boiler: ['heater', 'hvac'],
  'building-automation': ['controller', 'hub'],
  camera: ['camera', 'hub'],
  climate: ['hvac', 'thermostat'],
  computer: ['computer'],
  controller: ['controller', 'hub', 'server', 'router', 'sensor'],
  'device-server': ['device-server', 'server'],
  display: ['display', 'projector'],
  doorbell: ['doorbell', 'intercom'],
  energy: ['energy', 'solar', 'battery'],
  'ev-charger': ['ev-charger'],
  fan: ['fan'],
  fireplace: ['heater'],
  firewall: ['firewall', 'router'],
  garage: ['garage-door'],
  generator: ['generator'],
  irrigation: ['irrigation'],
  kvm: ['kvm'],
  lighting: ['light', 'wall-switch', 'hub'],
  lock: ['lock', 'hub'],
  'media-server': ['media-server', 'media-player', 'speaker', 'display', 'server'],
  modem: ['modem', 'router'],
  monitoring: ['sensor', 'air-quality', 'camera', 'server'],
  nas: ['nas', 'server'],
  nvr: ['nvr', 'camera', 'media-player'],
  pdu: ['power', 'ups', 'solar', 'plug'],
  phone: ['phone'],
  pool: ['pool'],
  printer: ['printer', 'scanner'],
  relay: ['plug', 'wall-switch', 'controller'],
  remote: ['remote', 'hub', 'controller'],
  router: ['router', 'modem', 'access-point', 'firewall', 'voip-gateway'],
  sensor: ['sensor', 'air-quality', 'camera', 'hub', 'scale'],
  server: ['server'],
  shade: ['shade', 'hub'],
  'smart-home-hub': ['hub', 'controller'],
  'smart-plug': ['plug', 'wall-switch'],
  speaker: ['speaker', 'amplifier', 'hub'],
  streaming: ['media-player', 'portable-player', 'tv'],
  switch: ['switch'],
  tablet: ['tablet'],
  thermostat: ['thermostat', 'hub', 'hvac'],
  tv: ['tv', 'display'],
  ups: ['ups', 'power'],
  vacuum: ['vacuum'],
  valve: ['valve', 'controller'],
  'video-conferencing': ['conferencing', 'controller'],
  voip: ['voip-phone', 'voip-gateway', 'conferencing', 'intercom'],
};

export function kindMeans(category: string, kind: string): boolean {
  return (MEANT[category] ?? [category]).includes(kind as DeviceKind);
}
