/**
 * The identity log: every time the agent or a person decided who is who, with the evidence in words and what it takes to undo it.
 * Rows are numbered in the order in which they were decided; the store keeps the newest 2,000.
 */
import type { Card, Pin } from './corrections.ts';
import type { Correctable, Corrections, Device } from './device.ts';

export type LogRow = {
  readonly n: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly what:
    | 'merged'
    | 'suggested'
    | 'split'
    | 'corrected'
    | 'undone'
    | 'behind'
    | 'conflict'
    | 'conflict over'
    | 'storm'
    | 'storm over';
  readonly by: 'agent' | 'person';
  /** Ids of those it is about, the one that remains first. */
  readonly devices: readonly string[];
  /** The evidence, in one sentence or two. */
  readonly why: string;
  readonly undo?: Undo;
  /** The row that this one undid. */
  readonly undoes?: number;
  /** The row that undid this one. */
  readonly undoneBy?: number;
};

/** What it takes to go back. */
export type Undo = {
  /** The devices as they were, and the ids of those they are now. */
  readonly before: readonly Device[];
  readonly after: readonly string[];
  /** What people had said of them; undefined says for nothing. */
  readonly cards: readonly { readonly device: string; readonly card?: Card }[];
  /** Fields that a correction set, and what they were before; nothing where nobody had spoken. */
  readonly fields?: { readonly set: readonly Correctable[]; readonly was: Corrections };
  readonly unpinned: readonly Pin[];
};

export type NewRow = Omit<LogRow, 'n' | 'at'>;

export const MOST_ROWS = 2_000;
