import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { CheckRecord, Learned } from '../../../../src/agent/health/health.ts';
import {
  afterRun,
  againAtWorst,
  confirmations,
  confirmationsFor,
  faded,
  linkWords,
  NO_LOSSES,
  shareLost,
} from '../../../../src/agent/health/losses.ts';
import { adaptedTo, detectWithinMs, PROFILES } from '../../../../src/agent/health/profiles.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { at, type Behaviour, device, GOOD_HUB, House, silent } from './book.ts';

const DAY_ROUNDS = 86_400 / 5;
const NOTHING: Learned = { rounds: 0, losses: NO_LOSSES };
const counts = fc
  .record({ rounds: fc.nat(300_000), runs: fc.nat(5_000), followed: fc.nat(600), share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(
    ({ rounds, runs, followed, share }): Learned => ({
      rounds: Math.max(rounds, runs),
      losses: { runs, followed, lostAgain: Math.floor(followed * share) },
    }),
  );
const share = fc.double({ min: 0.0001, max: 0.9999, noNaN: true });
const homes = fc.integer({ min: 1, max: 1000 });
const start = fc.constantFrom(PROFILES.wired, PROFILES.gateway, PROFILES.other, PROFILES.quiet);

/** So many seconds of a link, asked as the plan does: out of the blue every five seconds, after a loss every second. */
function days(count: number, lost: number, again: number, seed: string, each: (learned: Learned) => void): Learned {
  const random = seededRandom(seed);
  let learned = NOTHING;
  for (let second = 0; second < count * 86_400; second += 5) {
    let misses = 0;
    if (random.fraction() < lost) for (misses = 1; misses < 30 && random.fraction() < again; ) misses++;
    second += misses;
    if (misses < 30) learned = misses === 0 ? { ...learned, rounds: learned.rounds + 1 } : afterRun(learned, misses, true);
    if (misses > 0) each(learned);
    if (second % 900 < 5) learned = faded(learned, 5_000);
  }
  return learned;
}

describe('how many silent answers make down', () => {
  test.each([
    [0.02, 6],
    [0.05, 7],
    [0.1, 9],
    [0.2, 12],
    [0.3, 15],
    [0.5, 25],
  ])('is as the maths say, where 2 %% are lost and %f of those that follow a loss: %i', (again, expected) => {
    expect(confirmations(0.02, again, 5_000, 60)).toBe(expected);
  });

  it('grows with every kind of loss and with the home, within its bounds', () => {
    fc.assert(
      fc.property(share, share, share, homes, homes, (lost, again, more, devices, others) => {
        const some = confirmations(lost, again, 5_000, devices);
        expect(some).toBeGreaterThanOrEqual(6);
        expect(some).toBeLessThanOrEqual(30);
        expect(confirmations(Math.max(lost, more), again, 5_000, devices)).toBeGreaterThanOrEqual(some);
        expect(confirmations(lost, Math.max(again, more), 5_000, devices)).toBeGreaterThanOrEqual(some);
        expect(confirmations(lost, again, 5_000, Math.max(devices, others))).toBeGreaterThanOrEqual(some);
      }),
    );
  });

  it('grows when losses last longer, whatever was seen before', () => {
    fc.assert(
      fc.property(counts, start, homes, fc.integer({ min: 1, max: 4 }), (learned, profile, devices, misses) => {
        const short = confirmationsFor(profile, afterRun(learned, misses, true), devices);
        const long = confirmationsFor(profile, afterRun(learned, misses + 1, true), devices);
        expect(long).toBeGreaterThanOrEqual(short);
      }),
    );
  });

  it('promises of a device what its confirmations take, never less where more is lost', () => {
    fc.assert(
      fc.property(counts, counts, start, homes, (one, other, profile, devices) => {
        const isWorse =
          shareLost(one, profile.intervalMs) >= shareLost(other, profile.intervalMs) &&
          againAtWorst(one.losses) >= againAtWorst(other.losses);
        fc.pre(isWorse && one.rounds >= DAY_ROUNDS * 3 && other.rounds >= DAY_ROUNDS * 3);
        const worse = detectWithinMs(adaptedTo(profile, one, devices, STANDARD_POLICY), true);
        expect(worse).toBeGreaterThanOrEqual(detectWithinMs(adaptedTo(profile, other, devices, STANDARD_POLICY), true));
      }),
      { numRuns: 400 },
    );
  });

  it('is never less than the profile begins with in the first day', () => {
    fc.assert(
      fc.property(counts, homes, (learned, devices) => {
        const young = { ...learned, rounds: Math.min(learned.rounds, DAY_ROUNDS - 1) };
        expect(confirmationsFor(PROFILES.wired, young, devices)).toBeGreaterThanOrEqual(PROFILES.wired.confirmations);
      }),
    );
  });

  it('finds a wired device dead within 15 s under 2 % independent loss, on each of ten days', () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      days(10, 0.02, 0.02, seed, (learned) => {
        expect(detectWithinMs(adaptedTo(PROFILES.wired, learned, 60, STANDARD_POLICY), true)).toBeLessThan(15_000);
      });
    }
  });

  it('keeps within the budget of false downs once it has learned, however a link loses its packets', () => {
    for (const again of [0.05, 0.1, 0.2, 0.3, 0.4]) {
      for (const lost of [0.005, 0.02, 0.05]) {
        const learned = days(3, lost, again, `${lost} ${again}`, () => {});
        const n = confirmationsFor(PROFILES.wired, learned, 60);
        const aHomeYear = 60 * 365.25 * DAY_ROUNDS * lost * again ** (n - 1);
        expect(aHomeYear, `${lost} ${again} ${n}`).toBeLessThan(1);
        expect(n).toBeLessThanOrEqual(confirmations(lost, again, 5_000, 60) + 12);
      }
    }
  });

  it('learns within a day that a good link has turned bad, and within two weeks that it is good again', () => {
    const good = days(30, 0.001, 0.02, 'good', () => {});
    expect(adaptedTo(PROFILES.wired, good, 60, STANDARD_POLICY).confirmations).toBeLessThanOrEqual(7);
    let bad = good;
    for (let run = 0; run < 60; run++) bad = afterRun({ ...bad, rounds: bad.rounds + 200 }, 1 + (run % 4), true);
    expect(adaptedTo(PROFILES.wired, bad, 60, STANDARD_POLICY).confirmations).toBeGreaterThan(12);
    let better = bad;
    for (let run = 0; run < 500; run++) better = faded(afterRun({ ...better, rounds: better.rounds + 480 }, 1, true), 5_000);
    expect(adaptedTo(PROFILES.wired, better, 60, STANDARD_POLICY).confirmations).toBeLessThanOrEqual(9);
  });

  it('lets questions of long ago weigh less, and is the same where none are', () => {
    const old = { rounds: 300_000, losses: { runs: 4_000, followed: 100, lostAgain: 10 } };
    expect(faded(old, 5_000)).toEqual({ rounds: 150_000, losses: { runs: 2_000, followed: 100, lostAgain: 10 } });
    const much = { rounds: 1_000, losses: { runs: 300, followed: 300, lostAgain: 30 } };
    expect(faded(much, 5_000)).toEqual({ rounds: 1_000, losses: { runs: 300, followed: 150, lostAgain: 15 } });
    const recent = { ...old, rounds: 200_000 };
    expect(faded(recent, 5_000)).toBe(recent);
  });

  it('makes of one restart within seconds no bad link, and of a link that lost nothing yet no perfect one', () => {
    const week = { rounds: 7 * DAY_ROUNDS, losses: NO_LOSSES };
    expect(adaptedTo(PROFILES.wired, afterRun(week, 9, true), 60, STANDARD_POLICY).confirmations).toBeLessThanOrEqual(10);
    expect(shareLost(week, 5_000)).toBeGreaterThan(1 / 150_000);
  });

  it('says of a link what is the matter with it, and nothing of a good one', () => {
    const words = (learned: Learned) => linkWords(adaptedTo(PROFILES.wired, learned, 60, STANDARD_POLICY), PROFILES.wired, learned.losses);
    expect(words(NOTHING)).toBeUndefined();
    expect(linkWords(adaptedTo(PROFILES.quiet, NOTHING, 250, STANDARD_POLICY), PROFILES.quiet, NO_LOSSES)).toBeUndefined();
    expect(words({ rounds: 50_000, losses: { runs: 500, followed: 300, lostAgain: 75 } })).toMatch(/often loses several packets/);
    expect(words({ rounds: 50_000, losses: { runs: 500, followed: 300, lostAgain: 180 } })).toMatch(/unreliable/);
  });
});

