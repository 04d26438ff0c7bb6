/**
 * Plays stressful lives, one seed after the other, until one goes wrong; prints which and how, and ends with 3 then. `argv`: first and last seed, days, and
 * `all`, or `promises` where a message about something that had only restarted is let pass: one in twenty may be that.
 */
import { OURS, playMonth } from './month.ts';

const [first, last, days] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const isLenient = process.argv[5] === 'promises';

for (let seed = first; seed <= last; seed++) {
  const month = playMonth({ seed: String(seed), days, weather: 'stress', withPeers: false });
  const mistakes = (month.scores[OURS]?.mistakes ?? []).filter((words) => !isLenient || !/ h (needless|repeated) /.test(words));
  const wrong = [...month.broken, ...mistakes];
  if (wrong.length === 0) continue;
  process.stdout.write(`seed ${seed}: ${wrong[0]}\n`);
  process.exitCode = 3;
  break;
}
