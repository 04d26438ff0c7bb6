import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../../src/agent/discovery/sighting.ts';
import { type AbsenceInputs, keepAbsence, lastWord, restoreAbsence } from '../../../../src/agent/health/absence.ts';
import type { CheckRecord, HealthBook } from '../../../../src/agent/health/health.ts';
import type { SavedLife } from '../../../../src/agent/health/last-life.ts';
import { type Indexed, NOTHING_INDEXED, openDraft, put } from '../../../../src/agent/inventory/draft.ts';
import { at, device } from './book.ts';

const IDS = ['a', 'b', 'c', 'd'];
const BOOT = { id: 'two', atMs: -30_000 };
/** An hour before the present start, by a clock that was right. */
const LAST: SavedLife = { bootId: 'one', aliveAt: at(-3_600).wallMs, upMs: 9e6, deskAheadMs: 0, bootIds: [] };

const house: Indexed = (() => {
  const draft = openDraft(NOTHING_INDEXED);
  for (const id of IDS) put(draft, device(id));
  return draft;
})();
const book: HealthBook = new Map(IDS.map((id) => [id, { deviceId: id, state: 'up', profile: { silence: 'fault' } } as CheckRecord]));

const inputs = (second: number, more: Partial<AbsenceInputs> = {}): AbsenceInputs => ({
  sightings: [],
  transitions: [],
  before: book,
  book,
  inventory: house,
  desk: { heard: true, aheadMs: 0 },
  clock: 'desk',
  hubLink: true,
  gateway: 'up',
  internet: 'up',
  isCaptive: false,
  now: at(second),
  ...more,
});

/** Each says that it has run for ten days. */
const uptimes: Sighting[] = IDS.map((id) => ({
  at: at(130),
  interface: 'eth0',
  ip: device(id).addresses[0]?.ip ?? '',
  method: 'snmp',
  reader: 'snmp',
  fields: { upTimeS: '864000' },
  identifiers: [],
}));

function settled(more: Partial<AbsenceInputs>) {
  let absence = restoreAbsence({ life: LAST, told: undefined }, book, at(0), BOOT);
  absence = keepAbsence(absence, inputs(1, more));
  absence = keepAbsence(absence, inputs(130, { ...more, sightings: uptimes }));
  return keepAbsence(absence, inputs(400, more));
}

describe('what is told of an absence', () => {
  it('is that the house ran on, by the uptimes of its devices, only where a clock can be trusted', () => {
    expect(settled({}).told).toMatchObject({ why: 'hub-lost-power', house: 'ran-on' });
    expect(settled({ clock: 'unsynced' }).told).toMatchObject({ why: 'hub-lost-power', house: 'unknown' });
  });

  it('ends no later than it begins, however wrong the clock was before', () => {
    const ahead = restoreAbsence({ life: { ...LAST, aliveAt: at(9e6).wallMs }, told: undefined }, book, at(0), BOOT);
    const { told } = keepAbsence(ahead, inputs(1));
    expect(told?.from).toBe(told?.to);
  });

  it('is nothing where nobody knows when the machine started, and what was told before stays', () => {
    const told = { why: 'line-cut', from: 1, to: 2, text: 'It was.' } as const;
    const absence = restoreAbsence({ life: LAST, told }, book, at(0));
    expect(keepAbsence(absence, inputs(1))).toBe(absence);
    expect(absence.told).toBe(told);
    expect(lastWord(absence, at(2))).toBeUndefined();
  });

  it('goes on to when the desk was reached, and says what was in the way until then', () => {
    let absence = restoreAbsence({ life: LAST, told: undefined }, book, at(0), BOOT);
    for (let second = 1; second < 900; second += 30)
      absence = keepAbsence(absence, inputs(second, { desk: { heard: false }, internet: 'down' }));
    absence = keepAbsence(absence, inputs(900));
    expect(absence.told).toMatchObject({
      to: at(900).wallMs,
      text: expect.stringMatching(/reached the desk 15 min after its start: the home had no internet/),
    });
  });
});

describe('what is saved of a life', () => {
  it('has a cut that began before this process, and none that was told of long ago', () => {
    const old = { why: 'line-cut', from: 1, to: 2, text: 'It was.' } as const;
    const lifeAfter = (life: SavedLife) =>
      keepAbsence(restoreAbsence({ life, told: old }, book, at(0), BOOT), inputs(1, { desk: { heard: false } })).life;
    expect(lifeAfter(LAST)).not.toHaveProperty('cutSinceAt');
    expect(lifeAfter({ ...LAST, cutSinceAt: LAST.aliveAt - 60_000 })).toHaveProperty('cutSinceAt', LAST.aliveAt - 60_000);
  });

  it('is written at once, every five minutes, and when the line is cut or whole again, and no more often', () => {
    let absence = restoreAbsence({ told: undefined }, book, at(0), BOOT);
    const saved: number[] = [];
    for (let second = 1; second <= 1_000; second++) {
      const after = keepAbsence(absence, inputs(second, { desk: { heard: second < 700 || second > 850 } }));
      if (after.life !== absence.life) saved.push(second);
      absence = after;
    }
    expect(saved).toEqual([1, 301, 601, 760, 851]);
  });

  it('is nothing new at a tick in which nothing happened', () => {
    const first = keepAbsence(restoreAbsence({ told: undefined }, book, at(0), BOOT), inputs(1));
    expect(keepAbsence(first, inputs(2))).toBe(first);
  });
});
