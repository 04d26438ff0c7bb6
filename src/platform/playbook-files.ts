/** Reads the playbooks that come with the product (config/playbooks) and those of a desk's own folder. What they mean is desk/playbooks. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLibrary, type Library, type PlaybookFile, type PlaybookProblem } from '../desk/playbooks/library.ts';
import { readBounded } from './whole-file.ts';

const FOLDER = fileURLToPath(new URL('../../config/playbooks/', import.meta.url));
const LARGEST_FILE = 64 * 1024;
const MOST_FILES = 500;

export type PlaybookFiles = { readonly files: readonly PlaybookFile[]; readonly problems: readonly PlaybookProblem[] };

export function builtInPlaybooks(): readonly PlaybookFile[] {
  return readPlaybookFolder(FOLDER).files;
}

/** What comes along, with the own folder, where there is one, laid over it. Its problems are of that folder. */
export function readLibrary(own: string | undefined): Library {
  const { files, problems } = own === undefined ? { files: [], problems: [] } : readPlaybookFolder(path.resolve(own));
  return createLibrary(builtInPlaybooks(), files, problems);
}

/** Every `*.md` in the folder but README.md, by name. What cannot be read is a problem and no end: a desk must start. */
export function readPlaybookFolder(folder: string): PlaybookFiles {
  const names = namesIn(folder);
  if (names === undefined) return { files: [], problems: [{ file: folder, line: 1, message: 'the folder cannot be read' }] };
  const files: PlaybookFile[] = [];
  const problems: PlaybookProblem[] = [];
  if (names.length > MOST_FILES) problems.push({ file: folder, line: 1, message: `only the first ${MOST_FILES} files are read` });
  for (const file of names.slice(0, MOST_FILES)) {
    const read = readBounded(path.join(folder, file), LARGEST_FILE);
    if (Buffer.isBuffer(read)) files.push({ file, text: read.toString('utf8') });
    else problems.push({ file, line: 1, message: `it cannot be read (${read.unread})` });
  }
  return { files, problems };
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .sort();
  } catch {
    return undefined;
  }
}
