import { expect, it } from 'vitest';
import { hopLines, type ShownHop } from '../../../src/cli/render/hop-lines.ts';
import { textWidth } from '../../../src/cli/render/table.ts';

const plain = (_colour: unknown, text: string): string => text;
const hop: ShownHop = {
  name: 'arp',
  outcome: 'broken',
  summary: 'Nobody answers for 192.168.1.20: it is off, unplugged, out of reach, or has another address.',
  tookMs: 3130,
};

it('tells a hop in one line where there is room: what was tried, how it went, how long it took', () => {
  expect(hopLines(hop, 160, plain)).toEqual([`ARP         broken      3.1 s  ${hop.summary}`]);
  expect(hopLines({ ...hop, outcome: 'ok', tookMs: 0.2 }, 160, plain)[0]).toMatch(/^ARP {9}ok {11}1 ms {2}Nobody/);
  const { tookMs: _, ...untried } = { ...hop, outcome: 'skipped' as const };
  expect(hopLines(untried, 160, plain)[0]).toMatch(/^ARP {9}skipped {12}Nobody/);
});

it.each([56, 72, 80])('is never wider than %d cells, and breaks below the first word', (width) => {
  const lines = hopLines(hop, width, plain);
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {31}\S/);
});
