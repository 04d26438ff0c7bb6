// `npm run build`: dist/ for the published package, as Node does not strip types under node_modules. dist mirrors src file by file, so that
// paths such as ../../config hold in both; what is not TypeScript (the page's style, its icon ...) is copied as it is.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { handOver } from '../bin/runtime.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const [SRC, DIST] = [path.join(ROOT, 'src'), path.join(ROOT, 'dist')];

async function main(): Promise<number> {
  rmSync(DIST, { recursive: true, force: true });
  const program = await compile('--project', 'tsconfig.build.json');
  const page = await compile(
    '--project',
    'src/web/client',
    '--noEmit',
    'false',
    '--allowImportingTsExtensions',
    'false',
    '--outDir',
    'dist/web/client',
  );
  copyAssets();
  return program || page;
}

function compile(...args: string[]): Promise<number> {
  return handOver(process.execPath, [path.join(ROOT, 'node_modules/tsc7/bin/tsc'), ...args], { cwd: ROOT });
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
