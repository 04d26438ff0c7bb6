import { describe, expect, it } from 'vitest';
import type { EvidenceSighting, ToldTopology } from '../../../../src/agent/discovery/sighting.ts';
import type { Device, DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import { openDraft, put } from '../../../../src/agent/inventory/draft.ts';
import { EMPTY_INVENTORY, type Inventory } from '../../../../src/agent/inventory/inventory.ts';
import {
  carries,
  commonCarrier,
  learnWiring,
  NO_WIRING,
  pluggedInto,
  restoreWiring,
  savedWiring,
  seenFromRouter,
  type Wiring,
  withoutDisproved,
  withPlaces,
} from '../../../../src/agent/inventory/wiring.ts';
import { at, device } from '../health/book.ts';

const NAMES = ['router', 'rack', 'attic', 'nas', 'camera', 'phone', 'panel'] as const;
type Name = (typeof NAMES)[number];
const HUB = '00:11:32:00:00:99';
const mac = (name: Name | 'hub'): string => (name === 'hub' ? HUB : `00:11:32:00:00:0${NAMES.indexOf(name)}`);
const DAY = 86_400;

function house(more: Partial<Record<Name, Partial<Device>>> = {}, contests: Inventory['contests'] = new Map()): Inventory {
  const draft = openDraft(EMPTY_INVENTORY);
  for (const name of NAMES) {
    const own = { kind: 'mac', value: mac(name), strength: 'strong', source: 'neighbour', firstAt: 0, lastAt: 0 } as const;
    const address = { ip: `192.168.50.${10 + NAMES.indexOf(name)}`, interface: 'eth0', mac: mac(name), firstAt: 0, lastAt: 0 };
    put(draft, { ...device(name), identifiers: [own], addresses: [address], isGateway: name === 'router', ...more[name] });
  }
  return { ...EMPTY_INVENTORY, ...draft, contests };
}

function tells(teller: Name, ports: Partial<Record<Name | 'hub', number>>, second: number, neighbours: ToldTopology['neighbours'] = []) {
  const rows = Object.entries(ports).map(([name, port]) => ({ mac: mac(name as Name), port: port as number }));
  const ip = `192.168.50.${10 + NAMES.indexOf(teller)}`;
  const sighting = { at: at(second), interface: 'eth0', ip, method: 'snmp', reader: 'snmp', fields: {}, identifiers: [] } as const;
  return { ...sighting, topology: { ports: rows, neighbours } } satisfies EvidenceSighting;
}

function learn(sightings: readonly EvidenceSighting[], inventory = house(), before: Wiring = NO_WIRING, second = 10): Wiring {
  return learnWiring(before, { sightings, inventory, isChanged: true, hub: [{ mac: HUB }], now: at(second) });
}

const parentsIn = ({ parents }: Wiring): Record<string, string> =>
  Object.fromEntries([...parents].map(([child, { id, by }]) => [child, `${id} by ${by}`]).sort());

/** The hub and the access point hang on the rack switch; the camera and a phone on the access point. */
const RACK = { hub: 1, router: 2, nas: 3, attic: 4, camera: 4, phone: 4 };
const ATTIC = { hub: 1, router: 1, nas: 1, rack: 1, camera: 2, phone: 2 };

describe('what hangs on what', () => {
  it('is what a switch hears on other ports than the hub, at the last switch that hears it', () => {
    expect(parentsIn(learn([tells('rack', RACK, 1), tells('attic', ATTIC, 2)]))).toEqual({
      attic: 'rack by bridge',
      camera: 'attic by bridge',
      nas: 'rack by bridge',
      phone: 'attic by bridge',
    });
    expect(parentsIn(learn([tells('attic', ATTIC, 1), tells('rack', RACK, 2)]))).toMatchObject({
      camera: 'attic by bridge',
      attic: 'rack by bridge',
    });
  });

  it('is at the last switch also where the one before it has forgotten most of what is behind that', () => {
    const forgetful = { hub: 1, attic: 4, camera: 4 };
    const full = { hub: 1, camera: 2, phone: 2, panel: 2, nas: 2 };
    expect(parentsIn(learn([tells('rack', forgetful, 1), tells('attic', full, 1)]))).toMatchObject({ camera: 'attic by bridge' });
  });

  it('is for people as the router sees it: what is heard beside the router hangs on none of those that the hub passes on its way', () => {
    // The panel is on the router's own Wi-Fi; the hub reaches it through the rack all the same.
    const wiring = learn([tells('rack', { ...RACK, panel: 2 }, 1), tells('attic', { ...ATTIC, panel: 1 }, 2)]);
    expect(parentsIn(wiring)).toMatchObject({ panel: 'rack by bridge' });
    const told = Object.fromEntries([...wiring.towardsRouter].map(([child, { id }]) => [child, id]));
    expect(told).toEqual({ attic: 'rack', camera: 'attic', nas: 'rack', phone: 'attic' });
    // Known again at once when the hub starts, so that the desk is not told anew.
    const restored = seenFromRouter(restoreWiring(savedWiring(wiring)), house());
    expect(restored.towardsRouter).toEqual(wiring.towardsRouter);
    // Of somebody's own it would say in which room he is.
    const known = (personal: boolean) => new Map([['phone', { id: 'phone', personal } as DeviceSummary]]);
    expect(withPlaces(known(false), wiring).get('phone')?.hangsOn).toEqual({ id: 'attic', by: 'bridge' });
    expect(withPlaces(known(true), wiring).get('phone')?.hangsOn).toBeUndefined();
    const disproved = withoutDisproved(wiring, (child) => child === 'camera', at(20).wallMs);
    expect(disproved.towardsRouter.has('camera')).toBe(false);
  });

  it('is nothing of which the way to the hub is not known', () => {
    const { hub: _, ...withoutHub } = RACK;
    expect(parentsIn(learn([tells('rack', withoutHub, 1)]))).toEqual({});
  });

  it('has one device at the end of a cable, where only that one hangs on the switch itself', () => {
    const wiring = learn([tells('rack', { ...RACK, panel: 5, router: 2 }, 1), tells('attic', ATTIC, 2)]);
    const on = (port: number, inventory = house()): string | undefined => pluggedInto(wiring, inventory, 'rack', port);
    expect(on(3)).toBe('nas');
    // The camera is heard there too, and hangs on the access point.
    expect(on(4)).toBe('attic');
    expect([on(1), on(2), on(9)]).toEqual([undefined, undefined, undefined]);
    expect(pluggedInto(wiring, house(), 'nas', 3)).toBeUndefined();
    const beside = learn([tells('rack', { ...RACK, panel: 3 }, 1)]);
    expect(pluggedInto(beside, house(), 'rack', 3)).toBeUndefined();
  });

  it('is what people say before all else, and never goes round in a circle', () => {
    const says = (name: Name) => ({ corrected: { behind: { value: mac(name), at: 5 } } });
    const told = [tells('rack', RACK, 1)];
    expect(parentsIn(learn(told, house({ nas: says('attic') })))).toMatchObject({ nas: 'attic by person', attic: 'rack by bridge' });
    expect(parentsIn(learn(told, house({ rack: says('attic') })))).toMatchObject({ rack: 'attic by person', nas: 'rack by bridge' });
    expect(parentsIn(learn(told, house({ rack: says('attic') })))).not.toHaveProperty('attic');
    const round = learn([tells('rack', { hub: 1, attic: 2 }, 1), tells('attic', { hub: 1, rack: 2 }, 1)]);
    expect(round.parents.size).toBe(1);
  });

  it('is told by LLDP where no bridge heard it, up or down by the port', () => {
    const onPort = (localPort: number) => [{ localPort, chassisId: mac('attic') }];
    expect(parentsIn(learn([tells('rack', { hub: 1, nas: 3 }, 1, onPort(4))]))).toEqual({ attic: 'rack by lldp', nas: 'rack by bridge' });
    expect(parentsIn(learn([tells('rack', { hub: 1, nas: 3 }, 1, onPort(1))]))).toEqual({ nas: 'rack by bridge', rack: 'attic by lldp' });
  });

  it('takes no word of what may be another, and lets nobody hang on a person', () => {
    const key = 'eth0 192.168.50.11';
    const contest = { ip: '192.168.50.11', interface: 'eth0', claimants: [], switches: [], takenInUse: true, declaredAt: 1 };
    expect(parentsIn(learn([tells('rack', RACK, 1)], house({}, new Map([[key, contest]]))))).toEqual({});
    expect(parentsIn(learn([tells('rack', RACK, 1)], house({ rack: { personal: true } })))).toEqual({});
  });

  it('follows what moves to another port, and forgets after three days what nobody hears', () => {
    const first = learn([tells('rack', RACK, 1), tells('attic', ATTIC, 1)]);
    const moved = learn([tells('attic', { ...ATTIC, nas: 2 }, DAY), tells('rack', { ...RACK, nas: 4 }, DAY)], house(), first, DAY);
    expect(parentsIn(moved)).toMatchObject({ nas: 'attic by bridge' });
    const gone = learn([tells('rack', { hub: 1, attic: 4 }, 4 * DAY)], house(), moved, 4 * DAY);
    expect(parentsIn(gone)).toEqual({ attic: 'rack by bridge' });
  });

  it('is the same object while nobody tells anything, and outlives a restart', () => {
    const wiring = learn([tells('rack', RACK, 1), tells('attic', ATTIC, 1)]);
    const quiet = { sightings: [], inventory: house(), isChanged: false, hub: [{ mac: HUB }], now: at(11) };
    expect(learnWiring(wiring, quiet)).toBe(wiring);
    expect(learn([], house(), wiring).parents).toBe(wiring.parents);
    const restored = learn([], house(), restoreWiring(JSON.parse(JSON.stringify(savedWiring(wiring)))));
    expect(parentsIn(restored)).toEqual(parentsIn(wiring));
  });

  it('gives up what life disproves, but for the word of a person', () => {
    const inventory = house({ phone: { corrected: { behind: { value: mac('attic'), at: 5 } } } });
    const wiring = learn([tells('rack', RACK, 1), tells('attic', ATTIC, 1)], inventory);
    const after = withoutDisproved(wiring, (_, parent) => parent === 'attic', at(20).wallMs);
    expect(parentsIn(after)).toEqual({ attic: 'rack by bridge', nas: 'rack by bridge', phone: 'attic by person' });
    expect(withoutDisproved(after, (_, parent) => parent === 'attic', at(21).wallMs)).toBe(after);
    expect(parentsIn(learn([tells('attic', ATTIC, 30)], inventory, after))).toMatchObject({ camera: 'rack by bridge' });
  });

  it('says what carries them all', () => {
    const { parents } = learn([tells('rack', RACK, 1), tells('attic', ATTIC, 1)]);
    expect(carries(parents, 'rack', 'camera')).toBe(true);
    expect(carries(parents, 'camera', 'rack')).toBe(false);
    expect(commonCarrier(parents, new Set(['camera', 'phone']))).toBe('attic');
    expect(commonCarrier(parents, new Set(['camera', 'attic']))).toBe('attic');
    expect(commonCarrier(parents, new Set(['camera', 'nas']))).toBe('rack');
    expect(commonCarrier(parents, new Set(['camera', 'router']))).toBeUndefined();
  });
});
