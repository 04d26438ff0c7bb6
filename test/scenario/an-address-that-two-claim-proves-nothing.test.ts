import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/agent/discovery/sighting.ts';
import { AGENT_PACE } from '../../src/agent/evidence/plan.ts';
import type { ProbeResult } from '../../src/agent/health/probe.ts';
import { tick } from '../../src/agent/pipeline.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import { type AgentState, restoreState } from '../../src/agent/state.ts';
import { createAgentStore, type TickChange } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { context, from, instant } from '../unit/agent/inventory/hearing.ts';

const OWNER = '00:11:32:00:00:01';
const SPOOFER = 'b0:a7:37:5d:10:7e';
const IP = '192.168.1.30';

/** The agent's stages and store in a home whose sightings and answers are written by hand; no socket. */
function agent() {
  const inventory = context();
  const random = seededRandom('claims');
  const db = new Database(':memory:');
  for (const migration of AGENT_MIGRATIONS) db.exec(migration.sql);
  const store = createAgentStore(db, { random, start: 'first' });
  let state: AgentState = restoreState(store.load(), [], instant(0), STANDARD_POLICY);
  const changes: TickChange[] = [];
  const told = {
    inventory,
    random,
    reading: { ...AGENT_PACE, readers: [], leaveAlone: [] },
    clock: 'unsynced',
    canRevalidate: true,
    tellPersonal: false,
    policy: STANDARD_POLICY,
  } as const;
  return {
    hear(second: number, sightings: readonly Sighting[], results: readonly ProbeResult[] = []): void {
      const hub = { links: { eth0: true }, eventLoopLagMs: 1 };
      const done = tick(state, { sightings, results, reads: [], hub, now: instant(second) }, told);
      state = done.state;
      changes.push(done.change);
      store.commitTick(done.change);
    },
    /** Another process begins with what was saved. */
    restart(second: number): void {
      state = restoreState(store.load(), [], instant(second), STANDARD_POLICY);
    },
    stateOf: (mac: string) => state.book.get([...state.inventory.devices.values()].find((d) => d.identifiers[0]?.value === mac)?.id ?? ''),
    answer(second: number, mac: string): ProbeResult {
      const deviceId = [...state.inventory.devices.values()].find((device) => device.identifiers[0]?.value === mac)!.id;
      const request = { deviceId, ip: IP, interface: 'eth0', method: 'icmp' as const, timeoutMs: 900 };
      return { request, startedAt: instant(second - 1), finishedAt: instant(second), outcome: 'answered', rttMs: 1, detail: 'echo reply' };
    },
    alerts: () => changes.flatMap(({ alerts }) => alerts).filter(({ code }) => code !== 'device-new'),
    entries: () => changes.flatMap(({ entries }) => entries),
    saved: () => changes.flatMap(({ devices }) => devices).length,
  };
}

/** How often it was raised: how its hold goes is told too. */
const occurrences = (home: ReturnType<typeof agent>): number => new Set(home.alerts().map(({ raisedAt }) => raisedAt)).size;

