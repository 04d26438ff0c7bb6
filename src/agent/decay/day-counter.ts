/**
 * Counts the day of each device from what the agent asks and hears anyway, and hands it out when the day (UTC) is over. It changes in place, and an answer
 * moves a few numbers. What happened while the hub could not be trusted, and what many did at once, is not counted: that is no day of any device.
 */
import type { Instant } from '../../base/clock.ts';
import { DAY_MS } from '../../base/partial-date.ts';
import type { Sighting } from '../discovery/sighting.ts';
import { whyUnfit } from '../health/doubt.ts';
import { LAG_LIMIT_MS } from '../health/fitness.ts';
import type { CheckRecord, HubCondition } from '../health/health.ts';
import type { ProbeResult } from '../health/probe.ts';
import { isContested } from '../inventory/contested.ts';
import { deviceAt } from '../inventory/inventory.ts';
import type { AgentState } from '../state.ts';
import type { CountedDay, Ended, SavedPortCounts } from './day.ts';
import { type Gap, ownGaps } from './gaps.ts';
import { OTHER_START_MS, PortCounter } from './port-counter.ts';
import { RoundTrips } from './round-trips.ts';

/** What a tick was given, as far as it is counted. */
export type Counted = {
  readonly sightings: readonly Sighting[];
  readonly results: readonly ProbeResult[];
  readonly hub: HubCondition;
  readonly now: Instant;
};

/** Shorter silences are losses. */
const GAP_MS = 20_000;
/** Longer ones are of what somebody switched off. */
const LONGEST_GAP_MS = 12 * 3_600_000;
/** Who was not asked for so long was not seen. */
const SEEN_MS = 10 * 60_000;
const MOST_GAPS = 2_000;
const FEWEST_TOGETHER = 3;
const SHARE_TOGETHER = 1 / 3;

type Count = {
  questions: number;
  lost: number;
  seenMs: number;
  askedAtMs?: number | undefined;
  silentSinceMs?: number | undefined;
  roundTrips?: RoundTrips;
  reboots: number;
  /** Since when it runs, by its own word, on the hub's monotonic clock; and the number that it gives its boot (UPnP). Kept from day to day. */
  startedAtMs?: number;
  bootId?: number;
  temperatureC?: number;
};

export class DayCounter {
  readonly #counts = new Map<string, Count>();
  readonly #ports: PortCounter;
  #gaps: Gap[] = [];
  #day: number | undefined;

  constructor(portCounts: SavedPortCounts, now: Instant) {
    this.#ports = new PortCounter(portCounts, now);
  }

  /** What the next process goes on from. */
  portCounts(now: Instant): SavedPortCounts {
    return this.#ports.saved(now);
  }

  /** `after`: the state that the tick came to. Answers the rows of a day that has just ended. */
  note({ sightings, results, hub, now }: Counted, after: AgentState): Ended | undefined {
    const day = Math.floor(now.wallMs / DAY_MS);
    const ended = this.#day !== undefined && day !== this.#day ? this.take(after) : undefined;
    this.#day ??= day;
    for (const result of results) this.#noteResult(result, hub, after);
    for (const sighting of sightings) this.#noteTold(sighting, after);
    return ended;
  }

  /** What was counted since the rows before; the day may go on. */
  take(after: AgentState): Ended {
    const day = this.#day;
    this.#day = undefined;
    if (day === undefined) return { days: [], ports: [] };
    const ended = { days: this.#rows(day, after), ports: this.#ports.take(day, after) };
    this.#begin(after);
    return ended;
  }

  #rows(day: number, after: AgentState): readonly CountedDay[] {
    const drops = new Map<string, number>();
    for (const { deviceId } of ownGaps(this.#gaps)) drops.set(deviceId, (drops.get(deviceId) ?? 0) + 1);
    const restarted = this.#areTogether() ? 1 : 0;
    return [...this.#counts].flatMap(([deviceId, count]): CountedDay[] => {
      const isNobodys = after.summaries.get(deviceId)?.personal === false;
      if (!isNobodys || count.questions === 0) return [];
      const { questions, lost, seenMs, roundTrips, reboots, startedAtMs, bootId, temperatureC } = count;
      const tells = startedAtMs !== undefined || bootId !== undefined;
      return [
        {
          deviceId,
          behind: after.wiring.parents.get(deviceId)?.id,
          of: {
            day,
            seenMinutes: Math.round(seenMs / 60_000),
            questions,
            lost: Math.max(0, lost),
            medianMs: roundTrips?.at(0.5),
            p90Ms: roundTrips?.at(0.9),
            drops: drops.get(deviceId) ?? 0,
            reboots: tells ? Math.max(0, reboots - restarted) : undefined,
            batteryMinutes: batteryMinutesOf(deviceId, after, day),
            temperatureC,
          },
        },
      ];
    });
  }

  /** What outlives a day is who began when. */
  #begin({ summaries }: AgentState): void {
    this.#gaps = [];
    for (const [id, { askedAtMs, silentSinceMs, startedAtMs, bootId }] of this.#counts) {
      const kept = { ...(startedAtMs === undefined ? {} : { startedAtMs }), ...(bootId === undefined ? {} : { bootId }) };
      if (summaries.get(id)?.personal === false) this.#counts.set(id, { ...fresh(), askedAtMs, silentSinceMs, ...kept });
      else this.#counts.delete(id);
    }
  }

