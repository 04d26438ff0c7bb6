/** Reads what the desk's page needs in the browser: one style sheet and one script, next to the page's own source. */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { WebAssets } from '../desk/api/app.ts';

const FOLDER = new URL('../web/client/', import.meta.url);

/** From source the script is TypeScript whose types are blanked out; the built package holds the finished script instead. */
export function loadWebAssets(): WebAssets {
  const built = new URL('page.js', FOLDER);
  const script = existsSync(built) ? readFileSync(built, 'utf8') : withoutTypes(readFileSync(new URL('page.ts', FOLDER), 'utf8'));
  return {
    'page.css': { type: 'text/css; charset=utf-8', body: readFileSync(new URL('page.css', FOLDER), 'utf8') },
    'page.js': { type: 'text/javascript; charset=utf-8', body: script },
    'icon.svg': { type: 'image/svg+xml', body: readFileSync(new URL('icon.svg', FOLDER), 'utf8') },
  };
}

/** Node calls the function experimental and would say so to everyone who starts the desk from source; it is what runs this very file. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
