/**
 * The MQTT connection over mqtt.js: one client for each attempt, so that its stores, queues and fixed reconnect period never come into
 * play (it drops what is published while its store is replayed, MQTT.js issue 2015). What must not be lost is kept by the outbox.
 */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import { fullJitter } from '../base/backoff.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LinkHandlers, LinkState, MqttLink } from '../base/mqtt.ts';
import type { Random } from '../base/random.ts';

export type MqttLinkOptions = {
  /** `mqtt://` or `mqtts://`, tried in turn. */
  readonly urls: readonly string[];
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM text of the authority that signed the broker's certificate; without it the system's authorities count. */
  readonly ca?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

type ProtocolVersion = 4 | 5;
type Attempt = { readonly url: string; readonly client: MqttClient; readonly pending: Set<(sent: boolean) => void>; over: boolean };
type Failure = { readonly problem: string; readonly code: NonNullable<LinkState['code']>; readonly speaksOlder?: boolean };

const BACKOFF = { floorMs: 250, baseMs: 1_500, capMs: 60_000 };
/** A connection that lasted this long was a good one: the next loss starts again with a quick retry. */
const STABLE_MS = 30_000;
const KEEPALIVE_S = 30;
const CONNECT_TIMEOUT_MS = 10_000;
const RECEIVE_MAXIMUM = 32;
const MAX_PACKET_BYTES = 256 * 1024;
/** How long the last messages may take on the way out. */
const CLOSE_TIMEOUT_MS = 2_000;

// CONNACK codes: MQTT 3.1.1 table 3.1, MQTT 5 section 3.2.2.2.
const WRONG_VERSION = new Set([0x01, 0x84]);
const REFUSED = new Set([0x02, 0x04, 0x05, 0x85, 0x86, 0x87, 0x8a]);

// Otherwise it keeps a buffer for each of the 65,536 packet numbers: 8 MB, for a link that sends a few messages a minute.
writeToStream.cacheNumbers = false;
// It also keeps a buffer for each length of message that it ever wrote, and Node cuts small buffers out of blocks of 64 KB that stay
// as long as any piece of them: 1.3 MB in the first four minutes. Pieces of their own cost 40 ns more each.
Buffer.poolSize = 0;

export function createMqttLink(options: MqttLinkOptions): MqttLink {
  const { urls, clock, random, log } = options;
  const versions = new Map<string, ProtocolVersion>();
  let handlers: LinkHandlers | undefined;
  let current: Attempt | undefined;
  let retry: Timer | undefined;
  let attempts = 0;
  let failures = 0;
  let connectedAtMs: number | undefined;
  let toldProblem: string | undefined;

  function connect(): void {
    if (!handlers) return;
    const url = urls[attempts++ % urls.length] as string;
    const client = mqtt.connect(url, clientOptions(options, versions.get(url) ?? 5, handlers.will?.()));
    const attempt: Attempt = { url, client, pending: new Set(), over: false };
    current = attempt;
    client.on('connect', () => subscribe(attempt));
    client.on('message', (topic, payload, packet) => {
      if (!attempt.over) handlers?.onMessage({ topic, payload, retained: packet.retain });
    });
    // Without a listener a refused connection ends the process; it stays on after the attempt is over.
    client.on('error', (error) => fail(attempt, explain(url, error)));
    client.on('close', () => fail(attempt, unreachable(url, connectedAtMs === undefined ? 'no answer' : 'the connection was lost')));
  }

  function subscribe(attempt: Attempt): void {
    const topics = [...(handlers?.subscriptions ?? [])];
    if (topics.length === 0) {
      connected(attempt);
      return;
    }
    attempt.client.subscribe(topics, { qos: 1 }, (error, granted) => {
      if (error || granted?.some(({ qos }) => qos >= 128))
        fail(attempt, refusal(attempt.url, 'it does not let this client read its own topics'));
      else connected(attempt);
    });
  }

  function connected(attempt: Attempt): void {
    if (attempt.over) return;
    connectedAtMs = clock.now().monoMs;
    toldProblem = undefined;
    const remoteAddress = remoteAddressOf(attempt.client);
    log.info('connected to the broker', { url: attempt.url, mqtt: versions.get(attempt.url) === 4 ? '3.1.1' : '5' });
    handlers?.onState({ connected: true, ...(remoteAddress === undefined ? {} : { remoteAddress }) });
  }

  function fail(attempt: Attempt, failure: Failure): void {
    if (!end(attempt)) return;
    if (failure.speaksOlder && versions.get(attempt.url) !== 4) {
      versions.set(attempt.url, 4);
      attempts--;
      retry = clock.setTimer(0, connect);
      return;
    }
    const { problem, code } = failure;
    const lastedMs = connectedAtMs === undefined ? 0 : clock.now().monoMs - connectedAtMs;
    connectedAtMs = undefined;
    failures = lastedMs >= STABLE_MS ? 0 : failures;
    const waitMs = fullJitter(failures++, BACKOFF, random);
    // Told once: an outage of a night is one line, not six hundred.
    log[problem === toldProblem ? 'debug' : 'warn'](problem, { code, retryInMs: waitMs });
    toldProblem = problem;
    handlers?.onState({ connected: false, problem, code });
    retry = clock.setTimer(waitMs, connect);
  }

  /** Takes the attempt down; false when it already was. */
  function end(attempt: Attempt): boolean {
    if (attempt.over) return false;
    attempt.over = true;
    attempt.client.end(true);
    abandon(attempt);
    return true;
  }

  function abandon(attempt: Attempt): void {
    if (current === attempt) current = undefined;
    for (const settle of [...attempt.pending]) settle(false);
  }

  function publish(
    topic: string,
    payload: string,
    { qos, retain = false, expiryS }: { qos: 0 | 1; retain?: boolean; expiryS?: number },
  ): Promise<boolean> {
    const attempt = current;
    if (!attempt || connectedAtMs === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (sent: boolean): void => {
        attempt.pending.delete(settle);
        resolve(sent);
      };
      attempt.pending.add(settle);
      const properties = expiryS === undefined ? {} : { properties: { messageExpiryInterval: expiryS } };
      attempt.client.publish(topic, payload, { qos, retain, ...properties }, (error) => settle(!error));
    });
  }

  /** A clean DISCONNECT, so that the broker does not publish the will. */
  async function stop(): Promise<void> {
    handlers = undefined;
    retry?.cancel();
    const attempt = current;
    if (!attempt) return;
    attempt.over = true;
    await closed(attempt.client, connectedAtMs === undefined);
    abandon(attempt);
  }

  function closed(client: MqttClient, atOnce: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.setTimer(CLOSE_TIMEOUT_MS, resolve);
      client.end(atOnce, {}, () => {
        timer.cancel();
        resolve();
      });
    });
  }

  return {
    start(given) {
      handlers = given;
      connect();
    },
    publish,
    stop,
  };
}

