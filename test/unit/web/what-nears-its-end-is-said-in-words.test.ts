/** What the page says of the end of devices: dates as exactly as they were told, and nothing of the desk's doubts as a verdict. */
import { describe, expect, it } from 'vitest';
import { distance, endingWords, endWords, groundWords, stageWords, verdictLine } from '../../../src/web/lifecycle-words.ts';
import { verdict } from '../../fakes/hub.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

describe('the end of a device, in words', () => {
  it.each([
    ['2026-11-22', 'today'],
    ['2026-11-21', '1 day ago'],
    ['2026-11', 'in 8 days'],
    ['2027-02-20', 'in 90 days'],
    ['2027-02-21', 'in 2 months'],
    ['2027', 'in 13 months'],
    ['2025-10-14', '13 months ago'],
    ['2029-12-31', 'in 3 years'],
    ['2018', '7 years ago'],
  ])('counts to the last moment of %s: %s', (on, words) => expect(distance(on, NOW)).toBe(words));

  it('says what has ended, what goes on until when, and that nobody told the day', () => {
    expect(endWords({ what: 'security updates', on: '2024-05' }, NOW)).toBe('security updates ended May 2024');
    expect(endWords({ what: 'the warranty', on: '2027-05-06' }, NOW)).toBe('the warranty until 6 May 2027');
    expect(endWords({ what: 'support', on: '2024', atTheLatest: true }, NOW)).toBe('support ended by 2024');
  });

  it('says a verdict in a line, with what the desk must not hand on marked, and nothing of what is fine', () => {
    expect(verdictLine(verdict(), NOW)).toBe('overdue · security updates ended May 2024');
    const aged = verdict({ state: 'check', tell: 'desk', grade: 'usual life', ends: undefined, why: 'It is old.' });
    expect(verdictLine(aged, NOW)).toBe('check this · usual life · check first, not for the client');
    expect(groundWords(aged, NOW)).toBe('It is old.');
    expect(groundWords(verdict(), NOW)).toBe('security updates ended May 2024, 2 years ago');
    expect(verdictLine(verdict({ state: 'fine' }), NOW)).toBeUndefined();
  });

  it('counts what is near its end, and is silent where nothing is', () => {
    expect(endingWords({ atRisk: 2, overdue: 1, due: 3 })).toBe('2 at risk, 1 overdue and 3 due within 90 days');
    expect(endingWords({ atRisk: 0, overdue: 0, due: 1 })).toBe('1 due within 90 days');
    expect(endingWords({ atRisk: 0, overdue: 0, due: 0 })).toBeUndefined();
  });

  it('says of an alert when it ends by now, not by when it was told', () => {
    expect(stageWords({ stage: 180, ends: '2027-02-20' }, NOW)).toBe('ends in 90 days (20 February 2027)');
    expect(stageWords({ stage: 0, ends: '2024-05' }, NOW)).toBe('ended 2 years ago (May 2024)');
    expect([stageWords({ stage: 0 }, NOW), stageWords({ stage: 365 }, NOW), stageWords({}, NOW)]).toEqual([
      'due now',
      'to plan for',
      undefined,
    ]);
  });
});
