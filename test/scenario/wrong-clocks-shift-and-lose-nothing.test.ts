/** Real hubs whose wall clock lies, a real broker, a real desk: what happened stands at the desk in its order, once, and at the second at which it happened. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { median } from '../../src/base/median.ts';
import { DAY_MS } from '../../src/base/partial-date.ts';
import { type RunningDesk, runDesk } from '../../src/desk/main.ts';
import type { EventView } from '../../src/desk/views.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { idOf } from '../builders/entries.ts';
import { authorityIn } from '../fakes/certificates.ts';
import { type Child, startChild } from '../fakes/child.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { HAS_FAKETIME, settableClock, wrongClock } from '../fakes/faketime.ts';
import { HAS_MOSQUITTO, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { configureMosquitto, freePort, MOSQUITTO, untilListening } from '../fakes/mosquitto-program.ts';
import { quietHub } from '../fakes/quiet-hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const HUB = new URL('../fakes/committing-agent.ts', import.meta.url).pathname;
const SITE = idOf(7);
/** What the hub says is read when this process gets around to it: some of it late, all of it never. A clock that is believed is half a minute off at the least. */
const WITHIN_MS = 1_000;
const READ_WITHIN_MS = 10_000;
const RUNS_MS = 5_000;
const LEAST_COMMITS = 30;

