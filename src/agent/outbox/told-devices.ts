/**
 * Which devices the desk may know: all but those of persons, unless the homeowner wants them told too. A new device is held back until it has had the time to say what it is,
 * because a console or a tablet with a registered MAC looks like any other device in its first seconds. Pure.
 */
import type { DeviceSummary } from '../inventory/device.ts';
import type { NewEntry } from './entry.ts';
import { deviceMessage } from './state-messages.ts';

export type ToldDevices = {
  /** As the desk was told of them last, by id. */
  readonly devices: ReadonlyMap<string, DeviceSummary>;
  /** New ones that are held back, and since when (monotonic milliseconds). */
  readonly heldSinceMs: ReadonlyMap<string, number>;
};

/** Names by mDNS and descriptions by UPnP are there 7 s after a device was first seen (the lab's 38 that speak, on a busy machine). */
const INTRODUCTION_MS = 10_000;

/** What an earlier life has told: all that was saved, but devices of persons. */
export function toldBefore(summaries: ReadonlyMap<string, DeviceSummary>): ToldDevices {
  return { devices: new Map([...summaries].filter(([, device]) => !device.personal)), heldSinceMs: new Map() };
}

/** The router is nobody's own, and everything hangs on it: it is told at once. */
export function nowToTell(
  before: ToldDevices,
  summaries: ReadonlyMap<string, DeviceSummary>,
  nowMs: number,
  tellPersonal = false,
): ToldDevices {
  const devices = new Map<string, DeviceSummary>();
  const heldSinceMs = new Map<string, number>();
  for (const device of summaries.values()) {
    if (device.personal && !tellPersonal) continue;
    const sinceMs = before.heldSinceMs.get(device.id) ?? nowMs;
    const isKnown = before.devices.has(device.id) || device.isGateway || nowMs - sinceMs >= INTRODUCTION_MS;
    if (isKnown) devices.set(device.id, device);
    else heldSinceMs.set(device.id, sinceMs);
  }
  return { devices, heldSinceMs };
}

type DeviceEntry = { [K in 'device.added' | 'device.changed' | 'device.removed']: Pick<Extract<NewEntry, { kind: K }>, 'kind' | 'body'> }[
  | 'device.added'
  | 'device.changed'
  | 'device.removed'];

/** The difference in messages; `whyGone` says why a device exists no more. */
export function deviceEntries(before: ToldDevices, after: ToldDevices, whyGone: ReadonlyMap<string, string>): DeviceEntry[] {
  const gone = [...before.devices.keys()].filter((id) => !after.devices.has(id));
  const present = [...after.devices.values()].filter((device) => before.devices.get(device.id) !== device);
  return [
    ...gone.map(
      (device): DeviceEntry => ({
        kind: 'device.removed',
        body: { device, why: whyGone.get(device) ?? 'It turned out to belong to a person.' },
      }),
    ),
    ...present.map(
      (device): DeviceEntry => ({ kind: before.devices.has(device.id) ? 'device.changed' : 'device.added', body: deviceMessage(device) }),
    ),
  ];
}
