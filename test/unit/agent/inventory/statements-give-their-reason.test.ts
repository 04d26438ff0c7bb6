import { describe, expect, test } from 'vitest';
import { doubtsOf, reasonsOf } from '../../../../src/agent/inventory/account.ts';
import type { Facts } from '../../../../src/agent/inventory/device.ts';

const fact = (value: string, confidence: number, source: string) => ({ value, confidence, source, at: 0 });

describe('a statement', () => {
  test('names who said it and how sure that is', () => {
    const facts: Facts = { vendor: [fact('Denon', 0.954, 'upnp MediaRenderer:1')], kind: [fact('av-receiver', 0.9, 'api :80')] };
    expect(reasonsOf({ facts })).toEqual([
      { fact: 'kind', source: 'api :80', confidence: 0.9 },
      { fact: 'vendor', source: 'upnp MediaRenderer:1', confidence: 0.95 },
    ]);
  });

  test('tells of another source that contradicts it and is nearly as sure, not of one that says it in other words', () => {
    const facts: Facts = {
      vendor: [fact('HP', 0.9, 'snmp'), fact('Hewlett HP', 0.85, 'http')],
      kind: [fact('speaker', 0.6, 'mdns'), fact('av-receiver', 0.5, 'upnp'), fact('tv', 0.1, 'mac registry')],
      model: [fact('A1', 0.9, 'snmp'), fact('B2', 0.6, 'http')],
    };
    expect(reasonsOf({ facts })).toEqual([
      { fact: 'kind', source: 'mdns', confidence: 0.6, or: 'av-receiver' },
      { fact: 'vendor', source: 'snmp', confidence: 0.9 },
      { fact: 'model', source: 'snmp', confidence: 0.9 },
    ]);
  });
});

test('doubts are contradictions, and guesses at what matters', () => {
  const facts: Facts = { kind: [fact('speaker', 0.3, 'mac registry')], model: [fact('One', 0.8, 'mdns'), fact('Arc', 0.7, 'http')] };
  expect(doubtsOf(reasonsOf({ facts }), { kind: 'speaker', model: 'One' })).toEqual([
    'kind: speaker is a guess.',
    'model: One, or Arc: two sources disagree.',
  ]);
});
