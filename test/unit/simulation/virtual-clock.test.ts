import { describe, expect, it } from 'vitest';
import { every, sleep } from '../../../src/base/clock.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';

describe('the virtual clock', () => {
  it('runs timers in order of their due time, and ties in the order they were set', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    for (const [delayMs, name] of [
      [30, 'c'],
      [10, 'a1'],
      [20, 'b'],
      [10, 'a2'],
      [5, 'first'],
    ] as const)
      clock.setTimer(delayMs, () => ran.push(name));
    await clock.advance(25);
    expect(ran).toEqual(['first', 'a1', 'a2', 'b']);
    await clock.advance(5);
    expect(ran.at(-1)).toBe('c');
  });

  it('keeps the order of a thousand timers set and cancelled at random', async () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    const delays = Array.from({ length: 1000 }, (_, i) => 1 + ((i * 7919) % 1009));
    const timers = delays.map((delayMs) => clock.setTimer(delayMs, () => ran.push(delayMs)));
    for (const [i, timer] of timers.entries()) if (i % 3 !== 0) timer.cancel();
    expect(clock.waiting).toBe(334);
    await clock.advance(2_000);
    expect(ran).toEqual(delays.filter((_, i) => i % 3 === 0).sort((a, b) => a - b));
  });

  it('shows each timer the instant at which it was due', async () => {
    const clock = new VirtualClock(1_000_000);
    const seen: unknown[] = [];
    clock.setTimer(250, () => seen.push(clock.now()));
    await clock.advance(1_000);
    expect(seen).toEqual([{ monoMs: 250, wallMs: 1_000_250 }]);
    expect(clock.now()).toEqual({ monoMs: 1_000, wallMs: 1_001_000 });
  });

  it('settles long chains of promises before the next timer runs', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const chain = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await Promise.resolve();
      ran.push('chain');
    };
    clock.setTimer(10, () => void chain());
    clock.setTimer(11, () => ran.push('next'));
    await clock.advance(20);
    expect(ran).toEqual(['chain', 'next']);
  });

  it('runs what falls due because of what it ran, in the same advance', async () => {
    const clock = new VirtualClock();
    const woke: number[] = [];
    const sleeper = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(clock, 100);
        woke.push(clock.now().monoMs);
      }
    };
    void sleeper();
    await clock.advance(250);
    expect(woke).toEqual([100, 200]);
    await clock.advance(50);
    expect(woke).toEqual([100, 200, 300]);
  });

  it('does not run a cancelled timer, also when an earlier timer of the same instant cancels it', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.setTimer(10, () => second.cancel());
    const second = clock.setTimer(10, () => ran.push('second'));
    const repeated = every(clock, 10, () => ran.push('tick'));
    await clock.advance(35);
    repeated.cancel();
    await clock.advance(100);
    expect(ran).toEqual(['tick', 'tick', 'tick']);
    expect(clock.waiting).toBe(0);
  });

  it('moves time in a loop of zero-delay timers', async () => {
    const clock = new VirtualClock();
    let turns = 0;
    const again = (): void => {
      turns++;
      clock.setTimer(0, again);
    };
    again();
    await clock.advance(1);
    expect(turns).toBeGreaterThan(50);
    expect(turns).toBeLessThan(200);
  });

  it('steps and drifts the wall clock without touching durations', async () => {
    const clock = new VirtualClock(0);
    await clock.advance(1_000);
    clock.stepWall(-86_400_000);
    expect(clock.now()).toEqual({ monoMs: 1_000, wallMs: 1_000 - 86_400_000 });
    clock.stepWall(86_400_000);
    clock.driftWall(100);
    await clock.advance(86_400_000);
    expect(clock.now()).toEqual({ monoMs: 86_401_000, wallMs: 86_401_000 + 8_640 });
  });

  it('refuses to be moved while it moves, and hands on what a task throws', async () => {
    const clock = new VirtualClock();
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow('already moving');
    await first;
    clock.setTimer(1, () => {
      throw new Error('broken task');
    });
    await expect(clock.advance(10)).rejects.toThrow('broken task');
    await clock.advance(10);
  });
});
