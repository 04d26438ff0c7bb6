/** What health remembers of each device and of the hub itself. Plain values: durations run on `monoMs`, `wallMs` is for people. */
import type { Instant } from '../../base/clock.ts';
import type { Attempt, Evidence, HealthState } from '../../protocol/messages.ts';
import type { DiscoveryMethod } from '../discovery/sighting.ts';
import type { ProbeMethod } from './probe.ts';

/** How a device is watched: how often, how many silent answers make `down` (from what its link loses), and how far apart the confirmations are. */
export type CheckProfile = {
  readonly name: 'gateway' | 'wired' | 'other' | 'quiet' | 'resting' | 'battery' | 'personal';
  readonly intervalMs: number;
  readonly confirmations: number;
  readonly spacingMs: number;
  readonly timeoutMs: number;
  /** What it means when it answers nothing: that it is broken, or that it sleeps, was switched off or left the house. */
  readonly silence: 'fault' | 'habit';
};

/** How well a method has worked on a device. A method that never worked proves nothing when it is silent. */
export type MethodRecord = { readonly asked: number; readonly answered: number };
export type MethodRecords = Readonly<Partial<Record<ProbeMethod, MethodRecord>>>;

/** A way in which a device showed life: an answer to a probe, or something it said by itself. */
export type LifeMethod = ProbeMethod | DiscoveryMethod;

/** What a link loses, counted over a week or two. Silences that ended in a verdict are faults of the device, not losses, and teach nothing. */
export type Losses = {
  /** How many of the questions out of the blue were lost, whether alone or as the first of several in a row. */
  readonly runs: number;
  /** Questions that were asked one spacing after a lost one, and how many of them were lost as well. */
  readonly followed: number;
  readonly lostAgain: number;
};

/** `rounds`: questions out of the blue, asked while nothing was in doubt. An answer changes this number alone. */
export type Learned = { readonly rounds: number; readonly losses: Losses };

/** How a device answers worse than it used to. Shares are of questions out of the blue, times median round trips in ms. */
export type Decline = { readonly by: 'loss' | 'delay'; readonly now: number; readonly usual: number };

/** What a device was like before, by quarters of an hour. */
export type Past = {
  /** `rounds` and `losses.runs` of the record when the present quarter began. */
  readonly roundsThen: number;
  readonly runsThen: number;
  /** Median round trip over a week; undefined until one was seen. */
  readonly usualMs?: number | undefined;
  /** How many quarters were good enough to learn from. */
  readonly quarters: number;
  /** An answer slower than this is slow; undefined while not enough is known. */
  readonly slowMs?: number | undefined;
  /** Quarters in a row that say otherwise than `decline` does. */
  readonly against: number;
  readonly decline?: Decline | undefined;
};

/** What is remembered of one device between ticks. */
export type CheckRecord = {
  readonly deviceId: string;
  readonly state: HealthState;
  readonly since: Instant;
  readonly reason: string;
  readonly profile: CheckProfile;
  /** Where it was last found; undefined while no address of it is known. */
  readonly interface?: string | undefined;
  /** It has shown life at some time, be it in an earlier process. What never did cannot be down. */
  readonly everHeard: boolean;
  /** The newest proof of life and what gave it. */
  readonly life?: { readonly at: Instant; readonly by: LifeMethod };
  /** Wall time of the newest proof of life by method, for evidence. */
  readonly lastAnswerAt: Readonly<Partial<Record<LifeMethod, number>>>;
  /** Silent answers in a row that count, since the last proof of life. */
  readonly misses: number;
  /** Nobody else was heard either at the newest of them, when it was worth looking: then it says nothing of this device's link. */
  readonly wasDeaf?: boolean;
  /** While `suspect`: since when it was up, for when it turns out that it still is. */
  readonly upSince?: Instant | undefined;
  /** When the first unanswered question of the present silence was asked; life ends it. */
  readonly silentSinceMs?: number | undefined;
  /** When the newest of those misses was asked; older proof of life does not outweigh it. */
  readonly lastMissAtMs?: number;
  /** While `down`: when the first good answer of a possible recovery came. */
  readonly recoveringSinceMs?: number | undefined;
  /** The newest attempts, oldest first, at most 16. */
  readonly attempts: readonly Attempt[];
  readonly methods: MethodRecords;
  /** The newest round-trip times, at most 9. */
  readonly rtts: readonly number[];
  /** Questions asked while nothing was in doubt, and what became of those that were lost (losses.ts). */
  readonly rounds: number;
  readonly losses: Losses;
  /** Slow answers of this quarter of an hour less those that were not, and what is usual of it (decline.ts). */
  readonly slowness: number;
  readonly past: Past;
  /** The quarter of an hour (of the monotonic clock) in which it was last looked back upon. */
  readonly quarter: number;
  readonly nextProbeAtMs: number;
  readonly probing: boolean;
};

/** What of a record is learned over days, and kept over a restart. */
export type Learning = Pick<CheckRecord, 'rounds' | 'losses'> & { readonly past: Pick<Past, 'usualMs' | 'quarters' | 'decline'> };
export type SavedLearning = { readonly deviceId: string; readonly learning: Learning };

/** The hub's own condition at one instant: when it is bad, silence of others proves nothing. */
export type HubCondition = {
  /** Carrier by interface; undefined when the system does not say. */
  readonly links: Readonly<Record<string, boolean | undefined>>;
  readonly eventLoopLagMs: number;
  /** How much later than planned this look at the house comes: the process was stopped, or the machine slept. */
  readonly stoodStillMs?: number;
  /** How far the wall clock was set since the look before, by which the monotonic one does not move. */
  readonly clockStepMs?: number;
};

/** A change of state as it leaves health. */
export type Transition = {
  readonly deviceId: string;
  readonly from: HealthState;
  readonly to: HealthState;
  readonly at: Instant;
  readonly reason: string;
  readonly evidence: Evidence;
};

export type HealthBook = ReadonlyMap<string, CheckRecord>;
