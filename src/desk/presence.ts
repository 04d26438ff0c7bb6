/**
 * Whether a hub is there, as pure transitions. Only silence on the desk's own monotonic clock makes a hub silent: a will may come late,
 * twice, of an earlier connection, or not at all.
 */
import type { HeartbeatMessage, StatusMessage } from '../protocol/messages.ts';
import type { Moment } from './hearing.ts';
import type { ClockSample } from './ingest/occurrence.ts';
import type { PresencePhase } from './store/schema.ts';

export type Presence = {
  readonly phase: PresencePhase;
  readonly sinceAt: number;
  /** The newest connection and process start of the hub. */
  readonly sid?: string;
  readonly start?: string;
  /** The connection before the newest: what still comes of it does not make it the newest again. */
  readonly pastSid?: string;
  /** Why it said goodbye, while it is gone. */
  readonly goodbye?: string;
  readonly heartbeatS: number;
  /** What the desk had listened to at the newest message; undefined when nothing came since the desk started. */
  readonly heardListenedMs?: number;
  readonly heardAt?: number;
  /** What its newest message said of its clocks, since the desk started. */
  readonly clocks?: ClockSample;
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
export function heard(presence: Presence, now: Moment): Presence {
  const present = heardUnstored(presence, now);
  return presence.phase === 'online' ? present : { ...present, phase: 'online', sinceAt: now.wallMs, goodbye: undefined };
}

/** It was heard, and that could not be stored: whoever speaks is not silent. What else it said it says again. */
export function heardUnstored(presence: Presence, now: Moment): Presence {
  return { ...presence, heardListenedMs: now.listenedMs, heardAt: now.wallMs };
}

/** A heartbeat of an unknown connection is the newest one: its birth was lost. */
export function beat(presence: Presence, message: HeartbeatMessage, now: Moment): Presence {
  const present = heard(presence, now);
  return message.sid === presence.pastSid ? present : { ...present, ...connection(presence, message) };
}

/** A birth that the broker had kept (`retained`) names the connection but proves nothing about now. */
export function status(presence: Presence, message: StatusMessage, retained: boolean, now: Moment): Presence {
  if (message.s === 'offline') return wentOffline(presence, message, now);
  const named = { ...presence, ...connection(presence, message), heartbeatS: message.heartbeatS };
  return retained ? named : heard(named, now);
}

function connection({ sid, pastSid }: Presence, message: { readonly sid: string; readonly start: string }): Partial<Presence> {
  return { sid: message.sid, start: message.start, pastSid: message.sid === sid ? pastSid : sid };
}

function wentOffline(presence: Presence, message: Extract<StatusMessage, { s: 'offline' }>, now: Moment): Presence {
  if (message.sid !== presence.sid || presence.phase === 'silent' || presence.phase === 'stopped') return presence;
  if (message.why !== 'will') return { ...presence, phase: 'stopped', sinceAt: now.wallMs, goodbye: message.why };
  return presence.phase === 'online' ? { ...presence, phase: 'suspect', sinceAt: now.wallMs } : presence;
}

/** Last heard longer ago than this at the desk's start, a hub gets no grace: a desk that restarts again and again would always give it. */
const LONG_UNHEARD_MS = 600_000;

export type Grace = {
  /** How long after a long deafness hubs have to come back, or the desk's own deafness would be taken for their silence. */
  readonly graceMs: number;
  /** What the desk had listened to when that deafness ended. */
  readonly excusedFromMs: number;
};

/** Whether the hub must now be called silent. A hub that moved to another desk is not missed. */
export function isOverdue(presence: Presence, now: Moment, grace: Grace): boolean {
  if (presence.phase === 'never' || presence.phase === 'silent' || presence.goodbye === 'moved') return false;
  const silentMs = now.listenedMs - (presence.heardListenedMs ?? 0);
  return silentMs > silenceLimitMs(presence) && !isExcused(presence, now, silentMs, grace);
}

/** However often the desk loses its broker, so much listening is enough. */
function isExcused(presence: Presence, now: Moment, silentMs: number, { graceMs, excusedFromMs }: Grace): boolean {
  if (now.listenedMs - excusedFromMs >= graceMs || silentMs > silenceLimitMs(presence) + 2 * graceMs) return false;
  return presence.heardListenedMs !== undefined || now.wallMs - (presence.heardAt ?? now.wallMs) < LONG_UNHEARD_MS;
}

export function silenced(presence: Presence, now: Moment): Presence {
  return { ...presence, phase: 'silent', sinceAt: now.wallMs };
}
