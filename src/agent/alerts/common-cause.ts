/**
 * What falls silent together has one cause: the router, switch or access point that fell with it, or, where none is known, something they all
 * hang on. One message tells it; its members raise none of their own until the cause is back and they have had time to return. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { CheckRecord, HealthBook } from '../health/health.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { DeviceKind } from '../inventory/kinds.ts';

/** Devices that fell silent together. `cause`: the device that carried them; undefined where it is not known. */
export type Outage = {
  readonly cause?: string;
  readonly members: ReadonlySet<string>;
  /** Names it for as long as it lasts. */
  readonly name: string;
  /** How many they were at most. */
  readonly size: number;
  /** All that ever were among them. */
  readonly everyone: ReadonlySet<string>;
  /** How often they fell, each time within half an hour of the time before. */
  readonly falls: number;
  /** All are back, and it stays open to see whether they stay. */
  readonly calmSinceMs?: number;
  /** When the first of them fell silent, monotonic. */
  readonly silentSinceMs: number;
  /** Since when its cause is back, or half of them are. */
  readonly returningSinceMs?: number;
};

export type CommonCauses = {
  readonly outages: readonly Outage[];
  /** Ids of devices that are down and whose companions are not judged yet: their alert waits for the verdict on those. */
  readonly waiting: ReadonlySet<string>;
  /** Those without a known cause that ended lately, at most 16: who falls again is told once more, and then until it stops. */
  readonly past: readonly PastOutage[];
};

type PastOutage = Pick<Outage, 'name' | 'everyone' | 'falls'> & { readonly endedAtMs: number };

export type Fallen = { readonly devices: ReadonlyMap<string, DeviceSummary>; readonly book: HealthBook; readonly nowMs: number };

/** Over Wi-Fi a silence is begun up to 15 s later than on a wire, and after a restart only the verdict's time is known. */
const TOGETHER_MS = 60_000;
/** Verdicts on wires come within 12 s; a switch may be the last of its children to be judged. */
export const WAIT_MS = 15_000;
/** Home boxes boot in one to two minutes. */
const RETURN_MS = 120_000;
/** So many at once are no coincidence; in a small home a quarter of it is enough. */
const MANY = 5;
const FEWEST = 3;
const SHARE = 0.25;
/** As for a single device that comes and goes. */
const CALM_MS = 30 * 60_000;
const MOST_PAST = 16;

/** What carries others, the one nearest to all of them first. */
const CARRIERS: readonly DeviceKind[] = ['ups', 'power', 'firewall', 'modem', 'switch', 'access-point'];

/** What of an outage outlives the process; `silentSinceAt` in Unix milliseconds. */
export type SavedOutage = Pick<Outage, 'cause' | 'name' | 'size'> & {
  readonly members: readonly string[];
  readonly everyone?: readonly string[];
  readonly falls?: number;
  readonly isCalm?: boolean;
  readonly silentSinceAt: number;
  readonly isReturning: boolean;
};

export const NO_CAUSES: CommonCauses = { outages: [], waiting: new Set(), past: [] };

/** The same object where nothing is down and nothing was. */
export function findCommonCauses(before: CommonCauses, fallen: Fallen): CommonCauses {
  const down = fallen.book
    .values()
    .filter((record) => record.state === 'down' && isWatched(record, fallen))
    .toArray();
  if (down.length === 0 && before.outages.length === 0)
    return before.waiting.size === 0 ? before : { ...before, waiting: NO_CAUSES.waiting };
  const owner = new Map(before.outages.flatMap((outage) => idsIn(outage).map((id) => [id, outage])));
  const kept = before.outages.flatMap((outage) => {
    const joining = down.filter(({ deviceId }) => (owner.get(deviceId) ?? outage) === outage);
    return stillOut(outage, joining, fallen);
  });
  const held = new Set(kept.flatMap(idsIn));
  const free = down.filter(({ deviceId }) => !held.has(deviceId));
  const caused = byCarriers(free, fallen);
  const orphans = free.filter(({ deviceId }) => !caused.some(({ cause, members }) => cause === deviceId || members.has(deviceId)));
  const together = withoutKnownCause(orphans, fallen).map((fell) => again(fell, [...kept, ...before.past], fallen));
  const outages = [...kept.filter(({ name }) => !together.some((fell) => fell.name === name)), ...caused, ...together];
  const ended = before.outages.filter(({ cause, name }) => cause === undefined && !outages.some((each) => each.name === name));
  return { outages, waiting: waitingFor(orphans, outages, fallen), past: remembered(before.past, ended, fallen) };
}

