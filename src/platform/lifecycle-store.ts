/**
 * The lifecycle catalogue in use: the one that comes with the product, or a newer signed edition in the data folder, and the facts that people of
 * this home added. What is stored is proved again each time it is read; what does not prove itself is left out and told.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Catalogue, compileCatalogue } from '../agent/lifecycle/catalogue.ts';
import { editionName, keyIn, keyLine, LARGEST_EDITION, openEdition, readKey, type TrustedKey } from '../agent/lifecycle/edition.ts';
import type { Fact } from '../agent/lifecycle/fact.ts';
import { LARGEST_OWN, type OwnFacts, readOwnFacts } from '../agent/lifecycle/own-facts.ts';
import { HearthbeatError } from '../base/errors.ts';
import { openDataFolder, unusable } from './data-folder.ts';
import { builtInEdition, factsIn, textOfTrustedKeys } from './lifecycle-files.ts';
import { LIFECYCLE_FILES } from './lifecycle-mark.ts';
import { readBounded, readGiven, replaceFile } from './whole-file.ts';

/** `folder`: the data folder. `keys`: lines of the settings (lifecycle.keys). */
export type LifecyclePlace = { readonly folder: string; readonly keys: readonly string[] };

/** One sentence about what is stored, and what mends it. */
export type Trouble = { readonly what: string; readonly fix: string };

/** `rows`: its facts, one a line. `signedBy`: none for what comes with the product. `troubles`: what is stored and not used. */
export type EditionInUse = {
  readonly serial: number;
  readonly rows: string;
  readonly signedBy?: string;
  readonly troubles: readonly Trouble[];
};

export type CatalogueInUse = Omit<EditionInUse, 'rows'> & {
  /** With the facts that people added: they take the place of one that has the same id. */
  readonly catalogue: Catalogue;
  /** How many of them people added. */
  readonly own: number;
  /** Another one for other facts: `2026112201`, with a hash where people added some. */
  readonly name: string;
};

const LARGEST_KEY_FILE = 16_384;

export function readCatalogueInUse(place: LifecyclePlace): CatalogueInUse {
  const { rows, troubles, ...edition } = readEditionInUse(place);
  const own = storedOwn(place.folder);
  const ids = new Set(own.facts.map(({ id }) => id));
  const facts = [...factsIn(rows).filter(({ id }) => !ids.has(id)), ...own.facts];
  const name = own.facts.length === 0 ? String(edition.serial) : `${edition.serial}+${hashOf(own.facts)}`;
  return { ...edition, catalogue: compileCatalogue(facts), own: own.facts.length, name, troubles: [...troubles, ...own.troubles] };
}

function hashOf(facts: readonly Fact[]): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

/** What is stored, where it proves itself and is newer than what comes with the product. */
export function readEditionInUse(place: LifecyclePlace): EditionInUse {
  const builtIn = builtInEdition();
  const path = join(place.folder, LIFECYCLE_FILES.edition);
  const bytes = readBounded(path, LARGEST_EDITION);
  const without = (why: string): EditionInUse => ({ ...builtIn, troubles: [unused(path, why, builtIn.serial)] });
  if (!Buffer.isBuffer(bytes)) return bytes.unread === 'missing' ? { ...builtIn, troubles: [] } : without('cannot be read');
  const opened = openEdition(bytes, trustedKeys(place));
  if (!opened.ok) return without(opened.error.why);
  const { header, key, rows } = opened.value;
  return header.serial > builtIn.serial ? { serial: header.serial, rows, signedBy: key.name, troubles: [] } : { ...builtIn, troubles: [] };
}

function unused(path: string, why: string, builtIn: number): Trouble {
  return {
    what: `The newer catalogue ${path} is not used: it ${why}. The one of this version holds (${editionName(builtIn)}).`,
    fix: 'Give it again with: hearthbeat lifecycle update FILE',
  };
}

function storedOwn(folder: string): { readonly facts: readonly Fact[]; readonly troubles: readonly Trouble[] } {
  const path = join(folder, LIFECYCLE_FILES.own);
  const { facts, problems } = readOwn(folder);
  const [first] = problems;
  if (!first) return { facts, troubles: [] };
  const what = `The facts of your own in ${path} are not used: ${first.path || 'it'} ${first.message}.`;
  return { facts: [], troubles: [{ what, fix: `See all with: hearthbeat lifecycle check ${path}` }] };
}

/** The facts that people of this home added; an empty file's where there is none. */
export function readOwn(folder: string): OwnFacts {
  const bytes = readBounded(join(folder, LIFECYCLE_FILES.own), LARGEST_OWN);
  if (Buffer.isBuffer(bytes)) return readOwnFacts(bytes.toString('utf8'));
  return { facts: [], rows: [], problems: bytes.unread === 'missing' ? [] : [{ path: '', message: 'cannot be read' }] };
}

/** Those that come with the product, those of the settings, and those that `lifecycle update --key` brought here. */
export function trustedKeys({ folder, keys }: LifecyclePlace): TrustedKey[] {
  const kept = readBounded(join(folder, LIFECYCLE_FILES.keys), LARGEST_KEY_FILE);
  const lines = [textOfTrustedKeys(), ...keys, Buffer.isBuffer(kept) ? kept.toString('utf8') : ''].join('\n').split('\n');
  return lines.flatMap((line) => readKey(line) ?? []);
}

/** One process at a time, and only in a folder that can be written: throws HB_DATA_FOLDER, HB_ALREADY_RUNNING. */
export function whileHolding<T>(folder: string, work: () => T): T {
  // A command of a moment leaves the process as it was.
  const mask = process.umask(0o077);
  try {
    return holding(folder, work);
  } finally {
    process.umask(mask);
  }
}

function holding<T>(folder: string, work: () => T): T {
  const held = openDataFolder(folder, 'lifecycle');
  try {
    return work();
  } catch (error) {
    throw error instanceof HearthbeatError || (error as NodeJS.ErrnoException).code === undefined ? error : unusable(folder, error);
  } finally {
    held.release();
  }
}

/**
 * The bytes as they came, with their signature. `newKey`: whose key is trusted on this hub from now on; it comes first, for a catalogue without its
 * key would not be used.
 */
export function keepEdition(folder: string, bytes: Buffer, newKey?: TrustedKey): void {
  if (newKey) keepKey(folder, newKey);
  replaceFile(join(folder, LIFECYCLE_FILES.edition), bytes);
}

/** The public key in a file that a person named. Throws HB_USAGE. */
export function readKeyFile(path: string): TrustedKey {
  const read = keyIn(readGiven(path, LARGEST_KEY_FILE, 'file with a public key').toString('utf8'));
  if (read.ok) return read.value;
  throw new HearthbeatError('HB_USAGE', `The file ${path} ${read.error.why}.`, read.error.fix);
}

function keepKey(folder: string, { key, name }: TrustedKey): void {
  const line = keyLine(key, name);
  const path = join(folder, LIFECYCLE_FILES.keys);
  const kept = readBounded(path, LARGEST_KEY_FILE);
  const lines = Buffer.isBuffer(kept) ? kept.toString('utf8').split('\n').filter(Boolean) : [];
  if (!lines.includes(line)) replaceFile(path, `${[...lines, line].join('\n')}\n`);
}

export function keepOwn(folder: string, rows: readonly string[]): void {
  replaceFile(join(folder, LIFECYCLE_FILES.own), rows.map((row) => `${row}\n`).join(''));
}
