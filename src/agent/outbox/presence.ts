/** The words by which the desk knows whether the hub is there: birth, heartbeat, goodbye and last will. */
import type { Instant } from '../../base/clock.ts';
import type { ClockQuality, HeartbeatMessage, StatusMessage } from '../../protocol/messages.ts';

/** Who speaks: constant for one start of the process. */
export type UplinkIdentity = {
  readonly site: string;
  /** Random name of this process start; the desk answers it with a session number. */
  readonly start: string;
  readonly version: string;
  readonly heartbeatS: number;
  readonly siteName?: string;
  /** IANA time zone of the home. */
  readonly timeZone?: string;
};

/** What this hub can do beyond the first contract; nothing yet. */
const CAPABILITIES: string[] = [];

/** `ses`: the session of the newest entries, 0 before the very first. */
export function birthText(identity: UplinkIdentity, sid: string, now: Instant, clock: ClockQuality, ses: number): string {
  return statusText({
    v: 1,
    s: 'online',
    sid,
    start: identity.start,
    ver: identity.version,
    ts: Math.round(now.wallMs),
    mono: now.monoMs,
    clk: clock,
    heartbeatS: identity.heartbeatS,
    ses,
    caps: CAPABILITIES,
    ...(identity.siteName === undefined ? {} : { siteName: identity.siteName }),
    ...(identity.timeZone === undefined ? {} : { tz: identity.timeZone }),
  });
}

export function willText(sid: string): string {
  return statusText({ v: 1, s: 'offline', sid, why: 'will' });
}

export function goodbyeText(sid: string): string {
  return statusText({ v: 1, s: 'offline', sid, why: 'shutdown' });
}

export type Beat = {
  readonly sid: string;
  readonly start: string;
  readonly ses: number;
  readonly n: number;
  readonly now: Instant;
  readonly devices: HeartbeatMessage['devices'];
  readonly waiting: number;
  readonly oldestAgeS: number;
  /** Positions, as `acked` of the contract. */
  readonly acked: readonly number[];
};

export function heartbeatText({ sid, start, ses, n, now, devices, waiting, oldestAgeS, acked }: Beat): string {
  const message: HeartbeatMessage = {
    v: 1,
    sid,
    start,
    ses,
    n,
    ts: Math.round(now.wallMs),
    mono: now.monoMs,
    devices,
    outbox: { waiting, oldestAgeS: Math.round(oldestAgeS), ...(acked.length > 0 ? { acked: [...acked] } : {}) },
  };
  return JSON.stringify(message);
}

function statusText(message: StatusMessage): string {
  return JSON.stringify(message);
}
