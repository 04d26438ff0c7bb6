/**
 * Which device hangs on which, as seen from the hub: from the ports on which switches and access points hear others (BRIDGE-MIB), from what
 * they say is plugged into them (LLDP), and from people, who are always right. Nobody needs to have a switch that tells; what none tells is not
 * guessed. A table is one device's word: it can explain a silence, and is never believed against life. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { Sighting, ToldTopology } from '../discovery/sighting.ts';
import { isContested } from './contested.ts';
import type { Device, DeviceSummary } from './device.ts';
import { identifierKey, macClaim } from './identifiers.ts';
import { deviceAt, type Inventory } from './inventory.ts';
import { macsOf } from './summary.ts';

/** `at`: when it was told last, in Unix milliseconds. */
export type Parent = { readonly id: string; readonly by: 'person' | 'bridge' | 'lldp'; readonly at: number };
/** Child to parent; no circles. */
export type Parents = ReadonlyMap<string, Parent>;

/** What one device told: on which port it hears a MAC, and when it last did. */
type Table = { readonly ports: ReadonlyMap<string, Heard>; readonly neighbours: ReadonlyMap<string, Heard> };
type Heard = { readonly port: number; readonly at: number };

export type Wiring = {
  /** By the device that told it, at most 64. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly parents: Parents;
  /** The same as seen from the router, to be shown to people: where the hub is plugged in makes no difference to it. */
  readonly towardsRouter: Parents;
  /** `child parent`, and when the child was heard while the parent was dead: at most 256. */
  readonly refuted: ReadonlyMap<string, number>;
  /** When the parents were last worked out, in Unix milliseconds. */
  readonly settledAt: number;
};

export const NO_WIRING: Wiring = { tables: new Map(), parents: new Map(), towardsRouter: new Map(), refuted: new Map(), settledAt: 0 };

/** What of it outlives the process: rows as `[MAC, port, told at]`. */
export type SavedWiring = readonly {
  readonly device: string;
  readonly ports: readonly SavedRow[];
  readonly neighbours: readonly SavedRow[];
}[];
type SavedRow = readonly [mac: string, port: number, at: number];

const MOST_TABLES = 64;
const MOST_ROWS = 1024;
const MOST_REFUTED = 256;
/** Tables are read once a day; what a switch has not heard for so long may have been plugged in elsewhere. */
const FORGOTTEN_MS = 3 * 86_400_000;
const SETTLED_AGAIN_MS = 3_600_000;

export type WiringInputs = {
  readonly sightings: readonly Sighting[];
  readonly inventory: Inventory;
  /** Devices came, went, or were spoken of. */
  readonly isChanged: boolean;
  /** The hub's own places: the port on which a switch hears their MACs is the way to the hub. */
  readonly hub: readonly { readonly mac: string }[];
  readonly now: Instant;
};

/** The same object where nothing was told and nothing changed. */
export function learnWiring(before: Wiring, { sightings, inventory, isChanged, hub, now }: WiringInputs): Wiring {
  const at = Math.round(now.wallMs);
  const tables = withTold(before.tables, sightings, inventory, at);
  const isOld = Math.abs(at - before.settledAt) >= SETTLED_AGAIN_MS;
  if (tables === before.tables && !isChanged && !isOld) return before;
  const kept = isOld ? withoutOld(tables, at) : tables;
  const refuted = isOld ? new Map([...before.refuted].filter(([, when]) => Math.abs(at - when) < FORGOTTEN_MS)) : before.refuted;
  const parents = settle(
    kept,
    refuted,
    inventory,
    hub.map(({ mac }) => mac),
  );
  const wiring = { ...before, tables: kept, refuted, parents: areSame(before.parents, parents) ? before.parents : parents, settledAt: at };
  return seenFromRouter(wiring, inventory);
}

/** Needs nothing but what is saved, so that a hub which starts again does not tell anew what hangs on what. */
export function seenFromRouter(wiring: Wiring, inventory: Inventory): Wiring {
  const { tables, refuted, towardsRouter: before } = wiring;
  const router = inventory.devices.values().find(({ isGateway }) => isGateway);
  const found = router === undefined ? new Map() : settle(tables, refuted, inventory, macsOf(router));
  return areSame(before, found) ? wiring : { ...wiring, towardsRouter: found };
}

function withTold(tables: Wiring['tables'], sightings: readonly Sighting[], inventory: Inventory, at: number): Wiring['tables'] {
  let next: Map<string, Table> | undefined;
  for (const sighting of sightings) {
    if (sighting.method !== 'snmp' || !sighting.topology || isContested(inventory, sighting)) continue;
    const teller = deviceAt(inventory, sighting);
    if (teller === undefined || (!tables.has(teller) && tables.size + (next?.size ?? 0) >= MOST_TABLES)) continue;
    next ??= new Map(tables);
    next.set(teller, renewed(next.get(teller), sighting.topology, at));
  }
  return next ?? tables;
}

