/**
 * `npm run simulate:check`: what CI asks of the simulator. A few homes live the same with skipped rounds and with every tick; stressful lives break no
 * promise; and each rule that is taken away is noticed within thirty seeds. Ends with a line `N held, N failed`.
 *   [--seeds 30] [--days 2] [--full-days 1]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from '../test/months/mutants.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const SIMULATE = path.join(ROOT, 'scripts/simulate.ts');
const MONTHS = path.join(ROOT, 'test/months');
/** The end of `until-broken.ts` where a life went wrong. */
const BROKEN = 3;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '30' },
    days: { type: 'string', default: '2' },
    'full-days': { type: 'string', default: '1' },
  },
});

type Check = { readonly name: string; readonly run: () => Promise<{ readonly held: boolean; readonly told: string }> };

const untilBroken = [path.join(MONTHS, 'until-broken.ts'), values.seeds, values.days];

const CHECKS: readonly Check[] = [
  ...['1', '11'].map(
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
  { name: `${values.seeds} stressful lives break no promise`, run: () => ending(0, untilBroken) },
  ...MUTANTS.map((mutant): Check => ({ name: `noticed: ${mutant.name}`, run: () => ending(BROKEN, untilBroken, mutant) })),
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
  return { held: ended === code, told: told.trim().slice(-400) };
}

const waiting = [...CHECKS];
let [held, failed] = [0, 0];
async function work(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const result = await check.run();
    if (result.held) held++;
    else failed++;
    process.stdout.write(`${result.held ? 'ok     ' : 'FAILED '} ${check.name}${result.told === '' ? '' : ` (${result.told})`}\n`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
process.stdout.write(`${held} held, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
