/**
 * `npm run bench:deaths [-- --hub 1000 --desk 200 --broker 200 --mixed 200 --agent 100 --hubs 6 --seed 1]`: hubs, a real mosquitto and a desk as
 * processes on loopback, killed with SIGKILL that often at random moments. With `--database postgres` the desk keeps its tables on a real PostgreSQL server, which is
 * stopped as by a power cut too (`--server 200`, half of them desks; `--two 100` with two desks at once; and as one of the mixed). Prints what the hubs committed and what the desk has, and ends with 1 when anything
 * is lost, doubled, out of order, or told in another state. About a quarter of an hour.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DeathsOutcome, type DeathsPlan, faultsOf, MOMENTS, playDeaths } from '../test/deaths/deaths.ts';
import { MOSQUITTO } from '../test/fakes/mosquitto-program.ts';
import { HAS_POSTGRES } from '../test/fakes/postgres-program.ts';
import { readOptions } from './options.ts';

const { values } = readOptions({
  options: {
    hub: { type: 'string', default: '1000' },
    desk: { type: 'string', default: '200' },
    broker: { type: 'string', default: '200' },
    mixed: { type: 'string', default: '200' },
    agent: { type: 'string', default: '100' },
    server: { type: 'string', default: '200' },
    two: { type: 'string', default: '100' },
    hubs: { type: 'string', default: '6' },
    database: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: '1' },
  },
});
const isOnServer = values.database === 'postgres';
const ALL = isOnServer ? (['hub', 'desk', 'broker', 'database'] as const) : (['hub', 'desk', 'broker'] as const);
/** `agent`: whole agents in simulated homes; the other hubs are busier, and start faster. */
const PLAYS = {
  hub: { victims: ['hub'], hub: 'busy' },
  desk: { victims: ['desk'], hub: 'busy' },
  broker: { victims: ['broker'], hub: 'busy' },
  mixed: { victims: ALL, hub: 'busy' },
  agent: { victims: ALL, hub: 'whole' },
  server: { victims: ['desk', 'database'], hub: 'busy' },
  two: { victims: ['desk', 'database'], hub: 'busy', desks: 2 },
} as const satisfies Record<string, Pick<DeathsPlan, 'victims' | 'hub' | 'desks'>>;
type Name = keyof typeof PLAYS;
/** SQLite is part of the desk, and only one desk opens it. */
const ON_SERVER_ONLY: readonly Name[] = ['server', 'two'];
const NAMES = (Object.keys(PLAYS) as Name[]).filter((name) => isOnServer || !ON_SERVER_ONLY.includes(name));
const COLUMNS = ['emitted', 'stored', 'lost', 'doubled', 'invented', 'outOfOrder', 'alerts', 'wrongAlerts', 'wrongStates', 'cut'] as const;

async function main(): Promise<number> {
  if (MOSQUITTO === undefined) return refused('mosquitto is not installed: sudo apt-get install mosquitto');
  if (!['sqlite', 'postgres'].includes(values.database)) return refused('--database must be sqlite or postgres');
  if (isOnServer && !HAS_POSTGRES) return refused('PostgreSQL is not installed: sudo apt-get install postgresql');
  const hubs = Number(values.hubs);
  const counts = NAMES.map((name) => Number(values[name]));
  if (!(hubs >= 1 && counts.every((count) => count >= 0))) return refused('--hubs must be 1 or more, the others a number of kills');
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-deaths-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const faults: string[] = [];
  console.log(
    `${hubs} hubs, one broker, one desk on ${values.database}; seed ${values.seed}\n\n${row(['killed', 'kills', ...COLUMNS, 'seconds'])}`,
  );
  for (const name of NAMES) {
    const kills = Number(values[name]);
    if (kills === 0) continue;
    const own = path.join(folder, name);
    mkdirSync(own);
    const database = isOnServer ? ({ database: 'postgres' } as const) : {};
    const outcome = await playDeaths({ ...PLAYS[name], ...database, kills, hubs, seed: values.seed, folder: own });
    console.log(reportOf(name, outcome));
    faults.push(...faultsOf(outcome).map((fault) => `${name}: ${fault}`));
  }
  for (const fault of faults) console.log(`FAIL  ${fault}`);
  console.log(
    `\n${faults.length === 0 ? 'PASS' : 'FAIL'}: what was committed is at the desk, once, in order; of every alert one, as the hub has it`,
  );
  return faults.length === 0 ? 0 : 1;
}

function reportOf(name: string, outcome: DeathsOutcome): string {
  const { kills, moments, cut, cutButCommitted, seconds } = outcome;
  const killed = kills.hub + kills.desk + kills.broker + kills.database;
  const each = [...MOMENTS, 'waiting' as const].flatMap((moment) => (moments[moment] ? `${moment} ${moments[moment]}` : []));
  return [
    row([name, killed, ...COLUMNS.map((column) => outcome[column]), seconds.toFixed(0)]),
    `    ${kills.hub} hubs${each.length > 0 ? ` (${each.join(', ')})` : ''}, ${kills.desk} desks, ${kills.broker} brokers, ${kills.database} databases; ${cut} commits cut off, of which ${cutButCommitted} held`,
  ].join('\n');
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(11)).join(' ');
}

function refused(why: string): number {
  process.stderr.write(`bench:deaths: ${why}\n`);
  return 1;
}

// What it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
