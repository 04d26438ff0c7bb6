/** Small honest values for tests about the store and the outbox. */

import type { Device } from '../../src/agent/inventory/device.ts';
import { NO_OFFERS } from '../../src/agent/inventory/offers.ts';
import type { NewEntry } from '../../src/agent/outbox/entry.ts';
import type { TickChange } from '../../src/agent/store/agent-store.ts';
import type { StoredHealth } from '../../src/agent/store/health-store.ts';
import type { Instant } from '../../src/base/clock.ts';
import type { AlertMessage, HealthState, SiteStateMessage } from '../../src/protocol/messages.ts';

export const NOTHING: TickChange = { devices: [], removedDevices: [], health: [], readings: [], alerts: [], entries: [] };

export const QUIET_SITE: SiteStateMessage = { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 };

/** A 26-character id for the n-th thing of a test. */
export function idOf(n: number): string {
  return `0${String(n).padStart(25, '0')}`;
}

export function at(ms: number): Instant {
  return { monoMs: ms, wallMs: 1_700_000_000_000 + ms };
}

export function deviceOf(n: number): Device {
  const seenAt = at(0).wallMs;
  return {
    id: idOf(n),
    identifiers: [],
    addresses: [{ ip: `192.0.2.${n % 250}`, interface: 'eth0', mac: '02:00:00:00:00:01', firstAt: seenAt, lastAt: seenAt }],
    facts: { name: [{ value: `device ${n}`, confidence: 1, source: 'test', at: seenAt }] },
    seenBy: { mdns: seenAt },
    ...NO_OFFERS,
    ports: [80],
    firstSeenAt: seenAt,
    lastSeenAt: seenAt,
    isGateway: false,
    personal: false,
  };
}

export function healthOf(n: number, state: HealthState, when: Instant): StoredHealth {
  return { deviceId: idOf(n), state, sinceAt: when.wallMs, reason: `it is ${state}`, detectWithinMs: 15_000 };
}

export function stateEntry(n: number, state: HealthState, when: Instant): NewEntry {
  const body = { device: idOf(n), state, since: when.wallMs, reason: `it is ${state}`, detectWithinMs: 15_000 };
  return { kind: 'device.state', body, at: when, clock: 'unsynced' };
}

export function alertOf(key: string, when: Instant): AlertMessage {
  const { wallMs } = when;
  return {
    key,
    code: 'device-down',
    severity: 'error',
    title: `${key} does not answer`,
    text: key,
    raisedAt: wallMs,
    actionableAt: wallMs,
  };
}

export function raisedEntry(alert: AlertMessage, when: Instant): NewEntry {
  return { kind: 'alert.raised', body: alert, at: when, clock: 'unsynced' };
}

export function clearedEntry(alert: AlertMessage, when: Instant): NewEntry {
  return { kind: 'alert.cleared', body: { ...alert, clearedAt: when.wallMs }, at: when, clock: 'unsynced' };
}
