/** Who is who in a run: what a person says of each device when the hub is new, and what visitors bring, of which nobody says anything. */
import type { Device } from '../../src/agent/inventory/device.ts';
import type { Order } from '../../src/agent/inventory/order.ts';
import type { AgentState } from '../../src/agent/state.ts';
import type { Life } from './life.ts';
import type { Dweller, World } from './world.ts';

/** People do so in the first minutes. */
const FROM_MS = 5_000;

export type Named = { readonly dweller: Dweller; readonly id: string; readonly order: Order };

export class Naming {
  readonly #dwellers: readonly Dweller[];
  readonly #isWiringSaid: boolean;
  readonly #unnamed: Dweller[];
  /** By MAC. */
  readonly #guests: ReadonlyMap<string, string>;

  constructor({ dwellers }: World, { guests, household }: Life) {
    this.#dwellers = dwellers;
    this.#isWiringSaid = household.isDrawn;
    this.#unnamed = dwellers.filter(({ resident }) => !guests.has(resident.name));
    this.#guests = new Map(dwellers.flatMap(({ resident: { mac, name } }) => (guests.has(name) ? [[mac, name]] : [])));
  }

  /** The next that the hub has found. */
  next(state: AgentState, nowMs: number): Named | undefined {
    if (nowMs < FROM_MS || this.#unnamed.length === 0) return undefined;
    const found = this.#unnamed.findIndex((dweller) => idOf(dweller, state) !== undefined);
    const dweller = found < 0 ? undefined : this.#unnamed.splice(found, 1)[0];
    const id = dweller && idOf(dweller, state);
    if (!dweller || !id) return undefined;
    const { kind, name, behind } = dweller.resident;
    const carrier = this.#isWiringSaid ? this.#dwellers.find(({ resident }) => resident.name === behind) : undefined;
    const carrierId = carrier && idOf(carrier, state);
    const order = { do: 'set' as const, device: id, set: { kind, name, ...(carrierId ? { behind: carrierId } : {}) } };
    return { dweller, id, order };
  }

  guestsAmong(devices: readonly Device[]): { readonly id: string; readonly name: string }[] {
    if (this.#guests.size === 0) return [];
    return devices.flatMap(({ id, addresses }) => {
      const name = this.#guests.get(addresses[0]?.mac ?? '');
      return name === undefined ? [] : [{ id, name }];
    });
  }

  /** Whether the next is a matter of moments: who has not been found yet may be out for days. */
  isBusy(state: AgentState, nowMs: number): boolean {
    return nowMs < FROM_MS || this.#unnamed.some((dweller) => idOf(dweller, state) !== undefined);
  }
}

function idOf({ resident: { mac } }: Dweller, { summaries }: AgentState): string | undefined {
  for (const summary of summaries.values()) if (summary.macs.includes(mac)) return summary.id;
  return undefined;
}
