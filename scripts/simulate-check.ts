/**
 * `npm run simulate:check`: what CI asks of the simulator. A few homes live the same with skipped rounds and with every tick; 200 stressful home-days break no
 * promise; and each rule that is taken away is noticed within fifty seeds. Homes through five years are told of each end once, and that too is noticed where a
 * rule is missing. The path from the hub's card to the desk's database holds its promises in 2,000 lives, and each of its rules is missed within fifty. Ends with a
 * line `N held, N failed`.
 *   [--seeds 50] [--days 2] [--full-days 1] [--lives 2000] [--only path]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { MUTANTS, type Mutant } from '../test/months/mutants.ts';
import { PATH_MUTANTS } from '../test/path/mutants.ts';
import { YEARS_MUTANTS } from '../test/years/mutants.ts';
import { readOptions } from './options.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const SIMULATE = path.join(ROOT, 'scripts/simulate.ts');
const MONTHS = path.join(ROOT, 'test/months');
const YEARS = path.join(ROOT, 'scripts/simulate-years.ts');
const yearsFrom = (seed: string): string[] => [YEARS, '--homes', '12', '--seed', seed, '--until-broken'];
const yearsOf = ([seed, editions]: readonly [string, string]): string[] => [YEARS, '--homes', '1', '--seed', seed, '--editions', editions];
const PATH = path.join(ROOT, 'scripts/simulate-path.ts');
/** The end of `until-broken.ts`, `simulate-years.ts` and `simulate-path.ts` where a life went wrong. */
const BROKEN = 3;

const { values } = readOptions({
  options: {
    seeds: { type: 'string', default: '50' },
    days: { type: 'string', default: '2' },
    'full-days': { type: 'string', default: '1' },
    lives: { type: 'string', default: '2000' },
    only: { type: 'string' },
  },
});

type Check = { readonly name: string; readonly run: () => Promise<{ readonly held: boolean; readonly told: string }> };

const untilBroken = ({ weather = 'stress', seed = 1 }: Pick<Mutant, 'weather' | 'seed'>): string[] => [
  path.join(MONTHS, 'until-broken.ts'),
  String(seed),
  String(seed + Number(values.seeds) - 1),
  values.days,
  weather,
];

const LIVES_A_BLOCK = 250;

const PATH_CHECKS: readonly Check[] = [
  ...Array.from({ length: Math.ceil(Number(values.lives) / LIVES_A_BLOCK) }, (_, block): Check => {
    const first = block * LIVES_A_BLOCK + 1;
    return {
      name: `hub and desk agree after any faults, lives ${first} to ${first + LIVES_A_BLOCK - 1}`,
      run: () => ending(0, [PATH, '--seed', String(first), '--seeds', String(LIVES_A_BLOCK)]),
    };
  }),
  { name: 'a life of the path is the same twice', run: () => ending(0, [PATH, '--twice', '--seeds', '30']) },
  ...PATH_MUTANTS.map(
    (mutant): Check => ({
      name: `noticed: ${mutant.name}`,
      run: () => ending(BROKEN, [PATH, '--until-broken', '--seed', String(mutant.seed ?? 1), '--seeds', '50'], mutant),
    }),
  ),
];

const CHECKS: readonly Check[] = [
  // In 9503 the hub doubts itself while devices sleep whose rounds are skipped.
  ...['1', '9503'].map(
    (seed): Check => ({
      name: `seed ${seed} decides the same with every tick`,
      run: () =>
        ending(0, [
          SIMULATE,
          '--full',
          '--homes',
          '1',
          '--seed',
          seed,
          '--days',
          values['full-days'],
          '--weather',
          seed === '1' ? 'usual' : 'stress',
        ]),
    }),
  ),
  { name: `${values.seeds} stressful lives of ${values.days} days have nothing wrong`, run: () => ending(0, untilBroken({})) },
  {
    name: `${values.seeds} lives with a hub that often cannot look have nothing wrong`,
    run: () => ending(0, untilBroken({ weather: 'blind' })),
  },
  ...MUTANTS.map((mutant): Check => ({ name: `noticed: ${mutant.name}`, run: () => ending(BROKEN, untilBroken(mutant), mutant) })),
  ...['130'].map(
    (seed): Check => ({ name: `a dozen homes are told of each end once in five years (${seed})`, run: () => ending(0, yearsFrom(seed)) }),
  ),
  ...YEARS_MUTANTS.map(
    (mutant): Check => ({
      name: `noticed: ${mutant.name}`,
      run: () => ending(BROKEN, mutant.home ? yearsOf(mutant.home) : yearsFrom('130'), mutant),
    }),
  ),
  ...PATH_CHECKS,
];

async function ending(code: number, args: readonly string[], mutant?: Mutant): Promise<{ held: boolean; told: string }> {
  const hooks = mutant ? ['--import', path.join(MONTHS, 'mutate.ts')] : [];
  const env = { ...process.env, ...(mutant ? { MUTANT: JSON.stringify(mutant) } : {}) };
  const child = spawn(process.execPath, [...hooks, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
  const [ended] = await once(child, 'close');
  const held = ended === code;
  return { held, told: held ? '' : told.trim().slice(-400) };
}

const waiting = [...(values.only === 'path' ? PATH_CHECKS : CHECKS)];
let [held, failed] = [0, 0];
async function work(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const beganMs = performance.now();
    const result = await check.run();
    if (result.held) held++;
    else failed++;
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    process.stdout.write(
      `${result.held ? 'ok     ' : 'FAILED '} ${check.name}, ${seconds} s${result.told === '' ? '' : ` (${result.told})`}\n`,
    );
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
process.stdout.write(`${held} held, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
