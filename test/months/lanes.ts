/**
 * Fast-forward, one lane for each device. A device that answers every question, or none while it is known to be off, changes nothing that a verdict leans on but the
 * time of its last proof and its counts: such rounds are skipped in one step. One or two lost answers that nobody else hears of are judged by the real judge, but for
 * this device alone. Everything else goes through the whole pipeline. What a lane leaves in the record is exactly what the pipeline would have left
 * there; a test runs both and compares.
 */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { CheckRecord, MethodRecord, MethodRecords } from '../../src/agent/health/health.ts';
import {
  afterProbe,
  alive,
  attemptOf,
  DOWN_INTERVAL_MS,
  fitted,
  isAbsent,
  type Judging,
  KEPT_ATTEMPTS,
  KEPT_RTTS,
  type Life,
} from '../../src/agent/health/judge.ts';
import { chooseMethod, LEARNING_ANSWERS, leastAsked, PREFERENCE, RETRY_IGNORED_EVERY, totalAsked } from '../../src/agent/health/plan.ts';
import { ARP_FAILED, type ProbeMethod, type ProbeRequest, type ProbeResult } from '../../src/agent/health/probe.ts';
import type { Device } from '../../src/agent/inventory/device.ts';
import { LEARNING, onGrid } from '../../src/replay/still.ts';
import { LAN } from './household.ts';
import { type Dweller, instant, type World } from './world.ts';

/** The record is the run's own while it is skipped over. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Book = Map<string, CheckRecord>;

/** By then the kernel has given it up. */
const GIVEN_UP_MS = 60_000;
/** The third miss makes the hub look around (plan.ts), which is not this device's affair alone. */
const LOOKS_AROUND_MISSES = 3;

/** What a lane is part of. */
export type LaneHub = {
  readonly world: World;
  /** Several that are silent at once are the affair of the whole house. */
  readonly isCrowd: () => boolean;
  /** What a verdict on one leans on is what the others said until then. */
  readonly liveAllTo: (untilMs: number, book: Book, around: Judging) => void;
  /** A result that the pipeline must judge, when it is ready. */
  readonly judge: (result: ProbeResult, readyMs: number) => void;
};

