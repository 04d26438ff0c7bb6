/**
 * Which devices of the home of the bench tell how warm they are, whose cables a switch counts, and what happens to both that is no decay. How often is our estimate
 * (`RATES` in home.ts), but for two things: that links damage the same share whatever is sent over them, and that most damage nothing (Zhuo et al., SIGCOMM 2017).
 */
import type { Random } from '../../src/base/random.ts';
import { between, fork } from '../../src/simulation/seeded-random.ts';
import { daysOf, gauss, logBetween } from './chance.ts';
import type { Cable, Dweller, Effect, Rates } from './home.ts';

const EVER = Number.POSITIVE_INFINITY;

/** A UPS, a NAS, a switch, a router: of the wired ones the first few. In one home of five there is only one. */
export function withWarmth(dwellers: readonly Dweller[], random: Random): Dweller[] {
  const tell = random.fraction() < 0.2 ? 1 : Math.round(between(random, [2, 6]));
  return dwellers.map((one, i) => (i < tell ? { ...one, temperatureC: between(random, i === 0 ? [24, 32] : [32, 55]) } : one));
}

/** The switch in the rack tells what it counts in two homes of three, the other one in one of three. */
export function withCables(dwellers: readonly Dweller[], days: number, rates: Rates, random: Random): Dweller[] {
  const telling = new Map([
    ['rack switch', { tells: random.fraction() < 2 / 3, tellsFcs: random.fraction() < 0.6 }],
    ['media switch', { tells: random.fraction() < 1 / 3, tellsFcs: random.fraction() < 0.6 }],
  ]);
  return dwellers.map((one) => {
    const at = telling.get(one.behind);
    const own = fork(random);
    if (!at?.tells) return one;
    const framesADay = logBetween(own, [50_000, 300_000_000]);
    const froms = [0, ...daysOf(own, rates.movedPort, days)];
    return { ...one, cables: froms.map((from): Cable => ({ from, framesADay, tellsFcs: at.tellsFcs, ...qualityOf(own) })) };
  });
}

/** Of ten cables eight are clean; one in thirty was bad from its first day on. */
function qualityOf(random: Random): Pick<Cable, 'damage' | 'discards'> {
  const dice = random.fraction();
  const damage =
    dice < 0.8 ? 0 : dice < 0.92 ? logBetween(random, [0.1, 5]) : dice < 0.97 ? logBetween(random, [5, 50]) : logBetween(random, [50, 400]);
  return { damage, discards: random.fraction() < 0.5 ? 0 : logBetween(random, [1, 3_000]) };
}

export function eventsOfCableAndWarmth(one: Dweller, days: number, rates: Rates, random: Random): Effect[] {
  const when = (perYear: number, effect: (from: number) => Omit<Effect, 'from' | 'until'> & { until?: number }): Effect[] =>
    daysOf(random, perYear, days).map((from) => ({ from, until: EVER, ...effect(from) }));
  const cable =
    one.cables.length === 0
      ? []
      : [
          // Somebody pulls at it.
          ...when(rates.unpluggedCable, (from) => ({ over: 0, until: from, damage: logBetween(random, [10, 20_000]) })),
          ...when(rates.badWeek, (from) => ({ over: 0, until: from + between(random, [4, 10]), damage: logBetween(random, [10, 5_000]) })),
          ...when(rates.busierPort, () => ({ over: between(random, [0, 120]), discards: between(random, [0.5, 4]) })),
        ];
  const warmth =
    one.temperatureC === undefined
      ? []
      : [
          ...when(rates.putElsewhere, () => ({ over: 0, temperature: gauss(random, 4, 5) })),
          ...when(rates.cleanedFan, () => ({ over: 0, temperature: -between(random, [3, 12]) })),
          ...when(rates.otherFanCurve, () => ({ over: 0, temperature: gauss(random, 0, 4) })),
          ...when(rates.moreHeat, () => ({ over: between(random, [0, 150]), temperature: between(random, [1, 5]) })),
          ...when(rates.badWeek, (from) => ({ over: 0, until: from + between(random, [4, 10]), temperature: between(random, [2, 10]) })),
        ];
  return [...cable, ...warmth];
}
