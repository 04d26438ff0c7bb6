/** The program as a hub has it, for what is measured in the lab. */
import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * The built package, as a hub has it: a checkout's own TypeScript is stripped by a compiler in the process, which takes 25 MB.
 * Returns the command that starts it.
 */
export function installPackage(folder: string): string[] {
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/build.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const installed = path.join(folder, 'hearthbeat');
  for (const part of ['bin', 'dist', 'config', 'package.json'])
    cpSync(path.join(ROOT, part), path.join(installed, part), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(installed, 'node_modules'));
  return [process.execPath, path.join(installed, 'bin/hearthbeat.mjs')];
}
