/** What of a device decides when it ends. It is handed to a process of its own (agent/ports.ts), so it is no more than is needed. */
import type { InventoryChange } from '../inventory/changes.ts';
import type { Corrections, DeviceSummary } from '../inventory/device.ts';

/** The rest moves on by itself, and the daily look is soon enough for it. */
const DECIDING = ['vendor', 'model', 'modelNumber', 'kind', 'firmware', 'personal'] as const;
const FIELDS = [...DECIDING, 'id', 'serial', 'name', 'because', 'reports', 'firstSeenAt', 'ips', 'macs'] as const;

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

/** Whether another look could say something else of a device. */
export function isWorthAnotherLook(change: InventoryChange): boolean {
  if (change.kind !== 'changed') return change.kind === 'added' || change.kind === 'merged';
  return change.what.some((field) => (DECIDING as readonly string[]).includes(field));
}
