/**
 * Whether the hub hears anybody at all on each of its interfaces. A house that is dark (power cut, hub's cable, a dead switch) proves nothing
 * about any one device, and when it comes back its boxes are given time to start. Pure.
 */
import type { HealthState } from '../../protocol/messages.ts';
import { STOOD_STILL_MS } from './fitness.ts';
import type { CheckRecord, HealthBook, HubCondition } from './health.ts';

export type InterfaceHearing = {
  readonly sinceMs: number;
  /** This process has heard nobody on it yet. */
  readonly isFirst: boolean;
  readonly isDeaf: boolean;
  /** Until then nothing on this interface is called down. */
  readonly graceUntilMs: number;
};

export type Hearing = Readonly<Record<string, InterfaceHearing>>;

/** Nobody of those who should answer has shown life for this long; longer than the slowest ordinary check interval. */
export const DEAF_AFTER_MS = 20_000;
/** At the start all are asked within two seconds, and the first verdict takes seven: a house of which nobody answered by then was dark before. */
const DEAF_AT_START_AFTER_MS = 6_000;
/** One or none that should answer is no crowd whose silence says something of the hub. */
const CROWD = 2;
/** Home boxes boot in one to two minutes. */
const GRACE_MS = 120_000;

export function listen(before: Hearing, book: HealthBook, hub: HubCondition, nowMs: number): Hearing {
  const after = Object.entries(hub.links).map(([name, link]): [string, InterfaceHearing] => {
    const known = before[name] ?? { sinceMs: nowMs, isFirst: true, isDeaf: false, graceUntilMs: 0 };
    // Who stood still could not listen: that is no silence of the house.
    const was = (hub.stoodStillMs ?? 0) > STOOD_STILL_MS ? { ...known, sinceMs: nowMs } : known;
    const isLong = nowMs - was.sinceMs >= (was.isFirst ? DEAF_AT_START_AFTER_MS : DEAF_AFTER_MS);
    const isSilent = isLong && hearsNobody(name, book, nowMs);
    const isDeaf = link === false || isSilent;
    const isFirst = was.isFirst && (isSilent || !isLong);
    const graceUntilMs = was.isDeaf && !isDeaf ? nowMs + GRACE_MS : was.graceUntilMs;
    const isSame = isDeaf === was.isDeaf && isFirst === was.isFirst && graceUntilMs === was.graceUntilMs;
    return [name, isSame ? was : { ...was, isFirst, isDeaf, graceUntilMs }];
  });
  return Object.fromEntries(after);
}

function hearsNobody(interfaceName: string, book: HealthBook, nowMs: number): boolean {
  let crowd = 0;
  for (const record of book.values()) {
    if (record.interface !== interfaceName || !shouldAnswer(record)) continue;
    if (record.life && nowMs - record.life.at.monoMs <= DEAF_AFTER_MS) return false;
    crowd++;
  }
  return crowd >= CROWD;
}

/** Whether the hub hears its devices on this interface, or on each where none is named, and those have had time to come back. */
export function isHearing(hearing: Hearing, interfaceName: string | undefined, nowMs: number): boolean {
  return Object.entries(hearing).every(
    ([name, { isDeaf, graceUntilMs }]) => (interfaceName ?? name) !== name || (!isDeaf && nowMs >= graceUntilMs),
  );
}

const SILENT_STATES = new Set<HealthState>(['down', 'unreachable', 'asleep']);

/** Neither known to be dead, nor behind what is, nor one that may be off or out, nor a mere name that never showed life. */
export function shouldAnswer(record: CheckRecord): boolean {
  return record.everHeard && !SILENT_STATES.has(record.state) && record.profile.silence === 'fault';
}
