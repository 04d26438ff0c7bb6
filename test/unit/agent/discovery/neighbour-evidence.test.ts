import { describe, expect, test } from 'vitest';
import { type Evidence, evidenceSince, type Reading } from '../../../../src/agent/discovery/neighbour-evidence.ts';
import type { Neighbour } from '../../../../src/agent/ports.ts';

const MAC = '02:00:00:00:00:01';

/** The table said `state` and an age in seconds at `atMs`; reading it took 5 ms. */
function read(atMs: number, state?: Neighbour['state'], ageS?: number, mac: string | undefined = MAC): Reading {
  const resolved = state !== 'INCOMPLETE' && state !== 'FAILED' && mac !== undefined;
  const age = ageS === undefined ? {} : { confirmedAgoMs: ageS * 1000 };
  const entry = state && { ip: '10.0.0.2', interface: 'eth0', state, isRouter: false, ...age, ...(resolved ? { mac } : {}) };
  return { entry, askedAtMs: atMs, readAtMs: atMs + 5 };
}

const cases: [why: string, before: Reading, now: Reading, expected: Evidence][] = [
  ['an entry that was not there has been resolved', read(0), read(50, 'REACHABLE', 0), 'confirmed'],
  ['an entry that had failed has been resolved', read(0, 'FAILED', 90), read(50, 'REACHABLE', 0), 'confirmed'],
  ['the address has moved to another device', read(0, 'STALE', 90), read(50, 'STALE', 90, '02:00:00:00:00:02'), 'confirmed'],
  ['an old entry got a new confirmation', read(0, 'STALE', 90), read(6000, 'REACHABLE', 0), 'confirmed'],
  ['the device answered the kernel that was made to ask', read(0, 'PROBE', 0), read(50, 'REACHABLE', 0), 'confirmed'],
  ['a cable was pulled a moment ago: REACHABLE, but nothing new', read(0, 'REACHABLE', 0), read(900, 'REACHABLE', 0), 'open'],
  ['REACHABLE ages with the time that passes', read(0, 'REACHABLE', 10), read(3000, 'REACHABLE', 13), 'open'],
  ['DELAY turned REACHABLE by a confirmation of before', read(0, 'DELAY', 3), read(2000, 'REACHABLE', 4), 'open'],
  [
    'the age is in whole seconds, so the same age a moment later may be the same',
    read(0, 'REACHABLE', 2),
    read(900, 'REACHABLE', 2),
    'open',
  ],
  ['the same age more than a second later is newer', read(0, 'REACHABLE', 2), read(1100, 'REACHABLE', 2), 'confirmed'],
  ['the kernel is still asking', read(0), read(2000, 'INCOMPLETE', 60), 'open'],
  ['nobody answered the kernel', read(0, 'REACHABLE', 3), read(3100, 'FAILED', 6), 'failed'],
  ['a source that tells no age proves nothing of a known entry', read(0, 'UNKNOWN'), read(5000, 'UNKNOWN'), 'open'],
  ['a source that tells no age does prove a new entry', read(0, 'INCOMPLETE'), read(50, 'UNKNOWN'), 'confirmed'],
  ['there is nothing', read(0), read(9000), 'open'],
];

describe('between two readings of the neighbour table', () => {
  test.each(cases)('%s', (_why, before, now, expected) => {
    expect(evidenceSince(before, now)).toBe(expected);
  });
});