/** The same group once more, under its name, where at least half of these fell together within the last half an hour. */
function again(fell: Outage, known: readonly (Outage | PastOutage)[], { nowMs }: Fallen): Outage {
  const isRecent = (one: Outage | PastOutage): boolean =>
    'endedAtMs' in one ? nowMs - one.endedAtMs < CALM_MS : one.calmSinceMs !== undefined;
  const same = known.find((one) => isRecent(one) && [...fell.members].filter((id) => one.everyone.has(id)).length * 2 >= fell.size);
  if (!same) return fell;
  return { ...fell, name: same.name, falls: same.falls + 1, everyone: new Set([...same.everyone, ...fell.members]) };
}

function remembered(past: readonly PastOutage[], ended: readonly Outage[], { nowMs }: Fallen): readonly PastOutage[] {
  if (ended.length === 0) return past;
  const recent = past.filter(({ name, endedAtMs }) => nowMs - endedAtMs < CALM_MS && !ended.some((each) => each.name === name));
  const added = ended.map(({ name, everyone, falls }) => ({ name, everyone, falls, endedAtMs: nowMs }));
  return [...recent, ...added].slice(-MOST_PAST);
}

/** The outage that explains the silence of a device. */
export function outageOf({ outages }: CommonCauses, deviceId: string): Outage | undefined {
  return outages.find(({ members }) => members.has(deviceId));
}

const idsIn = ({ members, cause }: Outage): string[] => [...members, ...(cause === undefined ? [] : [cause])];

function isWatched({ deviceId, profile }: CheckRecord, { devices }: Fallen): boolean {
  return profile.silence === 'fault' && devices.get(deviceId)?.personal === false;
}

const silenceOf = (record: CheckRecord): number => record.silentSinceMs ?? record.since.monoMs;
const fellTogether = (one: number, record: CheckRecord): boolean => Math.abs(silenceOf(record) - one) <= TOGETHER_MS;

/** The gateway carries all, then the kinds in their order; undefined for what carries nothing. */
function rankOf(deviceId: string, { devices }: Fallen): number | undefined {
  const device = devices.get(deviceId);
  if (device?.isGateway) return 0;
  const rank = device?.kind === undefined ? -1 : CARRIERS.indexOf(device.kind);
  return rank < 0 ? undefined : rank + 1;
}

/** With those that joined it late, without those that are back; gone when all are, or when the rest had time enough to return. */
function stillOut(was: Outage, down: readonly CheckRecord[], fallen: Fallen): Outage[] {
  const isBack = (id: string): boolean => ['up', 'asleep', undefined].includes(fallen.book.get(id)?.state);
  const late = down.filter((record) => fellTogether(was.silentSinceMs, record));
  const before = underRoot(was, late, fallen);
  const members = new Set([...before.members].filter((id) => !isBack(id)));
  for (const { deviceId } of late) if (deviceId !== before.cause) members.add(deviceId);
  if (members.size === 0) return stillWatched(before, fallen);
  const everyone = late.every(({ deviceId }) => before.everyone.has(deviceId))
    ? before.everyone
    : new Set([...before.everyone, ...members]);
  const size = Math.max(before.size, members.size);
  const isReturning = before.cause === undefined ? members.size <= size / 2 : isBack(before.cause);
  const { returningSinceMs: since = fallen.nowMs, ...rest } = before;
  if (!isReturning) return [{ ...rest, members, size, everyone }];
  if (fallen.nowMs - since < RETURN_MS) return [{ ...rest, members, size, everyone, returningSinceMs: since }];
  return stillWatched(before, fallen);
}

