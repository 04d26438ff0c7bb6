/** One home whose way to its broker a test can open, close and mute. */
import { expect } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { entryBodySchemas } from '../../src/protocol/messages.ts';
import type { FakeDesk } from './desk.ts';
import { startDeskOn } from './desk-on-broker.ts';
import { type HubOnBroker, startHubOn, until } from './hub-on-broker.ts';
import { type Mosquitto, mosquittoOnLoopback } from './mosquitto.ts';
import { type Way, wayTo } from './tcp-way.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A broker that runs, a desk there, and a hub that reaches it by a way that is closed yet. */
export async function homeOnAWay(clock: Clock): Promise<{ way: Way; hub: HubOnBroker; desk: FakeDesk; broker: Mosquitto }> {
  const broker = await mosquittoOnLoopback();
  await broker.start();
  const way = await wayTo(broker.url);
  const { desk } = startDeskOn(broker);
  return { way, desk, broker, hub: startHubOn({ folder: temporaryFolder(), urls: [way.url], clock }) };
}

/** Waits until the outbox is empty; then the desk must have these alerts, each once and in this order. */
export async function expectAllTold(hub: HubOnBroker, desk: FakeDesk, keys: readonly string[], withinMs = 30_000): Promise<void> {
  await until('all is told', () => hub.uplink.status().granted && hub.store.outbox.waiting().count === 0, withinMs);
  expect(keysAt(desk)).toEqual(keys);
  expect(hub.uplink.status().problem).toBeUndefined();
}

/** The keys of the alerts that were raised, in the hub's order. */
export function keysAt(desk: FakeDesk): string[] {
  const raised = desk.history.filter(({ k }) => k === 'alert.raised').sort((a, b) => a.ses - b.ses || a.pos - b.pos);
  return raised.map(({ d }) => entryBodySchemas['alert.raised'].parse(d).key);
}
