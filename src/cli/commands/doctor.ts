/**
 * `hearthbeat doctor`: tries everything the agent needs by doing it, all at once, and names the fix of what does not work. Needs no
 * agent, root, account or internet. Exit code 1 when there is a problem; warnings and what was skipped are none.
 */
import type { Command } from 'commander';
import { type Check, type Finding, withCauses } from '../../agent/diagnostics/doctor-check.ts';
import { type CliContext, EXIT, globalFlags, type Output, printJson } from '../context.ts';
import { examine } from '../examination.ts';
import { checkLines, type ListedCheck } from '../render/check-list.ts';
import { LiveArea } from '../render/live-area.ts';
import { paint } from '../render/words.ts';

const WIDEST = 120;

export async function doctor(context: CliContext, command: Command): Promise<number> {
  const flags = globalFlags(command);
  const examination = examine(flags, context);
  const area = new LiveArea(context.stderr);
  try {
    const checks = withCauses(await settled(examination.findings, (soFar) => area.draw(linesFor(soFar, context.stderr, context))));
    area.clear();
    const isFine = checks.every(({ status }) => status !== 'problem');
    if (flags.json) printJson(context, { ok: isFine, checks: checks.map(({ fix = null, ...check }) => ({ ...check, fix })) });
    else context.stdout.write(`${[...linesFor(checks, context.stdout, context), '', verdict(checks)].join('\n')}\n`);
    return isFine ? EXIT.fine : EXIT.problems;
  } finally {
    area.clear();
    examination.close();
  }
}

/** Waits for all, telling of each as it comes. */
async function settled(
  findings: ReadonlyMap<string, Promise<Finding>>,
  onProgress: (soFar: readonly ListedCheck[]) => void,
): Promise<Map<string, Finding>> {
  const known = new Map<string, Finding>();
  const soFar = (): ListedCheck[] =>
    [...findings.keys()].map((name) => ({ name, ...(known.get(name) ?? { status: 'checking', summary: '' }) }));
  onProgress(soFar());
  await Promise.all(
    [...findings].map(async ([name, finding]) => {
      known.set(name, await finding);
      onProgress(soFar());
    }),
  );
  return new Map([...findings.keys()].map((name) => [name, known.get(name) as Finding]));
}

function linesFor(checks: readonly ListedCheck[], output: Output, { env }: CliContext): string[] {
  return checkLines(checks, Math.min(WIDEST, output.columns || WIDEST), (colour, text) => paint(colour, text, output, env));
}

function verdict(checks: readonly Check[]): string {
  const [problems, warnings] = (['problem', 'warning'] as const).map((wanted) => checks.filter(({ status }) => status === wanted).length);
  const words = [...(problems ? [plural(problems, 'problem')] : []), ...(warnings ? [plural(warnings, 'warning')] : [])];
  return words.length === 0 ? 'All is well.' : `${words.join(', ')}.`;
}

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;
