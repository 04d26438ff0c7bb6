/**
 * All devices of a home, week by week, and what of them drifts by itself. What changes for many at the same time (a moved router, another channel, a new
 * neighbour, a holiday) is an event of the house and says nothing of any device: what jumps for many at once is taken out, of what moves slowly for all
 * only the rest counts, and what many do is told of none. Pure: (house before, one more week) -> house.
 */
import { median } from '../../base/median.ts';
import { after, type Course, type Drift, isKnown, NO_COURSE } from './course.ts';
import { MEASURES, type Measure, type WeekValues } from './day.ts';
import { isCount, type Link, SCALES } from './scales.ts';
import { type Point, rampIn, withoutSpikes, withoutSteps } from './trend.ts';

type Courses = ReadonlyMap<string, Course>;
/** Courses by device, for each measure. */
export type House = Readonly<Record<Measure, Courses>>;

/** Where a device hangs: on an access point or a switch, where that is known. */
export type Place = { readonly link: Link; readonly behind?: string | undefined };
export type PlaceOf = (deviceId: string) => Place;

export const NEW_HOUSE: House = Object.fromEntries(MEASURES.map((measure) => [measure, new Map()])) as unknown as House;

/** Fewer are no crowd. */
const FEWEST_TOGETHER = 3;
const SHARE_TOGETHER = 1 / 3;
/** Where nobody tells what is common to all, a rise must be so many times as great. */
const ALONE_TIMES = 1.5;
/** A change from one week to the next is a jump when it is so many standard deviations of the changes before. */
const JUMP_SIGMAS = 2;
const CHANGES = 12;
/** Normal values lie within 1.4826 median deviations of their middle as often as within one standard deviation (Hampel, J. Am. Stat. Assoc. 69, 1974). */
const MAD_TO_SIGMA = 1.4826;
/** So many weeks show what a link was like before it dropped, and so much worse (on the scale) it explains the drops. */
const WEEKS_BEFORE = 8;
const WORSE_LINK = 0.18;
/** A port that throws away more frames for want of room, by this on the scale, also miscounts some as damaged. */
const MORE_DISCARDS = 1;
/** What slows a device down slows all of its answers: the median and the slowest rise together, the other one to this part. */
const WITH_THE_OTHER = 0.35;

/** `values`: of the devices that were seen enough in it. Weeks come in their order, each once. */
export function afterWeek(house: House, week: number, values: ReadonlyMap<string, WeekValues>, placeOf: PlaceOf): House {
  const next: Record<Measure, Courses> = { ...house };
  for (const measure of MEASURES) {
    const { of } = SCALES[measure];
    const scaled = new Map<string, number>();
    for (const [id, { [measure]: value }] of values) if (value !== undefined) scaled.set(id, of(value));
    if (scaled.size > 0) next[measure] = afterWeekOf(measure, next, week, scaled, placeOf);
  }
  return next;
}

/** What it shares with others, the narrowest first. */
function groupsOf(measure: Measure, { link, behind }: Place): readonly string[] {
  if (SCALES[measure].shared === 'house') return ['house'];
  return behind === undefined ? [link, 'house'] : [`${link} ${behind}`, link, 'house'];
}

function afterWeekOf(measure: Measure, house: House, week: number, values: ReadonlyMap<string, number>, placeOf: PlaceOf): Courses {
  // What all count together was left out of the counts already.
  const moved = isCount(measure) ? NOTHING : movedGroups(measure, house[measure], values, placeOf);
  const next = new Map(house[measure]);
  for (const [id, value] of values) {
    const isMoved = moved.size > 0 && groupsOf(measure, placeOf(id)).some((group) => moved.has(group));
    next.set(id, after(next.get(id) ?? NO_COURSE, { week, value, isMoved }));
  }
  const current = { ...house, [measure]: next };
  const found = [...values.keys()].flatMap((id): [string, Course][] => {
    const drift = driftOf(id, measure, current, week, placeOf);
    return drift ? [[id, { ...(next.get(id) as Course), drift }]] : [];
  });
  for (const [id, course] of found) next.set(id, course);
  return next;
}

const NOTHING: ReadonlySet<string> = new Set();

/** The groups of which many jump at once, up or down. */
function movedGroups(measure: Measure, courses: Courses, values: ReadonlyMap<string, number>, placeOf: PlaceOf): ReadonlySet<string> {
  const counts = new Map<string, { known: number; jumped: number }>();
  for (const [id, value] of values) {
    const course = courses.get(id);
    if (!course || !isKnown(course)) continue;
    const jumped = isJump(course, value, SCALES[measure].noise) ? 1 : 0;
    for (const group of groupsOf(measure, placeOf(id))) {
      const count = counts.get(group) ?? { known: 0, jumped: 0 };
      counts.set(group, { known: count.known + 1, jumped: count.jumped + jumped });
    }
  }
  return new Set([...counts].filter(([, { known, jumped }]) => areMany(jumped, known)).map(([group]) => group));
}

const areMany = (those: number, of: number): boolean => those >= FEWEST_TOGETHER && those >= of * SHARE_TOGETHER;

/** Whether this week is unlike the one before it, for better or worse, by the changes that are usual. */
function isJump({ points }: Course, value: number, noise: number): boolean {
  const recent = points.slice(-CHANGES);
  const changes = recent.slice(1).map((point, i) => Math.abs(point.value - (recent[i] as Point).value));
  return Math.abs(value - (recent.at(-1) as Point).value) > JUMP_SIGMAS * Math.max(MAD_TO_SIGMA * median(changes), noise);
}

