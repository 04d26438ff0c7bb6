/** The lanes (lane.ts) of a house together: who has one, what hangs on what, and what one of them must know of the others. */
import type { CheckRecord } from '../../src/agent/health/health.ts';
import type { Judging } from '../../src/agent/health/judge.ts';
import { isHeardBeside } from '../../src/agent/health/losses.ts';
import type { Parents } from '../../src/agent/inventory/wiring.ts';
import { type Book, Lane, type LaneHub } from './lane.ts';
import type { Strays } from './strays.ts';
import type { Dweller, World } from './world.ts';

/** So many that are silent at once are the affair of the whole house. */
const CROWD = 3;

/** What lanes are told, and tell, of the run that they are part of. */
type RunOfLanes = Pick<LaneHub, 'isWaiting' | 'changesState' | 'judge' | 'wantLook'>;

export class Lanes implements LaneHub {
  readonly world: World;
  readonly isWaiting: LaneHub['isWaiting'];
  readonly changesState: LaneHub['changesState'];
  readonly judge: LaneHub['judge'];
  readonly wantLook: LaneHub['wantLook'];
  readonly #strays: Strays;
  readonly #byId = new Map<string, Lane>();
  /** The same, for those who look at all of them. */
  #all: readonly Lane[] = [];
  /** Under what `followAll` was called last. */
  #followed: { readonly isCalm: boolean; readonly parents: Parents; readonly isWhole: boolean } | undefined;
  readonly #byDweller = new Map<Dweller, Lane>();

  constructor(world: World, strays: Strays, { isWaiting, changesState, judge, wantLook }: RunOfLanes) {
    this.world = world;
    this.#strays = strays;
    this.isWaiting = isWaiting;
    this.changesState = changesState;
    this.judge = judge;
    this.wantLook = wantLook;
  }

  of(id: string): Lane | undefined {
    return this.#byId.get(id);
  }

  at(dweller: Dweller): Lane | undefined {
    return this.#byDweller.get(dweller);
  }

  /** The lane of a device, from its first question on. */
  open(dweller: Dweller, record: CheckRecord): Lane {
    const known = this.#byId.get(record.deviceId);
    if (known) return known;
    const lane = new Lane(dweller, this, record);
    this.#byId.set(record.deviceId, lane);
    this.#byDweller.set(dweller, lane);
    this.#changed();
    return lane;
  }

  close(id: string): void {
    const lane = this.#byId.get(id);
    if (!lane) return;
    this.#byId.delete(id);
    if (this.#byDweller.get(lane.dweller) === lane) this.#byDweller.delete(lane.dweller);
    this.#changed();
  }

  clear(): void {
    this.#byId.clear();
    this.#byDweller.clear();
    this.#changed();
  }

  #changed(): void {
    this.#all = [...this.#byId.values()];
    this.#followed = undefined;
  }

  /** The records after a tick. Nothing is new to those that have the same one, in a house in which nothing else is different. */
  followAll(book: Book, isCalm: boolean, parents: Parents, nowMs: number): void {
    const was = this.#followed;
    const isWhole = this.#strays.isNone;
    const isSame = was !== undefined && was.isCalm === isCalm && was.parents === parents && was.isWhole && isWhole;
    this.#followed = { isCalm, parents, isWhole };
    for (const lane of this.#all) {
      const record = book.get(lane.record.deviceId);
      if (record && !(isSame && record === lane.record)) this.follow(record, isCalm, parents, nowMs);
    }
  }

  /** Another record, by the pipeline. What has moved, or hangs on what has no lane, is the pipeline's affair. */
  follow(record: CheckRecord, isCalm: boolean, parents: Parents, nowMs: number): void {
    const lane = this.#byId.get(record.deviceId);
    if (!lane) return;
    const parent = parents.size === 0 ? undefined : parents.get(record.deviceId);
    const carrier = parent && this.#byId.get(parent.id);
    const knowsCarrier = parent === undefined || carrier !== undefined;
    lane.follow(record, isCalm && knowsCarrier && !this.#strays.isUncertain(lane.dweller, nowMs), carrier);
  }

  isCrowd(): boolean {
    let missing = 0;
    for (const { isMissing } of this.#all) if (isMissing) missing++;
    return missing >= CROWD;
  }

  /** From now on every tick is the pipeline's. */
  release(book: Book): void {
    for (const lane of this.#all) lane.release(book);
  }

  /** Somebody will look at the newest answers of everybody. */
  settleAll(book: Book): void {
    for (const lane of this.#all) lane.settle(book);
  }

  liveAllTo(untilMs: number, book: Book, around: Judging): void {
    for (const lane of this.#all) lane.liveTo(untilMs, book, around);
  }

  /** Those to which something happens until then; of the others only until one is found that was heard. Whether one was. */
  liveToWitness(silent: CheckRecord, askedMs: number, untilMs: number, book: Book, around: Judging): boolean {
    let isHeard = false;
    for (const lane of this.#all) {
      if (isHeard && lane.nextAtMs > untilMs) continue;
      lane.liveTo(untilMs, book, around);
      isHeard ||= !lane.record.probing && isHeardBeside(silent, lane.record, askedMs);
    }
    return isHeard;
  }

  /** The one to which something happens first, before `limitMs`; what has no address any more is not asked. */
  firstBefore(limitMs: number, nowMs: number): Lane | undefined {
    let first: Lane | undefined;
    let atMs = limitMs;
    for (const lane of this.#all)
      if (lane.nextAtMs < atMs && !this.#strays.isGivenUp(lane.dweller, nowMs)) [first, atMs] = [lane, lane.nextAtMs];
    return first;
  }
}
