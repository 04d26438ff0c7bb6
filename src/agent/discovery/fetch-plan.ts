/**
 * Which descriptions are fetched when: each location of a device once in ten minutes, a few of one device, a few at a time. A device that
 * announces thousands of locations, or answers slowly, costs a bounded number of connections. Pure but for its own state.
 */
import type { FetchTarget } from './fetch-guard.ts';

export type Fetch = {
  readonly interface: string;
  readonly localAddress: string;
  readonly ip: string;
  readonly location: string;
  readonly target: FetchTarget;
};

const AGAIN_AFTER_MS = 10 * 60_000;
const LIMITS = { inFlight: 4, waiting: 256, locationsPerDevice: 4, devices: 1024 } as const;

export class FetchPlan {
  /** Device, then location, to when it was last wanted. */
  readonly #wanted = new Map<string, Map<string, number>>();
  #waiting: Fetch[] = [];
  #inFlight = 0;

  /** False when it is known already or does not fit. */
  want(fetch: Fetch, nowMs: number): boolean {
    const device = `${fetch.interface} ${fetch.ip}`;
    const locations = this.#wanted.get(device) ?? new Map<string, number>();
    for (const [location, at] of locations) if (nowMs - at >= AGAIN_AFTER_MS) locations.delete(location);
    if (locations.has(fetch.location) || locations.size >= LIMITS.locationsPerDevice) return false;
    if (this.#waiting.length >= LIMITS.waiting || !this.#hasRoomFor(device, nowMs)) return false;
    this.#wanted.set(device, locations.set(fetch.location, nowMs));
    this.#waiting.push(fetch);
    return true;
  }

  /** The next to begin, when one may begin; tell `done` when it ended. */
  next(): Fetch | undefined {
    if (this.#inFlight >= LIMITS.inFlight) return undefined;
    const fetch = this.#waiting.shift();
    if (fetch) this.#inFlight++;
    return fetch;
  }

  done(): void {
    this.#inFlight--;
  }

  /** Whether nothing waits and nothing runs. */
  get idle(): boolean {
    return this.#inFlight === 0 && this.#waiting.length === 0;
  }

  clear(): void {
    this.#waiting = [];
    this.#wanted.clear();
  }

  #hasRoomFor(device: string, nowMs: number): boolean {
    if (this.#wanted.has(device) || this.#wanted.size < LIMITS.devices) return true;
    for (const [old, locations] of this.#wanted) {
      if ([...locations.values()].every((at) => nowMs - at >= AGAIN_AFTER_MS)) return this.#wanted.delete(old);
    }
    return false;
  }
}
