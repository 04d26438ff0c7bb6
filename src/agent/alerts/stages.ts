/**
 * What nears its end is told in stages, each of them once: the ledger knows what has been told, the alert book what fires of it. Called when
 * somebody has looked at the devices anew, once a day as a rule. Nothing is told while the clock is not sure, and nothing twice because it jumped: only
 * a stage nearer to the end than all before is news. Pure (docs/decisions/0019).
 */
import type { Instant } from '../../base/clock.ts';
import { DAY_MS, lastMomentOf } from '../../base/partial-date.ts';
import type { AlertCode } from '../../protocol/alert-catalogue.ts';
import type { Cause, Track } from '../lifecycle/tracks.ts';
import type { Now } from '../lifecycle/verdict.ts';
import { type Alert, type AlertBook, type AlertChange, cleared, titleOf } from './alerts.ts';
import { lifecycleDigest } from './lifecycle-digest.ts';
import { codeAt, placeIn, severityAt, stageOf } from './stage-table.ts';

/** The nearest stage that was told of one end of one device. `name`: of the track, as it stands in the key of its alerts. */
export type ToldStage = {
  readonly device: string;
  readonly cause: Cause;
  readonly name: string;
  readonly ends?: string;
  readonly stage: number;
  /** Told as attacked. */
  readonly exploited?: true;
};

export type StageLedger = {
  /** When a sure clock was seen first, Unix milliseconds of that clock: the home's first day begins. */
  readonly since?: number;
  /** Whether what the first day found has been told. */
  readonly isIntroduced: boolean;
  /** The catalogue by which was told last. */
  readonly catalogue?: string;
  /** By device, cause and end (`keyOfEnd`). */
  readonly told: ReadonlyMap<string, ToldStage>;
};

export const NOTHING_TOLD: StageLedger = { isIntroduced: false, told: new Map() };

export type StageInputs = {
  /** Of all devices that may be told of: those of persons have none. */
  readonly tracks: readonly Track[];
  /** Names the catalogue in use. */
  readonly catalogue: string;
  /** The day by which stages are counted. */
  readonly present: Now;
  /** What only a clock says waits for the desk's: who would be asked is there. */
  readonly hasDesk: boolean;
  /** How many devices the desk has to look at first. */
  readonly toCheck: number;
  /** Whether a silence holds back what is new of a device. */
  readonly isHeldBack: (device: string) => boolean;
  /** What a device is called outside the house: `Sonos One (192.168.1.20)`. */
  readonly subjectOf: (device: string) => string;
};

/** `isWaiting`: something is held back, and to be told when the silence is over. What did not change is the same object. */
export type Staged = {
  readonly ledger: StageLedger;
  readonly alerts: AlertBook;
  readonly changes: readonly AlertChange[];
  readonly isWaiting: boolean;
};

/** So many new stages at one look are told by themselves; more are one digest. */
const MOST_TOLD_SINGLY = 3;
const LONGEST_TEXT = 2_048;
/** Beyond, what was told of ends that no device has any more is forgotten. */
const MOST_TOLD = 4_096;

const NOWHERE = '';
/** Than any stage. */
const FARTHER = 1_000;

const TOLD_TOO_EARLY = 'It was told too early, by a clock that was wrong: its end is still to come.';

/** A stage that is news. `firing`: what fires of the track already. `lapsed`: until when it was to be replaced, and was not. */
export type Due = {
  readonly track: Track;
  readonly stage: number;
  readonly firing?: Alert | undefined;
  readonly lapsed?: string | undefined;
};

type Before = { readonly ledger: StageLedger; readonly alerts: AlertBook };

export function tellStages(before: Before, inputs: StageInputs, now: Instant): Staged {
  const { present, catalogue, isHeldBack } = inputs;
  if (!present.isSure) return { ...before, changes: [], isWaiting: false };
  const since = firstDayOf(before.ledger, present.at);
  const { due, settled, corrections } = compared(before, inputs, now);
  const free = due.filter(({ track }) => !isHeldBack(track.device));
  const [single = [], gathered = []] = partitioned(free, (one) => one.lapsed !== undefined || isCritical(one));
  const { isIntroduced } = before.ledger;
  const isFirstDay = !isIntroduced && present.at < since + DAY_MS;
  const isDigest = !isIntroduced || catalogue !== (before.ledger.catalogue ?? catalogue) || gathered.length > MOST_TOLD_SINGLY;
  const told = isFirstDay ? single : [...single, ...gathered];
  const changes = [
    ...settled,
    ...(isDigest ? single : told).flatMap((one) => changesOf(one, inputs, before.ledger, now)),
    ...(isDigest && !isFirstDay ? digestChanges(gathered, inputs, now) : []),
  ];
  const isWaiting = free.length < due.length;
  const isAllTold = !isFirstDay && !isWaiting;
  return {
    ledger: ledgerAfter(
      putRight(before.ledger, corrections),
      { since, ...(isAllTold ? { isIntroduced: true, catalogue } : {}) },
      told,
      inputs,
    ),
    alerts: changes.length === 0 ? before.alerts : withChanges(before.alerts, changes),
    changes,
    isWaiting,
  };
}

