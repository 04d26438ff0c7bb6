/** What stands behind what is what was told, and a tree whatever a hub says. */
import { expect, it } from 'vitest';
import { type MapNode, mapOf, wayTo } from '../../../../src/desk/dossier/home-map.ts';
import type { DeviceView } from '../../../../src/desk/views.ts';

const device = (id: string, behind?: string, over: Partial<DeviceView> = {}): DeviceView => ({
  ...{ id, ips: [], macs: [], seenBy: [], isGateway: false, firstSeenAt: 0, state: 'up' },
  ...(behind === undefined ? {} : { behind: { device: behind, by: 'bridge' } }),
  ...over,
});
const drawn = (nodes: readonly MapNode[]): string =>
  nodes.map(({ device: { id }, carried }) => (carried.length === 0 ? id : `${id}(${drawn(carried)})`)).join(' ');

it('draws what was told, counts the rest, and knows the way from a device to the router', () => {
  const router = device('router', undefined, { isGateway: true });
  const map = mapOf([
    device('camera', 'attic'),
    router,
    device('nas', 'rack'),
    device('attic', 'rack'),
    device('rack'),
    device('tv'),
    device('box', 'router'),
  ]);
  expect([map.router?.id, drawn(map.known), map.elsewhere.map(({ id }) => id)]).toEqual(['router', 'rack(nas attic(camera)) box', ['tv']]);
  const way = (id: string) => wayTo(map.known, id)?.map((each) => each.id);
  expect([way('camera'), way('rack'), way('tv')]).toEqual([['attic', 'rack'], [], undefined]);
});

it.each([
  ['a circle', [device('a', 'b'), device('b', 'c'), device('c', 'a')], 'c(b(a))', []],
  ['itself', [device('a', 'a')], '', ['a']],
  ['nobody that is known', [device('a', 'gone')], '', ['a']],
  ['what hangs on the router that hangs on it', [device('r', 'a', { isGateway: true }), device('a', 'r')], 'a', []],
] as const)('shows every device once where a hub says %s', (_, devices, known, elsewhere) => {
  const map = mapOf(devices);
  expect([drawn(map.known), map.elsewhere.map(({ id }) => id)]).toEqual([known, elsewhere]);
});
