/** How fast one receiver is told: when to try again, and how many messages a person can read. Pure; instants in Unix milliseconds. */

const BASE_MS = 5_000;
const CAP_MS = 10 * 60_000;
const FLOOR_MS = 1_000;
/** What a receiver asks for beyond is not believed. */
const LONGEST_WISH_MS = 3_600_000;

/** Full-jitter exponential backoff (AWS Architecture Blog), or what the receiver asked for, if that is longer. `failures` in a row until now, from 1; `fraction` in [0, 1). */
export function retryInMs(failures: number, fraction: number, wishedMs = 0): number {
  const ceilingMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(Math.max(FLOOR_MS + fraction * (ceilingMs - FLOOR_MS), Math.min(wishedMs, LONGEST_WISH_MS)));
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. Undefined where it says neither. */
export function wishedMs(header: string | undefined, at: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - at;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What waits and is due, the most urgent first. `alike`: what is of the same name comes together, however many there are. */
export type Waiting = { readonly seq: number; readonly urgent: boolean; readonly held: boolean; readonly alike?: string | undefined };

/** `count` messages went out within the window, the first at `oldestAt`, the last at `newestAt`. */
export type Recent = { readonly count: number; readonly oldestAt: number; readonly newestAt: number };

export const WINDOW_MS = 10 * 60_000;
/** Beyond the bound what is urgent comes together, so often. */
const URGENT_EVERY_MS = 60_000;

/** Which of them are the next message; more than one are a digest. Or when to look again. */
export type Next = { readonly rows: readonly Waiting[]; readonly why?: 'quiet' | 'many' } | { readonly waitUntil: number };

/** `most`: messages within ten minutes. What is more than there is room for comes together, but what is urgent alone for as long as there is. Infinity: each goes alone. */
export function nextOf(waiting: readonly Waiting[], recent: Recent, most: number, at: number): Next | undefined {
  const [first] = waiting;
  if (first === undefined) return undefined;
  if (most === Number.POSITIVE_INFINITY) return { rows: [first] };
  const left = most - recent.count;
  if (left <= 0) {
    const urgent = waiting.filter((row) => row.urgent);
    const urgentAt = recent.newestAt + URGENT_EVERY_MS;
    if (urgent.length > 0 && urgentAt <= at) return together(urgent, 'many');
    const freeAt = recent.oldestAt + WINDOW_MS;
    return { waitUntil: urgent.length > 0 ? Math.min(urgentAt, freeAt) : freeAt };
  }
  const alike = first.alike === undefined ? [] : waiting.filter((row) => row.alike === first.alike);
  if (alike.length > 1) return together(alike, 'many');
  if (first.urgent && left > 1) return { rows: [first] };
  if (waiting.length > left) return together(waiting, 'many');
  const held = waiting.filter((row) => row.held);
  return first.held ? together(held, 'quiet') : { rows: [first] };
}

function together(rows: readonly Waiting[], why: 'quiet' | 'many'): Next {
  return rows.length > 1 ? { rows, why } : { rows };
}
