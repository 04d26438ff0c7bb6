/**
 * Notes what each tick asked and heard, and hands it out in parts of up to an hour: with what the agent writes anyway when half an hour has passed
 * or an alert is told, because memory cards wear by the write. It changes in place: in quiet times an answer moves one number.
 */
import type { Instant } from '../../base/clock.ts';
import { median } from '../../base/median.ts';
import type { AlertOrder } from '../alerts/alert-order.ts';
import { savedOutages } from '../alerts/common-cause.ts';
import { savedSilences } from '../alerts/silences.ts';
import type { Sighting } from '../discovery/sighting.ts';
import { LAG_LIMIT_MS, STOOD_STILL_MS } from '../health/fitness.ts';
import type { CheckRecord, HubCondition } from '../health/health.ts';
import { ANCHOR_TIMEOUT_MS } from '../health/internet.ts';
import { learnedIn } from '../health/learning.ts';
import { livesIn } from '../health/life.ts';
import { ARP_FAILED, type ProbeResult } from '../health/probe.ts';
import { savedServices } from '../health/services.ts';
import { contestedDevices } from '../inventory/contested.ts';
import type { AnchorResult } from '../ports.ts';
import type { AgentState } from '../state.ts';
import type { TickChange } from '../store/agent-store.ts';
import {
  type HubEvent,
  type JournalPart,
  namesSubject,
  type Outcome,
  type PastState,
  SIGN_IN_SUBJECT,
  type Stretch,
  serviceSubject,
  WAY_BITS,
} from './journal.ts';

/** What a tick was given, as far as it is noted. */
export type Noted = {
  readonly sightings: readonly Sighting[];
  readonly results: readonly ProbeResult[];
  readonly services?: readonly ProbeResult[];
  readonly anchor?: AnchorResult | undefined;
  readonly named?: AnchorResult | undefined;
  readonly hub: HubCondition;
  readonly alertOrder?: AlertOrder;
  readonly now: Instant;
};

const MINUTE_MS = 60_000;
const WITH_OTHERS_MS = 30 * MINUTE_MS;
const LONGEST_MS = 60 * MINUTE_MS;
const WITH_ALERT_MS = MINUTE_MS;
/** A replay can begin once a day. */
const STATE_EVERY_MS = 24 * 60 * MINUTE_MS;
/** In one part; a house in which more happens is not told in full. */
const MOST_STRETCHES = 3_000;
const MOST_HUB_EVENTS = 200;
const MOST_ORDERS = 50;
/** So often, in answers, it is looked at whether the usual round trip has changed, and by how much it must: less than what is told as `device-degraded`. */
const LOOK_EVERY = 16;
const OTHERWISE = { times: 2, moreMs: 15 };

type Open = { -readonly [K in keyof Stretch]: Stretch[K] };

export class JournalRecorder {
  readonly #canRevalidate: boolean;
  #subjects = new Map<string, Open[]>();
  /** How each subject was when it was asked last, also in earlier parts. */
  readonly #newest = new Map<string, Outcome>();
  /** Ids of devices that are silent now, which are worth listening for. */
  readonly #silent = new Set<string>();
  #links: Record<string, boolean | undefined> = {};
  #linksDown: readonly string[] = [];
  #hub: HubEvent[] = [];
  #late: { atMs: number; toMs: number; lagMs: number } | undefined;
  #orders: JournalPart['orders'][number][] = [];
  #stretches = 0;
  #left = 0;
  #isStart = true;
  #from: Instant | undefined;
  #newestAt: Instant | undefined;
  #state: PastState | undefined;
  #stateAtMs = Number.NEGATIVE_INFINITY;

  constructor(canRevalidate: boolean) {
    this.#canRevalidate = canRevalidate;
  }

