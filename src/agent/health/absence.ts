/**
 * Why the desk did not hear the hub, or the hub did not watch its house, for a while: the program, the hub, its power or the power of the house,
 * or the line to the desk. Told with the state of the site as soon as it is known, and again when more of it is: what the devices of the house
 * show of a power cut takes them minutes. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import { duration } from '../../base/duration.ts';
import type { AbsenceMessage, ClockQuality, HealthState } from '../../protocol/messages.ts';
import type { Sighting } from '../discovery/sighting.ts';
import type { Indexed } from '../inventory/draft.ts';
import type { Boot } from '../ports.ts';
import type { HealthBook, Transition } from './health.ts';
import {
  type BootIds,
  HOUSE_SETTLED_AFTER_MS,
  type HousePower,
  type HouseWatch,
  judgeHouse,
  lookAtHouse,
  noteBootIds,
  watchHouse,
} from './house-power.ts';
import { type Ending, endingOf, lastAliveAt, type SavedLife } from './last-life.ts';
import { LINE_WORDS, type Line, newLine, type OnTheWay, watchLine } from './line.ts';

/** How the process before ended, and what was found out about it since. */
type Return = {
  readonly last: SavedLife;
  readonly how: Ending;
  readonly power?: HousePower;
  /** The desk was reached for the first time long after the start; `saw` is what was wrong on the way until then. */
  readonly reached?: { readonly at: Instant; readonly saw: OnTheWay };
};

export type Absence = {
  /** Undefined where nobody knows when the machine started: then nothing is judged. */
  readonly boot?: Boot | undefined;
  readonly start: Instant;
  /** What is to be saved of this process; undefined before the first tick. */
  readonly life?: SavedLife;
  readonly lifeSavedAtMs: number;
  readonly back?: Return | undefined;
  /** While the devices of the house are looked at. */
  readonly watch?: HouseWatch | undefined;
  readonly bootIds: BootIds;
  readonly line: Line;
  readonly told?: AbsenceMessage | undefined;
};

export type AbsenceInputs = {
  readonly sightings: readonly Sighting[];
  readonly transitions: readonly Transition[];
  /** Before the transitions, and after them. */
  readonly before: HealthBook;
  readonly book: HealthBook;
  readonly inventory: Indexed;
  /** Whether the desk answers, and how far its clock is ahead where that is known; undefined for a hub without a desk. */
  readonly desk?: DeskContact | undefined;
  readonly clock: ClockQuality;
  readonly hubLink: boolean | null;
  readonly gateway: HealthState | undefined;
  readonly internet: HealthState;
  readonly isCaptive: boolean;
  readonly now: Instant;
};

export type DeskContact = { readonly heard: boolean; readonly aheadMs?: number | undefined };

/** A memory card wears by each write; the desk knows more exactly when it heard the hub last. */
const SAVED_EVERY_MS = 5 * 60_000;
/** A broker that restarts, or a line that changes its address, is no absence. */
const CUT_AFTER_MS = 60_000;
/** A connection is made within seconds once there is a way. */
const LATE_LINE_MS = 120_000;

/** `boot` is left out where a command only looks at what was saved. */
export function restoreAbsence(
  saved: { life?: SavedLife; told?: AbsenceMessage | undefined },
  book: HealthBook,
  now: Instant,
  boot?: Boot,
): Absence {
  const { life: last, told } = saved;
  const back: Return | undefined = last && boot && { last, how: endingOf(last, boot) };
  return {
    boot,
    start: now,
    lifeSavedAtMs: Number.NEGATIVE_INFINITY,
    back,
    watch: back?.how === 'hub-lost-power' ? watchHouse(book, now.monoMs, last?.bootIds ?? []) : undefined,
    bootIds: new Map(last?.bootIds),
    line: newLine(now),
    told,
  };
}

/** The same object where nothing changed. */
export function keepAbsence(before: Absence, inputs: AbsenceInputs): Absence {
  const { boot } = before;
  if (!boot) return before;
  const looked = withLook(before, boot, inputs);
  const judged = withLine(withHouse(looked, boot, inputs), inputs);
  const isNew = judged.back !== before.back || (before.life === undefined && judged.back !== undefined);
  return withLife(isNew && judged.back ? { ...judged, told: returnWords(judged, judged.back, boot, inputs) } : judged, boot, inputs);
}

function withLook(before: Absence, boot: Boot, inputs: AbsenceInputs): Absence {
  const bootIds = noteBootIds(before.bootIds, inputs.sightings);
  const watch = before.watch && lookAtHouse(before.watch, { ...inputs, boot });
  return bootIds === before.bootIds && watch === before.watch ? before : { ...before, bootIds, watch };
}

function withHouse(before: Absence, boot: Boot, { inventory, now, desk, clock }: AbsenceInputs): Absence {
  const { watch, back } = before;
  if (!watch || !back || now.monoMs - watch.startMs < HOUSE_SETTLED_AFTER_MS) return before;
  const aliveAtMs = clock === 'unsynced' ? undefined : now.monoMs - (now.wallMs - lastAliveAt(back.last, boot, now, desk?.aheadMs));
  return { ...before, watch: undefined, back: { ...back, power: judgeHouse(watch, boot, inventory, aliveAtMs) } };
}

function withLine(before: Absence, inputs: AbsenceInputs): Absence {
  const { desk, now } = inputs;
  if (!desk) return before;
  const line = watchLine(before.line, { ...inputs, heard: desk.heard });
  if (line === before.line) return before;
  const { cutSince, everHeard, saw } = before.line;
  const forMs = cutSince === undefined || !desk.heard ? 0 : now.monoMs - cutSince.monoMs;
  if (everHeard && forMs >= CUT_AFTER_MS)
    return { ...before, line, back: undefined, watch: undefined, told: cutWords(before.line, inputs) };
  if (everHeard || !before.back || forMs < LATE_LINE_MS) return { ...before, line };
  return { ...before, line, back: { ...before.back, reached: { at: now, saw } } };
}

