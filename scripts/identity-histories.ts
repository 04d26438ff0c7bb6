/**
 * `npm run histories [-- --seeds 10000 --from 1]`: plays generated histories of homes through the inventory and checks after each step that no
 * two boxes were taken for one, that no word of a person was lost and that what is undone leaves no trace. Ends with 1 at any violation.
 */

import { playHistory } from '../test/histories/play.ts';
import { readOptions } from './options.ts';

const SHOWN = 20;

const { values } = readOptions({ options: { seeds: { type: 'string', default: '10000' }, from: { type: 'string', default: '1' } } });
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const started = performance.now();
const violations: string[] = [];
let [merges, missed, bad] = [0, 0, 0];
for (let seed = from; seed < from + seeds; seed++) {
  const played = playHistory(seed);
  violations.push(...played.violations.slice(0, 3));
  merges += played.merges;
  missed += played.missed;
  if (played.violations.length > 0) bad++;
}
const seconds = (performance.now() - started) / 1000;
for (const violation of violations.slice(0, SHOWN)) console.log(violation);
console.log(
  `${seeds} histories in ${seconds.toFixed(1)} s (${Math.round(seeds / seconds)} a second): ${bad} with violations; ` +
    `${merges} mergers by the agent; ${missed} boxes with two cards still shown as two devices at the end`,
);
process.exitCode = bad > 0 ? 1 : 0;
