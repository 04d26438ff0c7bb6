/**
 * Many hubs in a process of their own: `node hubs-process.ts {"url","hubs"}`. Takes orders on its standard input and says what came of each in a line of JSON.
 * `introduce`: each hub is granted a session and sends its house. `burst 25`: each commits so many entries and sends them as its window lets it. `live 30 10`: for so
 * many seconds they do what hubs do all day, at so many times the pace.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { LoadHome } from './load-home.ts';
import { LoadHub } from './load-hub.ts';
import { commitOneOf, live } from './load-life.ts';

export type HubsArguments = { readonly url: string; readonly hubs: number; readonly heartbeatS: number };

const { url, hubs: count, heartbeatS } = JSON.parse(process.argv[2] ?? '{}') as HubsArguments;
const log = { debug() {}, info() {}, warn() {}, error: console.error };
const hubs = Array.from({ length: count }, (_, number) => {
  const home = new LoadHome(number, Date.now());
  const link = createMqttLink({ urls: [url], clientId: home.site, clock: systemClock, random: systemRandom, log });
  return { home, hub: new LoadHub({ home, link, clock: systemClock, random: systemRandom, heartbeatS }) };
});
let made = 0;

/** A few at a time, as hubs come. */
const AT_ONCE = 20;

const ORDERS: Record<string, (...numbers: number[]) => Promise<object>> = {
  async introduce() {
    const waiting = hubs.values();
    const next = async (): Promise<void> => {
      for (const { hub } of waiting) await hub.introduce();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return {};
  },
  async burst(each = 1) {
    for (const { home, hub } of hubs) for (let i = 0; i < each; i++) commitOneOf(home, hub, made++);
    const startedAt = performance.now();
    for (const { hub } of hubs) hub.send();
    while (hubs.some(({ hub }) => hub.waiting > 0)) await sleep(5);
    return { entries: each * hubs.length, acknowledgedMs: performance.now() - startedAt };
  },
  async live(seconds = 30, pace = 1) {
    return live(hubs, { seconds, pace, heartbeatS });
  },
};

const orders = createInterface({ input: process.stdin });
orders.on('line', async (line) => {
  const [order = '', ...numbers] = line.split(' ');
  const answer = await ORDERS[order]?.(...numbers.map(Number));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
// It ends with whoever started it.
orders.on('close', () => process.exit(0));
