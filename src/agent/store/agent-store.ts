/**
 * All that the agent keeps, behind one door: what a tick changed is saved, together with what the desk must learn of it, in one
 * transaction, so that nothing is announced that was not saved and nothing saved goes unannounced.
 */
import type { Database } from 'better-sqlite3';
import type { Random } from '../../base/random.ts';
import type { AlertMessage, SiteStateMessage } from '../../protocol/messages.ts';
import type { SavedOutage } from '../alerts/common-cause.ts';
import type { SavedSilence } from '../alerts/silences.ts';
import type { CountedDay, PortDay, SavedPortCounts } from '../decay/day.ts';
import type { SavedReadings } from '../evidence/saved-readings.ts';
import type { SavedLearning } from '../health/health.ts';
import type { SavedLife } from '../health/last-life.ts';
import type { SavedService } from '../health/services.ts';
import type { SavedSleep } from '../health/sleep.ts';
import type { People } from '../inventory/corrections.ts';
import type { Device } from '../inventory/device.ts';
import type { LogRow } from '../inventory/identity-log.ts';
import type { SavedWiring } from '../inventory/wiring.ts';
import type { Contest } from '../inventory/work.ts';
import type { JournalPart } from '../journal/journal.ts';
import type { LifecycleChange, SavedLifecycle } from '../lifecycle-watch.ts';
import type { NewEntry, Outbox } from '../outbox/entry.ts';
import { type Rebuilt, readRebuilt } from '../rebuilt.ts';
import type { Unfinished } from '../unfinished.ts';
import { type AlertStore, createAlertStore } from './alert-store.ts';
import { createCorrectionStore } from './correction-store.ts';
import { createDayStore, type DayStore } from './day-store.ts';
import { createDeviceStore } from './device-store.ts';
import { createHealthStore, type HealthStore, type StoredHealth } from './health-store.ts';
import { createIdentityLogStore, type IdentityLog } from './identity-log-store.ts';
import { createJournalStore, type JournalStore } from './journal-store.ts';
import { createLearningStore } from './learning-store.ts';
import { createLifecycleStore } from './lifecycle-store.ts';
import { createMetaStore, type MetaStore } from './meta-store.ts';
import { createOutboxStore, OUTBOX_LIMITS, type OutboxLimits, type OutboxStore } from './outbox-store.ts';
import { createPortDayStore, type PortDayStore } from './port-day-store.ts';
import { createReadingStore } from './reading-store.ts';
import { limitsWithin, NO_ROOM, type ReservedRoom, withRoom } from './reserved-room.ts';
import { RETENTION, type Retention } from './retention.ts';
import { explained } from './store-error.ts';

/** What one tick changed. Lists hold only what is new or different; what they leave out stays as it is. */
export type TickChange = {
  readonly devices: readonly Device[];
  readonly removedDevices: readonly string[];
  readonly health: readonly StoredHealth[];
  /** Of all devices at once, when it is due. */
  readonly learned?: readonly SavedLearning[];
  /** Of each device that was asked for evidence, when it is to be asked again. */
  readonly readings: readonly SavedReadings[];
  readonly alerts: readonly AlertMessage[];
  /** All that people said of devices, when they said something. */
  readonly people?: People;
  /** New rows of the identity log. */
  readonly identity?: readonly LogRow[];
  readonly site?: SiteStateMessage;
  /** All declared contests for addresses, when they changed. */
  readonly contests?: readonly Contest[];
  /** Outages that are told or explained, when they changed. */
  readonly outages?: readonly SavedOutage[];
  /** All services that are known to be meant, when one fell or rose. */
  readonly services?: readonly SavedService[];
  /** When devices usually are silent, when one came back or it is due. */
  readonly sleep?: readonly SavedSleep[];
  /** What switches and access points told of their ports, when one of them told again. */
  readonly wiring?: SavedWiring;
  /** All silences, when they changed and every minute while there are any. */
  readonly silences?: readonly SavedSilence[];
  readonly unfinished?: Unfinished;
  /** Places on the internet that have answered from this home. */
  readonly answeredAnchors?: readonly string[];
  /** How near their end devices are and what was told of it, when it changed. */
  readonly lifecycle?: LifecycleChange;
  /** That this process lives, when it is due. */
  readonly life?: SavedLife;
  /** What was asked and heard, when a part of the journal is due. */
  readonly journal?: JournalPart;
  /** How devices did on a day that is over, or so far. */
  readonly days?: readonly CountedDay[];
  readonly portDays?: readonly PortDay[];
  /** What wired ports had counted when they were asked last, with their days. */
  readonly portCounts?: SavedPortCounts;
  /** What became of a damaged database, when it is told. */
  readonly rebuilt?: Rebuilt;
  readonly entries: readonly NewEntry[];
};

