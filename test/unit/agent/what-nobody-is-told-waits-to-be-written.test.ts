import { describe, expect, it } from 'vitest';
import type { TickChange } from '../../../src/agent/store/agent-store.ts';
import { NONE_WAITS, putOffHealth, type WaitingHealth } from '../../../src/agent/waiting-health.ts';
import { healthOf, idOf, NOTHING, stateEntry } from '../../builders/entries.ts';

const MINUTE_MS = 60_000;
const at = (monoMs: number) => ({ monoMs, wallMs: monoMs });
const phone = (state: 'up' | 'asleep', monoMs = 0) => ({ ...healthOf(1, state, at(monoMs)), isPersonal: true });

/** What is written at which minute, of changes by minute. */
function written(changes: Readonly<Record<number, TickChange>>, untilMinute: number): [minute: number, states: string[]][] {
  const all: [number, string[]][] = [];
  let waiting: WaitingHealth = NONE_WAITS;
  for (let minute = 0; minute <= untilMinute; minute++) {
    const done = putOffHealth(waiting, changes[minute] ?? NOTHING, minute * MINUTE_MS);
    waiting = done.waiting;
    if (done.change.health.length > 0) all.push([minute, done.change.health.map(({ state }) => state)]);
  }
  return all;
}

describe('a verdict on what belongs to a person', () => {
  it('is written after five minutes, and of several on one device the newest', () => {
    const changes = { 1: { ...NOTHING, health: [phone('asleep')] }, 3: { ...NOTHING, health: [phone('up')] } };
    expect(written(changes, 20)).toEqual([[6, ['up']]]);
  });

  it('goes with whatever is written before', () => {
    const told = { ...NOTHING, health: [healthOf(2, 'down', at(0))], entries: [stateEntry(2, 'down', at(0))] };
    expect(written({ 1: { ...NOTHING, health: [phone('asleep')] }, 2: told }, 20)).toEqual([[2, ['asleep', 'down']]]);
  });

  it('is not written any more once its device is gone', () => {
    const gone = { ...NOTHING, removedDevices: [idOf(1)] };
    expect(written({ 1: { ...NOTHING, health: [phone('asleep')] }, 2: gone }, 20)).toEqual([]);
  });
});

it('lets nothing wait that the desk is told, and changes nothing where nothing waits', () => {
  const told = { ...NOTHING, health: [healthOf(2, 'down', at(0))], entries: [stateEntry(2, 'down', at(0))] };
  expect(putOffHealth(NONE_WAITS, told, 0)).toEqual({ waiting: NONE_WAITS, change: told });
  expect(putOffHealth(NONE_WAITS, NOTHING, 0).change).toBe(NOTHING);
  expect(written({ 4: { ...NOTHING, health: [healthOf(2, 'up', at(0))] } }, 5)).toEqual([[4, ['up']]]);
});
