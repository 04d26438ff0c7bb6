/**
 * Whether a hub is there, as pure transitions. Only silence on the desk's own monotonic clock makes a hub silent: a will may come late,
 * twice, of an earlier connection, or not at all.
 */
import type { Instant } from '../base/clock.ts';
import type { HeartbeatMessage, StatusMessage } from '../protocol/messages.ts';
import type { PresencePhase } from './store/schema.ts';

export type Presence = {
  readonly phase: PresencePhase;
  readonly sinceAt: number;
  /** The newest connection and process start of the hub. */
  readonly sid?: string;
  readonly start?: string;
  /** Why it said goodbye, while it is gone. */
  readonly goodbye?: string;
  readonly heartbeatS: number;
  /** Desk monotonic time of the newest message; undefined when nothing came since the desk started. */
  readonly heardMonoMs?: number;
  readonly heardAt?: number;
  /** What `heardAt` was when the presence was last written to the store. */
  readonly savedAt?: number;
};

export const DEFAULT_HEARTBEAT_S = 30;
const SILENCE_MARGIN_MS = 10_000;

/** Three heartbeats and ten seconds: 100 s at the usual 30 s. */
export function silenceLimitMs(presence: Pick<Presence, 'heartbeatS'>): number {
  return presence.heartbeatS * 3000 + SILENCE_MARGIN_MS;
}

/** Any message proves that the hub is there. */
export function heard(presence: Presence, now: Instant): Presence {
  const present = { ...presence, heardMonoMs: now.monoMs, heardAt: now.wallMs };
  return presence.phase === 'online' ? present : { ...present, phase: 'online', sinceAt: now.wallMs, goodbye: undefined };
}

/** A heartbeat of an unknown connection is the newest one: its birth was lost. */
export function beat(presence: Presence, message: HeartbeatMessage, now: Instant): Presence {
  return { ...heard(presence, now), sid: message.sid, start: message.start };
}

/** A birth that the broker had kept (`retained`) names the connection but proves nothing about now. */
export function status(presence: Presence, message: StatusMessage, retained: boolean, now: Instant): Presence {
  if (message.s === 'offline') return wentOffline(presence, message, now);
  const named = { ...presence, sid: message.sid, start: message.start, heartbeatS: message.heartbeatS };
  return retained ? named : heard(named, now);
}

function wentOffline(presence: Presence, message: Extract<StatusMessage, { s: 'offline' }>, now: Instant): Presence {
  if (message.sid !== presence.sid || presence.phase === 'silent' || presence.phase === 'stopped') return presence;
  if (message.why !== 'will') return { ...presence, phase: 'stopped', sinceAt: now.wallMs, goodbye: message.why };
  return presence.phase === 'online' ? { ...presence, phase: 'suspect', sinceAt: now.wallMs } : presence;
}

/**
 * Whether the hub must now be called silent. `listeningSinceMs` is when the desk last became able to hear, `graceMs` how long hubs then
 * have to come back: before that the desk's own deafness would be taken for their silence. A hub that moved to another desk is not missed.
 */
export function isOverdue(presence: Presence, now: Instant, listeningSinceMs: number, graceMs: number): boolean {
  if (presence.phase === 'never' || presence.phase === 'silent' || presence.goodbye === 'moved') return false;
  if (now.monoMs - listeningSinceMs < graceMs) return false;
  return now.monoMs - Math.max(presence.heardMonoMs ?? listeningSinceMs, listeningSinceMs) > silenceLimitMs(presence);
}

export function silenced(presence: Presence, now: Instant): Presence {
  return { ...presence, phase: 'silent', sinceAt: now.wallMs };
}
