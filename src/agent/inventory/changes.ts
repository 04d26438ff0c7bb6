/** What a person would see change from one inventory to the next. That a device was heard again is no change. */
import type { Address, Device, DeviceSummary, Identifier } from './device.ts';
import { identifierKey } from './identifiers.ts';
import { placed, summarise, toldFacts } from './summary.ts';

export type InventoryChange =
  | { readonly kind: 'added'; readonly device: Device }
  | { readonly kind: 'changed'; readonly device: Device; readonly what: readonly VisibleField[] }
  /** What a person does not see and a restart must not lose: an identifier, a service, a port. Not told to anybody. */
  | { readonly kind: 'learned'; readonly device: Device }
  /** `absorbed` had an id of its own until now. */
  | { readonly kind: 'merged'; readonly device: Device; readonly absorbed: Device; readonly because: string }
  | { readonly kind: 'removed'; readonly device: Device; readonly because: string };

export type Merger = { readonly keptId: string; readonly absorbed: Device; readonly because: string };
export type Removal = { readonly device: Device; readonly because: string };

/** In the order in which they are told. */
const SAID = ['name', 'vendor', 'model', 'modelNumber', 'kind', 'firmware', 'serial', 'room'] as const;
const PLACED = ['critical', 'ips', 'macs', 'seenBy', 'personal', 'isGateway', 'reports'] as const;
type ToldField = (typeof SAID)[number] | (typeof PLACED)[number];
export type VisibleField = ToldField | 'corrected';

type Devices = ReadonlyMap<string, Device>;

/** Mergers and removals of devices that were never told of are not told either. */
export function changesSince(before: Devices, after: Devices, mergers: readonly Merger[], removals: readonly Removal[]): InventoryChange[] {
  const merged = mergers.filter(({ absorbed }) => before.has(absorbed.id)).flatMap((merger) => toldMerger(merger, mergers, after));
  const mergedInto = new Set(merged.map((change) => change.device.id));
  const removed = removals.filter(({ device }) => before.has(device.id)).map((removal) => ({ kind: 'removed' as const, ...removal }));
  const told: InventoryChange[] = [];
  for (const device of after.values()) {
    const known = before.get(device.id);
    if (known !== device) told.push(...addedOrChanged(known, device, mergedInto.has(device.id)));
  }
  return [...told, ...merged, ...removed];
}

/** Names the device that remains in the end, where one batch merged several in a row. */
function toldMerger(
  { keptId, absorbed, because }: Merger,
  mergers: readonly Merger[],
  after: Devices,
): Extract<InventoryChange, { kind: 'merged' }>[] {
  const next = mergers.find((later) => later.absorbed.id === keptId);
  if (next) return toldMerger({ keptId: next.keptId, absorbed, because }, mergers, after);
  const device = after.get(keptId);
  return device ? [{ kind: 'merged', device, absorbed, because }] : [];
}

/** The summaries with what changed; the same map where nothing did. */
export function summariesAfter(
  summaries: ReadonlyMap<string, DeviceSummary>,
  changes: readonly InventoryChange[],
): ReadonlyMap<string, DeviceSummary> {
  if (changes.length === 0) return summaries;
  const next = new Map(summaries);
  for (const change of changes) {
    if (change.kind === 'learned') continue;
    if (change.kind === 'merged') next.delete(change.absorbed.id);
    if (change.kind === 'removed') next.delete(change.device.id);
    else next.set(change.device.id, summarise(change.device));
  }
  return next;
}

export function addedIds(changes: readonly InventoryChange[]): string[] {
  return changes.flatMap((change) => (change.kind === 'added' ? [change.device.id] : []));
}

function addedOrChanged(before: Device | undefined, device: Device, wasMerged: boolean): InventoryChange[] {
  if (!before) return [{ kind: 'added', device }];
  if (wasMerged) return [];
  const what = visibleDifferences(before, device);
  if (what.length > 0) return [{ kind: 'changed', device, what }];
  return hasLearned(before, device) ? [{ kind: 'learned', device }] : [];
}

function hasLearned(before: Device, after: Device): boolean {
  const keys = (device: Device): string => device.identifiers.map(identifierKey).join();
  if (before.services.join() !== after.services.join() || before.ports.join() !== after.ports.join()) return true;
  return before.identifiers !== after.identifiers && keys(before) !== keys(after);
}

/** Most devices of a batch were only heard again, and say nothing new. Who confirms a guess changes no value, but how sure it is. */
function visibleDifferences(before: Device, after: Device): VisibleField[] {
  const said = before.facts === after.facts ? [] : differing(SAID, toldFacts(before), toldFacts(after));
  const placedAnew = isPlacedAlike(before, after) ? [] : differing(PLACED, placed(before), placed(after));
  return [...said, ...placedAnew, ...(before.corrected === after.corrected ? [] : ['corrected' as const])];
}

/** Whether nothing of which `placed` is made differs, found without making it. */
function isPlacedAlike(before: Device, after: Device): boolean {
  const isThere = ({ ip, mac }: Address, i: number): boolean => before.addresses[i]?.ip === ip && before.addresses[i].mac === mac;
  const isHeld = ({ kind, value }: Identifier, i: number): boolean =>
    before.identifiers[i]?.kind === kind && before.identifiers[i].value === value;
  return (
    before.corrected === after.corrected &&
    before.personal === after.personal &&
    before.isGateway === after.isGateway &&
    before.reports === after.reports &&
    before.addresses.length === after.addresses.length &&
    after.addresses.every(isThere) &&
    (before.identifiers === after.identifiers ||
      (before.identifiers.length === after.identifiers.length && after.identifiers.every(isHeld))) &&
    Object.keys(before.seenBy).join() === Object.keys(after.seenBy).join()
  );
}

function differing<Field extends ToldField>(fields: readonly Field[], old: Visible<Field>, current: Visible<Field>): Field[] {
  return fields.filter((field) => !isSame(old[field], current[field]));
}

type Visible<Field extends ToldField> = Partial<Pick<DeviceSummary, Field>>;

function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
