import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { PacedClock } from '../../../src/simulation/paced-clock.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';

/** The "real" time of these tests is virtual too. */
function paced(speed: number): { real: VirtualClock; virtual: VirtualClock; clock: PacedClock; faults: unknown[] } {
  const [real, virtual] = [new VirtualClock(), new VirtualClock()];
  const faults: unknown[] = [];
  return { real, virtual, faults, clock: new PacedClock({ virtual, real, speed, onFault: (fault) => faults.push(fault) }) };
}

/** Real time passes in small steps, so that the virtual clock has its turns in between. */
async function pass(real: VirtualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    await real.advance(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the paced clock', () => {
  it('moves at the given multiple of real time', async () => {
    const { real, clock } = paced(288);
    clock.start();
    await pass(real, 1_000);
    const { monoMs } = clock.now();
    expect(monoMs).toBeGreaterThan(280_000);
    expect(monoMs).toBeLessThanOrEqual(288_000);
  });

  it('runs timers at their own virtual instant, not at the beat', async () => {
    const { real, clock } = paced(1_000);
    const ran: number[] = [];
    for (const delayMs of [7_777, 3_333]) clock.setTimer(delayMs, () => ran.push(clock.now().monoMs));
    clock.start();
    await pass(real, 100);
    expect(ran).toEqual([3_333, 7_777]);
  });

  it('beats about forty times a second and no more', async () => {
    const { real, clock } = paced(10);
    const moved = new Set<number>();
    clock.start();
    for (let i = 0; i < 200; i++) {
      await pass(real, 5);
      moved.add(clock.now().monoMs);
    }
    expect(moved.size).toBeGreaterThan(30);
    expect(moved.size).toBeLessThan(45);
  });

  it('does not race to catch up when the machine slept', async () => {
    const { real, virtual } = paced(100);
    let sleptMs = 0;
    const waking: Clock = {
      now: () => ({ monoMs: real.now().monoMs + sleptMs, wallMs: 0 }),
      setTimer: (ms, task) => real.setTimer(ms, task),
    };
    const clock = new PacedClock({ virtual, real: waking, speed: 100, onFault: () => undefined });
    clock.start();
    await pass(real, 50);
    const before = clock.now().monoMs;
    sleptMs = 3_600_000;
    await pass(real, 50);
    expect(clock.now().monoMs - before).toBeGreaterThan(5_000);
    expect(clock.now().monoMs - before).toBeLessThan(20_000);
  });

  it('stands still after stop and goes on after start, without the time between', async () => {
    const { real, clock } = paced(10);
    clock.start();
    await pass(real, 200);
    await clock.stop();
    const stoppedAt = clock.now().monoMs;
    await pass(real, 500);
    expect(clock.now().monoMs).toBe(stoppedAt);
    expect(real.waiting).toBe(0);
    clock.start();
    await pass(real, 100);
    expect(clock.now().monoMs).toBeGreaterThan(stoppedAt);
    expect(clock.now().monoMs).toBeLessThanOrEqual(stoppedAt + 1_000);
  });

  it('keeps one pace when it is stopped and started in one breath', async () => {
    const { real, clock, faults } = paced(10);
    clock.setTimer(200, () => {
      void clock.stop();
      clock.start();
    });
    clock.start();
    await pass(real, 500);
    expect(faults).toEqual([]);
    expect(real.waiting).toBe(1);
    expect(clock.now().monoMs).toBeLessThanOrEqual(5_000);
  });

  it('changes its speed while it runs', async () => {
    const { real, clock } = paced(0);
    clock.start();
    await pass(real, 200);
    expect(clock.now().monoMs).toBe(0);
    clock.speed = 50;
    await pass(real, 200);
    expect(clock.now().monoMs).toBeGreaterThan(5_000);
  });

  it('stands still and says so when a task throws', async () => {
    const { real, clock, faults } = paced(10);
    clock.setTimer(100, () => {
      throw new Error('broken task');
    });
    clock.start();
    await pass(real, 300);
    expect(faults).toEqual([new Error('broken task')]);
    expect(clock.now().monoMs).toBe(100);
    expect(real.waiting).toBe(0);
  });
});
