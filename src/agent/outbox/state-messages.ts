/** From what the agent knows to what the desk is told: the only place that turns devices and verdicts into messages. */
import type { DeviceMessage, DeviceStateMessage, Evidence } from '../../protocol/messages.ts';
import type { CheckRecord } from '../health/health.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { asNamedOutside } from '../inventory/personal.ts';

const LIST_LIMIT = 16;

export function deviceMessage(device: DeviceSummary): DeviceMessage {
  const { id, name, vendor, model, kind, firmware, serial } = asNamedOutside(device);
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

function present<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: string;
  };
}
