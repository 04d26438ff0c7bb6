/** A desk in a process of its own: `node desk-process.ts {"folder","url"}`. Says `ready`, and how it is when it is asked for its `status`. */
import { createInterface } from 'node:readline';
import { runDesk } from '../../src/desk/main.ts';
import type { PostgresPlace } from '../../src/platform/postgres-pool.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';

export type DeskArguments = { readonly folder: string; readonly url: string; readonly database?: PostgresPlace };
export type DeskUsage = { readonly cpuMs: number; readonly rssBytes: number };

const { folder, url, database } = JSON.parse(process.argv[2] ?? '{}') as DeskArguments;
const log = { debug() {}, info() {}, warn() {}, error: console.error };
const desk = await runDesk({ folder, database, port: 0, broker: { urls: [url] }, clock: systemClock, random: systemRandom, log });
process.stdout.write('ready\n');

const orders = createInterface({ input: process.stdin });
orders.on('line', () => process.stdout.write(`${JSON.stringify({ ...desk.status(), ...usage() })}\n`));
// It ends with whoever started it.
orders.on('close', () => void desk.stop().then(() => process.exit(0)));

function usage(): DeskUsage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
}
