/**
 * `npm run bench:decay [-- --homes 1000 --days 364 --seed 20001 --drifts 1 --json]`: generated homes of sixty devices live through a year of daily counts before the detector of
 * decay (src/agent/decay), and before a fixed threshold. Prints how many devices that wore out were found before their end and how long before, by what wore out and by how fast, and
 * how many were told of that nothing was wrong with. Ends with 1 where fewer than 90 % were found, or one or more false ones came on 100 homes a month. With `--mutants` (24 homes are
 * enough) rules of the detector are taken away one by one: each must at least double the false ones.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { DRIFTS } from '../test/decay/home.ts';
import { DECAY_MUTANTS } from '../test/decay/mutants.ts';
import { type Injected, playYear, type Verdicts, type Year } from '../test/decay/play.ts';
import { readOptions } from './options.ts';

type Task = { readonly seeds: readonly string[]; readonly days: number; readonly drifts: number };

const LEAST_FOUND = 0.9;
const MOST_FALSE = 1;
const MONTH_DAYS = 365.25 / 12;
const SPEEDS = [
  { name: 'within 9 weeks', most: 63 },
  { name: '9 to 18 weeks', most: 126 },
  { name: 'slower', most: Number.POSITIVE_INFINITY },
] as const;

const { values } = readOptions({
  options: {
    homes: { type: 'string', default: '1000' },
    days: { type: 'string', default: '364' },
    seed: { type: 'string', default: '20001' },
    drifts: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const [homes, days, drifts, threads] = [values.homes, values.days, values.drifts, values.threads].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (!(homes >= 1 && days >= 1 && drifts >= 0 && threads >= 1)) {
    process.stderr.write('bench-decay: --homes, --days, --drifts and --threads are numbers\n');
    return 2;
  }
  const seeds = Array.from({ length: homes }, (_, i) => String(Number(values.seed) + i));
  const started = performance.now();
  const parts = Array.from({ length: Math.min(threads, homes) }, (_, part) => seeds.filter((_seed, i) => i % threads === part));
  const years = (await Promise.all(parts.map((part) => inWorker({ seeds: part, days, drifts })))).flat();
  const seconds = (performance.now() - started) / 1000;
  const told = { ours: figures(years, 'ours'), naive: figures(years, 'naive') };
  const from = `${homes} homes of 60 devices, ${days} days each, seeds ${seeds[0]} to ${seeds.at(-1)}, ${seconds.toFixed(0)} s`;
  process.stdout.write(
    values.json ? `${JSON.stringify({ homes, days, seed: values.seed, ...told })}\n` : `${[from, '', ...report(told)].join('\n')}\n`,
  );
  if (values.mutants) return withoutRules(told.ours.falseAHundredHomeMonths);
  return told.ours.found >= LEAST_FOUND && told.ours.falseAHundredHomeMonths < MOST_FALSE ? 0 : 1;
}

/** 0 where each rule that is taken away is noticed. */
function withoutRules(usual: number): number {
  const loader = new URL('../test/months/mutate.ts', import.meta.url).href;
  const args = process.argv.slice(1).filter((word) => word !== '--mutants' && word !== '--json');
  const unnoticed = DECAY_MUTANTS.filter((mutant) => {
    const { stdout } = spawnSync(process.execPath, ['--import', loader, ...args, '--json'], {
      env: { ...process.env, MUTANT: JSON.stringify(mutant) },
      encoding: 'utf8',
    });
    const { ours } = JSON.parse(stdout) as { ours: Figures };
    const isNoticed = ours.falseAHundredHomeMonths >= 2 * usual;
    process.stdout.write(
      `${isNoticed ? 'noticed' : 'NOT NOTICED'}: ${mutant.name}, ${ours.falseAHundredHomeMonths.toFixed(2)} false on 100 homes a month\n`,
    );
    return !isNoticed;
  });
  return unnoticed.length === 0 ? 0 : 1;
}

function inWorker(task: Task): Promise<Year[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task, argv: process.argv.slice(2) });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

type Figures = ReturnType<typeof figures>;

function figures(years: readonly Year[], who: 'ours' | 'naive') {
  const verdicts = years.map((year): Verdicts => year[who]);
  const drifts = verdicts.flatMap((each) => each.drifts);
  const wrong = verdicts.flatMap((each) => each.false);
  const homeMonths = years.reduce((sum, { days }) => sum + days / MONTH_DAYS, 0);
  return {
    drifts: drifts.length,
    ...foundOf(drifts),
    falseAHundredHomeMonths: (wrong.length / homeMonths) * 100,
    falseByMeasure: Object.fromEntries(
      Object.entries(Object.groupBy(wrong, ({ measure }) => measure)).map(([name, those]) => [name, those?.length ?? 0]),
    ),
    byKind: DRIFTS.map((kind) =>
      rowOf(
        kind,
        drifts.filter((one) => one.kind === kind),
      ),
    ),
    bySpeed: SPEEDS.map(({ name, most }, i) => {
      const least = SPEEDS[i - 1]?.most ?? 0;
      return rowOf(
        name,
        drifts.filter(({ lasts }) => lasts > least && lasts <= most),
      );
    }),
  };
}

const rowOf = (name: string, drifts: readonly Injected[]) => ({ name, drifts: drifts.length, ...foundOf(drifts) });

/** Lead in days: the tenth that was found latest had no more than the first of these. */
function foundOf(drifts: readonly Injected[]) {
  const leads = drifts.flatMap(({ leadDays }) => leadDays ?? []).sort((a, b) => a - b);
  const at = (part: number): number | undefined => leads[Math.min(leads.length - 1, Math.floor(leads.length * part))];
  return { found: drifts.length === 0 ? 1 : leads.length / drifts.length, leadDays: [at(0.1), at(0.5), at(0.9)] };
}

function report({ ours, naive }: { readonly ours: Figures; readonly naive: Figures }): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const days = (leads: readonly (number | undefined)[]): string => leads.map((lead) => lead ?? '-').join(' / ');
  const line = (name: string, row: { drifts: number; found: number; leadDays: readonly (number | undefined)[] }): string =>
    `  ${name.padEnd(26)}${String(row.drifts).padStart(6)}${percent(row.found).padStart(10)}   ${days(row.leadDays)}`;
  const part = (title: string, told: Figures): string[] => [
    `${title}: ${percent(told.found)} found before the end, ${told.falseAHundredHomeMonths.toFixed(2)} false on 100 homes a month`,
    `  ${''.padEnd(26)}${'drifts'.padStart(6)}${'found'.padStart(10)}   days before the end (p10 / p50 / p90)`,
    line('all', told),
    ...[...told.byKind, ...told.bySpeed].map((row) => line(row.name, row)),
    `  false by measure: ${
      Object.entries(told.falseByMeasure)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ') || 'none'
    }`,
    '',
  ];
  return [...part('hearthbeat', ours), ...part('last week against the first month', naive)];
}

if (isMainThread) process.exitCode = await main();
else {
  const { seeds, days, drifts } = workerData as Task;
  parentPort?.postMessage(seeds.map((seed) => playYear({ seed, days, drifts })));
}
