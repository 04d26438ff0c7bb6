/**
 * Tells whoever keeps this program running that it lives: systemd (sd_notify(3), where NOTIFY_SOCKET is set) or the supervisor of `hearthbeat agent --supervise`. Nobody
 * is told where nobody asks. Node opens no Unix datagram socket, so systemd is told by its own `systemd-notify`, one call at a time.
 */
import { execFile } from 'node:child_process';
import type { Log } from '../base/log.ts';

export type Word = 'ready' | 'alive' | 'stopping';

export type Keeper = {
  /** How often it wants to hear `alive`; undefined where nobody listens. */
  readonly everyMs?: number;
  /** Never throws; `alive` is left out while an earlier word is still on its way. */
  tell(word: Word): void;
};

/** Set for a child of the supervisor, which listens on the channel of Node's child processes. */
export const SUPERVISED = 'HEARTHBEAT_SUPERVISED';
/** systemd wants to hear twice as often as it looks, and the supervisor allows 30 s. */
const LONGEST_EVERY_MS = 10_000;
const CALL_TIMEOUT_MS = 5_000;

const ASSIGNMENTS: Readonly<Record<Word, string>> = { ready: 'READY=1', alive: 'WATCHDOG=1', stopping: 'STOPPING=1' };

/** Takes the address of the listener out of the environment: programs that this one starts have nothing to say there. */
export function createKeeper({ env, log }: { readonly env: NodeJS.ProcessEnv; readonly log: Log }): Keeper {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: period, [SUPERVISED]: supervised } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', SUPERVISED]) delete env[name];
  if (socket !== undefined && socket !== '') return systemd({ socket, path: env.PATH ?? '', watchdogMs: Number(period ?? 0) / 1000, log });
  if (supervised === undefined || process.send === undefined) return { tell: () => undefined };
  return { everyMs: LONGEST_EVERY_MS / 2, tell: (word) => void process.send?.(word, () => undefined) };
}

type Systemd = { readonly socket: string; readonly path: string; readonly watchdogMs: number; readonly log: Log };

/** A `ready` that did not arrive is said again with each `alive`: systemd ends a service that never said it, however well it watches. */
function systemd({ socket, path, watchdogMs, log }: Systemd): Keeper {
  let underWay = 0;
  let isReadyOwed = false;
  let isTold = false;
  const options = { env: { PATH: path, NOTIFY_SOCKET: socket }, timeout: CALL_TIMEOUT_MS, killSignal: 'SIGKILL' } as const;

  function tell(word: Word): void {
    if (word === 'alive' && (underWay > 0 || (watchdogMs === 0 && !isReadyOwed))) return;
    if (word === 'ready') isReadyOwed = true;
    const saysReady = isReadyOwed && word !== 'stopping';
    underWay++;
    execFile('systemd-notify', [...new Set([ASSIGNMENTS[saysReady ? 'ready' : word], ASSIGNMENTS[word]])], options, (error) => {
      underWay--;
      if (saysReady && !error) isReadyOwed = false;
      if (error && !isTold) log.warn('systemd cannot be told that the agent lives, and may restart it.', { cause: String(error) });
      isTold = error !== null;
    });
  }
  return { everyMs: watchdogMs > 0 ? Math.min(LONGEST_EVERY_MS, watchdogMs / 3) : LONGEST_EVERY_MS, tell };
}
