/** What two policies would have made of the same month: which messages ask people to act, under which of them, and by how much sooner. Pure. */
import type { Message } from './replay.ts';

const WEEK_MS = 7 * 86_400_000;
/** Two messages about the same thing that begin so near each other, or overlap, are the same one told sooner or later. */
const NEAR_MS = 10 * 60_000;

/** A message under the one policy, under the other, or under both. */
export type Pair = { readonly now?: Message; readonly other?: Message };

/** Whether people were asked to act: it outlived its hold, while the hub could look. `endsAt` (Unix ms): the end of what is known. */
export function isAsked({ actionableAt, held }: Message, endsAt: number): boolean {
  return !held && actionableAt <= endsAt;
}

/** Messages that ask people to act at or after `sinceAt`. */
export function asking(messages: readonly Message[], sinceAt: number, endsAt: number): Message[] {
  return messages.filter((message) => message.actionableAt >= sinceAt && isAsked(message, endsAt));
}

/** By when people were first asked. */
export function paired(now: readonly Message[], then: readonly Message[]): Pair[] {
  const left = [...then];
  const pairs = now.map((message): Pair => {
    const found = left.findIndex((other) => areSame(message, other));
    const [other] = found < 0 ? [] : left.splice(found, 1);
    return other ? { now: message, other } : { now: message };
  });
  return [...pairs, ...left.map((message): Pair => ({ other: message }))].sort((a, b) => askedAt(a) - askedAt(b));
}

export const shown = ({ now, other }: Pair): Message => (now ?? other) as Message;
const askedAt = (pair: Pair): number => shown(pair).actionableAt;

function areSame(one: Message, other: Message): boolean {
  if (one.code !== other.code || one.device !== other.device) return false;
  if (Math.abs(one.raisedAt - other.raisedAt) <= NEAR_MS) return true;
  const endOf = ({ clearedAt }: Message): number => clearedAt ?? Number.POSITIVE_INFINITY;
  return one.raisedAt < endOf(other) && other.raisedAt < endOf(one);
}

/** How much later people are asked under the other policy; negative where sooner. */
export function laterMs({ now, other }: Pair): number {
  return now && other ? other.actionableAt - now.actionableAt : 0;
}

/** How many a week, for each thing that is counted, the most frequent first. */
export function byWeek(
  messages: readonly Message[],
  sinceAt: number,
  endsAt: number,
  of: (message: Message) => string,
): Map<string, number[]> {
  const weeks = Math.max(1, Math.ceil((endsAt - sinceAt) / WEEK_MS));
  const counts = new Map<string, number[]>();
  for (const message of messages) {
    const row = counts.get(of(message)) ?? Array<number>(weeks).fill(0);
    const week = Math.min(weeks - 1, Math.max(0, Math.floor((message.actionableAt - sinceAt) / WEEK_MS)));
    row[week] = (row[week] ?? 0) + 1;
    counts.set(of(message), row);
  }
  return new Map([...counts].sort(([, a], [, b]) => total(b) - total(a)));
}

export const total = (counts: readonly number[] = []): number => counts.reduce((sum, count) => sum + count, 0);
