/**
 * What stands behind what in a home, from the router on: as switches, LLDP and people told the hub, and nothing else. What nobody told of hangs somewhere behind the router. Pure; a
 * hub's word is not trusted to be a tree.
 */
import type { DeviceView } from '../views.ts';

export type MapNode = { readonly device: DeviceView; readonly carried: readonly MapNode[] };

/** `known`: those that carry others, or of which the router says itself that they hang on it. `elsewhere`: of the rest nobody told. */
export type HomeMap = {
  readonly router?: DeviceView | undefined;
  readonly known: readonly MapNode[];
  readonly elsewhere: readonly DeviceView[];
};

export function mapOf(devices: readonly DeviceView[]): HomeMap {
  const router = devices.find(({ isGateway }) => isGateway);
  const carriers = carriersOf(devices);
  const carriedBy = Map.groupBy(
    devices.filter(({ id }) => carriers.has(id)),
    ({ id }) => carriers.get(id)?.id,
  );
  const nodeOf = (device: DeviceView): MapNode => ({ device, carried: (carriedBy.get(device.id) ?? []).map(nodeOf) });
  const free = devices.filter(({ id }) => id !== router?.id && (carriers.get(id) ?? router)?.id === router?.id);
  const isKnown = ({ id }: DeviceView): boolean => carriers.has(id) || carriedBy.has(id);
  return { router, known: free.filter(isKnown).map(nodeOf), elsewhere: free.filter((device) => !isKnown(device)) };
}

/** What each hangs on, by its id. The router hangs on the line, whatever is said of it. */
function carriersOf(devices: readonly DeviceView[]): ReadonlyMap<string, DeviceView> {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const carriers = new Map<string, DeviceView>();
  for (const { id, isGateway, behind } of devices) {
    const carrier = isGateway ? undefined : byId.get(behind?.device ?? '');
    if (carrier !== undefined && !isOnTheWay(carriers, id, carrier)) carriers.set(id, carrier);
  }
  return carriers;
}

/** Whether `id` carries that device itself, or is it. */
function isOnTheWay(carriers: ReadonlyMap<string, DeviceView>, id: string, from: DeviceView): boolean {
  for (let at: DeviceView | undefined = from; at !== undefined; at = carriers.get(at.id)) if (at.id === id) return true;
  return false;
}

/** From what a device hangs on to the last below the router; undefined where the way is not known as far as that. */
export function wayTo(nodes: readonly MapNode[], id: string): readonly DeviceView[] | undefined {
  for (const { device, carried } of nodes) {
    if (device.id === id) return [];
    const way = wayTo(carried, id);
    if (way !== undefined) return [...way, device];
  }
  return undefined;
}