function renewed(before: Table | undefined, { ports, neighbours }: ToldTopology, at: number): Table {
  const merge = (old: ReadonlyMap<string, Heard> | undefined, rows: readonly (readonly [string, number])[]): Map<string, Heard> => {
    const all = [...(old ?? []), ...rows.map(([key, port]) => [key, { port, at }] as const)];
    return new Map([...new Map(all)].sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_ROWS));
  };
  return {
    ports: merge(
      before?.ports,
      ports.map(({ mac, port }) => [mac, port]),
    ),
    neighbours: merge(
      before?.neighbours,
      neighbours.map(({ chassisId, localPort }) => [chassisId, localPort]),
    ),
  };
}

function withoutOld(tables: Wiring['tables'], at: number): Wiring['tables'] {
  const young = (rows: ReadonlyMap<string, Heard>): Map<string, Heard> =>
    new Map([...rows].filter(([, heard]) => Math.abs(at - heard.at) < FORGOTTEN_MS));
  const kept = [...tables].map(([id, { ports, neighbours }]) => [id, { ports: young(ports), neighbours: young(neighbours) }] as const);
  return new Map(kept.filter(([, { ports, neighbours }]) => ports.size + neighbours.size > 0));
}

type Edge = { readonly child: string; readonly parent: Parent };

/** `rootMacs`: of whoever looks, the hub or the router. People first, then what bridges hear, then what LLDP says; what would close a circle is left out. */
function settle(tables: Wiring['tables'], refuted: Wiring['refuted'], inventory: Inventory, rootMacs: readonly string[]): Parents {
  const parents = new Map<string, Parent>();
  const carriers = [...tables].filter(([id]) => mayCarry(inventory.devices.get(id)));
  const edges = [...byPeople(inventory), ...byBridges(carriers, inventory, rootMacs), ...byNeighbours(carriers, inventory, rootMacs)];
  for (const { child, parent } of edges) {
    if (parents.has(child) || (parent.by !== 'person' && refuted.has(pairOf(child, parent.id)))) continue;
    if (child !== parent.id && !carries(parents, child, parent.id)) parents.set(child, parent);
  }
  return parents;
}

/** A person's device carries nobody, and what is not here cannot either. */
const mayCarry = (device: Device | undefined): boolean => device !== undefined && !device.personal;

function byPeople(inventory: Inventory): Edge[] {
  return [...inventory.devices.values()].flatMap(({ id, corrected }): Edge[] => {
    const parent = corrected?.behind && holderOf(inventory, corrected.behind.value);
    return parent && mayCarry(inventory.devices.get(parent))
      ? [{ child: id, parent: { id: parent, by: 'person', at: corrected.behind.at } }]
      : [];
  });
}

type Carriers = readonly (readonly [id: string, table: Table])[];
type Candidate = { readonly id: string; readonly heard: Heard; readonly beside: number };

/** All that hear a device on another port than the root; first the one that hears none of the others there, which is the last on the way to it. */
function byBridges(carriers: Carriers, inventory: Inventory, rootMacs: readonly string[]): Edge[] {
  const candidates = new Map<string, Candidate[]>();
  const behind = new Map<string, Map<string, number>>();
  for (const [id, { ports }] of carriers) {
    const toRoot = portToRoot(ports, rootMacs);
    if (toRoot === undefined) continue;
    const beside = Map.groupBy(ports.values(), ({ port }) => port);
    const heardHere = new Map<string, number>();
    behind.set(id, heardHere);
    for (const [mac, heard] of ports) {
      const child = holderOf(inventory, mac);
      if (child === undefined || child === id || heard.port === toRoot) continue;
      heardHere.set(child, heard.port);
      candidates.set(child, [...(candidates.get(child) ?? []), { id, heard, beside: beside.get(heard.port)?.length ?? 0 }]);
    }
  }
  return [...candidates].flatMap(([child, those]): Edge[] => {
    // The router is told of by itself, whatever it hangs on.
    if (inventory.devices.get(child)?.isGateway) return [];
    const above = (one: Candidate): number => those.filter(({ id }) => behind.get(one.id)?.get(id) === one.heard.port).length;
    const lastFirst = those.toSorted(
      (a, b) => above(a) - above(b) || a.beside - b.beside || b.heard.at - a.heard.at || (a.id < b.id ? -1 : 1),
    );
    return lastFirst.map(({ id, heard }) => ({ child, parent: { id, by: 'bridge', at: heard.at } }));
  });
}

