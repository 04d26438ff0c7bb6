/** Compiles the disk that takes notes and fails when told to (disk-shim.c). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const COMPILERS = ['cc', 'gcc', 'clang'];

/** Answers the path of the library; undefined on a machine without a C compiler, or another system than Linux. */
export function compileDiskShim(folder: string): string | undefined {
  const library = join(folder, 'disk-shim.so');
  const args = ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'disk-shim.c'), '-ldl'];
  return process.platform === 'linux' && COMPILERS.some((compiler) => runs(compiler, args)) ? library : undefined;
}

export const HAS_COMPILER = process.platform === 'linux' && COMPILERS.some((compiler) => runs(compiler, ['--version']));

function runs(compiler: string, args: readonly string[]): boolean {
  try {
    execFileSync(compiler, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
