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
import { causeOf, codeAt, severityAt, stageOf } from './stage-table.ts';

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
  const { due, settled, untold } = compared(before, inputs, now);
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
      withoutRows(before.ledger, untold),
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

type Compared = { readonly due: Due[]; readonly settled: AlertChange[]; readonly untold: readonly string[] };

/** What is news, what of the alerts is over or was wrong, and which ends count as told no more. */
function compared({ ledger, alerts }: Before, { tracks, present }: StageInputs, now: Instant): Compared {
  const firingAt = new Map([...alerts.values()].flatMap((alert) => placed(alert)));
  const due: Due[] = [];
  const settled: AlertChange[] = [];
  const untold = present.isDesks ? undatedGone(ledger, tracks) : [];
  for (const track of tracks) {
    const stage = stageOf(track, present.at);
    const place = placeOf(track.device, track.cause, nameIn(ledger, track));
    const firing = firingAt.get(place);
    const isPastTold = firing?.stage === 0 && firing.ends === track.ends;
    const isEarly = isToCome(track, present.at) && (stage === undefined || (stage > 0 && isPastTold));
    if (isEarly && present.isDesks) untold.push(keyOfEnd(track));
    if (stage === undefined && !(isEarly && firing?.ends === track.ends)) continue;
    firingAt.delete(place);
    // Which of two clocks was wrong, only the desk's can tell.
    if (isEarly && present.isDesks) {
      if (firing) settled.push({ kind: 'alert.cleared', alert: withoutStage(cleared(firing, TOLD_TOO_EARLY, now)) });
      if (stage !== undefined) due.push({ track, stage });
      continue;
    }
    if (stage === undefined) continue;
    const news = newsOf({ track, stage, firing }, ledger.told.get(keyOfEnd(track)), present.at);
    if (news) due.push(news);
    else if (firing) settled.push(...setRight(firing, track, stage));
  }
  for (const alert of firingAt.values()) settled.push({ kind: 'alert.cleared', alert: over(alert, present, now) });
  return { due, settled, untold };
}

/** So that this stage is no repetition at the desk, should it have been told by a clock that was wrong. */
function withoutStage({ stage: _, ...alert }: Alert): Alert {
  return alert;
}

/** Ages and worn parts that are near their end no more: should they come again, they are told again. */
function undatedGone({ told }: StageLedger, tracks: readonly Track[]): string[] {
  const present = new Set(tracks.map(keyOfEnd));
  return [...told].flatMap(([key, { ends }]) => (ends === undefined && !present.has(key) ? [key] : []));
}

function isToCome({ ends }: Track, at: number): boolean {
  return ends !== undefined && lastMomentOf(ends) >= at;
}

/** What fires of one track, under whichever code. */
function placeOf(device: string, cause: Cause, name: string): string {
  return `${cause}:${device}:${name}`;
}

function placed(alert: Alert): [string, Alert][] {
  const cause = causeOf(alert.code);
  return cause === undefined ? [] : [[`${cause}${alert.key.slice(alert.code.length)}`, alert]];
}

function keyOfEnd({ device, cause, ends, name }: Pick<ToldStage, 'device' | 'cause' | 'ends' | 'name'>): string {
  return `${device} ${cause} ${ends ?? name}`;
}

/** Another fact may say the same end later on: the alert keeps its key. */
function nameIn({ told }: StageLedger, track: Track): string {
  return told.get(keyOfEnd(track))?.name ?? track.name;
}

/** The stage where it is news: it was not told of this end, and nobody plans for it. */
function newsOf(due: Due, told: ToldStage | undefined, at: number): Due | undefined {
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
  const why =
    next === 'known-exploited' && firing.stage === 0
      ? 'Attackers use holes in it by now, which is told by itself.'
      : `It ended ${firing.ends}.`;
  return [{ kind: 'alert.cleared', alert: cleared(firing, why, now) }];
}

function over(alert: Alert, { at }: Now, now: Instant): Alert {
  const { code, ends } = alert;
  const isEnded = code === 'warranty-ending' && ends !== undefined && lastMomentOf(ends) < at;
  if (isEnded) return withoutStage(cleared(alert, `It ended ${ends}.`, now));
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

/** What a clock that was ahead told, and the desk's took back, is told anew when its day has come. */
function withoutRows(ledger: StageLedger, keys: readonly string[]): StageLedger {
  if (!keys.some((key) => ledger.told.has(key))) return ledger;
  const told = new Map(ledger.told);
  for (const key of keys) told.delete(key);
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
