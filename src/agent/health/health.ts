/** What health remembers of each device, and what a verdict carries. Pure values; times on the monotonic clock decide, wall times are for people. */
import type { Instant } from '../../base/clock.ts';
import type { Evidence, HealthState } from '../../protocol/messages.ts';
import type { ProbeMethod } from './probe.ts';

/** How a device is watched: how often, how many silent answers make `down`, and how far apart the confirmations are. */
export type CheckProfile = {
  readonly name: 'gateway' | 'wired' | 'other' | 'personal' | 'quiet';
  readonly intervalMs: number;
  readonly confirmations: number;
  readonly spacingMs: number;
  readonly timeoutMs: number;
};

/** A verdict as it leaves health: state, since when, why in one sentence, and the evidence. */
export type HealthVerdict = {
  readonly deviceId: string;
  readonly state: HealthState;
  readonly since: Instant;
  readonly reason: string;
  readonly detectWithinMs: number;
  readonly evidence: Evidence;
};

/** How well a method has worked on a device. */
export type MethodRecord = { readonly asked: number; readonly answered: number; readonly lastAnswerAt?: Instant };
export type MethodRecords = Readonly<Partial<Record<ProbeMethod, MethodRecord>>>;
