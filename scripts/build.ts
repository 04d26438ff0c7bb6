/**
 * `npm run build`: dist/ for the published package. The program and the libraries it runs become a few small files, because every module that
 * is loaded costs memory for as long as the process lives: 250 devices take 106 MB instead of 117 (`npm run bench:agent`), and a slow card
 * is read 20 times instead of 450. All of them lie in dist/cli, so that paths such as ../../config hold; what is not TypeScript (the page's
 * style, its icon ...) is copied as it is. The maps next to them lead a mistake back to its line in src.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { handOver } from '../bin/runtime.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const [SRC, DIST] = [path.join(ROOT, 'src'), path.join(ROOT, 'dist')];
/** It finds its native library next to its own files. */
const LEFT_OUT = ['better-sqlite3'];

async function main(): Promise<number> {
  rmSync(DIST, { recursive: true, force: true });
  const chunks = await bundleProgram();
  writeFileSync(path.join(DIST, 'LICENSES.txt'), licencesOf(packagesIn(chunks)));
  const page = await compilePage();
  copyAssets();
  return page;
}

async function bundleProgram(): Promise<OutputChunk[]> {
  const program = await rolldown({
    input: path.join(SRC, 'cli/main.ts'),
    cwd: ROOT,
    platform: 'node',
    external: [/^node:/, ...LEFT_OUT],
    onLog: (level, log) => {
      if (level === 'warn' && !log.id?.includes('node_modules')) throw new Error(log.message);
    },
  });
  const { output } = await program.write({
    dir: path.join(DIST, 'cli'),
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
    // One character beyond Latin-1 makes the engine keep all of a file's text with two bytes a character: a megabyte for the agent.
    charset: 'ascii',
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await program.close();
  return output.filter((each) => each.type === 'chunk');
}

/** The folders of the packages whose code is in the files. */
function packagesIn(chunks: readonly OutputChunk[]): string[] {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes('node_modules'));
  return [...new Set(modules.map((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] as string))].sort();
}

/** Their licences ask that their text goes along with every copy. */
function licencesOf(folders: readonly string[]): string {
  return folders.map(licenceOf).join(`\n${'='.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : 'The package has no text of it.';
  return `${name} ${version} (${license})\n\n${text}\n`;
}

function compilePage(): Promise<number> {
  const options = ['--noEmit', 'false', '--allowImportingTsExtensions', 'false', '--outDir', 'dist/web/client'];
  const compiler = [path.join(ROOT, 'node_modules/tsc7/bin/tsc'), '--project', 'src/web/client'];
  return handOver(process.execPath, [...compiler, ...options], { cwd: ROOT });
}

function copyAssets(): void {
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (isAsset(file)) cpSync(path.join(SRC, file), path.join(DIST, file));
  }
}

function isAsset(file: string): boolean {
  const extension = path.extname(file);
  return extension !== '' && extension !== '.ts' && extension !== '.md' && path.basename(file) !== 'tsconfig.json';
}

process.exitCode = await main();
