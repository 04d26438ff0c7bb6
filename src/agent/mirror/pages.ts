/**
 * What the mirror shows of a device and of the house: a page as JSON, and what Home Assistant is to make of it. A page is made of what the
 * desk may be told and of nothing else. Instants are ISO 8601, in UTC. Pure.
 */
import { dayOf, lastMomentOf } from '../../base/partial-date.ts';
import { isToPlan } from '../../protocol/alert-catalogue.ts';
import {
  type AlertMessage,
  type HealthState,
  healthStateSchema,
  type SiteStateMessage,
  type VerdictMessage,
} from '../../protocol/messages.ts';
import { titleAndPlace } from '../inventory/describe.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { asNamedOutside } from '../inventory/personal.ts';
import { deviceMessage } from '../outbox/state-messages.ts';
import { attributes, connectivity, DIAGNOSTIC, discoveredId, discovery, type Entity, problem, value } from './home-assistant.ts';
import { HUB_PAGE, type MirrorPlace, stateTopic } from './place.ts';

/** What is the same for all pages. */
export type MirrorFrame = { readonly place: MirrorPlace; readonly version: string; readonly siteName?: string };

/** All that a device's page is made of; `since` in Unix milliseconds. */
export type SeenDevice = {
  readonly device: DeviceSummary;
  readonly state: ShownState;
  readonly since: number;
  readonly reason: string;
  readonly verdict: VerdictMessage | undefined;
  readonly alerts: readonly AlertMessage[];
};

/** A doubt of seconds is the hub's own business. */
export type ShownState = Exclude<HealthState, 'suspect'>;
export const shown = (state: HealthState): ShownState => (state === 'suspect' ? 'up' : state);

const STATES = healthStateSchema.options.filter((state) => state !== 'suspect');
/** The earliest are those shown; a page stays well below what Home Assistant keeps of one entity (16 KiB). */
const ALERTS_SHOWN = 8;
const ALERT_LETTERS = 512;

/** Topics and their texts: the state first, so that Home Assistant finds it when it learns of the device. */
export type Page = readonly (readonly [string, string])[];

export function devicePage({ place, version }: MirrorFrame, seen: SeenDevice): Page {
  const { device, state, since, reason } = seen;
  const { id, vendor, model, kind, room, firmware, serial, ips, macs } = deviceMessage(device);
  const end = toldEnd(seen.verdict);
  const outside = asNamedOutside(device);
  const name = outside.name ?? titleAndPlace(outside);
  const page = {
    name,
    maker: vendor,
    model,
    kind,
    room,
    firmware,
    ip: ips[0] ?? null,
    state,
    since: instant(since),
    reason,
    ...alertsOn(seen.alerts),
    ...(end ? { end } : {}),
  };
  const entities: Record<string, Entity> = {
    connectivity: { ...connectivity(null, 'state'), ...attributes(place, id, ['reason', 'ip']) },
    problem: problem(place, id),
    state: value('State', 'state', { dev_cla: 'enum', options: STATES, ...DIAGNOSTIC }),
    since: value('Since', 'since', { dev_cla: 'timestamp', ...DIAGNOSTIC }),
    end: end ? value('End of life', 'end.on', { dev_cla: 'date', ...attributes(place, id, ['end']) }) : { p: 'sensor' },
  };
  const known = {
    name,
    mf: vendor,
    mdl: model,
    sw: firmware,
    sn: serial,
    sa: room,
    cns: macs.map((mac) => ['mac', mac]),
    via_device: discoveredId(place, HUB_PAGE),
  };
  return [[stateTopic(place, id), JSON.stringify(page)], discovery(place, version, { page: id, device: known, entities })];
}

/** Devices by state, of those that may be told. */
export type Counts = Readonly<Record<ShownState, number>>;

export function hubPage(
  { place, version, siteName }: MirrorFrame,
  site: SiteStateMessage,
  counts: Counts,
  alerts: readonly AlertMessage[],
): Page {
  const page = {
    ...(siteName === undefined ? {} : { name: siteName }),
    version,
    internet: shown(site.internet),
    router: shown(site.gateway),
    hubLink: site.hubLink,
    devices: counts,
    personalDevices: site.personalDevices,
    ...alertsOn(alerts),
  };
  const entities: Record<string, Entity> = {
    internet: connectivity('Internet', 'internet'),
    router: connectivity('Router', 'router'),
    problem: problem(place, HUB_PAGE),
    down: { ...value('Devices down', 'devices.down'), ...attributes(place, HUB_PAGE, ['devices']) },
    personal: value('Personal devices', 'personalDevices', DIAGNOSTIC),
  };
  const device = { name: siteName === undefined ? 'hearthbeat' : `hearthbeat ${siteName}`, mf: 'hearthbeat', mdl: 'hub', sw: version };
  return [[stateTopic(place, HUB_PAGE), JSON.stringify(page)], discovery(place, version, { page: HUB_PAGE, device, entities })];
}

/** Nobody is to act on what is held yet, or on an end that lies ahead. */
function alertsOn(alerts: readonly AlertMessage[]): { problem: boolean; alerts: unknown[] } {
  return {
    problem: alerts.some((alert) => !alert.held && !isToPlan(alert) && alert.severity !== 'info'),
    alerts: alerts.slice(0, ALERTS_SHOWN).map(({ code, severity, title, text, raisedAt, held, acknowledged, ends }) => ({
      code,
      severity,
      title,
      text: text.slice(0, ALERT_LETTERS),
      since: instant(raisedAt),
      ...(held ? { held } : {}),
      ...(acknowledged ? { acknowledged: true } : {}),
      ...(ends === undefined ? {} : { ends }),
    })),
  };
}

/** Of a verdict that a client may be told, the end that it names, as the day by which it is there. */
function toldEnd(verdict: VerdictMessage | undefined): { on: string; what: string; why: string; toDo: string } | undefined {
  if (verdict?.tell !== 'client' || !verdict.ends) return undefined;
  const { ends, why, toDo } = verdict;
  return { on: dayOf(lastMomentOf(ends.on)), what: ends.what, why, toDo };
}

const instant = (at: number): string => new Date(at).toISOString();
