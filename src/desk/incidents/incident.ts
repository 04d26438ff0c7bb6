/** One cause that many homes have in common, with the homes it took along; when another home is of it, and when it is over. Pure. Instants in Unix milliseconds of the desk's clock. */
import type { AlertCode } from '../../protocol/alert-catalogue.ts';
import type { Shared } from './common-cause.ts';

export type Incident = Shared & {
  readonly number: number;
  /** How many homes have that in common, and how many of them would have fallen silent by chance. */
  readonly size: number;
  readonly byChance: number;
  /** When the first of its homes fell silent, and the newest. */
  readonly since: number;
  readonly lastFellAt: number;
  readonly openedAt: number;
  readonly endedAt?: number;
  readonly endedBecause?: string;
  readonly assignee?: string;
  /** When its clients were first told. */
  readonly answeredAt?: number;
  /** Grows with every change by people. */
  readonly version: number;
};

/** Its homes: how many it took along, how many of them are back, and when the last one came. */
export type Homes = { readonly all: number; readonly back: number; readonly lastBackAt?: number | undefined };

/** What says that a whole home is out of reach. */
const OF_LINE: ReadonlySet<AlertCode> = new Set(['hub-silent', 'internet-down']);

export function isOfLine({ code }: { readonly code: AlertCode }): boolean {
  return OF_LINE.has(code);
}

/** A home that falls silent later than this after the others has a reason of its own, as far as anybody knows. */
export const JOINS_WITHIN_MS = 30 * 60_000;
/** Most are back and no more come: what is still silent is so for a reason of its own. */
const MOST_SHARE = 0.8;
const NO_MORE_MS = 30 * 60_000;

export function isOfIt({ lastFellAt }: Incident, fellAt: number): boolean {
  return fellAt <= lastFellAt + JOINS_WITHIN_MS;
}

/** Why it is over; undefined while it lasts. */
export function overBecause({ all, back, lastBackAt = 0 }: Homes, at: number): string | undefined {
  if (back === all) return 'all homes are back';
  if (back >= all * MOST_SHARE && at - lastBackAt >= NO_MORE_MS) return 'most homes are back, and for half an hour no more came';
  return undefined;
}

/** When it may be over by time alone; Infinity where that takes news. */
export function overAt({ all, back, lastBackAt }: Homes): number {
  return back >= all * MOST_SHARE && lastBackAt !== undefined ? lastBackAt + NO_MORE_MS : Number.POSITIVE_INFINITY;
}

export function causeWords({ kind, name }: Shared): string {
  switch (kind) {
    case 'all':
      return 'homes of this desk';
    case 'version':
      return `homes whose hub runs version ${name}`;
    case 'area':
      return `homes in ${name}`;
    case 'provider':
      return `homes with ${name}`;
    case 'provider-in-area':
      return `homes with ${name.replace(/, ([^,]*)$/, ' in $1')}`;
  }
}
