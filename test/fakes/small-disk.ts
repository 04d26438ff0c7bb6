/** A disk in memory of one test's own, which fills up and refuses like another. Needs the right to mount. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CAN_MOUNT = canMount();

function canMount(): boolean {
  const folder = join(tmpdir(), `hearthbeat-mount-${process.pid}`);
  try {
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** At `folder`, gone when the test is over. */
export function mountSmallDisk(folder: string, kb: number, onTestFinished: (clean: () => void) => void): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kb}k`, 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
  });
}

export function remount(folder: string, as: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${as}`, folder]);
}

/** Until nothing more goes. Answers where. */
export function fillUp(folder: string): string {
  const path = join(folder, 'film');
  writeFileSync(path, '');
  for (const size of [1024 * 1024, 4096]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size, 1));
    } catch {
      // Full, as far as chunks of this size go.
    }
  }
  return path;
}
