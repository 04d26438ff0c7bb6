/**
 * How long a kind of device usually lasts, and how old one is at least and at most. An age is the weakest evidence there is: a maker's date or a
 * measured value beats it, and for smoke alarms the date printed on the unit decides.
 */
import { z } from 'zod';
import { DAY_MS, dayOf, firstMomentOf, isPartialDate, lastMomentOf } from '../../base/partial-date.ts';
import { DEVICE_KINDS, type DeviceKind } from '../inventory/kinds.ts';
import type { Block } from './address-block.ts';
import type { Made } from './made.ts';

const positive = z.number().positive();

/** `kinds` is empty for a part (a battery, a disk, a lamp), whose age is not that of the device around it. */
export const serviceLifeSchema = z.strictObject({
  id: z.string().min(1),
  label: z.string().min(1),
  kinds: z.array(z.enum(Object.keys(DEVICE_KINDS) as [DeviceKind, ...DeviceKind[]])),
  unit: z.enum(['years', 'hours']),
  low: positive,
  typical: positive,
  high: positive,
  /** When to begin to plan, and when it is due, in `unit`. */
  warnAt: positive,
  dueAt: positive,
  clock: z.enum(['installation', 'manufacture', 'hours']),
  countsFrom: z.string().min(1),
  note: z.string().optional(),
  sources: z.array(z.strictObject({ title: z.string().min(1), url: z.url().optional() })).min(1),
  confidence: z.enum(['high', 'medium', 'low']),
});

export type ServiceLife = z.infer<typeof serviceLifeSchema>;

/** In years; `atMost` is missing where nobody knows when it was installed: it may have stood there long before the hub came. */
export type Age = {
  readonly atLeast: number;
  readonly atMost?: number;
  readonly from: string;
  /** Since it was made: it may have stood in a shop, so no client is told an age that is only this. */
  readonly made?: { readonly atLeast: number; readonly atMost: number; readonly from: string };
  /** Something of it is older than the hub's first sight of it. */
  readonly trace?: { readonly atLeast: number; readonly from: string };
  /** Its address was not given out before: it makes claims of a greater age doubtful, and nothing older. */
  readonly block?: { readonly atMost: number; readonly from: string };
};

/** What bounds an age. Nothing: that nothing was found. */
export type AgeEvidence = {
  readonly firstSeenAt: number;
  readonly installed?: string | undefined;
  readonly made?: Made | undefined;
  readonly trace?: { readonly at: number; readonly by: string } | undefined;
  readonly block?: Block | undefined;
};

export const YEAR_MS = 365.25 * DAY_MS;

/** From the date that people typed, as exactly as they knew it; else from when the hub first saw it, which is only a lower bound. */
export function ageOf({ firstSeenAt, installed, made, trace, block }: AgeEvidence, now: number): Age | undefined {
  const years = (since: number): number => Math.max(0, (now - since) / YEAR_MS);
  const bound = block ? { block: { atMost: years(firstMomentOf(block.after)), from: block.by } } : {};
  if (installed !== undefined && isPartialDate(installed))
    return {
      atLeast: years(lastMomentOf(installed)),
      atMost: years(firstMomentOf(installed)),
      from: `installed ${installed}, as people said`,
      ...bound,
    };
  if (firstSeenAt <= 0 || firstSeenAt > now) return undefined;
  return {
    atLeast: years(firstSeenAt),
    from: `first seen by the hub ${dayOf(firstSeenAt)}`,
    ...(made && made.from < now ? { made: { atLeast: years(made.to), atMost: years(made.from), from: made.by } } : {}),
    ...(trace && trace.at < firstSeenAt ? { trace: { atLeast: years(trace.at), from: trace.by } } : {}),
    ...bound,
  };
}

/** It is told to be older than its address can be: one of the two is wrong. */
export function isContradicted({ atLeast, block }: Age): boolean {
  return block !== undefined && atLeast > block.atMost;
}

/** For each kind the one row that is about whole devices of it. */
export function livesByKind(lives: readonly ServiceLife[]): ReadonlyMap<DeviceKind, ServiceLife> {
  return new Map(lives.filter(({ unit }) => unit === 'years').flatMap((life) => life.kinds.map((kind) => [kind, life] as const)));
}

/** The rows about batteries, disks and lamps, by id. */
export function livesOfParts(lives: readonly ServiceLife[]): ReadonlyMap<string, ServiceLife> {
  return new Map(lives.filter(({ kinds }) => kinds.length === 0).map((life) => [life.id, life]));
}
