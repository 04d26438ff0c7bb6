/**
 * When rows of devices are written: at once where somebody came, went or was taken for somebody else, or a person spoke; a mere change of facts with all others of its
 * half minute, because an SD card wears by the write and a device can change four times a second. Always all of them: an address or a MAC that went from one device to
 * another is never saved with both, or with neither. A crash loses half a minute of facts, which are heard again. Pure.
 */
import type { InventoryChange } from './inventory/changes.ts';

export type UnsavedDevices = {
  readonly ids: ReadonlySet<string>;
  /** When a mere change may be written again (monotonic milliseconds). */
  readonly dueAtMs: number;
};

export const ALL_SAVED: UnsavedDevices = { ids: new Set(), dueAtMs: 0 };

const BETWEEN_WRITES_MS = 30_000;

/** The ids whose rows are to be written now, and what still waits. `decided`: the log or a person said something of identities. */
export function devicesToSave(
  before: UnsavedDevices,
  changes: readonly InventoryChange[],
  nowMs: number,
  decided: boolean,
): { readonly unsaved: UnsavedDevices; readonly now: readonly string[] } {
  if (changes.length === 0 && before.ids.size === 0) return { unsaved: before, now: [] };
  const ids = new Set(before.ids);
  for (const change of changes) {
    if (change.kind === 'removed') ids.delete(change.device.id);
    else ids.add(change.device.id);
    if (change.kind === 'merged') ids.delete(change.absorbed.id);
  }
  const isUrgent = decided || nowMs >= before.dueAtMs || changes.some(({ kind }) => kind !== 'changed' && kind !== 'learned');
  if (!isUrgent) return { unsaved: changes.length === 0 ? before : { ids, dueAtMs: before.dueAtMs }, now: [] };
  return { unsaved: { ids: ALL_SAVED.ids, dueAtMs: nowMs + BETWEEN_WRITES_MS }, now: [...ids] };
}
