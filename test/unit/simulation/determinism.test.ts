import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { every } from '../../../src/base/clock.ts';
import { SAMPLE_HOME } from '../../../src/simulation/sample-home.ts';
import { visit } from './small-home.ts';

/** Half an hour of a probing agent with faults in between, as one hash over everything it saw. */
async function trace(seed: string): Promise<string> {
  const here = visit(SAMPLE_HOME, seed);
  const hash = createHash('sha256');
  const saw = (what: unknown): void => void hash.update(JSON.stringify(what));
  await here.discovery.start(saw);
  for (const { name, ip } of SAMPLE_HOME.devices) {
    every(here.clock, 10_000, () => {
      void here.prober.probe({ deviceId: name, ip, interface: 'eth0', method: 'udp', timeoutMs: 1_000 }).then(saw);
    });
  }
  here.clock.setTimer(300_000, () => here.control.unplug('Access point attic'));
  here.clock.setTimer(600_000, () => here.control.reboot('Router', 120_000));
  here.clock.setTimer(900_000, () => saw(here.control.changeAddress('Sonos Kitchen')));
  await here.clock.advance(1_800_000);
  saw(await here.network.neighbours());
  saw(here.vitals.read());
  return hash.digest('hex');
}

describe('a simulated home', () => {
  it('gives the same trace for the same seed, to the last bit', async () => {
    expect(await trace('one')).toBe(await trace('one'));
  });

  it('gives another trace for another seed', async () => {
    expect(await trace('one')).not.toBe(await trace('two'));
  });
});
