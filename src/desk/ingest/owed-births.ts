/**
 * Births that could not be stored, or had no room to wait. Entries come again until they are acknowledged and heartbeats are followed by others, but a hub says a birth
 * once for each connection: of a home that is not registered yet everything else would be refused until that ends, which may be months.
 */
import type { Presence } from '../presence.ts';
import type { Arrival } from './batch.ts';
import type { Inbound } from './decode.ts';

type Birth = Arrival & { readonly inbound: Extract<Inbound, { kind: 'status' }> };

export class OwedBirths {
  readonly #births = new Map<string, Birth>();
  readonly #limit: number;

  /** What comes beyond `limit` homes is not kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Anything but a birth is passed over. */
  owe(arrival: Arrival): void {
    if (!isOfConnection(arrival) || arrival.inbound.message.s !== 'online') return;
    const { site } = arrival.inbound;
    if (this.#births.size < this.#limit || this.#births.has(site)) this.#births.set(site, arrival);
  }

  /** A later word of the home about its connection stands in place of the birth. */
  settle(arrival: Arrival): void {
    if (isOfConnection(arrival)) this.#births.delete(arrival.inbound.site);
  }

  /** All of them, as what a broker had kept: they name the connection and prove nothing about now. Without those after which another connection of the hub spoke. */
  take(known: ReadonlyMap<string, Presence>): Arrival[] {
    const births = [...this.#births.values()].filter((birth) => !isOutlived(birth, known.get(birth.inbound.site)));
    this.#births.clear();
    return births.map(({ at, inbound }) => ({ at, inbound: { ...inbound, retained: true } }));
  }
}

function isOfConnection(arrival: Arrival): arrival is Birth {
  return arrival.inbound.kind === 'status';
}

function isOutlived({ at, inbound }: Birth, presence: Presence | undefined): boolean {
  return (presence?.heardAt ?? 0) > at.wallMs && presence?.sid !== inbound.message.sid;
}
