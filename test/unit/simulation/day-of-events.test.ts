import { describe, expect, it } from 'vitest';
import { playDay, SAMPLE_DAY, timeOfDayMs } from '../../../src/simulation/day-of-events.ts';
import { SAMPLE_HOME } from '../../../src/simulation/sample-home.ts';
import { type Visit, visit } from './small-home.ts';

const untilMs = (at: string): number => timeOfDayMs(at) - timeOfDayMs(SAMPLE_DAY.startsAt);

/** The names that are not on, at a time of the day. */
function off(here: Visit): string[] {
  return here.control
    .truth()
    .filter((device) => device.condition !== 'on')
    .map((device) => device.name);
}

describe('the scripted day', () => {
  it('happens in order, each thing at its time, told in words', async () => {
    const here = visit(SAMPLE_HOME);
    const told: [number, string][] = [];
    playDay(here.control, here.clock, { onEvent: (caption) => told.push([Math.round(here.clock.now().monoMs), caption]) });
    await here.clock.advance(untilMs(SAMPLE_DAY.endsAt));
    expect(told).toEqual(SAMPLE_DAY.events.map((event) => [untilMs(event.at), event.caption]));
    expect(told.map(([ms]) => ms)).toEqual(told.map(([ms]) => ms).sort((a, b) => a - b));
  });

  it.each([
    ['07:30', []],
    ['09:31', ['Printer', 'Phone of Anna', 'Phone of Clara']],
    ['11:01', ['Camera driveway', 'Phone of Anna', 'Phone of Clara']],
    ['11:02', ['Phone of Anna', 'Phone of Clara']],
    ['16:31', ['Router', 'Phone of Anna', 'Phone of Clara']],
    ['20:10', ['Access point attic']],
    ['23:59', ['NVR']],
  ])('at %s these are off: %j', async (at, names) => {
    const here = visit(SAMPLE_HOME);
    playDay(here.control, here.clock);
    await here.clock.advance(untilMs(at));
    expect(off(here).sort()).toEqual([...names].sort());
  });

  it('cuts the provider for twenty minutes while the router lives', async () => {
    const here = visit(SAMPLE_HOME);
    playDay(here.control, here.clock);
    const ask = async (at: string) => {
      await here.clock.advance(untilMs(at) - here.clock.now().monoMs);
      const asked = [here.internet.ask('tcp://1.1.1.1:443', 900), here.internet.ask('dns://192.168.50.1', 900)];
      await here.clock.advance(1_000);
      return (await Promise.all(asked)).map((result) => result.outcome);
    };
    expect(await ask('12:59')).toEqual(['answered', 'answered']);
    expect(await ask('13:01')).toEqual(['silent', 'answered']);
    expect(await ask('13:21')).toEqual(['answered', 'answered']);
  });

  it('brings a new device, and moves the kitchen speaker', async () => {
    const here = visit(SAMPLE_HOME);
    const before = here.control.truth();
    playDay(here.control, here.clock);
    await here.clock.advance(untilMs('18:01'));
    const after = here.control.truth();
    expect(after.map((device) => device.name).filter((name) => !before.some((device) => device.name === name))).toEqual(['Smart plug']);
    const moved = before.filter(({ name, ip }) => after.find((device) => device.name === name)?.ip !== ip).map((device) => device.name);
    expect(moved).toEqual(['Sonos Kitchen']);
  });

  it('ends when the day ends, or when it is stopped', async () => {
    const here = visit(SAMPLE_HOME);
    const day = playDay(here.control, here.clock);
    let over = false;
    void day.done.then(() => {
      over = true;
    });
    await here.clock.advance(untilMs('12:00'));
    expect(over).toBe(false);
    day.stop();
    await day.done;
    await here.clock.advance(untilMs('24:00'));
    expect(off(here)).toEqual(['Phone of Anna', 'Phone of Clara']);
    expect(here.clock.waiting).toBe(0);
  });
});
