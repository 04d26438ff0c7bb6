import { describe, expect, it } from 'vitest';
import { type Replayed, replayLines } from '../../../src/cli/render/replay-text.ts';
import { asking, byWeek, laterMs, paired } from '../../../src/replay/compare.ts';
import type { Message } from '../../../src/replay/replay.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A fault from `atMin`, for so many minutes, to be held so long. */
function fault(device: string, atMin: number, forMin: number | undefined, holdMin: number, code: Message['code'] = 'device-down'): Message {
  const raisedAt = atMin * MINUTE_MS;
  return {
    key: `${code}:${device}`,
    code,
    severity: 'error',
    title: `${device} does not answer`,
    device,
    raisedAt,
    actionableAt: raisedAt + holdMin * MINUTE_MS,
    ...(forMin !== undefined && forMin < holdMin ? { held: true } : {}),
    ...(forMin === undefined ? {} : { clearedAt: raisedAt + forMin * MINUTE_MS }),
  };
}

describe('what people are asked to act on', () => {
  it('lasted longer than its hold, or still lasts', () => {
    const all = [fault('a', 0, 1, 2), fault('b', 10, 3, 2), fault('c', 90, undefined, 2), fault('d', 99, undefined, 5)];
    expect(asking(all, 0, 100 * MINUTE_MS).map(({ device }) => device)).toEqual(['b', 'c']);
    expect(asking(all, 20 * MINUTE_MS, 100 * MINUTE_MS).map(({ device }) => device)).toEqual(['c']);
  });

  it('is the same under both policies where it is about the same and begins nearly then, or overlaps', () => {
    const now = [fault('a', 0, 30, 2), fault('b', 40, 30, 2), fault('c', 80, 5, 2)];
    const other = [fault('a', 1, 29, 10), fault('b', 60, 10, 2), fault('c', 200, 5, 2)];
    const pairs = paired(now, other);
    expect(pairs.map((pair) => [pair.now?.device, pair.other?.device])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', undefined],
      [undefined, 'c'],
    ]);
    expect(pairs.map(laterMs)).toEqual([9 * MINUTE_MS, 20 * MINUTE_MS, 0, 0]);
  });

  it('is counted by week, the most frequent first', () => {
    const weekMin = 7 * 24 * 60;
    const messages = [fault('a', 0, 9, 2), fault('b', 0, 9, 2), fault('b', weekMin + 1, 9, 2), fault('b', 3 * weekMin, 9, 2)];
    const counts = byWeek(messages, 0, 28 * DAY_MS, ({ device = '' }) => device);
    expect([...counts]).toEqual([
      ['b', [1, 1, 0, 1]],
      ['a', [1, 0, 0, 0]],
    ]);
  });
});

describe('a replay in words', () => {
  const replayed: Replayed = {
    from: 0,
    to: 2 * DAY_MS,
    gaps: [{ from: DAY_MS, to: DAY_MS + 20 * MINUTE_MS }],
    left: 3,
    devices: 2,
    nameOf: (id) => id.toUpperCase(),
    current: [fault('nvr', 60, 4, 2), fault('tv', 300, 30, 2), fault('tv', 600, 1, 2)],
    other: { file: 'trial.yaml', messages: [fault('tv', 300, 30, 5), fault('nas', 900, undefined, 5)] },
  };
  const look = { width: Number.POSITIVE_INFINITY, paintTitle: (text: string) => text };
  const text = replayLines(replayed, look).join('\n');

  it('says what there is of the journal, and where the hub did not look', () => {
    expect(text).toMatch(/\(48 h 0 min\)|\(2 days\)/);
    expect(text).toContain('The hub did not look, or lost what it saw, once, for 20 min in all:');
    expect(text).toContain('3 answers are not in it.');
  });

  it('tells both policies side by side: counts, who speaks most, each message, and what differs', () => {
    expect(text).toContain('With the settings of this home people would have been asked to act 2 times; 1 more fault was over before.');
    expect(text).toContain('With trial.yaml people would have been asked to act 2 times.');
    expect(text).toMatch(/^device-down {2}2 → 2 {2,}2 → 2$/m);
    expect(text).toContain('Most about: NVR 1 → 0, TV 1 → 1, NAS 0 → 1.');
    expect(text).toMatch(/^- .* 4 min +2 min +device-down {2}nvr does not answer$/m);
    expect(text).toMatch(/^ {3}.* 30 min +2 min → 5 min +device-down {2}tv does not answer \(3 min later\)$/m);
    expect(text).toMatch(/^\+ .* so far +5 min +device-down {2}nas does not answer$/m);
    expect(text).toContain('- 1 only as it is now, + 1 only with trial.yaml, 1 of the others sooner or later.');
  });

  it('says that nothing happened, or that nothing differs, in a line', () => {
    const quiet = { ...replayed, current: [], other: { file: 'trial.yaml', messages: [] } };
    expect(replayLines(quiet, look).slice(-4)).toEqual([
      'With the settings of this home people would never have been asked to act.',
      'With trial.yaml people would never have been asked to act.',
      '',
      'trial.yaml makes no difference to this month.',
    ]);
  });
});
