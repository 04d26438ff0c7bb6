/** Plays stressful lives, one seed after the other, until one goes wrong; prints which and how, and ends with 3 then. `argv`: seeds, days. */
import { OURS, playMonth } from './month.ts';

const [seeds, days] = process.argv.slice(2).map(Number) as [number, number];

for (let seed = 1; seed <= seeds; seed++) {
  const month = playMonth({ seed: String(seed), days, weather: 'stress', withPeers: false });
  const wrong = [...month.broken, ...(month.scores[OURS]?.mistakes ?? [])];
  if (wrong.length === 0) continue;
  process.stdout.write(`seed ${seed}: ${wrong[0]}\n`);
  process.exitCode = 3;
  break;
}
