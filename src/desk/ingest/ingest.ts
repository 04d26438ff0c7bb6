/**
 * From the desk's MQTT connection into the store: messages wait in a bounded queue, are committed in batches, and only then answered
 * with grants and acknowledgements. What is lost before the commit is not acknowledged, so the hub sends it again. While the database is
 * away they wait, and the desk counts itself as deaf: what it cannot take in nobody has kept from it.
 */
import { type Clock, every, sleep, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { LinkState, MqttLink, WireMessage } from '../../base/mqtt.ts';
import type { AckMessage, GrantMessage } from '../../protocol/messages.ts';
import { DESK_SUBSCRIPTION, type DownChannel, downTopic, parseUpTopic, upTopic } from '../../protocol/topics.ts';
import { DESK_ITSELF } from '../access/deeds.ts';
import { Hearing, type Moment } from '../hearing.ts';
import { type Grace, heardUnstored, isOverdue, type Presence } from '../presence.ts';
import type { IngestCounts } from '../status.ts';
import { listNewestDeeds } from '../store/audit.ts';
import { DatabaseAway } from '../store/away.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { SiteRow } from '../store/schema.ts';
import { listSites, presenceOf } from '../store/sites.ts';
import { type Arrival, type BatchResult, commitBatch } from './batch.ts';
import { decode } from './decode.ts';
import { FairQueue } from './fair-queue.ts';
import { OwedBirths } from './owed-births.ts';

export type IngestSettings = {
  /** Register a site at its first birth: only where the broker checks who connects. */
  readonly acceptNewSites: boolean;
  /** How long after the desk began to listen no hub is called silent. */
  readonly graceMs: number;
  readonly batchSize: number;
  readonly batchMs: number;
  /** Of one site in one batch. */
  readonly batchPerSite: number;
  readonly queueLimit: number;
  readonly queuePerSite: number;
};

export const INGEST_DEFAULTS: IngestSettings = {
  acceptNewSites: false,
  graceMs: 150_000,
  batchSize: 2000,
  batchMs: 20,
  batchPerSite: 20,
  queueLimit: 10_000,
  queuePerSite: 2_500,
};

export type IngestDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  readonly link: MqttLink;
  /** `troubled`: of these sites where what is wrong may have changed. */
  readonly onChange: (sites: ReadonlySet<string>, troubled?: ReadonlySet<string>) => void;
};

const SILENCE_CHECK_MS = 1000;
/** What could not be stored is mostly kept off by a full disk, which stays for long. */
const BIRTHS_AGAIN_MS = 15_000;
/** The contract's limit for one acknowledgement. */
const IDS_PER_ACK = 256;
const ACK_EXPIRY_S = 60;
/** How soon a database that is away is asked again: the first time, and when it has been away for long. */
const ASK_AGAIN_MS = { first: 250, last: 5_000 } as const;

export class Ingest {
  readonly #deps: IngestDeps;
  readonly #settings: IngestSettings;
  readonly #queue: FairQueue<Arrival>;
  readonly #presence = new Map<string, Presence>();
  readonly #counts = { received: 0, entries: 0, duplicates: 0, malformed: 0, unknownSites: 0, overLimit: 0, failedBatches: 0 };
  #link: LinkState = { connected: false };
  readonly #hearing = new Hearing();
  readonly #births: OwedBirths;
  #timer: Timer | undefined;
  readonly #watches: Timer[] = [];
  #working = false;
  #problem: string | undefined;
  /** Entries could not be stored: heartbeats, which fit on a full disk, do not end that problem. */
  #owesEntries = false;
  /** Why the database cannot be asked; undefined while it can. */
  #away: string | undefined;
  /** Another desk may have heard hubs, or called them silent, while this one was not at the broker. */
  #isBlind = false;
  /** Of whom the silence is asked for and not decided yet. */
  readonly #asked = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();
  #since = 0;
  /** The last deed of the desk itself that was looked at for homes that are forgotten. */
  #seen = 0;

  constructor(deps: IngestDeps, settings: IngestSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#queue = new FairQueue({ items: settings.queueLimit, perSite: settings.queuePerSite });
    this.#births = new OwedBirths(settings.queueLimit);
  }

