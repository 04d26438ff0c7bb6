/** A small hub in a process of its own: `node telling-hub.ts {options}` raises one alert and prints its status, a line of JSON, whenever it is another. */
import { hurriedClock } from '../deaths/hurried-clock.ts';
import { type HubOptions, openSmallHub } from './small-hub.ts';

const LOOK_MS = 50;
const SPEED = 20;

const options = JSON.parse(process.argv[2] ?? '{}') as HubOptions;
const clock = hurriedClock({ speed: SPEED, epochMs: Date.now() });
const hub = openSmallHub({ ...options, clock }, { debug() {}, info() {}, warn() {}, error() {} });
hub.raise('while nobody listens');
let told = '';
setInterval(() => {
  const { granted, problem } = hub.uplink.status();
  const line = JSON.stringify({ granted, problem, waiting: hub.store.outbox.waiting().count });
  if (line !== told) console.log(line);
  told = line;
}, LOOK_MS);
