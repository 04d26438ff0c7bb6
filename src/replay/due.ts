/** When the pipeline has something to do although nothing was heard or answered: every stage that acts on time alone, in one place. */
import { TICK_MS } from '../agent/agent.ts';
import { commonCausesDueAtMs } from '../agent/alerts/common-cause.ts';
import { holdsDueAtMs } from '../agent/alerts/holds.ts';
import { digestDueAtMs } from '../agent/alerts/new-devices.ts';
import { flapsDueAtMs } from '../agent/alerts/unstable.ts';
import { fitted, QUARTER_MS } from '../agent/health/check-record.ts';
import { doubtDueAtMs } from '../agent/health/doubt.ts';
import { DEAF_AFTER_MS } from '../agent/health/hearing.ts';
import { LEARNING_SAVED_EVERY_MS } from '../agent/health/learning.ts';
import { contestsDueAtMs } from '../agent/inventory/contests.ts';
import { peopleDueAtMs } from '../agent/outbox/people-count.ts';
import type { Policy } from '../agent/policy.ts';
import type { AgentState } from '../agent/state.ts';

/** Monotonic milliseconds; checks and questions to the internet are planned by themselves and not among it. */
export function dueAtMs(state: AgentState, nowMs: number, policy: Policy): number {
  return Math.min(lookBackAtMs(nowMs), dueBesidesAtMs(state, nowMs, policy));
}

/** Devices are looked back upon at every quarter of an hour. */
export function lookBackAtMs(nowMs: number): number {
  return (Math.floor(nowMs / QUARTER_MS) + 1) * QUARTER_MS;
}

/** The same without the next look back. */
export function dueBesidesAtMs(state: AgentState, nowMs: number, policy: Policy): number {
  const { contests, newcomers, waiting } = state.inventory;
  const isUnsettled = newcomers.storm !== undefined || waiting.length > 0;
  if (isUnsettled || hasReturningCarrier(state) || isListening(state)) return nowMs;
  return Math.min(
    doubtDueAtMs(state.doubt),
    commonCausesDueAtMs(state.causes),
    holdsDueAtMs(state.holds, state.doubt, state.hearing, nowMs),
    nowMs % QUARTER_MS < TICK_MS && !isFitted(state, policy) ? nowMs : Number.POSITIVE_INFINITY,
    state.learnedSavedAtMs + LEARNING_SAVED_EVERY_MS,
    state.told.dueAtMs > nowMs ? state.told.dueAtMs : Number.POSITIVE_INFINITY,
    state.unsaved.ids.size > 0 ? state.unsaved.dueAtMs : Number.POSITIVE_INFINITY,
    contestsDueAtMs(contests, nowMs),
    digestDueAtMs(state.newDevices),
    peopleDueAtMs(state.people, nowMs),
    flapsDueAtMs(state.flaps, policy.unstable),
    deafAtMs(state, nowMs),
  );
}

/** What was learned when it was looked back upon counts from the next tick on. */
function isFitted(state: AgentState, policy: Policy): boolean {
  for (const id of state.inventory.devices.keys()) if (!isFittedIn(state, id, policy)) return false;
  return true;
}

/** The same of what was learned of one device from an answer. */
export function isFittedIn({ book, inventory: { devices } }: AgentState, deviceId: string, policy: Policy): boolean {
  const [device, record] = [devices.get(deviceId), book.get(deviceId)];
  return !device || !record || fitted(record, device, devices.size, policy) === record;
}

/** The first answer in a dark house begins the time that it is given to come back. */
function isListening({ hearing, hub: { links } }: AgentState): boolean {
  return Object.entries(hearing).some(([name, { isDeaf }]) => isDeaf && links[name] !== false);
}

/** What is behind something that is back has two minutes to return, and is asked anew then. While that is down, it changes only along with it. */
function hasReturningCarrier({ book, wiring: { parents } }: AgentState): boolean {
  for (const { deviceId, state } of book.values()) {
    if (state !== 'unreachable') continue;
    let at = parents.get(deviceId)?.id;
    while (at !== undefined && book.get(at)?.state !== 'down') at = parents.get(at)?.id;
    if (at === undefined) return true;
  }
  return false;
}

/** When the silence of all becomes the hub's own deafness; never while rounds are answered. */
function deafAtMs(state: AgentState, nowMs: number): number {
  let newestMs = Number.NEGATIVE_INFINITY;
  let suspects = 0;
  for (const record of state.book.values()) {
    if (record.profile.silence !== 'fault' || record.state === 'down' || !record.life) continue;
    if (record.misses > 0) suspects++;
    newestMs = Math.max(newestMs, record.life.at.monoMs);
  }
  const atMs = newestMs + DEAF_AFTER_MS;
  return suspects > 1 && atMs > nowMs ? atMs : Number.POSITIVE_INFINITY;
}
