/** Plays lives, one seed after the other, until one goes wrong; prints which and how, and ends with 3 then. `argv`: first and last seed, days, and the weather, `stress` where none is named. */
import { OURS, playMonth, type Weather } from './month.ts';

const [first, last, days] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const weather = (process.argv[5] ?? 'stress') as Weather;

for (let seed = first; seed <= last; seed++) {
  const month = playMonth({ seed: String(seed), days, weather, withPeers: false });
  const wrong = [...month.broken, ...(month.scores[OURS]?.mistakes ?? [])];
  if (wrong.length === 0) continue;
  process.stdout.write(`seed ${seed}: ${wrong[0]}\n`);
  process.exitCode = 3;
  break;
}
