/**
 * Fast-forward, one lane for each device. A device that answers every question, or none while it is known to be off, changes nothing that a verdict leans on but the
 * time of its last proof and its counts: such rounds are skipped in one step. One or two lost answers that nobody else hears of are judged by the real judge, but for
 * this device alone. Everything else goes through the whole pipeline. What a lane leaves in the record is exactly what the pipeline would have left
 * there; a test runs both and compares.
 */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { Surroundings } from '../../src/agent/health/evidence.ts';
import type { CheckRecord, MethodRecords } from '../../src/agent/health/health.ts';
import { afterProbe, DOWN_INTERVAL_MS, fitted } from '../../src/agent/health/judge.ts';
import { chooseMethod, LEARNING_ANSWERS, leastAsked, PREFERENCE, RETRY_IGNORED_EVERY, totalAsked } from '../../src/agent/health/plan.ts';
import { ARP_FAILED, type ProbeMethod, type ProbeRequest, type ProbeResult } from '../../src/agent/health/probe.ts';
import type { Device } from '../../src/agent/inventory/device.ts';
import { LAN } from './household.ts';
import { type Dweller, instant, type World } from './world.ts';

/** Everything that the agent does happens at its ticks. */
export const onGrid = (ms: number): number => Math.ceil(ms / TICK_MS) * TICK_MS;

/** The record is the run's own while it is skipped over. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Book = Map<string, CheckRecord>;

/** Attempts that a record keeps; what lies further back is only counted. */
const KEPT = 16;
/** Until so many questions it is being learned what works. */
const LEARNING = 24;
/** By then the kernel has given it up. */
const GIVEN_UP_MS = 60_000;
/** The third miss makes the hub look around (plan.ts): from then on it is not this device's affair alone. */
const PRIVATE_MISSES = 2;

/** The rounds of one device that can be skipped. */
type Rounds = { readonly outcome: 'answered' | 'silent'; readonly periodMs: number; readonly methods: readonly ProbeMethod[] };

export type Next = { readonly atMs: number; readonly isPublic: boolean };

export class Lane {
  readonly dweller: Dweller;
  readonly #world: World;
  record: Mutable<CheckRecord>;
  #rounds: Rounds | undefined;
  #calm = false;
  #hasCarrier = false;
  /** Sent and judged in this lane; the pipeline does not know of it. */
  #underWay: { readonly readyMs: number; readonly result: ProbeResult } | undefined;
  /** Rounds that are counted in the record and not yet among its attempts. */
  #owed = 0;
  #lastSentMs = 0;

  constructor(dweller: Dweller, world: World, record: CheckRecord) {
    this.dweller = dweller;
    this.#world = world;
    this.record = record;
  }

  /** It lost an answer and is asked again. */
  get isMissing(): boolean {
    return this.record.misses > 0;
  }