describe('a device whose address another one claims', () => {
  it('is not up by answers from there, is told with both MACs and makers, and is itself again when only it claims it', () => {
    const home = agent();
    home.hear(0, [from(IP).is(OWNER, 0), from('192.168.1.66').is(SPOOFER, 0)]);
    home.hear(5, [], [home.answer(5, OWNER)]);
    expect(home.stateOf(OWNER)?.state).toBe('up');
    for (let i = 1; i <= 4; i++) home.hear(20 + i * 20, [from(IP).is(i % 2 ? SPOOFER : OWNER, 20 + i * 20)]);
    expect(home.stateOf(OWNER)?.state).toBe('unknown');
    home.hear(110, [from(IP).is(SPOOFER, 110)], [home.answer(110, OWNER)]);
    expect(home.stateOf(OWNER)).toMatchObject({ state: 'unknown', reason: expect.stringContaining('Another device claims its address') });
    expect(home.alerts()).toMatchObject([
      {
        code: 'identity-conflict',
        text: expect.stringMatching(/00:11:32:00:00:01 \(Synology\) from 08:00:00 .* b0:a7:37:5d:10:7e \(Roku\) from 08:00:40/),
        evidence: { attempts: expect.any(Array) },
      },
    ]);
    for (let second = 140; second < 900; second += 30) home.hear(second, [from(IP).is(OWNER, second)]);
    expect(home.alerts().at(-1)).toMatchObject({ code: 'identity-conflict', clearedBecause: expect.stringContaining('ten minutes') });
    expect(home.stateOf(OWNER)?.state).toBe('up');
  });

  it('is told with both MACs, makers and times ten minutes after something that just joined took its address and nothing is left of it', () => {
    const home = agent();
    for (let second = 0; second < 3600; second += 60) home.hear(second, [from(IP).is(OWNER, second)]);
    for (let second = 3600; second < 4260; second += 20) home.hear(second, [from(IP).is(SPOOFER, second)], [home.answer(second, OWNER)]);
    expect(home.stateOf(OWNER)?.state).toBe('unknown');
    expect(home.alerts()).toMatchObject([
      {
        code: 'identity-conflict',
        text: expect.stringMatching(
          /00:11:32:00:00:01 \(Synology\) from 08:00:00 to 08:59:00 UTC and by b0:a7:37:5d:10:7e \(Roku\) from 09:00:00/,
        ),
      },
    ]);
  });

  // As the lab's `fault duplicate-ip nas` goes: the kernel keeps the thief's MAC, and the owner lives on at its IPv6 address.
  it('is not up by its IPv6 address alone: told after three minutes, and over ten minutes after the thief is gone', () => {
    const home = agent();
    const own = (second: number) => from('fe80::211:32ff:fe00:1').is(OWNER, second);
    home.hear(0, [from(IP).is(OWNER, 0), own(0)]);
    for (let second = 20; second <= 220; second += 20) home.hear(second, [from(IP).is(SPOOFER, second), own(second)]);
    expect(home.alerts()).toMatchObject([{ code: 'identity-conflict' }]);
    expect(home.stateOf(OWNER)?.state).toBe('unknown');
    for (let second = 240; second < 820; second += 20) home.hear(second, [from(IP).is(OWNER, second), own(second)]);
    expect(occurrences(home)).toBe(1);
    for (let second = 820; second < 880; second += 20) home.hear(second, [from(IP).is(OWNER, second), own(second)]);
    expect(home.alerts().at(-1)).toMatchObject({ code: 'identity-conflict', clearedBecause: expect.stringContaining('Only one') });
    expect(home.stateOf(OWNER)?.state).toBe('up');
  });

  it('is still doubted and told once after a restart of the agent, and over ten minutes after the other is gone', () => {
    const home = agent();
    home.hear(0, [from(IP).is(OWNER, 0), from('192.168.1.66').is(SPOOFER, 0)]);
    for (let i = 1; i <= 4; i++) home.hear(20 + i * 20, [from(IP).is(i % 2 ? SPOOFER : OWNER, 20 + i * 20)]);
    home.hear(110, []);
    home.restart(3600);
    home.hear(3601, [from(IP).is(SPOOFER, 3601)], [home.answer(3601, OWNER)]);
    expect(occurrences(home)).toBe(1);
    expect(home.stateOf(OWNER)?.state).toBe('unknown');
    for (let second = 3620; second < 4180; second += 20) home.hear(second, [from(IP).is(OWNER, second)]);
    expect(occurrences(home)).toBe(1);
    for (let second = 4180; second < 4280; second += 20) home.hear(second, [from(IP).is(OWNER, second)]);
    expect(home.alerts().filter(({ clearedBecause }) => clearedBecause)).toMatchObject([
      { code: 'identity-conflict', clearedBecause: expect.stringContaining('Only one') },
    ]);
    home.restart(4300);
    home.hear(4301, [from(IP).is(OWNER, 4301)], [home.answer(4301, OWNER)]);
    expect(home.stateOf(OWNER)?.state).toBe('up');
  });

  it('is over also where it was declared by a clock that ran a year ahead', () => {
    const home = agent();
    const ahead = 400 * 86_400;
    home.hear(ahead, [from(IP).is(OWNER, ahead), from('192.168.1.66').is(SPOOFER, ahead)]);
    for (let i = 1; i <= 4; i++) home.hear(ahead + 20 + i * 20, [from(IP).is(i % 2 ? SPOOFER : OWNER, ahead + 20 + i * 20)]);
    expect(occurrences(home)).toBe(1);
    home.restart(200);
    for (let second = 220; second < 1000; second += 20) home.hear(second, [from(IP).is(OWNER, second)]);
    expect(home.alerts().at(-1)).toMatchObject({ code: 'identity-conflict', clearedBecause: expect.stringContaining('Only one') });
  });

  it('tells nothing of a person: neither of whose device it is nor of the other one', () => {
    const home = agent();
    const phone = '62:1e:9a:00:00:01';
    home.hear(0, [from(IP).is(OWNER, 0), from('192.168.1.66').is(phone, 0), from('192.168.1.40').is('62:1e:9a:00:00:02', 0)]);
    for (let i = 1; i <= 5; i++) {
      const second = i * 20;
      const mine = i % 2 ? phone : OWNER;
      home.hear(second, [from(IP).is(mine, second), from('192.168.1.40').is(i % 2 ? SPOOFER : '62:1e:9a:00:00:02', second)]);
    }
    expect(occurrences(home)).toBe(1);
    expect(JSON.stringify(home.entries())).not.toMatch(/62:1e:9a/);
  });
});

describe('a minute of ten thousand invented MACs', () => {
  it('is one statement, and neither the disk nor the desk hears of each', () => {
    const home = agent();
    home.hear(0, [from('192.168.1.1').is(OWNER, 0)]);
    // What a house has on its first day is believed at once; the flood comes later.
    const house = Array.from({ length: 511 }, (_, i) =>
      from(`10.9.${i >> 8}.${i & 255}`).is(`00:11:33:00:${hex(i >> 8)}:${hex(i & 255)}`, 1),
    );
    home.hear(1, house);
    const [before, saved] = [home.entries().length, home.saved()];
    for (let second = 100; second < 160; second++) {
      const flood = Array.from({ length: 167 }, (_, i) => (second - 100) * 167 + i).map((n) =>
        from(`10.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`).is(
          `00:11:34:${hex(n >> 16)}:${hex((n >> 8) & 255)}:${hex(n & 255)}`,
          second,
        ),
      );
      home.hear(second, flood);
    }
    expect(home.alerts().map(({ code }) => code)).toEqual(['discovery-storm']);
    expect(home.saved() - saved).toBeLessThan(50);
    expect(home.entries().length - before).toBeLessThan(200 + 2 * 511);
    expect(home.entries().filter(({ kind }) => kind === 'device.added').length).toBeLessThan(600);
  });
});

const hex = (n: number): string => n.toString(16).padStart(2, '0');
