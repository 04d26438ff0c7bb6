/** The evidence behind a verdict, and the sentences that tell it to a person. */
import type { Instant } from '../../base/clock.ts';
import { duration } from '../../base/duration.ts';
import type { Attempt, Evidence } from '../../protocol/messages.ts';
import type { Device } from '../inventory/device.ts';
import type { Parents } from '../inventory/wiring.ts';
import type { Doubt } from './doubt.ts';
import type { CheckRecord, HealthBook, HubCondition, LifeMethod } from './health.ts';
import { type Hearing, shouldAnswer } from './hearing.ts';

/** Others count as answering now for this long; longer than the slowest ordinary check interval. */
const OTHERS_WINDOW_MS = 20_000;

/** Everything outside the record itself that a verdict leans on. */
export type Surroundings = {
  readonly book: HealthBook;
  readonly hub: HubCondition;
  readonly hearing: Hearing;
  readonly doubt?: Doubt | undefined;
  readonly gatewayId?: string | undefined;
  /** Whose devices are not counted in what is told; without it all are. */
  readonly devices?: ReadonlyMap<string, Device>;
  /** What hangs on what. */
  readonly parents?: Parents | undefined;
  /** Whether a device is usually silent at this time; without it none is. */
  readonly rests?: ((deviceId: string) => boolean) | undefined;
  readonly now: Instant;
};

export function evidenceOf(record: CheckRecord, around: Surroundings): Evidence {
  return {
    attempts: [...record.attempts],
    lastAnswerAt: inWholeMs(record.lastAnswerAt),
    hub: hubEvidence(record, around),
  };
}

/** What was heard some time ago was heard at a fraction of a millisecond; the wire knows whole ones only, and the desk refuses the rest. */
function inWholeMs(lastAnswerAt: CheckRecord['lastAnswerAt']): Record<string, number> {
  return Object.fromEntries(Object.entries(lastAnswerAt).map(([method, at]) => [method, Math.round(at)]));
}

/** The hub's own condition beside a verdict; `record` is undefined where the verdict is on no device. */
export function hubEvidence(record: CheckRecord | undefined, around: Surroundings): Evidence['hub'] {
  return {
    link: around.hub.links[record?.interface ?? ''] ?? null,
    gateway: around.book.get(around.gatewayId ?? '')?.state ?? null,
    othersAnswering: record ? othersToTell(record, around) : 0,
    eventLoopLagMs: Math.round(around.hub.eventLoopLagMs),
  };
}

/** How many others on the same interface showed life just now, and since this one fell silent: only that proves that the hub could have heard it. */
function othersAnswering(
  record: CheckRecord,
  { book, now }: Pick<Surroundings, 'book' | 'now'>,
  counts: (deviceId: string) => boolean = () => true,
): number {
  const sinceMs = Math.max(record.silentSinceMs ?? 0, now.monoMs - OTHERS_WINDOW_MS);
  let count = 0;
  for (const other of book.values()) {
    if (isNeighbourOf(record, other) && other.life && other.life.at.monoMs >= sinceMs && counts(other.deviceId)) count++;
  }
  return count;
}

/**
 * The same as the desk may know it: with phones in the number, each alert would tell how many people are at home. One where only they answer,
 * because that the hub hears somebody is the point.
 */
function othersToTell(record: CheckRecord, around: Surroundings): number {
  const counted = othersAnswering(record, around, (id) => !around.devices?.get(id)?.personal);
  return counted > 0 ? counted : Math.min(1, othersAnswering(record, around));
}

export function linkDown(interfaceName: string): string {
  return `The hub's own link (${interfaceName}) is down, so nothing can be said about this device.`;
}

function isNeighbourOf(record: CheckRecord, other: CheckRecord): boolean {
  return other.deviceId !== record.deviceId && other.interface === record.interface;
}

/** Why the hub could not have heard this device, in words; undefined when it could. */
export function blindness(record: CheckRecord, around: Surroundings): string | undefined {
  const { book, hub, hearing, now } = around;
  const name = record.interface ?? '';
  if (hub.links[name] === false) return linkDown(name);
  if (now.monoMs < (hearing[name]?.graceUntilMs ?? 0)) return COMING_BACK;
  const others = [...book.values()].some((other) => isNeighbourOf(record, other) && shouldAnswer(other));
  if (others && othersAnswering(record, around) === 0) {
    return 'The hub hears no device at all at the moment, so silence of this one proves nothing.';
  }
  // The first answer out of the dark came just now.
  const isEnding = hearing[name]?.isDeaf && othersAnswering(record, around, (id) => shouldAnswer(book.get(id) as CheckRecord)) > 0;
  return isEnding ? COMING_BACK : undefined;
}

const COMING_BACK = 'The house is coming back after the hub heard nobody; devices are given time to return.';

export function downReason(record: CheckRecord, misses: number, around: Surroundings): string {
  const silent = record.attempts.filter((attempt) => attempt.outcome === 'silent').slice(-misses);
  const ways = [...new Set(silent.map((attempt) => wayInWords(attempt.method)))].join(', ');
  const seconds = silent[0] ? Math.max(1, Math.round((around.now.wallMs - silent[0].at) / 1000)) : 0;
  const { life } = record;
  const earlier = life ? ` It last showed life ${duration(around.now.monoMs - life.at.monoMs)} ago by ${wayInWords(life.by)}.` : '';
  const others = othersToTell(record, around);
  return `No answer to ${misses} questions in ${seconds} s (${ways}).${earlier} The hub hears ${others} other ${others === 1 ? 'device' : 'devices'}.`;
}

const WAYS: Readonly<Record<string, string>> = {
  udp: 'UDP',
  tcp: 'TCP',
  icmp: 'ping',
  arp: 'ARP',
  neighbour: 'ARP',
  ssdp: 'SSDP',
  mdns: 'mDNS',
  upnp: 'UPnP',
  dns: 'DNS',
};

/** `icmp` is ping to people. */
export function wayInWords(method: LifeMethod | Attempt['method']): string {
  return WAYS[method] ?? method;
}
