/** Echo by ping(8), through the `ping` package: a process for each question, so only a few at a time, and never for a sweep. */
import { isIP } from 'node:net';
import ping from 'ping';
import type { Clock } from '../base/clock.ts';
import type { Probe, Verdict } from './probe-method.ts';

/** A ping process costs 3 ms of processor time and 2 MB. */
const MOST_AT_ONCE = 8;

export function createIcmpProbe({ clock }: { clock: Clock }): Probe {
  const waiting: (() => void)[] = [];
  let running = 0;
  const start = async (ip: string, timeoutMs: number): Promise<Verdict> => {
    running++;
    try {
      return await echo(ip, timeoutMs);
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
  return ({ ip, timeoutMs }) =>
    new Promise((resolve) => {
      let started = false;
      const timer = clock.setTimer(timeoutMs, () =>
        resolve(started ? { outcome: 'silent', detail: 'no reply' } : { outcome: 'unable', detail: 'too many pings at once' }),
      );
      const begin = (): void => {
        started = true;
        void start(ip, timeoutMs)
          .then(resolve)
          .finally(() => timer.cancel());
      };
      if (running < MOST_AT_ONCE) begin();
      else waiting.push(begin);
    });
}

async function echo(ip: string, timeoutMs: number): Promise<Verdict> {
  // The package hands the host to ping(8) as it is, where `-f` would be an option.
  if (isIP(ip) === 0) return { outcome: 'unable', detail: 'not an address' };
  try {
    const deadlineS = Math.max(1, Math.ceil(timeoutMs / 1000));
    // A fresh object for each call: the package writes into it.
    return readAnswer(await ping.promise.probe(ip, { deadline: deadlineS, timeout: deadlineS, min_reply: 1, numeric: true }));
  } catch {
    return { outcome: 'unable', detail: 'ping cannot be started' };
  }
}

/** No permission and no network both come back as `alive: false`; that there is then no loss figure tells them from silence. */
function readAnswer({ alive, time, packetLoss, output }: Awaited<ReturnType<typeof ping.promise.probe>>): Verdict {
  if (alive) return { outcome: 'answered', detail: 'echo reply', ...(typeof time === 'number' ? { rttMs: time } : {}) };
  if (String(packetLoss) === 'unknown') return { outcome: 'unable', detail: /permitted/i.test(output) ? 'EPERM' : 'ping failed' };
  return { outcome: 'silent', detail: /Destination Host Unreachable/i.test(output) ? 'ARP failed' : 'no reply' };
}
