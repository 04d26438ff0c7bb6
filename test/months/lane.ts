/**
 * Fast-forward, one lane for each device. A device that answers every question, or none while it is known to be off, changes nothing that a verdict leans on but the
 * time of its last proof and its counts: such rounds (rounds.ts) are skipped in one step. Lost answers that nobody else hears of, and words in between, are judged by the real
 * judge, but for this device alone. Everything else goes through the whole pipeline. What a lane leaves in the record is exactly what the pipeline would have left
 * there; a test runs both and compares.
 */

import { fitted } from '../../src/agent/health/check-record.ts';
import type { CheckRecord, MethodRecord } from '../../src/agent/health/health.ts';
import { afterProbe, alive, attemptOf, type Judging, KEPT_ATTEMPTS, KEPT_RTTS, type Life } from '../../src/agent/health/judge.ts';
import { chooseMethod, leastAsked, PREFERENCE, totalAsked } from '../../src/agent/health/plan.ts';
import { ARP_FAILED, type ProbeMethod, type ProbeRequest, type ProbeResult } from '../../src/agent/health/probe.ts';
import type { Device } from '../../src/agent/inventory/device.ts';
import { onGrid } from '../../src/replay/still.ts';
import { LAN } from './household.ts';
import { counted, type Rounds, roundsOf, untilRetry } from './rounds.ts';
import { type Dweller, instant, type World } from './world.ts';

/** The record is the run's own while it is skipped over. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Book = Map<string, CheckRecord>;

/** The third miss makes the hub look around, and ask others where nobody is heard (plan.ts). */
const LOOKS_AROUND_MISSES = 3;

/** What a lane is part of. */
export type LaneHub = {
  readonly world: World;
  /** Several that are silent at once are the affair of the whole house. */
  readonly isCrowd: () => boolean;
  /** Something fell so lately that its alert waits for the verdict on whatever is in doubt (common-cause.ts). */
  readonly isWaiting: (atMs: number) => boolean;
  /** What a verdict on one leans on is what the others said until then. */
  readonly liveAllTo: (untilMs: number, book: Book, around: Judging) => void;
  /** The same where it only leans on whether one of them was heard while `silent` was, before it was asked at `askedMs`. */
  readonly liveToWitness: (silent: CheckRecord, askedMs: number, untilMs: number, book: Book, around: Judging) => boolean;
  /** Its state is about to change. */
  readonly changesState: (deviceId: string, atMs: number) => void;
  /** A result that the pipeline must judge, when it is ready. */
  readonly judge: (result: ProbeResult, readyMs: number) => void;
  /** It is to be looked for under another address. */
  readonly wantLook: (atMs: number) => void;
};

type UnderWay = { readonly readyMs: number; readonly result: ProbeResult };

export class Lane {
  readonly dweller: Dweller;
  readonly #hub: LaneHub;
  record: Mutable<CheckRecord>;
  #rounds: Rounds | undefined;
  #calm = false;
  /** Of what it hangs on, as far as that is known. */
  #carrier: Lane | undefined;
  #next: number | undefined;
  /** Sent and judged in this lane; the pipeline does not know of it. */
  #underWay: UnderWay | undefined;
  /** Rounds that are counted in the record and not yet among its attempts. */
  #owed = 0;
  #lastSentMs = 0;

  constructor(dweller: Dweller, hub: LaneHub, record: CheckRecord) {
    this.dweller = dweller;
    this.#hub = hub;
    this.record = record;
  }

  /** It lost an answer and is asked again. */
  get isMissing(): boolean {
    return this.record.misses > 0;
  }

