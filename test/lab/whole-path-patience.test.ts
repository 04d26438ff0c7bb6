/**
 * What only patience shows, in two homes at the same time: minutes in which nothing happens, and a broker that is away for longer than a
 * minute.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startLab } from './harness.ts';
import { startProgram } from './whole-path.ts';
import { outageProblems, playOutage, quietProblems, startQuietHome } from './whole-path-stories.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-patience-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seconds = (n: number) => new Promise((resolve) => setTimeout(resolve, n * 1000));

test.concurrent('in quiet minutes one message tells the first inventory, none tells of a person, and a Ctrl-C with a new start in between is no news', async () => {
  const lab = await startLab({ hosts: 12, real: true, devices: true });
  const home = await startQuietHome(lab, folder);
  try {
    const { hosts } = await lab.truth();
    await seconds(80);
    expect(await quietProblems(home, hosts)).toEqual([]);
    const [site, devices] = [await home.ear.site(), await home.ear.devices()];

    const { code, tookMs } = await home.program.end('SIGINT');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(5000);
    home.program = startProgram(lab, 'hub', ['up', ...home.options]);
    await eventually('it is back', 20_000, () => home.program.output.stdout.includes('Watching.'));
    await seconds(40);

    expect(await quietProblems(home, hosts)).toEqual([]);
    expect((await home.ear.site()).id).toBe(site.id);
    expect(idsOf(await home.ear.devices())).toEqual(idsOf(devices));
    expect((await home.ear.devices()).filter(({ state }) => state !== 'up')).toEqual([]);
  } finally {
    await home.close();
    await lab.down();
  }
}, 300_000);

test.concurrent('what happened while the broker was away and the agent was killed reaches the desk once, in order and marked late', async () => {
  const lab = await startLab({ hosts: 5, real: true });
  try {
    expect(outageProblems(await playOutage(lab, folder, 75_000))).toEqual([]);
  } finally {
    await lab.down();
  }
}, 400_000);

const idsOf = (devices: readonly { id: string }[]): string[] => devices.map(({ id }) => id).sort();
