/**
 * The kinds of device this product tells apart, with what each means for watching it. One table: a rule, a check or a page that needs
 * to know something about a kind adds a column here instead of a list of its own.
 */

/**
 * `always`: stays on, its silence is a fault. `sleeps`: leaves the network for hours by design. `switched`: people turn it off.
 * `battery`: wakes for moments only.
 */
export type PowerHabit = 'always' | 'sleeps' | 'switched' | 'battery';

type KindTraits = {
  /** Carried or used by one person: its presence tells about people, so it is counted and never named to the desk. */
  readonly personal: boolean;
  readonly power: PowerHabit;
};

const kind = (power: PowerHabit, personal = false): KindTraits => ({ personal, power });

export const DEVICE_KINDS = {
  router: kind('always'),
  'access-point': kind('always'),
  switch: kind('always'),
  modem: kind('always'),
  firewall: kind('always'),
  'device-server': kind('always'),
  kvm: kind('always'),
  nas: kind('always'),
  server: kind('always'),
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
  camera: kind('always'),
  nvr: kind('always'),
  doorbell: kind('always'),
  intercom: kind('always'),
  'access-control': kind('always'),
  'voip-phone': kind('always'),
  'voip-gateway': kind('always'),
  conferencing: kind('always'),
  light: kind('switched'),
  plug: kind('always'),
  'wall-switch': kind('always'),
  shade: kind('always'),
  fan: kind('switched'),
  thermostat: kind('always'),
  hvac: kind('always'),
  heater: kind('always'),
  'air-quality': kind('always'),
  'smoke-alarm': kind('battery'),
  'alarm-panel': kind('always'),
  lock: kind('battery'),
  'garage-door': kind('always'),
  sensor: kind('battery'),
  hub: kind('always'),
  controller: kind('always'),
  remote: kind('battery'),
  irrigation: kind('always'),
  valve: kind('always'),
  pool: kind('always'),
  vacuum: kind('sleeps'),
  appliance: kind('sleeps'),
  energy: kind('always'),
  solar: kind('always'),
  battery: kind('always'),
  generator: kind('always'),
  'ev-charger': kind('always'),
  ups: kind('always'),
  power: kind('always'),
  '3d-printer': kind('switched'),
  fitness: kind('switched'),
  scale: kind('battery'),
  'game-console': kind('switched', true),
  computer: kind('sleeps', true),
  phone: kind('sleeps', true),
  'portable-player': kind('sleeps', true),
  tablet: kind('sleeps', true),
  'e-reader': kind('battery', true),
  wearable: kind('battery', true),
} as const satisfies Record<string, KindTraits>;

export type DeviceKind = keyof typeof DEVICE_KINDS;

export function isDeviceKind(text: string): text is DeviceKind {
  return Object.hasOwn(DEVICE_KINDS, text);
}

export function kindTraits(kind: DeviceKind): KindTraits {
  return DEVICE_KINDS[kind];
}
