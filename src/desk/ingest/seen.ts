/**
 * Who sees to an alert once the hub told it again: what people said at the desk and what the hub knows of it, brought together. Pure; all instants are
 * the desk's. An acknowledgement of something that nears its end holds for the stage that it was said about, and a plan until its last day is over.
 */
import { DAY_MS, lastMomentOf } from '../../base/partial-date.ts';
import type { Acknowledgement } from '../../protocol/messages.ts';

/** `untold`: the hub has not shown that it knows. */
export type Seen = { readonly by?: Acknowledgement | undefined; readonly untold: boolean };

export type Telling = {
  /** What the hub says of who sees to it. */
  readonly by: Acknowledgement | undefined;
  /** Of what has no stages nothing is asked twice; else whether this is a stage that was not told before. */
  readonly stage: 'none' | 'known' | 'new';
  readonly receivedAt: number;
};

const NOBODY: Seen = { untold: false };

export function seenAfter(known: Seen, { by: hubs, stage, receivedAt }: Telling): Seen {
  const ours = known.by;
  const by = hubs && isOldPlan(hubs, ours, receivedAt) ? undefined : hubs;
  if (by) return ours && isLaterPlan(ours, by) ? { by: ours, untold: true } : { by, untold: false };
  if (!ours || stage === 'none') return known;
  const { plannedFor } = ours;
  const isAskedAgain = plannedFor === undefined ? stage === 'new' : isOver(plannedFor, receivedAt);
  // A hub that does not show what is still true has lost it with an old copy of its memory.
  return isAskedAgain ? NOBODY : { by: ours, untold: true };
}

/** What the hub says may be older than what was said here since, and it may have shown that it knew that before its memory was replaced by an old one. */
function isLaterPlan(ours: Acknowledgement, hubs: Acknowledgement): boolean {
  return ours.plannedFor !== undefined && ours.plannedFor !== hubs.plannedFor && ours.at > hubs.at;
}

/** It is over, and people were asked about it: an old memory has it still. */
function isOldPlan({ plannedFor }: Acknowledgement, ours: Acknowledgement | undefined, at: number): boolean {
  return plannedFor !== undefined && plannedFor !== ours?.plannedFor && isOver(plannedFor, at);
}

/** From its last day on: hub and desk need not agree to the second on when that ends. */
function isOver(plannedFor: string, at: number): boolean {
  return at > lastMomentOf(plannedFor) - DAY_MS;
}
