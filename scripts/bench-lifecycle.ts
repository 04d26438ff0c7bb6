// `npm run bench:lifecycle [-- --devices N]`: how long the whole lifecycle catalogue takes to load, how much memory it holds, and how long N devices (10,000) take against it:
// half of them taken from its own examples, half that it does not know. The same of the table of address blocks. In CPU time: other work on the machine does not count.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileCatalogue } from '../src/agent/lifecycle/catalogue.ts';
import type { WrittenFact } from '../src/agent/lifecycle/fact.ts';
import { factsAbout, type Known } from '../src/agent/lifecycle/match.ts';
import { openAddressBlocks } from '../src/platform/address-blocks.ts';
import { readLifecycleFacts, readLifecycleTexts } from '../src/platform/lifecycle-files.ts';
import { readOptions } from './options.ts';

const { values } = readOptions({ options: { devices: { type: 'string', default: '10000' } } });
const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

warmUp();
const before = usedMiB();
const startedAt = cpuMs();
const catalogue = compileCatalogue(readLifecycleFacts());
const loadMs = cpuMs() - startedAt;
const heldMiB = usedMiB() - before;

const devices = someDevices(Number(values.devices));
const matchedAt = cpuMs();
let found = 0;
for (const device of devices) found += factsAbout(catalogue, device).length;
const matchMs = cpuMs() - matchedAt;

const openedAt = cpuMs();
const monthOf = openAddressBlocks();
const openMs = cpuMs() - openedAt;
let bounded = 0;
for (let n = 0; n < devices.length; n++) if (monthOf(someMac(n))) bounded++;
const lookedUpMs = cpuMs() - openedAt - openMs;

process.stdout.write(
  `${catalogue.facts.size} facts: loaded in ${loadMs.toFixed(0)} ms, ${heldMiB.toFixed(1)} MiB held (at most 5)\n` +
    `${devices.length} devices: ${matchMs.toFixed(0)} ms (at most 1000), ${found} facts found\n` +
    `address blocks: opened in ${openMs.toFixed(0)} ms; ${devices.length} addresses: ${lookedUpMs.toFixed(0)} ms (at most 300), ${bounded} of them bounded\n`,
);
if (heldMiB > 5 || matchMs > 1_000 || lookedUpMs > 300) process.exitCode = 1;

/** Once beforehand, so that code and hidden classes of the engine are not counted as data. */
function warmUp(): void {
  compileCatalogue(readLifecycleFacts());
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** All over the blocks that makers hold now. */
function someMac(n: number): string {
  const hex = (0xc8_00_00_00_00_00 + ((n * 2_654_435_761) % 2 ** 40)).toString(16);
  return hex.match(/../g)!.join(':');
}

function usedMiB(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed / MIB;
}

function someDevices(count: number): Known[] {
  const written = [...readLifecycleTexts().values()]
    .flatMap((text) => text.split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as WrittenFact);
  const examples = written.flatMap(({ vendor, examples: its }) => its.map((example): Known => ({ vendor, ...example })));
  return Array.from({ length: count }, (_, i): Known => {
    const example = examples[i % examples.length] as Known;
    return i % 2 === 0 ? example : { ...example, model: `QX-${i} Series`, modelNumber: `${i}`, firmware: `9${i}.1` };
  });
}
