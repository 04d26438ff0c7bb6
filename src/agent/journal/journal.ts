/**
 * The hub's journal: what was asked in this home and what came of it, for a month, so that another policy can be tried on it (`hearthbeat replay`).
 * Quiet rounds are one stretch; each lost question and each return begins another. Nothing of a person's device is ever in it.
 */
import type { AlertMessage, SiteStateMessage } from '../../protocol/messages.ts';
import type { AlertOrder } from '../alerts/alert-order.ts';
import type { SavedOutage } from '../alerts/common-cause.ts';
import type { SavedSilence } from '../alerts/silences.ts';
import type { SavedLearning } from '../health/health.ts';
import type { SavedService } from '../health/services.ts';
import type { SavedSleep } from '../health/sleep.ts';
import type { StoredHealth } from '../store/health-store.ts';

/**
 * `answered`: and a service was open. `silent`: no answer in time. `refused`: the kernel's address resolution gave up, a service refused, or the router
 * has no route. `unable`: the hub itself could not ask, or who answered is in doubt. `heard`: it spoke by itself in a silence.
 */
export type Outcome = 'answered' | 'silent' | 'refused' | 'unable' | 'heard';

/** The same outcome again and again. Milliseconds from the beginning of the part; of the first and of the newest question. */
export type Stretch = {
  readonly outcome: Outcome;
  readonly fromMs: number;
  readonly toMs: number;
  readonly questions: number;
  /** Which ways were answered: the bits of WAY_BITS. */
  readonly ways: number;
  /** Median round trip. */
  readonly rttMs?: number | undefined;
};

export const WAY_BITS = { udp: 1, tcp: 2, icmp: 4, arp: 8 } as const;

/** What the hub saw of itself; `atMs` from the beginning of the part. */
export type HubEvent =
  | { readonly what: 'link'; readonly atMs: number; readonly name: string; readonly isUp: boolean }
  | { readonly what: 'late'; readonly atMs: number; readonly toMs: number; readonly lagMs: number }
  | { readonly what: 'stood still'; readonly atMs: number; readonly forMs: number }
  | { readonly what: 'clock set'; readonly atMs: number; readonly byMs: number };

/** What a replay can begin with: what the agent would know after a restart, of devices that are nobody's own. */
export type PastState = {
  readonly health: readonly StoredHealth[];
  readonly learned: readonly SavedLearning[];
  readonly sleep: readonly SavedSleep[];
  readonly services: readonly SavedService[];
  readonly alerts: readonly AlertMessage[];
  readonly silences: readonly SavedSilence[];
  readonly outages: readonly SavedOutage[];
  readonly answeredAnchors: readonly string[];
  readonly site: SiteStateMessage;
};

/** Up to an hour of the journal, as it is written at once. Instants in Unix milliseconds. */
export type JournalPart = {
  readonly fromAt: number;
  readonly toAt: number;
  /** The process began with it: what was before is not known. */
  readonly isStart: boolean;
  readonly canRevalidate: boolean;
  /** Links that were down as it began. */
  readonly linksDown: readonly string[];
  /** By subject: a device's id, its service as `ID:PORT`, a place on the internet, `names SERVER`, `sign-in page`. */
  readonly subjects: ReadonlyMap<string, readonly Stretch[]>;
  readonly hub: readonly HubEvent[];
  readonly orders: readonly { readonly atMs: number; readonly order: AlertOrder }[];
  /** Stretches for which there was no room. */
  readonly left: number;
  readonly state?: PastState;
};

export const serviceSubject = (deviceId: string, port: number | undefined): string => `${deviceId}:${port ?? 0}`;
/** `refused` while something answers in the place of the internet. */
export const SIGN_IN_SUBJECT = 'sign-in page';
export const namesSubject = (server: string): string => `names ${server}`;