describe('what teaches the losses of a link', () => {
  const losing = (home: House, id: string, misses: number): void => {
    let left = misses;
    home.behaviour.set(id, () => (left-- > 0 ? 'silent' : 0.4));
  };
  const record = (home: House, id = 'nas') => home.book.get(id) as CheckRecord;
  const house = (): House => new House(['gateway', 'nas', 'tv', 'lamp'].map((id) => device(id, { isGateway: id === 'gateway' }))).run(120);

  it('is a run of losses that ends in an answer', () => {
    const home = house();
    const { rounds } = record(home);
    losing(home, 'nas', 3);
    home.run(20);
    expect(record(home).losses).toEqual({ runs: 1, followed: 3, lostAgain: 2 });
    expect(record(home).rounds).toBeGreaterThan(rounds);
    expect(record(home).since.monoMs).toBeLessThan(10_000);
  });

  it('counts a run that the device ended by speaking, but not the answer that was not asked for', () => {
    const home = house();
    losing(home, 'nas', 100);
    while (record(home).misses < 3) home.run(0.25);
    home.run(0.25, [{ deviceId: 'nas', at: at(home.now), by: 'mdns' }]);
    expect(record(home).losses).toEqual({ runs: 1, followed: 2, lostAgain: 2 });
  });

  it('changes one number for each answer', () => {
    const home = house();
    const { rounds, losses } = record(home);
    home.run(60);
    expect(record(home).rounds - rounds).toBeGreaterThanOrEqual(11);
    expect(record(home).losses).toBe(losses);
  });

  test.each([
    ['an outage of the device', (home: House) => losing(home, 'nas', 20), 120],
    [
      'a hub that is slow',
      (home: House) => {
        losing(home, 'nas', 5);
        home.hub = { ...GOOD_HUB, eventLoopLagMs: 900 };
      },
      30,
    ],
    [
      'an unplugged hub',
      (home: House) => {
        losing(home, 'nas', 6);
        while (record(home).misses < 3) home.run(0.25);
        home.hub = { ...GOOD_HUB, links: { eth0: false } };
        home.run(2);
        home.hub = GOOD_HUB;
      },
      60,
    ],
  ])('is not %s', (_, happens, seconds) => {
    const home = house();
    happens(home);
    home.run(seconds);
    expect(record(home).state).toBe('up');
    expect(record(home).losses).toEqual(NO_LOSSES);
  });

  it('is not a moment in which nobody at all was heard', () => {
    for (let phase = 0; phase < 5; phase += 0.5) {
      const home = house().run(phase);
      const until = home.now + 6.5;
      for (const id of home.devices.keys()) home.behaviour.set(id, (_, seconds) => (seconds < until ? 'silent' : 0.4));
      home.run(60);
      for (const id of home.devices.keys()) expect(record(home, id).losses.lostAgain, `${id} ${phase}`).toBeLessThanOrEqual(2);
    }
  });

  it('is no run that ends while the hub is slow', () => {
    const home = house();
    losing(home, 'nas', 4);
    while (record(home).misses < 3) home.run(0.25);
    home.hub = { ...GOOD_HUB, eventLoopLagMs: 900 };
    home.run(10);
    expect(record(home).state).toBe('up');
    expect(record(home).losses).toEqual(NO_LOSSES);
  });

  it('makes the next verdict wait longer at once, and shortens it again only after a quarter of an hour', () => {
    const home = house();
    const bad = { runs: 400, followed: 300, lostAgain: 150 };
    home.book = new Map([...home.book, ['nas', { ...record(home), rounds: 40_000, losses: bad }]]);
    losing(home, 'nas', 2);
    home.run(20);
    const after = record(home).profile.confirmations;
    expect(after).toBeGreaterThan(20);
    home.book = new Map([...home.book, ['nas', { ...record(home), losses: NO_LOSSES }]]);
    home.run(60);
    expect(record(home).profile.confirmations).toBe(after);
    home.run(900);
    expect(record(home).profile.confirmations).toBeLessThan(after);
  });
});

