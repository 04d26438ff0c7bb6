/**
 * Looks how near their end devices are, in a short-lived process of this program (`hearthbeat lifecycle look`): what the catalogue takes for a
 * second a day, an engine that has once taken it does not give back (docs/decisions/0019). Whatever goes wrong there is a value here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { lookSchema } from '../agent/lifecycle/look.ts';
import type { LifecycleLooker, LookRequest } from '../agent/ports.ts';
import type { Log } from '../base/log.ts';
import { cleanText } from '../base/text.ts';
import { markOf } from './lifecycle-mark.ts';
import type { LifecyclePlace } from './lifecycle-store.ts';

export type LookerOptions = {
  /** Runs this program; `lifecycle look` is added. */
  readonly program: readonly string[];
  readonly place: LifecyclePlace;
  readonly log: Log;
  readonly timeoutMs?: number;
};

/** What the process is given on its standard input. */
export type GivenToLook = { readonly place: LifecyclePlace; readonly request: LookRequest };

const TIMEOUT_MS = 10_000;
/** 250 devices with everything that can be said of each take 2 MB. */
const LARGEST_ANSWER = 8 * 1024 * 1024;
const LARGEST_COMPLAINT = 2_048;
/** Watching goes first. */
const NICENESS = 10;

type Heard = { readonly answer: string } | { readonly failure: string };

export function createLifecycleLooker(options: LookerOptions): LifecycleLooker & { close(): void } {
  const { program, place, log, timeoutMs = TIMEOUT_MS } = options;
  let child: ChildProcess | undefined;
  /** What is said once is not said again, and nothing at the end. */
  let isQuiet = false;

  function failed(why: string): 'failed' {
    if (!isQuiet) log.error('How near their end devices are could not be found out; what was known holds.', { cause: why });
    isQuiet = true;
    return 'failed';
  }

  return {
    async look(request) {
      const heard = await run(
        [...program, 'lifecycle', 'look'],
        JSON.stringify({ place, request } satisfies GivenToLook),
        timeoutMs,
        (started) => {
          child = started;
        },
      );
      child = undefined;
      if ('failure' in heard) return failed(heard.failure);
      const look = parsed(heard.answer);
      if (!look) return failed('its answer makes no sense');
      isQuiet = false;
      return look;
    },
    mark: () => markOf(place.folder),
    close() {
      isQuiet = true;
      child?.kill('SIGKILL');
    },
  };
}

/** Only what the schema knows, as with everything that comes from outside the process. */
function parsed(answer: string): ReturnType<typeof lookSchema.parse> | undefined {
  try {
    return lookSchema.safeParse(JSON.parse(answer)).data;
  } catch {
    return undefined;
  }
}

function run(
  [command = '', ...args]: readonly string[],
  input: string,
  timeoutMs: number,
  onStart: (child: ChildProcess) => void,
): Promise<Heard> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    onStart(child);
    let answer = '';
    let complaint = '';
    const late = setTimeout(() => end({ failure: `it took longer than ${timeoutMs} ms` }), timeoutMs);
    function end(heard: Heard): void {
      clearTimeout(late);
      child.kill('SIGKILL');
      resolve(heard);
    }
    child.once('error', (error) => end({ failure: error.message }));
    // Out of file descriptors (EMFILE) there is a child object without pipes; its `error` comes later.
    if (!child.stdin || !child.stdout || !child.stderr) return;
    if (child.pid !== undefined) beNice(child.pid);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (answer.length > LARGEST_ANSWER) end({ failure: 'its answer is too long' });
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-LARGEST_COMPLAINT);
    });
    child.once('close', (code, signal) =>
      end(code === 0 ? { answer } : { failure: cleanText(complaint, 200) ?? `it ended with ${signal ?? code}` }),
    );
    // It may have ended before it read.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function beNice(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has ended already.
  }
}
