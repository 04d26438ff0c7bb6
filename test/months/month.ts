/** One home lived through, scored for us and for the others, and checked against what must always hold. */
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VISITS, withGuests } from './guests.ts';
import { makeHousehold } from './household.ts';
import { type Life, liveLife, RATES, type Rates } from './life.ts';
import { MOVES, withMoves } from './moves.ts';
import { FAILURES, withOffers } from './offers.ts';
import { alarmsOf, PEERS } from './peers.ts';
import { type Run, runLife } from './run.ts';
import { alarmsIn, brokenPromises, falseDownStates, type Score, score, unknownShare } from './score.ts';

/**
 * `usual`: as often as in homes. `stress`: much of some kinds of trouble, and nothing of others (a swarm of seeds meets them all). `blind`: a hub that often cannot look
 * while everything restarts now and then, and nothing else.
 */
export type Weather = 'usual' | 'stress' | 'blind';

export type MonthOptions = { readonly seed: string; readonly days: number; readonly weather: Weather; readonly withPeers: boolean };

export type Month = {
  readonly seed: string;
  readonly days: number;
  readonly scores: Readonly<Record<string, Score>>;
  readonly broken: readonly string[];
  /** States `down` of what could be reached. */
  readonly falseStates: number;
  readonly unknownShare: number;
  readonly ticks: number;
  /** Processor time of our own run, in seconds. */
  readonly seconds: number;
};

export const OURS = 'hearthbeat';

export function lifeOf({ seed, days, weather }: Pick<MonthOptions, 'seed' | 'days' | 'weather'>): Life {
  const random = seededRandom(seed);
  const household = makeHousehold(random);
  const life = liveLife(household, days, random, ratesIn(weather, RATES, random, BLIND));
  const guests = seededRandom(`${seed}/guests`);
  const visited = withGuests(life, guests, ratesIn(weather, VISITS, guests));
  const moves = seededRandom(`${seed}/moves`);
  const often = { lease: MOVES.lease * 10 * moves.fraction(), forgotten: moves.fraction() };
  const moved = withMoves(visited, moves, weather === 'usual' ? MOVES : often);
  const offers = seededRandom(`${seed}/offers`);
  return withOffers(moved, offers, ratesIn(weather, FAILURES, offers));
}

export function playMonth({ seed, days, weather, withPeers }: MonthOptions): Month {
  const life = lifeOf({ seed, days, weather });
  const before = process.threadCpuUsage();
  const run = runLife(life, { seed, isFast: true });
  const used = process.threadCpuUsage(before);
  const alarms = alarmsIn(run, life.untilMs);
  const peers = withPeers ? PEERS.map((peer) => [peer.name, score(alarmsOf(peer, life, seed), life)] as const) : [];
  return {
    seed,
    days,
    scores: { [OURS]: score(alarms, life), ...Object.fromEntries(peers) },
    broken: brokenPromises(run, alarms, life),
    falseStates: falseDownStates(run, life),
    unknownShare: unknownShare(run, life),
    ticks: run.ticks,
    seconds: (used.user + used.system) / 1e6,
  };
}

/** Everything that was decided, as lines that can be compared; what one tick decided has no order. */
export function decisionsOf({ verdicts, heard }: Run): string[] {
  const lines = [
    ...verdicts.map(({ atMs, device, state }) => ({ atMs, words: `${device} is ${state}` })),
    ...heard.map(({ atMs, kind, alert, device }) => ({ atMs, words: `${kind} ${alert.code} ${device ?? ''}` })),
  ];
  return lines.sort((a, b) => a.atMs - b.atMs || (a.words < b.words ? -1 : 1)).map(({ atMs, words }) => `${atMs} ${words}`);
}

/** Frequent enough as it is. */
const STEADY = new Set<string>(['lineHiccup']);
/** Too rare for a few days even so. */
const RARE = new Set<string>(['carrierDies', 'routerDies']);

/** What a hub that often cannot look lives through. */
const BLIND: Partial<Rates> = { deviceReboots: 10, hubBusy: 300, hubStopped: 300, hubUnplugged: 60 };

function ratesIn<R extends Readonly<Record<string, number>>>(weather: Weather, usual: R, random: Random, blind: Partial<R> = {}) {
  if (weather === 'usual') return usual;
  if (weather === 'stress') return stressed(usual, random);
  return { ...(Object.fromEntries(Object.keys(usual).map((name) => [name, 0])) as R), ...blind };
}

/** Much of some, and nothing of others. */
function stressed<R extends Readonly<Record<string, number>>>(usual: R, random: Random): { readonly [rate in keyof R]: number } {
  const names = Object.keys(usual).filter((name) => !STEADY.has(name));
  const much = (name: string): number => (usual[name] as number) * (5 + 25 * random.fraction()) * (RARE.has(name) ? 10 : 1);
  return { ...usual, ...Object.fromEntries(names.map((name) => [name, random.fraction() < 0.5 ? 0 : much(name)])) };
}
