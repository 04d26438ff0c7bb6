#!/usr/bin/env node
// The `hearthbeat` command: finds the right Node (without installing anything) and runs the program on it: src in a checkout, dist in
// the published package, because Node does not strip types under node_modules. Plain JavaScript for Node 20 or later.
// @ts-check
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findRuntime, handOver, keepEngineSmall, OLDEST_MAJOR, ownNodeIsRecent, tied } from './runtime.mjs';

const self = fileURLToPath(import.meta.url);
const root = path.resolve(path.dirname(self), '..');
const source = path.join(root, 'src/cli/main.ts');
const isCheckout = existsSync(source);

const missing = whatIsMissing();
if (missing) {
  process.stderr.write(`hearthbeat: ${missing}\n`);
  process.exitCode = 1;
} else if (ownNodeIsRecent) {
  const isAgent = process.argv.includes('agent');
  // `up` is the agent with its broker and desk in the same box.
  if (isAgent || process.argv.includes('up')) keepEngineSmall();
  // The cache brings back what was ever compiled at once. A hub's agent starts once and lives for years: it compiles what it runs.
  if (isCheckout || !isAgent) module.enableCompileCache?.(compileCacheFolder());
  if (!isCheckout) prepareForBundle();
  await import(pathToFileURL(isCheckout ? source : path.join(root, 'dist/cli/main.js')).href);
} else {
  process.exitCode = await handOver(String(findRuntime(root)), [self, ...process.argv.slice(2)], tied());
}

/** The package's files hold libraries whose deprecated calls no user can mend, and run under names that only their maps lead back. */
function prepareForBundle() {
  process.noDeprecation = true;
  if ((process.env.HEARTHBEAT_DEBUG ?? '0') !== '0') process.setSourceMapsEnabled(true);
}

/** What a person must do before this can run, or undefined. */
function whatIsMissing() {
  const setUp = `Run this once to install what is missing: cd ${root} && npm run hearthbeat -- --version`;
  if (!findRuntime(root)) {
    return isCheckout
      ? `this Node is ${process.version}, and Node ${OLDEST_MAJOR} is not brought along yet. ${setUp}`
      : `Node ${OLDEST_MAJOR} or later is needed, and this is ${process.version}. Install Node ${OLDEST_MAJOR} and run this again.`;
  }
  if (isCheckout && !existsSync(path.join(root, 'node_modules'))) return `the packages are not installed yet. ${setUp}`;
  return undefined;
}

/**
 * Compiled code is kept between runs, which makes the start faster (measured: see CONTRIBUTING.md). Never in a folder that other
 * users can write to: what is in it is run. When it cannot be made or written, Node goes on without.
 */
function compileCacheFolder() {
  if (process.env.NODE_COMPILE_CACHE) return process.env.NODE_COMPILE_CACHE;
  const caches = process.env.CACHE_DIRECTORY ?? process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  return path.join(caches, 'hearthbeat/compiled');
}
