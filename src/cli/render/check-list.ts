/** The checks of `hearthbeat doctor` as lines for a person: one a check, its fix below it. Pure. */
import type { styleText } from 'node:util';
import type { CheckStatus } from '../../agent/diagnostics/doctor-check.ts';
import { wrapped } from './wrapped.ts';

type Colour = Parameters<typeof styleText>[0];

/** A check, or the name of one that is still going on. */
export type ListedCheck = {
  readonly name: string;
  readonly status: CheckStatus | 'checking';
  readonly summary: string;
  readonly fix?: string;
};
export type PaintWord = (colour: Colour, text: string) => string;

const COLOURS: Readonly<Record<ListedCheck['status'], Colour>> = {
  ok: 'green',
  warning: 'yellow',
  problem: ['bold', 'red'],
  skipped: 'gray',
  checking: 'cyan',
};
const STATUS_WIDTH = 9;
const NARROWEST = 24;

export function checkLines(checks: readonly ListedCheck[], width: number, paint: PaintWord): string[] {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const indent = ' '.repeat(STATUS_WIDTH + nameWidth);
  const room = Math.max(NARROWEST, width - indent.length);
  return checks.flatMap(({ name, status, summary, fix }) => {
    const head = `${paint(COLOURS[status], status.padEnd(STATUS_WIDTH))}${name.padEnd(nameWidth)}`;
    const [first = '', ...rest] = wrapped(summary, room);
    const fixes = fix === undefined ? [] : wrapped(`-> ${fix}`, room).map((line) => paint('bold', line));
    return [`${head}${first}`.trimEnd(), ...[...rest, ...fixes].map((line) => indent + line)];
  });
}
