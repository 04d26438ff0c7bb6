/**
 * Whether what answers is the internet, or a sign-in or pay page that takes every connection (a captive portal, RFC 8952): then places that
 * proved themselves before by their certificates no longer can, and something else shows. A desk that answers is proof enough, so these places
 * are asked rarely, and in earnest only while it does not. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { Attempt } from '../../protocol/messages.ts';
import type { ProofResult } from '../ports.ts';

type Place = {
  /** `tls://1.1.1.1:443` */
  readonly place: string;
  readonly everProven: boolean;
  readonly asked: boolean;
  /** Since any of them was proven. */
  readonly failures: number;
  /** What showed in its place at the newest of them. */
  readonly instead?: string | undefined;
};

export type Captivity = {
  readonly places: readonly Place[];
  readonly turn: number;
  readonly asking: boolean;
  readonly askedAtMs: number;
  /** Since when the desk, where there is one, does not answer. */
  readonly unheardSinceMs?: number | undefined;
  /** What answers in the place of the internet, in a sentence; undefined while nothing does. */
  readonly captive?: string | undefined;
  readonly attempts: readonly Attempt[];
};

/** Ports on which a server shows a certificate at once: HTTPS, DNS over TLS. */
const WITH_CERTIFICATE = /^tcp:\/\/(.+:(?:443|853))$/;
const FIRST_ROUND_MS = 60_000;
const HEARD_MS = 6 * 3_600_000;
/** Of a hub without a desk: nothing else would tell it. */
const ALONE_MS = 10 * 60_000;
const UNHEARD_MS = 60_000;
const CONFIRM_MS = 5_000;
const CAPTIVE_MS = 30_000;
const FAILURES_NEEDED = 3;
const KEPT_ATTEMPTS = 6;
export const PROOF_TIMEOUT_MS = 3_000;

/** Of these anchors, the places that have a certificate to show. */
export function placesOf(anchors: readonly string[]): string[] {
  return anchors.flatMap((anchor) => {
    const place = WITH_CERTIFICATE.exec(anchor)?.[1];
    return place === undefined ? [] : [`tls://${place}`];
  });
}

/** `proven`: places that proved themselves in this home at some time. */
export function newCaptivity(anchors: readonly string[], proven: readonly string[], now: Instant): Captivity {
  const places = anchors.flatMap((anchor): Place[] => {
    const place = WITH_CERTIFICATE.exec(anchor)?.[1];
    return place === undefined
      ? []
      : [{ place: `tls://${place}`, everProven: proven.includes(`tls://${place}`), asked: false, failures: 0 }];
  });
  return { places, turn: 0, asking: false, askedAtMs: now.monoMs, attempts: [] };
}

export type CaptivityInputs = {
  readonly result?: ProofResult | undefined;
  /** Whether the desk answers; undefined for a hub without one. */
  readonly heard?: boolean | undefined;
  readonly now: Instant;
};

/** The same object where nothing changed. */
export function judgeCaptivity(before: Captivity, { result, heard, now }: CaptivityInputs): Captivity {
  const told = result ? afterProof(before, result, now) : before;
  if (heard && (told.captive !== undefined || isFailing(told))) return { ...forgiven(told), unheardSinceMs: undefined };
  const unheardSinceMs = heard === false ? (told.unheardSinceMs ?? now.monoMs) : undefined;
  return unheardSinceMs === told.unheardSinceMs ? told : { ...told, unheardSinceMs };
}

/** The place to ask now, if one is due. `isOpen`: connections to the internet open at all. */
export function planProof(record: Captivity, isOpen: boolean, heard: boolean | undefined, nowMs: number): string | undefined {
  if (!isOpen || record.asking || record.places.length === 0 || nowMs - record.askedAtMs < waitMs(record, heard, nowMs)) return undefined;
  return record.places[record.turn % record.places.length]?.place;
}

function waitMs(record: Captivity, heard: boolean | undefined, nowMs: number): number {
  const { places, unheardSinceMs, captive } = record;
  if (captive !== undefined) return CAPTIVE_MS;
  if (isFailing(record) && failuresOf(places) < FAILURES_NEEDED * places.length) return CONFIRM_MS;
  if (unheardSinceMs !== undefined && nowMs - unheardSinceMs >= UNHEARD_MS) return UNHEARD_MS;
  if (places.some(({ asked }) => !asked)) return FIRST_ROUND_MS;
  return heard === undefined ? ALONE_MS : HEARD_MS;
}

function afterProof(record: Captivity, { place, outcome, instead, detail }: ProofResult, now: Instant): Captivity {
  const attempt: Attempt = {
    at: Math.round(now.wallMs),
    method: 'tls',
    outcome: outcome === 'proven' ? 'answered' : outcome === 'unable' ? 'unable' : 'silent',
    detail: `${place.replace('tls://', '')} ${instead ?? detail}`.slice(0, 64),
  };
  const asked = { ...record, asking: false, askedAtMs: now.monoMs, turn: (record.turn + 1) % record.places.length };
  const known = { ...asked, attempts: [...record.attempts, attempt].slice(-KEPT_ATTEMPTS) };
  if (outcome === 'proven') return forgiven(withPlace(known, place, (each) => ({ ...each, asked: true, everProven: true })));
  if (outcome === 'unable') return withPlace(known, place, (each) => ({ ...each, asked: true }));
  const failed = withPlace(known, place, (each) => ({ ...each, asked: true, failures: each.failures + 1, instead }));
  return { ...failed, captive: captiveWords(failed) };
}

function withPlace(record: Captivity, place: string, change: (place: Place) => Place): Captivity {
  return { ...record, places: record.places.map((each) => (each.place === place ? change(each) : each)) };
}

/** One that is itself proves the line for all. */
function forgiven(record: Captivity): Captivity {
  const places = record.places.map((place) => (place.failures === 0 ? place : { ...place, failures: 0, instead: undefined }));
  return { ...record, places, captive: undefined };
}

const failuresOf = (places: readonly Place[]): number => places.reduce((sum, { failures }) => sum + failures, 0);
const isFailing = ({ places }: Captivity): boolean => failuresOf(places) > 0;

/**
 * All that ever proved themselves here fail, and at least one shows something else: a filter that only refuses them is no page. Where none ever
 * did, each of several must show something else.
 */
function captiveWords({ places }: Captivity): string | undefined {
  const proven = places.filter(({ everProven }) => everProven);
  const judged = proven.length > 0 ? proven : places;
  const shown = judged.flatMap(({ instead }) => instead ?? []);
  if (failuresOf(judged) < FAILURES_NEEDED || judged.some(({ failures }) => failures === 0) || shown.length === 0) return undefined;
  if (proven.length === 0 && (judged.length < 2 || shown.length < judged.length)) return undefined;
  return `${NOT_THE_INTERNET} ${[...new Set(shown)].slice(0, 2).join(', ')}. ${WHAT_TO_DO}`;
}

export const NOT_THE_INTERNET = 'Connections open, but what answers is not the internet:';
export const WHAT_TO_DO =
  'A sign-in or pay page of the router or the provider stands in the way: somebody has to open any http:// page in a browser of this home and do what it asks.';