/** Lists that every change has; of the other parts even an empty one says something. */
const LISTS: ReadonlySet<string> = new Set([
  'devices',
  'removedDevices',
  'health',
  'readings',
  'alerts',
  'entries',
] satisfies (keyof TickChange)[]);

/** Whether there is nothing to write. */
export function isEmpty(change: TickChange): boolean {
  const isNothing = ([name, part]: [string, unknown]): boolean =>
    part === undefined || (LISTS.has(name) && Array.isArray(part) && part.length === 0);
  return Object.entries(change).every(isNothing);
}

/** What the agent knew when it stopped. */
export type SavedState = {
  readonly devices: readonly Device[];
  readonly health: readonly StoredHealth[];
  /** When devices were found silent, newest first. */
  readonly falls?: ReturnType<HealthStore['falls']>;
  readonly learned?: readonly SavedLearning[];
  readonly readings: readonly SavedReadings[];
  readonly alerts: readonly AlertMessage[];
  readonly people?: People;
  /** The number of the next row of the identity log. */
  readonly nextRow?: number;
  readonly site?: SiteStateMessage;
  /** Declared contests for addresses. */
  readonly contests?: readonly Contest[];
  readonly outages?: readonly SavedOutage[];
  readonly services?: readonly SavedService[];
  readonly sleep?: readonly SavedSleep[];
  readonly silences?: readonly SavedSilence[];
  readonly wiring?: SavedWiring;
  readonly portCounts?: SavedPortCounts;
  readonly unfinished?: Unfinished;
  /** Places on the internet that have answered from this home. */
  readonly answeredAnchors?: readonly string[];
  readonly lifecycle?: SavedLifecycle;
  /** What the process before left of itself. */
  readonly life?: SavedLife;
  readonly rebuilt?: Rebuilt;
};

export type AgentStore = {
  load(): SavedState;
  /** Saves all of it or nothing, durably; answers the ids of the entries in their order. Throws HearthbeatError when the disk refuses. */
  commitTick(change: TickChange): string[];
  readonly outbox: Outbox;
  readonly meta: MetaStore;
  readonly identity: IdentityLog;
  readonly health: Pick<HealthStore, 'history'>;
  readonly alerts: Pick<AlertStore, 'history'>;
  readonly journal: Pick<JournalStore, 'parts'>;
  readonly days: Pick<DayStore, 'all'>;
  readonly portDays: Pick<PortDayStore, 'all'>;
  close(): void;
};

export type AgentStoreOptions = {
  readonly random: Random;
  /** Names this start of the process; every entry committed by it carries the name. */
  readonly start: string;
  readonly limits?: OutboxLimits;
  readonly retention?: Retention;
  readonly room?: ReservedRoom;
};

