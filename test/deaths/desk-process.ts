/** A desk to be killed at any moment, behind a broker that is not its own. Says `ready` when its page is there. */
import { flushCompileCache } from 'node:module';
import { HearthbeatError } from '../../src/base/errors.ts';
import { type RunningDesk, runDesk } from '../../src/desk/main.ts';
import type { PostgresPlace } from '../../src/platform/postgres-pool.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { type Hurry, hurriedClock } from './hurried-clock.ts';

export type DeskArguments = {
  readonly folder: string;
  readonly url: string;
  readonly hurry: Hurry;
  readonly database?: PostgresPlace | undefined;
};

const { folder, url, hurry, database } = JSON.parse(process.argv[2] ?? '{}') as DeskArguments;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const desk = await run();
flushCompileCache();
process.once('SIGTERM', () => void desk.stop());
process.stdout.write('ready\n');

/** In a hurry its patience with a database that is away is over soon: then it starts again, as a service manager starts it. */
async function run(): Promise<RunningDesk> {
  try {
    return await runDesk({ folder, database, port: 0, broker: { urls: [url] }, clock: hurriedClock(hurry), random: systemRandom, log });
  } catch (error) {
    if (error instanceof HearthbeatError && error.code === 'HB_DATABASE_UNREACHABLE') return run();
    throw error;
  }
}
