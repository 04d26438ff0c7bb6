/**
 * Who looked into which home: the audit of a home says what was done there, this who read it, so that a dealer sees what a desk reads of his clients. One line for each person
 * or program, home and day; lists of many homes, and what is found by a search, count for none of them.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { dropLooksBefore, saveLooks } from '../store/looks.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { dayOf, type LookAt } from './look.ts';

export type LooksDeps = { readonly clock: Clock; readonly log: Pick<Log, 'warn'>; readonly database: DeskDatabase };

/** A page that stays open asks again and again: its last look is kept this exactly. */
const EXACT_TO_MS = 10 * 60_000;
/** What was looked at within so long is written at once. It is what a power cut takes. */
const WRITE_AFTER_MS = 2_000;
/** So many wait at most while the database cannot be written. */
const MOST_WAITING = 5_000;
const DAY_MS = 86_400_000;
export const LOOKS_KEPT_DAYS = 400;

export class Looks {
  readonly #deps: LooksDeps;
  /** By person, home and day: as written last, or about to be. */
  #known = new Map<string, LookAt>();
  #day = '';
  readonly #waiting = new Map<string, LookAt>();
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(deps: LooksDeps) {
    this.#deps = deps;
  }

  note(site: string, by: string): void {
    const at = this.#deps.clock.now().wallMs;
    const day = dayOf(at);
    // Those of yesterday are of no more use here.
    if (day !== this.#day) [this.#day, this.#known] = [day, new Map()];
    const name = JSON.stringify([site, day, by]);
    const before = this.#known.get(name);
    if (before && Math.abs(at - before.lastAt) < EXACT_TO_MS) return;
    if (!this.#waiting.has(name) && this.#waiting.size >= MOST_WAITING) return;
    const look = { site, day, by, firstAt: before?.firstAt ?? at, lastAt: at };
    this.#known.set(name, look);
    this.#waiting.set(name, look);
    this.#timer ??= this.#deps.clock.setTimer(WRITE_AFTER_MS, () => void this.flush());
  }

  /** Writes what waits. What could not be written waits on; nobody is kept from reading for it. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const looks = new Map(this.#waiting);
    this.#waiting.clear();
    try {
      await this.#deps.database.transaction().execute((db) => saveLooks(db, [...looks.values()]));
      this.#isFailing = false;
    } catch (cause) {
      for (const [name, look] of looks) if (!this.#waiting.has(name)) this.#waiting.set(name, look);
      if (!this.#isFailing) this.#deps.log.warn('the desk could not write down who looked at homes', { cause: String(cause) });
      this.#isFailing = true;
    }
  }

  async tidy(): Promise<void> {
    await dropLooksBefore(this.#deps.database, dayOf(this.#deps.clock.now().wallMs - LOOKS_KEPT_DAYS * DAY_MS));
  }
}