/** What fell for the first time is over when its devices are back; what comes and goes stays until it was calm for half an hour. */
function stillWatched(was: Outage, { nowMs }: Fallen): Outage[] {
  const calmSinceMs = was.calmSinceMs ?? nowMs;
  if (was.falls < 2 || nowMs - calmSinceMs >= CALM_MS) return [];
  if (was.calmSinceMs !== undefined && was.members.size === 0) return [was];
  const { returningSinceMs: _, ...rest } = was;
  return [{ ...rest, members: new Set(), calmSinceMs }];
}

/** What carries more than the cause known so far, and was judged after it, is the cause. */
function underRoot(was: Outage, late: readonly CheckRecord[], fallen: Fallen): Outage {
  const rankIn = (id: string | undefined): number => (id === undefined ? undefined : rankOf(id, fallen)) ?? Number.POSITIVE_INFINITY;
  const root = late.reduce((best, { deviceId }) => (rankIn(deviceId) < rankIn(best) ? deviceId : best), was.cause);
  if (root === was.cause || root === undefined) return was;
  return { ...was, cause: root, members: new Set([...idsIn(was)].filter((id) => id !== root)) };
}

function byCarriers(free: readonly CheckRecord[], fallen: Fallen): Outage[] {
  const ranked = free.flatMap((record) => {
    const rank = rankOf(record.deviceId, fallen);
    return rank === undefined ? [] : [{ record, rank }];
  });
  const outages: Outage[] = [];
  const taken = new Set<string>();
  for (const { record, rank } of ranked.sort((a, b) => a.rank - b.rank)) {
    if (taken.has(record.deviceId)) continue;
    const isBelow = (other: CheckRecord): boolean => (rankOf(other.deviceId, fallen) ?? Number.POSITIVE_INFINITY) > rank;
    const carried = free.filter((other) => !taken.has(other.deviceId) && isBelow(other) && fellTogether(silenceOf(record), other));
    if (carried.length === 0) continue;
    for (const { deviceId } of [record, ...carried]) taken.add(deviceId);
    outages.push(outage(carried, record.deviceId));
  }
  return outages;
}

/** The largest of those that fell together; a smaller one beside it is found at the next tick. */
function withoutKnownCause(orphans: readonly CheckRecord[], fallen: Fallen): Outage[] {
  const groups = orphans.map((record) => orphans.filter((other) => fellTogether(silenceOf(record), other)));
  const largest = groups.reduce<readonly CheckRecord[]>((most, group) => (group.length > most.length ? group : most), []);
  return largest.length >= manyIn(fallen) && !isStillFalling(largest, fallen) ? [outage(largest)] : [];
}

/** Its last ones, among them perhaps the one that carries the rest, are judged in a moment. */
function isStillFalling(group: readonly CheckRecord[], { book, nowMs }: Fallen): boolean {
  if (nowMs - Math.min(...group.map(({ since }) => since.monoMs)) >= WAIT_MS) return false;
  return book
    .values()
    .some(
      (record) =>
        record.state === 'suspect' && record.profile.silence === 'fault' && group.some((one) => fellTogether(silenceOf(one), record)),
    );
}

/** Silent, and not judged yet: also because the hub could not judge. */
function isDoubted({ state, silentSinceMs }: CheckRecord): boolean {
  return state === 'suspect' || (state === 'unknown' && silentSinceMs !== undefined);
}

function manyIn(fallen: Fallen): number {
  let watched = 0;
  for (const record of fallen.book.values()) if (record.everHeard && isWatched(record, fallen)) watched++;
  return Math.max(FEWEST, Math.min(MANY, Math.ceil(watched * SHARE)));
}

