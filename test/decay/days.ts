/** The days of a home as the hub would have counted them: what is usual of each device, times what happens to it, and chance. */
import type { DeviceDay, PortDay } from '../../src/agent/decay/day.ts';
import type { Random } from '../../src/base/random.ts';
import { between, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { gauss, poisson } from './chance.ts';
import { sumOf } from './effects.ts';
import { type Dweller, FIRST_DAY, type Home } from './home.ts';
import { portDays } from './port-days.ts';

/** A process that forgets slowly: it keeps `memory` of itself from day to day and has the standard deviation `sigma`. */
class Wandering {
  #value = 0;
  readonly #random: Random;
  readonly #memory: number;
  readonly #sigma: number;

  constructor(random: Random, memory: number, sigma: number) {
    this.#random = random;
    this.#memory = memory;
    this.#sigma = sigma;
    this.#value = gauss(random, 0, sigma);
  }

  next(): number {
    this.#value = this.#memory * this.#value + gauss(this.#random, 0, this.#sigma * Math.sqrt(1 - this.#memory ** 2));
    return this.#value;
  }
}

/** The air around one access point, on one day. */
type Air = { readonly loss: number; readonly delay: number };

/** What the hub has of a day: of devices, and of cables by `device-3/0`, the second number counting where it was plugged in. */
export type Rows = { readonly devices: ReadonlyMap<string, DeviceDay>; readonly cables: ReadonlyMap<string, PortDay> };

/** Each day in turn. */
export function* daysIn(home: Home): Generator<Rows> {
  const extra = seededRandom(`${home.seed}/days of cables and warmth`);
  const room = roomOf(home, fork(extra));
  const warmths = home.dwellers.map((one) => warmthMaker(one, fork(extra)));
  const ports = home.dwellers.map((one) => portDays(one, home, fork(extra)));
  const random = seededRandom(`${home.seed}/days`);
  const airs = new Map([...new Set(home.dwellers.map(({ behind }) => behind))].map((point) => [point, airOf(fork(random))]));
  const makers = home.dwellers.map((one) => dayMaker(one, fork(random)));
  for (let day = 0; day < home.days; day++) {
    const today = new Map([...airs].map(([point, next]) => [point, next(day)]));
    const isAway = home.away.has(day);
    const devices = new Map<string, DeviceDay>();
    const cables = new Map<string, PortDay>();
    const degrees = room(day);
    for (const [i, one] of home.dwellers.entries()) {
      // Drawn also where nobody sees it, so that a blind day shifts no other.
      const row = makers[i]?.(day, today.get(one.behind) as Air, isAway);
      const isThere = day >= one.livesFrom && day < one.livesUntil && !(isAway && one.minutes < 1440);
      const isSeen = isThere && !home.blind.has(day);
      const temperatureC = warmths[i]?.(day, degrees);
      if (row && isSeen) devices.set(one.id, temperatureC === undefined ? row : { ...row, temperatureC });
      const [cable, port] = ports[i]?.(day, isSeen) ?? [];
      if (cable !== undefined && port) cables.set(cable, port);
    }
    yield { devices, cables };
  }
}

/** Summer and weather, as they come through the walls. */
function roomOf({ climate }: Home, random: Random): (day: number) => number {
  const weather = new Wandering(random, 0.85, 1.2);
  return (day) => climate.summer * Math.sin((2 * Math.PI * (day - climate.phase)) / 365) + weather.next();
}

/** Asked once a day, at some hour. In an attic or a cupboard a device feels the season twice. */
function warmthMaker({ temperatureC, effects }: Dweller, random: Random): (day: number, room: number) => number | undefined {
  const feels = random.fraction() < 0.07 ? 2 : between(random, [0.6, 1.3]);
  return (day, room) => {
    const read =
      temperatureC === undefined ? undefined : temperatureC + feels * room + sumOf(effects, day).temperature + gauss(random, 0, 1.2);
    // Now and then a day goes by between two answers.
    return random.fraction() < 0.08 || read === undefined ? undefined : Math.round(read);
  };
}

/** Calm as a rule; one day in thirty something sends beside it. At weekends there is more in the air. */
function airOf(random: Random): (day: number) => Air {
  const [loss, delay] = [new Wandering(fork(random), 0.85, 0.25), new Wandering(fork(random), 0.85, 0.08)];
  return (day) => {
    const isBurst = random.fraction() < 0.033;
    const strength = gauss(random, 1.5, 0.5);
    const weekend = day % 7 >= 5 ? 0.12 : 0;
    return { loss: loss.next() + weekend + (isBurst ? strength : 0), delay: delay.next() + weekend + (isBurst ? 0.25 : 0) };
  };
}

function dayMaker(one: Dweller, random: Random): (day: number, air: Air, isAway: boolean) => DeviceDay {
  const isOnAir = one.link === 'air';
  const part = one.mood * (isOnAir ? 1 : 0.3);
  const wander = { loss: new Wandering(fork(random), 0.98, 0.15 * part), delay: new Wandering(fork(random), 0.98, 0.06 * part) };
  return (day, air, isAway) => {
    const now = sumOf(one.effects, day);
    const quiet = isAway && isOnAir ? { loss: -0.4, delay: -0.2 } : { loss: 0, delay: 0 };
    const season = one.isOutdoors ? 0.4 * Math.sin((2 * Math.PI * (day - 30)) / 365) : 0;
    const [airLoss, airDelay] = isOnAir ? [air.loss, air.delay] : [0, 0];
    const share = Math.min(
      0.9,
      one.loss * Math.exp(now.loss + airLoss + quiet.loss + season + wander.loss.next() + gauss(random, 0, isOnAir ? 0.25 : 0.1)),
    );
    const medianMs =
      one.delayMs * Math.exp(now.delay + airDelay + quiet.delay + wander.delay.next() + gauss(random, 0, isOnAir ? 0.06 : 0.03));
    const p90Ms = medianMs * one.tailTimes * Math.exp(now.tail + gauss(random, 0, 0.1));
    const minutes = one.minutes === 1440 ? 1440 : Math.max(0, one.minutes + gauss(random, 0, 90));
    const questions = Math.round((minutes * 60) / one.intervalS);
    const ofDay = minutes / 1440;
    // Where it dropped once it is more likely to drop again.
    const cluster = random.fraction() < 0.1 ? 3 : 0.78;
    const drops = poisson(random, (one.dropsADay * cluster + now.drops) * ofDay) + now.timer;
    const reboots = poisson(random, one.rebootsADay + now.reboots) + now.timer;
    return {
      day: FIRST_DAY + day,
      seenMinutes: Math.round(minutes),
      questions,
      lost: Math.min(questions, poisson(random, questions * share)),
      medianMs,
      p90Ms,
      drops,
      ...(one.tellsReboots ? { reboots } : {}),
      ...(one.batteryMinutes === undefined
        ? {}
        : { batteryMinutes: Math.round(one.batteryMinutes * Math.exp(now.battery + gauss(random, 0, 0.03))) }),
    };
  };
}
