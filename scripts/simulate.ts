/**
 * `npm run simulate [-- --homes 20 --days 30 --seed 1 --weather usual|stress --json --mistakes --no-peers]`: generated homes live through their days before the real pipeline in
 * virtual time, and before the published defaults of other monitors. Prints how many alerts people would have had, how many of them for nothing, what
 * was missed and how soon faults were found, by kind; `--no-peers` leaves the others out. `--full` ticks every quarter of a second too, and compares the decisions. Ends with 1 where a promise
 * is broken. A home is repeated by its seed.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { decisionsOf, lifeOf, type Month, OURS, playMonth, type Weather } from '../test/months/month.ts';
import { runLife } from '../test/months/run.ts';
import type { Finding, Score } from '../test/months/score.ts';
import { readOptions } from './options.ts';

type Task = { readonly seeds: readonly string[]; readonly days: number; readonly weather: Weather; readonly withPeers: boolean };

/** Of one home, so that no home hides the others. */
const SHOWN = 6;
const MONTH_DAYS = 30;

const { values } = readOptions({
  allowNegative: true,
  options: {
    homes: { type: 'string', default: '20' },
    days: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    weather: { type: 'string', default: 'usual' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
    mistakes: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: true },
  },
});

async function main(): Promise<number> {
  const [homes, days, threads] = [Number(values.homes), Number(values.days), Number(values.threads)];
  if (!(homes >= 1 && days > 0 && threads >= 1) || (values.weather !== 'usual' && values.weather !== 'stress')) {
    process.stderr.write('simulate: --homes, --days and --threads are numbers from 1 on, --weather is usual or stress\n');
    return 2;
  }
  const seeds = Array.from({ length: homes }, (_, i) => String(Number(values.seed) + i));
  if (values.full) return compare(seeds, days, values.weather);
  const months = await inThreads(seeds, { days, weather: values.weather, withPeers: values.peers }, Math.min(threads, homes));
  process.stdout.write(values.json ? `${JSON.stringify(document(months))}\n` : report(months));
  return months.some(({ broken }) => broken.length > 0) ? 1 : 0;
}

/** Both ways through the same days; prints the first decisions that differ. */
function compare(seeds: readonly string[], days: number, weather: Weather): number {
  let differing = 0;
  for (const seed of seeds) {
    const life = lifeOf({ seed, days, weather });
    const [fast, full] = [true, false].map((isFast) => decisionsOf(runLife(life, { seed, isFast }))) as [string[], string[]];
    const at = full.findIndex((line, i) => line !== fast[i]);
    const isSame = at < 0 && full.length === fast.length;
    if (!isSame) differing++;
    process.stdout.write(
      `seed ${seed}: ${full.length} decisions, ${isSame ? 'the same both ways' : `first difference: "${fast[at]}" fast, "${full[at]}" in full`}\n`,
    );
  }
  return differing > 0 ? 1 : 0;
}

async function inThreads(seeds: readonly string[], task: Omit<Task, 'seeds'>, threads: number): Promise<Month[]> {
  const months: Month[] = [];
  const started = performance.now();
  const parts = Array.from({ length: threads }, (_, part) => seeds.filter((_, i) => i % threads === part));
  const onMonth = (month: Month): void => {
    months.push(month);
    if (!process.stderr.isTTY) return;
    const leftS = ((performance.now() - started) / 1000 / months.length) * (seeds.length - months.length);
    process.stderr.write(
      `\r${months.length} of ${seeds.length} homes, about ${Math.ceil(leftS)} s left \x1b[K${months.length === seeds.length ? '\r\x1b[K' : ''}`,
    );
  };
  await Promise.all(parts.map((part) => inWorker({ ...task, seeds: part }, onMonth)));
  return months.sort((a, b) => Number(a.seed) - Number(b.seed));
}

