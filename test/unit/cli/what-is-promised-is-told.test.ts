import { expect, test } from 'vitest';
import { promiseWords, servingLines } from '../../../src/cli/render/watched-words.ts';

const plug = { state: 'up', profile: 'wired', detectWithinMs: 12_000, reportAfterMs: 120_000, personal: false } as const;

test.each([
  ['a device whose silence is a fault', plug, /noticed within 12 s, and the desk is asked to act 2 min later\.$/],
  [
    'one on a bad link',
    { ...plug, detectBecause: 'because its link is bad' },
    /within 12 s, because its link is bad, and the desk is asked/,
  ],
  [
    'one that another explains',
    { ...plug, state: 'down', explainedBy: 'Rack switch' },
    /The desk is not asked about it: Rack switch explains its silence\.$/,
  ],
  ['one behind a dead switch', { ...plug, state: 'unreachable' }, /The desk is not asked about it, but about what it is behind\.$/],
  ['a thing that people switch off', { ...plug, profile: 'resting', reportAfterMs: undefined }, /reported to nobody: such devices sleep/],
  [
    'a kind that the policy leaves out',
    { ...plug, reportAfterMs: undefined },
    /reported to nobody: the settings of this home leave .* \(policy\.kinds\)\.$/,
  ],
  ["a person's", { ...plug, personal: true }, /noticed within 12 s\.$/],
] as const)('what is promised of %s is what holds of it', (_, device, words) => {
  const { reportAfterMs, ...rest } = device;
  expect(promiseWords({ ...rest, ...(reportAfterMs === undefined ? {} : { reportAfterMs }) })).toMatch(words);
});

test('what a device does is told where something is known of it', () => {
  expect(servingLines({})).toEqual([]);
  expect(servingLines({ decline: 'It takes 90 ms to answer; usually 4 ms.', serving: ['Cast at port 8009: open'] })).toEqual([
    'It takes 90 ms to answer; usually 4 ms.',
    'What it is there for: Cast at port 8009: open.',
  ]);
});
