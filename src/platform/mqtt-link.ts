/**
 * The MQTT connection over mqtt.js: one client for each attempt, so that its stores, queues and fixed reconnect period never come into
 * play (it drops what is published while its store is replayed, MQTT.js issue 2015). What must not be lost is kept by the outbox.
 */
import mqtt, { type IClientOptions, MqttClient } from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import { Reconnection } from '../base/backoff.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LinkHandlers, LinkState, MqttLink } from '../base/mqtt.ts';
import { withoutAccount } from '../base/mqtt-names.ts';
import { present } from '../base/present.ts';
import type { Random } from '../base/random.ts';
import { connectUndated, faultOfDates, type UnsureClock, type Validity } from './undated-certificate.ts';

export type MqttLinkOptions = {
  /** `mqtt://` or `mqtts://`, tried in turn. */
  readonly urls: readonly string[];
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM text of the authority that signed the broker's certificate; without it the system's authorities count. */
  readonly ca?: string;
  /** For a hub whose clock may be wrong; of use with `ca` alone. */
  readonly unsureClock?: UnsureClock;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

type ProtocolVersion = 4 | 5;
type Attempt = {
  readonly url: string;
  readonly client: MqttClient;
  readonly pending: Set<(sent: boolean) => void>;
  readonly isUndated: boolean;
  /** Of a certificate whose dates are still to be judged. */
  validity?: Validity | undefined;
  over: boolean;
};
type Failure = {
  readonly problem: string;
  readonly code: NonNullable<LinkState['code']>;
  readonly speaksOlder?: boolean;
  /** Of the broker's certificate only the dates are known to be wrong, by the clock of this machine. */
  readonly isOfDates?: boolean;
};

const MQTTS_PORT = 8883;
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
  const reconnection = new Reconnection(random);
  let isConnected = false;
  /** The next attempt leaves the dates of the broker's certificate to the desk's time. */
  let withoutDates = false;
  let toldProblem: string | undefined;

  function connect(): void {
    if (!handlers) return;
    reconnection.begun(clock.now().monoMs);
    const url = urls[attempts++ % urls.length] as string;
    const settings = clientOptions(options, versions.get(url) ?? 5, handlers.will?.());
    const client = withoutDates ? undatedClient(url, settings) : mqtt.connect(url, settings);
    const attempt: Attempt = { url, client, pending: new Set(), isUndated: withoutDates, over: false };
    withoutDates = false;
    current = attempt;
    client.on('connect', () => subscribe(attempt));
    client.on('message', (topic, payload, packet) => {
      const told = (): void => {
        if (!attempt.over) handlers?.onMessage({ topic, payload, retained: packet.retain });
      };
      if (attempt.validity) judgeDates(attempt, attempt.validity, told);
      else told();
    });
    // Without a listener a refused connection ends the process; it stays on after the attempt is over.
    client.on('error', (error) => fail(attempt, explain(url, error)));
    client.on('close', () => fail(attempt, unreachable(url, isConnected ? 'the connection was lost' : 'no answer')));
  }

  /** Everything but the dates of its certificate is verified before it is told a word. */
  function undatedClient(url: string, settings: IClientOptions): MqttClient {
    const { hostname, port, username, password } = new URL(url);
    const own = { ...(username ? { username: decodeURIComponent(username), password: decodeURIComponent(password) } : {}), ...settings };
    return new MqttClient(
      (client) =>
        connectUndated({
          host: hostname.replace(/^\[|\]$/g, ''),
          port: Number(port) || MQTTS_PORT,
          ca: options.ca as string,
          clock: options.unsureClock as UnsureClock,
          onVerified: (validity) => {
            if (current?.client === client) current.validity = validity;
          },
          onRefused: (fault) => client.emit('error', fault),
        }),
      own,
    );
  }

  /** `told` may bring the desk's time: the broker that passed it on must have been valid then, or what is answered stays here. */
  function judgeDates(attempt: Attempt, validity: Validity, told: () => void): void {
    const { unsureClock } = options;
    attempt.client.stream.cork();
    told();
    if (unsureClock?.deskNow() !== undefined) {
      attempt.validity = undefined;
      const fault = faultOfDates(validity, unsureClock);
      if (fault) fail(attempt, explain(attempt.url, fault));
    }
    attempt.client.stream.uncork();
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
    isConnected = true;
    reconnection.connected(clock.now().monoMs);
    toldProblem = undefined;
    const remoteAddress = remoteAddressOf(attempt.client);
    log.info('connected to the broker', { url: attempt.url, mqtt: versions.get(attempt.url) === 4 ? '3.1.1' : '5' });
    const isUndated = attempt.validity !== undefined && options.unsureClock?.deskNow() === undefined;
    handlers?.onState({ connected: true, isUndated, ...present({ remoteAddress }) });
  }

  function fail(attempt: Attempt, failure: Failure): void {
    if (!end(attempt)) return;
    isConnected = false;
    if (failure.speaksOlder && versions.get(attempt.url) !== 4) {
      versions.set(attempt.url, 4);
      tryAgainAtOnce(failure, false);
      return;
    }
    const { unsureClock, ca } = options;
    if (!failure.isOfDates || attempt.isUndated || !unsureClock || ca === undefined) wait(failure);
    else
      void unsureClock.isUnset().then((isUnset) => {
        if (isUnset) tryAgainAtOnce(failure, true);
        else wait(failure);
      });
  }

  /** Where that would be one attempt too many it waits as after any failure, and begins with a strict look again. */
  function tryAgainAtOnce(failure: Failure, isUndated: boolean): void {
    if (!reconnection.mayBegin(clock.now().monoMs)) {
      wait(failure);
      return;
    }
    withoutDates = isUndated;
    attempts--;
    retry = clock.setTimer(0, connect);
  }

  function wait({ problem, code }: Failure): void {
    if (!handlers) return;
    const waitMs = reconnection.ended(clock.now().monoMs);
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
    if (!attempt || !isConnected) return Promise.resolve(false);
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
    await closed(attempt.client, !isConnected);
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
  if (typeof code !== 'number') return { ...unreachable(url, wordsFor(url, error, code)), isOfDates: DATES.has(String(code)) };
  if (WRONG_VERSION.has(code)) return { ...refusal(url, 'it does not speak this version of MQTT'), speaksOlder: true };
  return REFUSED.has(code)
    ? refusal(url, error.message.replace(/^Connection refused: /, '').toLowerCase())
    : unreachable(url, error.message);
}

/** OpenSSL names one fault where there are several, so what is right with the certificate is verified anew. */
const DATES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no name server knows that name',
  EAI_AGAIN: 'no name server answers',
  ECONNREFUSED: 'nothing listens on that port',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that network',
  CERT_HAS_EXPIRED: 'its certificate has expired, unless the clock of this machine is wrong',
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
  return { code: 'HB_BROKER_UNREACHABLE', problem: `The broker ${withoutAccount(url)} cannot be reached: ${why}.` };
}

function refusal(url: string, why: string): Failure {
  return {
    code: 'HB_BROKER_REFUSED',
    problem: `The broker ${withoutAccount(url)} refused this client: ${why}. Check the user name and password.`,
  };
}

function remoteAddressOf(client: MqttClient): string | undefined {
  const address = 'remoteAddress' in client.stream ? client.stream.remoteAddress : undefined;
  return typeof address === 'string' ? address : undefined;
}
