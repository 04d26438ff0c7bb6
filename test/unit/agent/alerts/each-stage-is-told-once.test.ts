import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert, AlertBook, AlertChange } from '../../../../src/agent/alerts/alerts.ts';
import { NOTHING_TOLD, type StageInputs, type StageLedger, tellStages } from '../../../../src/agent/alerts/stages.ts';
import type { Track } from '../../../../src/agent/lifecycle/tracks.ts';
import { DAY_MS, dayOf, lastMomentOf } from '../../../../src/base/partial-date.ts';
import { trackOf } from '../../../builders/ends.ts';

const START = Date.parse('2026-11-22T08:00:00Z');
const inDays = (days: number): string => dayOf(START + days * DAY_MS);

/** A hub that looks once a day; `at` is the day since the start as a sure clock shows it. */
class Hub {
  ledger: StageLedger = NOTHING_TOLD;
  alerts: AlertBook = new Map();
  readonly told: { readonly day: number; readonly change: AlertChange }[] = [];

  look(day: number, tracks: readonly Track[], more: Partial<StageInputs> = {}): readonly AlertChange[] {
    const at = START + day * DAY_MS;
    const inputs: StageInputs = {
      tracks,
      catalogue: 'first',
      present: { at, isSure: true },
      toCheck: 0,
      isHeldBack: () => false,
      hasDesk: false,
      subjectOf: (device) => `Device ${Number(device)}`,
      ...more,
    };
    const { ledger, alerts, changes } = tellStages(this, inputs, { monoMs: day * DAY_MS, wallMs: at });
    this.ledger = ledger;
    this.alerts = alerts;
    this.told.push(...changes.map((change) => ({ day, change })));
    return changes;
  }

  /** Two days with nothing near its end. */
  introduced(): this {
    this.look(-2, []);
    this.look(-1, []);
    return this;
  }

  acknowledge(plannedFor?: string): void {
    for (const [key, alert] of this.alerts)
      this.alerts = new Map(this.alerts).set(key, { ...alert, acknowledged: acknowledgement(plannedFor) });
  }

  /** What a restart brings back. */
  restart(): void {
    const { told, ...rest } = this.ledger;
    this.ledger = JSON.parse(JSON.stringify(rest)) as StageLedger;
    this.ledger = { ...this.ledger, told: new Map(JSON.parse(JSON.stringify([...told])) as []) };
    this.alerts = new Map(JSON.parse(JSON.stringify([...this.alerts])) as []);
  }
}

const acknowledgement = (plannedFor?: string) => ({
  by: 'Eva',
  at: START,
  where: 'desk' as const,
  ...(plannedFor === undefined ? {} : { plannedFor }),
});
const lineOf = ({ kind, alert }: AlertChange): string => `${kind.slice('alert.'.length)} ${alert.code} ${alert.stage ?? ''}`.trim();
const linesOf = (changes: readonly AlertChange[]): string[] => changes.map(lineOf);
const daily = (hub: Hub, from: number, to: number, tracks: readonly Track[], more?: Partial<StageInputs>): string[] => {
  const before = hub.told.length;
  for (let day = from; day <= to; day++) hub.look(day, tracks, more);
  return hub.told.slice(before).map(({ day, change }) => `${day}: ${lineOf(change)}`);
};

