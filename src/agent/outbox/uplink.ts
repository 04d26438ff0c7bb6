/**
 * The session with the desk: says hello after each connect, waits for the desk's grant, sends what was committed and nothing else, and
 * forgets an entry only when the desk says that it has it (a broker's PUBACK says nothing of the kind). Makes no connection itself.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { every, sleep } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { LinkState, MqttLink, WireMessage } from '../../base/mqtt.ts';
import type { Random } from '../../base/random.ts';
import type {
  AckMessage,
  Acknowledgement,
  AlertMessage,
  ClockQuality,
  CommandMessage,
  GrantMessage,
  HeartbeatMessage,
  RememberedAlert,
} from '../../protocol/messages.ts';
import { downTopic, upTopic } from '../../protocol/topics.ts';
import { answered, answeredLate, type DeskRun, type EndedRuns, ended, placesNamed } from './acknowledged-places.ts';
import { type DeskTime, deskErrorMs, deskOffsetMs, learnDeskTime } from './desk-time.ts';
import { type RefusalReason, readDownMessage } from './down-message.ts';
import { encodeEntry, type Outbox, type Waiting } from './entry.ts';
import { birthText, goodbyeText, heartbeatText, type UplinkIdentity, willText } from './presence.ts';
import { SendWindow } from './send-window.ts';
import { type Snapshot, splitSnapshot } from './snapshot-parts.ts';

export type UplinkDeps = {
  readonly link: MqttLink;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly identity: UplinkIdentity;
  /** The whole present state, asked for after each new grant; on a full disk also what could not be saved yet, so that the desk is not blind for as long. */
  snapshot(): Snapshot;
  /** Devices by state, for the heartbeat. */
  counts(): HeartbeatMessage['devices'];
  /** Somebody at the desk acknowledged an alert; `at` by the wall clock of here. False where it does not fire (any more). */
  acknowledge(alert: Pick<AlertMessage, 'key' | 'raisedAt'>, acknowledged: Acknowledgement): boolean;
  /** The desk knows that this fires and was not told so any more; false where it does not belong here. */
  remember(alert: RememberedAlert): boolean;
  /** Whether the system's wall clock is synchronised, where that is known. */
  systemClock?(): 'ntp' | 'unsynced';
};

export type UplinkStatus = {
  readonly connected: boolean;
  /** The desk has answered on this connection: entries flow. */
  readonly granted: boolean;
  readonly session: number;
  readonly waiting: Waiting;
  readonly oldestAgeMs?: number;
  /** Wall time of the newest acknowledgement. */
  readonly lastAckAt?: number;
  readonly deskOffsetMs?: number;
  /** Messages from below that were not acted on, by reason. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
  /** What is wrong, in a sentence; nothing when all is well. */
  readonly problem?: string;
  readonly code?: LinkState['code'];
};

export type Uplink = {
  start(): void;
  /** Says goodbye, then closes the connection. */
  stop(): Promise<void>;
  /** Entries were committed: send them when possible. */
  notify(): void;
  status(): UplinkStatus;
  /** The desk has answered on the connection that there is. */
  isHeard(): boolean;
  /** What the wall clock is worth now: `desk` when the desk's time is known and the wall clock agrees with it. */
  clockQuality(): ClockQuality;
  /** How far the desk's clock is ahead of the wall clock, and within which error; undefined before the first grant. */
  deskOffset(): { readonly offsetMs: number; readonly errorMs: number } | undefined;
};

/** Hub and desk often come back together after a broker's restart, the desk a moment later: 1 s, 2 s, 4 s, 8 s, then every 10 s. */
const BIRTH_RETRY = { firstMs: 1_000, lastMs: 10_000 };
/** A desk that is silent for longer than this while entries are on their way is worth a word. */
const SILENT_DESK_MS = 30_000;
/** A snapshot because entries were dropped comes at most this often; after a grant it comes at once. */
const SNAPSHOT_SPACING_MS = 60_000;
/** A hub that lost its memory is given back 500 alerts, each some four times until the desk has heard that it knows. More only wears out the card. */
const COMMANDS_AN_HOUR = 2_000;
const HOUR_MS = 3_600_000;
/** A broker that no longer answers must not keep the process from ending. */
const GOODBYE_MS = 2_000;
const HEARTBEAT_EXPIRY_S = 180;
/** A wall clock that provably agrees with the desk's this well is as good as the desk's. */
const AGREEMENT_MS = 2_000;

