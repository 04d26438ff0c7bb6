/** What happens in a home, as its hub would save and tell it: devices come, change and go, fall and rise, alerts are raised, said anew and cleared. Pure. */
import type { Device } from '../../src/agent/inventory/device.ts';
import type { NewEntry } from '../../src/agent/outbox/entry.ts';
import type { Snapshot } from '../../src/agent/outbox/snapshot-parts.ts';
import type { SavedState, TickChange } from '../../src/agent/store/agent-store.ts';
import type { StoredHealth } from '../../src/agent/store/health-store.ts';
import type { Instant } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type {
  AlertMessage,
  ClockQuality,
  DeviceMessage,
  DeviceStateMessage,
  HealthState,
  SiteStateMessage,
} from '../../src/protocol/messages.ts';
import { alertOf, deviceOf, healthOf, idOf, NOTHING, QUIET_SITE } from '../builders/entries.ts';

export type Home = {
  readonly devices: ReadonlyMap<string, { readonly device: Device; readonly health: StoredHealth }>;
  readonly alerts: ReadonlyMap<string, AlertMessage>;
  readonly site: SiteStateMessage;
};

export type Step = { readonly home: Home; readonly change: TickChange };

export const EMPTY_HOME: Home = { devices: new Map(), alerts: new Map(), site: QUIET_SITE };

const DEVICES = 5;

/** As it was saved. */
export function homeIn({ devices, health, alerts, site = QUIET_SITE }: SavedState): Home {
  const known = new Map(devices.map((device) => [device.id, device]));
  return {
    devices: new Map(
      health.flatMap((verdict) => {
        const device = known.get(verdict.deviceId);
        return device ? [[device.id, { device, health: verdict }] as const] : [];
      }),
    ),
    alerts: new Map(alerts.map((alert) => [alert.key, alert])),
    site,
  };
}

/** All of it in one line, the same for the same home. */
export function textOf({ devices, alerts, site }: Home): string {
  const things = [...devices.values()].map(
    ({ device, health }) => `${device.id.slice(-2)}${nameOf(device)}${health.state}${health.sinceAt}`,
  );
  const fires = [...alerts.values()].map(({ key, raisedAt, text }) => `${key.slice(-2)}@${raisedAt} ${text}`);
  return [things.sort().join(), fires.sort().join(), JSON.stringify(site)].join(' | ');
}

export function snapshotOf({ devices, alerts, site }: Home): Snapshot {
  return {
    site,
    alerts: [...alerts.values()],
    devices: [...devices.values()].map(({ device, health }) => ({ device: told(device), state: toldState(health) })),
  };
}

/** What one tick brings; each of its entries is saved together with what it tells. */
export function nextStep(home: Home, random: Random, now: Instant, clock: ClockQuality): Step {
  const n = 1 + Math.floor(random.fraction() * DEVICES);
  const known = home.devices.get(idOf(n));
  const chance = random.fraction();
  const stamped = { at: now, clock };
  if (!known) return appears(home, n, stamped);
  if (chance < 0.06) return disappears(home, known.device, stamped);
  if (chance < 0.14) return isRenamed(home, known, Math.floor(random.fraction() * 1_000), stamped);
  if (chance < 0.22) return siteChanges(home, Math.floor(random.fraction() * 9), stamped);
  if (chance < 0.36) return isSaidAnew(home, n, stamped) ?? changesState(home, n, known, stamped);
  return changesState(home, n, known, stamped);
}

type Stamp = { readonly at: Instant; readonly clock: ClockQuality };
type Known = { readonly device: Device; readonly health: StoredHealth };

function appears(home: Home, n: number, stamp: Stamp): Step {
  const [device, health] = [deviceOf(n), healthOf(n, 'up', stamp.at)];
  const entries: NewEntry[] = [
    { kind: 'device.added', body: told(device), ...stamp },
    { kind: 'device.state', body: toldState(health), ...stamp },
  ];
  return { home: withDevice(home, device, health), change: { ...NOTHING, devices: [device], health: [health], entries } };
}

