import { describe, expect, it } from 'vitest';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import {
  carriersToAsk,
  fellWithItsParent,
  haveSilentCarrier,
  isHeardWithout,
  troubleOnTheWay,
} from '../../../../src/agent/health/unreachable.ts';
import type { Parents } from '../../../../src/agent/inventory/wiring.ts';
import { answersAll, at, type Behaviour, device, House, silent } from './book.ts';

const behind = (pairs: Readonly<Record<string, string>>): Parents =>
  new Map(Object.entries(pairs).map(([child, id]) => [child, { id, by: 'bridge', at: 0 } as const]));

const from =
  (second: number): Behaviour =>
  (method, now) =>
    now < second ? answersAll(method, now) : 'silent';

function house(): House {
  const home = new House(
    ['rack', 'attic', 'nas', 'camera', 'tv', 'gateway'].map((id) => device(id, id === 'gateway' ? { isGateway: true } : {})),
  );
  home.parents = behind({ nas: 'rack', attic: 'rack', camera: 'attic' });
  return home.run(60);
}

const statesOf = (home: House, id: string): string[] =>
  home.log.filter((line) => line.includes(` ${id} `)).map((line) => line.split('>').at(-1) as string);

describe('a device behind another', () => {
  it('waits also where a restart left what it hangs on unknown, and is unreachable where that had been dead for long before', () => {
    const home = house();
    const way = (rack: Partial<CheckRecord>): Parameters<typeof fellWithItsParent>[1] => ({
      parents: home.parents as Parents,
      devices: home.devices,
      book: new Map([...home.book, ['rack', { ...(home.book.get('rack') as CheckRecord), ...rack }]]),
      now: at(10_000),
    });
    const nas: CheckRecord = { ...(home.book.get('nas') as CheckRecord), state: 'down', silentSinceMs: 9_000_000 };
    expect(troubleOnTheWay(nas, way({ state: 'unknown', misses: 3 }))?.what).toBe('doubted');
    expect(troubleOnTheWay(nas, way({ state: 'unknown', misses: 0 }))).toBeUndefined();
    expect(fellWithItsParent(nas, way({ state: 'down', silentSinceMs: 1_000_000 }))).toBe(true);
    expect(fellWithItsParent(nas, way({ state: 'down', silentSinceMs: 9_900_000 }))).toBe(false);
  });

  it('waits for the verdict on what it hangs on, which may be judged after it', () => {
    const home = house();
    home.behaviour.set('nas', from(60));
    home.behaviour.set('rack', from(65));
    home.run(40);
    expect(home.state('rack')).toBe('down');
    expect(statesOf(home, 'nas')).toEqual(['up', 'suspect', 'unreachable']);
    expect(home.book.get('nas')?.reason).toContain('It is behind ');
  });

  it('is unreachable after all where what it hangs on is found dead a moment later', () => {
    const home = house();
    home.behaviour.set('nas', from(60));
    home.behaviour.set('rack', from(75));
    home.run(60);
    expect(statesOf(home, 'nas')).toEqual(['up', 'suspect', 'down', 'unreachable']);
  });

  it('is down by itself where it died long before, or what it hangs on answers', () => {
    const home = house();
    home.behaviour.set('nas', silent);
    home.run(200);
    expect(home.state('nas')).toBe('down');
    home.behaviour.set('rack', silent);
    home.run(60);
    expect(home.state('rack')).toBe('down');
    expect(home.state('nas')).toBe('down');
  });

  it('is unreachable through all that lies between, and asked anew when nothing is known to', () => {
    const home = house();
    for (const id of ['rack', 'attic', 'camera', 'nas']) home.behaviour.set(id, silent);
    home.run(60);
    expect(['attic', 'camera', 'nas'].map((id) => home.state(id))).toEqual(['unreachable', 'unreachable', 'unreachable']);
    home.parents = new Map();
    home.run(30);
    expect(['attic', 'camera', 'nas'].map((id) => home.state(id))).toEqual(['down', 'down', 'down']);
  });

  it('makes what it hangs on be asked at its first silence, once', () => {
    const record = (deviceId: string, more: Partial<CheckRecord> = {}): [string, CheckRecord] => [
      deviceId,
      { deviceId, state: 'up', misses: 0, probing: false, life: { at: at(10), by: 'udp' }, ...more } as CheckRecord,
    ];
    const parents = behind({ nas: 'rack' });
    const calm = new Map([record('nas'), record('rack')]);
    const missed = new Map([record('nas', { misses: 1, silentSinceMs: 12_000 }), record('rack')]);
    expect(carriersToAsk(parents, calm, missed)).toEqual(['rack']);
    expect(carriersToAsk(parents, missed, missed)).toEqual([]);
    const heard = new Map([...missed, record('rack', { life: { at: at(13), by: 'udp' } })]);
    expect(carriersToAsk(parents, calm, heard)).toEqual([]);
  });

  it('explains a mass silence where all that are silent hang on one that is, too', () => {
    const { book, parents } = house();
    expect(haveSilentCarrier(parents, book, new Set(['rack', 'nas', 'camera']))).toBe(true);
    expect(haveSilentCarrier(parents, book, new Set(['nas', 'camera']))).toBe(false);
    expect(haveSilentCarrier(parents, book, new Set(['rack', 'nas', 'tv']))).toBe(false);
    expect(haveSilentCarrier(new Map(), book, new Set(['rack']))).toBe(false);
  });

  it('does not hang on what it was heard without', () => {
    const home = house();
    home.behaviour.set('rack', silent);
    home.run(40);
    expect(isHeardWithout(home.book, 'nas', 'rack')).toBe(false);
    home.run(60);
    expect(home.state('rack')).toBe('down');
    expect(isHeardWithout(home.book, 'nas', 'rack')).toBe(true);
    expect(isHeardWithout(home.book, 'nas', 'attic')).toBe(false);
  });
});
