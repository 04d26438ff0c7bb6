/**
 * The same days judged by the published defaults of others, each as a policy: how often it asks, what it asks and how many silences make an alert. They are given every
 * advantage: they watch only what is always on (no television or phone ever counts against them), run on the same hub, and never see it busy.
 *
 * Domotz: 6 pings every 30 s, down after 2 minutes without any reply (domotz.com/faq.php). Uptime Kuma: one ping every 60 s and no retry by default
 * (louislam/uptime-kuma 2589). Three misses in a row of 60 s each, as its users then set it. A scan by ARP every 5 minutes, as presence scanners do.
 */
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import type { Life } from './life.ts';
import type { Alarm } from './score.ts';
import { type Dweller, World } from './world.ts';

export type Policy = { readonly name: string; readonly everyMs: number; readonly packets: number; readonly misses: number };

const SECOND_MS = 1_000;
/** Packets of one round follow each other at this distance. */
const APART_MS = 1_000;

export const PEERS: readonly Policy[] = [
  { name: '6 pings / 30 s, 2 min', everyMs: 30 * SECOND_MS, packets: 6, misses: 4 },
  { name: '1 ping / 60 s, no retry', everyMs: 60 * SECOND_MS, packets: 1, misses: 1 },
  { name: '3 of 60 s', everyMs: 60 * SECOND_MS, packets: 1, misses: 3 },
  { name: 'ARP every 5 min', everyMs: 300 * SECOND_MS, packets: 1, misses: 1 },
];

/** Every alarm that this policy would have raised in this life. */
export function alarmsOf(policy: Policy, life: Life, seed: string): Alarm[] {
  const world = new World(life, seed);
  const dice = seededRandom(`${seed}/${policy.name}`);
  return world.dwellers
    .filter(({ resident }) => resident.habit === 'always')
    .flatMap((dweller) => [...alarmsOn(dweller, policy, life, Math.floor(dice.fraction() * policy.everyMs))]);
}

function* alarmsOn(dweller: Dweller, policy: Policy, life: Life, phaseMs: number): Iterable<Alarm> {
  const { name } = dweller.resident;
  let misses = 0;
  let raisedMs: number | undefined;
  for (let atMs = phaseMs; atMs < life.untilMs; atMs += policy.everyMs) {
    const skipped = raisedMs === undefined && misses === 0 ? quietRounds(dweller, policy, atMs, life) : 0;
    atMs += skipped * policy.everyMs;
    if (atMs >= life.untilMs) break;
    if (isHubOff(life, atMs)) continue;
    if (isHeard(dweller, policy, atMs, life)) {
      if (raisedMs !== undefined) yield { device: name, code: 'device-down', noticedMs: raisedMs, atMs: raisedMs, untilMs: atMs };
      [misses, raisedMs] = [0, undefined];
    } else if (++misses === policy.misses) raisedMs = atMs + policy.packets * SECOND_MS;
  }
  if (raisedMs !== undefined) yield { device: name, code: 'device-down', noticedMs: raisedMs, atMs: raisedMs, untilMs: life.untilMs };
}

/** Rounds in which every packet gets through for sure. */
function quietRounds({ link, silence }: Dweller, { everyMs, packets }: Policy, atMs: number, life: Life): number {
  if (silence.at(atMs) || isHubOff(life, atMs)) return 0;
  const untilMs = Math.min(silence.changesAtMs(atMs), link.goodUntilMs(atMs), nextHubOffMs(life, atMs)) - packets * APART_MS;
  const rounds = Math.min(Math.floor(link.certain / packets), Math.max(0, Math.floor((untilMs - atMs) / everyMs)));
  if (rounds > 0) link.skip(rounds * packets);
  return rounds;
}

function isHeard({ link, silence }: Dweller, { packets }: Policy, atMs: number, life: Life): boolean {
  let heard = false;
  for (let i = 0; i < packets; i++) {
    const sentMs = atMs + i * APART_MS;
    const isUnplugged = life.hubUnplugged.some(({ fromMs, toMs }) => fromMs <= sentMs && sentMs < toMs);
    if (!isUnplugged && silence.at(sentMs) === undefined && link.roundTripMs(sentMs) !== undefined) heard = true;
  }
  return heard;
}

const isHubOff = ({ hubOff, hubStopped }: Life, atMs: number): boolean =>
  [...hubOff, ...hubStopped].some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);

const nextHubOffMs = ({ hubOff, hubStopped, hubUnplugged }: Life, atMs: number): number =>
  Math.min(
    ...[...hubOff, ...hubStopped, ...hubUnplugged].flatMap(({ fromMs }) => (fromMs >= atMs ? [fromMs] : [])),
    Number.POSITIVE_INFINITY,
  );
