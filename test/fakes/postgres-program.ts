/** Debian's PostgreSQL as a program: where it is, a cluster of our own, and how it is started. Who starts and ends it is the caller's business. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresPlace } from '../../src/platform/postgres-pool.ts';
import { RIGHT } from './broker-certificates.ts';
import { freePort } from './mosquitto-program.ts';
import { KEY } from './self-signed.ts';

const PROGRAMS = findPrograms();

/** Where it is missing a test is skipped, but not in CI: there it fails. */
export const HAS_POSTGRES = PROGRAMS !== undefined;
export const SKIP_POSTGRES = !HAS_POSTGRES && process.env.CI !== 'true';

export type Cluster = {
  /** Removed by whoever made it, once the server has ended. */
  readonly folder: string;
  /** Of the database that every cluster has, as the user who may do everything. */
  readonly place: PostgresPlace;
  /** It ends at once, as by a power cut, when the process that started it is gone, or at SIGQUIT. */
  readonly command: string;
  readonly args: readonly string[];
};

/** This user needs a password, all others none. */
export const GUARDED = 'guarded';

/**
 * A new one, not started: on loopback, with and without TLS (broker-certificates.ts), durable as it comes. About two seconds. One that is not durable loses what it was told when the
 * machine loses its power, and only then.
 */
export async function makeCluster({ isDurable = true } = {}): Promise<Cluster> {
  if (PROGRAMS === undefined) throw new Error('PostgreSQL is not installed: sudo apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-postgres-'));
  chmodSync(folder, 0o700);
  if (isRoot()) chownSync(folder, ...NOBODY);
  const data = join(folder, 'data');
  const port = await freePort();
  // The data need not be on the disk before the server has started.
  const initialise = ['--pgdata', data, '--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
  execFileSync('setpriv', asNobody(join(PROGRAMS, 'initdb'), initialise), { cwd: folder, stdio: 'ignore' });
  prepend(join(data, 'pg_hba.conf'), `host all ${GUARDED} 127.0.0.1/32 scram-sha-256\n`);
  const tls = { ssl: 'on', ssl_cert_file: own(folder, 'server.crt', RIGHT), ssl_key_file: own(folder, 'server.key', KEY) };
  const durability = isDurable ? { fsync: 'on' } : { fsync: 'off', full_page_writes: 'off' };
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, shared_buffers: '32MB', ...durability, ...tls };
  const server = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  return {
    folder,
    place: { host: '127.0.0.1', port, name: 'postgres', user: USER },
    command: 'setpriv',
    args: ['--pdeathsig', 'QUIT', ...asNobody(join(PROGRAMS, 'postgres'), server)],
  };
}

const USER = 'hearthbeat';
/** The server refuses to run as root. Ids of Debian (base-passwd). */
const NOBODY = [65_534, 65_534] as const;

function asNobody(program: string, args: readonly string[]): string[] {
  const [user, group] = NOBODY;
  return [...(isRoot() ? [`--reuid=${user}`, `--regid=${group}`, '--clear-groups'] : []), '--', program, ...args];
}

function prepend(file: string, text: string): void {
  writeFileSync(file, `${text}${readFileSync(file, 'utf8')}`);
}

/** A file that the server takes for its own. */
function own(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  if (isRoot()) chownSync(file, ...NOBODY);
  return file;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The newest version's. */
function findPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return undefined;
  const folders = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
  return folders.map((version) => join(versions, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}