/** One that began in the future was begun by a clock that was wrong. */
function firstDayOf({ since, isIntroduced }: StageLedger, at: number): number {
  return isIntroduced ? (since ?? at) : Math.min(since ?? at, at);
}

function partitioned<T>(list: readonly T[], belongs: (one: T) => boolean): [T[], T[]] {
  return [list.filter(belongs), list.filter((one) => !belongs(one))];
}

function isCritical({ track, stage }: Due): boolean {
  return severityAt(track, stage) === 'critical';
}

/** Rows of the ledger that the desk's clock puts right; undefined for those that count as told no more. */
type Corrections = ReadonlyMap<string, ToldStage | undefined>;
type Compared = { readonly due: Due[]; readonly settled: AlertChange[]; readonly corrections: Corrections };

/** What is news, what of the alerts is over or was wrong, and what of the ledger is. */
function compared({ ledger, alerts }: Before, inputs: StageInputs, now: Instant): Compared {
  const { tracks, present, hasDesk } = inputs;
  const isLeft = (place: string): boolean => hasDesk && !present.isDesks && isAge(place);
  const firingAt = Map.groupBy(alerts.values(), (alert) => placeIn(alert) ?? NOWHERE);
  for (const place of firingAt.keys()) if (place === NOWHERE || isLeft(place)) firingAt.delete(place);
  const due: Due[] = [];
  const settled: AlertChange[] = [];
  const corrections = new Map<string, ToldStage | undefined>(present.isDesks ? undatedGone(ledger, tracks) : []);
  for (const track of tracks) {
    const place = placeOf(track.device, track.cause, nameIn(ledger, track));
    if (isLeft(place)) continue;
    const [firing, ...others] = (firingAt.get(place) ?? []).toSorted(nearestTo(track));
    const one = judged(track, firing, { ledger, inputs, now });
    if (one.due) due.push(one.due);
    if (one.correction) corrections.set(keyOfEnd(track), one.correction.row);
    if (one.isOver) continue;
    firingAt.delete(place);
    settled.push(...one.settled, ...others.map((other) => clearing(other, `It goes on: ${firing?.title}`, now)));
  }
  for (const alert of [...firingAt.values()].flat()) settled.push({ kind: 'alert.cleared', alert: over(alert, present, now) });
  return { due, settled, corrections };
}

/** `isOver`: nothing is to be told of the track, and what fires at its place is of another end. */
type Judged = {
  readonly isOver: boolean;
  readonly due?: Due | undefined;
  readonly settled: readonly AlertChange[];
  readonly correction?: { readonly row: ToldStage | undefined };
};
type Around = { readonly ledger: StageLedger; readonly inputs: StageInputs; readonly now: Instant };

function judged(track: Track, firing: Alert | undefined, { ledger, inputs, now }: Around): Judged {
  const { at, isDesks } = inputs.present;
  const stage = stageOf(track, at);
  const told = nearestTold(ledger, track, firing);
  const isEarly = told !== undefined && isBeforeItsDay(track, stage, told.stage, at);
  const early = isEarly && firing?.ends === track.ends ? firing : undefined;
  // Which of two clocks was wrong, only the desk's can tell.
  if (isEarly && isDesks) {
    const row = stage === undefined ? undefined : rowAt(track, stage, ledger);
    return {
      isOver: stage === undefined && !early,
      settled: early ? putBack(track, stage, early, { ledger, inputs, now }) : [],
      correction: { row },
    };
  }
  if (stage === undefined) return { isOver: !early, settled: [] };
  const due = newsOf({ track, stage, firing }, told, at);
  return { isOver: false, due, settled: due || !firing ? [] : setRight(firing, track, stage) };
}

function clearing(alert: Alert, because: string, now: Instant): AlertChange {
  return { kind: 'alert.cleared', alert: cleared(alert, because, now) };
}

/** Of several at one place, as where the desk gave one back: that of its day, then the nearest. */
function nearestTo({ ends }: Track): (one: Alert, other: Alert) => number {
  const farness = (alert: Alert): number => (alert.ends === ends ? 0 : FARTHER) + (alert.stage ?? 0);
  return (one, other) => farness(one) - farness(other);
}

