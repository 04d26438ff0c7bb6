/**
 * The present state of the home as retained messages, and what is to be published so that a broker shows it. A picture is drawn anew page by
 * page, and is the same object while nothing changed: the mirror looks every second. Pure.
 */
import { HUB_ID } from '../../base/ids.ts';
import type { AlertMessage, SiteStateMessage, VerdictMessage } from '../../protocol/messages.ts';
import type { AlertBook } from '../alerts/alerts.ts';
import type { CheckRecord, HealthBook } from '../health/health.ts';
import type { ToldDevices } from '../outbox/told-devices.ts';
import { type Counts, devicePage, hubPage, type MirrorFrame, type Page, type SeenDevice, type ShownState, shown } from './pages.ts';
import { HUB_PAGE } from './place.ts';

/** The parts of the agent's state that are shown. */
export type House = {
  readonly told: Pick<ToldDevices, 'devices'>;
  readonly book: HealthBook;
  readonly lifecycle: { readonly verdicts: ReadonlyMap<string, VerdictMessage> };
  readonly alerts: AlertBook;
  readonly site: SiteStateMessage;
};

type Drawn = { readonly seen: SeenDevice; readonly page: Page };
type DrawnHub = { readonly site: SiteStateMessage; readonly counts: Counts; readonly alerts: readonly AlertMessage[]; readonly page: Page };

export type Picture = {
  /** Retained texts by topic. */
  readonly topics: ReadonlyMap<string, string>;
  readonly devices: ReadonlyMap<string, Drawn>;
  readonly hub?: DrawnHub;
};

export const BLANK: Picture = { topics: new Map(), devices: new Map() };

/** Of persons nothing is drawn, also where the homeowner has them told: who reads the house's broker is not the desk. */
export function redraw(before: Picture, house: House, frame: MirrorFrame): Picture {
  const about = alertsByPage(house);
  const devices = new Map<string, Drawn>();
  const counts: Record<ShownState, number> = { up: 0, asleep: 0, down: 0, unreachable: 0, unknown: 0 };
  for (const [id, device] of house.told.devices) {
    const record = house.book.get(id);
    if (!record || device.personal) continue;
    const known = before.devices.get(id);
    const seen = {
      device,
      ...shownHealth(record, known?.seen),
      verdict: house.lifecycle.verdicts.get(id),
      alerts: about.get(id) ?? NO_ALERTS,
    };
    counts[seen.state]++;
    devices.set(id, known && isSameDevice(known.seen, seen) ? known : { seen, page: devicePage(frame, seen) });
  }
  const hub = drawHub(before.hub, { site: house.site, counts, alerts: about.get(HUB_PAGE) ?? NO_ALERTS }, frame);
  const isSame =
    hub === before.hub && devices.size === before.devices.size && [...devices].every(([id, drawn]) => drawn === before.devices.get(id));
  if (isSame) return before;
  return { devices, hub, topics: new Map([hub, ...devices.values()].flatMap(({ page }) => page)) };
}

/** `undefined` is a text that the broker keeps, and not the one that is wanted. */
export type Kept = ReadonlyMap<string, string | undefined>;
/** An empty text takes a retained message away (MQTT 5, 3.3.1.3). */
export type Publication = { readonly topic: string; readonly text: string };

/** What goes away goes first: of two merged devices with one MAC, Home Assistant is to know one. */
export function publications(kept: Kept, wanted: ReadonlyMap<string, string>): Publication[] {
  const gone = [...kept.keys()].filter((topic) => !wanted.has(topic)).map((topic) => ({ topic, text: '' }));
  const news = [...wanted].filter(([topic, text]) => kept.get(topic) !== text).map(([topic, text]) => ({ topic, text }));
  return [...gone, ...news];
}

const NO_ALERTS: readonly AlertMessage[] = [];

/** An alert about a device is shown with the device, or not at all: whatever is not told outside is not told by an alert either. */
function alertsByPage({ alerts }: House): Map<string, AlertMessage[]> {
  const about = new Map<string, AlertMessage[]>();
  for (const alert of alerts.values()) {
    const page = alert.device === undefined || alert.device === HUB_ID ? HUB_PAGE : alert.device;
    about.set(page, [...(about.get(page) ?? []), alert]);
  }
  return about;
}

/** While it is doubted, a device is shown as it was. */
function shownHealth(record: CheckRecord, known: SeenDevice | undefined): Pick<SeenDevice, 'state' | 'since' | 'reason'> {
  if (record.state === 'suspect' && known?.state === 'up') return { state: 'up', since: known.since, reason: known.reason };
  const since = record.state === 'suspect' ? (record.upSince ?? record.since) : record.since;
  return {
    state: shown(record.state),
    since: since.wallMs,
    reason: record.state === 'suspect' ? 'It answered a moment ago.' : record.reason,
  };
}

function isSameDevice(one: SeenDevice, other: SeenDevice): boolean {
  const { device, state, since, reason, verdict, alerts } = one;
  return (
    device === other.device &&
    state === other.state &&
    since === other.since &&
    reason === other.reason &&
    verdict === other.verdict &&
    areSame(alerts, other.alerts)
  );
}

function drawHub(before: DrawnHub | undefined, now: Omit<DrawnHub, 'page'>, frame: MirrorFrame): DrawnHub {
  const isSame = before?.site === now.site && areSameCounts(before.counts, now.counts) && areSame(before.alerts, now.alerts);
  return isSame ? before : { ...now, page: hubPage(frame, now.site, now.counts, now.alerts) };
}

function areSameCounts(one: Counts, other: Counts): boolean {
  return (Object.keys(one) as ShownState[]).every((state) => one[state] === other[state]);
}

function areSame(one: readonly AlertMessage[], other: readonly AlertMessage[]): boolean {
  return one.length === other.length && one.every((alert, i) => alert === other[i]);
}