type CommandData<K extends CommandMessage['k']> = Extract<CommandMessage, { readonly k: K }>['d'];

/** One connection to the broker. */
type Connection = {
  readonly sid: string;
  granted: boolean;
  births: number;
  bornMs: number;
  /** When the desk last answered anything. */
  answeredMs: number;
};

export function createUplink(deps: UplinkDeps): Uplink {
  const { link, outbox, clock, random, log, identity } = deps;
  const { site, start } = identity;
  const { siteName: _, ...nameless } = identity;
  const window = new SendWindow(random);
  const refused: Partial<Record<RefusalReason, number>> = {};
  let hour = { fromMs: Number.NEGATIVE_INFINITY, commands: 0 };
  let nextSid = newRandomId(random);
  let linkState: LinkState = { connected: false };
  let connection: Connection | undefined;
  let wake: Timer | undefined;
  let heart: Timer | undefined;
  let desk: DeskTime | undefined;
  /** When the desk was started, what it acknowledged of this session since, and what its runs before did; instants are the desk's. */
  let deskSince = 0;
  let deskRun: DeskRun | undefined;
  let endedRuns: EndedRuns = [];
  let lastAckAt: number | undefined;
  let lastSnapshotMs = Number.NEGATIVE_INFINITY;
  let storeProblem: string | undefined;
  let heartbeats = 0;

  const publishStatus = (payload: string): Promise<boolean> => link.publish(upTopic(site, 'status'), payload, { qos: 1, retain: true });

  function will(): { topic: string; payload: string } {
    nextSid = newRandomId(random);
    return { topic: upTopic(site, 'status'), payload: willText(nextSid) };
  }

  function onState(state: LinkState): void {
    linkState = state;
    if (state.connected && !connection) connect();
    if (!state.connected && connection) disconnect();
  }

  function connect(): void {
    const now = clock.now().monoMs;
    connection = { sid: nextSid, granted: false, births: 0, bornMs: now, answeredMs: now };
    window.restart();
    giveBirth(connection);
    heart = every(clock, identity.heartbeatS * 1000, () => guarded(beat));
  }

  function disconnect(): void {
    heart?.cancel();
    wake?.cancel();
    connection = undefined;
  }

  /** Until the desk grants, `wake` is for the next birth; from then on it is the pump's. */
  function giveBirth(current: Connection): void {
    const now = clock.now();
    current.bornMs = now.monoMs;
    void publishStatus(birthText(isJudged(current) ? identity : nameless, current.sid, now, clockQuality(), outbox.session()));
    wake?.cancel();
    const waitMs = Math.min(BIRTH_RETRY.lastMs, BIRTH_RETRY.firstMs * 2 ** current.births++);
    wake = clock.setTimer(waitMs, () => giveBirth(current));
  }

  /** A broker that is not known to be the right one by its dates too learns that a hub is there, and nothing of its house. */
  const isJudged = ({ granted }: Connection): boolean => granted || !linkState.isUndated;

  function beat(): void {
    if (!connection || !isJudged(connection)) return;
    const { sid } = connection;
    const now = clock.now();
    const { count, oldestAt } = outbox.waiting();
    const oldestAgeS = oldestAt === undefined ? 0 : ageMs(oldestAt, now.wallMs) / 1000;
    const payload = heartbeatText({
      sid,
      start,
      ses: outbox.session(),
      n: heartbeats++,
      now,
      devices: deps.counts(),
      waiting: count,
      oldestAgeS,
      acked: placesNamed(endedRuns),
    });
    void link.publish(upTopic(site, 'hb'), payload, { qos: 0, expiryS: HEARTBEAT_EXPIRY_S });
    sendSnapshotWhenDue(false);
    pump();
  }

  /** The boundary for what comes in: a full disk is told and waited out, anything else ends the process. */
  function onMessage(message: WireMessage): void {
    const read = readDownMessage(site, start, message);
    guarded(() => {
      if (read.kind === 'refused') refuse(read.why);
      else if (read.kind === 'grant') onGrant(read.grant);
      else if (read.kind === 'ack') onAck(read.ack);
      else onCommand(read.command);
    });
  }

  function guarded(work: () => void): void {
    try {
      work();
      storeProblem = undefined;
    } catch (error) {
      if (!(error instanceof HearthbeatError && error.retryable)) throw error;
      storeProblem = error.message;
      log.error(error.message, { code: error.code, fix: error.fix });
    }
  }

  function refuse(why: RefusalReason): void {
    refused[why] = (refused[why] ?? 0) + 1;
    log.debug('ignored a message from the broker', { why });
  }

  /** A desk that was started again may have been put back to an older database: it is asked whether it has what it acknowledged. */
  function noteDesk(since = 0): void {
    if (since <= deskSince) return;
    deskSince = since;
    if (deskRun) endedRuns = ended(endedRuns, deskRun);
    deskRun = undefined;
  }

  function onGrant({ ses, time, since }: GrantMessage): void {
    if (!connection) return;
    noteDesk(since);
    const now = clock.now();
    desk = learnDeskTime(desk, time, connection.bornMs, now);
    const isNew = outbox.grant(ses);
    if (isNew) {
      log.info('the desk opened a session', { session: ses });
      // All that the desk may have lost of the session before comes again with the snapshot.
      deskRun = undefined;
      endedRuns = [];
    }
    const isNamedNow = !isJudged(connection);
    connection.granted = true;
    if (isNamedNow) giveBirth(connection);
    connection.answeredMs = now.monoMs;
    sendSnapshotWhenDue(isNew);
    pump();
  }

  function onAck({ ids, arrival, time, since = deskSince }: AckMessage): void {
    if (!connection) return;
    noteDesk(since);
    const now = clock.now();
    const forgotten = outbox.acknowledge(ids);
    const sentMs = window.acknowledged(ids);
    if (sentMs !== undefined) desk = learnDeskTime(desk, time, sentMs, now);
    // It may name what was sent over the connection before this one, and entries of an earlier session: those are not asked for.
    const places = forgotten.filter(({ ses }) => ses === outbox.session()).map(({ pos }) => pos);
    // The late word of a run that is over: what it acknowledged may be lost with its database, and the one that is there now is asked.
    if (since < deskSince) endedRuns = answeredLate(endedRuns, places);
    else deskRun = answered(deskRun, arrival ?? time, places);
    lastAckAt = now.wallMs;
    connection.answeredMs = now.monoMs;
    sendSnapshotWhenDue(false);
    pump();
  }

  /** It is confirmed by the entry that shows it, and comes again until the desk has that. */
  function onCommand(command: CommandMessage): void {
    const { monoMs } = clock.now();
    if (monoMs - hour.fromMs >= HOUR_MS) hour = { fromMs: monoMs, commands: 0 };
    if (++hour.commands > COMMANDS_AN_HOUR) {
      refuse('too-many');
      return;
    }
    const isTaken = command.k === 'alert.remember' ? remember(command.d) : acknowledge(command.d);
    if (!isTaken) refuse('over');
  }

  function acknowledge({ key, raisedAt, by, at, note, plannedFor }: CommandData<'alert.acknowledge'>): boolean {
    const said = {
      by,
      at,
      where: 'desk' as const,
      ...(note === undefined ? {} : { note }),
      ...(plannedFor === undefined ? {} : { plannedFor }),
    };
    return deps.acknowledge({ key, raisedAt }, byOurClock(said));
  }

  function remember({ acknowledged, ...alert }: CommandData<'alert.remember'>): boolean {
    return deps.remember({ ...alert, ...(acknowledged ? { acknowledged: byOurClock(acknowledged) } : {}) });
  }

  function byOurClock(said: Acknowledgement): Acknowledgement {
    return { ...said, at: said.at - (deskOffset()?.offsetMs ?? 0) };
  }

  function sendSnapshotWhenDue(atOnce: boolean): void {
    const now = clock.now();
    if (!connection?.granted || !outbox.snapshotDue()) return;
    if (!atOnce && now.monoMs - lastSnapshotMs < SNAPSHOT_SPACING_MS) return;
    lastSnapshotMs = now.monoMs;
    outbox.commitSnapshot(splitSnapshot(newRandomId(random), deps.snapshot()), now, clockQuality());
  }

  /** Sends what may be sent now, the overdue first, and comes back when more may be sent. */
  function pump(): void {
    if (!connection?.granted) return;
    wake?.cancel();
    const { monoMs } = clock.now();
    const late = window.overdue(monoMs);
    for (const entry of late) send(entry);
    const room = window.room(monoMs);
    // One more than may be sent, to know whether to come back.
    const fresh = outbox.next(window.cursor, room + 1);
    for (const entry of fresh.slice(0, room)) send(entry);
    const wakeInMs = window.wakeInMs(monoMs, fresh.length > room);
    if (wakeInMs !== undefined) wake = clock.setTimer(wakeInMs, () => guarded(pump));

    function send(entry: (typeof fresh)[number]): void {
      window.sent(entry, monoMs);
      // Whether the broker took it does not matter: only the desk's acknowledgement counts, and until then it is sent again.
      void link.publish(upTopic(site, 'ev'), encodeEntry(entry), { qos: 1 });
    }
  }

  async function sayGoodbye({ sid }: Connection): Promise<void> {
    const said = new AbortController();
    const saying = publishStatus(goodbyeText(sid)).finally(() => said.abort());
    await Promise.race([saying, sleep(clock, GOODBYE_MS, said.signal)]);
  }

  function clockQuality(): ClockQuality {
    const known = deskOffset();
    if (known && Math.abs(known.offsetMs) + known.errorMs <= AGREEMENT_MS) return 'desk';
    return deps.systemClock?.() ?? 'unsynced';
  }

  function deskOffset(): { offsetMs: number; errorMs: number } | undefined {
    const now = clock.now();
    return desk && { offsetMs: Math.round(deskOffsetMs(desk, now)), errorMs: Math.round(deskErrorMs(desk, now)) };
  }

  function problem(): string | undefined {
    if (storeProblem !== undefined) return storeProblem;
    if (!connection) return linkState.problem ?? 'Not connected to the broker yet.';
    const now = clock.now().monoMs;
    const silentMs = now - Math.max(connection.answeredMs, window.waitingSinceMs ?? now);
    if (!connection.granted) return silentDesk('Connected to the broker, but no desk has answered', now - connection.answeredMs);
    return silentDesk('The desk has not acknowledged anything', silentMs);
  }

  function status(): UplinkStatus {
    const waiting = outbox.waiting();
    const words = problem();
    const offset = deskOffset();
    return {
      connected: connection !== undefined,
      granted: connection?.granted ?? false,
      session: outbox.session(),
      waiting,
      refused: { ...refused },
      ...(waiting.oldestAt === undefined ? {} : { oldestAgeMs: ageMs(waiting.oldestAt, clock.now().wallMs) }),
      ...(lastAckAt === undefined ? {} : { lastAckAt }),
      ...(offset === undefined ? {} : { deskOffsetMs: offset.offsetMs }),
      ...(words === undefined ? {} : { problem: words }),
      ...(connection || linkState.code === undefined ? {} : { code: linkState.code }),
    };
  }

  return {
    start: () =>
      link.start({ subscriptions: [downTopic(site, 'grant'), downTopic(site, 'ack'), downTopic(site, 'cmd')], will, onState, onMessage }),
    async stop() {
      const current = connection;
      disconnect();
      if (current) await sayGoodbye(current);
      await link.stop();
    },
    notify: () => guarded(pump),
    status,
    isHeard: () => connection?.granted ?? false,
    clockQuality,
    deskOffset,
  };
}

function silentDesk(what: string, ms: number): string | undefined {
  return ms < SILENT_DESK_MS ? undefined : `${what} for ${Math.round(ms / 1000)} s.`;
}

function ageMs(wallMs: number, nowMs: number): number {
  return Math.max(0, nowMs - wallMs);
}
