/** A first-in first-out queue that never grows beyond its limit: what does not fit is counted and dropped, newest first. */
export class BoundedQueue<T> {
  #items: T[] = [];
  #dropped = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** False when the queue was full and `item` was dropped. */
  push(item: T): boolean {
    if (this.#items.length >= this.limit) {
      this.#dropped++;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  /** Takes everything that waits, oldest first. */
  drain(): T[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  get length(): number {
    return this.#items.length;
  }

  /** How many items were refused since the queue was made. */
  get dropped(): number {
    return this.#dropped;
  }
}
