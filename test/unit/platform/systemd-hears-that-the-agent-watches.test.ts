/** One lost word does not make systemd end an agent that watches: what it needs to hear is said until it was heard. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createKeeper } from '../../../src/platform/keeper.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

/** A systemd-notify that notes what it is to say, and fails the first `failures` times. */
function keeperBefore(failures: number, watchdog: { WATCHDOG_USEC?: string }) {
  const folder = temporaryFolder();
  const heard = join(folder, 'heard');
  const script = `#!/bin/sh\necho "$*" >> ${heard}\n[ $(wc -l < ${heard}) -gt ${failures} ]\n`;
  writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
  const note = vi.fn();
  const env = { NOTIFY_SOCKET: join(folder, 'socket'), PATH: `${folder}:${process.env.PATH}`, ...watchdog };
  const keeper = createKeeper({ env, log: { debug: note, info: note, warn: note, error: note } });
  const lines = (): string[] => (existsSync(heard) ? readFileSync(heard, 'utf8').trim().split('\n') : []);
  return { keeper, note, lines };
}

/** Says that it lives until so many calls were made. */
async function liveUntil({ keeper, lines }: ReturnType<typeof keeperBefore>, calls: number): Promise<string[]> {
  const living = setInterval(() => keeper.tell('alive'), 20);
  onTestFinished(() => clearInterval(living));
  await vi.waitUntil(() => lines().length >= calls, { timeout: 20_000 });
  clearInterval(living);
  return lines().slice(0, calls);
}

it('is said to watch again with each sign of life, until that arrived', async () => {
  const world = keeperBefore(2, { WATCHDOG_USEC: '30000000' });
  world.keeper.tell('ready');
  const both = 'READY=1 WATCHDOG=1';
  expect(await liveUntil(world, 5)).toEqual(['READY=1', both, both, 'WATCHDOG=1', 'WATCHDOG=1']);
  expect(world.note).toHaveBeenCalledTimes(1);
});

it('is said to watch again where nobody asks for signs of life, and then no more', async () => {
  const world = keeperBefore(1, {});
  world.keeper.tell('ready');
  expect(world.keeper.everyMs).toBeLessThanOrEqual(10_000);
  expect(await liveUntil(world, 2)).toEqual(['READY=1', 'READY=1 WATCHDOG=1']);
  await sleep(200);
  world.keeper.tell('alive');
  world.keeper.tell('stopping');
  await vi.waitUntil(() => world.lines().includes('STOPPING=1'), { timeout: 20_000 });
  expect(world.lines()).toHaveLength(3);
});
