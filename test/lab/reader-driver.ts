/** Lets single readers ask single devices for a test: `node reader-driver.ts NAME=IP[:PORT,PORT] ...` prints one line of JSON for each sighting. */
import { IDENTIFY_DEFAULTS } from '../../src/agent/evidence/identify-settings.ts';
import { readDevice } from '../../src/agent/evidence/read.ts';
import { readersFor } from '../../src/agent/evidence/readers.ts';
import { Spending } from '../../src/agent/evidence/spending.ts';
import { createAskers } from '../../src/platform/asker.ts';
import { createNetwork } from '../../src/platform/network.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { systemRandom as random } from '../../src/platform/system-random.ts';

const network = createNetwork({ clock });
const { interfaces } = await network.view();
const askers = createAskers({ clock, interfaces: () => interfaces, spending: new Spending() });
const readers = readersFor(IDENTIFY_DEFAULTS, random);

for (const question of process.argv.slice(2)) {
  const [name, ip = '', ports = ''] = question.split(/[=:]/);
  const reader = readers.find((candidate) => candidate.name === name);
  if (!reader) throw new Error(`no reader is called ${name}`);
  const openPorts = ports.split(',').filter(Boolean).map(Number);
  const target = { interface: interfaces[0]!.name, ip, openPorts, services: new Set<string>() };
  const { sightings, failure } = await readDevice({ deviceId: ip, reader, target }, askers, clock);
  if (failure) throw failure;
  for (const sighting of sightings) process.stdout.write(`${JSON.stringify(sighting)}\n`);
}
askers.close();
network.close();
