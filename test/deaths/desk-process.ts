/** A desk to be killed at any moment, behind a broker that is not its own. Says `ready` when its page is there. */
import { flushCompileCache } from 'node:module';
import { runDesk } from '../../src/desk/main.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { type Hurry, hurriedClock } from './hurried-clock.ts';

export type DeskArguments = { readonly folder: string; readonly url: string; readonly hurry: Hurry };

const { folder, url, hurry } = JSON.parse(process.argv[2] ?? '{}') as DeskArguments;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const desk = await runDesk({ folder, port: 0, broker: { urls: [url] }, clock: hurriedClock(hurry), random: systemRandom, log });
flushCompileCache();
process.once('SIGTERM', () => void desk.stop());
process.stdout.write('ready\n');
