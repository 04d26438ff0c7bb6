/**
 * One transaction for many arrivals, in their order, and what to tell the hubs once it is committed. The batch changes only the
 * database and its own draft of presence, so a transaction that fails leaves nothing behind and can be tried again.
 */
import { ALERT_CATALOGUE } from '../../protocol/alert-catalogue.ts';
import { type EntryKind, type HeartbeatMessage, MAX_SESSION, type SilenceMessage, type StatusMessage } from '../../protocol/messages.ts';
import type { Moment } from '../hearing.ts';
import { beat, type Grace, heard, isOverdue, type Presence, silenced, silenceLimitMs, status } from '../presence.ts';
import { siteName } from '../site-name.ts';
import { clearDeskAlert, saveAlert } from '../store/alerts.ts';
import { listSiteStates } from '../store/devices.ts';
import { hasEvent, quarantine } from '../store/events.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import {
  findSession,
  findSite,
  grantAbove,
  grantSession,
  largestSession,
  presenceOf,
  saveAnchor,
  saveBirth,
  savePresence,
  saveSite,
} from '../store/sites.ts';
import { keepTicketsOf } from '../tickets/keep.ts';
import { silencesIn } from '../views.ts';
import { applyEntry } from './apply.ts';
import type { Entry, Inbound, Malformed } from './decode.ts';
import { type Gone, goneSince } from './gone.ts';
import { clockSample, nextAnchor } from './occurrence.ts';

/** `silence`: the desk asks itself whether the hub must be called silent. */
export type Arrival = { readonly at: Moment; readonly inbound: Inbound | { readonly kind: 'silence'; readonly site: string } };

export type Grant = { readonly site: string; readonly start: string; readonly ses: number };

/** `arrival`: the desk's own number of the entry. */
export type Acknowledged = { readonly id: string; readonly arrival: number };

export type BatchResult = {
  readonly presence: ReadonlyMap<string, Presence>;
  readonly grants: readonly Grant[];
  /** What to acknowledge, by site, in the order in which it came first: also what was here before. */
  readonly acks: ReadonlyMap<string, readonly Acknowledged[]>;
  readonly changedSites: ReadonlySet<string>;
  /** Of these, where what is wrong may have changed: an alert, or whether the hub is heard. */
  readonly troubledSites: ReadonlySet<string>;
  /** What the desk knew of these is over: they were forgotten. */
  readonly gone: Gone;
  readonly counts: {
    readonly entries: number;
    readonly duplicates: number;
    readonly malformed: number;
    readonly unknownSites: number;
    readonly overLimit: number;
  };
};

export type BatchSettings = {
  readonly acceptNewSites: boolean;
  /** The last deed of the desk itself that was looked at for homes that are forgotten. */
  readonly seen: number;
} & Grace;

const HUB_SILENT = 'hub-silent';
/** What else hubs tell, and that is most of it, changes no alert. */
const TELLS_OF_ALERTS: ReadonlySet<string | undefined> = new Set<EntryKind>(['alert.raised', 'alert.updated', 'alert.cleared', 'snapshot']);
/** How often the time of the last message is written while nothing else about a hub changes. */
const SEEN_EVERY_MS = 60_000;

export async function commitBatch(
  database: DeskDatabase,
  arrivals: readonly Arrival[],
  known: ReadonlyMap<string, Presence>,
  settings: BatchSettings,
): Promise<BatchResult> {
  return database.transaction().execute(async (db) => {
    const gone = await goneSince(db, known.keys(), settings.seen);
    const here = gone.sites.size === 0 ? known : new Map([...known].filter(([site]) => !gone.sites.has(site)));
    const batch = new Batch(db, here, settings);
    for (const arrival of arrivals) await batch.take(arrival);
    // They come in turns of their homes, not in their order.
    return { ...(await batch.finish(Math.max(0, ...arrivals.map(({ at }) => at.wallMs)))), gone };
  });
}

class Batch {
  readonly #db: DeskDatabase;
  readonly #known: ReadonlyMap<string, Presence>;
  readonly #settings: BatchSettings;
  readonly #presence = new Map<string, Presence>();
  readonly #grants: Grant[] = [];
  readonly #acks = new Map<string, Acknowledged[]>();
  readonly #changed = new Set<string>();
  readonly #troubled = new Set<string>();
  readonly #counts = { entries: 0, duplicates: 0, malformed: 0, unknownSites: 0, overLimit: 0 };

  constructor(db: DeskDatabase, known: ReadonlyMap<string, Presence>, settings: BatchSettings) {
    this.#db = db;
    this.#known = known;
    this.#settings = settings;
  }

  async take({ at, inbound }: Arrival): Promise<void> {
    if (inbound.kind === 'malformed') return this.#refuse(inbound, at);
    const before = await this.#presenceOf(inbound, at);
    if (before === undefined) return inbound.kind === 'silence' ? undefined : this.#refuseUnknownSite(inbound, at);
    switch (inbound.kind) {
      case 'status':
        return this.#status(inbound.site, before, inbound.message, inbound.retained, at);
      case 'heartbeat':
        return this.#heartbeat(inbound.site, before, inbound.message, at);
      case 'entry':
        return this.#entry(inbound, before, at);
      case 'silence':
        return this.#silence(inbound.site, before, at);
    }
  }

