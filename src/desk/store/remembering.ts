/**
 * What a transaction has read once it need not read again: transactions take turns, so nobody else changes it meanwhile. Who changes it within the transaction says so.
 */
import type { DeskDatabase } from './migrations.ts';

export class Remembering<V> {
  readonly #read = new WeakMap<DeskDatabase, Map<string, V>>();

  /** Outside of a transaction it is read each time. */
  async get(db: DeskDatabase, key: string, read: () => Promise<V>): Promise<V> {
    if (!db.isTransaction) return read();
    const known = this.#of(db);
    if (!known.has(key)) known.set(key, await read());
    return known.get(key) as V;
  }

  /** It changes now. */
  forget(db: DeskDatabase, key: string): void {
    this.#read.get(db)?.delete(key);
  }

  #of(db: DeskDatabase): Map<string, V> {
    const known = this.#read.get(db) ?? new Map<string, V>();
    this.#read.set(db, known);
    return known;
  }
}
