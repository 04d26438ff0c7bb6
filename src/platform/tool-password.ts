/** The password with which a person may read along on the built-in broker: made once, kept in the data folder for its owner only. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newRandomId } from '../base/ids.ts';
import type { Random } from '../base/random.ts';

export function toolPassword(folder: string, random: Random): { readonly password: string; readonly file: string } {
  const file = join(folder, 'tool.password');
  if (!existsSync(file)) writeFileSync(file, `${newRandomId(random)}\n`, { mode: 0o600, flag: 'wx' });
  return { password: readFileSync(file, 'utf8').trim(), file };
}