function outage(fallen: readonly CheckRecord[], cause?: string): Outage {
  return {
    ...(cause === undefined ? {} : { cause }),
    members: new Set(fallen.map(({ deviceId }) => deviceId)),
    name: fallen.map(({ deviceId }) => deviceId).sort()[0] as string,
    size: fallen.length,
    everyone: new Set(fallen.map(({ deviceId }) => deviceId)),
    falls: 1,
    silentSinceMs: Math.min(...fallen.map(silenceOf)),
  };
}

/** Those just fallen, while others that fell silent with them may still turn out to be their cause, or to be many. */
function waitingFor(orphans: readonly CheckRecord[], outages: readonly Outage[], fallen: Fallen): ReadonlySet<string> {
  const isGrouped = (id: string): boolean => outages.some(({ members }) => members.has(id));
  const fresh = orphans.filter(({ deviceId, since }) => !isGrouped(deviceId) && fallen.nowMs - since.monoMs < WAIT_MS);
  if (fresh.length === 0) return new Set();
  const doubted = fallen.book
    .values()
    .filter((record) => isDoubted(record) && isWatched(record, fallen))
    .toArray();
  const many = manyIn(fallen);
  const waits = (record: CheckRecord): boolean => {
    const companions = doubted.filter((other) => fellTogether(silenceOf(record), other));
    const downToo = orphans.filter((other) => fellTogether(silenceOf(record), other));
    if (companions.some(({ deviceId }) => rankOf(deviceId, fallen) !== undefined)) return true;
    return companions.length > 0 && companions.length + downToo.length >= many;
  };
  return new Set(fresh.filter(waits).map(({ deviceId }) => deviceId));
}

/** When they want to be looked at again although nothing happens; in the past while an alert waits for others. Infinity where none do. */
export function commonCausesDueAtMs({ outages, waiting }: CommonCauses): number {
  if (waiting.size > 0) return Number.NEGATIVE_INFINITY;
  const dues = outages.flatMap(({ returningSinceMs, calmSinceMs }) => [
    ...(returningSinceMs === undefined ? [] : [returningSinceMs + RETURN_MS]),
    ...(calmSinceMs === undefined ? [] : [calmSinceMs + CALM_MS]),
  ]);
  return Math.min(Number.POSITIVE_INFINITY, ...dues);
}

export function savedOutages({ outages }: CommonCauses, now: Instant): SavedOutage[] {
  return outages.map(({ returningSinceMs, silentSinceMs, calmSinceMs, members, everyone, ...outage }) => ({
    ...outage,
    members: [...members],
    everyone: [...everyone],
    isCalm: calmSinceMs !== undefined,
    silentSinceAt: Math.round(now.wallMs - (now.monoMs - silentSinceMs)),
    isReturning: returningSinceMs !== undefined,
  }));
}

/** Whether the outages are told and explain the same. */
export function areSameOutages(before: CommonCauses, after: CommonCauses): boolean {
  if (before.outages === after.outages || before.outages.length + after.outages.length === 0) return true;
  const marks = ({ outages }: CommonCauses): string =>
    outages
      .map(({ name, cause, size, falls, members, returningSinceMs, calmSinceMs }) =>
        [name, cause, size, falls, ...members, returningSinceMs !== undefined, calmSinceMs !== undefined].join(),
      )
      .join(';');
  return marks(before) === marks(after);
}

/** Distances to other silences are kept, whatever the wall clock is; those that were returning have their two minutes again. */
export function restoreOutages(saved: readonly SavedOutage[], now: Instant): CommonCauses {
  const outages = saved.map(({ members, everyone = members, falls = 1, silentSinceAt, isReturning, isCalm, ...outage }) => ({
    ...outage,
    falls,
    members: new Set(members),
    everyone: new Set(everyone),
    ...(isCalm ? { calmSinceMs: now.monoMs } : {}),
    silentSinceMs: now.monoMs - (now.wallMs - silentSinceAt),
    ...(isReturning ? { returningSinceMs: now.monoMs } : {}),
  }));
  return { ...NO_CAUSES, outages };
}
