import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HubEvent, JournalPart, Outcome, Stretch } from '../../../src/agent/journal/journal.ts';
import { STANDARD_POLICY } from '../../../src/agent/policy.ts';
import { readPast } from '../../../src/replay/past.ts';
import { type Message, replay } from '../../../src/replay/replay.ts';
import { seededRandom } from '../../../src/simulation/seeded-random.ts';
import { at, deviceOf, healthOf, idOf, QUIET_SITE } from '../../builders/entries.ts';

const HOUR_MS = 3_600_000;
const BEGINS_AT = at(0).wallMs + 1_000;
const STATE = {
  health: [1, 2, 3].map((n) => healthOf(n, 'up', at(0))),
  learned: [],
  sleep: [],
  services: [],
  alerts: [],
  silences: [],
  outages: [],
  answeredAnchors: ['tcp://192.0.2.9:443'],
  site: QUIET_SITE,
};
const MAC = { kind: 'mac' as const, strength: 'strong' as const, source: 'neighbour' as const, firstAt: 0, lastAt: 0 };
const SUBJECTS = [...[1, 2, 3, 4].map(idOf), `${idOf(1)}:80`, 'tcp://192.0.2.9:443', 'names dns://192.0.2.1', 'who knows'];

const outcome = fc.constantFrom<Outcome>('answered', 'answered', 'answered', 'silent', 'refused', 'unable', 'heard');
const stretches = fc.array(fc.tuple(outcome, fc.nat(HOUR_MS / 3), fc.nat(HOUR_MS / 3)), { maxLength: 6 }).map((drawn): Stretch[] => {
  let endMs = 0;
  return drawn.map(([of, gapMs, lastMs]) => {
    const fromMs = endMs + gapMs;
    endMs = fromMs + lastMs;
    return { outcome: of, fromMs, toMs: endMs, questions: 3, ways: of === 'answered' ? 5 : 0, rttMs: 0.4 };
  });
});
const hubEvent = fc.oneof(
  fc.record({ what: fc.constant('link' as const), atMs: fc.nat(HOUR_MS), name: fc.constant('eth0'), isUp: fc.boolean() }),
  fc
    .tuple(fc.nat(HOUR_MS), fc.nat(60_000), fc.nat(5_000))
    .map(([atMs, forMs, lagMs]): HubEvent => ({ what: 'late', atMs, toMs: atMs + forMs, lagMs })),
  fc.record({ what: fc.constant('stood still' as const), atMs: fc.nat(HOUR_MS), forMs: fc.nat(60_000) }),
  fc.record({ what: fc.constant('clock set' as const), atMs: fc.nat(HOUR_MS), byMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) }),
);
const part = fc.record({
  gapMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
  isStart: fc.boolean(),
  hub: fc.array(hubEvent, { maxLength: 2 }),
  courses: fc.array(stretches, { minLength: SUBJECTS.length, maxLength: SUBJECTS.length }),
});

function journal(drawn: readonly { gapMs: number; isStart: boolean; hub: HubEvent[]; courses: Stretch[][] }[]): JournalPart[] {
  let endAt = BEGINS_AT;
  return drawn.map(({ gapMs, isStart, hub, courses }, i) => {
    const fromAt = endAt + (i === 0 ? 0 : gapMs);
    endAt = fromAt + HOUR_MS;
    const subjects = new Map(SUBJECTS.map((subject, n) => [subject, courses[n] ?? []]));
    const rest = { canRevalidate: true, linksDown: [], orders: [], left: 0, ...(i === 0 ? { state: STATE } : {}) };
    return { fromAt, toAt: endAt, isStart, hub: [...hub].sort((a, b) => a.atMs - b.atMs), subjects, ...rest };
  });
}

it('ends, and tells only of devices that are there, whatever a journal says', { timeout: 60_000 }, () => {
  const devices = [1, 2, 3, 4].map((n) => ({
    ...deviceOf(n),
    // The first is known by another MAC today.
    identifiers: n === 1 ? [] : [{ ...MAC, value: `00:11:32:00:00:0${n}` }],
    isGateway: n === 3,
    addresses: deviceOf(n).addresses.map((address) => ({ ...address, mac: `00:11:32:00:00:0${n}` })),
    // The fourth comes later.
    firstSeenAt: n === 4 ? BEGINS_AT + HOUR_MS : 0,
  }));
  const count = { messages: 0 };
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (drawn) => {
      const past = readPast(journal(drawn), BEGINS_AT);
      if (!past) throw new Error('It has a state to begin from.');
      const playing = replay(past, { devices }, { policy: STANDARD_POLICY, random: seededRandom('any') });
      let messages: readonly Message[] = [];
      let yielded = 0;
      for (let step = playing.next(); ; step = playing.next()) {
        if (step.done) messages = step.value;
        if (step.done) break;
        expect(step.value).toBeLessThanOrEqual(1);
        expect(++yielded).toBeLessThan(20);
      }
      for (const { device, raisedAt, actionableAt, clearedAt } of messages) {
        expect(device === undefined || devices.some(({ id }) => id === device)).toBe(true);
        expect(actionableAt).toBeGreaterThanOrEqual(raisedAt);
        if (clearedAt !== undefined) expect(clearedAt).toBeGreaterThanOrEqual(raisedAt);
      }
      count.messages += messages.length;
    }),
    { numRuns: 10 },
  );
  expect(count.messages).toBeGreaterThan(3);
});
