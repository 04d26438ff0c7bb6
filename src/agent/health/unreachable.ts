/**
 * What cannot be reached because something on the way to it is dead: parents are judged first, and a child of a dead one is `unreachable`,
 * not `down`. Alarm panels and their like are always judged by themselves: nobody may hide one behind a forged table. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import { titleAndPlace } from '../inventory/describe.ts';
import type { Device } from '../inventory/device.ts';
import { kindTraits } from '../inventory/kinds.ts';
import { asNamedOutside } from '../inventory/personal.ts';
import { kindOf, summarise } from '../inventory/summary.ts';
import { carries, commonCarrier, type Parents } from '../inventory/wiring.ts';
import type { CheckRecord, HealthBook } from './health.ts';

export type Way = {
  readonly parents: Parents;
  readonly devices: ReadonlyMap<string, Device>;
  readonly book: HealthBook;
  readonly now: Instant;
};

/** Home boxes boot in one to two minutes, and what hangs on them finds its way back after that. */
const BOOT_MS = 120_000;
/** Silences that began so close to each other are one. */
const TOGETHER_MS = 60_000;

/** `dead`: something on the way is dead. `doubted`: something on the way is being judged. `returning`: it is just back. */
export type Trouble = { readonly what: 'dead' | 'doubted' | 'returning'; readonly reason: string };

/** The nearest trouble on the way to a device; undefined where its silence is its own. */
export function troubleOnTheWay(record: CheckRecord, { parents, devices, book, now }: Way): Trouble | undefined {
  const device = devices.get(record.deviceId);
  if (!parents.has(record.deviceId) || device === undefined || standsAlone(device)) return undefined;
  let doubted: Trouble | undefined;
  for (let id = parents.get(record.deviceId)?.id; id !== undefined; id = parents.get(id)?.id) {
    const carrier = book.get(id);
    const name = nameOf(devices.get(id));
    if (carrier === undefined) continue;
    if (carrier.state === 'down') return { what: 'dead', reason: `It is behind ${name}, which does not answer.` };
    // After a restart it is `unknown` while it is judged.
    if ((carrier.state === 'suspect' || carrier.state === 'unknown') && carrier.misses > 0)
      doubted ??= { what: 'doubted', reason: `It is behind ${name}, which does not answer just now either.` };
    if (record.state === 'unreachable' && carrier.state === 'up' && now.monoMs - carrier.since.monoMs < BOOT_MS)
      doubted ??= { what: 'returning', reason: `${name} is back; what is behind it is given time to return.` };
  }
  return doubted;
}

function standsAlone(device: Device): boolean {
  const kind = kindOf(device);
  return device.isGateway || (kind !== undefined && kindTraits(kind).criticality === 'safety');
}

function nameOf(device: Device | undefined): string {
  return device === undefined ? 'something that is gone' : titleAndPlace(asNamedOutside(summarise(device)));
}

/** Whether a device that is down fell with what it hangs on, or when that had been dead for long, and is unreachable by right. */
export function fellWithItsParent(record: CheckRecord, way: Way): boolean {
  const carrier = way.book.get(way.parents.get(record.deviceId)?.id ?? '');
  if (carrier?.state !== 'down' && carrier?.state !== 'unreachable') return false;
  return silenceOf(record) >= silenceOf(carrier) - TOGETHER_MS;
}

const silenceOf = (record: CheckRecord): number => record.silentSinceMs ?? record.since.monoMs;

/** Carriers to ask at once, because something behind them was just silent and they have not been heard since. */
export function carriersToAsk(parents: Parents, before: HealthBook, after: HealthBook): string[] {
  if (parents.size === 0) return [];
  const wanted = new Set<string>();
  for (const record of after.values()) {
    if (record.misses !== 1 || before.get(record.deviceId)?.misses === 1) continue;
    const carrier = after.get(parents.get(record.deviceId)?.id ?? '');
    if (carrier && !carrier.probing && (carrier.life?.at.monoMs ?? 0) < (record.silentSinceMs ?? 0)) wanted.add(carrier.deviceId);
  }
  return [...wanted];
}

/** Whether all of these hang on something that is silent too. */
export function haveSilentCarrier(parents: Parents, book: HealthBook, ids: ReadonlySet<string>): boolean {
  if (parents.size === 0) return false;
  const carrier = commonCarrier(parents, ids);
  return carrier !== undefined && (ids.has(carrier) || book.get(carrier)?.state === 'down');
}

/** A child that was heard well after its parent fell silent, while that one is dead, does not hang on it. */
export function isHeardWithout(book: HealthBook, child: string, parent: string): boolean {
  const carrier = book.get(parent);
  return carrier?.state === 'down' && (book.get(child)?.life?.at.monoMs ?? 0) > silenceOf(carrier) + TOGETHER_MS;
}

/** What hangs on a device, directly and further down. */
export function behind(parents: Parents, id: string): string[] {
  return [...parents.keys()].filter((child) => carries(parents, id, child));
}