function inWorker(task: Task, onMonth: (month: Month) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task, argv: process.argv.slice(2) });
    worker.on('message', onMonth);
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`))));
  });
}

type Sum = Omit<Score, 'mistakes'>;

function sumOf(scores: readonly Score[]): Sum {
  const add = (field: 'alarms' | 'right' | 'needless' | 'repeated' | 'falseDowns' | 'otherFalse' | 'faults' | 'told'): number =>
    scores.reduce((sum, each) => sum + each[field], 0);
  return {
    alarms: add('alarms'),
    right: add('right'),
    needless: add('needless'),
    repeated: add('repeated'),
    falseDowns: add('falseDowns'),
    otherFalse: add('otherFalse'),
    faults: add('faults'),
    told: add('told'),
    findings: scores.flatMap(({ findings }) => findings),
  };
}

function document(months: readonly Month[]) {
  const homeMonths = months.reduce((sum, { days }) => sum + days / MONTH_DAYS, 0);
  const policies = Object.fromEntries(policiesIn(months).map((name) => [name, figures(name, months, homeMonths)]));
  const seconds = months.reduce((sum, month) => sum + month.seconds, 0);
  return {
    homes: months.length,
    days: months[0]?.days,
    policies,
    falseStatesPerHomeYear: (months.reduce((sum, { falseStates }) => sum + falseStates, 0) / homeMonths) * 12.17,
    unknownShare: months.reduce((sum, month) => sum + month.unknownShare, 0) / months.length,
    homeDaysPerMinute: ((homeMonths * MONTH_DAYS) / seconds) * 60,
    broken: months.flatMap(({ seed, broken }) => broken.map((words) => ({ seed, words }))),
  };
}

function figures(name: string, months: readonly Month[], homeMonths: number) {
  const sum = sumOf(months.flatMap(({ scores }) => scores[name] ?? []));
  const { findings, ...counts } = sum;
  return {
    ...counts,
    alarmsPerHomeMonth: sum.alarms / homeMonths,
    falseDownsPer100HomeMonths: (sum.falseDowns / homeMonths) * 100,
    precision: sum.right / sum.alarms,
    ...delays(findings),
    kinds: Object.fromEntries(byKind(findings).map(([of, found]) => [of, { faults: found.length, ...delays(found) }])),
  };
}

function byKind(findings: readonly Finding[]): [string, Finding[]][] {
  return Object.entries(Object.groupBy(findings, ({ of }) => of))
    .map(([of, found = []]): [string, Finding[]] => [of, found])
    .sort(([, a], [, b]) => b.length - a.length);
}

/** p50, p95 and the longest. */
const delays = (findings: readonly Finding[]) => ({
  noticedAfterS: quantiles(findings.map(({ noticedAfterMs }) => noticedAfterMs)),
  toldAfterS: quantiles(findings.map(({ toldAfterMs }) => toldAfterMs)),
});

const policiesIn = (months: readonly Month[]): string[] => Object.keys(months[0]?.scores ?? {});

/** In seconds; none where nothing was measured. */
function quantiles(ms: readonly number[]): readonly number[] {
  if (ms.length === 0) return [];
  const sorted = [...ms].sort((a, b) => a - b);
  return [0.5, 0.95, 1].map((part) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number) / 1000));
}

function report(months: readonly Month[]): string {
  const told = document(months);
  const rows = Object.entries(told.policies).map(([name, each]) => [
    name,
    each.alarmsPerHomeMonth.toFixed(2),
    each.alarms === 0 ? NONE : `${(100 * each.precision).toFixed(1)} %`,
    String(each.needless),
    String(each.repeated),
    each.falseDownsPer100HomeMonths.toFixed(1),
    String(each.otherFalse),
    name === OURS ? `${each.told} of ${each.faults}` : '',
    inWords(each.noticedAfterS),
    inWords(each.toldAfterS),
  ]);
  const head = [
    '',
    'alerts a home-month',
    'right',
    'of restarts',
    'repeated',
    'false downs a 100 home-months',
    'other false',
    'faults told',
    'noticed after s (p50/p95/max)',
    'told after s',
  ];
  const kinds = Object.entries(told.policies[OURS]?.kinds ?? {}).map(([of, each]) => [
    of,
    String(each.faults),
    inWords(each.noticedAfterS),
    inWords(each.toldAfterS),
  ]);
  const mistakes = values.mistakes
    ? months.flatMap(({ seed, scores }) => (scores[OURS]?.mistakes ?? []).slice(0, SHOWN).map((words) => `seed ${seed}: ${words}`))
    : [];
  return [
    `${told.homes} homes, ${told.days} days each, seeds ${months[0]?.seed} to ${months.at(-1)?.seed}; ${Math.round(told.homeDaysPerMinute)} home-days a minute on one core`,
    '',
    ...table(head, rows),
    '',
    ...(kinds.length === 0 ? [] : [...table(['what failed', 'told', 'noticed after s (p50/p95/max)', 'told after s'], kinds), '']),
    `states "down" of what could be reached: ${told.falseStatesPerHomeYear.toFixed(2)} a home-year; time that could not be seen: ${(100 * told.unknownShare).toFixed(3)} %`,
    ...mistakes,
    ...months.flatMap(({ seed, broken }) => broken.slice(0, SHOWN).map((words) => `seed ${seed} BROKEN ${words}`)),
    told.broken.length === 0 ? 'every promise kept' : `${told.broken.length} promises broken`,
    '',
  ].join('\n');
}

const NONE = '-';
const inWords = (seconds: readonly number[]): string => (seconds.length === 0 ? NONE : seconds.join(' / '));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line);
}

if (isMainThread) process.exitCode = await main();
else {
  const { seeds, ...task } = workerData as Task;
  for (const seed of seeds) parentPort?.postMessage(playMonth({ seed, ...task }));
}