/** So near it was told by this hub, in whichever of its lives: the desk gives back what fires to one that forgot. */
function nearestTold(ledger: StageLedger, track: Track, firing: Alert | undefined): Pick<ToldStage, 'stage' | 'exploited'> | undefined {
  const row = ledger.told.get(keyOfEnd(track));
  if (firing?.stage === undefined || firing.ends !== track.ends) return row;
  const isAttacked = row?.exploited || firing.code === 'known-exploited';
  return { stage: Math.min(firing.stage, row?.stage ?? firing.stage), ...(isAttacked ? { exploited: true } : {}) };
}

/** As if told at this stage last. */
function rowAt(track: Track, stage: number, ledger: StageLedger): ToldStage {
  const { exploited: _, ...row } = rowOf({ track, stage }, ledger);
  return { ...row, stage };
}

/** Told nearer than it is, where a day decides that. */
function isBeforeItsDay(track: Track, stage: number | undefined, told: number, at: number): boolean {
  return track.stage === undefined && isToCome(track, at) && (stage === undefined || told < stage);
}

/** To the stage of today, at which the desk asks if it has not asked yet. */
function putBack(track: Track, stage: number | undefined, firing: Alert, { ledger, inputs, now }: Around): AlertChange[] {
  return stage === undefined ? [takenBack(firing, now)] : changesOf({ track, stage, firing }, inputs, ledger, now);
}

function takenBack(firing: Alert, now: Instant): AlertChange {
  return { kind: 'alert.cleared', alert: withoutStage(cleared(firing, TOLD_TOO_EARLY, now)) };
}

/** By its date, which a desk with another clock may not believe: what is over at no stage is over by its day. */
function ended(alert: Alert, now: Instant): Alert {
  return withoutStage(cleared(alert, `It ended ${alert.ends}.`, now));
}

function withoutStage({ stage: _, ...alert }: Alert): Alert {
  return alert;
}

/** Ages and worn parts that are near their end no more: should they come again, they are told again. */
function undatedGone({ told }: StageLedger, tracks: readonly Track[]): [string, undefined][] {
  const present = new Set(tracks.map(keyOfEnd));
  return [...told].flatMap(([key, { ends }]): [string, undefined][] => (ends === undefined && !present.has(key) ? [[key, undefined]] : []));
}

function isToCome({ ends }: Track, at: number): boolean {
  return ends !== undefined && lastMomentOf(ends) >= at;
}

/** What fires of one track, under whichever code. */
function placeOf(device: string, cause: Cause, name: string): string {
  return `${cause}:${device}:${name}`;
}

/** Of a device or a battery: it has no day that the desk could hold a stage against. */
function isAge(place: string): boolean {
  return /^(replace|battery):[^:]*:age(-|$)/.test(place);
}

function keyOfEnd({ device, cause, ends, name }: Pick<ToldStage, 'device' | 'cause' | 'ends' | 'name'>): string {
  return `${device} ${cause} ${ends ?? name}`;
}

/** Another fact may say the same end later on: the alert keeps its key. */
function nameIn({ told }: StageLedger, track: Track): string {
  return told.get(keyOfEnd(track))?.name ?? track.name;
}

/** The stage where it is news: it was not told of this end, and nobody plans for it. */
function newsOf(due: Due, told: Pick<ToldStage, 'stage' | 'exploited'> | undefined, at: number): Due | undefined {
  const { track, stage, firing } = due;
  const isNewlyAttacked = codeAt(track, stage) === 'known-exploited' && !told?.exploited;
  const plan = firing?.acknowledged?.plannedFor;
  if (plan !== undefined) {
    if (lastMomentOf(plan) < at) return { ...due, lapsed: plan };
    // Who planned knew of the end; that its holes are attacked since then is something else.
    return isNewlyAttacked && firing?.stage === 0 ? due : undefined;
  }
  return !told || stage < told.stage || isNewlyAttacked ? due : undefined;
}

/** An alert that says what is past while it is still to come, because the clock had been ahead; and that the day has come after all. */
function setRight(firing: Alert, track: Track, stage: number): AlertChange[] {
  const isEarly = firing.stage === 0 && stage > 0;
  if (isEarly === (firing.text === TOLD_TOO_EARLY)) return [];
  return [{ kind: 'alert.updated', alert: { ...firing, text: isEarly ? TOLD_TOO_EARLY : textOf(track) } }];
}