async function deskOn(url: string): Promise<RunningDesk> {
  const folder = temporaryFolder();
  const desk = await runDesk({
    folder,
    port: 0,
    broker: { urls: [url] },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  onTestFinished(() => desk.stop());
  return desk;
}

/** A hub that commits one numbered alert after another, and when each was said by the clock of here. */
function numberingHub(env: Record<string, string>, url: string): { child: Child; said: Map<string, number> } {
  const child = startChild(process.execPath, [HUB, temporaryFolder(), url], { env: { ...process.env, ...env } });
  const said = new Map<string, number>();
  child.process.stdout.on('data', () => {
    for (const key of child.lines()) if (!said.has(key)) said.set(key, Date.now());
  });
  return { child, said };
}

async function allRaised(desk: RunningDesk, wanted: number): Promise<EventView[]> {
  for (let i = 0; i < 200; i++) {
    const events = await desk.reader.events({ after: 0, site: SITE, kind: 'alert.raised', limit: 10_000 });
    if (events.length >= wanted) return events;
    await sleep(50);
  }
  throw new Error('not everything arrived');
}

/** What the hub said that it committed within some seconds, and what of it the desk has. `set` moves the clock meanwhile. */
async function played(env: Record<string, string>, set?: (wish: string) => void) {
  const broker = await mosquittoOnLoopback();
  await broker.start();
  const desk = await deskOn(broker.url);
  const { child, said } = numberingHub(env, broker.url);
  await child.ready();
  for (let step = 0; step < RUNS_MS / STEP_MS || said.size <= LEAST_COMMITS + 1; step++) {
    await sleep(STEP_MS);
    set?.(STEPS[step % STEPS.length] as string);
  }
  const committed = [...said].filter(([word]) => word !== 'ready').map(([key, at]) => ({ key, at }));
  const events = (await allRaised(desk, committed.length)).slice(0, committed.length);
  return { desk, committed, events };
}

const STEP_MS = 500;
const STEPS = ['+1h', '-2d', '+40d', '+0'];
const keyOf = ({ body }: EventView): string => (body as AlertMessage).key;

describe.skipIf(!HAS_FAKETIME || !HAS_MOSQUITTO)('a hub whose clock', { timeout: 60_000 }, () => {
  it.for([
    ['is three days behind', () => ({ env: wrongClock('-3d') })],
    ['is 400 days ahead', () => ({ env: wrongClock('+400d') })],
    ['runs ten times too fast', () => ({ env: wrongClock('+0 x10') })],
    ['is set twice a second, by days', () => settableClock(temporaryFolder())],
  ] as [string, () => { env: Record<string, string>; set?: (wish: string) => void }][])(
    '%s: order, number, instants and durations are right at the desk',
    async ([, lie]) => {
      const { env, set } = lie();
      const { desk, committed, events } = await played(env, set);
      expect(committed.length).toBeGreaterThanOrEqual(LEAST_COMMITS);
      const byPlace = [...events].sort((a, b) => a.ses - b.ses || a.pos - b.pos);
      expect(byPlace.map(keyOf)).toEqual(committed.map(({ key }) => key));
      expect(new Set(events.map(({ id }) => id)).size).toBe(committed.length);
      expect(events.every(({ occurredBy }) => occurredBy === 'anchor')).toBe(true);

      const errors = byPlace.map(({ occurredAt }, i) => Math.abs(occurredAt - (committed[i]?.at ?? 0)));
      expect(median(errors)).toBeLessThan(WITHIN_MS);
      expect(Math.max(...errors)).toBeLessThan(READ_WITHIN_MS);
      const [first, last] = [byPlace[0], byPlace.at(-1)].map((event) => event?.occurredAt ?? 0) as [number, number];
      const truly = (committed.at(-1)?.at ?? 0) - (committed[0]?.at ?? 0);
      expect(Math.abs(last - first - truly)).toBeLessThan(READ_WITHIN_MS);
      // What people read: since when each alert fires.
      const shown = new Map((await desk.reader.firing(SITE)).map(({ key, raisedAt }) => [key, raisedAt]));
      expect(committed.filter(({ key, at }) => Math.abs((shown.get(key) ?? 0) - at) >= READ_WITHIN_MS)).toEqual([]);
    },
  );

  it('is set while it runs says so', async () => {
    const { env, set } = settableClock(temporaryFolder());
    const running = await quietHub(onTestFinished).watch([], { env });
    await sleep(2_000);
    set('+2d');
    await running.said('was set while the agent ran');
    expect(running.stderr()).toMatch(/"bySeconds":1728\d\d/);
  });

  it.for([
    ['-3d', 'no'],
    ['+400d', 'no'],
  ] as const)('is %s off, and known to be set by nobody, meets its desk over TLS', async ([wish, isSynchronised]) => {
    const { stderr, isOnline } = await meetsOverTls(wish, isSynchronised, (place) => place.isOnline());
    expect(isOnline, stderr).toBe(true);
  });

  it.for([
    ['-3d', 'yes', /not valid yet/],
    ['+400d', 'yes', /has expired/],
  ] as const)('is %s off, and said to be synchronised, believes the dates of the certificate', async ([wish, isSynchronised, words]) => {
    const { stderr, isOnline } = await meetsOverTls(wish, isSynchronised, (place) => words.test(place.stderr()));
    expect(stderr).toMatch(words);
    expect(isOnline).toBe(false);
  });
});

/** The real agent at such a clock, with a broker whose certificate is valid from now for a year, until something holds. */
async function meetsOverTls(
  wish: string,
  isSynchronised: 'yes' | 'no',
  holds: (place: { isOnline(): Promise<boolean>; stderr(): string }) => boolean | Promise<boolean>,
) {
  const folder = temporaryFolder();
  const authority = authorityIn(folder, 'own');
  const leaf = authority.issue({ from: Date.now() - 3_600_000, to: Date.now() + 365 * DAY_MS });
  const [plain, tls] = [await freePort(), await freePort()];
  const listener = [`listener ${tls} 127.0.0.1`, `certfile ${leaf.certFile}`, `keyfile ${leaf.keyFile}`];
  startChild(MOSQUITTO as string, ['-c', configureMosquitto(folder, plain, ['allow_anonymous true', ...listener])]);
  await untilListening(tls);
  const desk = await deskOn(`mqtt://127.0.0.1:${plain}`);
  const hub = quietHub(onTestFinished, `uplink: { brokers: ["mqtts://127.0.0.1:${tls}"], caFile: ${authority.file} }\n`);
  writeFileSync(join(hub.folder, 'timedatectl'), `#!/bin/sh\necho ${isSynchronised}\n`, { mode: 0o755 });
  const running = hub.start(hub.args('agent', '--offline'), {
    env: { ...wrongClock(wish), PATH: `${hub.folder}:${process.env.PATH}` },
    limitMs: 50_000,
  });
  const isOnline = async (): Promise<boolean> => (await desk.reader.sites()).some(({ presence }) => presence.phase === 'online');
  for (let i = 0; i < 200 && !(await holds({ isOnline, stderr: running.stderr })); i++) await sleep(100);
  return { stderr: running.stderr(), isOnline: await isOnline() };
}
