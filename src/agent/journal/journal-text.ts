/**
 * A part of the journal as text: a line of JSON with what the hub saw of itself, then one short line for each subject, by its number in the store. What was the
 * same from the first question of the part to the last needs a dozen letters; numbers are in base 36.
 */
import type { JournalPart, Outcome, Stretch } from './journal.ts';

type Head = Pick<JournalPart, 'isStart' | 'canRevalidate' | 'linksDown' | 'hub' | 'orders' | 'left'>;
type Body = Head & { readonly subjects: ReadonlyMap<number, readonly Stretch[]> };

const LETTERS: Readonly<Record<Outcome, string>> = { answered: 'a', silent: 's', refused: 'r', unable: 'u', heard: 'h' };
const OUTCOMES = new Map(Object.entries(LETTERS).map(([outcome, letter]) => [letter, outcome as Outcome]));
/** A subject that was asked first and last so near the ends of the part was asked in all of it. */
const NEAR_MS = 120_000;
const STRETCH = /^([asruh])(?:([0-9a-z]+)-([0-9a-z]+):)?([0-9a-z]+)(?:\/([0-9a-f]))?(?:~([0-9.]+))?$/;

export function writePart(part: Body, lengthMs: number): string {
  const { isStart, canRevalidate, linksDown, hub, orders, left } = part;
  const head: Partial<Head> = {
    ...(isStart ? { isStart } : {}),
    canRevalidate,
    ...(linksDown.length > 0 ? { linksDown } : {}),
    ...(hub.length > 0 ? { hub } : {}),
    ...(orders.length > 0 ? { orders } : {}),
    ...(left > 0 ? { left } : {}),
  };
  return [JSON.stringify(head), ...[...part.subjects].map(([n, stretches]) => subjectLine(n, stretches, lengthMs))].join('\n');
}

function subjectLine(n: number, stretches: readonly Stretch[], lengthMs: number): string {
  const [only] = stretches;
  const isWhole = stretches.length === 1 && only && only.fromMs <= NEAR_MS && only.toMs >= lengthMs - NEAR_MS;
  let beforeMs = 0;
  const words = stretches.map(({ outcome, fromMs, toMs, questions, ways, rttMs }) => {
    const place = isWhole ? '' : `${short(fromMs - beforeMs)}-${short(toMs - fromMs)}:`;
    beforeMs = fromMs;
    return `${LETTERS[outcome]}${place}${short(questions)}${ways === 0 ? '' : `/${ways.toString(16)}`}${rttMs === undefined ? '' : `~${Number(rttMs.toPrecision(2))}`}`;
  });
  return `${short(n)} ${words.join(' ')}`;
}

const short = (count: number): string => Math.max(0, Math.round(count)).toString(36);

/** Lines that are damaged are left out, as what was not kept. */
export function readPart(text: string, lengthMs: number): Body {
  const [first = '{}', ...lines] = text.split('\n');
  const subjects = new Map<number, Stretch[]>();
  for (const line of lines) {
    const [n, ...words] = line.split(' ');
    const stretches = readStretches(words, lengthMs);
    if (n !== undefined && stretches.length > 0) subjects.set(Number.parseInt(n, 36), stretches);
  }
  return { isStart: false, canRevalidate: false, linksDown: [], hub: [], orders: [], left: 0, ...readHead(first), subjects };
}

function readHead(text: string): Partial<Head> {
  try {
    return JSON.parse(text) as Partial<Head>;
  } catch {
    return {};
  }
}

function readStretches(words: readonly string[], lengthMs: number): Stretch[] {
  let beforeMs = 0;
  return words.flatMap((word): Stretch[] => {
    const [, letter = '', from, length, questions = '', ways, rtt] = STRETCH.exec(word) ?? [];
    const outcome = OUTCOMES.get(letter);
    if (!outcome) return [];
    const fromMs = from === undefined ? 0 : beforeMs + Number.parseInt(from, 36);
    beforeMs = fromMs;
    const toMs = length === undefined ? lengthMs : fromMs + Number.parseInt(length, 36);
    const told = rtt === undefined ? {} : { rttMs: Number(rtt) };
    return [{ outcome, fromMs, toMs, questions: Number.parseInt(questions, 36), ways: Number.parseInt(ways ?? '0', 16), ...told }];
  });
}

/** The text without the lines of some subjects. */
export function withoutSubjects(text: string, numbers: ReadonlySet<number>): string {
  const [first, ...lines] = text.split('\n');
  return [first, ...lines.filter((line) => !numbers.has(Number.parseInt(line.split(' ')[0] ?? '', 36)))].join('\n');
}
