/** When a second word on an alert that somebody sees to is news: the same at the hub and at the desk. */
import type { Acknowledgement } from './messages.ts';

/** Whoever has noted an alert may still say until when the device will be replaced, and that it will take longer. */
export function saysMore(known: Acknowledgement | undefined, { plannedFor }: Pick<Acknowledgement, 'plannedFor'>): boolean {
  return known === undefined || (plannedFor !== undefined && plannedFor !== known.plannedFor);
}
