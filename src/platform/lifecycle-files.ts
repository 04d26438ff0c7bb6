/**
 * Reads the lifecycle catalogue that comes with the product (config/lifecycle). Nothing is validated here: a test did that before the files were
 * shipped. The agent does not load it; commands that ask for it do.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type Catalogue, compileCatalogue } from '../agent/lifecycle/catalogue.ts';
import type { Fact, WrittenFact } from '../agent/lifecycle/fact.ts';
import { LARGEST_FACT_FILE } from '../agent/lifecycle/fact-file.ts';
import type { SerialScheme } from '../agent/lifecycle/made.ts';
import { livesByKind, livesOfParts, type ServiceLife } from '../agent/lifecycle/service-life.ts';
import type { Grounds } from '../agent/lifecycle/standing.ts';
import { openAddressBlocks } from './address-blocks.ts';
import { readGiven } from './whole-file.ts';

const FOLDER = new URL('../../config/lifecycle/', import.meta.url);

/** The text of each file of facts, by name. */
export function readLifecycleTexts(): ReadonlyMap<string, string> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));
  return new Map(names.sort().map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
}

/** All facts in the order of file names. Throws when a file is missing or broken. */
export function readLifecycleFacts(): Fact[] {
  return factsIn(builtInEdition().rows);
}

/** What comes with the product, as `npm run lifecycle:sign` puts it into a file. `serial`: see agent/lifecycle/edition.ts. */
export function builtInEdition(): { readonly serial: number; readonly rows: string } {
  const { serial } = JSON.parse(readFileSync(new URL('edition.json', FOLDER), 'utf8')) as { serial: number };
  return { serial, rows: [...readLifecycleTexts().values()].join('') };
}

/** Proved rows, without the examples: they have done their work. */
export function factsIn(rows: string): Fact[] {
  return rows.split('\n').filter(Boolean).map(factIn);
}

/** Lines of keys that come with the product. */
export function textOfTrustedKeys(): string {
  return readFileSync(new URL('trusted-keys', FOLDER), 'utf8');
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

export function readSerialSchemes(): SerialScheme[] {
  return JSON.parse(readFileSync(new URL('serial-schemes.json', FOLDER), 'utf8')) as SerialScheme[];
}

/** All that a verdict on a device rests on beside the facts and the clock. */
export function readGrounds(): Pick<Grounds, 'lives' | 'partLives' | 'serialSchemes' | 'blockMonthOf'> {
  const lives = readServiceLives();
  return {
    lives: livesByKind(lives),
    partLives: livesOfParts(lives),
    serialSchemes: readSerialSchemes(),
    blockMonthOf: openAddressBlocks(),
  };
}

/** The text of somebody's own file of facts. Throws HB_USAGE where it cannot be read. */
export function textOfFactFile(file: string): string {
  return readGiven(file, LARGEST_FACT_FILE, 'file of facts, one a line (config/lifecycle/README.md)').toString('utf8');
}
