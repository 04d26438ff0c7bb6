/**
 * Addresses that change in a house: a lease that ran out while its owner was off, one that is given anew in full use, and a router that forgot all leases when it
 * started again. Some take an address that another has just left. The device stays the same one, and no message may be about it. Drawn from a stream of its own.
 */
import type { DeviceKind } from '../../src/agent/inventory/kinds.ts';
import type { Random } from '../../src/base/random.ts';
import { LAN, type Resident } from './household.ts';
import { type Life, type Move, timesIn } from './life.ts';
import { spellAt } from './spells.ts';

/** `lease`: a month for each device that has one. `forgotten`: of the router's starts. An estimate. */
export const MOVES = { lease: 0.06, forgotten: 0.1 } as const;

type MoveRates = { readonly [move in keyof typeof MOVES]: number };

const MINUTE_MS = 60_000;
/** What an installer gives an address by hand. */
const FIXED: ReadonlySet<DeviceKind> = new Set([
  'router',
  'switch',
  'access-point',
  'nvr',
  'nas',
  'controller',
  'alarm-panel',
  'ups',
  'camera',
]);
/** Between the residents' first addresses and those of visitors. */
const FIRST_FREE = 60;
const FREE = 48;
/** Of those with a lease, that ask for a new one soon after the router is back; the others keep theirs until it runs out. */
const ASKS_AT_ONCE = 0.6;
/** A name service announces itself at a new address (RFC 6762, 8.4); what has none says nothing. */
const TELLS = 0.6;
const TAKES_LEFT_ONE = 0.3;

export function withMoves(life: Life, random: Random, rates: MoveRates = MOVES): Life {
  const { residents, gateway } = life.household;
  const leased = residents.filter(({ kind, name }) => !FIXED.has(kind) && !life.guests.has(name));
  const one = (): Resident => leased[Math.floor(random.fraction() * leased.length)] as Resident;
  const single = timesIn(life.untilMs, random)(rates.lease * leased.length).map((atMs) => ({ atMs, device: one().name }));
  const starts = (life.faulty.get(gateway) ?? []).filter(() => random.fraction() < rates.forgotten);
  const many = starts.flatMap(({ toMs }) =>
    leased.flatMap(({ name }) =>
      random.fraction() < ASKS_AT_ONCE ? [{ atMs: toMs + random.fraction() * 5 * MINUTE_MS, device: name }] : [],
    ),
  );
  const inOrder = [...single, ...many].filter(({ atMs }) => atMs < life.untilMs).sort((a, b) => a.atMs - b.atMs);
  return { ...life, moves: inOrder.length === 0 ? [] : placed(inOrder, life, random) };
}

/** Each to an address that nobody has then. */
function placed(wanted: readonly { readonly atMs: number; readonly device: string }[], { household, off }: Life, random: Random): Move[] {
  const places = new Map(household.residents.map(({ name, ip }) => [name, ip]));
  const left: string[] = [];
  const free = Array.from({ length: FREE }, (_, i) => `${LAN.prefix}${FIRST_FREE + i}`);
  return wanted.map(({ atMs, device }) => {
    const pool = left.length > 0 && (free.length === 0 || random.fraction() < TAKES_LEFT_ONE) ? left : free;
    const [ip = ''] = pool.splice(Math.floor(random.fraction() * pool.length), 1);
    const was = places.get(device) as string;
    left.push(was);
    places.set(device, ip);
    const isOff = spellAt(off.get(device) ?? [], atMs) !== undefined;
    return { atMs, device, ip, tells: isOff || random.fraction() < TELLS };
  });
}
