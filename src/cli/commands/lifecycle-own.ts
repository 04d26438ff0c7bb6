/** `hearthbeat lifecycle add FILE` and `remove ID`: the facts that an integrator brings on his own word, for this hub alone. */
import type { Command } from 'commander';
import { readOwnFacts } from '../../agent/lifecycle/own-facts.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { factsIn, textOfFactFile } from '../../platform/lifecycle-files.ts';
import { keepOwn, readEditionInUse, readOwn, whileHolding } from '../../platform/lifecycle-store.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';

/** A fact whose id is there already takes its place. */
export async function lifecycleAdd(context: CliContext, command: Command): Promise<number> {
  const file = String(command.args[0]);
  const place = lifecyclePlace(context, command);
  const text = textOfFactFile(file);
  const catalogue = factsIn(readEditionInUse(place).rows);
  const ids = whileHolding(place.folder, () => {
    const given = readOwnFacts(text, catalogue);
    refuseProblems(file, given.problems, file);
    const added = new Set(given.facts.map(({ id }) => id));
    const kept = keptOwn(place.folder).filter(({ id }) => !added.has(id));
    const rows = [...kept.map(({ row }) => row), ...given.rows];
    refuseProblems(`${file}, with the facts of your own that are there,`, readOwnFacts(rows.join('\n'), catalogue).problems, file);
    keepOwn(place.folder, rows);
    return [...added];
  });
  if (globalFlags(command).json) printJson(context, { ok: true, added: ids });
  else context.stdout.write(`Added on this hub: ${ids.join(', ')}. Take one back with: hearthbeat lifecycle remove <fact>\n`);
  return EXIT.fine;
}

export async function lifecycleRemove(context: CliContext, command: Command): Promise<number> {
  const wanted = String(command.args[0]);
  const { folder } = lifecyclePlace(context, command);
  const left = whileHolding(folder, () => {
    const own = keptOwn(folder);
    const rest = own.filter(({ id }) => id !== wanted);
    if (rest.length === own.length) throw notThere(wanted, own);
    keepOwn(
      folder,
      rest.map(({ row }) => row),
    );
    return rest.length;
  });
  if (globalFlags(command).json) printJson(context, { ok: true, removed: wanted, left });
  else context.stdout.write(`Taken back: ${wanted}. Facts of your own on this hub: ${left}.\n`);
  return EXIT.fine;
}

type Kept = { readonly id: string; readonly row: string };

function keptOwn(folder: string): Kept[] {
  const { facts, rows, problems } = readOwn(folder);
  refuseProblems('What is kept of your own facts', problems, undefined);
  return facts.map(({ id }, i) => ({ id, row: rows[i] ?? '' }));
}

function notThere(id: string, own: readonly Kept[]): HearthbeatError {
  const there = own.length === 0 ? 'none' : own.map((one) => one.id).join(', ');
  return new HearthbeatError('HB_NOT_FOUND', `No fact of your own is called "${id}".`, `Facts of your own on this hub: ${there}.`);
}

function refuseProblems(what: string, problems: readonly { path: string; message: string }[], file: string | undefined): void {
  const [first] = problems;
  if (!first) return;
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const fix =
    file === undefined ? 'Mend or remove lifecycle-own.jsonl in the data folder.' : `See all with: hearthbeat lifecycle check ${file}`;
  throw new HearthbeatError('HB_CATALOGUE_REFUSED', `${what} cannot be taken: ${first.path || 'it'} ${first.message}${others}.`, fix);
}