describe('an end that comes nearer', () => {
  it('of support is told a year, half a year, 90 and 30 days before, and when it is there', () => {
    expect(daily(new Hub().introduced(), 0, 800, [trackOf(1, inDays(500))])).toEqual([
      '135: raised support-ending 365',
      '320: updated support-ending 180',
      '410: updated support-ending 90',
      '470: updated support-ending 30',
      '501: cleared support-ending',
      '501: raised support-ended 0',
    ]);
  });

  it('is news until 90 days before, then a warning', () => {
    const hub = new Hub().introduced();
    daily(hub, 0, 600, [trackOf(1, inDays(500))]);
    const severities = hub.told.map(({ change: { alert } }) => `${alert.stage ?? 'over'} ${alert.severity}`);
    expect(severities).toEqual(['365 info', '180 info', '90 warning', '30 warning', 'over warning', '0 warning']);
  });

  it.each([
    ['cloud', ['90 cloud-ending', '30 cloud-ending', '7 cloud-ending', '0 cloud-ending']],
    ['certificate', ['30 certificate-expiring', '7 certificate-expiring', '0 certificate-expiring']],
    ['warranty', ['90 warranty-ending', '30 warranty-ending', 'over warranty-ending']],
  ] as const)('of a %s has stages of its own', (cause, stages) => {
    const hub = new Hub().introduced();
    daily(hub, 0, 400, [trackOf(1, inDays(200), { cause })]);
    expect(hub.told.map(({ change: { alert } }) => `${alert.stage ?? 'over'} ${alert.code}`)).toEqual(stages);
  });

  it('without a day is told when it is to be planned for, and when it is due', () => {
    const hub = new Hub().introduced();
    const worn = (stage: 0 | 365): Track => trackOf(1, undefined, { cause: 'replace', name: 'age', stage });
    const lines = [daily(hub, 0, 5, [worn(365)]), daily(hub, 6, 9, [worn(0)]), daily(hub, 10, 12, [])].flat();
    expect(lines).toEqual(['0: raised replace-due 365', '6: updated replace-due 0', '10: cleared replace-due']);
    expect(hub.told.map(({ change: { alert } }) => alert.severity)).toEqual(['info', 'warning', 'warning']);
  });

  it('without a day that is gone by the clock of the desk, and comes again, is told again', () => {
    const hub = new Hub().introduced();
    const worn = trackOf(1, undefined, { cause: 'replace', name: 'age', stage: 365 });
    const byDesk = { present: { at: START, isSure: true, isDesks: true as const } };
    for (const tracks of [[worn], [], [worn]]) hub.look(0, tracks, byDesk);
    hub.look(1, []);
    hub.look(2, [worn]);
    expect(hub.told.map(({ change }) => lineOf(change))).toEqual([
      'raised replace-due 365',
      'cleared replace-due',
      'raised replace-due 365',
      'cleared replace-due',
    ]);
  });

  it('with attacked holes is critical from the day on which nobody closes them any more', () => {
    const hub = new Hub().introduced();
    const lines = daily(hub, 450, 600, [trackOf(1, inDays(500), { exploited: true })]);
    expect(lines.slice(-2)).toEqual(['501: cleared support-ending', '501: raised known-exploited 0']);
    expect([...hub.alerts.values()][0]).toMatchObject({
      severity: 'critical',
      ends: inDays(500),
      title: expect.stringContaining('Device 1'),
    });
  });

  it('is told at its present stage by a hub that was off through several', () => {
    const hub = new Hub().introduced();
    expect(daily(hub, 200, 210, [trackOf(1, inDays(500))])).toEqual(['200: raised support-ending 365']);
    expect(daily(hub, 480, 485, [trackOf(1, inDays(500))])).toEqual(['480: updated support-ending 30']);
  });

  it('is over when its day is moved, and told again for the new one', () => {
    const hub = new Hub().introduced();
    daily(hub, 450, 460, [trackOf(1, inDays(500))]);
    expect(daily(hub, 461, 520, [trackOf(1, inDays(1_500))])).toEqual(['461: cleared support-ending 90']);
    expect(daily(hub, 1_141, 1_143, [trackOf(1, inDays(1_500))])).toEqual(['1141: raised support-ending 365']);
  });

  it('said by another fact later on keeps its message', () => {
    const hub = new Hub().introduced();
    daily(hub, 450, 460, [trackOf(1, inDays(500))]);
    const lines = daily(hub, 461, 520, [trackOf(1, inDays(500), { name: 'another-fact' })]);
    expect(lines).toEqual(['470: updated support-ending 30', '501: cleared support-ending', '501: raised support-ended 0']);
    expect(hub.alerts.keys().next().value).toMatch(/^support-ended:0+1:acme-1$/);
  });

  it('is over with what it was known by', () => {
    const hub = new Hub().introduced();
    daily(hub, 450, 460, [trackOf(1, inDays(500))]);
    const [change] = hub.look(461, []);
    expect(change).toMatchObject({
      kind: 'alert.cleared',
      alert: { clearedBecause: expect.stringContaining('not known to near its end any more') },
    });
    expect(daily(hub, 462, 469, [trackOf(1, inDays(500))])).toEqual([]);
  });
});

