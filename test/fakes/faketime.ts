/** Wrong clocks for real processes, by Debian's faketime: their wall clock lies, their monotonic clock does not. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = findLibrary();

export const HAS_FAKETIME = LIBRARY !== undefined;

/** The environment in which a program believes `wish`: `-3d`, `+400d`, `+0 x10`. */
export function wrongClock(wish: string): Record<string, string> {
  return { ...preloaded(), FAKETIME: wish };
}

/** A clock that is set while the program runs: `set` takes what `wrongClock` takes. */
export function settableClock(folder: string): { readonly env: Record<string, string>; set(wish: string): void } {
  const file = join(folder, 'clock');
  const set = (wish: string): void => writeFileSync(file, `${wish}\n`);
  set('+0');
  return { env: { ...preloaded(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' }, set };
}

function preloaded(): Record<string, string> {
  return { LD_PRELOAD: LIBRARY as string, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' };
}

function findLibrary(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime')) : [];
  return folders.map((folder) => join(folder, 'libfaketimeMT.so.1')).find((file) => existsSync(file));
}
