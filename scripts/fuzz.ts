// `npm run fuzz`: every parser of LAN input over seeded mutations of real packets. Fails when one throws, keeps unclean or endless text, or takes
// longer than 5 ms for an input. A run is repeated by its seed.
//   npm run fuzz -- [--inputs 1e6] [--seed S] [--only NAME[,NAME]] [--limit-ms 5] [--seconds S, of processor time for each parser at most]
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type FuzzReport, fuzz } from '../test/fuzz/run.ts';
import { FUZZ_TARGETS } from '../test/fuzz/targets.ts';
import { readOptions } from './options.ts';

type Task = { readonly name: string; readonly inputs: number; readonly seed: string; readonly mostMs: number };

const { values } = readOptions({
  options: {
    inputs: { type: 'string', default: '1e6' },
    seed: { type: 'string' },
    only: { type: 'string' },
    'limit-ms': { type: 'string', default: '5' },
    seconds: { type: 'string', default: 'Infinity' },
  },
});

/** A fresh worker for each parser: what one leaves in memory is not charged to the next. */
function inWorker(task: Task): Promise<FuzzReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', (error) =>
      resolve({ name: task.name, inputs: task.inputs, taken: 0, slowestMs: 0, perSecond: 0, failure: String(error) }),
    );
    worker.once('exit', (code) => code !== 0 && reject(new Error(`the worker for ${task.name} ended with ${code}`)));
  });
}

async function main(): Promise<number> {
  const inputs = Number(values.inputs);
  const limitMs = Number(values['limit-ms']);
  const mostMs = Number(values.seconds) * 1000;
  const names = FUZZ_TARGETS.map(({ name }) => name);
  const wanted = values.only?.split(',') ?? names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (!(inputs >= 1 && mostMs > 0) || unknown.length > 0) {
    process.stderr.write(
      `fuzz: ${unknown.length > 0 ? `no parser is called ${unknown.join(', ')}` : '--inputs or --seconds is no number'}; parsers: ${names.join(', ')}\n`,
    );
    return 2;
  }
  const seed = values.seed ?? String(Math.floor(Math.random() * 1e9));
  process.stdout.write(`seed ${seed}, ${inputs} inputs for each of ${wanted.length} parsers\n`);
  const waiting = [...wanted];
  const failed: string[] = [];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const report = await inWorker({ name, inputs, seed, mostMs });
      const fault =
        report.failure ??
        (report.slowestMs > limitMs
          ? `slowest input over ${limitMs} ms`
          : report.taken < report.inputs / 1000
            ? 'only noise was tried'
            : undefined);
      if (fault) failed.push(`${name}: ${fault}`);
      process.stdout.write(
        `${fault ? 'FAIL' : 'ok  '} ${name.padEnd(22)} ${String(report.perSecond).padStart(8)}/s  of ${report.inputs.toExponential(0)} taken ${((100 * report.taken) / report.inputs).toFixed(1).padStart(5)} %  slowest ${report.slowestMs.toFixed(2)} ms${fault ? `  ${fault}` : ''}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  process.stdout.write(
    `${wanted.length - failed.length} parsers held, ${failed.length} failed (seed ${seed}); memory ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB\n`,
  );
  return failed.length > 0 ? 1 : 0;
}

if (isMainThread) process.exitCode = await main();
else {
  const { name, inputs, seed, mostMs } = workerData as Task;
  parentPort?.postMessage(fuzz(FUZZ_TARGETS.find((target) => target.name === name)!, inputs, seed, mostMs));
}
