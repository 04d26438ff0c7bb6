/** A process that works on a hub's database and says so in a file beside it: `node writer.ts {folder} {seed} {commits} [careless]`. */
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { work } from './load.ts';

const [folder = '', seed = '1', commits = '100', careless] = process.argv.slice(2);
const said = openSync(join(folder, 'said'), 'a');
work(join(folder, 'agent.db'), {
  random: seededRandom(seed),
  commits: Number(commits),
  isCareless: careless !== undefined,
  say: (word) => writeSync(said, `${JSON.stringify(word)}\n`),
});
