/** How soon a house that was never seen stands on the screen: alone on the machine, because it is timed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { eventually, startLab } from './harness.ts';
import { optionsFor, startProgram } from './whole-path.ts';

test('prints a first inventory within 10 seconds, each device once', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-first-'));
  const lab = await startLab({ hosts: 12, real: true, devices: true });
  const { hosts } = await lab.truth();
  const program = startProgram(lab, 'hub', ['up', ...optionsFor(folder, 'up')]);
  try {
    await eventually('the inventory is printed', 20_000, () => program.output.stdout.includes('Watching.'));
    expect(Date.now() - program.startedAt).toBeLessThan(10_000);
    const lines = program.output.stdout.split('\n');
    for (const { ip, name } of hosts) expect.soft(lines.filter((line) => line.startsWith(`${ip} `)).length, `lines for ${name}`).toBe(1);
  } finally {
    await program.end('SIGKILL');
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  }
});