describe('many ends at once', () => {
  const four = [1, 2, 3, 4].map((n) => trackOf(n, inDays(80 + n)));

  it('up to three are told one by one, four are one message', () => {
    expect(linesOf(new Hub().introduced().look(0, four.slice(0, 3)))).toEqual(Array(3).fill('raised support-ending 90'));
    const hub = new Hub().introduced();
    const [digest, ...others] = hub.look(0, four, { toCheck: 2 });
    expect(others).toEqual([]);
    expect(digest).toMatchObject({ alert: { code: 'lifecycle-digest', title: expect.stringContaining('4 devices'), clearedAt: START } });
    expect(digest?.alert.text).toContain('4 within 90 days of it. 2 more to be checked before anybody is told.');
    expect(digest?.alert.text).toContain('Device 1: Acme 1: security updates end');
    expect(daily(hub, 1, 54, four)).toEqual([
      '51: raised support-ending 30',
      '52: raised support-ending 30',
      '53: raised support-ending 30',
      '54: raised support-ending 30',
    ]);
  });

  it('of the first day are one message on the next, but for what is critical', () => {
    const hub = new Hub();
    const alarm = trackOf(7, inDays(-400), { guards: true });
    const tracks = [trackOf(1, inDays(20)), trackOf(2, inDays(-20)), alarm];
    expect(hub.look(0, tracks).map(({ alert }) => `${alert.code} ${alert.severity}`)).toEqual(['support-ended critical']);
    expect(linesOf(hub.look(0.5, tracks))).toEqual([]);
    const changes = hub.look(1, tracks);
    expect(linesOf(changes)).toEqual(['raised lifecycle-digest']);
    expect(changes[0]?.alert.text).toContain('1 past it or due now, 1 within 90 days of it');
    expect(daily(hub, 1.1, 12, tracks)).toEqual([]);
    expect(daily(hub, 13, 22, tracks)).toEqual(['21: raised support-ended 0']);
  });

  it('that a newer catalogue brings are one message, however few', () => {
    const hub = new Hub().introduced();
    daily(hub, 0, 3, [trackOf(1, inDays(80))]);
    const newer = { catalogue: 'second' };
    expect(daily(hub, 4, 9, [trackOf(1, inDays(80)), trackOf(2, inDays(-9))], newer)).toEqual(['4: raised lifecycle-digest']);
    expect(daily(hub, 10, 12, [trackOf(3, inDays(-9))], newer)).toEqual(['10: cleared support-ending 90', '10: raised support-ended 0']);
  });

  it('bring messages of their own up to date without asking again', () => {
    const hub = new Hub().introduced();
    const five = [1, 2, 3, 4, 5].map((n) => trackOf(n, inDays(n === 1 ? 95 : 90)));
    hub.look(0, five.slice(0, 1));
    hub.acknowledge();
    const changes = hub.look(60, five);
    expect(linesOf(changes)).toEqual(['raised lifecycle-digest', 'updated support-ending 90']);
    expect(changes[1]?.alert.acknowledged?.by).toBe('Eva');
  });
});