export function createAgentStore(
  db: Database,
  { random, start, limits = OUTBOX_LIMITS, retention = RETENTION, room = NO_ROOM }: AgentStoreOptions,
): AgentStore {
  const meta = createMetaStore(db);
  const devices = createDeviceStore(db);
  const corrections = createCorrectionStore(db);
  const identity = createIdentityLogStore(db);
  const health = createHealthStore(db, retention);
  const learning = createLearningStore(db);
  const readings = createReadingStore(db);
  const alerts = createAlertStore(db, retention);
  const journal = createJournalStore(db);
  const days = createDayStore(db);
  const portDays = createPortDayStore(db);
  const lifecycle = createLifecycleStore(db, meta);
  const outbox: OutboxStore = createOutboxStore(db, meta, {
    random,
    start,
    limits: limitsWithin(room, limits, () => outbox.waiting().bytes),
  });

  const save = db.transaction((change: TickChange): string[] => {
    devices.save(change.devices);
    // A clock that nobody vouches for may have jumped, and must not make the past look old.
    const forgetByAge = change.entries.some((entry) => entry.clock === 'desk');
    health.save(change.health, forgetByAge);
    if (change.learned) learning.save(change.learned);
    readings.save(change.readings);
    devices.remove(change.removedDevices);
    readings.remove(change.removedDevices);
    health.remove(change.removedDevices);
    learning.remove(change.removedDevices);
    if (change.days) days.save(change.days);
    if (change.portDays) portDays.save(change.portDays);
    for (const store of [days, portDays]) store.remove(change.removedDevices);
    alerts.save(change.alerts, forgetByAge);
    // With little room left what a replay needs is done without: it has a hole then, as where the hub was off.
    if (change.journal && !room.isInUse()) journal.append(change.journal, forgetByAge);
    // After the part, which may have been made a moment before it turned out whose it is.
    const persons = change.devices.filter(({ personal }) => personal).map(({ id }) => id);
    journal.forget(persons);
    health.forgetHistory(persons);
    for (const store of [days, portDays]) store.remove(persons);
    if (change.people) corrections.save(change.people);
    if (change.identity) identity.append(change.identity);
    if (change.site) meta.set('site-state', JSON.stringify(change.site));
    if (change.answeredAnchors) meta.set('answered-anchors', change.answeredAnchors.join(' '));
    if (change.contests) meta.set('contests', JSON.stringify(change.contests));
    if (change.sleep) meta.set('sleep', JSON.stringify(change.sleep));
    if (change.services) meta.set('services', JSON.stringify(change.services));
    if (change.outages) meta.set('outages', JSON.stringify(change.outages));
    if (change.wiring) meta.set('wiring', JSON.stringify(change.wiring));
    if (change.portCounts) meta.set('port-counts', JSON.stringify(change.portCounts));
    if (change.silences) meta.set('silences', JSON.stringify(change.silences));
    if (change.lifecycle) lifecycle.save(change.lifecycle);
    if (change.life) meta.set('life', JSON.stringify(change.life));
    if (change.rebuilt) meta.set('rebuilt', JSON.stringify(change.rebuilt));
    if (change.unfinished) meta.set('unfinished', JSON.stringify(change.unfinished));
    return outbox.append(change.entries);
  });

  return {
    load() {
      const [site, unfinished, anchors] = [meta.get('site-state'), meta.get('unfinished'), meta.get('answered-anchors')];
      const [contests, outages, silences] = [meta.get('contests'), meta.get('outages'), meta.get('silences')];
      const [wiring, life, portCounts] = [meta.get('wiring'), meta.get('life'), meta.get('port-counts')];
      const [services, sleep] = [meta.get('services'), meta.get('sleep')];
      const rebuilt = readRebuilt(meta.get('rebuilt'));
      return {
        devices: devices.all(),
        health: health.all(),
        falls: health.falls(),
        learned: learning.all(),
        readings: readings.all(),
        alerts: alerts.firing(),
        people: corrections.load(),
        nextRow: identity.nextRow(),
        lifecycle: lifecycle.load(),
        ...(site === undefined ? {} : { site: JSON.parse(site) as SiteStateMessage }),
        ...(anchors === undefined ? {} : { answeredAnchors: anchors.split(' ').filter(Boolean) }),
        ...(contests === undefined ? {} : { contests: JSON.parse(contests) as Contest[] }),
        ...(sleep === undefined ? {} : { sleep: JSON.parse(sleep) as SavedSleep[] }),
        ...(services === undefined ? {} : { services: JSON.parse(services) as SavedService[] }),
        ...(outages === undefined ? {} : { outages: JSON.parse(outages) as SavedOutage[] }),
        ...(wiring === undefined ? {} : { wiring: JSON.parse(wiring) as SavedWiring }),
        ...(portCounts === undefined ? {} : { portCounts: JSON.parse(portCounts) as SavedPortCounts }),
        ...(silences === undefined ? {} : { silences: JSON.parse(silences) as SavedSilence[] }),
        ...(rebuilt === undefined ? {} : { rebuilt }),
        ...(life === undefined ? {} : { life: JSON.parse(life) as SavedLife }),
        ...(unfinished === undefined ? {} : { unfinished: JSON.parse(unfinished) as Unfinished }),
      };
    },
    commitTick: (change) => withRoom(room, () => outbox.counted(() => explained(() => save(change)))),
    outbox: {
      ...outbox,
      acknowledge: (ids) => withRoom(room, () => outbox.acknowledge(ids)),
      grant: (session) => withRoom(room, () => outbox.grant(session)),
      commitSnapshot: (parts, at, clock) => withRoom(room, () => outbox.commitSnapshot(parts, at, clock)),
    },
    meta,
    identity,
    health,
    alerts,
    journal,
    days,
    portDays,
    close: () => db.close(),
  };
}
