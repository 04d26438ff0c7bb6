/**
 * Keeps the picture of the home on a broker of the house. The broker itself is asked at each connect what it still keeps of this hub
 * (decision 0028): what is right is left alone, what is missing is sent, what is no more is taken away. It has told all when the hub's own
 * first word comes back to it, which a broker hands out behind what it kept. Writes nothing to the disk.
 */
import { type Clock, every, sleep, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { LinkState, MqttLink, WireMessage } from '../../base/mqtt.ts';
import type { Random } from '../../base/random.ts';
import type { MirrorFrame } from './pages.ts';
import { BLANK, type House, type Publication, publications, redraw } from './picture.ts';
import { availabilityTopic, homeAssistantTopic, isOwnTopic, type MirrorPlace, mirrorSubscriptions } from './place.ts';

export type MirrorDeps = {
  readonly link: MqttLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly frame: MirrorFrame;
  /** False: everything is taken away, and then it ends. */
  readonly isShown: boolean;
  /** Where it was shown on this broker before, and is to be taken away. */
  readonly former?: MirrorPlace;
  house(): House;
  /** The broker keeps what is shown, and nothing else, for the first time. */
  onSettled(): void;
};

export type MirrorStatus = {
  readonly connected: boolean;
  readonly isShown: boolean;
  /** Everything was taken away, and it has ended. */
  readonly isDone: boolean;
  /** Texts that the broker has acknowledged, or had kept, as they are now; and those that are still on their way. */
  readonly kept: number;
  readonly waiting: number;
  /** Retained messages below this hub's topics that no hub can have made, for their number or the length of their topic, and that are left alone. */
  readonly ignored: number;
  readonly problem?: string;
  readonly code?: LinkState['code'];
};

export type Mirror = { start(): void; stop(): Promise<void>; status(): MirrorStatus };

/** How often it is looked what changed. */
const LOOK_MS = 1_000;
/** Hubs that come back together do not speak together. */
const SETTLE_MS = 2_000;
const JITTER_MS = 3_000;
/** Home Assistant that has just started has better things to do; and as anybody on the broker can say that it has, it is heeded once a minute. */
const BIRTH_JITTER_MS = 10_000;
const BETWEEN_BIRTHS_MS = 60_000;
/** Below the receive maximum of any broker (mosquitto: 20). */
const AT_ONCE = 16;
const AFTER_REFUSAL_MS = 60_000;
const SILENT_BROKER_MS = 30_000;
/** A broker that has not told by then what it keeps is shown the house all the same. */
const UNTOLD_MS = 30_000;
const GOODBYE_MS = 2_000;
/** Of a broker on which somebody else fills this hub's topics, no more than this is remembered: a full house of 1,000 devices, twice. */
const LEFTOVERS = 4_096;
/** Twice what the topics of any hub need; MQTT allows 65,535 bytes (MQTT 5, 1.5.4). */
const LONGEST_TOPIC = 256;

/** Texts by topic; undefined for one that is not as it is to be. */
type Kept = Map<string, string | undefined>;

/** One connection to the broker. */
type Connection = {
  /** What the broker keeps of this hub, as far as it is known. */
  readonly kept: Kept;
  readonly sinceMs: number;
  /** Nothing that it kept is still on its way here. */
  hasToldAll: boolean;
  dueAtMs: number;
  sendingSinceMs: number | undefined;
  /** When all is to be sent again, for Home Assistant has started; and when that was done last. */
  againAtMs: number | undefined;
  sentAgainAtMs: number;
};

export function createMirror(deps: MirrorDeps): Mirror {
  const { link, clock, random, log, frame, isShown, former } = deps;
  const { place } = frame;
  const places = former ? [place, former] : [place];
  let picture = BLANK;
  let linkState: LinkState = { connected: false };
  let connection: Connection | undefined;
  /** What the broker told before it took the subscription, as it may (MQTT 5, 3.8.4). */
  let early: Kept = new Map();
  let looking: Timer | undefined;
  let refused: string | undefined;
  let ignored = 0;
  let isSettled = false;
  let isDone = false;

  /** The first word on a connection; empty where the house is shown no more. */
  const greeting = isShown ? 'online' : '';

  const announce = (word: typeof greeting | 'offline'): Promise<boolean> =>
    link.publish(availabilityTopic(place), word, { qos: 1, retain: true });

  function onState(state: LinkState): void {
    linkState = state;
    if (!state.connected) disconnect();
    else if (!connection) connect();
  }

  function connect(): void {
    connection = {
      kept: early,
      sinceMs: clock.now().monoMs,
      hasToldAll: false,
      dueAtMs: inMs(SETTLE_MS, JITTER_MS),
      sendingSinceMs: undefined,
      againAtMs: undefined,
      sentAgainAtMs: Number.NEGATIVE_INFINITY,
    };
    early = new Map();
    refused = undefined;
    void announce(greeting);
  }

  function disconnect(): void {
    connection = undefined;
    early = new Map();
  }

  const inMs = (atLeastMs: number, jitterMs: number): number => clock.now().monoMs + atLeastMs + random.fraction() * jitterMs;

  /** Only what the broker had kept, the hub's own first word, and what Home Assistant says of itself now, are listened to. */
  function onMessage(message: WireMessage): void {
    if (message.retained) hearKept(message);
    else if (connection) hearNow(connection, message);
  }

  function hearNow(current: Connection, { topic, payload }: WireMessage): void {
    const text = textOf(payload);
    if (topic === availabilityTopic(place) && text === greeting) current.hasToldAll = true;
    if (topic === homeAssistantTopic(place) && isShown && text === 'online') noteBirth(current);
  }

  function hearKept({ topic, payload }: WireMessage): void {
    if (payload.length === 0 || !places.some((own) => isOwnTopic(own, topic))) return;
    if (isShown && topic === availabilityTopic(place)) return;
    noteKept(connection?.kept ?? early, topic, payload);
  }

  /** What was sent on this connection is newer. */
  function noteKept(kept: Kept, topic: string, payload: Uint8Array): void {
    if (kept.has(topic)) return;
    if (kept.size >= LEFTOVERS || topic.length > LONGEST_TOPIC) {
      ignored++;
      return;
    }
    const wanted = picture.topics.get(topic);
    kept.set(topic, wanted !== undefined && wanted === textOf(payload) ? wanted : undefined);
  }

  function noteBirth(current: Connection): void {
    current.againAtMs ??= Math.max(inMs(0, BIRTH_JITTER_MS), current.sentAgainAtMs + BETWEEN_BIRTHS_MS);
  }

  function sendAllAgain(current: Connection, nowMs: number): void {
    for (const topic of current.kept.keys()) current.kept.set(topic, undefined);
    current.againAtMs = undefined;
    current.sentAgainAtMs = nowMs;
  }

  function look(): void {
    if (isShown) picture = redraw(picture, deps.house(), frame);
    const nowMs = clock.now().monoMs;
    if (!connection || connection.sendingSinceMs !== undefined || nowMs < connection.dueAtMs) return;
    if (!connection.hasToldAll && nowMs < connection.sinceMs + UNTOLD_MS) return;
    if (connection.againAtMs !== undefined && nowMs >= connection.againAtMs) sendAllAgain(connection, nowMs);
    const todo = publications(connection.kept, picture.topics);
    if (todo.length > 0) void send(connection, todo);
    else if (connection.hasToldAll) settle();
  }

  function settle(): void {
    if (!isSettled) deps.onSettled();
    isSettled = true;
    if (!isShown) void finish();
  }

  /** The order holds: what goes away is gone before anything new is there. */
  async function send(current: Connection, todo: readonly Publication[]): Promise<void> {
    for (let i = 0; i < todo.length && connection === current; i += AT_ONCE) {
      current.sendingSinceMs = clock.now().monoMs;
      const taken = await Promise.all(todo.slice(i, i + AT_ONCE).map((publication) => publish(current, publication)));
      const failed = todo[i + taken.indexOf(false)];
      if (!taken.includes(false) || connection !== current || !failed) continue;
      refuse(current, failed.topic);
      break;
    }
    current.sendingSinceMs = undefined;
  }

  async function publish({ kept }: Connection, { topic, text }: Publication): Promise<boolean> {
    const isTaken = await link.publish(topic, text, { qos: 1, retain: true });
    if (isTaken && text === '') kept.delete(topic);
    else if (isTaken) kept.set(topic, text);
    return isTaken;
  }

  function refuse(current: Connection, topic: string): void {
    const words = `The broker does not take ${topic}: does it let this user write there?`;
    if (refused !== words) log.warn(words);
    refused = words;
    current.dueAtMs = clock.now().monoMs + AFTER_REFUSAL_MS;
  }

  async function finish(): Promise<void> {
    isDone = true;
    connection = undefined;
    looking?.cancel();
    log.info('The mirror has taken away what it showed: its settings may go too.');
    await link.stop();
  }

  function problem(): string | undefined {
    if (isDone) return undefined;
    if (!connection) return linkState.problem ?? 'Not connected to the broker of the mirror yet.';
    if (refused !== undefined) return refused;
    if (!connection.hasToldAll && clock.now().monoMs >= connection.sinceMs + UNTOLD_MS)
      return `The broker does not tell what it keeps below ${place.topic}/${place.site}/: does it let this user read there?`;
    const silentMs = connection.sendingSinceMs === undefined ? 0 : clock.now().monoMs - connection.sendingSinceMs;
    return silentMs < SILENT_BROKER_MS
      ? undefined
      : `The broker of the mirror has not acknowledged anything for ${Math.round(silentMs / 1000)} s.`;
  }

  return {
    start() {
      look();
      const will = (): { topic: string; payload: string } => ({ topic: availabilityTopic(place), payload: 'offline' });
      link.start({ subscriptions: [...new Set(places.flatMap(mirrorSubscriptions))], ...(isShown ? { will } : {}), onState, onMessage });
      looking = every(clock, LOOK_MS, look);
    },
    async stop() {
      looking?.cancel();
      if (isDone) return;
      const said = new AbortController();
      if (connection && isShown)
        await Promise.race([announce('offline').finally(() => said.abort()), sleep(clock, GOODBYE_MS, said.signal)]);
      disconnect();
      await link.stop();
    },
    status() {
      const words = problem();
      const kept = connection?.kept ?? new Map();
      return {
        connected: connection !== undefined,
        isShown,
        isDone,
        kept: [...kept.values()].filter((text) => text !== undefined).length,
        waiting: publications(kept, picture.topics).length,
        ignored,
        ...(words === undefined ? {} : { problem: words }),
        ...(linkState.code === undefined ? {} : { code: linkState.code }),
      };
    },
  };
}

const textOf = (payload: Uint8Array): string => Buffer.from(payload).toString('utf8');
