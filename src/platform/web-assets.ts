/** Reads what the desk's page needs in the browser: style sheets and scripts, next to the page's own source. */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { WebAssets } from '../desk/api/app.ts';

type WebAsset = WebAssets[string];

const FOLDER = new URL('../web/client/', import.meta.url);

/** From source scripts are TypeScript whose types are blanked out; the built package holds the finished ones instead. */
export function loadWebAssets(): WebAssets {
  return {
    'page.css': style('page.css'),
    'playbook.css': style('playbook.css'),
    'people.css': style('people.css'),
    'keys.css': style('keys.css'),
    'report.css': style('report.css'),
    'course.css': style('course.css'),
    'fleet.css': style('fleet.css'),
    'dossier.css': style('dossier.css'),
    'page.js': script('page'),
    'playbook.js': script('playbook'),
    'keys.js': script('keys'),
    'drafts.js': script('drafts'),
    'pictures.js': script('pictures'),
    'passkey.js': script('passkey'),
    'push.js': script('push'),
    'push-worker.js': script('push-worker'),
    'desk.webmanifest': { type: 'application/manifest+json', body: readFileSync(new URL('desk.webmanifest', FOLDER), 'utf8') },
    'icon.svg': { type: 'image/svg+xml', body: readFileSync(new URL('icon.svg', FOLDER), 'utf8') },
  };
}

function style(file: string): WebAsset {
  return { type: 'text/css; charset=utf-8', body: readFileSync(new URL(file, FOLDER), 'utf8') };
}

function script(name: string): WebAsset {
  const built = new URL(`${name}.js`, FOLDER);
  const body = existsSync(built) ? readFileSync(built, 'utf8') : withoutTypes(readFileSync(new URL(`${name}.ts`, FOLDER), 'utf8'));
  return { type: 'text/javascript; charset=utf-8', body };
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