  #noteResult(result: ProbeResult, hub: HubCondition, after: AgentState): void {
    const { deviceId } = result.request;
    const record = after.book.get(deviceId);
    if (!record || after.summaries.get(deviceId)?.personal !== false) return;
    const count = this.#countOf(deviceId);
    if (!isTrusted(record, result, hub, after)) {
      count.askedAtMs = undefined;
      count.silentSinceMs = undefined;
      return;
    }
    const atMs = result.startedAt.monoMs;
    if (result.outcome === 'answered') this.#noteAnswer(count, record, result, after);
    else if (result.outcome === 'silent' && record.misses === 1 && record.lastMissAtMs === atMs) {
      count.questions++;
      count.lost++;
      count.silentSinceMs = atMs;
    }
  }

  #noteAnswer(count: Count, record: CheckRecord, { request, startedAt, rttMs }: ProbeResult, { wiring }: AgentState): void {
    const atMs = startedAt.monoMs;
    const silentMs = count.silentSinceMs === undefined ? 0 : atMs - count.silentSinceMs;
    if (silentMs >= GAP_MS) {
      // It was more than a lost packet.
      count.lost--;
      const isFault = record.profile.silence === 'fault' && silentMs <= LONGEST_GAP_MS;
      if (isFault && this.#gaps.length < MOST_GAPS)
        this.#gaps.push({ deviceId: request.deviceId, behind: wiring.parents.get(request.deviceId)?.id, fromMs: atMs - silentMs });
    } else if (count.askedAtMs !== undefined) count.seenMs += Math.min(SEEN_MS, atMs - count.askedAtMs);
    count.silentSinceMs = undefined;
    count.askedAtMs = atMs;
    count.questions++;
    if (rttMs === undefined) return;
    count.roundTrips ??= new RoundTrips();
    count.roundTrips.add(rttMs);
  }

  /** What a device tells of itself: since when it runs or the number of its boot, how warm it is, what it counted on its ports. */
  #noteTold(sighting: Sighting, { inventory, summaries }: AgentState): void {
    if (sighting.method !== 'snmp' && sighting.method !== 'ssdp') return;
    const upTimeS = sighting.method === 'snmp' ? Number(sighting.fields.upTimeS) : Number.NaN;
    const bootId = sighting.method === 'ssdp' ? Number(sighting.headers['bootid.upnp.org'] ?? Number.NaN) : Number.NaN;
    if (Number.isNaN(upTimeS) && Number.isNaN(bootId)) return;
    const id = isContested(inventory, sighting) ? undefined : deviceAt(inventory, sighting);
    if (id === undefined || summaries.get(id)?.personal !== false) return;
    const count = this.#countOf(id);
    noteStart(count, sighting.at.monoMs - upTimeS * 1000, bootId);
    if (sighting.method !== 'snmp') return;
    if (sighting.fields.temperatureC !== undefined) count.temperatureC = Number(sighting.fields.temperatureC);
    if (sighting.ports) this.#ports.note(id, sighting.at, upTimeS, sighting.ports);
  }

  /** Whether so many told a restart today that it was the power of the house, or a night of updates. */
  #areTogether(): boolean {
    let [tell, restarted] = [0, 0];
    for (const { startedAtMs, bootId, reboots } of this.#counts.values()) {
      if (startedAtMs === undefined && bootId === undefined) continue;
      tell++;
      if (reboots > 0) restarted++;
    }
    return restarted >= FEWEST_TOGETHER && restarted >= tell * SHARE_TOGETHER;
  }

  #countOf(deviceId: string): Count {
    const known = this.#counts.get(deviceId);
    if (known) return known;
    const count = fresh();
    this.#counts.set(deviceId, count);
    return count;
  }
}

const fresh = (): Count => ({ questions: 0, lost: 0, seenMs: 0, reboots: 0 });

/** A device that tells since when it runs, or numbers its boots, tells its restarts; not-a-number where it does not. */
function noteStart(count: Count, startedAtMs: number, bootId: number): void {
  if (!Number.isNaN(startedAtMs)) {
    if (startedAtMs > (count.startedAtMs ?? startedAtMs) + OTHER_START_MS) count.reboots++;
    count.startedAtMs = startedAtMs;
  } else if (count.startedAtMs === undefined) {
    if (bootId > (count.bootId ?? bootId)) count.reboots++;
    count.bootId = bootId;
  }
}

/** Neither the hub nor its interface is in doubt, and nobody else claims the address. */
function isTrusted(record: CheckRecord, { request, startedAt }: ProbeResult, hub: HubCondition, state: AgentState): boolean {
  const { doubt, hearing, inventory } = state;
  if (hub.eventLoopLagMs > LAG_LIMIT_MS || doubt.mass || doubt.impaired || whyUnfit(doubt) !== undefined) return false;
  const place = hearing[record.interface ?? ''];
  if (place?.isDeaf || startedAt.monoMs < Math.max(doubt.trustedFromMs, place?.graceUntilMs ?? 0)) return false;
  return !isContested(inventory, request);
}

/** As it told on that day. */
function batteryMinutesOf(deviceId: string, { inventory }: AgentState, day: number): number | undefined {
  const reports = Object.values(inventory.devices.get(deviceId)?.reports ?? {});
  return reports.find(({ at, says }) => says.batteryMinutes !== undefined && Math.floor(at / DAY_MS) === day)?.says.batteryMinutes;
}
