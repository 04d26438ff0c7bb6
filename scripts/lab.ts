// `npm run lab -- VERB ...`: the lab's commands (test/lab) under one name, on the project's own Node.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { handOver } from '../bin/runtime.mjs';

const LAB = path.resolve(import.meta.dirname, '../test/lab');

const VERBS: Record<string, string> = {
  up: 'build a lab: --hosts N, --real, --devices, --prefix P',
  exec: 'run a command on the hub: exec [--prefix P] COMMAND ...',
  truth: 'what really exists now, as JSON',
  fault: 'break or mend something (without a name: the list)',
  score: 'recall, precision and right names of a scan: score SCAN.json, or - for standard input',
  down: 'remove the lab',
  bench: 'run other scanners in the hub (needs: install --tools)',
  selftest: 'every fault and its effect, 80 s',
  install: 'the Debian packages the lab needs',
};

async function main([verb, ...args]: string[]): Promise<number> {
  if (!verb || !Object.hasOwn(VERBS, verb)) {
    const lines = Object.entries(VERBS).map(([name, about]) => `  ${name.padEnd(9)} ${about}`);
    process.stderr.write(`usage: npm run lab -- VERB ...\n${lines.join('\n')}\n`);
    return verb ? 2 : 0;
  }
  if (process.getuid?.() !== 0) {
    process.stderr.write(`The lab makes network namespaces, which needs root: sudo npm run lab -- ${[verb, ...args].join(' ')}\n`);
    return 1;
  }
  const env = { ...process.env, LAB_NODE: process.execPath };
  if (verb === 'exec') return handOver('ip', ['netns', 'exec', ...hubCommand(args)], { env });
  return handOver(path.join(LAB, verb), args, { env });
}

function hubCommand(args: string[]): string[] {
  const named = args[0] === '--prefix';
  const prefix = named ? args[1] : (process.env.LAB_PREFIX ?? 'hb');
  if (!existsSync(`/run/netns/${prefix}-hub`)) process.stderr.write(`no lab '${prefix}' is up: npm run lab -- up --prefix ${prefix}\n`);
  return [`${prefix}-hub`, ...args.slice(named ? 2 : 0)];
}

process.exitCode = await main(process.argv.slice(2));