/** By itself: somebody is asked anew, also where the stage before was acknowledged. */
function changesOf({ track, stage, firing, lapsed }: Due, { subjectOf }: StageInputs, ledger: StageLedger, now: Instant): AlertChange[] {
  const code = codeAt(track, stage);
  const planned = lapsed === undefined ? '' : `Planned for ${lapsed}, and still in use. `;
  const said = { ...saidAt(track, stage), text: `${planned}${textOf(track)}`.slice(0, LONGEST_TEXT) };
  if (firing?.code === code) {
    const { acknowledged: _, ends: __, ...rest } = firing;
    return [{ kind: 'alert.updated', alert: { ...rest, ...said } }];
  }
  const at = Math.round(now.wallMs);
  const key = `${code}:${track.device}:${nameIn(ledger, track)}`;
  const title = titleOf(code, subjectOf(track.device));
  return [
    ...overBefore(firing, code, now),
    { kind: 'alert.raised', alert: { key, code, title, ...said, device: track.device, raisedAt: at, actionableAt: at } },
  ];
}

/** In one message. What fires of it already is brought up to date, and nobody is asked again. */
function digestChanges(due: readonly Due[], { toCheck, subjectOf }: StageInputs, now: Instant): AlertChange[] {
  if (due.length === 0) return [];
  const updates = due.flatMap(({ track, stage, firing }): AlertChange[] => {
    const code = codeAt(track, stage);
    if (firing?.code !== code) return overBefore(firing, code, now);
    const { ends: _, ...rest } = firing;
    return [{ kind: 'alert.updated', alert: { ...rest, ...saidAt(track, stage), text: textOf(track) } }];
  });
  return [{ kind: 'alert.raised', alert: lifecycleDigest(due, toCheck, subjectOf, now) }, ...updates];
}

function saidAt(track: Track, stage: number): Pick<Alert, 'severity' | 'stage' | 'ends'> {
  return { severity: severityAt(track, stage), stage, ...(track.ends === undefined ? {} : { ends: track.ends }) };
}

/** What fired of it until now, where it goes on under another code. */
function overBefore(firing: Alert | undefined, next: AlertCode, now: Instant): AlertChange[] {
  if (!firing) return [];
  if (next === 'support-ending') return [takenBack(firing, now)];
  if (next === 'known-exploited' && firing.stage === 0)
    return [clearing(firing, 'Attackers use holes in it by now, which is told by itself.', now)];
  return [{ kind: 'alert.cleared', alert: ended(firing, now) }];
}

function over(alert: Alert, { at }: Now, now: Instant): Alert {
  const { code, ends } = alert;
  if (code === 'warranty-ending' && ends !== undefined && lastMomentOf(ends) < at) return ended(alert, now);
  const gone = cleared(alert, 'It is not known to near its end any more: the device, its firmware, or what is known of it changed.', now);
  return ends === undefined ? withoutStage(gone) : gone;
}

function withChanges(alerts: AlertBook, changes: readonly AlertChange[]): AlertBook {
  const next = new Map(alerts);
  for (const { kind, alert } of changes) {
    if (kind === 'alert.cleared') next.delete(alert.key);
    else if (alert.clearedAt === undefined) next.set(alert.key, alert);
  }
  return next;
}

/** What a clock that was ahead told too early is told anew when its day has come. */
function putRight(ledger: StageLedger, corrections: Corrections): StageLedger {
  if (corrections.size === 0) return ledger;
  const told = new Map(ledger.told);
  for (const [key, row] of corrections) {
    if (row) told.set(key, row);
    else told.delete(key);
  }
  return { ...ledger, told };
}

/** The same where nothing was told and nothing begun. */
function ledgerAfter(before: StageLedger, after: Partial<StageLedger>, told: readonly Due[], { tracks }: StageInputs): StageLedger {
  const isSame = told.length === 0 && (Object.keys(after) as (keyof StageLedger)[]).every((part) => after[part] === before[part]);
  if (isSame) return before;
  const rows = new Map(before.told);
  for (const one of told) rows.set(keyOfEnd(one.track), rowOf(one, before));
  if (rows.size <= MOST_TOLD) return { ...before, ...after, told: rows };
  const present = new Set(tracks.map(keyOfEnd));
  return { ...before, ...after, told: new Map([...rows].filter(([key]) => present.has(key))) };
}

function rowOf({ track, stage }: Due, before: StageLedger): ToldStage {
  const { device, cause, ends } = track;
  const known = before.told.get(keyOfEnd(track));
  const isAttacked = known?.exploited || codeAt(track, stage) === 'known-exploited';
  return {
    device,
    cause,
    name: nameIn(before, track),
    ...(ends === undefined ? {} : { ends }),
    stage: Math.min(stage, known?.stage ?? stage),
    ...(isAttacked ? { exploited: true } : {}),
  };
}

function textOf({ why, more }: Track): string {
  return `${why} ${more}`.slice(0, LONGEST_TEXT);
}