  /** `after`: the state that the tick came to. */
  note(noted: Noted, after: AgentState): void {
    this.#begin(noted.now, after);
    for (const result of noted.results) this.#noteDevice(result, after);
    for (const result of noted.services ?? []) this.#noteService(result, after);
    if (noted.anchor) this.#noteLine(noted.anchor.anchor, noted.anchor, noted.now);
    if (noted.named) this.#noteLine(namesSubject(noted.named.anchor), noted.named, noted.now);
    this.#noteSignIn(after, noted.now);
    if (this.#silent.size > 0 && noted.sightings.length > 0) this.#noteLife(noted.sightings, after);
    this.#noteHub(noted.hub, noted.now);
    if (noted.alertOrder) this.#noteOrder(noted.alertOrder, noted.now, after);
    this.#newestAt = noted.now;
  }

  /** The part that is to be written with `change`, or for itself when it is due; the next one begins. */
  due(change: TickChange, isWritten: boolean, now: Instant, state: AgentState): JournalPart | undefined {
    const lastedMs = this.#ms(now);
    const isDue =
      lastedMs >= LONGEST_MS || (isWritten && lastedMs >= WITH_OTHERS_MS) || (change.alerts.length > 0 && lastedMs >= WITH_ALERT_MS);
    return isDue ? this.take(state) : undefined;
  }

  /** All that was noted since the part before. */
  take({ book }: AgentState): JournalPart | undefined {
    const [from, to] = [this.#from, this.#newestAt];
    if (!from || !to) return undefined;
    this.#endLate();
    for (const [id, stretches] of this.#subjects) timed(stretches.at(-1), book.get(id));
    const part: JournalPart = {
      fromAt: Math.round(from.wallMs),
      toAt: Math.round(from.wallMs + to.monoMs - from.monoMs),
      isStart: this.#isStart,
      canRevalidate: this.#canRevalidate,
      linksDown: this.#linksDown,
      subjects: this.#subjects,
      hub: this.#hub,
      orders: this.#orders,
      left: this.#left,
      ...(this.#state ? { state: this.#state } : {}),
    };
    this.#subjects = new Map();
    this.#hub = [];
    this.#orders = [];
    this.#stretches = 0;
    this.#left = 0;
    this.#isStart = false;
    this.#state = undefined;
    this.#from = undefined;
    return part;
  }

  #begin(now: Instant, after: AgentState): void {
    if (this.#from) return;
    this.#from = now;
    this.#linksDown = Object.keys(this.#links).filter((name) => this.#links[name] === false);
    if (now.monoMs - this.#stateAtMs < STATE_EVERY_MS) return;
    this.#stateAtMs = now.monoMs;
    this.#state = pastState(after, now);
  }

  #ms({ monoMs }: Instant): number {
    return Math.max(0, Math.round(monoMs - (this.#from?.monoMs ?? monoMs)));
  }

  #noteDevice(result: ProbeResult, { book, summaries, inventory }: AgentState): void {
    const { deviceId, method } = result.request;
    if (summaries.get(deviceId)?.personal !== false) return;
    const record = book.get(deviceId);
    const isContested = inventory.contests.size > 0 && contestedDevices(inventory).has(deviceId);
    const outcome = isContested ? 'unable' : ofProbe(result);
    const was = this.#newest.get(deviceId);
    // That it is silent in a way in which it never answered says nothing of it.
    const isNothing = outcome === 'silent' && (record?.methods[method]?.answered ?? 0) === 0 && !isSilence(was);
    if (isNothing) return;
    const open = this.#add(deviceId, outcome, this.#ms(result.startedAt), outcome === 'answered' ? WAY_BITS[method] : 0);
    if (outcome !== 'answered') this.#silent.add(deviceId);
    else this.#silent.delete(deviceId);
    if (open && record && outcome === 'answered' && open.questions % LOOK_EVERY === 0) this.#retime(deviceId, open, record);
  }

  /** A link that answers in another time than it did begins another stretch. */
  #retime(deviceId: string, open: Open, { rtts }: CheckRecord): void {
    if (rtts.length === 0) return;
    const nowMs = median(rtts);
    open.rttMs ??= nowMs;
    if (isOtherwise(nowMs, open.rttMs) || isOtherwise(open.rttMs, nowMs)) {
      this.#newest.delete(deviceId);
      const next = this.#add(deviceId, 'answered', open.toMs, open.ways);
      if (next) next.rttMs = nowMs;
    }
  }

  #noteService(result: ProbeResult, { summaries }: AgentState): void {
    const { deviceId, port } = result.request;
    if (summaries.get(deviceId)?.personal !== false) return;
    const isRefused = result.outcome === 'answered' && result.detail !== 'open';
    this.#add(serviceSubject(deviceId, port), isRefused ? 'refused' : result.outcome, this.#ms(result.startedAt), 0);
  }

  /** Nobody says when it was asked: what was silent, a time-out before. */
  #noteLine(subject: string, result: AnchorResult, now: Instant): void {
    this.#add(subject, ofAnchor(result), Math.max(0, this.#ms(now) - (result.outcome === 'silent' ? ANCHOR_TIMEOUT_MS : 0)), 0);
  }

  /** What is found in the place of the internet is found by several proofs; that it was is what a replay needs. */
  #noteSignIn({ captivity }: AgentState, now: Instant): void {
    const isCaptive = captivity.captive !== undefined;
    if (isCaptive || this.#newest.get(SIGN_IN_SUBJECT) === 'refused')
      this.#add(SIGN_IN_SUBJECT, isCaptive ? 'refused' : 'answered', this.#ms(now), 0);
  }

  #noteLife(sightings: readonly Sighting[], { inventory }: AgentState): void {
    for (const { deviceId, at } of livesIn(sightings, inventory)) {
      if (!this.#silent.delete(deviceId)) continue;
      this.#add(deviceId, 'heard', this.#ms(at), 0);
    }
  }

  /** The stretch that it is part of now; undefined where there is no room. */
  #add(subject: string, outcome: Outcome, atMs: number, ways: number): Open | undefined {
    const stretches = this.#subjects.get(subject) ?? [];
    const open = stretches.at(-1);
    if (open?.outcome === outcome && this.#newest.get(subject) === outcome) {
      open.toMs = Math.max(open.toMs, atMs);
      open.questions++;
      open.ways |= ways;
      return open;
    }
    this.#newest.set(subject, outcome);
    if (this.#stretches >= MOST_STRETCHES) {
      this.#left++;
      return undefined;
    }
    const next: Open = { outcome, fromMs: Math.max(open?.fromMs ?? 0, atMs), toMs: atMs, questions: outcome === 'heard' ? 0 : 1, ways };
    this.#stretches++;
    stretches.push(next);
    this.#subjects.set(subject, stretches);
    return next;
  }

  #noteHub({ links, eventLoopLagMs, stoodStillMs = 0, clockStepMs = 0 }: HubCondition, now: Instant): void {
    const atMs = this.#ms(now);
    for (const name in links) {
      const isUp = links[name];
      if (isUp === this.#links[name]) continue;
      if (isUp === false || this.#links[name] === false) this.#addHub({ what: 'link', atMs, name, isUp: isUp !== false });
      this.#links = { ...this.#links, [name]: isUp };
    }
    if (stoodStillMs > STOOD_STILL_MS) this.#addHub({ what: 'stood still', atMs, forMs: Math.round(stoodStillMs) });
    if (Math.abs(clockStepMs) > 2_000) this.#addHub({ what: 'clock set', atMs, byMs: Math.round(clockStepMs) });
    if (eventLoopLagMs > LAG_LIMIT_MS) {
      this.#late ??= { atMs, toMs: atMs, lagMs: 0 };
      this.#late.toMs = atMs;
      this.#late.lagMs = Math.max(this.#late.lagMs, Math.round(eventLoopLagMs));
    } else this.#endLate();
  }

  #endLate(): void {
    if (this.#late) this.#addHub({ what: 'late', ...this.#late });
    this.#late = undefined;
  }

  #addHub(event: HubEvent): void {
    if (this.#hub.length < MOST_HUB_EVENTS) this.#hub.push(event);
    else this.#left++;
  }

  /** Silences alone: whoever sees to an alert changes nothing of what is told. */
  #noteOrder(order: AlertOrder, now: Instant, { summaries }: AgentState): void {
    if (order.do === 'acknowledge' || order.do === 'remember' || this.#orders.length >= MOST_ORDERS) return;
    if (order.do === 'silence' && order.device !== undefined && summaries.get(order.device)?.personal !== false) return;
    const kept: AlertOrder = order.do === 'silence' ? { do: 'silence', device: order.device, forMs: order.forMs, by: 'a person' } : order;
    this.#orders.push({ atMs: this.#ms(now), order: kept });
  }
}

const isSilence = (outcome: Outcome | undefined): boolean => outcome === 'silent' || outcome === 'refused' || outcome === 'unable';

function ofProbe({ outcome, detail }: ProbeResult): Outcome {
  return outcome === 'silent' && detail === ARP_FAILED ? 'refused' : outcome;
}

function ofAnchor({ outcome }: AnchorResult): Outcome {
  return outcome === 'no-route' ? 'refused' : outcome;
}

const isOtherwise = (ms: number, thanMs: number): boolean => ms > thanMs * OTHERWISE.times && ms > thanMs + OTHERWISE.moreMs;

function timed(open: Open | undefined, record: CheckRecord | undefined): void {
  if (open?.outcome === 'answered' && record && record.rtts.length > 0) open.rttMs ??= median(record.rtts);
}

/** As it would be saved, without what tells of persons and without what was said to whom. */
export function pastState(state: AgentState, now: Instant): PastState {
  const isNobodys = (id: string | undefined): boolean => id === undefined || state.summaries.get(id)?.personal === false;
  const { silences: _, absence: __, ...site } = state.site as AgentState['site'] & { absence?: unknown };
  return {
    health: [...state.book.values()]
      .filter(({ deviceId }) => isNobodys(deviceId))
      .map(({ deviceId, state: is, since, reason }) => ({
        deviceId,
        state: is === 'suspect' ? 'up' : is,
        sinceAt: Math.round(since.wallMs),
        reason,
        detectWithinMs: 0,
      })),
    learned: learnedIn(state.book.values()).filter(({ deviceId }) => isNobodys(deviceId)),
    sleep: [...state.sleep.hours].filter(([id]) => isNobodys(id)),
    services: savedServices(state.services).filter(({ deviceId }) => isNobodys(deviceId)),
    // The text may name many; a replay does not need it.
    alerts: [...state.alerts.values()].map(({ evidence: ___, ...alert }) => ({ ...alert, text: '' })),
    silences: savedSilences(state.silences, now).filter(({ device }) => isNobodys(device)),
    outages: savedOutages(state.causes, now),
    answeredAnchors: state.internet.anchors.filter(({ everAnswered }) => everAnswered).map(({ anchor }) => anchor),
    site: { ...site, personalDevices: 0 },
  };
}
