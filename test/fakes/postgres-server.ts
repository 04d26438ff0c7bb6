/** A real PostgreSQL server for the tests of one worker, started by the first that asks; each test has a database of its own in it. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { openDeskPostgres } from '../../src/platform/desk-postgres.ts';
import type { PostgresPlace } from '../../src/platform/postgres-pool.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { silentLog } from './desk-world.ts';
import { type Cluster, makeCluster } from './postgres-program.ts';

let started: Promise<Cluster> | undefined;
let count = 0;

/** A desk's, with all its tables and no row; gone when the running test is over. */
export async function deskDatabase(): Promise<PostgresPlace> {
  return newDatabase(`template ${TEMPLATE}`);
}

/** `how` is what follows `create database NAME` in SQL. */
export async function newDatabase(how: string): Promise<PostgresPlace> {
  started ??= startServer();
  const { place } = await started;
  const name = `test_${++count}`;
  await asked(place, `create database ${name} ${how}`);
  onTestFinished(async () => void (await asked(place, `drop database ${name} with (force)`)));
  return { ...place, name };
}

/** The rows that the server answers, with all rights. */
export async function asked<T extends object>(place: PostgresPlace, sql: string): Promise<T[]> {
  const { name, ...server } = place;
  const client = new pg.Client({ ...server, database: name });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Every database of a test is a copy of this one: American English sorts otherwise than bytes do, and so do the servers of people. */
const TEMPLATE = 'desk';
export const IN_ENGLISH = "template template0 encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'en-US'";

async function startServer(): Promise<Cluster> {
  // Hundreds of databases are made and dropped in it.
  const cluster = await makeCluster({ isDurable: false });
  const keeper = ['--pdeathsig', 'TERM', 'sh', '-c', KEEPER, 'sh', cluster.folder, cluster.command, ...cluster.args];
  spawn('setpriv', keeper, { cwd: '/', stdio: 'ignore' }).unref();
  await untilServing(cluster.place);
  await asked(cluster.place, `create database ${TEMPLATE} ${IN_ENGLISH}`);
  await (await openDeskPostgres({ ...cluster.place, name: TEMPLATE }, { clock: systemClock, log: silentLog })).destroy();
  return cluster;
}

/** Vitest kills its workers. Who outlives one by a moment ends the server and takes its folder away. */
const KEEPER = 'folder=$1; shift; "$@" & server=$!; trap "kill -QUIT $server" TERM; wait; wait; rm -rf "$folder"';

export async function untilServing(place: PostgresPlace): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await asked(place, 'select 1');
      return;
    } catch (error) {
      if (tries >= 200) throw error;
      await sleep(50);
    }
  }
}
