/**
 * Whether the house lost its power together with the hub. Devices that restarted at the same time show it in three ways: they were silent when
 * the hub was back and came later, one by one; their SNMP agent has run for as little time; their UPnP boot number has risen (BOOTID.UPNP.ORG,
 * UPnP Device Architecture 2.0, 1.2.2). Each is a device's own word or nobody's, so only many of them together count. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { Sighting, SsdpSighting } from '../discovery/sighting.ts';
import { addressKey } from '../inventory/addresses.ts';
import type { Indexed } from '../inventory/draft.ts';
import type { Boot } from '../ports.ts';
import type { HealthBook, Transition } from './health.ts';

/** By UDN, the newest last. */
export type BootIds = ReadonlyMap<string, number>;

export type HouseWatch = {
  readonly startMs: number;
  /** What was told before the hub went off. */
  readonly bootIds: BootIds;
  /** Ids of the devices that were up then. */
  readonly members: ReadonlySet<string>;
  /** Those that were silent at first, and when they came back. */
  readonly late: ReadonlyMap<string, number>;
  /** Those that answered sooner after the hub's own boot than most things boot; undefined until that time is over. */
  readonly prompt?: ReadonlySet<string> | undefined;
  /** By address: when the SNMP agent there was started, on the hub's monotonic clock. */
  readonly startedAtMs: ReadonlyMap<string, number>;
  /** Addresses from where a boot number was told that had risen. */
  readonly risen: ReadonlySet<string>;
};

export type HouseInputs = {
  readonly sightings: readonly Sighting[];
  readonly transitions: readonly Transition[];
  /** Before the transitions: how long somebody was silent. */
  readonly before: HealthBook;
  readonly book: HealthBook;
  readonly boot: Boot;
  readonly now: Instant;
};

export type HousePower = {
  readonly house: 'lost-power' | 'in-part' | 'ran-on' | 'unknown';
  /** How many devices restarted with the hub, and how many did not, of those that were up before. */
  readonly restarted: number;
  readonly ranOn: number;
  readonly of: number;
  /** How that is known, for people: `9 were silent when the hub was back and came later`. */
  readonly signs: readonly string[];
};

/** Home boxes boot in one to two minutes, a NAS in three; their agents are asked by then. */
export const HOUSE_SETTLED_AFTER_MS = 6 * 60_000;
/** Longer than packets get lost in a row on a good link. */
const LATE_SILENT_MS = 10_000;
/** Whatever comes back at one instant hung on a switch that restarted; what boots comes one by one. */
const LATE_SPREAD_MS = 10_000;
/** A router needs 40 s and more to boot; a hub that itself took longer than that cannot tell by it. */
const PROMPT_WITHIN_MS = 20_000;
const PROMPT_BOOT_MS = 45_000;
const PROMPT_SHARE = 0.8;
const FEWEST_PROMPT = 4;
/** A device boots sooner or later than the hub, and counts from when its agent is up. */
const TOGETHER_MS = 5 * 60_000;
const FEWEST = 2;
const FEWEST_SHARE = 0.25;
const MOST_BOOT_IDS = 512;

export function watchHouse(book: HealthBook, startMs: number, bootIds: Iterable<readonly [string, number]>): HouseWatch {
  const members = new Set(
    [...book.values()].flatMap(({ deviceId, state, profile }) => (state === 'up' && profile.silence === 'fault' ? [deviceId] : [])),
  );
  return { startMs, bootIds: new Map(bootIds), members, late: new Map(), startedAtMs: new Map(), risen: new Set() };
}

/** The same object where nothing was seen. */
export function lookAtHouse(before: HouseWatch, inputs: HouseInputs): HouseWatch {
  const late = lateIn(before, inputs);
  const prompt = before.prompt ?? promptIn(before, inputs);
  const startedAtMs = startsIn(before.startedAtMs, inputs.sightings);
  const risen = risenIn(before, inputs.sightings);
  const isSame = late === before.late && prompt === before.prompt && startedAtMs === before.startedAtMs && risen === before.risen;
  return isSame ? before : { ...before, late, prompt, startedAtMs, risen };
}

function lateIn({ late, members }: HouseWatch, { transitions, before, now: { monoMs: nowMs } }: HouseInputs): HouseWatch['late'] {
  const came = transitions.filter(({ deviceId, from, to }) => {
    const silentSinceMs = before.get(deviceId)?.silentSinceMs ?? nowMs;
    return to === 'up' && members.has(deviceId) && (from === 'down' || nowMs - silentSinceMs >= LATE_SILENT_MS);
  });
  return came.length === 0 ? late : new Map([...late, ...came.map(({ deviceId }) => [deviceId, nowMs] as const)]);
}

function promptIn({ members, startMs }: HouseWatch, { book, boot, now: { monoMs: nowMs } }: HouseInputs): HouseWatch['prompt'] {
  if (nowMs - startMs < PROMPT_WITHIN_MS) return undefined;
  if (startMs - boot.atMs > PROMPT_BOOT_MS) return new Set();
  return new Set([...members].filter((id) => (book.get(id)?.life?.at.monoMs ?? Number.NEGATIVE_INFINITY) >= startMs));
}

