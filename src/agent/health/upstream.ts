/**
 * How far the way to the internet still works while nothing on it answers: the router's own word that it has no way out, or the next routers on
 * the way, as packets that may pass only two or three of them find out (what traceroute does). Which of them answer is learned while the line
 * works: one that never did proves nothing by its silence. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { WayAnswer } from '../ports.ts';
import type { InternetRecord } from './internet.ts';

export type Upstream = {
  /** The farthest of the next routers that answered while the line worked. */
  readonly usual?: string | undefined;
  /** Of the present outage. */
  readonly found?: WayAnswer | undefined;
  readonly looks: number;
  readonly asking: boolean;
  readonly nextLookAtMs: number;
};

const LEARNED_AFTER_MS = 90_000;
/** Providers renumber; and some routers answer only now and then. */
const LEARNED_EVERY_MS = 6 * 3_600_000;
/** By the third the alert is due to be acted on. */
const LOOKS = 3;
const LOOK_EVERY_MS = 12_000;
export const LOOK_TIMEOUT_MS = 2_000;

export const newUpstream = (now: Instant): Upstream => ({ looks: 0, asking: false, nextLookAtMs: now.monoMs + LEARNED_AFTER_MS });

type UpstreamInputs = {
  readonly result?: WayAnswer | undefined;
  readonly internet: InternetRecord;
  readonly isCaptive: boolean;
  readonly now: Instant;
};

/** The same object where nothing changed. */
export function judgeUpstream(before: Upstream, { result, internet, isCaptive, now }: UpstreamInputs): Upstream {
  const isCut = internet.state === 'down' && !isCaptive;
  const looked = result ? afterLook(before, result, isCut, now.monoMs) : before;
  if (!isCut) return looked.looks === 0 && looked.found === undefined ? looked : learning(looked, now.monoMs);
  const isRefused = internet.anchors.some(({ noRoutes }) => noRoutes > 0);
  const told = isRefused ? withFound(looked, { outcome: 'refused' }) : looked;
  return told.looks === 0 && !told.asking && told.nextLookAtMs > now.monoMs ? { ...told, nextLookAtMs: now.monoMs } : told;
}

const learning = (record: Upstream, nowMs: number): Upstream => ({
  ...record,
  looks: 0,
  found: undefined,
  nextLookAtMs: nowMs + LEARNED_EVERY_MS,
});

function afterLook(before: Upstream, result: WayAnswer, isCut: boolean, nowMs: number): Upstream {
  const looked = { ...before, asking: false };
  if (!isCut) return { ...looked, usual: result.farthest ?? before.usual, nextLookAtMs: nowMs + LEARNED_EVERY_MS };
  const looks = before.looks + 1;
  return withFound({ ...looked, looks, nextLookAtMs: nowMs + (looks < LOOKS ? LOOK_EVERY_MS : Number.POSITIVE_INFINITY) }, result);
}

/** From what says least to what says most: who answered once in this outage did answer. */
const WORTH: readonly WayAnswer['outcome'][] = ['unable', 'silent', 'refused', 'answered'];

function withFound(record: Upstream, found: WayAnswer): Upstream {
  const isMore = record.found === undefined || WORTH.indexOf(found.outcome) > WORTH.indexOf(record.found.outcome);
  return isMore ? { ...record, found } : record;
}

/** The address to look towards now, if a look is due: the anchor that is asked next. */
export function planLook(record: Upstream, { anchors, nextAnchor }: InternetRecord, nowMs: number): string | undefined {
  if (record.asking || nowMs < record.nextLookAtMs || anchors.length === 0) return undefined;
  return /^\w+:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?::|$)/.exec(anchors[nextAnchor % anchors.length]!.anchor)?.[1];
}

/** What that says of where the fault is, as a sentence; nothing where it cannot be told. */
export function whereWords({ found, usual }: Upstream): string | undefined {
  if (found?.outcome === 'refused') return 'The router itself says that it has no way out: its own line is down.';
  if (found?.farthest !== undefined) {
    const isInside = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(found.farthest);
    const who = isInside ? 'A second router or modem behind it' : 'The next router of the provider';
    return `${who} (${found.farthest}) answers, so the fault lies beyond that.`;
  }
  if (found?.outcome !== 'silent' || usual === undefined) return undefined;
  return `The next router on the way (${usual}), which answered before, does not either: the fault is the line of this home, its modem or the first router of the provider.`;
}
