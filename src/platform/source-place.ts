/** Where code was written that runs from the package's bundled files: the maps next to them (scripts/build.ts) know. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';

/** A line of a stack trace, counted from 1. */
export type Frame = { readonly file: string; readonly line: number; readonly column: number };

/** The frame itself where there is no map of its file, as in a checkout. Throws when the map is broken. */
export function writtenAt(frame: Frame): Pick<Frame, 'file' | 'line'> {
  const map = `${frame.file}.map`;
  if (!existsSync(map)) return frame;
  const entry = new SourceMap(JSON.parse(readFileSync(map, 'utf8'))).findEntry(frame.line - 1, frame.column - 1);
  return 'originalSource' in entry ? { file: path.resolve(path.dirname(map), entry.originalSource), line: entry.originalLine + 1 } : frame;
}
