/** A desk in a process of its own, to be killed: `node desk-process.ts {"folder","broker"}` prints `ready` when it listens. */
import { runDesk } from '../../src/desk/main.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { silentLog } from './desk-world.ts';

const { folder, broker, site } = JSON.parse(process.argv[2] ?? '{}');
const desk = await runDesk({ folder, port: 0, broker, clock: systemClock, random: systemRandom, log: silentLog });
await desk.registerSite({ id: site, password: 'secret' });
process.stdout.write('ready\n');
process.once('SIGTERM', () => void desk.stop());
