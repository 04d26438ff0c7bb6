/**
 * Who may ask what of whom: makes askers that are bound to one neighbour of this hub and to one reader, paced, and within that reader's
 * budget for the day. What a device does (silence, resets, floods, nonsense) and what this hub lacks (sockets) is no answer, never an error.
 */
import { isForbiddenPort, whyNotAsked } from '../agent/discovery/fetch-guard.ts';
import type { EvidenceMethod, LanInterface } from '../agent/discovery/sighting.ts';
import type { Asker, Budget, Reader, Target } from '../agent/evidence/reader.ts';
import { connectionCost, datagramCost, REFUSED, type Spending } from '../agent/evidence/spending.ts';
import type { Askers } from '../agent/ports.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { ipFamily } from '../base/ip-address.ts';
import { converse, exchangeDatagram, showCertificate, tryConnect } from './asker-questions.ts';
import { exchangeHttp } from './http-exchange.ts';
import type { NoConnection, Place } from './question.ts';

/** Below the second after which the kernel repeats a SYN. */
const CONNECT_MS = 900;
const QUESTION_MS = 3_000;
/** Between two questions to a device: a small one serves a connection at a time and needs a moment to be free again. */
const GAP_MS = 25;
const HTTP_BYTES = 65_536;
const MOST_HTTP_BYTES = 256 * 1024;
const MOST_TRIES = 3;

/** Ports that are no place for strangers' requests, but are the home of this protocol. */
const OWN_PORTS: Readonly<Partial<Record<EvidenceMethod, readonly number[]>>> = {
  tls: [443],
  snmp: [161],
  netbios: [137],
  pjl: [9100],
  rtsp: [554],
  ssh: [22],
  ftp: [21],
  telnet: [23],
  sip: [5060],
};
/** TLS is spoken here from the first octet on. */
const TLS_PORTS: readonly number[] = [443];

export type AskerTools = { readonly clock: Clock; readonly interfaces: () => readonly LanInterface[]; readonly spending: Spending };

export function createAskers({ clock, interfaces, spending }: AskerTools): Askers {
  const closing = new AbortController();
  return {
    askerFor(target, reader) {
      const lan = interfaces().find(({ name }) => name === target.interface);
      if (!lan || ipFamily(target.ip) !== 4 || whyNotAsked(target.ip, lan) !== undefined) return undefined;
      return createAsker(target, reader, { clock, spending, localAddress: lan.address, signal: closing.signal });
    },
    close: () => closing.abort(),
  };
}

type Means = { readonly clock: Clock; readonly spending: Spending; readonly localAddress: string; readonly signal: AbortSignal };
type Bound = Pick<Reader, 'name' | 'method' | 'budget'>;

/** Believes that `target` is a neighbour: whoever calls it has looked. */
export function createAsker(target: Pick<Target, 'ip' | 'mac' | 'interface'>, reader: Bound, means: Means): Asker {
  const { clock, spending, localAddress, signal } = means;
  const account = `${target.mac ?? `${target.interface} ${target.ip}`} ${reader.name}`;
  let freeAtMs = 0;

  /** Asks when it is time, if the budget has `least` left, and charges what it came to. */
  async function within<T>(least: Budget, ask: () => Promise<{ readonly told: T; readonly cost: Budget }>): Promise<T | undefined> {
    await sleep(clock, Math.max(0, freeAtMs - clock.now().monoMs), signal);
    if (signal.aborted || !spending.allows(account, least, reader.budget, clock.now().monoMs)) return undefined;
    const { told, cost } = await ask();
    spending.charge(account, cost, clock.now().monoMs);
    freeAtMs = clock.now().monoMs + GAP_MS;
    return told;
  }

  const place = (port: number): Place => ({ ip: target.ip, port, localAddress, connectMs: CONNECT_MS, deadlineMs: QUESTION_MS, signal });
  const mayTalkTo = (port: number, tls = false): boolean =>
    !isForbiddenPort(port) || (OWN_PORTS[reader.method]?.includes(port) ?? false) || (tls && TLS_PORTS.includes(port));

  return {
    async connects(port) {
      const verdict = await within(OPEN, async () => {
        const told = await tryConnect(place(port));
        return { told, cost: told === 'open' ? OPEN : REFUSED };
      });
      return verdict ?? 'silent';
    },

    async datagram(port, payload, { tries = 1, timeoutMs = 1_000, accepts } = {}) {
      if (!mayTalkTo(port)) return undefined;
      for (let left = Math.min(tries, MOST_TRIES); left > 0; left--) {
        const cost = datagramCost(payload.length);
        const question = { payload, timeoutMs: Math.min(timeoutMs, QUESTION_MS), accepts };
        const told = await within(cost, async () => ({ told: await exchangeDatagram(place(port), question), cost }));
        if (told === 'closed' || told === undefined) return undefined;
        if (told !== 'silent') return told;
      }
      return undefined;
    },

    async conversation(port, options) {
      // To be listened to hurts nobody; only words do.
      const { send, tls = false } = options;
      if ((send !== undefined || tls) && !mayTalkTo(port, tls)) return undefined;
      const cost = (received: number): Budget => connectionCost({ sent: send?.length ?? 0, received, tls });
      const told = await within(cost(0), async () => {
        const heard = await converse(place(port), options);
        return { told: heard, cost: wasTaken(heard) ? cost(heard.length) : REFUSED };
      });
      return wasTaken(told) && told.length > 0 ? told : undefined;
    },

    async http(question) {
      if (!mayTalkTo(question.port, question.tls)) return undefined;
      const maxBytes = Math.min(question.maxBytes ?? HTTP_BYTES, MOST_HTTP_BYTES);
      const sent = requestBytes(question);
      const cost = (received: number): Budget => connectionCost({ sent, received, tls: question.tls ?? false });
      const told = await within(cost(0), async () => {
        const answer = await exchangeHttp(place(question.port), { ...question, maxBytes });
        if (!answer.ok) return { told: undefined, cost: NEVER_ANSWERED.has(answer.error) ? REFUSED : cost(0) };
        const { end: _end, ...rest } = answer.value;
        return { told: rest, cost: cost(HTTP_HEADER_BYTES + rest.body.length) };
      });
      return told;
    },

    async certificate(port) {
      if (!mayTalkTo(port, true)) return undefined;
      const told = await within(CERTIFICATE, async () => {
        const facts = await showCertificate(place(port));
        return { told: facts, cost: facts === 'closed' || facts === 'silent' ? REFUSED : CERTIFICATE };
      });
      return typeof told === 'object' ? told : undefined;
    },
  };
}

const OPEN = connectionCost({ sent: 0, received: 0 });
/** Certificates of two or three kilobytes. */
const CERTIFICATE = connectionCost({ sent: 0, received: 3_000, tls: true });
/** What an answer has before its body, about. */
const HTTP_HEADER_BYTES = 300;
const NEVER_ANSWERED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

function requestBytes({ path, headers = {}, body = '' }: Parameters<Asker['http']>[0]): number {
  const told = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return path.length + told + Buffer.byteLength(body) + 100;
}

function wasTaken(told: Buffer | NoConnection | undefined): told is Buffer {
  return Buffer.isBuffer(told);
}
