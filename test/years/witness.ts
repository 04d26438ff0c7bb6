/**
 * What should have been told of a home, reckoned anew from the dates alone, and what was: each stage of each end once, none early, none after people said
 * until when they replace the device, and once more when that is over.
 */
import type { AlertChange } from '../../src/agent/alerts/alerts.ts';
import type { Track } from '../../src/agent/lifecycle/tracks.ts';
import { DAY_MS, lastMomentOf } from '../../src/base/partial-date.ts';
import type { Asked } from './desk.ts';

/** Days before the end, by what ends, as people were promised them. */
const PROMISED: Readonly<Record<Track['cause'], readonly number[]>> = {
  support: [365, 180, 90, 30, 0],
  cloud: [90, 30, 7, 0],
  certificate: [30, 7, 0],
  warranty: [90, 30],
  replace: [365, 0],
  battery: [0],
};
const CAUSES: Readonly<Record<string, Track['cause']>> = {
  'support-ending': 'support',
  'support-ended': 'support',
  'known-exploited': 'support',
  'cloud-ending': 'cloud',
  'replace-due': 'replace',
  'warranty-ending': 'warranty',
};

/** On a day on which the hub looked, by a clock that was right and sure. */
type Due = { readonly day: number; readonly track: Track; readonly stage: number; readonly place: string };
type Plan = { readonly untilMs: number; readonly text: string; overOn?: number };
type Told = { readonly day: number; readonly stage: number; readonly isPlanOver: boolean };

export type Tally = {
  homes: number;
  looks: number;
  stages: number;
  toldSingly: number;
  toldInDigests: number;
  digests: number;
  plans: number;
  plansOver: number;
  restarts: number;
  restores: number;
  jumps: number;
};

/** One look of the hub. `trueMs`: what the time really is; `believedMs`: what the hub took it for, undefined where it was not sure. */
export type Looked = {
  readonly day: number;
  readonly trueMs: number;
  readonly believedMs: number | undefined;
  readonly isHeard: boolean;
  /** The hub, its catalogue or its memory is another one than at the look before. */
  readonly isIntroduction: boolean;
  readonly tracks: readonly Track[];
  readonly changes: readonly AlertChange[];
};

export class Witness {
  readonly broken: string[] = [];
  readonly #due = new Map<string, Due>();
  readonly #reached = new Set<string>();
  #wasIntroduction = false;
  readonly #told = new Map<string, Told[]>();
  /** By end: the stages that digests may have named by a clock that was wrong, and when. */
  readonly #burned = new Map<string, { readonly stage: number; readonly day: number }[]>();
  /** What was asked about fires until it is over, whatever memory the hub has. */
  readonly #firing = new Set<string>();
  readonly #digestDays: number[] = [];
  /** Days on which the hub looked by the right time and the desk heard it. */
  readonly #goodDays: number[] = [];
  readonly #plans = new Map<string, Plan>();
  readonly #planned: { readonly place: string; readonly from: number }[] = [];

  looked(look: Looked): void {
    if (look.believedMs === undefined) return;
    if (look.believedMs !== look.trueMs) this.#byWrongClock(look, look.believedMs);
    else this.#byRightClock(look);
  }

