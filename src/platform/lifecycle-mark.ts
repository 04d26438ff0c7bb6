/** The files of the catalogue in use in the data folder, and whether one of them changed, without reading or loading anything. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** `edition`: a newer signed one. `own`: what people of this home added. `keys`: whose editions are taken. */
export const LIFECYCLE_FILES = { edition: 'lifecycle-catalogue.jsonl', own: 'lifecycle-own.jsonl', keys: 'lifecycle-keys' } as const;

/** Another text when something was stored: sizes and instants of the files. */
export async function markOf(folder: string): Promise<string> {
  const files = await Promise.all(Object.values(LIFECYCLE_FILES).map((name) => stat(join(folder, name)).catch(() => undefined)));
  return files.map((file) => (file ? `${file.size} ${file.mtimeMs} ${file.ino}` : '')).join(';');
}
