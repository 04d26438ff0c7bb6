import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, type Inline, readMarkdown } from '../../../../src/desk/playbooks/markdown.ts';

const hosts = new Set(['support.acme.example']);

function problems(text: string): string[] {
  return readMarkdown(text, 1, hosts).problems.map(({ line, message }) => `${line}: ${message}`);
}

function words(text: string): readonly Inline[] {
  const [block] = readMarkdown(text, 1, hosts).blocks;
  return block?.type === 'paragraph' ? block.words : [];
}

describe('the small Markdown of playbooks', () => {
  it('reads headings, paragraphs, lists and the list inside an item, with their lines', () => {
    const { blocks, problems } = readMarkdown(
      'One sentence\nthat goes on.\n\n## Look first\n\n1. First\n   goes on.\n2. "Is it on?"\n   - Yes: good.\n   - No: bad.\n\n## Never\n- This.\n',
      10,
    );
    const item = (line: number, text: string, under: unknown[] = []) => ({ line, words: [{ type: 'text', text }], under });
    const line = (at: number, text: string) => ({ line: at, words: [{ type: 'text', text }] });
    expect(problems).toEqual([]);
    expect(blocks).toEqual([
      { type: 'paragraph', ...line(10, 'One sentence that goes on.') },
      { type: 'heading', line: 13, text: 'Look first' },
      {
        type: 'list',
        line: 15,
        ordered: true,
        items: [item(15, 'First goes on.'), item(17, '"Is it on?"', [line(18, 'Yes: good.'), line(19, 'No: bad.')])],
      },
      { type: 'heading', line: 21, text: 'Never' },
      { type: 'list', line: 22, ordered: false, items: [item(22, 'This.')] },
    ]);
  });

  it('reads bold, code, blanks, and links to hosts of the sources', () => {
    expect(words('Ask **once about {ip}**: `doctor`, {last answer}, [Acme](https://support.acme.example/a?b=c).')).toEqual([
      { type: 'text', text: 'Ask ' },
      {
        type: 'bold',
        of: [
          { type: 'text', text: 'once about ' },
          { type: 'blank', name: 'ip' },
        ],
      },
      { type: 'text', text: ': ' },
      { type: 'code', text: 'doctor' },
      { type: 'text', text: ', ' },
      { type: 'blank', name: 'last answer' },
      { type: 'text', text: ', ' },
      { type: 'link', href: 'https://support.acme.example/a?b=c', text: 'Acme' },
      { type: 'text', text: '.' },
    ]);
  });

  it.each([
    ['a script', '<script>alert(1)</script>', '1: HTML is not taken: write words'],
    ['an element', 'x <img src=x onerror=alert(1)>', '1: HTML is not taken: write words'],
    ['a comment', '<!-- x -->', '1: HTML is not taken: write words'],
    ['a picture', '![x](https://support.acme.example/x.png)', '1: pictures are not taken'],
    ['a table', '| a | b |', '1: only ## headings'],
    ['a fence', '```', '1: only ## headings'],
    ['a quotation', '> x', '1: only ## headings'],
    ['a definition of a link', '[x]: https://support.acme.example/', '1: only ## headings'],
    ['a title', '# x', '1: headings begin with ##'],
    ['a reversed line', 'a \u202e b', '1: it holds characters that cannot be seen'],
    ['a zero byte', 'a\u0000b', '1: it holds characters that cannot be seen'],
    ['an unclosed blank', 'the {device is', '1: "{" stands alone'],
    ['an unclosed bold', 'the **device', '1: "**" stands alone'],
    ['an inner list without an item', '  - x', '1: a list inside an item needs the item above it'],
    ['a numbered inner list', '1. x\n   1. y', '2: a list inside an item begins its lines with "- "'],
    ['a script as a link', '[x](javascript:alert(1))', '1: "](" stands alone'],
    ['another script as a link', '[x](javascript:alert)', '1: the link javascript:alert is no https address'],
    ['a host that no source names', '[x](https://evil.example/)', '1: the link https://evil.example/ is no https address'],
    ['http', '[x](http://support.acme.example/)', '1: the link http://support.acme.example/ is no https address'],
    ['a name before the host', '[x](https://support.acme.example@evil.example/)', '1: the link https://support.acme.example@evil.example/'],
  ])('refuses %s, with its line', (_, text, problem) => {
    expect(problems(text)).toEqual([expect.stringContaining(problem)]);
  });

  it('leaves nothing in its tree that could be a link elsewhere, and never throws, whatever it is given', () => {
    const pieces = fc.constantFrom(
      '**',
      '`',
      '{',
      '}',
      '[',
      '](',
      ')',
      '<',
      '>',
      '- ',
      '1. ',
      '## ',
      '\n',
      '   ',
      'javascript:',
      'https://a.b',
      'ip',
      'x',
      '\u202e',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const { blocks } = readMarkdown(parts.join(''), 1, hosts);
        for (const word of allWords(blocks)) if (word.type === 'link') expect(new URL(word.href).hostname).toBe('support.acme.example');
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['one line', 'x'.repeat(1_000_000)],
    ['stars', '**'.repeat(500_000)],
    ['lines of brackets', `${'[a]('.repeat(240)}\n`.repeat(1_000)],
    ['short lines', '- x\n'.repeat(250_000)],
    ['braces', `${'{'.repeat(990)}\n`.repeat(1_000)],
  ])('takes less than a second for a megabyte of %s', (_, text) => {
    const startedMs = performance.now();
    const { problems } = readMarkdown(text);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(50);
  });
});

function allWords(blocks: readonly Block[]): Inline[] {
  const lines = blocks.flatMap((block) => {
    if (block.type === 'heading') return [];
    return block.type === 'paragraph'
      ? [block.words]
      : block.items.flatMap(({ words, under }) => [words, ...under.map((line) => line.words)]);
  });
  return lines.flat().flatMap((word) => (word.type === 'bold' ? [word, ...word.of] : [word]));
}
