/** Cuts the whole present state into parts that each fit one message. */
import type { AlertMessage, SiteStateMessage, SnapshotMessage } from '../../protocol/messages.ts';

/** What the desk needs to see the home as it is now. Devices of persons are not in it. */
export type Snapshot = {
  readonly site: SiteStateMessage;
  readonly devices: SnapshotMessage['devices'];
  readonly alerts: readonly AlertMessage[];
};

const ITEMS_PER_PART = 25;
/** Of 16 KiB a message, less the envelope; the site's state is in each. */
const BYTES_PER_PART = 15 * 1024;
/** Evidence of a single item may be left out: it was told with the transition. */
const BYTES_PER_ITEM = 6 * 1024;

type Item = { readonly bytes: number; readonly device?: SnapshotMessage['devices'][number]; readonly alert?: AlertMessage };

/** At least one part, at most 25 devices and alerts in each; `snapshot` is the id that holds the parts together. */
export function splitSnapshot(snapshot: string, state: Snapshot): SnapshotMessage[] {
  const groups = pack([...state.devices.map(deviceItem), ...state.alerts.map(alertItem)], BYTES_PER_PART - sizeOf(state.site));
  return groups.map((items, part) => ({
    snapshot,
    part,
    parts: groups.length,
    site: state.site,
    devices: items.flatMap(({ device }) => device ?? []),
    alerts: items.flatMap(({ alert }) => alert ?? []),
  }));
}

function pack(items: readonly Item[], room: number): Item[][] {
  let group: Item[] = [];
  let bytes = 0;
  const groups = [group];
  for (const item of items) {
    const isFull = group.length >= ITEMS_PER_PART || bytes + item.bytes > room;
    if (isFull && group.length > 0) {
      group = [];
      bytes = 0;
      groups.push(group);
    }
    group.push(item);
    bytes += item.bytes;
  }
  return groups;
}

function deviceItem(device: SnapshotMessage['devices'][number]): Item {
  if (sizeOf(device) <= BYTES_PER_ITEM) return { device, bytes: sizeOf(device) };
  const { evidence: _, ...state } = device.state;
  const slim = { ...device, state };
  return { device: slim, bytes: sizeOf(slim) };
}

function alertItem(alert: AlertMessage): Item {
  if (sizeOf(alert) <= BYTES_PER_ITEM) return { alert, bytes: sizeOf(alert) };
  const { evidence: _, ...slim } = alert;
  return { alert: slim, bytes: sizeOf(slim) };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}
