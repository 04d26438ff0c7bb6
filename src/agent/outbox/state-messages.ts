/** From what the agent knows to what the desk is told: the only place that turns devices, verdicts and the site into messages. */
import type { DeviceMessage, DeviceStateMessage, Evidence, SiteStateMessage, SnapshotMessage } from '../../protocol/messages.ts';
import type { Alert } from '../alerts/alerts.ts';
import type { CheckRecord } from '../health/health.ts';
import type { DeviceSummary } from '../inventory/device.ts';

/** So many devices or alerts go into one part of a snapshot: about 7 KiB of JSON, below the 16 KiB bound on a payload. */
const PART_SIZE = 20;
const LIST_LIMIT = 16;

export function deviceMessage(device: DeviceSummary): DeviceMessage {
  const { id, name, vendor, model, kind, firmware, serial } = device;
  return {
    id,
    ...present({ name, vendor, model, kind, firmware, serial }),
    ips: device.ips.slice(0, LIST_LIMIT),
    macs: device.macs.slice(0, LIST_LIMIT),
    seenBy: device.seenBy.slice(0, LIST_LIMIT),
    isGateway: device.isGateway,
    firstSeenAt: Math.round(device.firstSeenAt),
  };
}

export function deviceStateMessage(record: CheckRecord, detectWithinMs: number, evidence?: Evidence): DeviceStateMessage {
  return {
    device: record.deviceId,
    // A doubt that lasts seconds is the hub's own business; the desk hears how it ends.
    state: record.state === 'suspect' ? 'up' : record.state,
    since: Math.round(record.since.wallMs),
    reason: record.reason.slice(0, 512),
    detectWithinMs,
    ...(evidence ? { evidence } : {}),
  };
}

export type SnapshotSource = {
  readonly devices: readonly { readonly device: DeviceMessage; readonly state: DeviceStateMessage }[];
  readonly alerts: readonly Alert[];
  readonly site: SiteStateMessage;
};

/** The present state in as many parts as needed; at least one, so that an empty home is told too. */
export function snapshotParts(source: SnapshotSource, snapshot: string): SnapshotMessage[] {
  const parts = Math.max(1, Math.ceil(source.devices.length / PART_SIZE), Math.ceil(source.alerts.length / PART_SIZE));
  return Array.from({ length: parts }, (_, part) => ({
    snapshot,
    part,
    parts,
    site: source.site,
    devices: source.devices.slice(part * PART_SIZE, (part + 1) * PART_SIZE),
    alerts: source.alerts.slice(part * PART_SIZE, (part + 1) * PART_SIZE).map(withoutEvidence),
  }));
}

/** The evidence went out when the alert was raised; a snapshot only says that it still fires. */
function withoutEvidence({ evidence: _, ...alert }: Alert): Alert {
  return alert;
}

function present<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: string;
  };
}