  async start(): Promise<void> {
    this.#since = this.#deps.clock.now().wallMs;
    for (const row of (await this.#sites()) ?? []) this.#presence.set(row.id, presenceOf(row));
    this.#deps.link.start({
      subscriptions: [DESK_SUBSCRIPTION],
      onState: (state) => this.#onState(state),
      onMessage: (message) => this.#onMessage(message),
    });
    const look = (): void => {
      this.#askForSilence();
      // Whether the database is back shows also where nothing waits to be stored.
      if (this.#away !== undefined) this.#flush();
    };
    this.#watches.push(
      every(this.#deps.clock, SILENCE_CHECK_MS, look),
      every(this.#deps.clock, BIRTHS_AGAIN_MS, () => this.#addOwedBirths()),
    );
  }

  /** Commits what waits, unless the database is away, then leaves the broker. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const watch of this.#watches) watch.cancel();
    await this.drain();
    await this.#deps.link.stop();
  }

  /** Resolves when everything that arrived so far is committed. */
  async drain(): Promise<void> {
    do {
      this.#flush();
      await this.#work;
    } while (this.#working);
  }

  /** The desk ends, and nobody waits for the database any more. */
  #isGivenUp(): boolean {
    return this.#away !== undefined && this.#stopping.signal.aborted;
  }

  /** It is there no more, and whatever comes of it is a new home's. Its last word at the broker goes too, where the desk may say so. */
  async forget(site: string): Promise<void> {
    this.#presence.delete(site);
    await this.#deps.link.publish(upTopic(site, 'status'), '', { qos: 1, retain: true });
  }

  presence(site: string): Presence | undefined {
    return this.#presence.get(site);
  }

  /** Why entries cannot be stored; undefined from when they are stored again. */
  problem(): string | undefined {
    return this.#away ?? this.#problem;
  }

  link(): LinkState {
    return this.#link;
  }

  /** Whether hubs have had their time to come back since the desk began to listen. */
  isSettled(): boolean {
    return !this.#hearing.isDeaf() && this.#now().listenedMs - this.#hearing.excusedFromMs >= this.#settings.graceMs;
  }

  counts(): IngestCounts {
    return { ...this.#counts, dropped: this.#queue.dropped };
  }

  #onState(state: LinkState): void {
    this.#hear(state.connected);
    const changed = state.connected !== this.#link.connected;
    this.#isBlind ||= changed && state.connected;
    this.#link = state;
    if (changed) this.#deps.onChange(new Set());
    if (this.#isBlind) this.#flush();
  }

  #hear(connected: boolean): void {
    this.#hearing.change(connected && this.#away === undefined, this.#deps.clock.now());
  }

  #onMessage(message: WireMessage): void {
    this.#counts.received++;
    // What a broker had kept is cleared by it: of a home that is forgotten.
    if (message.payload.byteLength === 0 && parseUpTopic(message.topic)?.channel === 'status') return;
    if (this.#stopping.signal.aborted) return;
    const arrival = { at: this.#now(), inbound: decode(message) };
    this.#births.settle(arrival);
    this.#add(arrival);
  }

  #askForSilence(): void {
    if (this.#hearing.isDeaf()) return;
    const at = this.#now();
    for (const [site, presence] of this.#presence) {
      if (this.#asked.has(site) || !isOverdue(presence, at, this.#grace())) continue;
      if (this.#add({ at, inbound: { kind: 'silence', site } })) this.#asked.add(site);
    }
  }

  #addOwedBirths(): void {
    if (this.#away === undefined) for (const birth of this.#births.take(this.#presence)) this.#add(birth);
  }

  #now(): Moment {
    return this.#hearing.at(this.#deps.clock.now());
  }

  #grace(): Grace {
    return { graceMs: this.#settings.graceMs, excusedFromMs: this.#hearing.excusedFromMs };
  }

  /** False where there is no room for it. */
  #add(arrival: Arrival): boolean {
    const isTaken = this.#queue.push(arrival.inbound.site ?? '', arrival);
    if (!isTaken) this.#giveUp(arrival);
    if (this.#queue.length >= this.#settings.batchSize) this.#flush();
    else this.#timer ??= this.#deps.clock.setTimer(this.#settings.batchMs, () => this.#flush());
    return isTaken;
  }

  /** Starts to commit what waits, unless that is under way: then the work takes along what came meanwhile. */
  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#working) return;
    this.#working = true;
    this.#work = this.#commitWaiting().finally(() => {
      this.#working = false;
      // What came in the moment between the last look and this one.
      if (this.#queue.length > 0 && !this.#isGivenUp()) this.#flush();
    });
  }

  async #commitWaiting(): Promise<void> {
    const next = async (): Promise<Arrival[]> => {
      if (this.#isBlind || this.#away !== undefined) await this.#lookAround();
      return this.#queue.take(this.#settings.batchSize, this.#settings.batchPerSite);
    };
    for (let batch = await next(); batch.length > 0; batch = await next()) {
      await this.#commit(batch);
      for (const { inbound } of batch) if (inbound.kind === 'silence') this.#asked.delete(inbound.site);
      if (this.#isGivenUp()) return;
    }
  }

  /** What another desk on the same database knows better. */
  async #lookAround(): Promise<void> {
    const rows = await this.#sites().catch((cause: unknown) =>
      this.#deps.log.error('desk could not read its homes', { cause: String(cause) }),
    );
    this.#isBlind = rows === undefined;
    const { listenedMs } = this.#now();
    for (const row of rows || []) {
      const [mine, theirs] = [this.#presence.get(row.id), presenceOf(row)];
      const isNewer = mine === undefined || (theirs.heardAt ?? 0) > (mine.heardAt ?? 0) || theirs.sinceAt > mine.sinceAt;
      if (isNewer) this.#presence.set(row.id, { ...theirs, heardListenedMs: listenedMs });
    }
  }

  /** Undefined where the database is away. */
  async #sites(): Promise<SiteRow[] | undefined> {
    try {
      // What was forgotten before is not among the homes that are read now.
      if (this.#seen === 0) this.#seen = (await listNewestDeeds(this.#deps.database, DESK_ITSELF, 1))[0]?.n ?? 0;
      const rows = await listSites(this.#deps.database);
      this.#tellBack();
      return rows;
    } catch (cause) {
      if (!(cause instanceof DatabaseAway)) throw cause;
      this.#tellAway(cause);
      return undefined;
    }
  }

  /**
   * A batch that fails is tried message by message, so that one of them cannot hold up the others. Where the database is away it is no message's fault: the batch is kept
   * until that is back. Whether it was committed at the very moment when the connection was lost nobody can tell then; what was is found to be here already.
   */
  async #commit(arrivals: readonly Arrival[]): Promise<void> {
    for (let waitMs: number = ASK_AGAIN_MS.first; ; waitMs = Math.min(2 * waitMs, ASK_AGAIN_MS.last)) {
      try {
        const settings = { ...this.#settings, ...this.#grace(), seen: this.#seen };
        const result = await commitBatch(this.#deps.database, arrivals, this.#presence, settings);
        this.#tellBack();
        if (result.counts.entries > 0 || !this.#owesEntries) this.#tellProblem(undefined);
        this.#announce(result);
        return;
      } catch (cause) {
        if (!(cause instanceof DatabaseAway)) return this.#tryEach(arrivals, cause);
        this.#tellAway(cause);
        await sleep(this.#deps.clock, waitMs, this.#stopping.signal);
        if (this.#stopping.signal.aborted) return;
      }
    }
  }

  async #tryEach(arrivals: readonly Arrival[], cause: unknown): Promise<void> {
    this.#counts.failedBatches++;
    this.#owesEntries ||= arrivals.some(({ inbound }) => inbound.kind === 'entry');
    this.#tellProblem(String(cause));
    this.#deps.log.error('desk could not commit', { messages: arrivals.length, kind: arrivals[0]?.inbound.kind, cause: String(cause) });
    const [first, ...others] = arrivals;
    if (first && others.length === 0) this.#giveUp(first);
    else for (const arrival of arrivals) await this.#commit([arrival]);
  }

  /** What cannot be stored its hub says again, but for a birth. That it was heard counts all the same: a full disk makes no hub silent. */
  #giveUp(arrival: Arrival): void {
    this.#births.owe(arrival);
    const { site = '' } = arrival.inbound;
    const presence = this.#presence.get(site);
    if (presence && provesPresence(arrival)) this.#presence.set(site, heardUnstored(presence, arrival.at));
  }

  /** Once, however long it lasts. */
  #tellAway({ message }: DatabaseAway): void {
    if (this.#away === undefined)
      this.#deps.log.error('the database is away: what hubs send waits, and is not acknowledged', { cause: message });
    this.#setAway(message);
  }

  #tellBack(): void {
    if (this.#away !== undefined) this.#deps.log.info('the database is back');
    this.#setAway(undefined);
  }

  #setAway(away: string | undefined): void {
    if (away === this.#away) return;
    this.#away = away;
    this.#hear(this.#link.connected);
    this.#deps.onChange(new Set());
  }

  /** Open pages learn of it at once. */
  #tellProblem(problem: string | undefined): void {
    if (problem === undefined) this.#owesEntries = false;
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#deps.onChange(new Set());
  }

  /** After the commit, never before: an acknowledgement lets the hub forget. */
  #announce(result: BatchResult): void {
    const times = { time: this.#deps.clock.now().wallMs, since: this.#since };
    this.#seen = result.gone.seen;
    for (const site of result.gone.sites) this.#presence.delete(site);
    for (const [site, presence] of result.presence) this.#presence.set(site, presence);
    for (const { site, start, ses } of result.grants) this.#send<GrantMessage>(site, 'grant', { v: 1, start, ses, ...times });
    for (const [site, acks] of result.acks) {
      for (let from = 0; from < acks.length; from += IDS_PER_ACK) {
        const some = acks.slice(from, from + IDS_PER_ACK);
        this.#send<AckMessage>(site, 'ack', { v: 1, ids: some.map(({ id }) => id), arrival: some.at(-1)!.arrival, ...times });
      }
    }
    for (const key of ['entries', 'duplicates', 'malformed', 'unknownSites', 'overLimit'] as const) this.#counts[key] += result.counts[key];
    if (result.changedSites.size > 0) this.#deps.onChange(result.changedSites, result.troubledSites);
  }

  #send<T>(site: string, channel: DownChannel, message: T): void {
    const options = channel === 'grant' ? ({ qos: 1 } as const) : ({ qos: 0, expiryS: ACK_EXPIRY_S } as const);
    void this.#deps.link.publish(downTopic(site, channel), JSON.stringify(message), options);
  }
}

/** What the broker had kept, and a goodbye, do not say that the hub is there now. */
function provesPresence({ inbound }: Arrival): boolean {
  if (inbound.kind === 'status') return !inbound.retained && inbound.message.s === 'online';
  return inbound.kind === 'heartbeat' || inbound.kind === 'entry';
}
