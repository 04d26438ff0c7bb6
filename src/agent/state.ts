/** Everything the agent holds in memory between ticks, and how it is brought back from what was saved. */
import type { Instant } from '../base/clock.ts';
import type { SiteStateMessage } from '../protocol/messages.ts';
import type { AlertBook } from './alerts/alerts.ts';
import { type CommonCauses, restoreOutages } from './alerts/common-cause.ts';
import { type Holds, restoreHolds } from './alerts/holds.ts';
import type { NewDevices } from './alerts/new-devices.ts';
import { restoreSilences, type Silences } from './alerts/silences.ts';
import { type FlapBook, restoreFlaps } from './alerts/unstable.ts';
import type { EvidenceBook } from './evidence/evidence-book.ts';
import { restoreEvidenceBook } from './evidence/saved-readings.ts';
import { type Absence, restoreAbsence } from './health/absence.ts';
import { type Captivity, newCaptivity } from './health/captivity.ts';
import { restoreRecord, type SavedRecord } from './health/check-record.ts';
import { type Doubt, NO_DOUBT } from './health/doubt.ts';
import { type FallBook, restoreFalls } from './health/falls.ts';
import type { CheckRecord, HealthBook, HubCondition } from './health/health.ts';
import type { Hearing } from './health/hearing.ts';
import { type InternetRecord, newInternet } from './health/internet.ts';
import { type NamesRecord, newNames } from './health/names.ts';
import { restoreServices, type Services } from './health/services.ts';
import { restoreSleep, type SleepBook } from './health/sleep.ts';
import { newUpstream, type Upstream } from './health/upstream.ts';
import { restoreContests } from './inventory/contested.ts';
import type { DeviceSummary } from './inventory/device.ts';
import { type Inventory, restoreInventory } from './inventory/inventory.ts';
import { summarise } from './inventory/summary.ts';
import { restoreWiring, seenFromRouter, type Wiring, withPlaces } from './inventory/wiring.ts';
import { type LifecycleWatch, restoreLifecycle } from './lifecycle-watch.ts';
import { NOBODY, type PeopleCount } from './outbox/people-count.ts';
import type { ToldDevices } from './outbox/told-devices.ts';
import type { Policy } from './policy.ts';
import type { Boot } from './ports.ts';
import type { SavedState } from './store/agent-store.ts';
import { resume } from './unfinished.ts';
import { ALL_SAVED, type UnsavedDevices } from './unsaved-devices.ts';
import { NONE_WAITS, type WaitingHealth } from './waiting-health.ts';

export type AgentState = {
  readonly inventory: Inventory;
  /** The devices as people see them, by id; follows the inventory. */
  readonly summaries: ReadonlyMap<string, DeviceSummary>;
  readonly told: ToldDevices;
  readonly unsaved: UnsavedDevices;
  /** Verdicts that wait to be written with something else. */
  readonly waitingHealth: WaitingHealth;
  readonly book: HealthBook;
  /** When what was learned of all devices was saved last, monotonic. */
  readonly learnedSavedAtMs: number;
  readonly internet: InternetRecord;
  /** Whether it is the internet that answers. */
  readonly captivity: Captivity;
  /** How far the way to the internet works. */
  readonly upstream: Upstream;
  readonly names: NamesRecord;
  readonly evidence: EvidenceBook;
  /** What devices are there for, apart from whether they live. */
  readonly services: Services;
  /** When devices usually are silent. */
  readonly sleep: SleepBook;
  readonly hub: HubCondition;
  /** Who fell silent when. */
  readonly falls: FallBook;
  /** What hangs on what. */
  readonly wiring: Wiring;
  readonly doubt: Doubt;
  readonly hearing: Hearing;
  readonly alerts: AlertBook;
  /** How long what nobody is to act on yet has been watched. */
  readonly holds: Holds;
  readonly silences: Silences;
  readonly flaps: FlapBook;
  readonly causes: CommonCauses;
  readonly newDevices: NewDevices;
  /** How near their end devices are, and what was told of it. */
  readonly lifecycle: LifecycleWatch;
  readonly people: PeopleCount;
  readonly site: SiteStateMessage;
  /** Why the desk did not hear the hub for a while. */
  readonly absence: Absence;
};

const NOTHING_KNOWN: SiteStateMessage = { gateway: 'unknown', internet: 'unknown', hubLink: null, personalDevices: 0 };

/**
 * A state of a device holds on until this process has its own evidence; what it last answered by is learned again, which takes a few seconds.
 * `boot`: of the machine, for a process that is to say why the hub was away.
 */
export function restoreState(saved: SavedState, anchors: readonly string[], now: Instant, policy: Policy, boot?: Boot): AgentState {
  const inventory = { ...restoreInventory(saved), contests: restoreContests(saved.contests ?? [], now.wallMs) };
  const wiring = seenFromRouter(restoreWiring(saved.wiring ?? []), inventory);
  const summaries = withPlaces(new Map([...inventory.devices.values()].map((device) => [device.id, summarise(device)])), wiring);
  const site = saved.site ?? NOTHING_KNOWN;
  const alerts: AlertBook = new Map(saved.alerts.map((alert) => [alert.key, alert]));
  const learned = new Map(saved.learned?.map(({ deviceId, learning }) => [deviceId, learning]));
  const book: HealthBook = new Map(
    saved.health.flatMap((stored) => restored({ ...stored, learning: learned.get(stored.deviceId) }, inventory, now, policy)),
  );
  const absence = restoreAbsence({ ...(saved.life ? { life: saved.life } : {}), told: site.absence }, book, now, boot);
  return {
    inventory,
    summaries,
    unsaved: ALL_SAVED,
    waitingHealth: NONE_WAITS,
    book,
    learnedSavedAtMs: now.monoMs,
    internet: newInternet(anchors, now, { everAnswered: saved.answeredAnchors ?? [], state: site.internet }),
    captivity: newCaptivity(anchors, saved.answeredAnchors ?? [], now),
    upstream: newUpstream(now),
    names: newNames(now),
    evidence: restoreEvidenceBook(saved.readings, now, absence.watch ? AGENTS_ARE_UP : undefined),
    hub: { links: {}, eventLoopLagMs: 0 },
    falls: restoreFalls(saved.falls ?? []),
    wiring,
    doubt: NO_DOUBT,
    hearing: {},
    alerts,
    holds: restoreHolds(alerts),
    silences: restoreSilences(saved.silences ?? [], now),
    flaps: restoreFlaps(alerts.values(), now.monoMs),
    sleep: restoreSleep(saved.sleep ?? [], now.wallMs),
    services: restoreServices(saved.services ?? [], now),
    causes: restoreOutages(saved.outages ?? [], now),
    ...resume(saved.unfinished, summaries, now),
    lifecycle: restoreLifecycle(saved.lifecycle, now),
    people: { ...NOBODY, count: site.personalDevices },
    site,
    absence,
  };
}

/** Whose uptime tells of a power cut is asked soon; switches and routers need a while to boot. */
const AGENTS_ARE_UP = { reader: 'snmp', inMs: 120_000 };

function restored(
  stored: SavedRecord & { readonly deviceId: string },
  inventory: Inventory,
  now: Instant,
  policy: Policy,
): [string, CheckRecord][] {
  const device = inventory.devices.get(stored.deviceId);
  return device ? [[device.id, restoreRecord(device, stored, now, inventory.devices.size, policy)]] : [];
}
