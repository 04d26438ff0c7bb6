/** How each home of a desk stands, in one word, and which homes somebody asks for. Pure. */
import type { PresencePhase } from '../store/schema.ts';

/** `burning`: its hub tells of faults. `silent`: its hub should be heard and is not. `unknown`: nobody looks, and nobody expects it. */
export const STANDINGS = ['burning', 'silent', 'unknown', 'well'] as const;
export type Standing = (typeof STANDINGS)[number];

export type Faults = { readonly total: number; readonly unseen: number; readonly worst: number; readonly since: number };

export type Standings = {
  readonly id: string;
  /** As it is sorted. */
  readonly name: string;
  readonly standing: Standing;
  /** Since when it is silent or unknown, or since when the first of its faults. */
  readonly since?: number;
  readonly faults: number;
  /** Faults that nobody sees to. */
  readonly unseen: number;
  /** Rank of the worst; the smallest is the worst. */
  readonly worst: number;
  readonly version?: string;
  readonly dealer?: string;
  readonly plan?: string;
};

export type FleetFilter = {
  readonly standing?: Standing | undefined;
  readonly dealer?: string | undefined;
  readonly plan?: string | undefined;
  readonly version?: string | undefined;
};

/** What stands for homes without a dealer, or whose hub never said its version. */
export const NONE = '-';

export function standingOf(phase: PresencePhase, faults: Faults | undefined): Standing {
  if (phase === 'silent') return 'silent';
  if (phase === 'never' || phase === 'stopped') return 'unknown';
  return faults === undefined ? 'well' : 'burning';
}

export function fits({ standing, dealer, plan, version }: FleetFilter, home: Standings): boolean {
  const isIt = (wanted: string | undefined, has: string | undefined): boolean => wanted === undefined || (has ?? NONE) === wanted;
  return isIt(standing, home.standing) && isIt(dealer, home.dealer) && isIt(plan, home.plan) && isIt(version, home.version);
}

/** What nobody sees to first, the worst of it first; then the silent, the longest first; then what is unknown; then by name. */
export function byTrouble(left: Standings, right: Standings): number {
  const rank = ({ standing }: Standings): number => STANDINGS.indexOf(standing);
  return (
    rank(left) - rank(right) ||
    Number(right.unseen > 0) - Number(left.unseen > 0) ||
    left.worst - right.worst ||
    right.faults - left.faults ||
    (left.since ?? 0) - (right.since ?? 0) ||
    (left.name < right.name ? -1 : left.name > right.name ? 1 : left.id < right.id ? -1 : 1)
  );
}

export type Counts = Readonly<Record<Standing, number>> & { readonly homes: number };

export function countsOf(homes: readonly Standings[]): Counts {
  const counts = { burning: 0, silent: 0, unknown: 0, well: 0, homes: homes.length };
  for (const { standing } of homes) counts[standing]++;
  return counts;
}

export type Group = { readonly name: string; readonly counts: Counts; readonly faults: number };

/** In the order of their trouble, for their size: of a dealer with many homes always some burn. */
export function groupsBy(homes: readonly Standings[], of: (home: Standings) => string | undefined): Group[] {
  const groups = [...Map.groupBy(homes, (home) => of(home) ?? NONE)].map(([name, some]) => ({
    name,
    counts: countsOf(some),
    faults: some.reduce((sum, { faults }) => sum + faults, 0),
  }));
  const share = ({ counts: { burning, silent, homes: all } }: Group): number => (burning + silent) / all;
  return groups.sort(
    (one, other) => share(other) - share(one) || other.counts.homes - one.counts.homes || (one.name < other.name ? -1 : 1),
  );
}
