/** How a device got worse, as a row of bars, one a week, with its scale: readable in every terminal, and in a ticket. */
import type { Decay } from '../../agent/decay/decay.ts';
import { amount } from '../../agent/lifecycle/decay-verdict.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const NOT_SEEN = '·';

/** At most as many weeks as fit; the newest stay. Nothing is zero degrees warm: there the coolest week is the lowest bar. */
export function decayLines({ measure, since, chart }: Decay, width = 60): string[] {
  const weeks = chart.weeks.slice(-Math.max(1, Math.min(width, 60)));
  const seen = weeks.filter((value) => value !== null);
  const most = Math.max(...seen, 0);
  const least = measure === 'temperature' ? Math.min(...seen, most) : 0;
  const bars = weeks.map((value) => (value === null ? NOT_SEEN : bar(value - least, most - least))).join('');
  const scale = least === 0 ? `the highest ${amount(measure, most)}` : `from ${amount(measure, least)} to ${amount(measure, most)}`;
  return [bars, `each bar a week, ${scale}; worse since ${since}`];
}

function bar(value: number, most: number): string {
  const step = most <= 0 ? 0 : Math.round((value / most) * (BARS.length - 1));
  return BARS[step] as string;
}
