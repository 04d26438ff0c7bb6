/** What a tick changed, as it is saved and told in one transaction: the difference between two states, and what happened between them. Pure. */
import type { Instant } from '../base/clock.ts';
import type { ClockQuality } from '../protocol/messages.ts';
import type { AlertChange } from './alerts/alerts.ts';
import { areSameOutages, savedOutages } from './alerts/common-cause.ts';
import { savedSilences } from './alerts/silences.ts';
import { type Promised, promisedFor } from './alerts/urgency.ts';
import type { SavedReadings } from './evidence/saved-readings.ts';
import type { CheckRecord, Transition } from './health/health.ts';
import { learnedIn } from './health/learning.ts';
import { promisedWithinMs } from './health/profiles.ts';
import { savedServices } from './health/services.ts';
import type { InventoryChange } from './inventory/changes.ts';
import { areSameDeclared, declaredContests } from './inventory/contested.ts';
import type { LogRow } from './inventory/identity-log.ts';
import { savedWiring } from './inventory/wiring.ts';
import { lifecycleToSave } from './lifecycle-watch.ts';
import type { NewEntry } from './outbox/entry.ts';
import { deviceStateMessage } from './outbox/state-messages.ts';
import { deviceEntries } from './outbox/told-devices.ts';
import { lifecycleEntries } from './outbox/told-lifecycle.ts';
import type { Policy } from './policy.ts';
import type { AgentState } from './state.ts';
import type { TickChange } from './store/agent-store.ts';
import type { StoredHealth } from './store/health-store.ts';
import { unfinishedIn } from './unfinished.ts';

export type Happened = {
  found: readonly InventoryChange[];
  /** Ids of the devices whose rows are due. */
  toSave: readonly string[];
  transitions: readonly Transition[];
  /** Ids of the devices that are watched in another way now. */
  rewatched?: readonly string[];
  alerts: readonly AlertChange[];
  readings: readonly SavedReadings[];
  rows: readonly LogRow[];
};

export function whatToSave(
  before: AgentState,
  after: AgentState,
  happened: Happened,
  now: Instant,
  context: { readonly clock: ClockQuality; readonly canRevalidate: boolean; readonly policy: Policy },
): TickChange {
  const stamp = { at: now, clock: context.clock };
  const isPromisedAnew = (id: string): boolean => !isSamePromise(before.book.get(id), after.book.get(id));
  const news = [
    ...happened.transitions.filter(isNews).map(({ deviceId }) => deviceId),
    ...(happened.rewatched ?? []).filter(isPromisedAnew),
  ];
  const settled = [...new Set(news)].flatMap((id) => after.book.get(id) ?? []);
  const evidence = new Map(happened.transitions.map((transition) => [transition.deviceId, transition.evidence]));
  const within = (record: CheckRecord): number => promisedWithinMs(record.profile, context.canRevalidate);
  const promised = (record: CheckRecord): Promised =>
    promisedFor(after.summaries.get(record.deviceId), record, context.canRevalidate, context.policy);
  const toTell = new Set([...settled, ...introduced(before, after)].filter(({ deviceId }) => after.told.devices.has(deviceId)));
  const entries: NewEntry[] = [
    ...deviceEntries(before.told, after.told, whyGone(happened.found)).map((entry) => ({ ...entry, ...stamp }) as NewEntry),
    ...[...toTell].map(
      (record): NewEntry => ({
        kind: 'device.state',
        body: deviceStateMessage(record, promised(record), evidence.get(record.deviceId)),
        ...stamp,
      }),
    ),
    ...lifecycleEntries(before, after).map((entry): NewEntry => ({ ...entry, ...stamp })),
    ...happened.alerts.map((change): NewEntry => ({ kind: change.kind, body: change.alert, ...stamp })),
    ...(after.site === before.site ? [] : [{ kind: 'site.state', body: after.site, ...stamp } satisfies NewEntry]),
  ];
  return {
    devices: happened.toSave.flatMap((id) => after.inventory.devices.get(id) ?? []),
    removedDevices: happened.found.flatMap((change) => goneId(change) ?? []),
    health: settled.map((record) => ({
      ...toKeep(record, within(record), evidence.get(record.deviceId)),
      ...(after.summaries.get(record.deviceId)?.personal ? { isPersonal: true } : {}),
    })),
    ...(after.services.down === before.services.down && after.learnedSavedAtMs === before.learnedSavedAtMs
      ? {}
      : { services: savedServices(after.services) }),
    ...(isSameSleep(before, after) ? {} : { sleep: [...after.sleep.hours] }),
    ...learnedToSave(before, after, happened.rewatched ?? []),
    readings: happened.readings,
    ...(after.inventory.people === before.inventory.people ? {} : { people: after.inventory.people }),
    ...(happened.rows.length === 0 ? {} : { identity: happened.rows }),
    alerts: happened.alerts.map((change) => change.alert),
    ...(after.site === before.site ? {} : { site: after.site }),
    ...(areSameDeclared(before.inventory, after.inventory) ? {} : { contests: declaredContests(after.inventory) }),
    ...(after.wiring.tables === before.wiring.tables ? {} : { wiring: savedWiring(after.wiring) }),
    ...(after.silences === before.silences ? {} : { silences: savedSilences(after.silences, now) }),
    ...(areSameOutages(before.causes, after.causes) ? {} : { outages: savedOutages(after.causes, now) }),
    ...(after.newDevices === before.newDevices && after.told.heldSinceMs === before.told.heldSinceMs
      ? {}
      : { unfinished: unfinishedIn(after) }),
    ...newlyAnswered(before, after),
    ...lifecycleToSave(before.lifecycle, after.lifecycle),
    ...(after.absence.life && after.absence.life !== before.absence.life ? { life: after.absence.life } : {}),
    entries,
  };
}

