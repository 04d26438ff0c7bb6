/** Whether ping(8) is installed; without it a device that answers nothing but echo has one witness less. */
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import type { Trouble } from '../agent/discovery/coverage.ts';

/** Undefined when it is. Looks where a program that is started by name would be found. */
export async function pingTrouble(searchPath = process.env.PATH ?? ''): Promise<Trouble | undefined> {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    folders.map((folder) =>
      access(path.join(folder, 'ping'), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (found.includes(true)) return undefined;
  return { status: 'unavailable', problem: 'ping is not installed', fix: 'Install it: sudo apt-get install iputils-ping' };
}
