/** When the pipeline has something to do although nothing was heard or answered: every stage that acts on time alone, in one place. */
import { commonCausesDueAtMs } from '../../src/agent/alerts/common-cause.ts';
import { doubtDueAtMs } from '../../src/agent/health/doubt.ts';
import type { AgentState } from '../../src/agent/state.ts';

/** As their stages have them. */
const FLAP_WINDOW_MS = 30 * 60_000;
const DEAF_AFTER_MS = 20_000;
const FIRST_DIGEST_QUIET_MS = 60_000;
const FIRST_DIGEST_LIMIT_MS = 10 * 60_000;
const DIGEST_MS = 5 * 60_000;
const QUARTER_MS = 15 * 60_000;
/** What was learned counts from the next tick on. */
const SETTLES_WITHIN_MS = 500;
const LEARNED_EVERY_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;
const FREELY_FOR_MS = 10 * 60_000;

/** Monotonic milliseconds; checks and questions to the internet are planned by themselves and not among it. */
export function dueAtMs(state: AgentState, nowMs: number): number {
  const { contests, newcomers, waiting } = state.inventory;
  const isUnsettled = contests.size > 0 || newcomers.storm !== undefined || waiting.length > 0;
  if (isUnsettled || hasReturningCarrier(state)) return nowMs;
  return Math.min(
    doubtDueAtMs(state.doubt),
    commonCausesDueAtMs(state.causes),
    // Devices are looked back upon at every quarter of an hour.
    nowMs % QUARTER_MS < SETTLES_WITHIN_MS ? nowMs : (Math.floor(nowMs / QUARTER_MS) + 1) * QUARTER_MS,
    state.learnedSavedAtMs + LEARNED_EVERY_MS,
    state.told.dueAtMs > nowMs ? state.told.dueAtMs : Number.POSITIVE_INFINITY,
    state.unsaved.ids.size > 0 ? state.unsaved.dueAtMs : Number.POSITIVE_INFINITY,
    digestAtMs(state),
    nowMs <= FREELY_FOR_MS ? FREELY_FOR_MS + 1 : state.people.countedAtMs + DAY_MS,
    ...state.flaps.values().map(({ downAtMs }) => (downAtMs.at(-1) ?? 0) + FLAP_WINDOW_MS),
    deafAtMs(state, nowMs),
  );
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

function digestAtMs({ newDevices: { waiting, initial, firstAtMs, lastAtMs } }: AgentState): number {
  if (waiting.length === 0) return Number.POSITIVE_INFINITY;
  return initial ? Math.min(lastAtMs + FIRST_DIGEST_QUIET_MS, firstAtMs + FIRST_DIGEST_LIMIT_MS) : firstAtMs + DIGEST_MS;
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