export function toKeep(record: CheckRecord, withinMs: number, evidence?: StoredHealth['evidence']): StoredHealth {
  const { deviceId, state, reason, since } = record;
  return { deviceId, state, sinceAt: Math.round(since.wallMs), reason, detectWithinMs: withinMs, ...(evidence ? { evidence } : {}) };
}

/** Places that answer, or prove themselves, for the first time from this home: from now on their silence means something. */
function newlyAnswered(before: AgentState, after: AgentState): { answeredAnchors?: readonly string[] } {
  if (before.internet.anchors === after.internet.anchors && before.captivity.places === after.captivity.places) return {};
  const names = ({ internet, captivity }: AgentState): string[] => [
    ...internet.anchors.flatMap(({ anchor, everAnswered }) => (everAnswered ? [anchor] : [])),
    ...captivity.places.flatMap(({ place, everProven }) => (everProven ? [place] : [])),
  ];
  return names(before).length === names(after).length ? {} : { answeredAnchors: names(after) };
}

/** The hours move on by themselves; somebody who came back in this one is worth writing down, the rest waits. */
function isSameSleep(before: AgentState, after: AgentState): boolean {
  const isWritten = after.sleep !== before.sleep && after.sleep.hour === before.sleep.hour;
  return !isWritten && after.learnedSavedAtMs === before.learnedSavedAtMs;
}

/** All when that is due, else of those of which something else holds now. */
function learnedToSave(before: AgentState, after: AgentState, rewatched: readonly string[]): Pick<TickChange, 'learned'> {
  if (after.learnedSavedAtMs !== before.learnedSavedAtMs) return { learned: learnedIn(after.book.values()) };
  const learned = rewatched.length === 0 ? [] : learnedIn(rewatched.flatMap((id) => after.book.get(id) ?? []));
  return learned.length === 0 ? {} : { learned };
}

/** A device that is new, or doubted just now, is told of later. */
function isSamePromise(before: CheckRecord | undefined, after: CheckRecord | undefined): boolean {
  if (!before || !after || after.state === 'suspect') return true;
  return promisedWithinMs(before.profile, true) === promisedWithinMs(after.profile, true);
}

/** A doubt, and its end in the old state, are not news. */
function isNews(transition: Transition): boolean {
  return transition.to !== 'suspect' && !(transition.from === 'suspect' && transition.to === 'up');
}

/** The health of those that the desk hears of for the first time. */
function introduced(before: AgentState, after: AgentState): CheckRecord[] {
  if (after.told === before.told) return [];
  return [...after.told.devices.keys()].flatMap((id) => (before.told.devices.has(id) ? [] : (after.book.get(id) ?? [])));
}

function whyGone(changes: readonly InventoryChange[]): Map<string, string> {
  return new Map(
    changes.flatMap((change) => {
      const id = goneId(change);
      return id === undefined ? [] : [[id, (change as { because: string }).because.slice(0, 256)]];
    }),
  );
}

/** The id that exists no more after this change. */
function goneId(change: InventoryChange): string | undefined {
  if (change.kind === 'merged') return change.absorbed.id;
  return change.kind === 'removed' ? change.device.id : undefined;
}