function clientOptions(
  options: MqttLinkOptions,
  protocolVersion: ProtocolVersion,
  will?: { topic: string; payload: string },
): IClientOptions {
  const { clientId, username, password, ca } = options;
  return {
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(will === undefined ? {} : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    protocolVersion,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: 'native',
    ...(protocolVersion === 5
      ? { properties: { receiveMaximum: RECEIVE_MAXIMUM, maximumPacketSize: MAX_PACKET_BYTES, sessionExpiryInterval: 0 } }
      : {}),
  };
}

function explain(url: string, error: Error): Failure {
  const code = 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') return unreachable(url, wordsFor(url, error, code));
  if (WRONG_VERSION.has(code)) return { ...refusal(url, 'it does not speak this version of MQTT'), speaksOlder: true };
  return REFUSED.has(code)
    ? refusal(url, error.message.replace(/^Connection refused: /, '').toLowerCase())
    : unreachable(url, error.message);
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no name server knows that name',
  EAI_AGAIN: 'no name server answers',
  ECONNREFUSED: 'nothing listens on that port',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; perhaps the clock of this machine is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; perhaps mqtt:// is right',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; perhaps mqtt:// is right',
};

function wordsFor(url: string, error: Error, code: unknown): string {
  if (code === 'ECONNRESET')
    return `it closed the connection at once; perhaps ${/^(mqtts|ssl):/.test(url) ? 'it speaks no TLS (mqtt://)' : 'it wants TLS (mqtts://)'}`;
  const known = FAILURES[String(code)];
  if (known !== undefined) return known;
  if (/certificate/i.test(error.message)) return 'its certificate is signed by an authority unknown here; name that one with caFile';
  if (/^connack timeout/i.test(error.message))
    return `it takes the connection and says nothing; perhaps no MQTT broker listens on ${new URL(url).port}`;
  return error.message || String(code);
}

function unreachable(url: string, why: string): Failure {
  return { code: 'HB_BROKER_UNREACHABLE', problem: `The broker ${withoutSecrets(url)} cannot be reached: ${why}.` };
}

function refusal(url: string, why: string): Failure {
  return {
    code: 'HB_BROKER_REFUSED',
    problem: `The broker ${withoutSecrets(url)} refused this client: ${why}. Check the user name and password.`,
  };
}

/** Some people put the password into the URL. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

function remoteAddressOf(client: MqttClient): string | undefined {
  const address = 'remoteAddress' in client.stream ? client.stream.remoteAddress : undefined;
  return typeof address === 'string' ? address : undefined;
}
