/** The hops of `hearthbeat trace` as lines for a person: what was tried, how it went, how long it took, in a sentence. Pure. */
import type { HopName, HopOutcome } from '../../agent/diagnostics/trace.ts';
import type { PaintWord } from './check-list.ts';
import { wrapped } from './wrapped.ts';

export type ShownHop = { readonly name: HopName; readonly outcome: HopOutcome; readonly summary: string; readonly tookMs?: number };

const WORDS: Readonly<Record<HopName, string>> = {
  link: 'Hub',
  route: 'Network',
  arp: 'ARP',
  ping: 'Ping',
  ports: 'Ports',
  name: 'Name',
  dns: 'Router DNS',
  internet: 'Internet',
};

const COLOURS: Readonly<Record<HopOutcome, Parameters<PaintWord>[0]>> = {
  ok: 'green',
  broken: ['bold', 'red'],
  silent: 'yellow',
  unable: 'gray',
  skipped: 'gray',
};

const NAME_WIDTH = 12;
const OUTCOME_WIDTH = 9;
const TIME_WIDTH = 8;
const NARROWEST = 24;

/** One line, or more where the width is short. */
export function hopLines({ name, outcome, summary, tookMs }: ShownHop, width: number, paint: PaintWord): string[] {
  const indent = NAME_WIDTH + OUTCOME_WIDTH + TIME_WIDTH + 2;
  const time = tookMs === undefined ? '' : timeWords(tookMs);
  const head = `${WORDS[name].padEnd(NAME_WIDTH)}${paint(COLOURS[outcome], outcome.padEnd(OUTCOME_WIDTH))}${time.padStart(TIME_WIDTH)}  `;
  const [first = '', ...rest] = wrapped(summary, Math.max(NARROWEST, width - indent));
  return [`${head}${first}`, ...rest.map((line) => ' '.repeat(indent) + line)];
}

function timeWords(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}
