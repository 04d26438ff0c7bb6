/**
 * `npm run simulate:path -- --seeds 2000 --seed 1 [--seconds 120] [--json]`: hub, store, broker and desk in virtual time with everything between them going wrong by
 * seed (test/path). Prints what was broken, with the faults that it takes; ends with 3 where something was. `HB_SEED=17` plays one life again, `--trace` prints all
 * that happens in it. `--until-broken` ends at the first that breaks, `--twice` compares each life with a second of the same seed. `npm run simulate:check -- --only path`
 * is what CI asks of it.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { emptyDesk } from '../test/path/desk.ts';
import { FAULTS, type Fault } from '../test/path/faults.ts';
import { FAULTY_MS, type Life, type LifeOptions, live } from '../test/path/world.ts';
import { readOptions } from './options.ts';

/** Databases in memory are freed with their objects, and V8 does not see how large they are. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const BROKEN = 3;
const COLLECT_EVERY = 50;
/** A failure is made smaller until no fault can be left out, and printed with as much of what happened last. */
const TOLD_LINES = 40;
const SHRUNK = 3;
const PROGRESS_EVERY_MS = 30_000;

const { values } = readOptions({
  options: {
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: String(FAULTY_MS / 1_000) },
    json: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    'until-broken': { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
  },
});

type Failure = { readonly seed: number; readonly life: Life };

async function main(): Promise<number> {
  const only = process.env.HB_SEED;
  const [first, count, faultyMs] = [
    Number(only ?? values.seed),
    only === undefined ? Number(values.seeds) : 1,
    Number(values.seconds) * 1_000,
  ];
  if (!(first >= 0 && count >= 1 && faultyMs > 0)) {
    process.stderr.write('simulate:path: --seed, --seeds and --seconds are numbers\n');
    return 2;
  }
  const options = { emptyDesk: await emptyDesk(), faultyMs };
  const failures: Failure[] = [];
  const began = process.cpuUsage();
  let [entries, slowestS, hashes] = [0, 0, ''];
  for (let seed = first; seed < first + count; seed++) {
    const life = await lived(seed, options);
    entries += life.entries;
    slowestS = Math.max(slowestS, life.healedInS);
    hashes = life.hash;
    if (values.trace) process.stdout.write(`${life.trace.join('\n')}\n`);
    if (life.broken.length > 0) {
      failures.push({ seed, life });
      process.stdout.write(await told(seed, life, options));
      if (values['until-broken']) return BROKEN;
    }
    if (seed % COLLECT_EVERY === 0) collectGarbage();
    progress(seed - first + 1, count, failures.length);
  }
  const { user, system } = process.cpuUsage(began);
  const secondsUsed = (user + system) / 1e6;
  const sum = { seeds: count, from: first, broken: failures.length, entries, slowestS, hash: hashes, secondsUsed };
  process.stdout.write(values.json ? `${JSON.stringify({ ...sum, seedsBroken: failures.map(({ seed }) => seed) })}\n` : textOf(sum));
  return failures.length > 0 ? BROKEN : 0;
}

let toldAtMs = performance.now();

/** To standard error, so that what is printed stays to be read by programs. */
function progress(done: number, count: number, broken: number): void {
  if (performance.now() - toldAtMs < PROGRESS_EVERY_MS) return;
  toldAtMs = performance.now();
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${done} of ${count} lives, ${broken} broken\n`);
}

async function lived(seed: number, options: LifeOptions): Promise<Life> {
  const life = await live(String(seed), options);
  if (!values.twice) return life;
  const { hash } = await live(String(seed), options);
  return hash === life.hash ? life : { ...life, broken: [...life.broken, `the same seed lived otherwise: ${hash} after ${life.hash}`] };
}

function textOf(sum: {
  seeds: number;
  from: number;
  broken: number;
  entries: number;
  slowestS: number;
  hash: string;
  secondsUsed: number;
}): string {
  const { seeds, from, broken, entries, slowestS, hash, secondsUsed } = sum;
  const pace = Math.round(seeds / secondsUsed);
  return `${seeds} lives from seed ${from}, ${entries} entries, the slowest agreed ${slowestS} s after its last fault; last hash ${hash}; ${pace} a second of one core\n${broken === 0 ? 'PASS' : `FAIL: ${broken} broken`}\n`;
}

/** What was broken, with only the faults that it takes. */
async function told(seed: number, life: Life, options: LifeOptions): Promise<string> {
  const small = values['until-broken'] ? { life, without: new Set<Fault>() } : await shrunk(seed, life, options);
  const needed = FAULTS.filter((fault) => small.life.faults[fault] > 0).map(
    (fault) => `${fault} ${small.life.faults[fault].toPrecision(2)}`,
  );
  const last = values.trace || values['until-broken'] ? [] : small.life.trace.slice(-TOLD_LINES);
  return [
    `HB_SEED=${seed} (${needed.join(', ')})`,
    ...small.life.broken.map((one) => `  ${one}`),
    ...last.map((one) => `    ${one}`),
    '',
  ].join('\n');
}

/** Leaves out one kind of fault after the other for as long as the same promise is broken. */
async function shrunk(seed: number, life: Life, options: LifeOptions): Promise<{ life: Life }> {
  let [smallest, without] = [life, new Set<Fault>()];
  for (let round = 0; round < SHRUNK; round++) {
    for (const fault of FAULTS.filter((each) => smallest.faults[each] > 0)) {
      const fewer = new Set([...without, fault]);
      const tried = await live(String(seed), { ...options, without: fewer });
      if (promiseIn(tried) !== promiseIn(life)) continue;
      smallest = tried;
      without = fewer;
    }
  }
  return { life: smallest };
}

function promiseIn({ broken }: Life): string | undefined {
  return /I\d+/.exec(broken[0] ?? '')?.[0];
}

process.exitCode = await main();
