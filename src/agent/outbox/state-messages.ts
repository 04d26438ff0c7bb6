/** From what the agent knows to what the desk is told: the only place that turns devices and verdicts into messages. */
import type { DeviceMessage, DeviceStateMessage, Evidence } from '../../protocol/messages.ts';
import type { Promised } from '../alerts/urgency.ts';
import type { CheckRecord } from '../health/health.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { asNamedOutside } from '../inventory/personal.ts';

const LIST_LIMIT = 16;

export function deviceMessage(device: DeviceSummary): DeviceMessage {
  const { id, name, vendor, model, modelNumber, kind, firmware, serial, room, hint } = asNamedOutside(device);
  return {
    id,
    ...present({ name, vendor, model, modelNumber, kind, firmware, serial, room, hint }),
    ...(device.critical === undefined ? {} : { critical: device.critical }),
    ips: device.ips.slice(0, LIST_LIMIT),
    macs: device.macs.slice(0, LIST_LIMIT),
    seenBy: device.seenBy.slice(0, LIST_LIMIT),
    ...(device.because.length > 0 ? { because: reasonsOutside(device) } : {}),
    ...(device.services.length > 0 ? { talks: device.services.slice(0, LIST_LIMIT).map((service) => service.slice(0, 64)) } : {}),
    isGateway: device.isGateway,
    firstSeenAt: Math.round(device.firstSeenAt),
    ...(device.hangsOn ? { behind: { device: device.hangsOn.id, by: device.hangsOn.by } } : {}),
  };
}

/** Reasons for what is told only. A source may name a host (`mdns host as annas-mac`): what is behind the first words stays in the house. */
function reasonsOutside(device: DeviceSummary): DeviceMessage['because'] {
  const told = asNamedOutside(device);
  return device.because
    .filter(({ fact }) => told[fact] !== undefined)
    .map((reason) => ({ ...reason, source: reason.source.replace(/ as .*/, '').slice(0, 64) }))
    .slice(0, 8);
}

export function deviceStateMessage(record: CheckRecord, promised: Promised, evidence?: Evidence): DeviceStateMessage {
  return {
    device: record.deviceId,
    // A doubt that lasts seconds is the hub's own business; the desk hears how it ends.
    state: record.state === 'suspect' ? 'up' : record.state,
    since: Math.round(record.since.wallMs),
    reason: record.reason.slice(0, 512),
    ...promised,
    ...(evidence ? { evidence } : {}),
  };
}

function present<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: string;
  };
}
