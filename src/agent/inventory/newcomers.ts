/**
 * How many new devices a minute are believed. A house gets a few a week; a program that invents MACs gets thousands (T6 of the threat model).
 * Beyond the pace a MAC must stay for minutes before it becomes a device, and one statement tells of the storm. Pure.
 */
import type { Instant } from '../../base/clock.ts';

export type Newcomers = {
  readonly tokens: number;
  readonly countedAtMs?: number;
  /** Set while more came than are believed at once. */
  readonly storm?: { readonly sinceAt: number; readonly refused: number; readonly lastMs: number };
  /** MACs that wait in a storm, with when each was first heard (monotonic milliseconds); at most 1,024. */
  readonly waiting: ReadonlyMap<string, number>;
};

export type NewcomersDraft = {
  tokens: number;
  countedAtMs?: number;
  storm?: NonNullable<Newcomers['storm']>;
  readonly waiting: Map<string, number>;
};

const PER_MINUTE = 20;
/** A whole house may be new at once when the hub is. */
const FIRST_INVENTORY = 512;
const STAY_MS = 5 * 60_000;
const CALM_MS = 10 * 60_000;
const MOST_WAITING = 1_024;

export function newcomers(isFirstInventory: boolean): Newcomers {
  return { tokens: isFirstInventory ? FIRST_INVENTORY : PER_MINUTE, waiting: new Map() };
}

/** A copy to work in. */
export function openNewcomers(state: Newcomers): NewcomersDraft {
  return { ...state, waiting: new Map(state.waiting) };
}

/** Whether a MAC that is not known becomes a device now; counts it. */
export function admit(draft: NewcomersDraft, mac: string, now: Instant): boolean {
  const tokens = draft.countedAtMs === undefined ? draft.tokens : refilled(draft, now.monoMs);
  draft.countedAtMs = now.monoMs;
  const sinceMs = draft.waiting.get(mac);
  const hasStayed = sinceMs !== undefined && now.monoMs - sinceMs >= STAY_MS;
  const admitted = tokens >= 1 && (!draft.storm || hasStayed);
  draft.tokens = admitted ? tokens - 1 : tokens;
  if (admitted) draft.waiting.delete(mac);
  else if (sinceMs === undefined) refuse(draft, mac, now);
  return admitted;
}

function refilled({ tokens, countedAtMs = 0 }: Newcomers, nowMs: number): number {
  return Math.min(Math.max(PER_MINUTE, tokens), tokens + (Math.max(0, nowMs - countedAtMs) / 60_000) * PER_MINUTE);
}

function refuse(draft: NewcomersDraft, mac: string, now: Instant): void {
  const sinceAt = draft.storm?.sinceAt ?? Math.round(now.wallMs);
  draft.storm = { sinceAt, refused: (draft.storm?.refused ?? 0) + 1, lastMs: now.monoMs };
  draft.waiting.set(mac, now.monoMs);
  if (draft.waiting.size > MOST_WAITING) draft.waiting.delete(draft.waiting.keys().next().value!);
}

/** The storm is over when nothing new was refused for ten minutes. */
export function calmed(state: Newcomers, nowMs: number): Newcomers {
  if (!state.storm || nowMs - state.storm.lastMs < CALM_MS) return state;
  const { storm: _, ...calm } = state;
  return { ...calm, waiting: new Map() };
}