function startsIn(known: HouseWatch['startedAtMs'], sightings: readonly Sighting[]): HouseWatch['startedAtMs'] {
  const told = sightings.flatMap((sighting) => {
    const upTimeS = sighting.method === 'snmp' ? Number(sighting.fields.upTimeS) : Number.NaN;
    return Number.isFinite(upTimeS) ? [[addressKey(sighting), sighting.at.monoMs - upTimeS * 1000] as const] : [];
  });
  return told.length === 0 ? known : new Map([...known, ...told]);
}

function risenIn({ risen: known, bootIds }: HouseWatch, sightings: readonly Sighting[]): HouseWatch['risen'] {
  const told = sightings.filter((sighting) => {
    const id = sighting.method === 'ssdp' ? bootIdIn(sighting) : undefined;
    return id !== undefined && id > (bootIds.get((sighting as SsdpSighting).udn ?? '') ?? Number.POSITIVE_INFINITY);
  });
  return told.every((sighting) => known.has(addressKey(sighting))) ? known : new Set([...known, ...told.map(addressKey)]);
}

/** What devices say of their boots from now on; the same map where it is what was known. The oldest leave beyond 512. */
export function noteBootIds(known: BootIds, sightings: readonly Sighting[]): BootIds {
  let next: Map<string, number> | undefined;
  for (const sighting of sightings) {
    const id = sighting.method === 'ssdp' ? bootIdIn(sighting) : undefined;
    const udn = (sighting as SsdpSighting).udn;
    if (id === undefined || udn === undefined || (next ?? known).get(udn) === id) continue;
    next ??= new Map(known);
    next.delete(udn);
    next.set(udn, id);
    if (next.size > MOST_BOOT_IDS) next.delete(next.keys().next().value as string);
  }
  return next ?? known;
}

function bootIdIn({ headers }: SsdpSighting): number | undefined {
  const told = headers['bootid.upnp.org'];
  return told !== undefined && /^\d{1,10}$/.test(told) ? Number(told) : undefined;
}

/** `aliveAtMs`: when the hub was last known to live, on the monotonic clock of now; undefined where no clock can be trusted to tell. */
export function judgeHouse(watch: HouseWatch, boot: Boot, inventory: Indexed, aliveAtMs: number | undefined): HousePower {
  const { members, prompt = new Set() } = watch;
  const starts = [...watch.startedAtMs].flatMap(([key, atMs]) => idsAt([key], watch, inventory).map((id) => [id, atMs] as const));
  const isTogether = (atMs: number): boolean => atMs >= boot.atMs - TOGETHER_MS || (aliveAtMs !== undefined && atMs >= aliveAtMs);
  const bySilence = spreadOf(watch.late) >= LATE_SPREAD_MS ? [...watch.late.keys()] : [];
  const byTime = starts.flatMap(([id, atMs]) => (isTogether(atMs) ? [id] : []));
  const byNumber = idsAt(watch.risen, watch, inventory);
  const restarted = new Set([...bySilence, ...byTime, ...byNumber]);
  const older = starts.flatMap(([id, atMs]) => (aliveAtMs !== undefined && atMs < aliveAtMs ? [id] : []));
  const ranOn = new Set([...older, ...prompt].filter((id) => !restarted.has(id)));
  const isRouterPrompt = [...members].every((id) => prompt.has(id) || !inventory.devices.get(id)?.isGateway);
  const areAllPrompt = members.size >= FEWEST_PROMPT && isRouterPrompt && prompt.size >= members.size * PROMPT_SHARE;
  const areMany = (those: number): boolean => those >= FEWEST && those >= members.size * FEWEST_SHARE;
  const verdict = (): HousePower['house'] => {
    if (areMany(restarted.size)) return older.length >= FEWEST || ranOn.size > restarted.size ? 'in-part' : 'lost-power';
    return restarted.size * 2 < ranOn.size && (areMany(older.length) || areAllPrompt) ? 'ran-on' : 'unknown';
  };
  const signs = [
    ...(bySilence.length > 0 ? [`${bySilence.length} silent when the hub was back, and up again one by one`] : []),
    ...(byTime.length > 0 ? [`${byTime.length} by the uptime that they tell`] : []),
    ...(byNumber.length > 0 ? [`${byNumber.length} by their UPnP boot number`] : []),
  ];
  return { house: verdict(), restarted: restarted.size, ranOn: ranOn.size, of: members.size, signs };
}

function spreadOf(late: HouseWatch['late']): number {
  return late.size === 0 ? 0 : Math.max(...late.values()) - Math.min(...late.values());
}

function idsAt(keys: Iterable<string>, { members }: HouseWatch, inventory: Indexed): string[] {
  const found = [...keys].flatMap((key) => inventory.residents.get(key) ?? []);
  return [...new Set(found)].filter((id) => members.has(id));
}
