/**
 * Devices that have another address than the agent knows: until it has found them, every question to them is the pipeline's affair. Not while they are off, and nobody
 * answers in their place: then they are as silent as any.
 */
import { addressOf } from '../../src/agent/health/plan.ts';
import { deviceAt } from '../../src/agent/inventory/inventory.ts';
import type { AgentState } from '../../src/agent/state.ts';
import type { Dweller, World } from './world.ts';

/** The judge believes in a device without an address for a minute. */
const JUDGED_WITHIN_MS = 70_000;
/** The kernel has given up the old address by then. */
const GIVEN_UP_MS = 60_000;

export class Strays {
  readonly #world: World;
  /** With the address at which the agent looks for them, where it knows of one. */
  readonly #astray = new Map<Dweller, string | undefined>();
  /** Of those whose address another one took, since when. */
  readonly #nowhere = new Map<Dweller, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Those whose address changes by now. */
  move(nowMs: number): void {
    for (const dweller of this.#world.moveUpTo(nowMs)) this.#astray.set(dweller, undefined);
  }

  get isNone(): boolean {
    return this.#astray.size === 0;
  }

  has(dweller: Dweller): boolean {
    return this.#astray.has(dweller);
  }

  /** Whether what a question to it comes to is not certain. */
  isUncertain(dweller: Dweller, nowMs: number): boolean {
    if (!this.#astray.has(dweller)) return false;
    const ip = this.#astray.get(dweller);
    if (ip === undefined || this.#world.isReachable(dweller, nowMs) || nowMs - dweller.movedMs < GIVEN_UP_MS) return true;
    return this.#world.answererOf(dweller, ip) !== undefined;
  }

  /** When the next of those that are off is back. */
  returnAtMs(nowMs: number): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const { silence } of this.#astray.keys()) atMs = Math.min(atMs, silence.changesAtMs(nowMs));
    return atMs;
  }

  /** Whether the agent has known of no address for so long that it has judged that too: nothing is asked. */
  isGivenUp(dweller: Dweller, nowMs: number): boolean {
    return this.#nowhere.size > 0 && nowMs - (this.#nowhere.get(dweller) ?? nowMs) > JUDGED_WITHIN_MS;
  }

  /** Without those that the agent knows at their address by now. */
  settle({ inventory }: AgentState, nowMs: number): void {
    for (const dweller of this.#astray.keys()) {
      const device = inventory.devices.get(deviceAt(inventory, this.#world.sighting(dweller, nowMs)) ?? '');
      if (!device) continue;
      const ip = addressOf(device)?.ip;
      if (ip === dweller.ip) this.#astray.delete(dweller);
      else this.#astray.set(dweller, ip);
      if (ip !== undefined) this.#nowhere.delete(dweller);
      else if (!this.#nowhere.has(dweller)) this.#nowhere.set(dweller, nowMs);
    }
  }
}