  /** Another record, by the pipeline. `isCalm`: the hub itself is well, and nothing has just fallen. `hasCarrier`: what carries it is asked when it is silent. */
  follow(record: CheckRecord, isCalm: boolean, hasCarrier: boolean): void {
    if (record === this.record && isCalm === this.#calm && hasCarrier === this.#hasCarrier) return;
    this.record = record;
    this.#hasCarrier = hasCarrier;
    this.#calm = isCalm;
    this.#rounds = isCalm ? this.#roundsOf() : undefined;
  }

  /** When something happens in it that is not certain, and whether that is the pipeline's affair. */
  next(): Next {
    if (this.#underWay) return { atMs: this.#underWay.readyMs, isPublic: false };
    if (this.record.probing) return { atMs: Number.POSITIVE_INFINITY, isPublic: false };
    const sendMs = onGrid(this.record.nextProbeAtMs);
    const atMs = this.#rounds ? sendMs + this.#certainRounds(this.#rounds, sendMs) * this.#rounds.periodMs : sendMs;
    return { atMs, isPublic: !this.#isPrivate() };
  }

  /** Lives up to `untilMs`: everything that it sends before it, and every answer to that by then. Nothing of it may be the pipeline's affair. */
  liveTo(untilMs: number, book: Book, around: Surroundings): void {
    for (;;) {
      if (this.#underWay) {
        if (this.#underWay.readyMs > untilMs) return;
        this.#judge(book, around);
        continue;
      }
      this.#skipTo(untilMs);
      const sendMs = onGrid(this.record.nextProbeAtMs);
      if (this.record.probing || sendMs >= untilMs || !this.#isPrivate()) return;
      this.#send(sendMs);
    }
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

  /** It is about to be heard: a question that is still under way has not put off the next one yet. */
  heard(nowMs: number): void {
    if (this.#rounds?.outcome === 'silent' && nowMs < this.#lastSentMs + onGrid(this.record.profile.timeoutMs))
      this.record.nextProbeAtMs = this.#lastSentMs;
  }

  /** The record with the attempts that it is owed, for a judge who will look at them. */
  settled(around: Surroundings): CheckRecord {
    const rounds = this.#rounds;
    const owed = Math.min(this.#owed, KEPT);
    this.#owed = 0;
    if (!rounds || owed === 0) return this.record;
    const { attempts, rtts } = this.#replayed(rounds, owed, around);
    return { ...this.record, attempts, rtts };
  }

  #isPrivate(): boolean {
    const { state, misses, profile, methods } = this.record;
    if (!this.#calm || this.#hasCarrier || totalAsked({ methods }) < LEARNING) return false;
    // What is off by habit and not known yet stays unknown for as long as it is silent.
    if (state === 'unknown' && profile.silence === 'habit')
      return !this.#world.isReachable(this.dweller, onGrid(this.record.nextProbeAtMs));
    if ((state !== 'up' && state !== 'suspect') || (state === 'suspect' && misses === 0)) return false;
    return misses < (profile.silence === 'habit' ? profile.confirmations - 1 : PRIVATE_MISSES);
  }

  #send(sendMs: number): void {
    const { deviceId, profile } = this.record;
    const { ip } = this.dweller.resident;
    const request = { deviceId, ip, interface: LAN.name, method: chooseMethod(this.record, true), timeoutMs: profile.timeoutMs };
    const result = this.#world.probe(this.dweller, request, instant(sendMs), 0);
    this.record.probing = true;
    this.#underWay = { readyMs: onGrid(result.finishedAt.monoMs), result };
  }

  #judge(book: Book, around: Surroundings): void {
    const { readyMs, result } = this.#underWay as { readyMs: number; result: ProbeResult };
    this.#underWay = undefined;
    const then = { ...around, now: instant(readyMs) };
    this.record = this.#fitted(afterProbe(this.settled(then), result, then), then);
    book.set(this.record.deviceId, this.record);
    this.#rounds = this.#roundsOf();
  }

  /** What was learned counts from the next tick on. */
  #fitted(record: CheckRecord, { devices, book }: Surroundings): CheckRecord {
    const device = (devices as ReadonlyMap<string, Device> | undefined)?.get(record.deviceId);
    return device ? fitted(record, device, book.size) : record;
  }

  /** How many rounds will turn out as the ones before. */
  #certainRounds({ outcome, periodMs, methods }: Rounds, sendMs: number): number {
    const isSilent = !this.#world.isReachable(this.dweller, sendMs);
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

  #replayed(rounds: Rounds, owed: number, around: Surroundings): CheckRecord {
    const { deviceId, profile } = this.record;
    const request = {
      deviceId,
      ip: this.dweller.resident.ip,
      interface: LAN.name,
      method: rounds.methods[0] as ProbeMethod,
      timeoutMs: profile.timeoutMs,
    };
    let record: CheckRecord = this.record;
    for (let back = owed - 1; back >= 0; back--) {
      const startedAt = instant(this.#lastSentMs - back * rounds.periodMs);
      const rttMs = rounds.outcome === 'answered' ? this.dweller.link.earlierRttMs(back) : request.timeoutMs;
      const told = rounds.outcome === 'answered' && request.method !== 'arp' ? { rttMs } : {};
      const detail = rounds.outcome === 'answered' ? 'replied' : ARP_FAILED;
      const finishedAt = instant(startedAt.monoMs + rttMs);
      record = afterProbe(record, { request, startedAt, finishedAt, outcome: rounds.outcome, detail, ...told }, around);
    }
    return record;
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
    if (record.state === 'down' || record.state === 'unreachable' || (record.state === 'asleep' && record.profile.silence === 'habit'))
      return this.#silent();
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
    const waitMs = record.state === 'asleep' ? intervalMs : DOWN_INTERVAL_MS;
    return { outcome: 'silent', periodMs: onGrid(timeoutMs) + waitMs, methods: working };
  }
}

const untilRetry = (asked: number): number => (2 * RETRY_IGNORED_EVERY - 1 - (asked % RETRY_IGNORED_EVERY)) % RETRY_IGNORED_EVERY;

/** While silent the ways that work take turns. */
function counted(methods: MethodRecords, outcome: Rounds['outcome'], ways: readonly ProbeMethod[], count: number): MethodRecords {
  const next: Record<string, { asked: number; answered: number }> = { ...methods };
  const first = totalAsked({ methods });
  ways.forEach((way, i) => {
    const known = methods[way] ?? { asked: 0, answered: 0 };
    const turns = Math.floor((count - 1 - mod(i - first, ways.length)) / ways.length) + 1;
    if (turns > 0) next[way] = { asked: known.asked + turns, answered: known.answered + (outcome === 'answered' ? turns : 0) };
  });
  return next;
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
