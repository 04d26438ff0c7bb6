/**
 * Whether homes that fell silent at about the same time have one cause, and what they have in common. Some home is always silent by itself, so a number alone says nothing: it
 * is compared with how many of just these homes would be by chance. Of all that they have in common the most telling is taken, by the likelihood ratio of Kulldorff's scan
 * statistic ("A spatial scan statistic", Communications in Statistics 26, 1997). Pure.
 */

export const SHARED_KINDS = ['provider-in-area', 'area', 'provider', 'version', 'all'] as const;
/** `version`: of the hub's software. `all`: every home of the desk, which then is itself a suspect. */
export type SharedKind = (typeof SHARED_KINDS)[number];

/** What homes have in common. `name`: empty for `all`. */
export type Shared = { readonly kind: SharedKind; readonly name: string };

/** `size`: how many homes have it, those that are silent among them. */
export type Group = Shared & { readonly size: number };

/** What is known of a home that homes may have in common. */
export type HomeTraits = {
  readonly provider?: string | undefined;
  readonly area?: string | undefined;
  readonly version?: string | undefined;
};

export type Cause = {
  readonly group: Group;
  readonly sites: readonly string[];
  /** How many of them would have fallen silent in that time by chance. */
  readonly byChance: number;
};

/** So many at least: of fewer, people do as well with a ticket each. */
export const FEWEST_HOMES = 5;
/** Homes that fell silent within so long of each other may have one cause. */
export const WINDOW_MS = 600_000;

/** Looked at every 15 s over hundreds of groups: so that in years not one incident is made of chance. */
const CHANCE_AT_MOST = Math.log(1e-8);

export function traitsShared({ provider, area, version }: HomeTraits): Shared[] {
  const shared: Shared[] = [];
  if (provider !== undefined && area !== undefined) shared.push({ kind: 'provider-in-area', name: `${provider}, ${area}` });
  if (area !== undefined) shared.push({ kind: 'area', name: area });
  if (provider !== undefined) shared.push({ kind: 'provider', name: provider });
  if (version !== undefined) shared.push({ kind: 'version', name: version });
  return [...shared, { kind: 'all', name: '' }];
}

export function groupName({ kind, name }: Shared): string {
  return `${kind} ${name}`;
}

/** Homes that fell silent within a window, each with the groups that it belongs to; `usual`: how often one home falls silent in such a time by itself. The most telling cause first. */
export function commonCauses(fallen: ReadonlyMap<string, readonly Group[]>, usual: number): Cause[] {
  const causes: Cause[] = [];
  const left = new Map(fallen);
  for (;;) {
    const cause = mostTelling(left, usual);
    if (cause === undefined) return causes;
    causes.push(cause);
    for (const site of cause.sites) left.delete(site);
  }
}

function mostTelling(fallen: ReadonlyMap<string, readonly Group[]>, usual: number): Cause | undefined {
  const members = new Map<string, { readonly group: Group; readonly sites: string[] }>();
  for (const [site, groups] of fallen) {
    for (const group of groups) {
      const name = groupName(group);
      const known = members.get(name) ?? { group, sites: [] };
      known.sites.push(site);
      members.set(name, known);
    }
  }
  const causes = [...members.values()].map(({ group, sites }) => ({ group, sites, byChance: group.size * usual }));
  const telling = causes.filter(
    ({ sites, byChance }) => sites.length >= FEWEST_HOMES && logChance(sites.length, byChance) < CHANCE_AT_MOST,
  );
  return telling.sort((one, other) => likelihoodRatio(other) - likelihoodRatio(one) || rank(one) - rank(other))[0];
}

/** Where two say the same of the same homes, the narrower. */
function rank({ group }: Cause): number {
  return SHARED_KINDS.indexOf(group.kind);
}

function likelihoodRatio({ sites: { length: count }, byChance }: Cause): number {
  return count * Math.log(count / byChance) - (count - byChance);
}

/** The logarithm of the probability that a Poisson variable of mean `mean` is `count` or more; above its mean, where the terms shrink at least as fast as a geometric series. */
export function logChance(count: number, mean: number): number {
  if (count <= mean) return 0;
  let logFactorial = 0;
  for (let i = 2; i <= count; i++) logFactorial += Math.log(i);
  const shrinks = mean / (count + 1);
  return count * Math.log(mean) - mean - logFactorial - Math.log(1 - shrinks);
}
