/**
 * Reads the lifecycle catalogue that comes with the product (config/lifecycle). Nothing is validated here: a test did that before the files were
 * shipped. The agent does not load it; commands that ask for it do.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type Catalogue, compileCatalogue } from '../agent/lifecycle/catalogue.ts';
import type { Fact, WrittenFact } from '../agent/lifecycle/fact.ts';
import type { ServiceLife } from '../agent/lifecycle/service-life.ts';
import { HearthbeatError } from '../base/errors.ts';

const FOLDER = new URL('../../config/lifecycle/', import.meta.url);

/** The text of each file of facts, by name. */
export function readLifecycleTexts(): ReadonlyMap<string, string> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));
  return new Map(names.sort().map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
}

/** All facts in the order of file names, without the examples: they only prove the facts. Throws when a file is missing or broken. */
export function readLifecycleFacts(): Fact[] {
  return [...readLifecycleTexts().values()].flatMap((text) => text.split('\n').filter(Boolean).map(factIn));
}

function factIn(line: string): Fact {
  const { examples: _, counterExamples: __, ...fact } = JSON.parse(line) as WrittenFact;
  return fact;
}

export function readLifecycleCatalogue(): Catalogue {
  return compileCatalogue(readLifecycleFacts());
}

export function readServiceLives(): ServiceLife[] {
  return JSON.parse(readFileSync(new URL('service-life.json', FOLDER), 'utf8')) as ServiceLife[];
}

/** The text of somebody's own file of facts. Throws HB_USAGE where it cannot be read. */
export function textOfFactFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new HearthbeatError('HB_USAGE', `The file ${file} ${why}.`, 'Name a file of facts, one a line: config/lifecycle/README.md', {
      cause,
    });
  }
}
