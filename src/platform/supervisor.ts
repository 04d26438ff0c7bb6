/**
 * Keeps a program running where no service manager does: starts it again when it ends, when it hangs and when it takes too much memory, less and less often while that does not
 * help. The program says every few seconds that it moves (src/platform/keeper.ts); it lives in a session of its own, so that Ctrl-C reaches it once, and dies with this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { Reconnection } from '../base/backoff.ts';
import { type Clock, every, sleep } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { SUPERVISED } from './keeper.ts';

export type SupervisorLimits = {
  /** From the start to the first word: a database may have to be brought up to date, and backed up before. */
  readonly startMs: number;
  /** From one word to the next. */
  readonly silentMs: number;
  readonly memoryBytes: number;
  /** From the request to stop to the kill. */
  readonly stopMs: number;
  readonly lookMs: number;
};

export type SupervisorOptions = {
  /** The command line; started like this each time. */
  readonly program: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborted with the name of the signal to pass on. */
  readonly signal: AbortSignal;
  readonly limits?: Partial<SupervisorLimits>;
};

/** 250 devices take 110 MB; the memory that is taken twice that long is not given back by waiting. */
const LIMITS: SupervisorLimits = { startMs: 180_000, silentMs: 30_000, memoryBytes: 192 * 1024 * 1024, stopMs: 10_000, lookMs: 5_000 };
/** As a connection that is lost again and again. One that ran for ten minutes was well: its end is a new trouble. */
const AGAIN = { floorMs: 1_000, baseMs: 2_000, capMs: 60_000, stableMs: 10 * 60_000, mostAMinute: 6 };
/** A wrong command line or configuration does not mend itself (src/cli/context.ts). */
const HOPELESS = 2;
/** A cleaning of memory may come just after a look. */
const LOOKS_TOO_LARGE = 3;

type End = { readonly code: number; readonly ranMs: number };

/** Resolves to the exit code of the program, once it was asked to stop or cannot be helped. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { clock, random, log, signal } = options;
  const runs = new Reconnection(random, AGAIN);
  const now = (): number => clock.now().monoMs;
  for (;;) {
    runs.begun(now());
    runs.connected(now());
    const { code, ranMs } = await runOnce(options);
    if (signal.aborted || code === HOPELESS) return code;
    const waitMs = runs.ended(now());
    log.warn('The agent ended and is started again.', { code, ranSeconds: Math.round(ranMs / 1000), inMs: waitMs });
    await sleep(clock, waitMs, signal);
    if (signal.aborted) return code;
  }
}

async function runOnce(options: SupervisorOptions): Promise<End> {
  const { program, clock, log, signal } = options;
  const limits = { ...LIMITS, ...options.limits };
  const [command = '', ...args] = program;
  const startedMs = clock.now().monoMs;
  const env = { ...process.env, HEARTHBEAT_LAUNCHER: String(process.pid), [SUPERVISED]: '1' };
  const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env, detached: true });
  const watch = new Watch(limits, startedMs);
  child.on('message', () => watch.heard(clock.now().monoMs));

  let killing: { cancel(): void } | undefined;
  const stop = (how: NodeJS.Signals): void => {
    child.kill(how);
    killing ??= clock.setTimer(limits.stopMs, () => child.kill('SIGKILL'));
  };
  const passOn = (): void => stop(signal.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  const looking = every(clock, limits.lookMs, () => {
    const trouble = watch.look(clock.now().monoMs, residentBytes(child.pid));
    if (trouble === undefined || killing) return;
    log.error(`The agent ${trouble}; it is ended and started again.`);
    stop(trouble === HANGS ? 'SIGKILL' : 'SIGTERM');
  });
  signal.addEventListener('abort', passOn, { once: true });
  if (signal.aborted) passOn();
  const code = await endOf(child);
  signal.removeEventListener('abort', passOn);
  looking.cancel();
  killing?.cancel();
  return { code, ranMs: clock.now().monoMs - startedMs };
}

const HANGS = 'says nothing any more';

/** What is known of one run. */
class Watch {
  readonly #limits: SupervisorLimits;
  #heardMs: number;
  #lookedMs: number;
  #hasSpoken = false;
  #tooLarge = 0;

  constructor(limits: SupervisorLimits, nowMs: number) {
    this.#limits = limits;
    this.#heardMs = this.#lookedMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#hasSpoken = true;
    this.#heardMs = nowMs;
  }

  /** What is wrong with it. Who looks too late was stopped itself, most likely with the program: then that gets its time anew. */
  look(nowMs: number, bytes: number | undefined): string | undefined {
    const { lookMs, silentMs, startMs, memoryBytes } = this.#limits;
    if (nowMs - this.#lookedMs > 3 * lookMs) this.#heardMs = nowMs;
    this.#lookedMs = nowMs;
    if (nowMs - this.#heardMs > (this.#hasSpoken ? silentMs : startMs)) return HANGS;
    this.#tooLarge = bytes !== undefined && bytes > memoryBytes ? this.#tooLarge + 1 : 0;
    return this.#tooLarge >= LOOKS_TOO_LARGE ? `takes more than ${Math.round(memoryBytes / 1024 / 1024)} MB of memory` : undefined;
  }
}

/** Its exit code, 128 + n after signal n, as shells have it; 127 where it could not be started. */
function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/** proc(5), status: VmRSS is in kB, whatever the size of the machine's pages. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
