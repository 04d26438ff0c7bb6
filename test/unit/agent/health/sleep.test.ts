import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckRecord, Transition } from '../../../../src/agent/health/health.ts';
import { isUsuallyAsleep, learnSleep, restoreSleep, type SleepBook } from '../../../../src/agent/health/sleep.ts';
import { answersAll, device, House, silent } from './book.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, midnight UTC. */
const MONDAY = Date.UTC(2026, 0, 5);

/** One device in a home that is looked at every quarter of an hour: silent while `isSilent` says so of the hours since Monday. */
class Nights {
  book: SleepBook = restoreSleep([], MONDAY);
  wallMs = MONDAY;
  mayRest = true;
  #silentSince: number | undefined;

  live(days: number, isSilent: (hours: number) => boolean): this {
    for (const end = this.wallMs + days * DAY; this.wallMs < end; this.wallMs += HOUR / 4)
      this.#look(isSilent((this.wallMs - MONDAY) / HOUR));
    return this;
  }

  #look(isSilent: boolean): void {
    const since = { wallMs: this.#silentSince ?? 0, monoMs: 0 };
    const isBack = this.#silentSince !== undefined && !isSilent;
    this.book = learnSleep(this.book, {
      before: new Map([['lamp', { since } as CheckRecord]]),
      transitions: isBack ? [{ deviceId: 'lamp', from: 'down', to: 'up' } as Transition] : [],
      mayRest: () => this.mayRest,
      devices: new Map([['lamp', { id: 'lamp' }]]),
      wallMs: this.wallMs,
    });
    this.#silentSince = isSilent ? (this.#silentSince ?? this.wallMs) : undefined;
  }

  /** At which hours of the day that begins now its silence is no fault. */
  get sleepsAt(): number[] {
    const hours = Array.from({ length: 24 }, (_, hour) => hour);
    return hours.filter((hour) => this.at(hour));
  }

  at(hour: number): boolean {
    const later = Math.floor(this.wallMs / HOUR) + hour;
    let { book } = this;
    const rest = { before: new Map(), transitions: [], mayRest: () => true, devices: new Map([['lamp', { id: 'lamp' }]]) };
    for (let each = book.hour + 1; each <= later; each++) book = learnSleep(book, { ...rest, wallMs: each * HOUR });
    return isUsuallyAsleep(book.hours.get('lamp'), later * HOUR + HOUR / 2);
  }
}

const atNight = (hours: number): boolean => hours % 24 >= 23 || hours % 24 < 7;

describe('a device that is silent at the same hours', () => {
  it('sleeps at them after five nights, and an hour around', () => {
    expect(new Nights().live(3.5, atNight).sleepsAt).toEqual([]);
    const known = new Nights().live(8, atNight);
    expect(known.live(0.5, () => false).at(11)).toBe(true);
    expect([22, 23, 0, 3, 6, 7].map((hour) => known.at((hour + 12) % 24))).toEqual(Array(6).fill(true));
    expect([9, 12, 18, 21].map((hour) => known.at((hour + 12) % 24))).toEqual(Array(4).fill(false));
  });

  it('sleeps on the days of the week at which it did for three weeks', () => {
    const onSunday = (hours: number): boolean => Math.floor(hours / 24) % 7 === 6 && hours % 24 >= 8 && hours % 24 < 20;
    expect(new Nights().live(20, onSunday).at(12)).toBe(false);
    const known = new Nights().live(27, onSunday);
    expect([4, 7, 12, 20, 22].map((hour) => known.at(hour))).toEqual([false, true, true, true, false]);
    expect(known.live(2, onSunday).at(12)).toBe(false);
  });

  it('is awake again once it has been for three nights', () => {
    const changed = new Nights().live(14, atNight).live(3.5, () => false);
    expect(changed.at(14)).toBe(false);
  });

  it.each<[string, (nights: Nights) => Nights]>([
    ['of silences of an hour and a half', (nights) => nights.live(21, (hours) => hours % 24 >= 2 && hours % 24 < 3.5)],
    [
      'of an outage of a week',
      (nights) =>
        nights
          .live(2, () => false)
          .live(7, () => true)
          .live(1, () => false),
    ],
    ['of what the house cannot do without', (nights) => Object.assign(nights, { mayRest: false }).live(21, atNight)],
    ['of hours that are others each day', (nights) => nights.live(21, (hours) => (hours * 7) % 150 < 20)],
  ])('learns nothing %s', (_, live) => {
    expect(live(new Nights()).sleepsAt).toEqual([]);
  });

  it('is forgotten with the device, after four weeks, and when the clock jumps', () => {
    const known = new Nights().live(10, atNight);
    const inputs = { before: new Map(), transitions: [], mayRest: () => true, devices: new Map([['lamp', { id: 'lamp' }]]) };
    expect(known.book.hours.size).toBe(1);
    expect(learnSleep(known.book, { ...inputs, devices: new Map(), wallMs: known.wallMs + HOUR }).hours.size).toBe(0);
    expect(learnSleep(known.book, { ...inputs, wallMs: known.wallMs + 30 * DAY }).hours.size).toBe(0);
    expect(learnSleep(known.book, { ...inputs, wallMs: known.wallMs - 2 * HOUR }).hours.size).toBe(0);
    expect(known.live(29, () => false).book.hours.size).toBe(0);
  });

  it('changes nothing while no hour begins and nobody comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: HOUR - 1 }), (ms) => {
        const { book } = new Nights().live(0.25, atNight);
        const inputs = { before: new Map(), transitions: [], mayRest: () => true, devices: new Map() };
        expect(learnSleep(book, { ...inputs, wallMs: book.hour * HOUR + ms })).toBe(book);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the silence of a device at hours at which it is usual', () => {
  it('is sleep, and a fault when the hours are over and it is not back', () => {
    const home = new House(['gateway', 'lamp', 'tv'].map((id) => device(id, { isGateway: id === 'gateway' }))).run(60);
    home.rests = (id) => id === 'lamp';
    home.behaviour.set('lamp', silent);
    home.run(300);
    const asked = home.asked.length;
    home.run(300);
    expect(home.state('lamp')).toBe('asleep');
    expect(home.asked.slice(asked).filter(({ deviceId }) => deviceId === 'lamp').length).toBeLessThan(80);
    expect(home.book.get('lamp')?.reason).toMatch(/as usual at this time/);
    home.rests = () => false;
    home.run(60);
    expect(home.state('lamp')).toBe('down');
    home.behaviour.set('lamp', answersAll);
    home.run(30);
    expect(home.log.filter((line) => line.includes(' lamp ')).map((line) => line.split('>')[1])).toEqual([
      'up',
      'suspect',
      'asleep',
      'down',
      'up',
    ]);
  });

  it('is the fault that it was where it began before', () => {
    const home = new House(['gateway', 'lamp', 'tv'].map((id) => device(id, { isGateway: id === 'gateway' }))).run(60);
    home.behaviour.set('lamp', silent);
    home.run(30);
    home.rests = () => true;
    home.run(300);
    expect(home.state('lamp')).toBe('down');
  });
});
