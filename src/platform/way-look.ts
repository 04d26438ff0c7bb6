/**
 * Looks how far the way to an address works, by echoes that may pass two or three routers only: who drops one says so (RFC 792, time exceeded).
 * By ping(8) of iputils, because Node shows no ICMP errors; another ping that does not tell them is taken for silence.
 */
import { execFile } from 'node:child_process';
import { isIPv4 } from 'node:net';
import type { WayAnswer } from '../agent/ports.ts';

/** The first passes the home's own router. */
const HOPS = [2, 3] as const;

/** Never rejects. `ip` is an IPv4 address. */
export async function lookAlong(ip: string, timeoutMs: number): Promise<WayAnswer> {
  if (!isIPv4(ip)) return { outcome: 'unable' };
  const said = await Promise.all(HOPS.map((ttl) => pingOnce(ip, ttl, timeoutMs)));
  return readLook(said);
}

function pingOnce(ip: string, ttl: number, timeoutMs: number): Promise<string | undefined> {
  const wait = String(Math.max(1, Math.floor(timeoutMs / 1000)));
  return new Promise((resolve) => {
    execFile(
      'ping',
      ['-n', '-c', '1', '-W', wait, '-t', String(ttl), ip],
      { timeout: timeoutMs + 500, killSignal: 'SIGKILL' },
      (_error, stdout) => resolve(/packets transmitted/.test(stdout) ? stdout : undefined),
    );
  });
}

/** From what ping wrote at each hop, the nearest first; undefined where it could not ask. */
export function readLook(said: readonly (string | undefined)[]): WayAnswer {
  const passed = said.flatMap((text) => /^From (\d+(?:\.\d+){3}) .*Time to live exceeded/im.exec(text ?? '')?.[1] ?? []);
  const arrived = said.some((text) => /^\d+ bytes from/m.test(text ?? ''));
  const farthest = passed.at(-1);
  if (farthest !== undefined) return { outcome: 'answered', farthest };
  if (arrived) return { outcome: 'answered' };
  // From the hub itself it is a neighbour that does not answer.
  if (said.some((text) => /^From \S+ .*Destination (Net|Host) (Unreachable|Unknown|Prohibited)/im.test(text ?? '')))
    return { outcome: 'refused' };
  return { outcome: said.every((text) => text === undefined) ? 'unable' : 'silent' };
}