type UnderWay = { readonly readyMs: number; readonly result: ProbeResult };
/** The rounds of one device that can be skipped. */
type Rounds = { readonly outcome: 'answered' | 'silent'; readonly periodMs: number; readonly methods: readonly ProbeMethod[] };

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
    this.#rounds = isCalm ? this.#roundsOf() : undefined;
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

  /** Whether the pipeline must ask it: it is being learned what works, or the hub itself is not well. */
  get isPublic(): boolean {
    return this.#underWay === undefined && !this.#isPrivate;
  }

  get #isPrivate(): boolean {
    return this.#calm && totalAsked(this.record) >= LEARNING;
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
      if (this.record.probing || sendMs >= untilMs || !this.#isPrivate) return;
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
    if (!this.#isPrivate) return false;
    this.#underWay = { readyMs: onGrid(result.finishedAt.monoMs), result };
    this.#next = undefined;
    return true;
  }

  /** Whether what it says changes nothing but when it was heard last and is asked next. */
  get isQuiet(): boolean {
    const { state, misses, recoveringSinceMs } = this.record;
    return this.#calm && state === 'up' && misses === 0 && recoveringSinceMs === undefined && !this.record.probing;
  }

  /** It said something; everything before that is lived. */
  live(life: Life, book: Book, around: Judging): void {
    this.#replace(alive(this.record, life, around), book);
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

  /** Whether nobody else hears of what this answer or silence makes of it. */
  #isOwnAffair({ outcome }: ProbeResult, { doubt }: Judging): boolean {
    const { state, misses, profile } = this.record;
    if (!this.#calm || doubt?.mass || (outcome !== 'answered' && this.#hub.isCrowd())) return false;
    // What is off by habit stays asleep, or unknown where it was never awake, for as long as it is silent.
    if ((state === 'unknown' || state === 'asleep') && profile.silence === 'habit') return outcome !== 'answered';
    if ((state !== 'up' && state !== 'suspect') || (state === 'suspect' && misses === 0)) return false;
    if (outcome === 'answered') return true;
    return misses < profile.confirmations - 1 && (profile.silence === 'habit' || misses + 1 !== LOOKS_AROUND_MISSES);
  }

  #send(sendMs: number): void {
    const { deviceId, profile } = this.record;
    const { ip } = this.dweller.resident;
    const request = { deviceId, ip, interface: LAN.name, method: chooseMethod(this.record, true), timeoutMs: profile.timeoutMs };
    const result = this.#hub.world.probe(this.dweller, request, instant(sendMs), 0);
    this.record.probing = true;
    this.#underWay = { readyMs: onGrid(result.finishedAt.monoMs), result };
    this.#next = undefined;
  }

  #judge(underWay: UnderWay, book: Book, around: Judging): void {
    const { readyMs, result } = underWay;
    const then = { ...around, now: instant(readyMs) };
    if (this.record.misses >= LOOKS_AROUND_MISSES) this.#hub.liveAllTo(readyMs, book, around);
    const before = this.settled;
    const after = this.#isOwnAffair(result, then) ? this.#fitted(afterProbe(before, result, then), then) : undefined;
    // Where it is watched in another way now, the desk is told of that.
    if (after?.profile !== before.profile) return void this.#handOver(underWay, book, before);
    this.#replace(after, book);
    if (before.misses === 0 && after.misses === 1) this.#carrier?.askAtOnce(readyMs, after.silentSinceMs ?? 0, book, around);
  }

  #handOver({ result, readyMs }: UnderWay, book: Book, record: CheckRecord): void {
    this.#replace({ ...record, probing: true }, book);
    this.#hub.judge(result, readyMs);
  }

  #replace(record: CheckRecord, book: Book): void {
    this.record = record;
    book.set(record.deviceId, record);
    this.#rounds = this.#calm ? this.#roundsOf() : undefined;
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
    for (let sendMs = onGrid(this.record.nextProbeAtMs); sendMs < untilMs; sendMs = onGrid(this.record.nextProbeAtMs)) {
      const certain = Math.min(this.#certainRounds(rounds, sendMs), Math.ceil((untilMs - sendMs) / rounds.periodMs));
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
    const { ip } = this.dweller.resident;
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
    record.methods = counted(record.methods, outcome, methods, count);
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

  #roundsOf(): Rounds | undefined {
    const { record } = this;
    if (record.misses > 0 || record.recoveringSinceMs !== undefined || totalAsked(record) < LEARNING) return undefined;
    if (record.state === 'up') return this.#answered();
    if (record.state === 'down' || record.state === 'unreachable' || isAbsent(record, record.nextProbeAtMs)) return this.#silent();
    return undefined;
  }

  #answered(): Rounds | undefined {
    const { record } = this;
    const working = chooseMethod(
      untilRetry(totalAsked(record)) > 0 ? record : { ...record, methods: counted(record.methods, 'answered', ['arp'], 1) },
      true,
    );
    const isKnown = record.silentSinceMs === undefined && (record.methods[working]?.answered ?? 0) > 0;
    if (!isKnown || (working !== 'arp' && record.rtts.length < LEARNING_ANSWERS)) return undefined;
    return { outcome: 'answered', periodMs: record.profile.intervalMs + TICK_MS, methods: [working] };
  }

  #silent(): Rounds | undefined {
    const { record } = this;
    const working = PREFERENCE.filter((way) => (record.methods[way]?.answered ?? 0) > 0);
    const missedMs = record.lastMissAtMs ?? 0;
    const silentSinceMs = this.dweller.silence.at(missedMs)?.fromMs;
    if (working.length === 0 || silentSinceMs === undefined || missedMs - silentSinceMs < GIVEN_UP_MS) return undefined;
    const { timeoutMs, intervalMs } = record.profile;
    const waitMs = record.profile.silence === 'habit' ? intervalMs : DOWN_INTERVAL_MS;
    return { outcome: 'silent', periodMs: onGrid(timeoutMs) + waitMs, methods: working };
  }
}

const untilRetry = (asked: number): number => (2 * RETRY_IGNORED_EVERY - 1 - (asked % RETRY_IGNORED_EVERY)) % RETRY_IGNORED_EVERY;

/** While silent the ways that work take turns. */
function counted(methods: MethodRecords, outcome: Rounds['outcome'], ways: readonly ProbeMethod[], count: number): MethodRecords {
  const only = ways.length === 1 ? (ways[0] as ProbeMethod) : undefined;
  if (only) return { ...methods, [only]: more(methods[only], outcome, count) };
  const next: Record<string, MethodRecord> = { ...methods };
  const first = totalAsked({ methods });
  ways.forEach((way, i) => {
    const turns = Math.floor((count - 1 - mod(i - first, ways.length)) / ways.length) + 1;
    if (turns > 0) next[way] = more(methods[way], outcome, turns);
  });
  return next;
}

function more({ asked, answered }: MethodRecord = { asked: 0, answered: 0 }, outcome: Rounds['outcome'], count: number): MethodRecord {
  return { asked: asked + count, answered: answered + (outcome === 'answered' ? count : 0) };
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