describe('an alert that the desk gave back to a hub that forgot it', () => {
  const track = trackOf(1, inDays(500));
  const key = 'support-ending:00000000000000000000000001:acme-1';
  const given = (over: Partial<Alert> = {}): Alert => ({
    key,
    ...{ code: 'support-ending', severity: 'warning', title: 'It ends', text: 'Soon.', device: track.device },
    ...{ raisedAt: START, actionableAt: START, stage: 90, ends: inDays(500) },
    ...over,
  });

  it('goes on from there: told neither again nor in a digest, and over with what it was known by', () => {
    const hub = new Hub().introduced();
    hub.alerts = new Map([[key, given()]]);
    expect(daily(hub, 415, 475, [track], { catalogue: 'newer' })).toEqual(['470: updated support-ending 30']);
    hub.alerts = new Map([[key, given()]]);
    expect(linesOf(hub.look(476, []))).toEqual(['cleared support-ending 90']);
  });

  it('is the one that goes on, where it was told later than what an old memory has', () => {
    const ended = given({
      code: 'support-ended',
      key: key.replace('ending', 'ended'),
      title: 'It ended',
      stage: 0,
      acknowledged: acknowledgement(),
    });
    const moved = given({ code: 'support-ended', key: key.replace('ending', 'ended'), stage: 0, ends: inDays(400) });
    for (const [other, day, line] of [
      [ended, 505, 'cleared support-ending 90'],
      [moved, 450, 'cleared support-ended 0'],
    ] as const) {
      const hub = new Hub().introduced();
      hub.alerts = new Map([given(), other].map((alert) => [alert.key, alert]));
      expect(daily(hub, day, day + 10, [track])).toEqual([`${day}: ${line}`]);
      expect(hub.alerts.size).toBe(1);
    }
  });

  it('is quiet under its plan, which is watched again', () => {
    const hub = new Hub().introduced();
    hub.alerts = new Map([[key, given({ acknowledged: acknowledgement(inDays(520)) })]]);
    expect(daily(hub, 415, 530, [track])).toEqual(['521: cleared support-ending', '521: raised support-ended 0']);
  });
});

describe('somebody who sees to it', () => {
  const track = trackOf(1, inDays(500));

  it('is asked again at the next stage', () => {
    const hub = new Hub().introduced();
    daily(hub, 200, 220, [track]);
    hub.acknowledge();
    expect(daily(hub, 221, 319, [track])).toEqual([]);
    const [change] = hub.look(320, [track]);
    expect(change?.alert.stage).toBe(180);
    expect(change?.alert.acknowledged).toBeUndefined();
  });

  it('who plans for a day is asked no more until it has passed, and then once', () => {
    const hub = new Hub().introduced();
    daily(hub, 200, 220, [track]);
    const month = inDays(600).slice(0, 7);
    hub.acknowledge(month);
    const passed = Math.ceil((lastMomentOf(month) - START) / DAY_MS);
    const lines = daily(hub, 221, 900, [track]);
    expect(lines).toEqual([`${passed}: cleared support-ending`, `${passed}: raised support-ended 0`]);
    expect([...hub.alerts.values()]).toMatchObject([{ text: expect.stringMatching(/^Planned for 20\d\d-\d\d, and still in use\. /) }]);
  });

  it('who planned before the holes were attacked is told of that', () => {
    const hub = new Hub().introduced();
    daily(hub, 490, 520, [track]);
    hub.acknowledge(inDays(900));
    expect(daily(hub, 521, 530, [{ ...track, exploited: true }])).toEqual([
      '521: cleared support-ended 0',
      '521: raised known-exploited 0',
    ]);
    hub.acknowledge(inDays(900));
    expect(daily(hub, 531, 899, [{ ...track, exploited: true }])).toEqual([]);
  });

  it('who silences a device is told when the silence is over', () => {
    const hub = new Hub().introduced();
    expect(daily(hub, 200, 330, [track], { isHeldBack: () => true })).toEqual([]);
    expect(daily(hub, 331, 335, [track])).toEqual(['331: raised support-ending 180']);
  });
});

