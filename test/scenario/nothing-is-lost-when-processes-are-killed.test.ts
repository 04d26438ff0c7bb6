/** Real processes, a real mosquitto; the long run is `npm run bench:deaths`, ten times as many. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggedEntry as Entry } from '../deaths/commit-log.ts';
import { type DeathsOutcome, type DeathsPlan, faultsOf, playDeaths } from '../deaths/deaths.ts';
import { judgeEntries } from '../deaths/judge.ts';
import { MOSQUITTO } from '../fakes/mosquitto-program.ts';
import { SKIP_POSTGRES } from '../fakes/postgres-program.ts';

const SEED = process.env.HEARTHBEAT_SEED ?? 'ci';
const ON_POSTGRES = [
  { name: 'desks and databases', hub: 'busy', victims: ['desk', 'database'], database: 'postgres', kills: 20, hubs: 2 },
  { name: 'two desks on one database', hub: 'busy', victims: ['desk'], database: 'postgres', desks: 2, kills: 10, hubs: 2 },
] as const;
const PLAYS = [
  { name: 'hubs', hub: 'busy', victims: ['hub'], kills: 100, hubs: 5 },
  { name: 'desks', hub: 'busy', victims: ['desk'], kills: 20, hubs: 2 },
  { name: 'brokers', hub: 'busy', victims: ['broker'], kills: 20, hubs: 2 },
  { name: 'hubs, desks and brokers', hub: 'busy', victims: ['hub', 'desk', 'broker'], kills: 20, hubs: 2 },
  ...(SKIP_POSTGRES ? [] : ON_POSTGRES),
  { name: 'whole agents, desks and brokers', hub: 'whole', victims: ['hub', 'desk', 'broker'], kills: 9, hubs: 1 },
] as const satisfies readonly (Omit<DeathsPlan, 'seed' | 'folder'> & { name: string })[];

describe.skipIf(MOSQUITTO === undefined)('what hubs committed', () => {
  const outcomes = new Map<string, DeathsOutcome>();
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hearthbeat-deaths-'));
    // Most of their time they wait: together they take as long as the longest.
    await Promise.all(
      PLAYS.map(async ({ name, ...plan }) => {
        const own = join(folder, name);
        mkdirSync(own);
        outcomes.set(name, await playDeaths({ ...plan, seed: SEED, folder: own }));
      }),
    );
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  it.each(PLAYS)('is at the desk once and in order after $kills kills of $name', ({ name, kills, victims }) => {
    const outcome = outcomes.get(name) as DeathsOutcome;
    expect(faultsOf(outcome)).toEqual([]);
    expect(outcome.stored).toBe(outcome.emitted);
    const killed = victims.map((victim) => outcome.kills[victim]);
    expect(killed.reduce((a, b) => a + b)).toBe(kills);
    expect(Math.min(...killed)).toBeGreaterThan(0);
  });
});

describe('the judge of what arrived', () => {
  const [first, second, third] = [1, 2, 3].map((pos) => ({ pos, ses: 1, id: `id${pos}`, kind: 'site.state' })) as [Entry, Entry, Entry];
  const entries = [first, second, third];
  const fine = { emitted: 3, stored: 3, lost: 0, doubled: 0, invented: 0, outOfOrder: 0 };

  it('finds nothing where all is there as it was committed', () => {
    expect(judgeEntries({ entries }, entries)).toEqual(fine);
  });

  it.each([
    ['lost', [first, third], { stored: 2, lost: 1 }],
    ['stored twice', [first, ...entries], { stored: 4, doubled: 2 }],
    ['never committed', [...entries, { ...third, pos: 4, id: 'other' }], { stored: 4, invented: 1 }],
    ['sorted before what was committed earlier', [first, { ...third, pos: 2 }, { ...second, pos: 3 }], { outOfOrder: 3 }],
    ['moved to another place', [first, second, { ...third, ses: 2 }], { outOfOrder: 1 }],
  ] as [string, Entry[], object][])('tells what was %s', (_, stored, expected) => {
    expect(judgeEntries({ entries }, stored)).toEqual({ ...fine, ...expected });
  });
});