it('calls a device that died down within what it promised of it, whatever its link was like', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 0, max: 59 }), fc.constantFrom(0.4, 12), (learned, phase, rttMs) => {
      const home = new House(['gateway', 'nas', 'tv'].map((id) => device(id, { isGateway: id === 'gateway' })));
      home.behaviour.set('nas', () => rttMs);
      home.run(200);
      const before = home.book.get('nas') as CheckRecord;
      home.book = new Map([
        ...home.book,
        ['nas', { ...before, ...learned, profile: adaptedTo(before.profile, learned, 3, STANDARD_POLICY) }],
      ]);
      home.run(phase / 4);
      const { profile } = home.book.get('nas') as CheckRecord;
      const diedAt = home.now;
      home.behaviour.set('nas', silent);
      home.run(detectWithinMs(profile, true) / 1000 + 1);
      expect(home.state('nas')).toBe('down');
      const downAt = Number(home.log.findLast((line) => line.includes(' nas ') && line.endsWith('>down'))?.split(' ')[0]);
      expect(downAt - diedAt).toBeGreaterThanOrEqual((profile.confirmations - 1) * (profile.spacingMs / 1000));
    }),
    { numRuns: 60 },
  );
});

it('calls none of 60 wired devices down in half an hour under 2 % loss, and each that dies within 15 s', () => {
  const random = seededRandom('sixty');
  const lossy: Behaviour = () => (random.fraction() < 0.02 ? 'silent' : 0.4);
  const ids = Array.from({ length: 60 }, (_, index) => `device-${index}`);
  const home = new House(ids.map((id, index) => device(id, { isGateway: index === 0 })));
  for (const id of ids) home.behaviour.set(id, lossy);
  home.run(1_800);
  expect(home.log.filter((line) => line.endsWith('>down'))).toEqual([]);
  for (const id of ids.slice(1, 21)) {
    home.run(random.fraction() * 10);
    const diedAt = home.now;
    home.behaviour.set(id, silent);
    home.run(16);
    const downAt = Number(home.log.find((line) => line.includes(` ${id} `) && line.endsWith('>down'))?.split(' ')[0]);
    expect(downAt - diedAt, id).toBeLessThanOrEqual(15);
  }
});
