/** A home as the mirror sees it: devices that may be told, how they are, and what fires. */
import type { CheckRecord } from '../../src/agent/health/health.ts';
import type { DeviceSummary } from '../../src/agent/inventory/device.ts';
import type { House, Picture } from '../../src/agent/mirror/picture.ts';
import { stateTopic } from '../../src/agent/mirror/place.ts';
import type { AlertMessage, HealthState, SiteStateMessage } from '../../src/protocol/messages.ts';
import { at, idOf, QUIET_SITE } from './entries.ts';

export const PLACE = { site: idOf(7), topic: 'hearthbeat', discovery: 'homeassistant' };
export const FRAME = { place: PLACE, version: '1.2.3' };

export type HouseParts = {
  readonly devices?: readonly DeviceSummary[];
  readonly records?: readonly CheckRecord[];
  readonly alerts?: readonly AlertMessage[];
  readonly site?: SiteStateMessage;
};

export function houseOf({ devices = [], records = [], alerts = [], site = QUIET_SITE }: HouseParts): House {
  return {
    told: { devices: new Map(devices.map((device) => [device.id, device])) },
    book: new Map(records.map((record) => [record.deviceId, record])),
    lifecycle: { verdicts: new Map() },
    alerts: new Map(alerts.map((alert) => [alert.key, alert])),
    site,
  };
}

/** Of a record the mirror reads these alone. */
export function recordOf(deviceId: string, state: HealthState, ms: number): CheckRecord {
  const seen: Pick<CheckRecord, 'deviceId' | 'state' | 'since' | 'reason'> = { deviceId, state, since: at(ms), reason: `it is ${state}` };
  return seen as CheckRecord;
}

/** What is shown of a device, or of the `hub`. */
export function pageOf({ topics }: Picture, page: string): Record<string, unknown> {
  return JSON.parse(topics.get(stateTopic(PLACE, page)) ?? '{}') as Record<string, unknown>;
}
