/** What the machine knows of a desk: whose its files are and since when, and when its certificate ends. Only looks. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PolicySource } from '../desk/settings/kept-policy.ts';
import type { Certificate } from '../desk/settings/settings-view.ts';
import type { TlsFiles } from './web-server.ts';

/** `file`: as the settings name it. What cannot be looked up is left out. */
export function sourceOf(file: string): PolicySource {
  const path = resolve(file);
  try {
    const { mtimeMs, uid } = statSync(path);
    return { file: path, changedAt: Math.round(mtimeMs), changedBy: nameOf(uid) };
  } catch {
    return { file: path };
  }
}

/** As the machine's list of users has it (passwd(5)). */
function nameOf(uid: number): string {
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  return users.find((line) => line.split(':')[2] === String(uid))?.split(':')[0] ?? `user ${uid}`;
}

export function certificateOf(file: string, read: () => TlsFiles): Certificate {
  try {
    return { file: resolve(file), endsAt: Date.parse(new X509Certificate(read().cert).validTo) };
  } catch (cause) {
    return { file: resolve(file), trouble: cause instanceof Error ? cause.message : String(cause) };
  }
}