function driftOf(id: string, measure: Measure, house: House, week: number, placeOf: PlaceOf): Drift | undefined {
  const courses = house[measure];
  const course = courses.get(id) as Course;
  const { link } = placeOf(id);
  const { noise, least, sigmas, step, weeks, earlier, matters, shared, fewestPeers } = SCALES[measure];
  if (course.drift || !isRaised(course, least[link]) || (course.points.at(-1) as Point).value < matters) return undefined;
  const peers = isCount(measure) ? [] : peersOf(id, measure, courses, placeOf);
  const isAlone = shared === 'house' && peers.length < fewestPeers;
  const own = isCount(measure) ? withoutSpikes(course.points) : withoutCommon(course.points, peers, fewestPeers);
  const slow = withoutSteps(own, step[link]);
  const ramp = rampIn(slow, noise);
  if (!ramp) return undefined;
  const { from, usual, spread } = ramp;
  const [last = 0, ...before] = slow
    .slice(-weeks)
    .map(({ value }) => value - usual)
    .reverse();
  const rise = Math.min(last, ...before.map((each) => each / earlier));
  const season = shared === 'house' ? commonRise(course.points, own, from) : 0;
  const enough = Math.max(least[link] * (isAlone ? ALONE_TIMES : 1) + season, sigmas * spread);
  if (rise < enough || riseTogether(id, measure, courses, placeOf)) return undefined;
  const since = (slow[from] as Point).week;
  if (isExplained(id, measure, house, since)) return undefined;
  if ((measure === 'delay' || measure === 'tail') && !isSlowAllTheWay(id, house, least[link] * WITH_THE_OTHER)) return undefined;
  return { since, found: week, usual: middle(course.points.slice(0, from)), rise, sigmas: rise / spread };
}

const middle = (points: readonly Point[]): number => median(points.map(({ value }) => value));

/** Whether the last week is that far above what is usual, and the one before half as far: without this nothing else is looked at. */
function isRaised({ points, low }: Course, by: number): boolean {
  const [last, before] = [points.at(-1), points.at(-2)];
  return last !== undefined && before !== undefined && last.value - low >= by && before.value - low >= by / 2;
}

/** The courses of those in the narrowest group that has enough of them. */
function peersOf(id: string, measure: Measure, courses: Courses, placeOf: PlaceOf): Course[] {
  for (const group of groupsOf(measure, placeOf(id))) {
    const peers = [...courses].flatMap(([other, course]) =>
      other !== id && isKnown(course) && groupsOf(measure, placeOf(other)).includes(group) ? [course] : [],
    );
    if (peers.length >= SCALES[measure].fewestPeers) return peers;
  }
  return [];
}

/** What is left of each week when what moved the others in it is taken away. */
function withoutCommon(points: readonly Point[], peers: readonly Course[], fewest: number): Point[] {
  const shifts = new Map<number, number[]>();
  for (const peer of peers) {
    const usual = middle(peer.points);
    for (const { week, value } of peer.points) {
      const known = shifts.get(week);
      if (known) known.push(value - usual);
      else shifts.set(week, [value - usual]);
    }
  }
  return points.map((point) => {
    const shift = shifts.get(point.week) ?? [];
    return shift.length < fewest ? point : { ...point, value: point.value - median(shift) };
  });
}

/** How far the others have risen since before a week: a device in an attic feels a summer twice, so as much again is asked of it. */
function commonRise(points: readonly Point[], own: readonly Point[], from: number): number {
  const common = points.map(({ value }, i) => value - (own[i] as Point).value);
  return Math.max(0, ...common.slice(-2).map((now) => now - median(common.slice(0, from))));
}

/** Whether many of those beside it have risen at least half as far by now. */
function riseTogether(id: string, measure: Measure, courses: Courses, placeOf: PlaceOf): boolean {
  const { points, low } = courses.get(id) as Course;
  const rise = Math.min(...points.slice(-2).map(({ value }) => value)) - low;
  return groupsOf(measure, placeOf(id)).some((group) => {
    let [risen, known] = [0, 0];
    for (const [other, course] of courses) {
      if (!isKnown(course) || !groupsOf(measure, placeOf(other)).includes(group)) continue;
      known++;
      if (isRaised(course, rise / 2)) risen++;
    }
    return areMany(risen, known);
  });
}

function isSlowAllTheWay(id: string, house: House, by: number): boolean {
  return (['delay', 'tail'] as const).every((measure) => {
    const course = house[measure].get(id);
    return course !== undefined && (course.drift !== undefined || isRaised(course, by));
  });
}

/** What else got worse with it, and by how much that must be to explain it: who drops for a bad link has no dying power supply, and a port without room counts errors. */
const EXPLAINED_BY: Partial<Record<Measure, { readonly by: readonly Measure[]; readonly more: number }>> = {
  drops: { by: ['loss', 'delay'], more: WORSE_LINK },
  damage: { by: ['discards'], more: MORE_DISCARDS },
};

function isExplained(id: string, measure: Measure, house: House, since: number): boolean {
  const { by = [], more = 0 } = EXPLAINED_BY[measure] ?? {};
  return by.some((other) => {
    const points = house[other].get(id)?.points ?? [];
    const before = points.filter(({ week }) => week < since).slice(-WEEKS_BEFORE);
    const now = points.filter(({ week }) => week >= since);
    return before.length > 0 && now.length > 0 && middle(now) - middle(before) > more;
  });
}
