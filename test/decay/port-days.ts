/** The days of a cable as the agent counts them: a switch whose counters of 32 bits wrap, are cleared and lost in restarts, asked once a day. */
import type { PortDay } from '../../src/agent/decay/day.ts';
import { inAMillion, passedSince } from '../../src/agent/decay/port-counter.ts';
import type { Random } from '../../src/base/random.ts';
import { daysOf, gauss, poisson } from './chance.ts';
import { sumOf } from './effects.ts';
import { type Dweller, FIRST_DAY, type Home, RATES } from './home.ts';

const WRAP = 2 ** 32;
/** Of what is thrown away for want of room, so much is called an error by agents that do not tell checksums. */
const CALLED_ERRORS = 0.05;

type Counts = { inFrames: number; outFrames: number; inErrors: number; fcsErrors?: number; inDiscards: number };

/** The name of the cable that day and its row; `isSeen`: whether the hub asks and is answered. */
export function portDays(
  { id, behind, cables, effects }: Dweller,
  { days, forgetful }: Home,
  random: Random,
): (day: number, isSeen: boolean) => readonly [string, PortDay] | undefined {
  const cleared = new Set(daysOf(random, RATES.clearedCounters, days));
  let counts: Counts | undefined;
  let told: { readonly cable: number; readonly counts: Counts } | undefined;
  let wander = 0;
  return (day, isSeen) => {
    const at = cables.findLastIndex(({ from }) => from <= day);
    const cable = cables[at];
    if (!cable) return undefined;
    if (!counts || forgetful.has(day) || cleared.has(day)) counts = emptied(cable.tellsFcs, random);
    // A restart is told by the agent, which then says nothing of the day; clearing is not.
    if (forgetful.has(day) || told?.cable !== at) told = undefined;
    wander = 0.9 * wander + gauss(random, 0, 0.1);
    const { damage, discards } = sumOf(effects, day);
    const frames = Math.round(cable.framesADay * Math.exp(gauss(random, 0, 0.5) + discards / 4));
    const damaged = poisson(random, (frames / 1e6) * (cable.damage * Math.exp(wander + gauss(random, 0, 0.3)) + damage));
    const discarded = poisson(
      random,
      (frames / 1e6) * (cable.discards + (discards > 0 ? 20 : 0)) * Math.exp(discards + gauss(random, 0, 0.5)),
    );
    counts = added(counts, { frames, damaged, discarded });
    if (!isSeen || random.fraction() < 0.08) return undefined;
    const before = told && { port: '1', counts: told.counts };
    const passed = passedSince(before, { port: '1', counts });
    told = { cable: at, counts };
    if (!passed) return undefined;
    const discardedOf = passed.discarded === undefined ? undefined : inAMillion(passed.discarded, passed.frames);
    const row = {
      deviceId: behind,
      port: id,
      on: id,
      day: FIRST_DAY + day,
      damaged: inAMillion(passed.damaged, passed.frames),
      discarded: discardedOf,
    };
    return [`${id}/${at}`, row];
  };
}

/** Frames may be anywhere on their way to the next wrap. */
function emptied(tellsFcs: boolean, random: Random): Counts {
  const frames = random.fraction() < 0.5 ? 0 : Math.floor(random.fraction() * WRAP);
  return { inFrames: frames, outFrames: 0, inErrors: 0, inDiscards: 0, ...(tellsFcs ? { fcsErrors: 0 } : {}) };
}

function added(counts: Counts, more: { readonly frames: number; readonly damaged: number; readonly discarded: number }): Counts {
  const { fcsErrors } = counts;
  return {
    inFrames: (counts.inFrames + Math.ceil(more.frames / 2)) % WRAP,
    outFrames: (counts.outFrames + Math.floor(more.frames / 2)) % WRAP,
    inErrors: (counts.inErrors + more.damaged + Math.round(CALLED_ERRORS * more.discarded)) % WRAP,
    inDiscards: (counts.inDiscards + more.discarded) % WRAP,
    ...(fcsErrors === undefined ? {} : { fcsErrors: (fcsErrors + more.damaged) % WRAP }),
  };
}
