/** What hangs, ends or grows is started again, and whoever keeps the agent running hears from it only while its work moves. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { type SupervisorLimits, supervise } from '../../src/platform/supervisor.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { startChild } from '../fakes/child.ts';
import { workplace } from '../fakes/command.ts';
import { quietHub, WATCHING } from '../fakes/quiet-hub.ts';

const PROGRAM = new URL('../fakes/kept-program.mjs', import.meta.url).pathname;
const SOCKET = new URL('../fakes/notify-socket.pl', import.meta.url).pathname;
/** Programs beside it spin and grow: one that says that it moves may be kept from it for seconds. */
const PATIENT_MS = 8_000;
const QUICK = { startMs: 5_000, silentMs: 700, memoryBytes: 150 * 1024 * 1024, stopMs: 1_000, lookMs: 100 };

/** A program under the supervisor until `stop`; what it noted of itself, and what was logged. */
function kept(onTestFinished: Parameters<typeof workplace>[0], how: string, limits: Partial<SupervisorLimits> = {}) {
  const { folder } = workplace(onTestFinished);
  const stopping = new AbortController();
  const said: string[] = [];
  const note = (words: string): void => void said.push(words);
  const ended = supervise({
    program: [process.execPath, PROGRAM, folder, how],
    clock: systemClock,
    random: seededRandom(how),
    log: { debug: note, info: note, warn: note, error: note },
    signal: stopping.signal,
    // What grows needs time to do so.
    limits: { ...QUICK, ...(how === 'hangs' ? {} : { silentMs: 15_000 }), ...limits },
  });
  const noted = (file: string): string[] =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1) : [];
  const stop = (): Promise<number> => {
    stopping.abort('SIGTERM');
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  return {
    said,
    ended,
    starts: () => noted('starts'),
    ends: () => noted('ends'),
    stop,
  };
}

const isThere = (pid: string): boolean => existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function until(holds: () => boolean, limitMs = 20_000): Promise<void> {
  for (const end = performance.now() + limitMs; !holds(); await sleep(20)) if (performance.now() > end) throw new Error('it never came');
}

describe.concurrent('the supervisor', { timeout: 90_000 }, () => {
  it.for([
    ['ends', /ended and is started again/],
    ['hangs', /says nothing any more/],
    ['grows', /takes more than 150 MB of memory/],
  ] as const)('starts a program again that %s, and says why', async ([how, words], { expect, onTestFinished }) => {
    const program = kept(onTestFinished, how);
    await until(() => program.starts().length >= 2);
    expect(program.said.join('\n')).toMatch(words);
    const [first = ''] = program.starts();
    expect(isThere(first)).toBe(false);
    await program.stop();
    expect(program.starts().filter(isThere)).toEqual([]);
  });

  it('gives a program that grew the time to end in order, and one that hangs none', async ({ expect, onTestFinished }) => {
    const grown = kept(onTestFinished, 'grows');
    const hanging = kept(onTestFinished, 'hangs');
    await until(() => grown.starts().length >= 2 && hanging.starts().length >= 2);
    expect(grown.ends()[0]).toBe(`${grown.starts()[0]} SIGTERM`);
    expect(hanging.ends()).toEqual([]);
    await Promise.all([grown.stop(), hanging.stop()]);
  });

  it('leaves a program in peace that says that it moves', async ({ expect, onTestFinished }) => {
    const program = kept(onTestFinished, 'runs', { silentMs: PATIENT_MS });
    await until(() => program.starts().length === 1);
    await sleep(1.5 * PATIENT_MS);
    expect(program.starts()).toHaveLength(1);
    expect(program.said).toEqual([]);
    expect(await program.stop()).toBe(0);
    expect(program.ends()).toEqual([`${program.starts()[0]} SIGTERM`]);
  });

  it('does not start again what cannot be helped: a wrong configuration', async ({ expect, onTestFinished }) => {
    const program = kept(onTestFinished, 'refuses');
    expect(await program.ended).toBe(2);
    expect(program.starts()).toHaveLength(1);
  });

  it('ends a program that does not end when it is asked to', async ({ expect, onTestFinished }) => {
    const program = kept(onTestFinished, 'deaf');
    await until(() => program.starts().length === 1);
    expect(await program.stop()).toBe(128 + 9);
    expect(program.starts().filter(isThere)).toEqual([]);
  });
});

describe.concurrent('the real agent', { timeout: 90_000 }, () => {
  it('under --supervise is back after kill -9, ends with its supervisor, and leaves nothing behind', async ({ expect, onTestFinished }) => {
    const hub = quietHub(onTestFinished);
    const running = await hub.watch(['--supervise'], { limitMs: 80_000 });
    const pid = () => readFileSync(join(hub.data, 'agent.pid'), 'utf8').trim();
    const first = pid();
    process.kill(Number(first), 'SIGKILL');
    await until(() => running.stderr().split(WATCHING).length > 2, 40_000);
    const second = pid();
    expect(second).not.toBe(first);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/started again[\s\S]*The agent has stopped/) });
    expect(isThere(second)).toBe(false);
  });

  it('under --supervise dies with a supervisor that is killed', async ({ expect, onTestFinished }) => {
    const hub = quietHub(onTestFinished);
    const running = await hub.watch(['--supervise'], { limitMs: 80_000 });
    const pid = readFileSync(join(hub.data, 'agent.pid'), 'utf8').trim();
    running.kill('SIGKILL');
    await running.ended;
    await until(() => !isThere(pid), 5_000);
    expect(isThere(pid)).toBe(false);
  });
});

describe.skipIf(!hasSystemdNotify())('the real agent as a service', { timeout: 90_000 }, () => {
  it('tells systemd when it watches, that it moves, and when it stops', async ({ expect, onTestFinished }) => {
    const hub = quietHub(onTestFinished);
    const socket = join(hub.folder, 'notify');
    const systemd = startChild('perl', [SOCKET, socket]);
    await systemd.ready();
    const running = await hub.watch([], { env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1500000' }, limitMs: 80_000 });
    await until(() => systemd.lines().filter((words) => words === 'WATCHDOG=1').length >= 3);
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    await until(() => systemd.lines().includes('STOPPING=1'));
    const [, ...words] = systemd.lines();
    expect(words[0]).toBe('READY=1');
    // A sign of life that was under way may come last, and the first word again where its call took too long.
    expect([...new Set(words.filter((word) => word !== 'WATCHDOG=1'))]).toEqual(['READY=1', 'STOPPING=1']);
    expect(words.slice(words.indexOf('STOPPING=1') + 1).length).toBeLessThanOrEqual(1);
  });
});

function hasSystemdNotify(): boolean {
  try {
    execFileSync('systemd-notify', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
