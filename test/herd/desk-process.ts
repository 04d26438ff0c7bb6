/** A desk in a process of its own whose clock follows what comes on its standard input: `speed 20`, `leap 3600000`. Says `ready`, and how it is when asked for its `status`. */
import { createInterface } from 'node:readline';
import { runDesk } from '../../src/desk/main.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { LeapingClock } from './leaping-clock.ts';

export type DeskArguments = { readonly folder: string; readonly url: string; readonly wallMs: number; readonly speed: number };

const { folder, url, wallMs, speed } = JSON.parse(process.argv[2] ?? '{}') as DeskArguments;
const log = { debug() {}, info() {}, warn() {}, error: console.error };
const clock = new LeapingClock(wallMs, speed);
const desk = await runDesk({ folder, port: 0, broker: { urls: [url] }, clock, random: systemRandom, log });
process.stdout.write('ready\n');

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const [order, number] = line.split(' ');
  if (order === 'speed') clock.setSpeed(Number(number));
  if (order === 'leap') clock.leap(Number(number));
  if (order === 'status') process.stdout.write(`status ${JSON.stringify({ ...desk.status(), cpuMs: cpuMs() })}\n`);
});
// It ends with whoever started it.
orders.on('close', () => void desk.stop().then(() => process.exit(0)));

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
