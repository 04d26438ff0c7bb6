/**
 * Looks how near their end devices are, in a short-lived process of this program (`hearthbeat lifecycle look`): what the catalogue takes for a
 * second a day, an engine that has once taken it does not give back (docs/decisions/0019). Whatever goes wrong there is a value here.
 */
import { lookSchema } from '../agent/lifecycle/look.ts';
import type { LifecycleLooker, LookRequest } from '../agent/ports.ts';
import type { Log } from '../base/log.ts';
import { markOf } from './lifecycle-mark.ts';
import type { LifecyclePlace } from './lifecycle-store.ts';
import { type NiceChild, runNicely } from './nice-child.ts';

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
const LONGEST_ANSWER = 8 * 1024 * 1024;
const NICENESS = 10;

export function createLifecycleLooker(options: LookerOptions): LifecycleLooker & { close(): void } {
  const { program, place, log, timeoutMs = TIMEOUT_MS } = options;
  let child: NiceChild | undefined;
  /** What is said once is not said again, and nothing at the end. */
  let isQuiet = false;

  function failed(why: string): 'failed' {
    if (!isQuiet) log.error('How near their end devices are could not be found out; what was known holds.', { cause: why });
    isQuiet = true;
    return 'failed';
  }

  return {
    async look(request) {
      const input = JSON.stringify({ place, request } satisfies GivenToLook);
      child = runNicely([...program, 'lifecycle', 'look'], { input, timeoutMs, niceness: NICENESS, longestAnswer: LONGEST_ANSWER });
      const heard = await child.ended;
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
      child?.kill();
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