function disappears(home: Home, { id }: Device, stamp: Stamp): Step {
  const devices = new Map(home.devices);
  devices.delete(id);
  const alert = home.alerts.get(keyOf(id));
  const after = { ...home, devices, ...(alert ? { alerts: without(home.alerts, alert.key) } : {}) };
  const entries: NewEntry[] = [{ kind: 'device.removed', body: { device: id, why: 'It was forgotten.' }, ...stamp }];
  const cleared = alert && clearedAt(alert, stamp.at);
  if (cleared) entries.push({ kind: 'alert.cleared', body: cleared, ...stamp });
  return { home: after, change: { ...NOTHING, removedDevices: [id], alerts: cleared ? [cleared] : [], entries } };
}

function isRenamed(home: Home, { device, health }: Known, n: number, stamp: Stamp): Step {
  const named = {
    ...device,
    facts: { ...device.facts, name: [{ value: `name ${n}`, confidence: 1, source: 'test', at: stamp.at.wallMs }] },
  };
  const entries: NewEntry[] = [{ kind: 'device.changed', body: told(named), ...stamp }];
  return { home: withDevice(home, named, health), change: { ...NOTHING, devices: [named], entries } };
}

function siteChanges(home: Home, personalDevices: number, stamp: Stamp): Step {
  const site = { ...home.site, personalDevices };
  return { home: { ...home, site }, change: { ...NOTHING, site, entries: [{ kind: 'site.state', body: site, ...stamp }] } };
}

/** A device falls and its alert is raised, or it rises and that is cleared. */
function changesState(home: Home, n: number, { device, health }: Known, stamp: Stamp): Step {
  const state: HealthState = health.state === 'up' ? 'down' : 'up';
  const verdict = healthOf(n, state, stamp.at);
  const key = keyOf(device.id);
  const firing = home.alerts.get(key);
  const [alert, kind] = firing
    ? [clearedAt(firing, stamp.at), 'alert.cleared' as const]
    : [raised(key, device.id, stamp.at), 'alert.raised' as const];
  const isTold = (state === 'down') === (firing === undefined);
  const alerts = firing ? without(home.alerts, key) : new Map(home.alerts).set(key, alert);
  return {
    home: { ...withDevice(home, device, verdict), ...(isTold ? { alerts } : {}) },
    change: {
      ...NOTHING,
      health: [verdict],
      alerts: isTold ? [alert] : [],
      entries: [{ kind: 'device.state', body: toldState(verdict), ...stamp }, ...(isTold ? [{ kind, body: alert, ...stamp }] : [])],
    },
  };
}

/** An alert that fires says something else. */
function isSaidAnew(home: Home, n: number, stamp: Stamp): Step | undefined {
  const firing = home.alerts.get(keyOf(idOf(n)));
  if (!firing) return undefined;
  const alert = { ...firing, text: `said at ${Math.round(stamp.at.monoMs)}` };
  const alerts = new Map(home.alerts).set(alert.key, alert);
  return {
    home: { ...home, alerts },
    change: { ...NOTHING, alerts: [alert], entries: [{ kind: 'alert.updated', body: alert, ...stamp }] },
  };
}

function raised(key: string, device: string, at: Instant): AlertMessage {
  return { ...alertOf(key, at), device };
}

function clearedAt(alert: AlertMessage, { wallMs }: Instant): AlertMessage {
  return { ...alert, clearedAt: wallMs, clearedBecause: 'It answers again.' };
}

function withDevice(home: Home, device: Device, health: StoredHealth): Home {
  return { ...home, devices: new Map(home.devices).set(device.id, { device, health }) };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function keyOf(device: string): string {
  return `device-down:${device}`;
}

function nameOf(device: Device): string {
  return device.facts.name?.[0]?.value ?? '';
}

function told(device: Device): DeviceMessage {
  const { id, isGateway, firstSeenAt } = device;
  return { id, name: nameOf(device), ips: [], macs: [], seenBy: [], isGateway, firstSeenAt };
}

function toldState({ deviceId, state, sinceAt, reason, detectWithinMs }: StoredHealth): DeviceStateMessage {
  return { device: deviceId, state, since: sinceAt, reason, detectWithinMs };
}
