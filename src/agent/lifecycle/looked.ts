/** What of a device decides when it ends. It is handed to a process of its own (agent/ports.ts), so it is no more than is needed. */
import type { Corrections, DeviceSummary } from '../inventory/device.ts';

/** Another look could say something else when one of these changed; the rest moves on by itself, and the daily look is soon enough for it. */
const DECIDING = ['vendor', 'model', 'modelNumber', 'kind', 'firmware', 'personal'] as const;
const FIELDS = [...DECIDING, 'id', 'serial', 'name', 'because', 'reports', 'firstSeenAt', 'ips'] as const;

export type Looked = Pick<DeviceSummary, (typeof FIELDS)[number]> & {
  /** Dates as exact as people know them. */
  readonly installed?: string;
  readonly warrantyUntil?: string;
};

export function lookedOf(device: DeviceSummary, said: Corrections | undefined): Looked {
  return {
    ...(Object.fromEntries(FIELDS.flatMap((field) => (device[field] === undefined ? [] : [[field, device[field]]]))) as Looked),
    ...(said?.installed ? { installed: said.installed.value } : {}),
    ...(said?.['warranty-until'] ? { warrantyUntil: said['warranty-until'].value } : {}),
  };
}

export function isWorthAnotherLook(before: DeviceSummary | undefined, after: DeviceSummary): boolean {
  return before === undefined || DECIDING.some((field) => before[field] !== after[field]);
}
