/**
 * The kinds of device this product tells apart, with what each means for watching it. One table: a rule, a check or a page that needs
 * to know something about a kind adds a column here instead of a list of its own.
 */

/**
 * `always`: stays on, its silence is a fault. `sleeps`: leaves the network for hours by design. `switched`: people turn it off.
 * `battery`: wakes for moments only.
 */
export type PowerHabit = 'always' | 'sleeps' | 'switched' | 'battery';

/** `safety`: people rely on it to be safe. `core`: the house, or much else in it, does not work without it. */
export type Criticality = 'safety' | 'core' | 'usual';

type KindTraits = {
  /** Carried or used by one person: its presence tells about people, so it is counted and never named to the desk. */
  readonly personal: boolean;
  readonly power: PowerHabit;
  /** Where people have not said otherwise. */
  readonly criticality: Criticality;
};

const kind = (power: PowerHabit, criticality: Criticality = 'usual'): KindTraits => ({ personal: false, power, criticality });
const persons = (power: PowerHabit): KindTraits => ({ personal: true, power, criticality: 'usual' });

export const DEVICE_KINDS = {
  router: kind('always', 'core'),
  'access-point': kind('always', 'core'),
  switch: kind('always', 'core'),
  modem: kind('always', 'core'),
  firewall: kind('always', 'core'),
  'device-server': kind('always'),
  kvm: kind('always'),
  nas: kind('always', 'core'),
  server: kind('always', 'core'),
  printer: kind('sleeps'),
  scanner: kind('sleeps'),
  tv: kind('switched'),
  projector: kind('switched'),
  display: kind('switched'),
  'media-player': kind('sleeps'),
  'media-server': kind('always'),
  speaker: kind('always'),
  'av-receiver': kind('sleeps'),
  amplifier: kind('sleeps'),
  camera: kind('always', 'core'),
  nvr: kind('always', 'core'),
  doorbell: kind('always', 'core'),
  intercom: kind('always', 'core'),
  'access-control': kind('always', 'safety'),
  'voip-phone': kind('always'),
  'voip-gateway': kind('always', 'core'),
  conferencing: kind('always'),
  light: kind('switched'),
  plug: kind('always'),
  'wall-switch': kind('always'),
  shade: kind('always'),
  fan: kind('switched'),
  thermostat: kind('always', 'core'),
  hvac: kind('always', 'core'),
  heater: kind('always', 'core'),
  'air-quality': kind('always'),
  'smoke-alarm': kind('battery', 'safety'),
  'alarm-panel': kind('always', 'safety'),
  lock: kind('battery', 'safety'),
  'garage-door': kind('always', 'core'),
  sensor: kind('battery'),
  hub: kind('always', 'core'),
  controller: kind('always', 'core'),
  remote: kind('battery'),
  irrigation: kind('always'),
  valve: kind('always', 'core'),
  pool: kind('always'),
  vacuum: kind('sleeps'),
  appliance: kind('sleeps'),
  energy: kind('always'),
  solar: kind('always'),
  battery: kind('always'),
  generator: kind('always', 'core'),
  'ev-charger': kind('always'),
  ups: kind('always', 'core'),
  power: kind('always', 'core'),
  '3d-printer': kind('switched'),
  fitness: kind('switched'),
  scale: kind('battery'),
  'game-console': persons('switched'),
  computer: persons('sleeps'),
  phone: persons('sleeps'),
  'portable-player': persons('sleeps'),
  tablet: persons('sleeps'),
  'e-reader': persons('battery'),
  wearable: persons('battery'),
} as const satisfies Record<string, KindTraits>;

export type DeviceKind = keyof typeof DEVICE_KINDS;

export function isDeviceKind(text: string): text is DeviceKind {
  return Object.hasOwn(DEVICE_KINDS, text);
}

export function kindTraits(kind: DeviceKind): KindTraits {
  return DEVICE_KINDS[kind];
}
