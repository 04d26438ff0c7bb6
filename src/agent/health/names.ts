/**
 * Whether names can be looked up: to people a dead name server looks like a dead line, and another repair helps. The home's own name servers
 * are asked for a name that no cache knows, and called dead only while the internet answers by address. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { AnchorResult } from '../ports.ts';
import type { Surroundings } from './evidence.ts';
import { afterAsking, type InternetRecord, newInternet } from './internet.ts';

/** As of the internet; its anchors are the name servers, as `dns://192.168.1.1`. */
export type NamesRecord = InternetRecord;

/** Each question is passed on to the world, and is not asked more often than it must be. */
const INTERVAL_MS = 30_000;
/** In a row, of each server that ever answered from this home. */
const SILENCES_NEEDED = 6;
/** A router that has just started passes packets on before it looks up names. */
const SILENT_FOR_MS = 30_000;
/** The internet must have answered within this time, after the silence began. */
const INTERNET_PROOF_MS = 25_000;
const AGAIN_MS = 5_000;
const MOST_SERVERS = 3;

export type NamesInputs = {
  /** Addresses of the name servers that the system knows. */
  readonly servers: readonly string[];
  readonly result?: AnchorResult | undefined;
  readonly internet: InternetRecord;
  readonly around: Surroundings;
};

export const newNames = (now: Instant): NamesRecord => newInternet([], now);

/** The same record where nothing was asked and nothing changed. */
export function judgeNames(before: NamesRecord, { servers, result, internet, around: { now } }: NamesInputs): NamesRecord {
  const fitted = withServers(before, servers, now);
  const record = result ? unhurried(afterAsking(fitted, result, now, INTERVAL_MS), now) : fitted;
  if (record.anchors.length === 0) return inState(record, 'unknown', 'No name server of this home is known.', now);
  if (record.silentSinceMs === undefined) return record.lastAnswerAt ? inState(record, 'up', 'Names are looked up.', now) : record;
  if (internet.state !== 'up' || internet.silentSinceMs !== undefined) return withoutInternet(record, now);
  const answeredAtMs = internet.lastAnswerAt?.monoMs ?? Number.NEGATIVE_INFINITY;
  const isProven = answeredAtMs >= record.silentSinceMs && now.monoMs - answeredAtMs <= INTERNET_PROOF_MS;
  const mine = record.anchors.filter(({ everAnswered }) => everAnswered);
  const isDead =
    mine.length > 0 && mine.every(({ silences }) => silences >= SILENCES_NEEDED) && now.monoMs - record.silentSinceMs >= SILENT_FOR_MS;
  return isDead && isProven && record.state !== 'down' ? inState(record, 'down', deadWords(record), now) : record;
}

function inState(record: NamesRecord, state: NamesRecord['state'], reason: string, now: Instant): NamesRecord {
  return record.state === state ? record : { ...record, state, reason, since: now };
}

/** One that is known to be dead is asked no more often than a dead device. */
function unhurried(record: NamesRecord, now: Instant): NamesRecord {
  return record.state === 'down' ? { ...record, nextAskAtMs: now.monoMs + AGAIN_MS } : record;
}

/** What is silent without the internet is not asked, and has its own chance to answer when it is back. */
function withoutInternet(record: NamesRecord, now: Instant): NamesRecord {
  const anchors = record.anchors.map((anchor) => ({ ...anchor, silences: 0, noRoutes: 0 }));
  const anew = { ...record, anchors, silentSinceMs: now.monoMs, nextAskAtMs: now.monoMs + AGAIN_MS };
  return record.state === 'down' ? inState(anew, 'unknown', 'Without the internet no name can be looked up.', now) : anew;
}

function deadWords({ anchors, attempts }: NamesRecord): string {
  const said = attempts.at(-1)?.detail.split(' ').slice(1).join(' ') ?? 'no reply';
  const servers = anchors.filter(({ everAnswered }) => everAnswered).map(({ anchor }) => anchor.replace(/^dns:\/\/\[?|\]?$/g, ''));
  return `The internet answers by address, but no name is looked up by ${servers.join(', ')} (${said}).`;
}

/** The servers change with the router; what is known of those that stay is kept. */
function withServers(record: NamesRecord, servers: readonly string[], now: Instant): NamesRecord {
  const wanted = servers.slice(0, MOST_SERVERS).map(anchorOf);
  if (wanted.length === record.anchors.length && record.anchors.every(({ anchor }, i) => anchor === wanted[i])) return record;
  const everAnswered = record.anchors.filter((each) => each.everAnswered).map(({ anchor }) => anchor);
  const fresh = newInternet(wanted, now, { everAnswered, state: record.state });
  return { ...fresh, since: record.since, reason: record.reason, asking: record.asking };
}

const anchorOf = (server: string): string => `dns://${server.includes(':') ? `[${server}]` : server}`;
