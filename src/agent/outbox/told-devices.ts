/**
 * Which devices the desk may know: all but those of persons, unless the homeowner wants them told too. A new device is held back until it has had the time to say what it is,
 * because a console or a tablet with a registered MAC looks like any other device in its first seconds. What changes is told at once, and then for a while no
 * more: a device can say something else of itself four times a second, and each time would be a message and a write to the disk. Pure.
 */
import type { DeviceSummary } from '../inventory/device.ts';
import type { NewEntry } from './entry.ts';
import { deviceMessage } from './state-messages.ts';

export type ToldDevices = {
  /** As the desk was told of them last, by id. */
  readonly devices: ReadonlyMap<string, DeviceSummary>;
  /** New ones that are held back, and since when (monotonic milliseconds). */
  readonly heldSinceMs: ReadonlyMap<string, number>;
  /** When a change was told, or that it is a person's after all: those of the last half minute. */
  readonly changedAtMs: ReadonlyMap<string, number>;
  /** When something that is held back is to be told, at the earliest. */
  readonly dueAtMs: number;
};

/** Names by mDNS and descriptions by UPnP are there 7 s after a device was first seen (the lab's 38 that speak, on a busy machine). */
const INTRODUCTION_MS = 10_000;
/** What changes within this time after a change is told at its end, as it is then. */
const BETWEEN_CHANGES_MS = 30_000;

/** What an earlier life has told: all that was saved, but devices of persons. Should that be more than it told, the snapshot makes up for it. */
export function toldBefore(summaries: ReadonlyMap<string, DeviceSummary>): ToldDevices {
  const devices = new Map([...summaries].filter(([, device]) => !device.personal));
  return { devices, heldSinceMs: new Map(), changedAtMs: new Map(), dueAtMs: 0 };
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
  const changedAtMs = new Map<string, number>();
  let dueAtMs = Number.POSITIVE_INFINITY;
  for (const device of summaries.values()) {
    const { id } = device;
    const told = before.devices.get(id);
    const changedMs = before.changedAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
    const quietUntilMs = changedMs + BETWEEN_CHANGES_MS;
    if (nowMs < quietUntilMs) changedAtMs.set(id, changedMs);
    if (device.personal && !tellPersonal) {
      if (told) changedAtMs.set(id, nowMs);
      continue;
    }
    const sinceMs = before.heldSinceMs.get(id) ?? nowMs;
    const atMs = Math.max(quietUntilMs, told || device.isGateway ? nowMs : sinceMs + INTRODUCTION_MS);
    if (told === device || atMs <= nowMs) {
      devices.set(id, device);
      if (told && told !== device) changedAtMs.set(id, nowMs);
      continue;
    }
    dueAtMs = Math.min(dueAtMs, atMs);
    if (told) devices.set(id, told);
    else heldSinceMs.set(id, sinceMs);
  }
  return { devices, heldSinceMs: haveSameKeys(before.heldSinceMs, heldSinceMs) ? before.heldSinceMs : heldSinceMs, changedAtMs, dueAtMs };
}

function haveSameKeys(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  return one.size === other.size && [...one.keys()].every((key) => other.has(key));
}

type DeviceEntry = { [K in 'device.added' | 'device.changed' | 'device.removed']: Pick<Extract<NewEntry, { kind: K }>, 'kind' | 'body'> }[
  | 'device.added'
  | 'device.changed'
  | 'device.removed'];

/** The difference in messages; `whyGone` says why a device exists no more. */
export function deviceEntries(before: ToldDevices, after: ToldDevices, whyGone: ReadonlyMap<string, string>): DeviceEntry[] {
  if (after.devices === before.devices) return [];
  const gone = [...before.devices.keys()].filter((id) => !after.devices.has(id));
  const present = [...after.devices.values()].filter((device) => isNews(before.devices.get(device.id), device));
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

/** What went to and fro, or is only known better, may read as before. */
function isNews(told: DeviceSummary | undefined, device: DeviceSummary): boolean {
  if (told === device) return false;
  return told === undefined || JSON.stringify(deviceMessage(told)) !== JSON.stringify(deviceMessage(device));
}