  /** Another record, by the pipeline. `isCalm`: the hub itself is well, and nothing has just fallen. `carrier`: what is asked at once when it is silent. */
  follow(record: CheckRecord, isCalm: boolean, carrier: Lane | undefined): void {
    if (record === this.record && isCalm === this.#calm && carrier === this.#carrier) return;
    this.record = record;
    this.#carrier = carrier;
    this.#calm = isCalm;
    this.#rounds = isCalm ? roundsOf(this.record, this.dweller) : undefined;
    this.#next = undefined;
  }

  /** Something was sent over its link besides its rounds. */
  disturb(): void {
    this.#next = undefined;
  }

  get carrier(): Lane | undefined {
    return this.#carrier;
  }

  /** When something happens in it that is not certain. */
  get nextAtMs(): number {
    this.#next ??= this.#nextAtMs();
    return this.#next;
  }

  /** Whether the pipeline must ask it: the hub itself is not well, or what it would meet is not certain. */
  get isPublic(): boolean {
    return this.#underWay === undefined && !this.#calm;
  }

  #nextAtMs(): number {
    if (this.#underWay) return this.#underWay.readyMs;
    if (this.record.probing) return Number.POSITIVE_INFINITY;
    const sendMs = onGrid(this.record.nextProbeAtMs);
    return this.#rounds ? sendMs + this.#certainRounds(this.#rounds, sendMs) * this.#rounds.periodMs : sendMs;
  }

  /** Lives up to `untilMs`: everything that it sends before it, and every answer to that by then; the pipeline is given what is its affair. */
  liveTo(untilMs: number, book: Book, around: Judging): void {
    if (this.#next !== undefined && this.#next < untilMs) this.#next = undefined;
    for (;;) {
      const underWay = this.#underWay;
      if (underWay) {
        if (underWay.readyMs > untilMs) return;
        this.#underWay = undefined;
        this.#judge(underWay, book, around);
        continue;
      }
      this.#skipTo(untilMs);
      const sendMs = onGrid(this.record.nextProbeAtMs);
      if (this.record.probing || sendMs >= untilMs || !this.#calm) return;
      this.#send(sendMs);
    }
  }

  /** From now on every tick is the pipeline's: it is given what is under way. */
  release(book: Book): void {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    if (underWay) this.#handOver(underWay, book, this.settled);
  }

  /** Takes a question that the pipeline has just asked, where its outcome is what was expected; false where the pipeline must judge it. */
  absorb(request: ProbeRequest, result: ProbeResult): boolean {
    const rounds = this.#rounds;
    if (!rounds || result.outcome !== rounds.outcome) return false;
    if (result.outcome === 'silent' && result.detail !== ARP_FAILED) return false;
    this.#note(
      { ...rounds, methods: rounds.outcome === 'answered' ? [request.method] : rounds.methods },
      1,
      result.startedAt.monoMs,
      result.finishedAt.monoMs - result.startedAt.monoMs,
    );
    return true;
  }

  /** Takes a question that the pipeline has just asked as if it were its own; false where it must not. */
  take(result: ProbeResult): boolean {
    if (!this.#calm) return false;
    this.#underWay = { readyMs: onGrid(result.finishedAt.monoMs), result };
    this.#next = undefined;
    return true;
  }

  /** It said something; everything before that is lived. False where the pipeline must hear it: along with an answer that is here by then. */
  hears(life: Life, book: Book, around: Judging): boolean {
    const nowMs = around.now.monoMs;
    const heard = this.#isOwnWord(around) ? alive(this.record, life, around) : undefined;
    const after = heard && this.isMissing ? this.#fitted(heard, around) : heard;
    if (after?.profile !== this.record.profile) {
      if (this.#underWay && this.#underWay.readyMs <= nowMs) this.release(book);
      return false;
    }
    if (after.state !== this.record.state) this.#hub.changesState(after.deviceId, nowMs);
    this.#replace(after, book);
    return true;
  }

  /** Whether what it says changes nothing but when it was heard last and is asked next, or only ends a doubt. */
  #isOwnWord({ doubt, now }: Judging): boolean {
    const { state, misses, recoveringSinceMs, probing } = this.record;
    if (!this.#calm || doubt?.mass || this.#hub.isCrowd() || recoveringSinceMs !== undefined) return false;
    if (probing && !this.#underWay) return false;
    return state === 'up' ? misses === 0 : state === 'suspect' && misses > 0 && !this.#hub.isWaiting(now.monoMs);
  }

  /** It was looked back upon, at an instant up to which it has lived. */
  lookBack(record: CheckRecord, book: Book): void {
    this.#replace(record, book);
  }

  /** It is about to be heard: a question that is still under way has not put off the next one yet. */
  heard(nowMs: number): void {
    this.disturb();
    if (this.#rounds?.outcome === 'silent' && nowMs < this.#lastSentMs + onGrid(this.record.profile.timeoutMs))
      this.record.nextProbeAtMs = this.#lastSentMs;
  }

  /** The record with the attempts that it is owed, for a judge who will look at them. */
  get settled(): CheckRecord {
    const rounds = this.#rounds;
    const owed = Math.min(this.#owed, KEPT_ATTEMPTS);
    this.#owed = 0;
    return rounds && owed > 0 ? { ...this.record, ...this.#replayed(rounds, owed) } : this.record;
  }

  /** Gives the book that record. */
  settle(book: Book): void {
    if (this.#owed === 0) return;
    this.record = this.settled;
    book.set(this.record.deviceId, this.record);
  }

  /** Whether nobody else hears of what this answer or silence makes of it. */
  #isOwnAffair({ outcome }: ProbeResult, { doubt, now }: Judging): boolean {
    const { state, misses, profile } = this.record;
    if (!this.#calm || doubt?.mass || this.#hub.isWaiting(now.monoMs) || (outcome !== 'answered' && this.#hub.isCrowd())) return false;
    // What is off by habit stays asleep, or unknown where it was never awake, for as long as it is silent.
    if ((state === 'unknown' || state === 'asleep') && profile.silence === 'habit') return outcome !== 'answered';
    if ((state !== 'up' && state !== 'suspect') || (state === 'suspect' && misses === 0)) return false;
    if (outcome === 'answered') return true;
    return misses < profile.confirmations - 1;
  }

  #send(sendMs: number): void {
    const { deviceId, profile } = this.record;
    const { ip } = this.dweller;
    const request = { deviceId, ip, interface: LAN.name, method: chooseMethod(this.record, true), timeoutMs: profile.timeoutMs };
    const result = this.#hub.world.probe(this.dweller, request, instant(sendMs), 0);
    this.record.probing = true;
    this.#underWay = { readyMs: onGrid(result.finishedAt.monoMs), result };
    this.#next = undefined;
  }

  #judge(underWay: UnderWay, book: Book, around: Judging): void {
    const { readyMs, result } = underWay;
    const then = { ...around, now: instant(readyMs) };
    if (this.record.misses >= LOOKS_AROUND_MISSES) this.#askOthers(result, readyMs, book, around);
    const before = this.settled;
    const after = this.#isOwnAffair(result, then) ? this.#fitted(afterProbe(before, result, then), then) : undefined;
    // Where it is watched in another way now, the desk is told of that.
    if (after?.profile !== before.profile) return void this.#handOver(underWay, book, before);
    const isLookedFor = isThirdMiss(before, after) && after.profile.silence === 'fault';
    if (isLookedFor && !this.#hub.liveToWitness(after, readyMs, readyMs, book, around)) return void this.#handOver(underWay, book, before);
    if (isLookedFor) this.#hub.wantLook(readyMs);
    if (after.state !== before.state) this.#hub.changesState(after.deviceId, readyMs);
    this.#replace(after, book);
    if (before.misses === 0 && after.misses === 1) this.#carrier?.askAtOnce(readyMs, after.silentSinceMs ?? 0, book, around);
  }

  /** Before a verdict what others said only tells whether the hub hears (losses.ts); all verdicts but those on what was never known are the pipeline's. */
  #askOthers({ startedAt }: ProbeResult, readyMs: number, book: Book, around: Judging): void {
    if (this.record.state === 'unknown') this.#hub.liveAllTo(readyMs, book, around);
    else this.#hub.liveToWitness(this.record, startedAt.monoMs, readyMs, book, around);
  }

  #handOver({ result, readyMs }: UnderWay, book: Book, record: CheckRecord): void {
    this.#replace({ ...record, probing: true }, book);
    this.#hub.judge(result, readyMs);
  }

  #replace(record: CheckRecord, book: Book): void {
    this.record = record;
    book.set(record.deviceId, record);
    this.#rounds = this.#calm ? roundsOf(this.record, this.dweller) : undefined;
    this.#next = undefined;
  }

  /** Something behind it was just silent (carriersToAsk in unreachable.ts). */
  askAtOnce(nowMs: number, silentSinceMs: number, book: Book, around: Judging): void {
    this.liveTo(nowMs, book, around);
    if (this.record.probing || (this.record.life?.at.monoMs ?? 0) >= silentSinceMs) return;
    this.record.nextProbeAtMs = nowMs;
    this.#next = undefined;
  }

  /** What was learned counts from the next tick on. */
  #fitted(record: CheckRecord, { devices, book, policy }: Judging): CheckRecord {
    const device = (devices as ReadonlyMap<string, Device> | undefined)?.get(record.deviceId);
    return device ? fitted(record, device, book.size, policy) : record;
  }

  /** How many rounds will turn out as the ones before. */
  #certainRounds({ outcome, periodMs, methods }: Rounds, sendMs: number): number {
    const isSilent = !this.#hub.world.isReachable(this.dweller, sendMs);
    if (isSilent !== (outcome === 'silent')) return 0;
    const changesAtMs = this.dweller.silence.changesAtMs(sendMs);
    const untilMs = isSilent ? changesAtMs : Math.min(changesAtMs, this.dweller.link.goodUntilMs(sendMs));
    const inTime = Math.max(0, Math.ceil((untilMs - sendMs) / periodMs));
    if (isSilent) return inTime;
    const certain = Math.min(inTime, this.dweller.link.certain);
    return this.#answersAnyway() || methods.length > 1 ? certain : Math.min(certain, untilRetry(totalAsked(this.record)));
  }

  /** Whatever way it is asked. */
  #answersAnyway(): boolean {
    return this.dweller.resident.answers.size === PREFERENCE.length;
  }

  #skipTo(untilMs: number): void {
    const rounds = this.#rounds;
    if (!rounds || this.record.probing) return;
    const isCertain = this.#next !== undefined && this.#next >= untilMs;
    for (let sendMs = onGrid(this.record.nextProbeAtMs); sendMs < untilMs; sendMs = onGrid(this.record.nextProbeAtMs)) {
      const inTime = Math.ceil((untilMs - sendMs) / rounds.periodMs);
      const certain = isCertain ? inTime : Math.min(this.#certainRounds(rounds, sendMs), inTime);
      if (certain === 0) return;
      if (rounds.outcome === 'silent') {
        this.#note(rounds, certain, sendMs + (certain - 1) * rounds.periodMs, 0);
        continue;
      }
      const left = untilRetry(totalAsked(this.record));
      const count = left === 0 ? 1 : Math.min(certain, left);
      const asked = left === 0 ? { ...rounds, methods: [leastAsked(this.record)] } : rounds;
      this.#note(asked, count, sendMs + (count - 1) * rounds.periodMs, this.dweller.link.skip(count));
    }
  }

  #replayed(rounds: Rounds, owed: number): Pick<CheckRecord, 'attempts' | 'rtts'> {
    const { deviceId, profile } = this.record;
    const { ip } = this.dweller;
    const { outcome, methods, periodMs } = rounds;
    const request = { deviceId, ip, interface: LAN.name, method: methods[0] as ProbeMethod, timeoutMs: profile.timeoutMs };
    const isTimed = outcome === 'answered' && request.method !== 'arp';
    const detail = outcome === 'answered' ? 'replied' : ARP_FAILED;
    const attempts = [...this.record.attempts];
    const rtts = [...this.record.rtts];
    for (let back = owed - 1; back >= 0; back--) {
      const startedAt = instant(this.#lastSentMs - back * periodMs);
      const told = isTimed ? { rttMs: this.dweller.link.earlierRttMs(back) } : {};
      attempts.push(attemptOf({ request, startedAt, finishedAt: startedAt, outcome, detail, ...told }));
      if (told.rttMs !== undefined) rtts.push(told.rttMs);
    }
    return { attempts: attempts.slice(-KEPT_ATTEMPTS), rtts: rtts.slice(-KEPT_RTTS) };
  }

  #note({ outcome, periodMs, methods }: Rounds, count: number, lastSentMs: number, tookMs: number): void {
    const { record } = this;
    this.#count(outcome, methods, count);
    record.probing = false;
    this.#owed += count;
    this.#lastSentMs = lastSentMs;
    if (outcome === 'silent') {
      record.lastMissAtMs = lastSentMs;
      record.nextProbeAtMs = lastSentMs + periodMs;
      return;
    }
    const at = instant(lastSentMs + tookMs);
    const by = methods[0] as ProbeMethod;
    this.dweller.heardMs = at.monoMs;
    record.life = { at, by };
    record.lastAnswerAt = { ...record.lastAnswerAt, [by]: at.wallMs };
    record.rounds += count;
    // No round trip of this world is slow; one by ARP is not timed.
    if (by !== 'arp' && record.past.slowMs !== undefined) record.slowness -= count;
    record.nextProbeAtMs = at.monoMs + record.profile.intervalMs;
  }

  /** Nobody but this record, and those it replaced, has these counts. */
  #count(outcome: Rounds['outcome'], ways: readonly ProbeMethod[], count: number): void {
    const { record } = this;
    const known = ways.length === 1 ? (record.methods[ways[0] as ProbeMethod] as Mutable<MethodRecord> | undefined) : undefined;
    if (!known) {
      record.methods = counted(record.methods, outcome, ways, count);
      return;
    }
    known.asked += count;
    if (outcome === 'answered') known.answered += count;
  }
}

const isThirdMiss = (before: CheckRecord, after: CheckRecord): boolean =>
  after.misses === LOOKS_AROUND_MISSES && before.misses !== LOOKS_AROUND_MISSES;