/** What is kept of this process, when it is due: at once, every five minutes, and when the line is cut or whole again. */
function withLife(before: Absence, boot: Boot, { desk, now }: AbsenceInputs): Absence {
  const { life, lifeSavedAtMs } = before;
  const cutSinceAt = desk && cutSince(before, now);
  const isSame = life !== undefined && (cutSinceAt === undefined) === (life.cutSinceAt === undefined);
  if (isSame && now.monoMs - lifeSavedAtMs < SAVED_EVERY_MS) return before;
  const deskAheadMs = desk?.aheadMs ?? life?.deskAheadMs;
  return { ...before, lifeSavedAtMs: now.monoMs, life: lifeNow(before, boot, now, { deskAheadMs, cutSinceAt }) };
}

/** By the wall clock of now; a cut that lasts since before this process began with the process that saw it. */
function cutSince({ line, told, back }: Absence, now: Instant): number | undefined {
  const since = line.cutSince;
  if (since === undefined) return undefined;
  if (!line.everHeard) return back?.last.cutSinceAt === undefined ? undefined : told?.from;
  return now.monoMs - since.monoMs < CUT_AFTER_MS ? undefined : Math.round(now.wallMs - (now.monoMs - since.monoMs));
}

type Contact = { readonly deskAheadMs?: number | undefined; readonly cutSinceAt?: number | undefined };

function lifeNow({ bootIds }: Absence, boot: Boot, now: Instant, { deskAheadMs, cutSinceAt }: Contact): SavedLife {
  return {
    ...(boot.id === undefined ? {} : { bootId: boot.id }),
    aliveAt: Math.round(now.wallMs),
    upMs: Math.round(now.monoMs - boot.atMs),
    ...(deskAheadMs === undefined ? {} : { deskAheadMs }),
    ...(cutSinceAt === undefined ? {} : { cutSinceAt }),
    bootIds: [...bootIds],
  };
}

/** The last word of a process that is stopped in order; nothing where it has not begun, or knows nothing of its machine. */
export function lastWord(absence: Absence, now: Instant): SavedLife | undefined {
  const { boot, life } = absence;
  return boot && life ? { ...lifeNow(absence, boot, now, life), stopped: true } : undefined;
}

function cutWords({ cutSince, saw }: Line, { now }: AbsenceInputs): AbsenceMessage {
  const forMs = now.monoMs - (cutSince?.monoMs ?? now.monoMs);
  const text = `The hub ran all along and watched the house; only its line to the desk was cut: ${LINE_WORDS[saw]}.`;
  return { why: 'line-cut', from: Math.round(now.wallMs - forMs), to: Math.round(now.wallMs), text };
}

const ENDING_WORDS: Readonly<Record<Ending, string>> = {
  'program-stopped': 'The hearthbeat program was stopped in order and started again.',
  'program-crashed': 'The hearthbeat program ended without a word (it crashed or was killed) and was started again; the hub itself ran on.',
  'hub-restarted': 'The hub was shut down or restarted in order.',
  'hub-lost-power': 'The hub went off without shutting down: it lost its power, or was reset.',
  unknown: 'The hub was away, and what ended it is not known.',
};

function returnWords({ start }: Absence, { last, how, power, reached }: Return, boot: Boot, { now, desk }: AbsenceInputs): AbsenceMessage {
  const at = (instant: Instant): number => Math.round(now.wallMs - (now.monoMs - instant.monoMs));
  const to = at(reached?.at ?? start);
  const aliveAt = lastAliveAt(last, boot, now, desk?.aheadMs);
  const cutMs = last.cutSinceAt === undefined ? undefined : Math.max(0, last.aliveAt - last.cutSinceAt);
  const words = [
    ...(cutMs === undefined ? [] : [`Its line to the desk was cut ${duration(cutMs)} before.`]),
    ENDING_WORDS[how],
    ...(how === 'hub-lost-power' ? [houseWords(power)] : []),
    ...(reached ? [`It reached the desk ${duration(reached.at.monoMs - start.monoMs)} after its start: ${LINE_WORDS[reached.saw]}.`] : []),
  ];
  return {
    why: cutMs === undefined ? how : 'line-cut',
    ...(how === 'hub-lost-power' ? { house: power?.house ?? 'unknown' } : {}),
    from: Math.max(0, Math.min(to, Math.round(aliveAt - (cutMs ?? 0)))),
    to,
    text: words.join(' '),
  };
}

function houseWords(power: HousePower | undefined): string {
  if (!power) return 'Whether the house lost its power too shows when its devices are back.';
  const { house, restarted, ranOn, of, signs } = power;
  const how = signs.length === 0 ? '' : ` (${signs.join(', ')})`;
  switch (house) {
    case 'lost-power':
      return `${restarted} of ${of} devices restarted with it${how}: the power of the house was cut.`;
    case 'in-part':
      return `${restarted} of ${of} devices restarted with it${how}, ${ranOn} ran on or answered at once: a part of the house lost its power, such as one fuse.`;
    case 'ran-on':
      return `${ranOn} of ${of} devices had run on: it was the supply of the hub alone (its plug, its adapter, the port that feeds it).`;
    case 'unknown':
      return `Whether the house lost its power too cannot be told: ${restarted} of ${of} devices restarted with it${how}, ${ranOn} answered at once.`;
  }
}