/** The other end of a cable: beyond the port to the root it carries the one that tells of it, else it is carried. */
function byNeighbours(carriers: Carriers, inventory: Inventory, rootMacs: readonly string[]): Edge[] {
  return carriers.flatMap(([id, { ports, neighbours }]) => {
    const toRoot = portToRoot(ports, rootMacs);
    if (toRoot === undefined) return [];
    return [...neighbours].flatMap(([chassis, { port, at }]): Edge[] => {
      const other = holderOf(inventory, chassis);
      if (other === undefined) return [];
      const isAbove = (ports.get(chassis)?.port ?? port) === toRoot;
      if (!isAbove) return inventory.devices.get(other)?.isGateway ? [] : [{ child: other, parent: { id, by: 'lldp', at } }];
      return mayCarry(inventory.devices.get(other)) ? [{ child: id, parent: { id: other, by: 'lldp', at } }] : [];
    });
  });
}

function portToRoot(ports: ReadonlyMap<string, Heard>, rootMacs: readonly string[]): number | undefined {
  return rootMacs.map((mac) => ports.get(mac)?.port).find((port) => port !== undefined);
}

const holderOf = ({ holders }: Inventory, mac: string): string | undefined => holders.get(identifierKey(macClaim(mac)));

const pairOf = (child: string, parent: string): string => `${child} ${parent}`;

/** Whether `carrier` is on the way from the hub to `id`. */
export function carries(parents: Parents, carrier: string, id: string): boolean {
  for (let at = parents.get(id)?.id; at !== undefined; at = parents.get(at)?.id) if (at === carrier) return true;
  return false;
}

/** The last device that all of these hang on, or that is one of them and carries the others. */
export function commonCarrier(parents: Parents, ids: ReadonlySet<string>): string | undefined {
  const [first] = ids;
  for (let at = first; at !== undefined; at = parents.get(at)?.id) {
    const carrier = at;
    if (ids.values().every((id) => id === carrier || carries(parents, carrier, id))) return carrier;
  }
  return undefined;
}

/** The device at the other end of the cable in one port: the only one heard there that hangs on the teller itself. */
export function pluggedInto({ tables, parents }: Wiring, inventory: Inventory, teller: string, port: number): string | undefined {
  const table = tables.get(teller);
  const heard = table ? [...table.ports, ...table.neighbours].filter(([, each]) => each.port === port) : [];
  const holders = heard.flatMap(([mac]) => holderOf(inventory, mac) ?? []).filter((id) => parents.get(id)?.id === teller);
  return new Set(holders).size === 1 ? holders[0] : undefined;
}

/** Without the rows that life has disproved: who answers while its parent is dead does not hang on it. A person's word stays. */
export function withoutDisproved(wiring: Wiring, isDisproved: (child: string, parent: string) => boolean, at: number): Wiring {
  let after = wiring;
  for (const [child, { id, by }] of wiring.parents) {
    if (by === 'person' || !isDisproved(child, id)) continue;
    const refuted = new Map([...after.refuted, [pairOf(child, id), at] as const].slice(-MOST_REFUTED));
    const isRefuted = after.towardsRouter.get(child)?.id === id;
    const without = (parents: Parents): Parents => new Map([...parents].filter(([each]) => each !== child));
    after = {
      ...after,
      refuted,
      parents: without(after.parents),
      towardsRouter: isRefuted ? without(after.towardsRouter) : after.towardsRouter,
    };
  }
  return after;
}

function areSame(one: Parents, other: Parents): boolean {
  const isSame = ([child, { id, by, at }]: readonly [string, Parent]): boolean => {
    const same = other.get(child);
    return same?.id === id && same.by === by && same.at === at;
  };
  return one.size === other.size && [...one].every(isSame);
}

/** The devices with what each hangs on, as people are shown it; the same map where nothing of that changed. On which access point somebody's own is would say in which room he is. */
export function withPlaces(summaries: ReadonlyMap<string, DeviceSummary>, { towardsRouter }: Wiring): ReadonlyMap<string, DeviceSummary> {
  let next: Map<string, DeviceSummary> | undefined;
  for (const [id, { hangsOn: before, ...summary }] of summaries) {
    const parent = summary.personal ? undefined : towardsRouter.get(id);
    if (before?.id === parent?.id && before?.by === parent?.by) continue;
    next ??= new Map(summaries);
    next.set(id, parent ? { ...summary, hangsOn: { id: parent.id, by: parent.by } } : summary);
  }
  return next ?? summaries;
}

export function savedWiring({ tables }: Wiring): SavedWiring {
  const rows = (heard: ReadonlyMap<string, Heard>): SavedRow[] => [...heard].map(([mac, { port, at }]) => [mac, port, at]);
  return [...tables].map(([device, { ports, neighbours }]) => ({ device, ports: rows(ports), neighbours: rows(neighbours) }));
}

export function restoreWiring(saved: SavedWiring): Wiring {
  const heard = (rows: readonly SavedRow[]): Map<string, Heard> => new Map(rows.map(([mac, port, at]) => [mac, { port, at }]));
  return {
    ...NO_WIRING,
    tables: new Map(saved.map(({ device, ports, neighbours }) => [device, { ports: heard(ports), neighbours: heard(neighbours) }])),
  };
}
