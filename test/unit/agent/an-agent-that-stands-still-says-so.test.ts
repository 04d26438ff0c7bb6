/** A watchdog that hears from a timer restarts nothing that hangs: the agent moves only while its work does. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pulse } from '../../../src/agent/pulse.ts';
import { SimulatedAgent } from '../../builders/simulated-agent.ts';

describe('an agent', () => {
  it('moves while rounds end, questions are answered and changes are saved', () => {
    const pulse = new Pulse(0);
    for (let ms = 0; ms < 3_600_000; ms += 250) {
      pulse.asked(ms);
      pulse.round(ms, false);
      pulse.answered(ms + 200);
      if (ms % 300_000 === 0) pulse.committed(ms);
      expect(pulse.standstill(ms + 250)).toBeUndefined();
    }
  });

  it('stands still when no round comes to its end for 20 s', () => {
    const pulse = new Pulse(0);
    pulse.round(1_000, false);
    expect(pulse.standstill(21_000)).toBeUndefined();
    expect(pulse.standstill(21_001)).toBe('no round came to its end');
  });

  it('stands still when it asks and no question comes to its end for a minute, although rounds go on', () => {
    const pulse = new Pulse(0);
    const ask = (ms: number): void => {
      pulse.asked(ms);
      pulse.round(ms, false);
    };
    for (let ms = 500; ms <= 60_500; ms += 500) ask(ms);
    expect(pulse.standstill(60_500)).toBeUndefined();
    ask(61_000);
    expect(pulse.standstill(61_000)).toBe('none of 122 questions came to its end');
    pulse.answered(61_000);
    expect(pulse.standstill(61_001)).toBeUndefined();
  });

  it('does not stand still for having nothing to ask: an empty house, a cable that is out', () => {
    const pulse = new Pulse(0);
    pulse.asked(0);
    pulse.answered(100);
    for (let ms = 250; ms < 600_000; ms += 250) pulse.round(ms, false);
    expect(pulse.standstill(600_000)).toBeUndefined();
  });

  it('stands still when nothing is committed for two of the times at which something always is, and not when the disk refuses', () => {
    const [quiet, refused] = [new Pulse(0), new Pulse(0)];
    for (let ms = 0; ms <= 660_250; ms += 250) {
      quiet.round(ms, false);
      refused.round(ms, true);
    }
    expect(quiet.standstill(660_250)).toBe('nothing was saved');
    expect(refused.standstill(660_250)).toBeUndefined();
  });
});

describe('the whole agent', { timeout: 120_000 }, () => {
  const started = async (seed: string): Promise<SimulatedAgent> => {
    const agent = await SimulatedAgent.start(seed);
    onTestFinished(() => agent.stop());
    return agent.run(20);
  };

  it('moves through twelve minutes in a house', async () => {
    const agent = await started('moves');
    for (let minute = 0; minute < 12; minute++) expect((await agent.run(60)).standstill()).toBeUndefined();
  });

  it('stands still once no question comes to its end any more, while its timers go on', async () => {
    const agent = await started('hangs');
    Object.assign(agent.home.prober, { probe: () => new Promise(() => {}) });
    await agent.run(90);
    expect(agent.standstill()).toMatch(/^none of \d+ questions came to its end$/);
  });
});