describe('a clock', () => {
  const track = trackOf(1, inDays(500));

  it('that nobody vouches for tells nothing and clears nothing', () => {
    const hub = new Hub().introduced();
    hub.look(450, [track]);
    expect(hub.look(900, [], { present: { at: START + 900 * DAY_MS, isSure: false } })).toEqual([]);
  });

  it('that had been ahead makes nothing past that is still to come, and tells its end no second time', () => {
    const hub = new Hub().introduced();
    hub.look(100, [track]);
    expect(linesOf(hub.look(700, [track]))).toEqual(['raised support-ended 0']);
    expect(hub.look(150, [track])).toMatchObject([
      { kind: 'alert.updated', alert: { stage: 0, text: expect.stringContaining('still to come') } },
    ]);
    expect(daily(hub, 151, 500, [track])).toEqual([]);
    expect(hub.look(501, [track])).toMatchObject([
      { kind: 'alert.updated', alert: { stage: 0, text: expect.stringContaining('security updates end') } },
    ]);
    expect(daily(hub, 502, 600, [track])).toEqual([]);
  });

  it('that had been ahead of a plan tells that it lapsed, and its end no second time', () => {
    const hub = new Hub().introduced();
    hub.look(700, [track]);
    hub.acknowledge(inDays(120));
    expect(linesOf(hub.look(150, [track]))).toEqual(['cleared support-ended', 'raised support-ending 365']);
    expect(daily(hub, 151, 600, [track])).toEqual([]);
  });

  it('that had been ahead is put right by the desk, which is told that day anew', () => {
    const hub = new Hub().introduced();
    const byDesk = (day: number) => ({ present: { at: START + day * DAY_MS, isSure: true, isDesks: true as const } });
    expect(linesOf(hub.look(430, [track]))).toEqual(['raised support-ending 90']);
    expect(linesOf(hub.look(20, [track]))).toEqual([]);
    expect(hub.look(21, [track], byDesk(21))).toMatchObject([
      { kind: 'alert.cleared', alert: { clearedBecause: expect.stringContaining('too early') } },
    ]);
    expect(hub.told.at(-1)?.change.alert).not.toHaveProperty('stage');
    expect(linesOf(hub.look(430, [track], byDesk(430)))).toEqual(['raised support-ending 90']);
  });

  it('that had called past what is still to come is put right by the desk at once, at the stage of that day', () => {
    const hub = new Hub().introduced();
    const byDesk = (day: number) => ({ present: { at: START + day * DAY_MS, isSure: true, isDesks: true as const } });
    expect(linesOf(hub.look(600, [track]))).toEqual(['raised support-ended 0']);
    expect(linesOf(hub.look(430, [track], byDesk(430)))).toEqual(['cleared support-ended', 'raised support-ending 90']);
    expect(daily(hub, 431, 520, [track])).toEqual([
      '470: updated support-ending 30',
      '501: cleared support-ending',
      '501: raised support-ended 0',
    ]);
  });

  it('that had been ahead is put back by the desk to the stage of that day, also where a digest had told it', () => {
    const byDesk = (day: number) => ({ catalogue: 'second', present: { at: START + day * DAY_MS, isSure: true, isDesks: true as const } });
    const cloud = trackOf(1, inDays(500), { cause: 'cloud' });
    const single = new Hub().introduced();
    expect([...linesOf(single.look(430, [cloud])), ...linesOf(single.look(495, [cloud]))]).toEqual([
      'raised cloud-ending 90',
      'updated cloud-ending 7',
    ]);
    const digest = new Hub().introduced();
    expect(linesOf(digest.look(700, [cloud], { catalogue: 'second' }))).toEqual(['raised lifecycle-digest']);
    const told = [single, digest].map((hub) => [431, 432, 471, 494, 501, 502].map((day) => linesOf(hub.look(day, [cloud], byDesk(day)))));
    const stages = [['updated cloud-ending 30'], ['updated cloud-ending 7'], ['updated cloud-ending 0'], []];
    expect(told).toEqual([
      [['updated cloud-ending 90'], [], ...stages],
      [[], [], ['raised cloud-ending 30'], ...stages.slice(1)],
    ]);
  });

  it('says alone how old a device is: for a hub with a desk that is told, and over, by the clock of the desk', () => {
    const hub = new Hub().introduced();
    const old = trackOf(1, undefined, { cause: 'replace', name: 'age', stage: 365 });
    const worn = trackOf(2, undefined, { cause: 'replace', name: 'disk-2026-11-22', stage: 0 });
    const byOwn = { hasDesk: true };
    const byDesk = { hasDesk: true, present: { at: START, isSure: true, isDesks: true as const } };
    expect(hub.look(0, [old, worn], byOwn).map(({ alert }) => alert.device)).toEqual([worn.device]);
    expect(hub.look(1, [old, worn], byDesk).map(({ alert }) => alert.device)).toEqual([old.device]);
    expect(hub.look(2, [worn], byOwn)).toEqual([]);
    expect(linesOf(hub.look(3, [worn], byDesk))).toEqual(['cleared replace-due']);
  });

  it('that begins the first day in the future does not make it last for years', () => {
    const hub = new Hub();
    hub.look(3_000, []);
    hub.look(0, [trackOf(1, inDays(-5))]);
    expect(linesOf(hub.look(1, [trackOf(1, inDays(-5))]))).toEqual(['raised lifecycle-digest']);
  });
});

