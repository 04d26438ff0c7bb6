/** A hub with a history meets a desk that knows nothing of it: another desk, or this one after its database was lost or restored. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type RunningDesk, runDesk } from '../../src/desk/main.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { clearedEntry, idOf, NOTHING } from '../builders/entries.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { type HubOnBroker, startHubOn } from '../fakes/hub-on-broker.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const SITE = idOf(7);
const PASSWORD = 'secret';

it('a desk that lost its database shows what the hub shows, and believes it from then on', { timeout: 60_000 }, async () => {
  const hubFolder = temporaryFolder();
  let desk = await startDesk(0);
  const port = Number(new URL(desk.brokerUrl).port);
  for (const key of ['first', 'second', 'third']) {
    const hub = startHubOn({ folder: hubFolder, urls: [desk.brokerUrl], site: SITE, password: PASSWORD });
    await until(() => hub.uplink.status().granted);
    hub.raise(key);
    await until(async () => (await firing(desk)).includes(key));
    await hub.stop();
  }
  await desk.stop();

  const hub = startHubOn({ folder: hubFolder, urls: [`mqtt://127.0.0.1:${port}`], site: SITE, password: PASSWORD });
  hub.raise('told to nobody');
  desk = await startDesk(port);
  await until(async () => (await firing(desk)).length === 4);
  hub.raise('after the grant');
  await until(async () => (await firing(desk)).length === 5);
  clear(hub, 'told to nobody');
  clear(hub, 'after the grant');
  await until(async () => (await firing(desk)).join() === 'first,second,third');
  const sessions = (await desk.reader.events({ after: 0, limit: 50 })).map(({ ses }) => ses);
  expect(sessions.at(-1)).toBe(Math.max(...sessions));
});

async function startDesk(port: number): Promise<RunningDesk> {
  const desk = await runDesk({
    folder: temporaryFolder(),
    port: 0,
    broker: { port },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  onTestFinished(() => desk.stop());
  await desk.registerSite({ id: SITE, password: PASSWORD });
  return desk;
}

async function firing(desk: RunningDesk): Promise<string[]> {
  return (await desk.reader.firing(SITE)).map(({ key }) => key).sort();
}

function clear({ store, uplink }: HubOnBroker, key: string): void {
  const now = systemClock.now();
  const alert = store.load().alerts.find((one) => one.key === key) as AlertMessage;
  const cleared = { ...alert, clearedAt: now.wallMs, clearedBecause: 'good answers' };
  store.commitTick({ ...NOTHING, alerts: [cleared], entries: [clearedEntry(alert, now)] });
  uplink.notify();
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within 15 s: ${condition}`);
    await wait(20);
  }
}