  #byWrongClock({ day, tracks, changes }: Looked, believedMs: number): void {
    if (!changes.some(isDigest)) return;
    for (const track of tracks) {
      const stage = stageAt(track, believedMs);
      if (stage !== undefined) this.#burned.set(endOf(track), [...(this.#burned.get(endOf(track)) ?? []), { stage, day }]);
    }
  }

  #expectOver(changes: readonly AlertChange[]): void {
    for (const { kind, alert } of changes) if (kind === 'alert.cleared') this.#firing.delete(placeIn(alert.key));
  }

  /** Hub and desk have talked on a good day. `firing`: keys of what fires at the desk. */
  talked({ day, trueMs, believedMs, tracks }: Looked, firing: ReadonlySet<string>): void {
    if (believedMs !== trueMs) return;
    const places = new Set([...firing].map((key) => placeIn(key)));
    for (const track of tracks) {
      const place = placeOf(track.cause, track.device, track.name);
      if (stageAt(track, trueMs) === undefined) continue;
      if (this.#firing.has(place) && !places.has(place)) {
        this.#firing.delete(place);
        this.#breach(day, `${place} was told and fires no more`);
      }
      this.#checkPlan(day, trueMs, place);
    }
  }

  /** A plan that is over and did not come true is asked about on the first good day, or the one after it. */
  #checkPlan(day: number, trueMs: number, place: string): void {
    const plan = this.#plans.get(place);
    if (!plan || plan.untilMs + DAY_MS > trueMs) return;
    if (plan.overOn === undefined) plan.overOn = day;
    else if (day > this.#nextGoodDay(plan.overOn)) {
      this.#plans.delete(place);
      this.#breach(day, `the plan of ${place} for ${plan.text} is over and nobody was asked`);
    }
  }

  #byRightClock({ day, trueMs, isHeard, isIntroduction, tracks, changes }: Looked): void {
    if (isHeard) this.#goodDays.push(day);
    const stages = new Map<string, number>();
    let news = 0;
    for (const track of tracks) {
      const stage = stageAt(track, trueMs);
      if (stage === undefined) continue;
      const place = placeOf(track.cause, track.device, track.name);
      stages.set(place, stage);
      const name = `${endOf(track)} ${stage}`;
      if (!this.#reached.has(name)) news++;
      this.#reached.add(name);
      if (isHeard && !this.#due.has(name)) this.#due.set(name, { day, track, stage, place });
    }
    const hasDigest = changes.some(isDigest);
    // What ended among many others goes on in the digest.
    if (hasDigest) this.#expectOver(changes);
    if (hasDigest && news <= 3 && !isIntroduction && !this.#wasIntroduction) this.#breach(day, 'a digest of little');
    this.#wasIntroduction = isIntroduction;
    for (const { kind, alert } of changes) {
      const cause = CAUSES[alert.code];
      if (kind === 'alert.cleared' || cause === undefined || alert.stage === undefined) continue;
      const stage = stages.get(placeIn(alert.key));
      // What a wrong clock told too early stays, and says so.
      if (stage !== undefined && stage > alert.stage && !alert.text.startsWith('It was told too early'))
        this.#breach(day, `told at ${alert.stage}, and ${stage} is due: ${alert.key}`);
    }
  }

  asked(day: number, atMs: number, asked: Asked): void {
    if (asked.row.code === 'lifecycle-digest') this.#digestDays.push(day);
    else this.#askedSingly(day, atMs, asked);
  }

  #askedSingly(day: number, atMs: number, { row, alert, isAgain, planned }: Asked): void {
    const cause = CAUSES[row.code];
    if (cause === undefined || row.stage === null) throw new Error(`no such alert was expected: ${row.key}`);
    const place = placeIn(row.key);
    const plan = this.#plans.get(place);
    const isPlanOver = plan !== undefined && atMs >= plan.untilMs - DAY_MS;
    if (plan && !isPlanOver && row.code !== 'known-exploited')
      this.#breach(day, `${row.key} is planned for ${plan.text}, and was asked about at ${row.stage}`);
    if (isPlanOver) this.#plans.delete(place);
    if (isAgain && !isPlanOver)
      this.#breach(day, `${row.key} was asked about again at ${row.stage}${planned ? `, planned for ${planned}` : ''}`);
    const end = `${row.device_id} ${cause} ${row.ends ?? nameIn(row.key)}`;
    const told = this.#told.get(end) ?? [];
    if (!isPlanOver && told.some((one) => one.stage === row.stage && !one.isPlanOver))
      this.#breach(day, `${row.key} was told at ${row.stage} twice`);
    if (!isPlanOver && told.some((one) => one.stage < (row.stage ?? 0))) this.#breach(day, `${row.key} went back to ${row.stage}`);
    this.#firing.add(place);
    this.#told.set(end, [...told, { day, stage: row.stage, isPlanOver }]);
    if (alert.text === '') this.#breach(day, `${row.key} says nothing`);
  }

  planned(day: number, row: Asked['row'], text: string): void {
    const place = placeIn(row.key);
    this.#plans.set(place, { untilMs: lastMomentOf(text), text });
    this.#planned.push({ place, from: day });
  }

  #breach(day: number, what: string): void {
    this.broken.push(`day ${day}: ${what}`);
  }

  /** After the last day. */
  finish(tally: Tally): void {
    for (const due of this.#due.values()) {
      tally.stages++;
      const told = this.#told.get(endOf(due.track)) ?? [];
      // By a wrong clock a later stage may have come first.
      const isEarly = ({ day, stage }: { readonly day: number; readonly stage: number }): boolean => stage <= due.stage && day <= due.day;
      const isTold =
        told.some((one) => one.stage === due.stage || isEarly(one)) || (this.#burned.get(endOf(due.track)) ?? []).some(isEarly);
      const isGathered = this.#digestDays.some((day) => day >= due.day && day <= this.#nextGoodDay(due.day));
      const isPlanned = this.#planned.some(({ place, from }) => place === due.place && from <= due.day);
      if (told.some(({ stage }) => stage === due.stage)) tally.toldSingly++;
      else if (isGathered) tally.toldInDigests++;
      if (!isTold && !isGathered && !isPlanned) this.#breach(due.day, `${endOf(due.track)} reached ${due.stage} and nobody was told`);
    }
    tally.digests += this.#digestDays.length;
  }

  #nextGoodDay(day: number): number {
    return this.#goodDays.find((good) => good > day) ?? Number.POSITIVE_INFINITY;
  }
}

function isDigest({ alert }: AlertChange): boolean {
  return alert.code === 'lifecycle-digest';
}

function stageAt({ cause, ends, stage }: Track, atMs: number): number | undefined {
  if (stage !== undefined) return stage;
  if (ends === undefined) return 0;
  const left = (lastMomentOf(ends) - atMs) / DAY_MS;
  const passed = PROMISED[cause].filter((limit) => (limit === 0 ? left < 0 : left < limit + 1));
  if (cause === 'warranty' && left < 0) return undefined;
  return passed.length === 0 ? undefined : Math.min(...passed);
}

function endOf({ device, cause, ends, name }: Track): string {
  return `${device} ${cause} ${ends ?? name}`;
}

function placeOf(cause: string, device: string, name: string): string {
  return `${cause}:${device}:${name}`;
}

/** Of an alert's key. */
function placeIn(key: string): string {
  const [code = ''] = key.split(':');
  return `${CAUSES[code]}${key.slice(code.length)}`;
}

function nameIn(key: string): string {
  return key.split(':')[2] ?? '';
}
