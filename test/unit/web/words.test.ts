import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/protocol/messages.ts';
import { doubts, duration, listed, methodWord, ruledOut } from '../../../src/web/words.ts';

const evidence = (hub: Partial<Evidence['hub']>): Evidence => ({
  attempts: [],
  lastAnswerAt: {},
  hub: { link: true, gateway: 'up', othersAnswering: 23, eventLoopLagMs: 2, ...hub },
});

describe('words', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [172_800_000, '2 days'],
  ])('says %i ms as %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('says a method that it does not know as the hub said it', () => {
    expect(['icmp', 'lldp', 'constructor', '__proto__'].map(methodWord)).toEqual(['ping', 'lldp', 'constructor', '__proto__']);
  });

  it('rules out only what the evidence rules out', () => {
    expect(ruledOut(evidence({}))).toBe(
      "the hub's own cable (its link is up), the router (it answers), the whole network (23 other devices answer) or a hub too busy to look (it was on time).",
    );
    expect(ruledOut(evidence({ link: null, gateway: 'unknown', othersAnswering: 0, eventLoopLagMs: 5000 }))).toBeUndefined();
    expect(ruledOut(evidence({ link: false, gateway: null, othersAnswering: 1 }))).toContain('1 other device answers');
  });

  it('keeps in mind what speaks against the observer', () => {
    expect(doubts(evidence({}))).toBeUndefined();
    expect(doubts(evidence({ link: false, gateway: 'down', othersAnswering: 0 }))).toBe(
      "the hub's own link was down, so it could not look, the router did not answer either and no other device answered at that time.",
    );
  });

  it('lists as people do', () => {
    expect([listed([], 'or'), listed(['a'], 'or'), listed(['a', 'b'], 'and'), listed(['a', 'b', 'c'], 'or')]).toEqual([
      '',
      'a',
      'a and b',
      'a, b or c',
    ]);
  });
});
