/** A small herd, played fast; the large one in real time is `npm run bench:herd`. */
import { describe, expect, it } from 'vitest';
import { MOSQUITTO } from '../fakes/mosquitto-program.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { faultsOf, playHerd } from '../herd/herd.ts';

const HUBS = 40;
const HOUR_MS = 3_600_000;

describe.skipIf(MOSQUITTO === undefined)('hubs whose broker was away for six hours', () => {
  it('come back spread over a minute, tell everything once, and none is called silent or has to wait for the others', {
    timeout: 180_000,
  }, async () => {
    const outcome = await playHerd({
      hubs: HUBS,
      awayMs: 6 * HOUR_MS,
      entries: 30,
      busyFactor: 10,
      brokerQueue: 0,
      waitSpeed: 60,
      returnSpeed: 10,
      folder: temporaryFolder(),
    });
    expect(faultsOf(outcome)).toEqual([]);
    expect(outcome.backlog).toBeGreaterThanOrEqual(HUBS * 30);
    expect(outcome.connectsPerS.length).toBeGreaterThan(20);
  });
});