  async finish(at: number): Promise<Omit<BatchResult, 'gone'>> {
    await keepTicketsOf(this.#db, [...this.#troubled], at);
    for (const [site, presence] of this.#presence) {
      const before = this.#known.get(site);
      if (before !== undefined && !isWorthSaving(before, presence)) continue;
      await savePresence(this.#db, site, presence);
      this.#presence.set(site, { ...presence, savedAt: presence.heardAt });
    }
    for (const acks of this.#acks.values()) acks.sort((one, other) => one.arrival - other.arrival);
    return {
      presence: this.#presence,
      grants: this.#grants,
      acks: this.#acks,
      changedSites: this.#changed,
      troubledSites: this.#troubled,
      counts: this.#counts,
    };
  }

  async #status(site: string, before: Presence, message: StatusMessage, retained: boolean, at: Moment): Promise<void> {
    await this.#move(site, before, status(before, message, retained, at), at, message.s === 'online' ? message.mono : undefined);
    if (message.s === 'offline') return;
    await saveBirth(this.#db, site, message);
    // What the broker had kept may be from before a grant that this database has lost: that number would be given again, and nobody would notice. The hub's next word says which it has.
    if (!retained || (await findSession(this.#db, site, message.start))) await this.#grant(site, message.start, message.ses ?? 0, at);
    if (!retained) await this.#anchor(site, message, at);
  }

  /** A hub whose heartbeat shows another session than its start was given has missed the grant, or this desk does not know it any more. */
  async #heartbeat(site: string, before: Presence, message: HeartbeatMessage, at: Moment): Promise<void> {
    await this.#move(site, before, beat(before, message, at), at, message.mono);
    const session = await findSession(this.#db, site, message.start);
    // The first word since the desk was started: the hub must learn of that, though it has nothing to send and the grant for its retained birth was lost.
    const isFirst = before.heardListenedMs === undefined;
    if (session?.ses !== message.ses || isFirst) await this.#grant(site, message.start, message.ses, at);
    else if (await this.#hasLost(site, message)) await this.#grantAbove(site, message.start, message.ses, at);
    await this.#anchor(site, message, at);
  }

  async #anchor(site: string, message: Parameters<typeof clockSample>[0], at: Moment): Promise<void> {
    const session = await findSession(this.#db, site, message.start);
    const presence = this.#presence.get(site);
    if (session === undefined || presence === undefined) return;
    const sample = clockSample(message, at.wallMs);
    const anchorAt = nextAnchor(session.anchor_at, presence.clocks, sample);
    if (anchorAt !== session.anchor_at) await saveAnchor(this.#db, site, message.start, anchorAt);
    this.#presence.set(site, { ...presence, clocks: sample });
  }

  async #entry(entry: Entry, before: Presence, at: Moment): Promise<void> {
    await this.#move(entry.site, before, heard(before, at), at);
    const { isNew, arrival } = await applyEntry(this.#db, entry, at.wallMs, this.#counts);
    if (isNew && entry.problem) await this.#refuse(entry.problem, at);
    this.#counts[isNew ? 'entries' : 'duplicates']++;
    if (isNew) {
      this.#changed.add(entry.site);
      if (TELLS_OF_ALERTS.has(entry.content?.k)) this.#troubled.add(entry.site);
      await this.#grantAboveForeign(entry, before.start ?? entry.envelope.start, at);
    }
    const acks = this.#acks.get(entry.site) ?? [];
    acks.push({ id: entry.envelope.id, arrival });
    this.#acks.set(entry.site, acks);
  }

  /**
   * A hub that carries a session this desk never granted comes from another desk, or from before this one lost its database: all it
   * tells under a smaller number would be taken for old. A new number for the running start also brings a fresh snapshot.
   */
  async #grantAboveForeign({ site, envelope }: Entry, start: string, at: Moment): Promise<void> {
    const { ses } = envelope;
    // Mostly it carries the very number that its start was given.
    if (ses <= ((await findSession(this.#db, site, envelope.start))?.ses ?? 0)) return;
    if (ses < MAX_SESSION && ses > (await largestSession(this.#db, site))) await this.#grantAbove(site, start, ses, at);
  }

  /**
   * The hub was told of an entry of this session that it is kept here, and it is not: the database was put back to an older copy. What the hub has
   * forgotten since then is lost to the history; a new number brings a snapshot, and with it the present.
   */
  async #hasLost(site: string, { ses, outbox: { acked = [] } }: HeartbeatMessage): Promise<boolean> {
    if (ses >= MAX_SESSION) return false;
    for (const pos of acked) if (!(await hasEvent(this.#db, site, { ses, pos }))) return true;
    return false;
  }

  async #silence(site: string, before: Presence, at: Moment): Promise<void> {
    if (!isOverdue(before, at, this.#settings)) return;
    await this.#move(site, before, silenced(before, at), at);
    const [row, [state]] = [await findSite(this.#db, site), await listSiteStates(this.#db, [site])];
    const work = state && silencesIn(state).find(({ device, endsAt }) => device === undefined && endsAt > at.wallMs);
    await saveAlert(this.#db, hubSilentAlert(site, row ? siteName(row) : site, before, at, work));
  }

  /** The new presence; a hub that was silent and speaks again ends its alert. `runMs`: for how long it says that it has run. */
  async #move(site: string, before: Presence, after: Presence, at: Moment, runMs?: number): Promise<void> {
    this.#presence.set(site, after);
    if (before.phase !== after.phase) {
      this.#changed.add(site);
      this.#troubled.add(site);
    }
    if (before.phase === 'silent' && after.phase === 'online')
      await clearDeskAlert(this.#db, site, HUB_SILENT, at.wallMs, heardAgain(before, at, runMs));
  }

  async #grant(site: string, start: string, used: number, at: Moment): Promise<void> {
    this.#grants.push({ site, start, ses: await grantSession(this.#db, site, start, used, at.wallMs) });
  }

  async #grantAbove(site: string, start: string, used: number, at: Moment): Promise<void> {
    this.#grants.push({ site, start, ses: await grantAbove(this.#db, site, start, used, at.wallMs) });
  }

  /** A birth of an unknown site registers it where the broker has already checked who it is. */
  async #presenceOf(inbound: Exclude<Arrival['inbound'], Malformed>, at: Moment): Promise<Presence | undefined> {
    const known = this.#presence.get(inbound.site) ?? this.#known.get(inbound.site);
    if (known) return known;
    const isBirth = inbound.kind === 'status' && inbound.message.s === 'online';
    if (isBirth && this.#settings.acceptNewSites) await saveSite(this.#db, { id: inbound.site }, at.wallMs);
    const row = await findSite(this.#db, inbound.site);
    return row && presenceOf(row);
  }

  async #refuse(message: Malformed, at: Moment): Promise<void> {
    this.#counts.malformed++;
    const { site, topic, reason, sample, bytes } = message;
    await quarantine(this.#db, { site_id: site ?? null, topic, reason, sample, bytes, received_at: at.wallMs });
  }

  async #refuseUnknownSite(inbound: { kind: string; site: string }, at: Moment): Promise<void> {
    this.#counts.unknownSites++;
    await quarantine(this.#db, {
      site_id: inbound.site,
      topic: inbound.kind,
      reason: 'a site that is not registered',
      sample: '',
      bytes: 0,
      received_at: at.wallMs,
    });
  }
}

/** Until the hub says more itself (apply.ts). */
function heardAgain({ heardAt }: Presence, at: Moment, runMs = 0): string {
  const ranOn = heardAt !== undefined && runMs > at.wallMs - heardAt;
  return ranOn ? 'the hub was heard again. It had run all along' : 'the hub was heard again';
}

function isWorthSaving(before: Presence, after: Presence): boolean {
  const same =
    before.phase === after.phase && before.sid === after.sid && before.start === after.start && before.heartbeatS === after.heartbeatS;
  return !same || (after.heardAt ?? 0) - (before.savedAt ?? 0) >= SEEN_EVERY_MS;
}

/** Who silenced the home (`work`) is told too, and people are asked to act when that is over: planned work on a hub is no call. */
function hubSilentAlert(
  site: string,
  name: string,
  presence: Presence,
  at: Moment,
  work: SilenceMessage | undefined,
): Parameters<typeof saveAlert>[1] {
  const definition = ALERT_CATALOGUE[HUB_SILENT];
  const limitS = Math.round(silenceLimitMs(presence) / 1000);
  const goodbye = presence.goodbye === undefined ? '' : ` It had said goodbye (${presence.goodbye}).`;
  const excuse = work === undefined ? '' : ` ${work.by} silenced this home to work there: act on it only if it lasts longer than that.`;
  const text = `Nothing came from the hub for more than ${limitS} s (three heartbeats and 10 s).${goodbye} The state of every device in this home is unknown until it speaks again.${excuse}`;
  const body = {
    key: HUB_SILENT,
    code: HUB_SILENT,
    severity: definition.severity,
    title: definition.title(name),
    text,
    raisedAt: at.wallMs,
    actionableAt: Math.max(at.wallMs + definition.holdMs, work?.endsAt ?? 0),
  };
  return {
    site_id: site,
    key: HUB_SILENT,
    raised_hub_at: at.wallMs,
    ses: 0,
    pos: 0,
    code: HUB_SILENT,
    severity: definition.severity,
    device_id: null,
    raised_at: at.wallMs,
    actionable_at: body.actionableAt,
    cleared_at: null,
    cleared_because: null,
    source: 'desk',
    body: JSON.stringify(body),
    clock_offset_ms: 0,
    received_at: at.wallMs,
    late: 0,
  };
}
