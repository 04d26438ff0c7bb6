/** A home of a client in November 2026, from which replacement plans are made against the catalogue that comes with the product. */

import type { DeviceSummary } from '../../src/agent/inventory/device.ts';
import type { DeviceKind } from '../../src/agent/inventory/kinds.ts';
import type { Catalogue } from '../../src/agent/lifecycle/catalogue.ts';
import { factsAbout } from '../../src/agent/lifecycle/match.ts';
import { type ReplacementPlan, replacementPlan } from '../../src/agent/lifecycle/plan.ts';
import { ageOf, livesByKind, type ServiceLife } from '../../src/agent/lifecycle/service-life.ts';
import { deviceSummary } from './device-summary.ts';
import { idOf } from './entries.ts';

export const PLAN_AT = Date.parse('2026-11-22T10:00:00Z');

export type Planned = Partial<Pick<DeviceSummary, 'name' | 'vendor' | 'model' | 'modelNumber' | 'firmware' | 'room' | 'personal'>> & {
  readonly kind?: DeviceKind;
  readonly installed?: string;
};

export const SMITH_RESIDENCE: readonly Planned[] = [
  { vendor: 'D-Link', model: 'DIR-645', kind: 'router', room: 'Garage' },
  { vendor: 'Google', model: 'Nest Secure', kind: 'alarm-panel', name: 'Alarm', room: 'Hall' },
  { vendor: 'Bose', model: 'SoundTouch 20', kind: 'speaker', name: 'Kitchen' },
  { vendor: 'Bose', model: 'SoundTouch 20', kind: 'speaker', name: 'Living room' },
  { vendor: 'Belkin', model: 'Insight', kind: 'plug', name: 'Garden lights' },
  { vendor: 'Philips', model: 'BSB001', kind: 'hub', name: 'Philips hue', room: 'Office' },
  { vendor: 'AVM', model: 'FRITZ!Box 7580', kind: 'router', room: 'Basement' },
  { vendor: 'Google', model: 'Nest Learning Thermostat (2nd generation)', kind: 'thermostat', room: 'Hall' },
  { vendor: 'Apple', model: 'Apple TV (3rd generation)', kind: 'media-player', name: 'Cinema' },
  { vendor: 'Acme', model: 'Sentry 2', kind: 'camera', name: 'Driveway', installed: '2019-04' },
  { kind: 'server', name: 'homeserver', vendor: 'Intel', model: 'NUC8', firmware: 'Ubuntu 22.04.4 LTS' },
  { kind: 'smoke-alarm', vendor: 'Acme', model: 'Smoke 10', room: 'Stairs', installed: '2017-05' },
  { kind: 'server', name: 'media', vendor: 'Intel', model: 'NUC12', firmware: 'Ubuntu 24.04.1 LTS' },
  { kind: 'nas', vendor: 'Synology', model: 'DS918', room: 'Basement', installed: '2022-03' },
  { kind: 'thermostat', vendor: 'Tado', model: 'RU02', installed: '2020' },
  ...Array.from(
    { length: 6 },
    (_, i): Planned => ({ vendor: 'Sonos', model: 'One', modelNumber: 'S18', kind: 'speaker', name: `Sonos ${i + 1}` }),
  ),
  ...Array.from({ length: 8 }, (_, i): Planned => ({ vendor: 'Shelly', model: 'Plus 1', kind: 'plug', name: `Relay ${i + 1}` })),
  { vendor: 'Lutron', model: 'Caseta Smart Bridge', kind: 'hub' },
  { vendor: 'Samsung', model: 'QE65Q80A', kind: 'tv', name: 'TV' },
  { vendor: 'Denon', model: 'AVR-X2700H', kind: 'av-receiver' },
  { vendor: 'TP-Link', model: 'TL-WR841N', kind: 'router', name: 'Attic' },
  { vendor: 'DrayTek', model: 'Vigor2960', kind: 'router', name: 'Old office' },
  { name: 'unknown box' },
  { vendor: 'Espressif', kind: 'sensor' },
  { vendor: 'Apple', model: 'iPhone 8', kind: 'phone', name: 'Phone of Ann', personal: true },
];

export function summaryOf({ installed: _, ...known }: Planned, n: number): DeviceSummary {
  return deviceSummary({ id: idOf(n + 1), ips: [`192.0.2.${n + 1}`], firstSeenAt: PLAN_AT - 1, lastSeenAt: PLAN_AT, ...known });
}

/** `lives`: none where ages do not matter. */
export function planOf(home: readonly Planned[], catalogue: Catalogue, lives: readonly ServiceLife[] = [], years = 5): ReplacementPlan {
  const devices = home.map(summaryOf);
  const byKind = livesByKind(lives);
  const now = { at: PLAN_AT, isSure: true };
  return replacementPlan(devices, {
    catalogue,
    now,
    years,
    evidenceOn: (device) => ({
      kind: device.kind,
      found: factsAbout(catalogue, device),
      age: ageOf({ firstSeenAt: device.firstSeenAt, installed: home[devices.indexOf(device)]?.installed }, PLAN_AT),
      life: device.kind && byKind.get(device.kind),
    }),
  });
}