describe('through years of restarts, clock jumps, days off and decisions', () => {
  const step = fc.record({
    off: fc.nat({ max: 40 }),
    clock: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -400, max: 400 }) }),
    isSure: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    does: fc.constantFrom('nothing', 'nothing', 'nothing', 'restart', 'acknowledge', 'plan', 'silence'),
    plan: fc.integer({ min: -30, max: 600 }),
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
  const ends = fc.array(fc.integer({ min: -900, max: 1_700 }), { minLength: 1, maxLength: 12 });

  /** Plays five years; the clock is right in their last days. */
  function play(steps: readonly Step[], tracks: readonly Track[], hub: Hub): void {
    let day = 0;
    for (const { off, clock, isSure, does, plan } of steps) {
      day += 1 + off;
      if (does === 'restart') hub.restart();
      if (does === 'acknowledge') hub.acknowledge();
      if (does === 'plan') hub.acknowledge(inDays(day + plan));
      hub.look(day + clock, tracks, {
        present: { at: START + (day + clock) * DAY_MS, isSure },
        isHeldBack: (device) => does === 'silence' && device.endsWith('1'),
      });
    }
    for (let late = 2_400; late < 2_405; late++) hub.look(late, tracks);
  }

  /** Stages that somebody is asked about; a plan that lapsed is asked about apart. */
  function asked(hub: Hub): string[] {
    const stageOf = new Map<string, number | undefined>();
    return hub.told.flatMap(({ change: { kind, alert } }) => {
      const isNew = kind === 'alert.raised' || (kind === 'alert.updated' && stageOf.get(alert.key) !== alert.stage);
      stageOf.set(alert.key, alert.stage);
      if (!isNew || alert.code === 'lifecycle-digest' || alert.text.startsWith('Planned for')) return [];
      return [`${alert.key} ${alert.ends} ${alert.stage}`];
    });
  }

  it('each stage is told at most once, nearer ones only, and the past of each is known in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), ends, (steps, days) => {
        const hub = new Hub();
        const tracks = days.map((day, n) =>
          trackOf(n, inDays(day), { cause: n % 3 === 0 ? 'cloud' : 'support', ...(n % 4 === 0 ? { exploited: true } : {}) }),
        );
        play(steps, tracks, hub);
        const told = asked(hub);
        expect(new Set(told).size).toBe(told.length);
        const keptQuiet = new Set(
          [...hub.alerts.values()].filter((alert) => alert.acknowledged?.plannedFor !== undefined).map(({ device }) => device),
        );
        const past = [...hub.ledger.told.values()].filter(({ stage }) => stage === 0).map(({ device }) => device);
        expect(new Set([...past, ...keptQuiet]).size).toBe(new Set(tracks.map(({ device }) => device)).size);
        const firing = [...hub.alerts.values()].map(({ device }) => device);
        expect(new Set(firing).size).toBe(firing.length);
      }),
      { numRuns: 400 },
    );
  });

  it('nothing is told of a planned end before its plan has passed by a clock that runs right', () => {
    fc.assert(
      fc.property(ends, fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 700 }), (days, from, lasts) => {
        const hub = new Hub().introduced();
        const tracks = days.slice(0, 3).map((day, n) => trackOf(n, inDays(day)));
        for (let day = 0; day < from; day += 3) hub.look(day, tracks);
        hub.acknowledge(inDays(from + lasts));
        const planned = new Set([...hub.alerts.values()].map(({ device }) => device));
        const before = hub.told.length;
        for (let day = from; day <= from + lasts; day += 3) hub.look(day, tracks);
        expect(hub.told.slice(before).filter(({ change }) => planned.has((change.alert as Alert).device))).toEqual([]);
      }),
    );
  });

  it('a look that brings nothing new changes nothing at all', () => {
    const hub = new Hub().introduced();
    const tracks = [1, 2, 3, 4, 5].map((n) => trackOf(n, inDays(n * 100)));
    hub.look(0, tracks);
    const { ledger, alerts } = hub;
    hub.look(0, tracks);
    expect(hub.ledger).toBe(ledger);
    expect(hub.alerts).toBe(alerts);
  });
});
