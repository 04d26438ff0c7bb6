/** Reads whom a desk tells of tickets from its file, and the secrets from where the file says that they are. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HearthbeatError } from '../base/errors.ts';
import { type ReadNotices, readNotices, type SecretPlace } from '../config/notices.ts';
import type { FileProblem } from '../config/read-yaml.ts';
import type { NoticePolicy, ReceiverKind } from '../desk/notices/policy.ts';
import { isSigningKey } from '../desk/notices/receivers/webhook.ts';
import { readCa, SettingsError, textOf } from './settings-file.ts';

/** Permission bits of users that are neither the owner nor in the group. */
const OTHERS = 0o007;

/** Throws SettingsError with every problem, those of the secrets too, or HearthbeatError where a file cannot be read. */
export function loadNotices(file: string, env: NodeJS.ProcessEnv): NoticePolicy {
  const path = resolve(file);
  const read = readNotices(textOf(path, 'notices file'));
  if (!read.ok) throw new SettingsError(path, read.error, `notices check ${path}`);
  return withSecrets(path, read.value, env);
}

function withSecrets(path: string, read: ReadNotices, env: NodeJS.ProcessEnv): NoticePolicy {
  const problems: FileProblem[] = [];
  const secrets = new Map<string, string>();
  for (const [name, place] of read.secrets) {
    const found = secretAt(place, env);
    const kind = read.given.receivers[name]!.kind;
    const problem = 'problem' in found ? found.problem : unfit(kind, found.secret);
    if (problem !== undefined) problems.push({ path: `receivers.${name}`, message: problem });
    else if ('secret' in found) secrets.set(name, found.secret);
  }
  const password = read.mailPassword && secretAt(read.mailPassword, env);
  if (password && 'problem' in password) problems.push({ path: 'mail', message: password.problem });
  if (problems.length > 0) throw new SettingsError(path, problems, `notices check ${path}`);
  return read.policyWith(secrets, {
    password: password && 'secret' in password ? password.secret : undefined,
    ca: readCa(read.given.mail?.caFile),
  });
}

function secretAt({ file, env: name }: SecretPlace, env: NodeJS.ProcessEnv): { secret: string } | { problem: string } {
  if (file === undefined) {
    const value = env[name ?? '']?.trim();
    return value ? { secret: value } : { problem: `the environment variable ${name} is not set` };
  }
  try {
    const path = resolve(file);
    const secret = textOf(path, 'file of a secret').trim();
    if (statSync(path).mode & OTHERS) return { problem: `every user of this machine may read ${path}; close it: chmod o= ${path}` };
    return secret === '' ? { problem: `${path} is empty` } : { secret };
  } catch (error) {
    if (error instanceof HearthbeatError) return { problem: error.message };
    throw error;
  }
}

/** What is wrong with a secret, without saying what it is. */
function unfit(kind: ReceiverKind, secret: string): string | undefined {
  if (!/^[\x21-\x7e]{1,4096}$/.test(secret)) return 'its secret has signs in it that no secret has: it is one word of ASCII';
  if (kind === 'webhook' && !isSigningKey(secret))
    return 'its secret must be whsec_ and 24 to 64 bytes in base64 (printf whsec_; head -c 32 /dev/urandom | base64)';
  if (kind === 'slack' && !isSecretUrl(secret)) return 'its secret must be the https:// address of an incoming webhook';
  return undefined;
}

function isSecretUrl(text: string): boolean {
  return URL.canParse(text) && /^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(text);
}
