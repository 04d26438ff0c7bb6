import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/base/text.ts';
import { decode } from '../../../src/desk/ingest/decode.ts';
import { upTopic } from '../../../src/protocol/topics.ts';

const SITE = `0${'1'.repeat(25)}`;

/** What the desk keeps of a value of a body that it does not know. */
function read(value: unknown): unknown {
  const envelope = { v: 1, id: SITE, start: SITE, ses: 1, pos: 1, ts: 1, mono: 1, clk: 'ntp', k: 'later', d: value };
  const inbound = decode({ topic: upTopic(SITE, 'ev'), payload: Buffer.from(JSON.stringify(envelope)), retained: false });
  return inbound.kind === 'entry' ? inbound.envelope.d : inbound;
}

describe('text of a hub', () => {
  it('is cleaned wherever it needs to be, also where nothing else in the message does', () => {
    const doubtful = fc.constantFrom(
      ' ',
      '  ',
      '"',
      '\\',
      '\n',
      '\t',
      '\u202e',
      '\u001b',
      'é',
      'é',
      '\u007f',
      '山',
      ',',
      ':',
      '{',
      'a',
      'b',
    );
    const text = fc.array(doubtful, { maxLength: 8 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(text, (given) => {
        expect(read({ text: given, list: [given] })).toEqual({ text: cleanText(given) ?? '', list: [cleanText(given) ?? ''] });
      }),
      { numRuns: 3000 },
    );
  });

  it('is cut where it is too long, however clean it is', () => {
    expect(read('a'.repeat(5000))).toBe('a'.repeat(2048));
  });
});
