/** Keeps the truth of one hub, which nobody in the path sees: what it committed, in which order, and when. Notes at once where the hub itself breaks a promise. */
import type { Database } from 'better-sqlite3';
import type { AlertMessage, EntryBody, EntryKind } from '../../src/protocol/messages.ts';
import type { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { textOf } from './home.ts';
import type { Happened } from './hub.ts';
import type { Process } from './machine.ts';

/** One entry that was put into the outbox. */
export type Truth = {
  readonly id: string;
  readonly kind: EntryKind;
  readonly start: string;
  readonly ses: number;
  readonly pos: number;
  /** Its place among all entries of the hub, as they came to be. */
  readonly n: number;
  readonly atMs: number;
  /** It came after an image was put back and before the next grant: its number was used before. */
  readonly hasUsedNumber: boolean;
};

export type LostEvent = { readonly site_id: string; readonly id: string; readonly kind: string; readonly body: string };

const MINUTE_MS = 60_000;
const MOST_ATTEMPTS = 6;
/** The virtual clock is exact but for rounding. */
const SLACK_MS = 5;
/** `{"v":1,"id":"`: where the id stands in an entry on the wire. */
const ID_FROM = 13;
const ID_TO = ID_FROM + 26;

export class HubWitness {
  isHealing = false;
  readonly entries = new Map<string, Truth>();
  /** Ids that ticks committed, in order. */
  readonly committedIds: string[] = [];
  /** Those whose only copy was lost with a card, or with a database of the desk. */
  readonly lost = new Set<string>();
  /** What told of dropped entries and was lost with a database of the desk. */
  readonly lostGaps: EntryBody<'gap'>[] = [];
  /** Occurrences of alerts: key and instant of raising. */
  readonly raised = new Set<string>();
  readonly broken: string[] = [];
  /** When each birth and heartbeat left, by its text. */
  readonly sentAtMs = new Map<string, number>();
  readonly #time: VirtualClock;
  readonly #heartbeatMs: number;
  readonly #note: (what: string) => void;
  #start = '';
  #saved: string | undefined;
  #savedInImage: string | undefined;
  #pending: { readonly step: Happened; readonly ids: string[] } | undefined;
  #usedSession: number | undefined;
  /** Of the newest entry on the card. */
  #session = 0;
  #attempts: number[] = [];
  #beat: { readonly process: Process; readonly sid: string; readonly monoMs: number } | undefined;
  #wasStopped = false;

  constructor(time: VirtualClock, heartbeatS: number, note: (what: string) => void) {
    this.#time = time;
    this.#heartbeatMs = heartbeatS * 1000;
    this.#note = note;
  }

  /** A process began; `home` is what it found on its card: all of the last tick that was under way when the one before died, or nothing of it. */
  started(start: string, home: string, db: Database): void {
    this.#note(`starts ${start.slice(-4)}`);
    this.#start = start;
    this.#attempts = [];
    this.#settlePending(home, db);
    if (this.#saved !== undefined && home !== this.#saved) this.#breaks(`I5: its card holds [${home}] instead of [${this.#saved}]`);
    this.#saved = home;
  }

  /** What a full disk refuses, and what waits behind it, counts as raised: a snapshot may tell it before it is saved. */
  happened({ change }: Happened): void {
    for (const alert of change.alerts) this.raised.add(occurrenceOf(alert));
  }

  committing(step: Happened): void {
    this.#pending = { step, ids: [] };
  }

  inserted(id: string, ses: number, kind: string, pos: number): void {
    if (ses < this.#session) this.#breaks(`I6: an entry is numbered (${ses}, ${pos}) after ${this.#session}`);
    this.#session = ses;
    const hasUsedNumber = this.#usedSession === ses;
    if (!hasUsedNumber) this.#usedSession = undefined;
    const atMs = this.#pending?.step.atMs ?? this.#now();
    const truth = { id, kind: kind as EntryKind, start: this.#start, ses, pos, n: this.entries.size, atMs, hasUsedNumber };
    this.entries.set(id, truth);
    this.#pending?.ids.push(id);
  }

  committed(ids: readonly string[]): void {
    const { step } = this.#pending ?? {};
    this.#pending = undefined;
    this.committedIds.push(...ids);
    if (!step) return;
    this.#saved = textOf(step.home);
    this.#note(`commits ${step.change.entries.map(({ kind }) => kind).join('+')}`);
  }

  refused(): void {
    this.#pending = undefined;
    this.#note('disk full');
  }

  died(): void {
    this.#note('dies');
  }

  /** How much had been committed by then. */
  imageTaken(): number {
    this.#note('image taken');
    this.#savedInImage = this.#saved;
    return this.committedIds.length;
  }

  /** The card is put back to what it was at `takenAt`: what neither it nor the desk has is lost. */
  restored(takenAt: number, session: number, isAtDesk: (id: string) => boolean): void {
    this.#note('image put back');
    this.#pending = undefined;
    this.#saved = this.#savedInImage;
    this.#usedSession = session;
    this.#session = session;
    for (const id of this.committedIds.slice(takenAt)) if (!isAtDesk(id)) this.lost.add(id);
  }

  /** The desk's database was put back to before it knew these. */
  lostAtDesk(events: readonly LostEvent[]): void {
    for (const { id, kind, body } of events) {
      this.lost.add(id);
      if (kind === 'gap') this.lostGaps.push(JSON.parse(body) as EntryBody<'gap'>);
    }
  }

  attempted(): void {
    const now = this.#now();
    this.#attempts = [...this.#attempts.filter((at) => at > now - MINUTE_MS), now];
    if (this.#attempts.length > MOST_ATTEMPTS) this.#breaks(`I20: ${this.#attempts.length} attempts to connect within a minute`);
  }

  /** Before a message leaves. */
  publishing(topic: string, payload: string, db: Database, process: Process): void {
    if (topic.endsWith('/ev')) this.#checkEntry(payload, db);
    else this.sentAtMs.set(payload, this.#now());
    if (topic.endsWith('/hb')) this.#checkBeat(payload, process);
  }

  stopped(): void {
    this.#note('stopped for a while');
    this.#wasStopped = true;
  }

  #settlePending(home: string, db: Database): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending) return;
    const there = db.prepare<[string], number>('SELECT 1 FROM outbox WHERE id = ?').pluck();
    const kept = pending.ids.filter((id) => there.get(id) !== undefined);
    const isSaved = home === textOf(pending.step.home);
    if (isSaved && (kept.length > 0 || home !== this.#saved)) this.#recover(pending.step, pending.ids, kept);
    else if (kept.length > 0) this.#breaks(`I5: ${kept.length} entries of a tick are on the card, and what they tell is not`);
  }

  #recover(step: Happened, ids: readonly string[], kept: readonly string[]): void {
    if (kept.length < step.change.entries.length && kept.length < ids.length)
      this.#breaks('I5: what a tick changed is on the card, and its entries are not');
    this.#pending = { step, ids: [] };
    this.committed(kept);
  }

  #checkEntry(payload: string, db: Database): void {
    const id = payload.slice(ID_FROM, ID_TO);
    const isPending = db.inTransaction || this.#pending?.ids.includes(id) === true;
    if (isPending || !this.entries.has(id)) this.#breaks(`I5: ${id} left before it was committed`);
  }

  /** Steps of the wall clock move no timer. */
  #checkBeat(payload: string, process: Process): void {
    const { sid } = JSON.parse(payload) as { sid: string };
    const { monoMs } = process.clock.now();
    const before = this.#beat;
    this.#beat = { process, sid, monoMs };
    const wasStopped = this.#wasStopped;
    this.#wasStopped = false;
    if (before?.sid !== sid || before.process !== process || wasStopped) return;
    const lateMs = Math.abs(monoMs - before.monoMs - this.#heartbeatMs);
    if (lateMs > SLACK_MS) this.#breaks(`I18: a heartbeat came ${Math.round(lateMs)} ms off its time`);
  }

  #breaks(what: string): void {
    this.broken.push(what);
  }

  #now(): number {
    return this.#time.now().monoMs;
  }
}

export function occurrenceOf({ key, raisedAt }: Pick<AlertMessage, 'key' | 'raisedAt'>): string {
  return `${key}@${raisedAt}`;
}
