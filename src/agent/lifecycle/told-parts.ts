/** What a device says of the parts that wear out in it and can be replaced: the disks of a NAS, the lamp and fan of a projector, drum and fuser of a printer. */
import { dayOf } from '../../base/partial-date.ts';
import { isGrown, isUsedUp, type ReportedDisk } from '../inventory/reported-parts.ts';
import type { Report } from '../inventory/reports.ts';
import { type Lives, TWICE_MS, verdictOf } from './told-verdict.ts';
import type { ToldEnd } from './verdict.ts';

// ---- disks ----

const COPY_FIRST = 'See that there is a copy of what is on it, then replace the disk.';

export function diskEnds(source: string, report: Report): ToldEnd[] {
  const { disksFailing, volumesDegraded } = report.says;
  const since = dayOf(report.wornSince ?? report.at);
  if (disksFailing === undefined && volumesDegraded === undefined) return doubtfulDisks(source, report, since);
  const disks = disksFailing === undefined ? '' : `${disksFailing} failed or is about to`;
  const volumes = volumesDegraded === undefined ? '' : `${volumesDegraded} would not survive one more failed disk`;
  const why = `${[disks, volumes].filter(Boolean).join(', and ')}: so it says itself since ${since}.`;
  return [
    { cause: 'replace', name: `disk-${since}`, stage: 0, verdict: verdictOf({ state: 'due', why, toDo: COPY_FIRST }, source, report) },
  ];
}

/**
 * What its firmware only warns of, and sectors that had to be replaced. That there are some says little; that they become more says that the disk is failing: after
 * its first one a disk is 14 times as likely to fail within 60 days (Pinheiro, Weber, Barroso: Failure Trends in a Large Disk Drive Population, FAST 2007).
 */
function doubtfulDisks(source: string, report: Report, since: string): ToldEnd[] {
  const { disksWarned, disks = [] } = report.says;
  const grown = disks.filter(isGrown);
  const [worst] = grown.toSorted((a, b) => growthOf(b) - growthOf(a));
  if (disksWarned === undefined && !worst) return [];
  const isDue = worst !== undefined && growthOf(worst) >= MANY_SECTORS;
  const sectors =
    worst && `bad sectors of ${worst.name} grew from ${worst.from?.bad} to ${worst.bad} since ${dayOf(worst.from?.at ?? report.at)}`;
  const warned = disksWarned && `its firmware warns of ${disksWarned}`;
  const told = [sectors, warned].filter(Boolean).join(', and ');
  const why = `${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
  const toDo = isDue ? COPY_FIRST : 'See that there is a copy of what is on it, and have a new disk at hand.';
  const verdict = verdictOf({ state: isDue ? 'due' : 'plan', why, toDo }, source, report);
  return [{ cause: 'replace', name: `disk-${since}`, stage: isDue ? 0 : 365, verdict }];
}

const MANY_SECTORS = 10;

function growthOf({ bad = 0, from }: ReportedDisk): number {
  return bad - (from?.bad ?? bad);
}

// ---- projectors ----

/** What it says is broken or warns of. Hours alone do not tell a lamp from a laser, which lasts six times as long: they are for the desk to look at. */
export function projectorEnds(source: string, report: Report, lives: Lives): ToldEnd[] {
  const { faults = '', warnings = '', lampHours } = report.says;
  const { wornSince = report.at } = report;
  const part = (['lamp', 'fan'] as const).find((one) => faults.includes(one)) ?? (warnings.includes('lamp') ? 'lamp' : undefined);
  if (part !== undefined) {
    const isBroken = faults.includes(part);
    const hours = lampHours === undefined || part !== 'lamp' ? '' : ` after ${lampHours} hours`;
    const state = isBroken ? 'due' : 'plan';
    const why = `It ${isBroken ? 'says that its' : 'warns of its'} ${part}${isBroken ? ' has failed' : ''}${hours}, since ${dayOf(wornSince)}.`;
    const verdict = verdictOf({ state, why, toDo: `Replace the ${part}.` }, source, report);
    return [{ cause: 'replace', name: `${part}-${dayOf(wornSince)}`, stage: isBroken ? 0 : 365, verdict }];
  }
  const [lamp, laser] = [lives.get('projector-lamp'), lives.get('projector-laser')];
  if (lampHours === undefined || !lamp || !laser || lampHours < lamp.dueAt) return [];
  const why = `Its light has burnt for ${lampHours} hours: a lamp usually lasts ${lamp.low} to ${lamp.high}, a laser ${laser.low}.`;
  return [
    {
      cause: 'replace',
      name: 'hours',
      stage: 0,
      verdict: verdictOf({ state: 'check', why, toDo: 'Look which of the two it has.' }, source, report),
    },
  ];
}

// ---- printers ----

/** Parts, not toner: what is used up with every page is for who prints, and stands in `device show`. A part is due once it is used up and was so a day before. */
export function printerEnds(source: string, report: Report): ToldEnd[] {
  const used = (report.says.parts ?? []).filter(isUsedUp);
  if (used.length === 0) return [];
  const { wornSince = report.at } = report;
  const empty = used.filter(({ percent }) => percent === 0);
  const isRepeated = report.at - wornSince >= TWICE_MS;
  const isDue = empty.length > 0 && isRepeated;
  const told = (isDue ? empty : used).map(({ name, percent }) => `${name} (${percent} % left)`).join(', ');
  const name = `part-${dayOf(wornSince)}`;
  if (!used.some(({ isFalling }) => isFalling)) {
    const why = `It says that little or nothing is left of a part: ${told}. It has said nothing else yet, and some printers count the other way round.`;
    const toDo = 'Look at its own page of supplies, or wait until the figure moves.';
    return [{ cause: 'replace', name, stage: 365, verdict: verdictOf({ state: 'check', why, toDo }, source, report) }];
  }
  const why = `It says that ${isDue ? 'this part is used up' : 'this part nears its end'}: ${told}, since ${dayOf(wornSince)}.`;
  const toDo = isDue ? 'Replace the part.' : 'Have the part at hand.';
  const verdict = verdictOf({ state: isDue ? 'due' : 'plan', why, toDo }, source, report);
  return [{ cause: 'replace', name, stage: isDue ? 0 : 365, verdict }];
}
